"""Wrong generation in lesson 6: what is remembered, what is fed, what a step is made of."""

from course.lessons.misconceptions import Misconception


def _one(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "generate", sentence, changes, breaks)


_MEMORY = (
    _one(
        "never_keeps_a_cache",
        "You drop the new cache, so each position sees itself alone; keep it: x, caches[n] "
        "= block_step(...).",
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
        "keeps_its_caches_between_calls",
        "You go on with the caches of an earlier call; make empty ones in every call.",
        {
            'caches = [(empty, empty) for _ in params["blocks"]]': 'kept = generate.__dict__.setdefault("kept", {})\n    caches = '
            'kept.setdefault(len(W_in), [(empty, empty) for _ in params["blocks"]])'
        },
        "generation_changes_nothing",
    ),
    _one(
        "empties_its_caches_at_each_step",
        "You begin each step with empty caches, so each position sees itself alone; make "
        "them once, before the loop.",
        {
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + W_context @ context_vector + positions[t]\n        caches = "
            '[(empty, empty) for _ in params["blocks"]]'
        },
        "one_forced_pass_gives_the_same",
    ),
)

_FED = (
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
        "feeds_the_last_of_equals",
        "Of several largest logits you feed the last; feed the first, as np.argmax finds it.",
        {"np.argmax(logits[t])]": "len(b_out) - 1 - np.argmax(logits[t][::-1])]"},
        "first_of_equal_logits_is_fed",
    ),
    _one(
        "samples_its_tokens",
        "You draw the token by chance; feed the argmax.",
        {
            "fed = np.eye(len(b_out))[np.argmax(logits[t])]": "p = np.exp(logits[t] - logits[t].max())\n        fed = "
            "np.eye(len(b_out))[np.random.default_rng().choice(len(b_out), p=p / p.sum())]"
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
        "You take more steps than there are positions and begin with position 0 again; "
        "raise ValueError.",
        {
            '    if seq_len > len(positions):\n        raise ValueError(f"there are positions '
            'for {len(positions)} steps, got {seq_len}")\n': "",
            "x = W_in @ fed + W_context @ context_vector + positions[t]": "x = W_in @ fed + W_context @ context_vector + positions[t % len(positions)]",
        },
        "as_many_steps_as_positions",
    ),
    _one(
        "stops_at_its_last_position",
        "You stop at the last position, and return fewer rows than were asked for; raise "
        "ValueError.",
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
