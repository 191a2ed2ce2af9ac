"""Wrong steps of attention in lesson 6: what is kept, and how it is looked at."""

from course.lessons.misconceptions import Misconception


def _one(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "attention_step", sentence, changes, breaks)


_CACHES = (
    _one(
        "keeps_the_rows_that_came",
        "Your y_t is right, and you keep x_t for later in place of its key and value; keep W_k @ x_t and W_v @ x_t.",
        {
            "/ powers.sum()), (keys, values)": "/ powers.sum()), (np.vstack([cache[0], x_t]), np.vstack([cache[1], x_t]))"
        },
        "cache_grows_by_one_row",
    ),
    _one(
        "keeps_the_query_as_the_new_key",
        "Your y_t is right, and you keep the query in place of the new key; keep W_k @ x_t.",
        {"/ powers.sum()), (keys, values)": "/ powers.sum()), (np.vstack([cache[0], q]), values)"},
        "cache_grows_by_one_row",
    ),
    _one(
        "looks_at_itself_alone",
        "Your y_t is made of the new value alone; it attends to all that the cache holds, and to itself.",
        {"return W_o @ (powers @ values / powers.sum())": "return W_o @ values[-1]"},
        "steps_are_rows_of_attention",
    ),
    _one(
        "does_not_look_at_itself",
        "You attend to the old cache alone; put this position in first, since each row "
        "sees itself.",
        {
            "scores = keys @ q / np.sqrt(len(x_t))": "scores = np.where(np.arange(len(keys)) < max(len(keys) - 1, 1), keys @ q, "
            "-np.inf)\n    scores = scores / np.sqrt(len(x_t))"
        },
        "steps_are_rows_of_attention",
    ),
    _one(
        "puts_the_new_row_in_front",
        "You put the new key and value in front; row t of the cache belongs to position t, "
        "so they come last.",
        {
            "keys = np.vstack([cache[0], W_k @ x_t])": "keys = np.vstack([W_k @ x_t, cache[0]])",
            "values = np.vstack([cache[1], W_v @ x_t])": "values = np.vstack([W_v @ x_t, cache[1]])",
        },
        "cache_grows_by_one_row",
    ),
    _one(
        "exchanges_keys_and_values",
        "You return values and keys; the pair is (keys, values).",
        {"(keys, values)": "(values, keys)"},
        "cache_grows_by_one_row",
    ),
    _one(
        "returns_the_old_cache",
        "You return the old cache, so nothing is ever kept; return the new keys and values.",
        {"(keys, values)": "cache"},
        "cache_grows_by_one_row",
    ),
    _one(
        "keeps_the_last_row_alone",
        "You keep the new row alone; the new cache is the old one with one row more.",
        {"(keys, values)": "(keys[-1:], values[-1:])"},
        "cache_grows_by_one_row",
    ),
    _one(
        "overwrites_the_last_row",
        "You write into the old cache, its keys or its values, which somebody may still go on from; "
        "make new arrays with one row more.",
        {
            "keys = np.vstack([cache[0], W_k @ x_t])": "keys = np.vstack([cache[0], W_k @ x_t])\n    cache[0][-1:] = W_k @ x_t"
        },
        "branches_do_not_disturb_each_other",
    ),
    _one(
        "puts_the_new_row_over_the_last",
        "You put the new key and value in the place of the last ones; the new cache has one row more.",
        {
            "keys = np.vstack([cache[0], W_k @ x_t])": "keys = np.vstack([cache[0][:-1], W_k @ x_t])",
            "values = np.vstack([cache[1], W_v @ x_t])": "values = np.vstack([cache[1][:-1], W_v @ x_t])",
        },
        "cache_grows_by_one_row",
    ),
    _one(
        "keeps_queries_for_keys",
        "You keep the query as a key; a key is W_k @ x_t.",
        {
            "keys = np.vstack([cache[0], W_k @ x_t])": "keys = np.vstack([cache[0], q])",
        },
        "cache_grows_by_one_row",
    ),
    _one(
        "keeps_rows_for_both",
        "You keep x_t itself as key and value; they are W_k @ x_t and W_v @ x_t.",
        {
            "keys = np.vstack([cache[0], W_k @ x_t])": "keys = np.vstack([cache[0], x_t])",
            "values = np.vstack([cache[1], W_v @ x_t])": "values = np.vstack([cache[1], x_t])",
        },
        "cache_grows_by_one_row",
    ),
    _one(
        "keeps_rows_for_keys",
        "You keep x_t itself as a key; a key is W_k @ x_t.",
        {"keys = np.vstack([cache[0], W_k @ x_t])": "keys = np.vstack([cache[0], x_t])"},
        "cache_grows_by_one_row",
    ),
    _one(
        "keeps_rows_for_values",
        "You keep x_t itself as a value; a value is W_v @ x_t.",
        {"values = np.vstack([cache[1], W_v @ x_t])": "values = np.vstack([cache[1], x_t])"},
        "cache_grows_by_one_row",
    ),
    _one(
        "keeps_what_went_through_the_output_matrix",
        "You keep values that went through W_o already; keep W_v @ x_t, and multiply the "
        "weighted sum by W_o.",
        {
            "values = np.vstack([cache[1], W_v @ x_t])": "values = np.vstack([cache[1], W_o @ W_v @ x_t])",
            "return W_o @ (powers @ values / powers.sum()), (keys, values)": "return powers @ values / powers.sum(), (keys, values)",
        },
        "cache_grows_by_one_row",
    ),
)

_ROWS = (
    _one(
        "scales_a_step_by_d",
        "You divide the scores by d; divide them by its square root.",
        {"np.sqrt(len(x_t))": "len(x_t)"},
        "steps_are_rows_of_attention",
    ),
    _one(
        "scales_a_step_by_its_length",
        "You divide the scores by the square root of how many positions there are; divide "
        "them by that of d.",
        {"np.sqrt(len(x_t))": "np.sqrt(len(keys))"},
        "steps_are_rows_of_attention",
    ),
    _one(
        "scales_a_step_not_at_all",
        "You leave the scores as they are; divide them by sqrt(d).",
        {"scores = keys @ q / np.sqrt(len(x_t))": "scores = keys @ q"},
        "steps_are_rows_of_attention",
    ),
    _one(
        "subtracts_no_largest_score_in_a_step",
        "You take the exponential of the scores as they are, which overflows; subtract the "
        "largest one first.",
        {"powers = np.exp(scores - scores.max())": "powers = np.exp(scores)"},
        "large_scores_in_a_step",
    ),
    _one(
        "forgets_the_output_matrix_in_a_step",
        "You return the weighted sum as it is; W_o comes after it.",
        {
            "return W_o @ (powers @ values / powers.sum()), (keys, values)": "return powers @ values / powers.sum(), (keys, values)"
        },
        "first_position_finds_an_empty_cache",
    ),
    _one(
        "leaves_a_step_unnormalised",
        "You do not divide by the sum of the exponentials, so the weights do not sum to 1.",
        {
            "return W_o @ (powers @ values / powers.sum()), (keys, values)": "return W_o @ (powers @ values), (keys, values)"
        },
        "steps_are_rows_of_attention",
    ),
    _one(
        "multiplies_a_value_by_the_output_matrix_twice",
        "You multiply the new value by W_o, and the weighted sum again; keep W_v @ x_t.",
        {
            "values = np.vstack([cache[1], W_v @ x_t])": "values = np.vstack([cache[1], W_o @ W_v @ x_t])",
        },
        "cache_grows_by_one_row",
    ),
    _one(
        "weighs_a_step_by_its_scores",
        "You divide the scores by their sum; weights are the exponentials of the scores over their sum.",
        {
            "powers = np.exp(scores - scores.max())": "powers = scores",
        },
        "steps_are_rows_of_attention",
    ),
    _one(
        "asks_with_the_key",
        "You take the key of this row for its query; the query is W_q @ x_t.",
        {"q = W_q @ x_t": "q = W_k @ x_t"},
        "steps_are_rows_of_attention",
    ),
    _one(
        "transposes_the_matrices_of_a_step",
        "You multiply by the transposed matrices; for a single row it is W @ x_t.",
        {
            "q = W_q @ x_t": "q = x_t @ W_q",
            "keys = np.vstack([cache[0], W_k @ x_t])": "keys = np.vstack([cache[0], x_t @ W_k])",
            "values = np.vstack([cache[1], W_v @ x_t])": "values = np.vstack([cache[1], x_t @ W_v])",
        },
        "cache_grows_by_one_row",
    ),
    _one(
        "gives_a_row_with_an_axis_too_many",
        "You return y_t with an axis too many, shape (1, d); it is a vector, (d,).",
        {
            "return W_o @ (powers @ values / powers.sum()), (keys, values)": "return (W_o @ (powers @ values / powers.sum()))[None], (keys, values)"
        },
        "steps_are_rows_of_attention",
    ),
    _one(
        "returns_the_row_alone",
        "You return the row alone; return y_t and the new cache, or it is lost.",
        {
            "return W_o @ (powers @ values / powers.sum()), (keys, values)": "return W_o @ (powers @ values / powers.sum())"
        },
        "steps_are_rows_of_attention",
    ),
)

MISCONCEPTIONS = (*_CACHES, *_ROWS)
