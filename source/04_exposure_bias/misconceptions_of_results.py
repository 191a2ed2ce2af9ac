"""Wrong results and calls in lesson 4, and what each learner should read."""

from course.lessons.misconceptions import Misconception

_DECODER = "decoder_forward_free_running"

# Pieces of the instructor's solutions that several wrong answers change.
_SIGNATURE = 'seq_len, decoder_params, cell_type="rnn"'
_FIRST_STATE = "state = first_state(context_vector, cell_type)"
_ROOM = "logits = np.zeros((seq_len, len(b_y)))"
_LOOP = "    for t in range(seq_len):\n"
_NEXT_STATE = "state = next_state(x_t, state, decoder_params, cell_type)"
_ROW = "logits[t] = W_hy @ state[0] + b_y"
_RETURN = "    return logits\n"


def _decoder(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, _DECODER, sentence, changes, breaks)


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
# A cell of the learner's own, squashed by plain exponentials: right until one of them overflows.
_OWN_CELL = (
    'if cell_type == "rnn":\n'
    '            s = decoder_params["W_xh"] @ x_t + decoder_params["b_xh"]\n'
    '            s = s + decoder_params["W_hh"] @ state[0] + decoder_params["b_hh"]\n'
    "            state = ((np.exp(s) - np.exp(-s)) / (np.exp(s) + np.exp(-s)),)\n"
    "        else:\n"
    f"            {_NEXT_STATE}"
)

_OVERFLOWING = (
    Misconception(
        name="overflows_in_its_own_tanh",
        function=_DECODER,
        sentence="The tanh of your RNN is made of np.exp by itself, which overflows where a + u is "
        "large: infinity by infinity is no number. Take np.tanh, which is right for every number.",
        changes={_NEXT_STATE: _OWN_CELL},
        breaks=("step_0_gets_x_start",),
    ),
)

MISCONCEPTIONS = (*_RESULTS, *_CALLS, *_OVERFLOWING)
