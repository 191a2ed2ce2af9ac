"""Wrong attention in lesson 6: what is hidden, how scores become weights, which matrices."""

from course.lessons.misconceptions import Misconception


def _one(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "causal_attention", sentence, changes, breaks)


_MASKS = (
    _one(
        "hides_nothing",
        "You hide no score, so each row looks at the future too; set the scores of later "
        "positions to -inf before the softmax.",
        {"scores = np.where(np.tri(len(x)) == 1, scores, -np.inf)": "scores = 1.0 * scores"},
        "no_row_looks_ahead",
    ),
    _one(
        "masks_after_the_softmax",
        "You take the softmax over all positions and then set the later weights to 0, so "
        "the weights of a row no longer sum to 1; hide the scores before the softmax.",
        {
            "scores = np.where(np.tri(len(x)) == 1, scores, -np.inf)": "scores = 1.0 * scores",
            "weights = powers / powers.sum(axis=1, keepdims=True)": "weights = np.tri(len(x)) * powers / powers.sum(axis=1, keepdims=True)",
        },
        "zero_queries_give_plain_means",
    ),
    _one(
        "masks_the_past",
        "Your mask is transposed: each row sees itself and the future; let row t see the "
        "columns 0 to t.",
        {"np.tri(len(x)) == 1": "np.tri(len(x)).T == 1"},
        "no_row_looks_ahead",
    ),
    _one(
        "hides_a_row_from_itself",
        "No row may see itself in your mask, and row 0 sees nothing at all, which gives "
        "nan; let row t see position t too.",
        {"np.tri(len(x)) == 1": "np.tri(len(x), k=-1) == 1"},
        "row_0_sees_itself_alone",
    ),
    _one(
        "hides_a_row_from_itself_and_clears_nan",
        "No row may see itself in your mask, and row 0, which then sees nothing, is filled with zeros; let row t see position t too.",
        {
            "np.tri(len(x)) == 1": "np.tri(len(x), k=-1) == 1",
            "return weights @ v @ W_o.T": "return np.nan_to_num(weights) @ v @ W_o.T",
        },
        "row_0_sees_itself_alone",
    ),
    _one(
        "sees_one_ahead",
        "Your mask lets each row see one position ahead; row t may see 0 to t.",
        {"np.tri(len(x)) == 1": "np.tri(len(x), k=1) == 1"},
        "no_row_looks_ahead",
    ),
    _one(
        "hides_by_a_score_of_zero",
        "You give hidden positions a score of 0, which still has a weight: exp(0) is 1; "
        "give them -inf.",
        {"scores, -np.inf)": "scores, 0.0)"},
        "no_row_looks_ahead",
    ),
    _one(
        "hides_by_a_small_negative_score",
        "You give hidden positions a score that is not low enough, such as -100 or -1000, and "
        "larger than some that are visible; give them -inf.",
        {"scores, -np.inf)": "scores, -100.0)"},
        "large_scores_stay_finite",
    ),
    _one(
        "multiplies_a_mask_by_infinity",
        "You multiply a mask of zeros and ones by infinity, and 0 times infinity is nan; "
        "choose with np.where, or write -inf where the mask is.",
        {
            "scores = np.where(np.tri(len(x)) == 1, scores, -np.inf)": "scores = scores + (1 - np.tri(len(x))) * -np.inf"
        },
        "rows_are_weighted_means",
    ),
    _one(
        "sees_the_last_two_alone",
        "Each row sees itself and the row before it alone; let row t see all positions from 0 on.",
        {"np.tri(len(x)) == 1": "np.tri(len(x)) - np.tri(len(x), k=-2) == 1"},
        "zero_queries_give_plain_means",
    ),
)

_SOFTMAX = (
    _one(
        "scales_by_d",
        "You divide the scores by d; divide them by its square root.",
        {"np.sqrt(x.shape[1])": "x.shape[1]"},
        "rows_are_weighted_means",
    ),
    _one(
        "scales_by_the_number_of_rows",
        "You divide the scores by the square root of T; divide them by that of d, the "
        "length of a query.",
        {"np.sqrt(x.shape[1])": "np.sqrt(x.shape[0])"},
        "rows_are_weighted_means",
    ),
    _one(
        "scales_not_at_all",
        "You leave the scores as they are; divide them by sqrt(d), or they grow with d.",
        {"scores = q @ k.T / np.sqrt(x.shape[1])": "scores = q @ k.T"},
        "rows_are_weighted_means",
    ),
    _one(
        "multiplies_by_the_root",
        "You multiply the scores by sqrt(d); divide them by it.",
        {
            "q @ k.T / np.sqrt": "q @ k.T * np.sqrt",
        },
        "rows_are_weighted_means",
    ),
    _one(
        "scales_after_the_softmax",
        "You divide the weights by sqrt(d), so they no longer sum to 1; divide the scores, "
        "before the softmax.",
        {
            "scores = q @ k.T / np.sqrt(x.shape[1])": "scores = q @ k.T",
            "return weights @ v @ W_o.T": "return weights / np.sqrt(x.shape[1]) @ v @ W_o.T",
        },
        "zero_queries_give_plain_means",
    ),
    _one(
        "takes_the_softmax_down_the_columns",
        "You take the softmax down each column; take it along each row, over the positions "
        "that the row may see.",
        {
            "powers = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))": "powers = np.exp(scores - scores.max(axis=0, keepdims=True, initial=-np.inf))",
            "weights = powers / powers.sum(axis=1, keepdims=True)": "weights = powers / powers.sum(axis=0, keepdims=True)",
        },
        "zero_queries_give_plain_means",
    ),
    _one(
        "sums_down_the_columns",
        "You divide by the sum of each column; divide each row by its own sum: axis=1, keepdims=True.",
        {
            "powers.sum(axis=1, keepdims=True)": "powers.sum(axis=0, keepdims=True)",
        },
        "zero_queries_give_plain_means",
    ),
    _one(
        "takes_one_softmax_over_all_scores",
        "You divide by the sum of all rows together; divide each row by its own sum: "
        "axis=1, keepdims=True.",
        {"powers.sum(axis=1, keepdims=True)": "powers.sum()"},
        "zero_queries_give_plain_means",
    ),
    _one(
        "leaves_the_weights_unnormalised",
        "You take the exponentials themselves as weights; divide each row by its sum.",
        {"weights = powers / powers.sum(axis=1, keepdims=True)": "weights = 1.0 * powers"},
        "zero_queries_give_plain_means",
    ),
    _one(
        "subtracts_no_largest_score",
        "You take the exponential of the scores as they are, which overflows above 709; "
        "subtract the largest visible score of each row first.",
        {
            "powers = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))": "powers = np.exp(scores)"
        },
        "large_scores_stay_finite",
    ),
    _one(
        "subtracts_the_largest_hidden_score",
        "You subtract the largest score of all positions, hidden ones too; where that is "
        "far above the visible ones all of these become 0. Hide first, then subtract.",
        {
            "scores = np.where(np.tri(len(x)) == 1, scores, -np.inf)": "hidden = scores",
            "powers = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))": "powers = np.tri(len(x)) * np.exp(hidden - hidden.max(axis=1, keepdims=True, "
            "initial=-np.inf))",
        },
        "large_scores_stay_finite",
    ),
    _one(
        "subtracts_one_largest_score_from_all_rows",
        "You subtract the largest score of all rows; a row that lies far below it becomes "
        "0 / 0. Each row needs its own: axis=1, keepdims=True.",
        {
            "powers = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))": "powers = np.exp(scores - scores.max(initial=-np.inf))"
        },
        "large_scores_stay_finite",
    ),
    _one(
        "weighs_by_the_scores_themselves",
        "You divide the scores by their sum; weights are the exponentials of the scores "
        "over their sum, or some are negative.",
        {
            "powers = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))": "powers = np.where(np.tri(len(x)) == 1, scores, 0.0)"
        },
        "rows_are_weighted_means",
    ),
    _one(
        "weighs_by_a_sigmoid",
        "You put each score through a sigmoid by itself; the softmax makes the weights of "
        "a row sum to 1.",
        {
            "weights = powers / powers.sum(axis=1, keepdims=True)": "weights = 0.5 + 0.5 * np.tanh(0.5 * scores)"
        },
        "zero_queries_give_plain_means",
    ),
    _one(
        "looks_at_the_best_alone",
        "You take the value with the largest score alone; attention is a mean, weighted by "
        "the softmax.",
        {
            "weights = powers / powers.sum(axis=1, keepdims=True)": "weights = 1.0 * (scores == scores.max(axis=1, keepdims=True, initial=-np.inf))"
        },
        "rows_are_weighted_means",
    ),
)

_MATRICES = (
    _one(
        "forgets_the_output_matrix",
        "You return the weighted values as they are; W_o comes after them.",
        {"return weights @ v @ W_o.T": "return weights @ v"},
        "row_0_sees_itself_alone",
    ),
    _one(
        "takes_the_mean_of_rows",
        "You take the weighted mean of the rows of x; take it of the values, x @ W_v.T.",
        {"return weights @ v @ W_o.T": "return weights @ x @ W_o.T"},
        "row_0_sees_itself_alone",
    ),
    _one(
        "compares_with_the_values",
        "You compare the queries with x @ W_v.T and take the mean of x @ W_k.T; keys are compared, values are summed.",
        {"q, k, v = x @ W_q.T, x @ W_k.T, x @ W_v.T": "q, v, k = x @ W_q.T, x @ W_k.T, x @ W_v.T"},
        "rows_are_weighted_means",
    ),
    _one(
        "turns_the_weights_around",
        "You multiply the transposed weights by the values, so each row hands out what it should collect; row t is the sum of weights[t, j] * v[j]: weights @ v.",
        {"return weights @ v @ W_o.T": "return weights.T @ v @ W_o.T"},
        "no_row_looks_ahead",
    ),
    _one(
        "sees_the_last_three_alone",
        "Each row sees itself and the two rows before it alone; let row t see all positions from 0 on.",
        {"np.tri(len(x)) == 1": "(np.tri(len(x)) - np.tri(len(x), k=-3)) == 1"},
        "no_row_looks_ahead",
    ),
    _one(
        "transposes_no_matrix",
        "You multiply by all four matrices without transposing them; weights are stored output x input, so a row is x[t] @ W.T.",
        {
            "q, k, v = x @ W_q.T, x @ W_k.T, x @ W_v.T": "q, k, v = x @ W_q, x @ W_k, x @ W_v",
            "return weights @ v @ W_o.T": "return weights @ v @ W_o",
        },
        "rows_are_weighted_means",
    ),
    _one(
        "exchanges_queries_and_keys",
        "You ask with the keys and compare with the queries; row t of the scores is q_t "
        "with every k_j: q @ k.T.",
        {"q @ k.T": "k @ q.T"},
        "rows_are_weighted_means",
    ),
    _one(
        "multiplies_from_the_wrong_side",
        "You multiply by the matrices without transposing them; weights are stored output "
        "x input, so it is x @ W.T.",
        {"q, k, v = x @ W_q.T, x @ W_k.T, x @ W_v.T": "q, k, v = x @ W_q, x @ W_k, x @ W_v"},
        "rows_are_weighted_means",
    ),
    _one(
        "does_not_transpose_the_output_matrix",
        "You multiply by W_o without transposing it; row t is W_o @ mean, so it is mean @ W_o.T.",
        {"return weights @ v @ W_o.T": "return weights @ v @ W_o"},
        "row_0_sees_itself_alone",
    ),
    _one(
        "takes_one_matrix_for_queries_and_keys",
        "Your keys are made with W_q; they have a matrix of their own, W_k.",
        {"x @ W_k.T": "x @ W_q.T"},
        "rows_are_weighted_means",
    ),
    _one(
        "adds_the_rows_themselves",
        "You add x to the result; the block does that, attention does not.",
        {"return weights @ v @ W_o.T": "return x + weights @ v @ W_o.T"},
        "row_0_sees_itself_alone",
    ),
    _one(
        "scales_the_rows_first",
        "You put x through rms here too; the block does that, attention takes the rows as they come.",
        {
            "q, k, v = x @ W_q.T": "x = rms(x)\n    q, k, v = x @ W_q.T",
        },
        "rows_are_weighted_means",
    ),
    _one(
        "computes_in_float16",
        "You compute in float16, which keeps three digits; leave the dtype as it comes.",
        {
            "scores = q @ k.T / np.sqrt(x.shape[1])": "q, k = q.astype(np.float16), k.astype(np.float16)\n    scores = q @ k.T / "
            "np.sqrt(x.shape[1])"
        },
        "rows_are_weighted_means",
    ),
    _one(
        "changes_x_in_place",
        "You write into x, which belongs to the caller; make a new array.",
        {"return weights @ v @ W_o.T": "x[:] = weights @ v @ W_o.T\n    return x"},
        "attention_changes_nothing",
    ),
)

MISCONCEPTIONS = (*_MASKS, *_SOFTMAX, *_MATRICES)
