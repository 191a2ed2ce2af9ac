"""Wrong generation in lesson 6: what is remembered, what is fed, what a step is made of."""

from course.lessons.misconceptions import Misconception


def _one(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "generate", sentence, changes, breaks)


#: No call tells the two ways apart.
_TOO_LONG = (
    "You take more steps than there are positions, by beginning with position 0 again or by "
    "stopping at the last one; raise ValueError."
)

_MEMORY = (
    _one(
        "never_keeps_a_cache",
        "Each position sees itself alone, since the new cache is dropped, or empty ones "
        "are made at each step; keep it: x, caches[n] = block_step(...).",
        {
            "x, caches[n] = block_step(x, caches[n], block)": "x, _ = block_step(x, caches[n], block)"
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "shares_one_cache",
        "All blocks write into one cache; each block has keys and values of its own.",
        {
            "x, caches[n] = block_step(x, caches[n], block)": "x, caches[0] = block_step(x, caches[0], block)"
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "begins_with_a_row_of_zeros",
        "Your caches begin with a row of zeros, which is looked at like any other; the "
        "empty cache has shape (0, d).",
        {"empty = np.zeros((0, len(W_in)))": "empty = np.zeros((1, len(W_in)))"},
        "generation_agrees_on_an_example",
    ),
    _one(
        "keeps_results_by_their_shape",
        "You keep each result and give it again for other numbers of the same shape; "
        "compute it anew in every call.",
        {
            "return logits": 'kept = generate.__dict__.setdefault("kept", {})\n    return '
            'kept.setdefault((seq_len, len(b_out), len(params["blocks"])), logits)'
        },
        "generation_changes_nothing",
    ),
)

_FED = (
    _one(
        "runs_the_first_block_alone_in_use",
        "You run the first block alone; run each one, in order.",
        {'enumerate(params["blocks"])': 'enumerate(params["blocks"][:1])'},
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "adds_no_context_at_the_first_step",
        "You leave the context out at step 0; it is added at every position.",
        {
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + (t > 0) * (W_context @ context_vector) + positions[t]"
        },
        "generation_agrees_on_an_example",
    ),
    _one(
        "feeds_logits_back",
        "You feed the logits back; feed the one-hot vector of their argmax.",
        {"fed = np.eye(len(b_out))[np.argmax(logits[t])]": "fed = logits[t]"},
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "feeds_probabilities_back",
        "You feed the softmax of the logits back; feed the one-hot vector of their argmax.",
        {
            "fed = np.eye(len(b_out))[np.argmax(logits[t])]": "fed = np.exp(logits[t] - logits[t].max())\n        fed = fed / fed.sum()"
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "feeds_x_start_again",
        "You feed x_start at every step; from step 1 on feed the token that was chosen.",
        {"fed = np.eye(len(b_out))[np.argmax(logits[t])]": "fed = x_start"},
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "feeds_the_token_of_row_0",
        "You feed the token of row 0 each time; feed that of the last row, argmax(logits[t]).",
        {
            "fed = np.eye(len(b_out))[np.argmax(logits[t])]": "fed = np.eye(len(b_out))[np.argmax(logits[0])]",
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "feeds_the_token_before_the_last",
        "You feed the token of the row before the last one; step t is fed that of row t-1.",
        {
            "fed = np.eye(len(b_out))[np.argmax(logits[t])]": "fed = np.eye(len(b_out))[np.argmax(logits[t - 1])]",
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "feeds_the_smallest_logit",
        "You feed the token with the smallest logit; feed the argmax.",
        {
            "np.argmax(logits[t])": "np.argmin(logits[t])",
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "feeds_the_last_of_equals",
        "Of several largest logits you feed the last; feed the first, as np.argmax finds it.",
        {"np.argmax(logits[t])]": "len(b_out) - 1 - np.argmax(logits[t][::-1])]"},
        "first_of_equal_logits_is_fed",
    ),
    _one(
        "samples_its_tokens",
        "You draw the token by chance; feed the argmax.",
        {
            "fed = np.eye(len(b_out))[np.argmax(logits[t])]": "fed = np.eye(len(b_out))[np.random.default_rng().integers(len(b_out))]"
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "feeds_zeros_at_step_0",
        "You feed zeros at step 0; its input is x_start.",
        {
            "logits, fed = np.zeros((seq_len, len(b_out))), x_start": "logits, fed = np.zeros((seq_len, len(b_out))), 0 * x_start"
        },
        "generation_agrees_on_an_example",
    ),
    _one(
        "mixes_what_is_fed_with_x_start",
        "You add the chosen token to what was fed before; a step is fed one token alone.",
        {
            "fed = np.eye(len(b_out))[np.argmax(logits[t])]": "fed = fed + np.eye(len(b_out))[np.argmax(logits[t])]"
        },
        "one_forced_pass_gives_the_same",
    ),
)

_STEPS = (
    _one(
        "gives_each_step_position_0",
        "You add the vector of position 0 at every step; step t has positions[t].",
        {
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + W_context @ context_vector + positions[0]"
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "is_a_position_ahead",
        "You give step t the vector of position t + 1; step t has positions[t].",
        {
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + W_context @ context_vector + positions[(t + 1) % len(positions)]",
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "is_a_position_behind",
        "You give step t the vector of position t - 1; step t has positions[t].",
        {
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + W_context @ context_vector + positions[t - 1]"
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "forgets_the_context_in_use",
        "You leave the context out; it is added at every position.",
        {
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + positions[t]"
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "adds_the_context_at_the_first_step",
        "You add the context at step 0 alone; it is added at every position.",
        {
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + (t == 0) * (W_context @ context_vector) + positions[t]"
        },
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "forgets_rms_in_use",
        "You multiply x by W_out as it is; rms comes before it.",
        {"logits[t] = W_out @ rms(x) + b_out": "logits[t] = W_out @ x + b_out"},
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "forgets_the_bias_in_use",
        "You leave b_out out of the logits.",
        {"logits[t] = W_out @ rms(x) + b_out": "logits[t] = W_out @ rms(x)"},
        "one_forced_pass_gives_the_same",
    ),
    _one(
        "runs_past_its_positions",
        _TOO_LONG,
        {
            '    if seq_len > len(positions):\n        raise ValueError(f"there are positions '
            'for {len(positions)} steps, got {seq_len}")\n': "",
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + W_context @ context_vector + positions[t % len(positions)]",
        },
        "as_many_steps_as_positions",
    ),
    _one(
        "stops_at_its_last_position",
        _TOO_LONG,
        {
            '    if seq_len > len(positions):\n        raise ValueError(f"there are positions '
            'for {len(positions)} steps, got {seq_len}")\n': "    seq_len = min(seq_len, len(positions))\n"
        },
        "as_many_steps_as_positions",
    ),
    _one(
        "returns_tokens_for_logits",
        "You return the one-hot vectors of the tokens; return the rows of logits.",
        {"return logits": "return np.eye(len(b_out))[logits.argmax(axis=1)]"},
        "one_forced_pass_gives_the_same",
    ),
)

MISCONCEPTIONS = (*_MEMORY, *_FED, *_STEPS)
