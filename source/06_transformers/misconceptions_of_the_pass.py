"""Wrong forced passes in lesson 6: what is fed, and what a position is made of."""

from course.lessons.misconceptions import Misconception


def _one(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "transformer_forward", sentence, changes, breaks)


#: No call tells the two ways apart.
_TOO_LONG = (
    "You take more steps than there are positions, by beginning with position 0 again or by "
    "cutting rows off; raise ValueError."
)

_SHIFT = (
    _one(
        "feeds_the_token_it_predicts",
        "You feed each position the token that it has to predict, and the mask does not "
        "hide a position from itself; shift the targets by one behind x_start.",
        {"inputs = np.vstack([x_start, target_seq])[:seq_len]": "inputs = target_seq"},
        "sees_only_the_past",
    ),
    _one(
        "shifts_the_wrong_way",
        "You feed each position the token after the one that it predicts; its input is "
        "target_seq[t-1].",
        {
            "inputs = np.vstack([x_start, target_seq])[:seq_len]": "inputs = np.vstack([target_seq, x_start])[1:]"
        },
        "sees_only_the_past",
    ),
    _one(
        "shifts_twice",
        "You shift the targets twice, so each position is fed the token two steps back; "
        "x_start stands in front once.",
        {
            "inputs = np.vstack([x_start, target_seq])[:seq_len]": "inputs = np.vstack([x_start, x_start, target_seq])[:seq_len]"
        },
        "sees_only_the_past",
    ),
    _one(
        "feeds_the_last_target_first",
        "You roll the targets, so step 0 is fed the last one; its input is x_start.",
        {
            "inputs = np.vstack([x_start, target_seq])[:seq_len]": "inputs = np.roll(target_seq, 1, axis=0)"
        },
        "step_0_gets_x_start",
    ),
    _one(
        "puts_x_start_in_place_of_the_first_target",
        "You put x_start in the place of the first target, so each later step is fed the token that it predicts; x_start stands above all targets, and the last one is left out.",
        {
            "inputs = np.vstack([x_start, target_seq])[:seq_len]": "inputs = np.vstack([x_start, target_seq[1:]])[:seq_len]",
        },
        "sees_only_the_past",
    ),
    _one(
        "feeds_zeros_first",
        "You feed zeros at step 0; its input is x_start.",
        {
            "inputs = np.vstack([x_start, target_seq])[:seq_len]": "inputs = np.vstack([0 * x_start, target_seq])[:seq_len]"
        },
        "step_0_gets_x_start",
    ),
    _one(
        "feeds_one_hot_vectors_alone",
        "You feed the one-hot vector of the largest number in each row; feed the rows as they are.",
        {
            "inputs = np.vstack([x_start, target_seq])[:seq_len]": "inputs = np.vstack([x_start, np.eye(len(x_start))[np.argmax(target_seq, "
            "axis=1)]])[:seq_len]"
        },
        "real_vectors_are_fed_as_they_are",
    ),
    _one(
        "gives_a_row_too_many",
        "You feed the last target too and return T + 1 rows; it is never an input.",
        {
            "inputs = np.vstack([x_start, target_seq])[:seq_len]": "inputs = np.vstack([x_start, target_seq])",
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector + np.vstack([positions, "
            "positions])[: seq_len + 1]",
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "shifts_in_place",
        "You shift target_seq itself, which belongs to the caller; make a new array of inputs.",
        {
            "inputs = np.vstack([x_start, target_seq])[:seq_len]": "target_seq[1:] = target_seq[:-1].copy()\n    target_seq[:1] = x_start\n    inputs "
            "= target_seq"
        },
        "arguments_stay_as_they_were",
    ),
)

_PARTS = (
    _one(
        "forgets_the_context",
        "You leave the context out; W_context @ context_vector is added at every position.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + positions[:seq_len]"
        },
        "context_and_position_are_added",
    ),
    _one(
        "adds_the_context_at_step_0_alone",
        "You add the context at step 0 alone, as if it were a first state; there is no "
        "state to carry it, so add it at every position.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + positions[:seq_len]\n    x[:1] += W_context @ context_vector"
        },
        "context_and_position_are_added",
    ),
    _one(
        "forgets_the_positions",
        "You leave the positions out, so the order of what came before plays no part; add "
        "positions[t] at position t.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector"
        },
        "context_and_position_are_added",
    ),
    _one(
        "gives_all_steps_position_0",
        "You add the vector of position 0 everywhere; add positions[t] at position t.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector + positions[0]"
        },
        "context_and_position_are_added",
    ),
    _one(
        "counts_positions_from_one",
        "You give step t the vector of position t + 1; the first step has position 0.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector + np.roll(positions, -1, "
            "axis=0)[:seq_len]"
        },
        "context_and_position_are_added",
    ),
    _one(
        "counts_positions_from_minus_one",
        "You give step t the vector of position t - 1, and step 0 the last one; step t has "
        "positions[t].",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector + positions[np.arange(seq_len) - 1]"
        },
        "context_and_position_are_added",
    ),
    _one(
        "slices_positions_from_one",
        "You take positions[1 : T + 1], so step t has the vector of position t + 1, and the last of T_max steps has none; take positions[:T].",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector + positions[1 : seq_len + 1]"
        },
        "context_and_position_are_added",
    ),
    _one(
        "adds_no_context_at_step_0",
        "You leave the context out at step 0; it is added at every position.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "later = (np.arange(seq_len) > 0)[:, None]\n    x = inputs @ W_in.T + later * (W_context @ context_vector) + positions[:seq_len]"
        },
        "context_and_position_are_added",
    ),
    _one(
        "shifts_what_is_embedded",
        "You shift the rows after positions and context are added, so step t has the position of step t - 1; shift the targets, then embed them.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = target_seq @ W_in.T + W_context @ context_vector + positions[:seq_len]\n    x = np.vstack([x_start @ W_in.T, x])[:seq_len]"
        },
        "context_and_position_are_added",
    ),
    _one(
        "adds_positions_after_the_blocks",
        "You add the positions after the blocks, whose attention then knows no order; add them before.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector",
            "    return rms(x)": "    x = x + positions[:seq_len]\n    return rms(x)",
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "takes_the_last_positions",
        "You take the last T rows of positions; step t has row t.",
        {
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector + positions[len(positions) - "
            "seq_len :]"
        },
        "context_and_position_are_added",
    ),
    _one(
        "runs_the_first_block_each_time",
        "You run the first block as many times as there are blocks; run each one, in order.",
        {"x = block_forward(x, block)": 'x = block_forward(x, params["blocks"][0])'},
        "agrees_over_many_shapes",
    ),
    _one(
        "runs_the_first_block_alone",
        "You run the first block alone; run each one, in order.",
        {
            'for block in params["blocks"]:': 'for block in params["blocks"][:1]:',
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "runs_the_blocks_backwards",
        "You run the blocks from the last to the first; run them in order.",
        {
            'for block in params["blocks"]:': 'for block in params["blocks"][::-1]:',
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "adds_the_rows_to_each_block_again",
        "You add x to what block_forward gives; it has added its input already: x = block_forward(x, block).",
        {
            "x = block_forward(x, block)": "x = x + block_forward(x, block)",
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "scales_the_rows_before_the_blocks",
        "You put the embedded rows through rms; each block does that inside, and the sum that runs through all blocks stays as it is.",
        {
            'for block in params["blocks"]:': 'x = rms(x)\n    for block in params["blocks"]:',
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "leaves_out_the_inner_layer",
        "You have each block attend and leave its inner layer out; block_forward has both.",
        {
            "x = block_forward(x, block)": "x = x + causal_attention(rms(x), block)",
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "leaves_out_what_attention_is_added_to",
        "You take what causal_attention gives in place of x; it is added to x, as block_forward "
        "has it.",
        {
            "x = block_forward(x, block)": "x = causal_attention(rms(x), block)\n        x = x + inner_layer(x, block)"
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "leaves_out_what_the_inner_layer_is_added_to",
        "You take what inner_layer gives in place of x; it is added to x, as block_forward has it.",
        {
            "x = block_forward(x, block)": "x = x + causal_attention(rms(x), block)\n        x = inner_layer(x, block)"
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "adds_neither_layer_to_x",
        "You take what each layer gives in place of x; both are added to x, as block_forward has "
        "it.",
        {"x = block_forward(x, block)": "x = inner_layer(causal_attention(rms(x), block), block)"},
        "agrees_over_many_shapes",
    ),
    _one(
        "attends_without_rms",
        "You hand causal_attention the rows as they are; rms comes before it, as block_forward has it.",
        {
            "x = block_forward(x, block)": "x = x + causal_attention(x, block)\n        x = x + inner_layer(x, block)",
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "returns_within_the_loop",
        "Your `return` stands within the loop over blocks, so only the first is run, and nothing comes back where there is none; move it out.",
        {
            "    return rms(x)": "        return rms(x)",
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "adds_the_context_before_each_block",
        "You add the context again before each block; it is added once, with the positions.",
        {
            "x = block_forward(x, block)": "x = block_forward(x + W_context @ context_vector, block)",
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "runs_each_block_on_the_embeddings",
        "You run each block on the embeddings, so only the last one counts; each takes "
        "what the one before it gave.",
        {
            'for block in params["blocks"]:\n        x = block_forward(x, block)': 'embedded = x\n    for block in params["blocks"]:\n        x = '
            "block_forward(embedded, block)"
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "forgets_rms_before_the_head",
        "You multiply the rows by W_out as they are; rms comes before it.",
        {"return rms(x) @ W_out.T + b_out": "return x @ W_out.T + b_out"},
        "context_and_position_are_added",
    ),
    _one(
        "forgets_the_output_bias",
        "You leave b_out out; row t is W_out @ rms(x_t) + b_out.",
        {"return rms(x) @ W_out.T + b_out": "return rms(x) @ W_out.T"},
        "context_and_position_are_added",
    ),
    _one(
        "returns_probabilities_of_rows",
        "You return the softmax of the rows; return the logits, the softmax belongs to the loss.",
        {
            "return rms(x) @ W_out.T + b_out": "logits = rms(x) @ W_out.T + b_out\n    logits = np.exp(logits - "
            "logits.max(axis=1, keepdims=True))\n    return logits / logits.sum(axis=1, "
            "keepdims=True)"
        },
        "agrees_over_many_shapes",
    ),
    _one(
        "has_numpy_refuse_what_is_too_long",
        "You leave it to NumPy to refuse too many steps; a single position is added to all of them without an error. Compare T with len(positions), and raise ValueError.",
        {
            '    if seq_len > len(positions):\n        raise ValueError(f"there are positions for {len(positions)} steps, got {seq_len}")\n': "",
        },
        "too_many_steps_raise",
    ),
    _one(
        "begins_positions_anew_at_the_end",
        _TOO_LONG,
        {
            '    if seq_len > len(positions):\n        raise ValueError(f"there are positions '
            'for {len(positions)} steps, got {seq_len}")\n': "",
            "x = inputs @ W_in.T + W_context @ context_vector + positions[:seq_len]": "x = inputs @ W_in.T + W_context @ context_vector + positions[np.arange(seq_len) % "
            "len(positions)]",
        },
        "too_many_steps_raise",
    ),
    _one(
        "cuts_what_is_too_long",
        _TOO_LONG,
        {
            '    if seq_len > len(positions):\n        raise ValueError(f"there are positions '
            'for {len(positions)} steps, got {seq_len}")\n': "    seq_len = min(seq_len, len(positions))\n"
        },
        "too_many_steps_raise",
    ),
)

MISCONCEPTIONS = (*_SHIFT, *_PARTS)
