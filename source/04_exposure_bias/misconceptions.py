"""Named wrong answers to lesson 4: what learners write, and what each of them should read."""

from course.lessons.misconceptions import Misconception

_DECODER = "decoder_forward_free_running"
_DIVERGENCE = "divergence_by_step"

# Pieces of the instructor's solutions that several wrong answers change.
_SIGNATURE = 'seq_len, decoder_params, cell_type="rnn"'
_FIRST_STATE = "state = first_state(context_vector, cell_type)"
_ROOM = "logits = np.zeros((seq_len, len(b_y)))"
_LOOP = "    for t in range(seq_len):\n"
_INPUT = "x_t = x_start if t == 0 else np.eye(len(b_y))[np.argmax(logits[t - 1])]"
_OWN = "np.eye(len(b_y))[np.argmax(logits[t - 1])]"
_NEXT_STATE = "state = next_state(x_t, state, decoder_params, cell_type)"
_ROW = "logits[t] = W_hy @ state[0] + b_y"
_RETURN = "    return logits\n"

_SOFTMAX = "(np.exp(logits[t - 1]) / np.exp(logits[t - 1]).sum())"

_SHIFT_TRUE = "shifted_true = logits_true - logits_true.max(axis=1, keepdims=True)"
_SHIFT_OWN = "shifted_own = logits_own - logits_own.max(axis=1, keepdims=True)"
_LOG_P = "log_p = shifted_true - np.log(np.exp(shifted_true).sum(axis=1, keepdims=True))"
_LOG_Q = "log_q = shifted_own - np.log(np.exp(shifted_own).sum(axis=1, keepdims=True))"
_RESULT = "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1)"


def _decoder(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, _DECODER, sentence, changes, breaks)


def _divergence(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, _DIVERGENCE, sentence, changes, breaks)


_FED = (
    _decoder(
        "feeds_x_start_at_every_step",
        "You feed x_start to every step; it is the input of step 0 alone, and step t after it is "
        "fed the one-hot vector of argmax(logits[t-1]).",
        {_INPUT: "x_t = x_start"},
        "feeds_its_own_token",
    ),
    _decoder(
        "feeds_the_softmax",
        "You feed back the probabilities of all tokens; feed the one-hot vector of the largest.",
        {_OWN: _SOFTMAX},
        "feeds_its_own_token",
        "is_scheduled_sampling_at_one",
    ),
    _decoder(
        "feeds_the_raw_logits",
        "You feed back the row of logits itself; feed the one-hot vector of its argmax.",
        {_OWN: "logits[t - 1]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "feeds_the_index_as_a_number",
        "You feed the index of the token, as a number in every place of the vector; turn it into a "
        "one-hot vector: `np.eye(O)[k]`.",
        {_OWN: "np.full(len(b_y), float(np.argmax(logits[t - 1])))"},
        "feeds_its_own_token",
    ),
    _decoder(
        "feeds_the_largest_logit_in_place",
        "You feed a vector that holds the largest logit at its place; a one-hot vector holds a 1 "
        "there.",
        {_OWN: "np.where(logits[t - 1] == logits[t - 1].max(), logits[t - 1], 0.0)"},
        "feeds_its_own_token",
    ),
    _decoder(
        "marks_all_of_several_equals",
        "Where several logits are largest, your input has a 1 for each of them; feed one token, "
        "the first, as np.argmax finds it.",
        {_OWN: "(logits[t - 1] == logits[t - 1].max()).astype(float)"},
        "first_of_equals",
    ),
    _decoder(
        "takes_the_last_of_equals",
        "Where several logits are largest, you take the last of them; take the first, as np.argmax "
        "does.",
        {_OWN: "np.eye(len(b_y))[len(b_y) - 1 - np.argmax(logits[t - 1][::-1])]"},
        "first_of_equals",
    ),
    _decoder(
        "samples_its_own_token",
        "You draw the token from the softmax; here the own token is the argmax, always the same "
        "for the same logits.",
        {_OWN: f"np.random.default_rng().multinomial(1, {_SOFTMAX}).astype(float)"},
        "feeds_its_own_token",
        "calls_do_not_know_of_each_other",
    ),
    _decoder(
        "feeds_the_least_likely_token",
        "You feed the token with the smallest logit; the model's choice is the largest, "
        "`np.argmax`.",
        {_OWN: "np.eye(len(b_y))[np.argmin(logits[t - 1])]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "takes_the_largest_in_size",
        "You take the logit that is largest in size, sign aside; a very negative logit is a token "
        "that the model rules out.",
        {_OWN: "np.eye(len(b_y))[np.argmax(np.abs(logits[t - 1]))]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "takes_the_argmax_of_the_hidden_state",
        "You take the argmax of the hidden state; the model's token is the argmax of its logits.",
        {_OWN: "np.eye(max(len(b_y), len(state[0])))[np.argmax(state[0])][: len(b_y)]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "takes_the_argmax_of_all_rows",
        "You take the argmax of all rows at once, which counts through the whole array; take it of "
        "the row before, logits[t-1].",
        {_OWN: "np.eye(len(b_y))[np.argmax(logits[:t]) % len(b_y)]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "takes_the_argmax_of_the_row_to_come",
        "You take the argmax of logits[t], which is not computed yet and holds zeros; the model's "
        "last token is in logits[t-1].",
        {_OWN: "np.eye(len(b_y))[np.argmax(logits[t])]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "adds_up_the_rows_before",
        "You take the argmax of the sum of all rows so far; the own token is that of the row just "
        "before, logits[t-1].",
        {_OWN: "np.eye(len(b_y))[np.argmax(logits[:t].sum(axis=0))]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "feeds_the_token_of_two_steps_ago",
        "You feed the model's token of two steps ago; the last one is the argmax of logits[t-1].",
        {_OWN: "np.eye(len(b_y))[np.argmax(logits[max(t - 2, 0)])]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "takes_the_row_before_the_last_one",
        "You take the token from logits[t-2], which at step 1 is the last row, still zeros; the "
        "model's last token is the argmax of the row just before, logits[t-1].",
        {_OWN: "np.eye(len(b_y))[np.argmax(logits[t - 2])]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "feeds_x_start_twice",
        "You feed x_start to step 1 too, and from then on the token of logits[t-2]; x_start is the "
        "input of step 0 alone, and step t is fed the token of logits[t-1].",
        {
            _INPUT: "x_t = x_start if t < 2 else np.eye(len(b_y))[np.argmax(logits[t - 2])]",
        },
        "feeds_its_own_token",
    ),
    _decoder(
        "keeps_feeding_its_first_token",
        "You choose a token once, after step 0, and feed it to all later steps; choose anew from "
        "each row, logits[t-1].",
        {_OWN: "np.eye(len(b_y))[np.argmax(logits[0])]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "takes_its_tokens_from_another_pass",
        "You take the tokens from a first pass in which every step was fed x_start; the own token "
        "comes from this pass, the argmax of logits[t-1] as it was fed until then.",
        {
            _ROOM: f"{_ROOM}\n    first = decoder_forward_teacher_forcing(\n"
            "        context_vector, np.tile(x_start, (seq_len, 1)), decoder_params, cell_type\n"
            "    )",
            _OWN: "np.eye(len(b_y))[np.argmax(first[t - 1])]",
        },
        "feeds_its_own_token",
    ),
    _decoder(
        "adds_x_start_to_its_token",
        "You add x_start to the own token; x_start is the whole input of step 0, and no part of "
        "the later ones.",
        {_INPUT: f"x_t = x_start if t == 0 else x_start + {_OWN}"},
        "feeds_its_own_token",
    ),
    _decoder(
        "starts_with_zeros",
        "You feed step 0 a vector of zeros; feed it decoder_params['x_start'].",
        {"x_t = x_start if": "x_t = np.zeros_like(x_start) if"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "starts_with_ones",
        "You feed step 0 a vector of ones; feed it decoder_params['x_start'].",
        {"x_t = x_start if": "x_t = np.ones_like(x_start) if"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "starts_with_token_zero",
        "You feed step 0 the one-hot vector of token 0, which is also what argmax(logits[-1]) gives "
        "before there is a row; feed it decoder_params['x_start'].",
        {_INPUT: f"x_t = {_OWN}"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "chooses_a_token_before_step_0",
        "You choose the first token from the context, W_hy @ context_vector + b_y, before a step "
        "was taken; step 0 is fed decoder_params['x_start'].",
        {"x_t = x_start if": "x_t = np.eye(len(b_y))[np.argmax(W_hy @ context_vector + b_y)] if"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "makes_x_start_one_hot",
        "You turn x_start into a one-hot token; it may be any vector, so feed it as it is.",
        {"x_t = x_start if": "x_t = np.eye(len(x_start))[np.argmax(x_start)] if"},
        "step_0_gets_x_start",
    ),
)

_STATES = (
    _decoder(
        "starts_from_a_zero_state",
        "You start from a hidden state of zeros, so nothing of the context reaches the decoder; "
        "the first hidden state is context_vector.",
        {_FIRST_STATE: "state = first_state(0 * context_vector, cell_type)"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "squashes_the_context",
        "You pass context_vector through tanh before using it; it is the first hidden state as it "
        "is.",
        {_FIRST_STATE: "state = first_state(np.tanh(context_vector), cell_type)"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "puts_the_context_into_c_too",
        "You start the LSTM's cell state with context_vector; c begins as zeros, and only h as the "
        "context.",
        {_FIRST_STATE: f"{_FIRST_STATE}\n    state = tuple(context_vector for _ in state)"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "puts_the_context_into_the_cell_state",
        "In the LSTM you put context_vector into c and start h from zeros; it is the other way "
        "round: h starts as the context, c as zeros.",
        {_FIRST_STATE: f"{_FIRST_STATE}[::-1]"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "adds_the_context_at_every_step",
        "You add context_vector to the hidden state again at every step; it is the state before "
        "step 0, and later steps have it through the state they carry.",
        {
            _INPUT: f"{_INPUT}\n"
            "        state = state if t == 0 else (state[0] + context_vector, *state[1:])"
        },
        "feeds_its_own_token",
    ),
    _decoder(
        "starts_every_step_from_the_context",
        "Every step starts from context_vector again; go on from the state that the step before "
        "has left.",
        {
            _NEXT_STATE: "state = next_state(\n            x_t, first_state(context_vector, "
            "cell_type), decoder_params, cell_type\n        )"
        },
        "state_is_carried",
    ),
    _decoder(
        "starts_later_steps_from_zeros",
        "You reset the state to zeros after each step; step t starts from what step t-1 left.",
        {_INPUT: f"{_INPUT}\n        state = state if t == 0 else tuple(0 * s for s in state)"},
        "state_is_carried",
    ),
    _decoder(
        "forgets_the_cell_state",
        "You carry the LSTM's h from step to step but not its c; both belong to the state.",
        {_INPUT: f"{_INPUT}\n        state = (state[0], *(0 * c for c in state[1:]))"},
        "state_is_carried",
    ),
    _decoder(
        "drops_the_hidden_state_of_the_lstm",
        "In the LSTM you carry c but give every step context_vector as its old h; both belong to "
        "the state.",
        {
            _INPUT: f"{_INPUT}\n"
            '        state = (context_vector, state[1]) if cell_type == "lstm" else state'
        },
        "state_is_carried",
    ),
    _decoder(
        "swaps_the_lstm_states",
        "You pass the LSTM's two states on the wrong way round; h comes first and c second.",
        {_INPUT: f"{_INPUT}\n        state = state if t == 0 else state[::-1]"},
        "feeds_its_own_token",
    ),
    _decoder(
        "lets_x_start_move_the_state",
        "You compute the row from the own token, but let x_start move the state at every step; the "
        "token that was fed must move the state.",
        {
            _NEXT_STATE: "shown = next_state(x_t, state, decoder_params, cell_type)\n"
            "        state = next_state(x_start, state, decoder_params, cell_type)",
            _ROW: "logits[t] = W_hy @ shown[0] + b_y",
        },
        "feeds_its_own_token",
    ),
    _decoder(
        "takes_two_steps_for_one",
        "You feed each token twice, so the state moves on by two steps for each row; one step "
        "gives one row.",
        {_NEXT_STATE: f"{_NEXT_STATE}\n        {_NEXT_STATE}"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "reads_the_old_state",
        "You compute the row of logits from the state before the step; feed the input first, then "
        "read the new hidden state.",
        {
            _NEXT_STATE: "old = state\n        " + _NEXT_STATE,
            _ROW: "logits[t] = W_hy @ old[0] + b_y",
        },
        "step_0_gets_x_start",
    ),
    _decoder(
        "reads_rows_from_the_cell_state",
        "In the LSTM you compute the rows from c; c is the cell's inner memory, and the row is "
        "W_hy @ h + b_y.",
        {_ROW: "logits[t] = W_hy @ state[-1] + b_y"},
        "step_0_gets_x_start",
    ),
)

_RESULTS = (
    _decoder(
        "forgets_the_output_bias",
        "You leave out b_y; a row is W_hy @ h + b_y.",
        {_ROW: "logits[t] = W_hy @ state[0]"},
        "step_0_gets_x_start",
    ),
    _decoder(
        "returns_probabilities",
        "You return the softmax; return the logits as they are.",
        {_RETURN: "    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)\n"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "returns_log_probabilities",
        "You return log-probabilities; return the logits as they are.",
        {_RETURN: "    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))\n"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "subtracts_the_largest_logit",
        "You subtract the largest logit of each row: a good trick inside a softmax, but the logits "
        "are to be returned as they are.",
        {_ROW: f"{_ROW}\n        logits[t] -= logits[t].max()"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "returns_one_hot_tokens",
        "You return the tokens as one-hot rows; return the logits, from which the tokens can be "
        "read and the divergence too.",
        {_RETURN: "    return np.eye(len(b_y))[logits.argmax(axis=1)]\n"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "returns_token_numbers",
        "You return the number of the token of each step; return the whole row of logits, shape "
        "(seq_len, O).",
        {_RETURN: "    return logits.argmax(axis=1)\n"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "returns_hidden_states",
        "You return the hidden states; multiply each by W_hy and add b_y to get its row of logits.",
        {
            _ROOM: f"{_ROOM}\n    hidden = np.zeros((seq_len, len(context_vector)))",
            _ROW: f"hidden[t] = state[0]\n        {_ROW}",
            _RETURN: "    return hidden\n",
        },
        "agrees_over_many_shapes",
    ),
    _decoder(
        "returns_the_last_row_alone",
        "You return the row of the last step alone; every step has a row.",
        {_RETURN: "    return logits[-1]\n"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "drops_the_first_row",
        "You leave out row 0, so seq_len - 1 rows came back; step 0 is a step like the others.",
        {_RETURN: "    return logits[1:]\n"},
        "any_number_of_steps",
    ),
    _decoder(
        "leaves_the_last_row_empty",
        "Your loop ends one step early, so the last row stayed zeros; there are seq_len steps.",
        {_LOOP: "    for t in range(seq_len - 1):\n"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "counts_x_start_as_a_step",
        "You take one step for x_start and seq_len more for the tokens; x_start is the input of "
        "step 0, so there are seq_len steps in all.",
        {
            _ROOM: "logits = np.zeros((seq_len + 1, len(b_y)))",
            _LOOP: "    for t in range(seq_len + 1):\n",
        },
        "any_number_of_steps",
    ),
    _decoder(
        "stops_at_token_zero",
        "You stop when the model says token 0, as if that ended the sequence; no token does, and "
        "there are seq_len rows.",
        {
            _ROW: f"{_ROW}\n        if np.argmax(logits[t]) == 0:\n"
            "            return logits[: t + 1]"
        },
        "feeds_its_own_token",
    ),
    _decoder(
        "stops_when_it_repeats_itself",
        "You stop when a token comes twice in a row, and leave the rest zeros; no token ends the "
        "sequence, and there are seq_len rows.",
        {
            _ROW: f"{_ROW}\n"
            "        if t > 0 and np.argmax(logits[t]) == np.argmax(logits[t - 1]):\n"
            "            break"
        },
        "agrees_over_many_shapes",
    ),
    _decoder(
        "returns_columns_for_steps",
        "You return an array (O, T); rows are steps, so its shape is (seq_len, O).",
        {_RETURN: "    return logits.T\n"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "returns_a_list",
        "You return a list of rows; return one array of shape (seq_len, O).",
        {_RETURN: "    return list(logits)\n"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "computes_in_half_precision",
        "You keep the logits in float16, which has three digits; use float32 or float64.",
        {_ROOM: "logits = np.zeros((seq_len, len(b_y)), dtype=np.float16)"},
        "agrees_over_many_shapes",
    ),
    _decoder(
        "cannot_do_without_steps",
        "You stack the rows at the end, which fails where there are none; for seq_len = 0 the "
        "result has shape (0, O). Make the array of zeros before the loop.",
        {_RETURN: "    return np.stack(list(logits))\n"},
        "any_number_of_steps",
    ),
    _decoder(
        "loses_the_columns_of_an_empty_result",
        "For seq_len = 0 you return an array of shape (0,); it has O columns, shape (0, O), also "
        "when it has no rows.",
        {_RETURN: "    return np.array(list(logits))\n"},
        "any_number_of_steps",
    ),
)

_CALLS = (
    _decoder(
        "writes_its_state_into_the_context",
        "You write the hidden state into context_vector; assign a new array to a name of your own "
        "instead of changing the caller's.",
        {_RETURN: "    if seq_len:\n        context_vector[:] = state[0]\n    return logits\n"},
        "arguments_stay_as_they_were",
    ),
    _decoder(
        "writes_into_decoder_params",
        "You write into decoder_params, into x_start for instance, and the caller's weights are "
        "spoilt; keep the own token in x_t, and what else you need under names of your own.",
        {_ROW: f"{_ROW}\n        x_start[:] = np.eye(len(b_y))[np.argmax(logits[t])]"},
        "arguments_stay_as_they_were",
    ),
    _decoder(
        "keeps_its_state_in_decoder_params",
        "You store something of your own in decoder_params, under a new key, and the caller's dict "
        "is no longer what it was; keep it in a local variable.",
        {_ROW: f'{_ROW}\n        decoder_params["h"] = state[0]'},
        "arguments_stay_as_they_were",
    ),
    _decoder(
        "adds_up_rows_in_the_bias",
        "You add up a row in b_y itself with +=, so each row holds all rows before it, and the "
        "caller's weights are spoilt; write W_hy @ h + b_y, which makes a new array.",
        {_ROW: "row = b_y\n        row += W_hy @ state[0]\n        logits[t] = row"},
        "arguments_stay_as_they_were",
        "agrees_over_many_shapes",
    ),
    _decoder(
        "goes_on_from_the_last_call",
        "You keep something from one call to the next, its state or its last token; each call "
        "starts from context_vector and x_start.",
        {
            _SIGNATURE: f"{_SIGNATURE}, memory={{}}",
            _FIRST_STATE: f"{_FIRST_STATE}\n"
            "    key = (cell_type, len(context_vector))\n"
            "    state = memory.get(key, state)",
            _RETURN: "    memory[key] = state\n    return logits\n",
        },
        "calls_do_not_know_of_each_other",
    ),
    _decoder(
        "gives_the_same_array_again",
        "You keep one array for all calls of a shape and write every result into it, so earlier "
        "results change; make a new array in each call.",
        {
            _SIGNATURE: f"{_SIGNATURE}, kept={{}}",
            _ROOM: "logits = kept.setdefault((seq_len, len(b_y)), np.zeros((seq_len, len(b_y))))",
        },
        "calls_do_not_know_of_each_other",
    ),
    _decoder(
        "keeps_results_by_shape",
        "You keep the result of a shape and return it for other numbers of that shape; compute it "
        "in each call.",
        {
            _SIGNATURE: f"{_SIGNATURE}, kept={{}}",
            _FIRST_STATE: f"{_FIRST_STATE}\n"
            "    if (seq_len, cell_type, W_hy.shape) in kept:\n"
            "        return kept[seq_len, cell_type, W_hy.shape].copy()",
            _RETURN: "    kept[seq_len, cell_type, W_hy.shape] = logits.copy()\n    return logits\n",
        },
        "calls_do_not_know_of_each_other",
    ),
    _decoder(
        "demands_double_precision",
        "You refuse float32 arrays; take them as they come.",
        {
            _FIRST_STATE: "if context_vector.dtype != np.float64:\n"
            '        raise TypeError("float64, please")\n'
            f"    {_FIRST_STATE}"
        },
        "float32_is_fine",
    ),
    _decoder(
        "takes_any_cell_for_an_rnn",
        "You take a cell_type that does not exist for an 'rnn'; raise ValueError.",
        {
            _FIRST_STATE: "cell_type = cell_type if cell_type in STEPS else 'rnn'\n"
            f"    {_FIRST_STATE}"
        },
        "unknown_cell_type_raises",
    ),
    _decoder(
        "raises_another_error",
        "A cell_type that does not exist raises KeyError in your function; it must be ValueError.",
        {_FIRST_STATE: f"STEPS[cell_type]\n    {_FIRST_STATE}"},
        "unknown_cell_type_raises",
    ),
    _decoder(
        "takes_a_gru_where_none_is_named",
        "You changed the default of cell_type; where none is named it is an 'rnn'.",
        {_SIGNATURE: 'seq_len, decoder_params, cell_type="gru"'},
        "agrees_over_many_shapes",
    ),
)

_DIVERGENCES = (
    _divergence(
        "weighs_by_the_own_side",
        "You computed KL(own || true); the prediction on the true prefix comes first: "
        "sum p * (log p - log q) with p from logits_true.",
        {_RESULT: "return (np.exp(log_q) * (log_q - log_p)).sum(axis=1)"},
        "true_prefix_comes_first",
    ),
    _divergence(
        "turns_the_sign_round",
        "Your sum has the wrong sign; it is p * (log p - log q), which sums to 0 or more.",
        {_RESULT: "return (np.exp(log_p) * (log_q - log_p)).sum(axis=1)"},
        "divergence_in_nats",
        "zero_for_equal_predictions",
    ),
    _divergence(
        "counts_in_bits",
        "You took logarithms to base 2, which gives bits; nats come from the natural logarithm, "
        "np.log.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1) / np.log(2)"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_base_ten",
        "You took logarithms to base 10; nats come from the natural logarithm, np.log.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1) / np.log(10)"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_jensen_shannon",
        "You computed the Jensen-Shannon divergence, from the average of both; asked for is the "
        "Kullback-Leibler divergence of the true side from the own one.",
        {
            _RESULT: "log_m = np.logaddexp(log_p, log_q) - np.log(2)\n"
            "    one = (np.exp(log_p) * (log_p - log_m)).sum(axis=1)\n"
            "    return (one + (np.exp(log_q) * (log_q - log_m)).sum(axis=1)) / 2"
        },
        "divergence_in_nats",
        "true_prefix_comes_first",
    ),
    _divergence(
        "averages_both_directions",
        "You averaged KL(true || own) and KL(own || true); only the first is asked for.",
        {_RESULT: "return ((np.exp(log_p) - np.exp(log_q)) * (log_p - log_q)).sum(axis=1) / 2"},
        "true_prefix_comes_first",
    ),
    _divergence(
        "takes_the_cross_entropy",
        "You computed the cross-entropy, -sum p * log q, which is not 0 for equal predictions; "
        "the divergence is sum p * (log p - log q).",
        {_RESULT: "return -(np.exp(log_p) * log_q).sum(axis=1)"},
        "zero_for_equal_predictions",
    ),
    _divergence(
        "takes_the_entropy",
        "You computed the entropy of the true side, which does not look at logits_own; the "
        "divergence is sum p * (log p - log q).",
        {_RESULT: "return -(np.exp(log_p) * log_p).sum(axis=1)"},
        "zero_for_equal_predictions",
    ),
    _divergence(
        "forgets_the_weights",
        "You summed log p - log q without weights; each token counts with its probability on the "
        "true prefix, p * (log p - log q).",
        {_RESULT: "return (log_p - log_q).sum(axis=1)"},
        "divergence_in_nats",
    ),
    _divergence(
        "looks_at_the_likeliest_token_alone",
        "You compared the likeliest token alone; sum p * (log p - log q) over all tokens.",
        {
            _RESULT: "best = log_p.argmax(axis=1)[:, None]\n"
            "    return np.take_along_axis(log_p - log_q, best, axis=1)[:, 0]"
        },
        "divergence_in_nats",
    ),
    _divergence(
        "makes_every_term_positive",
        "You took the absolute value of every term; single terms may be negative, and their sum "
        "is not.",
        {_RESULT: "return np.abs(np.exp(log_p) * (log_p - log_q)).sum(axis=1)"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_half_the_absolute_difference",
        "You computed the total variation, half the sum of |p - q|; the divergence is "
        "sum p * (log p - log q).",
        {_RESULT: "return np.abs(np.exp(log_p) - np.exp(log_q)).sum(axis=1) / 2"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_the_squared_difference",
        "You computed the squared difference of the probabilities; the divergence is "
        "sum p * (log p - log q).",
        {_RESULT: "return ((np.exp(log_p) - np.exp(log_q)) ** 2).sum(axis=1)"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_the_distance_of_the_logits",
        "You computed the distance of the logits themselves, which changes when a constant is "
        "added to a row; make log-probabilities of them first.",
        {_RESULT: "return np.sqrt(((logits_true - logits_own) ** 2).sum(axis=1))"},
        "a_constant_changes_nothing",
    ),
    _divergence(
        "takes_logits_for_log_probabilities",
        "You took the shifted logits for log-probabilities; subtract the log of the row's sum of "
        "exp too, so that the probabilities sum to 1.",
        {_LOG_P: "log_p = shifted_true", _LOG_Q: "log_q = shifted_own"},
        "divergence_in_nats",
    ),
    _divergence(
        "normalises_one_side_alone",
        "You normalised logits_true but not logits_own; both need the log of their row's sum of "
        "exp subtracted.",
        {_LOG_Q: "log_q = shifted_own"},
        "divergence_in_nats",
    ),
    _divergence(
        "normalises_over_the_steps",
        "Your softmax runs over the steps, axis 0; at every step the probabilities of the tokens "
        "sum to 1, so it runs over axis 1.",
        {
            _LOG_P: "log_p = shifted_true - np.log(np.exp(shifted_true).sum(axis=0, keepdims=True))",
            _LOG_Q: "log_q = shifted_own - np.log(np.exp(shifted_own).sum(axis=0, keepdims=True))",
        },
        "each_step_is_on_its_own",
        "divergence_in_nats",
    ),
    _divergence(
        "overflows_in_the_exponential",
        "exp of a logit of 1000 is inf, and inf / inf is nan; subtract the largest logit of each "
        "row before you take the exponential.",
        {_SHIFT_TRUE: "shifted_true = logits_true", _SHIFT_OWN: "shifted_own = logits_own"},
        "huge_logits_stay_finite",
    ),
    _divergence(
        "takes_the_exponential_of_the_logits_as_they_are",
        "You take exp of the logits as they are: of 1000 it is inf, and inf / inf is nan. Subtract "
        "each row's largest logit first, and then make log-probabilities without dividing, "
        "log_p = shifted - log(sum(exp(shifted))), since a probability may be rounded to 0.",
        {
            _RESULT: "p = np.exp(logits_true) / np.exp(logits_true).sum(axis=1, keepdims=True)\n"
            "    q = np.exp(logits_own) / np.exp(logits_own).sum(axis=1, keepdims=True)\n"
            "    return (p * (np.log(p) - np.log(q))).sum(axis=1)"
        },
        "huge_logits_stay_finite",
    ),
    _divergence(
        "takes_the_log_of_a_rounded_zero",
        "You took the logarithm of a probability that was rounded to 0; make log-probabilities "
        "from the logits, without the detour over probabilities.",
        {
            _RESULT: "p = np.exp(shifted_true) / np.exp(shifted_true).sum(axis=1, keepdims=True)\n"
            "    q = np.exp(shifted_own) / np.exp(shifted_own).sum(axis=1, keepdims=True)\n"
            "    return (p * (np.log(p) - np.log(q))).sum(axis=1)"
        },
        "huge_logits_stay_finite",
    ),
    _divergence(
        "adds_a_small_number_to_the_probabilities",
        "You added a small number inside the logarithm, which caps the divergence where q is tiny; "
        "make log-probabilities from the logits instead.",
        {_RESULT: "return (np.exp(log_p) * (log_p - np.log(np.exp(log_q) + 1e-12))).sum(axis=1)"},
        "huge_logits_stay_finite",
    ),
    _divergence(
        "leaves_out_impossible_tokens",
        "You left out tokens whose probability on the own side is 0 as a float, which are those "
        "that count most; make log-probabilities from the logits instead.",
        {
            _RESULT: "terms = np.exp(log_p) * (log_p - log_q)\n"
            "    return np.where(np.exp(log_q) > 0, terms, 0.0).sum(axis=1)"
        },
        "huge_logits_stay_finite",
    ),
    _divergence(
        "takes_one_maximum_for_all_steps",
        "You subtract the largest logit of the whole array, so rows far below it round to zeros; "
        "take the largest of each row, axis=1 with keepdims=True.",
        {
            _SHIFT_TRUE: "shifted_true = logits_true - np.max(logits_true, initial=-np.inf)",
            _SHIFT_OWN: "shifted_own = logits_own - np.max(logits_own, initial=-np.inf)",
        },
        "huge_logits_stay_finite",
    ),
    _divergence(
        "sums_over_the_steps",
        "You summed over the steps, so that one number came for each token; sum over the tokens, "
        "axis=1.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=0)"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "sums_everything_up",
        "You summed over the steps too, so that one number came; sum over the tokens alone, "
        "axis=1, and keep the steps apart.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum()"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "averages_over_the_steps",
        "You averaged over the steps, so that one number came; return the sum of each step, shape "
        "(T,).",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1).mean()"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "averages_over_the_tokens",
        "You took the mean over the tokens; the divergence is the sum over them.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).mean(axis=1)"},
        "divergence_in_nats",
    ),
    _divergence(
        "adds_up_the_steps_before",
        "You added up the divergences of all steps so far; step t has its own alone.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1).cumsum()"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "leaves_out_step_0",
        "You left out step 0, as it is 0 where both runs start alike; it has a number like the "
        "others, shape (T,).",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1)[1:]"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "sets_step_0_to_zero",
        "You set step 0 to zero; it is zero by itself where both runs start alike, and a mistake "
        "in them would stay hidden.",
        {
            _RESULT: "divergence = (np.exp(log_p) * (log_p - log_q)).sum(axis=1)\n"
            "    divergence[:1] = 0.0\n"
            "    return divergence"
        },
        "divergence_in_nats",
        "each_step_is_on_its_own",
    ),
    _divergence(
        "compares_with_the_step_before",
        "You compare step t on the true prefix with step t-1 on the own one; both are rows t.",
        {_SHIFT_OWN: f"logits_own = np.roll(logits_own, 1, axis=0)\n    {_SHIFT_OWN}"},
        "divergence_in_nats",
        "each_step_is_on_its_own",
    ),
    _divergence(
        "keeps_a_column",
        "You return a column, shape (T, 1); leave out keepdims in the last sum, so that the shape "
        "is (T,).",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1, keepdims=True)"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "returns_every_term",
        "You return the terms of all tokens, shape (T, O); sum them over the tokens, axis=1.",
        {_RESULT: "return np.exp(log_p) * (log_p - log_q)"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "returns_a_list_of_numbers",
        "You return a list; return one array of shape (T,).",
        {_RESULT: "return [(np.exp(a) * (a - b)).sum() for a, b in zip(log_p, log_q)]"},
        "divergence_in_nats",
    ),
    _divergence(
        "fails_without_a_step",
        "You stack one number for each step, which fails where there is none; for T = 0 the result "
        "has shape (0,).",
        {_RESULT: "return np.stack([(np.exp(a) * (a - b)).sum() for a, b in zip(log_p, log_q)])"},
        "no_steps_give_no_numbers",
    ),
    _divergence(
        "subtracts_in_place",
        "You wrote into the logits (`-=`), and the caller's arrays are spoilt; make new arrays.",
        {
            _SHIFT_TRUE: "logits_true -= logits_true.max(axis=1, keepdims=True)\n"
            "    shifted_true = logits_true"
        },
        "measuring_changes_nothing",
    ),
    _divergence(
        "rounds_to_half_precision",
        "You compute in float16, which has three digits; use float32 or float64.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1).astype(np.float16)"},
        "divergence_in_nats",
    ),
    _divergence(
        "cuts_at_one",
        "You cut the divergence off at 1; it has no upper bound.",
        {_RESULT: "return np.clip((np.exp(log_p) * (log_p - log_q)).sum(axis=1), 0.0, 1.0)"},
        "divergence_in_nats",
        "huge_logits_stay_finite",
    ),
    _divergence(
        "insists_on_double_precision",
        "You refuse float32 arrays; take them as they come.",
        {
            _SHIFT_TRUE: "if logits_true.dtype != np.float64:\n"
            '        raise TypeError("float64, please")\n'
            f"    {_SHIFT_TRUE}"
        },
        "divergence_takes_float32",
    ),
)

MISCONCEPTIONS = (*_FED, *_STATES, *_RESULTS, *_CALLS, *_DIVERGENCES)

# A cell of the learner's own, squashed by plain exponentials: right until one of them overflows.
_OWN_CELL = (
    'if cell_type == "rnn":\n'
    '            s = decoder_params["W_xh"] @ x_t + decoder_params["b_xh"]\n'
    '            s = s + decoder_params["W_hh"] @ state[0] + decoder_params["b_hh"]\n'
    "            state = ((np.exp(s) - np.exp(-s)) / (np.exp(s) + np.exp(-s)),)\n"
    "        else:\n"
    f"            {_NEXT_STATE}"
)

MISCONCEPTIONS += (
    Misconception(
        name="overflows_in_its_own_tanh",
        function=_DECODER,
        sentence="The tanh of your RNN is made of np.exp by itself, which overflows where a + u is "
        "large: infinity by infinity is no number. Take np.tanh, which is right for every number.",
        changes={_NEXT_STATE: _OWN_CELL},
        breaks=("step_0_gets_x_start",),
    ),
)
