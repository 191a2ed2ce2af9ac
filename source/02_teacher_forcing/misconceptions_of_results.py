"""Wrong results and manners in lesson 2, and what each learner should read."""

from course.lessons.misconceptions import Misconception

_FUNCTION = "decoder_forward_teacher_forcing"

# Lines of the instructor's solution that are changed more than once below.
_SIGNATURE = "def decoder_forward_teacher_forcing("
_REFUSE = (
    "        raise ValueError(f\"cell_type must be 'rnn', 'lstm' or 'gru', got {cell_type!r}\")"
)
_FIRST_STATE = "h, c = context_vector, np.zeros_like(context_vector)"
_MAKE_ROWS = "logits = np.zeros((len(target_seq), len(b_y)))"
_LOOP = "    for t in range(len(target_seq)):\n"
_INPUT = "x_t = x_start if t == 0 else target_seq[t - 1]"
_LSTM_STEP = "h, c = lstm_cell_step(x_t, h, c, decoder_params)"
_OTHER_STEP = 'h = {"rnn": rnn_cell_step, "gru": gru_cell_step}[cell_type](x_t, h, decoder_params)'
_ROW = "logits[t] = W_hy @ h + b_y"
_RETURN = "return logits\n"


def _wrong(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, _FUNCTION, sentence, changes, breaks)


_WRONG_RESULTS = (
    _wrong(
        "forgets_the_output_bias",
        "You left out b_y; each row is W_hy @ h + b_y.",
        {_ROW: "logits[t] = W_hy @ h"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_probabilities",
        "You returned probabilities, softmax(logits); return the logits, "
        "since the loss takes the softmax itself.",
        {
            _RETURN: "p = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
            "    return p / p.sum(axis=1, keepdims=True)\n"
        },
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_log_probabilities",
        "You returned log-probabilities, log_softmax(logits); return the logits, "
        "since the loss takes the softmax itself.",
        {_RETURN: "return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "subtracts_the_largest_logit",
        "You subtracted the largest logit of each row: a good trick inside a softmax, "
        "but the logits are to be returned as they are.",
        {_ROW: _ROW + "\n        logits[t] -= logits[t].max()"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_token_numbers",
        "You returned the number of the likeliest token of each step; training needs the whole row "
        "of logits, shape (T, O).",
        {_RETURN: "return logits.argmax(axis=1)\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_one_hot_tokens",
        "You returned the likeliest token of each step as a one-hot row; training needs the "
        "logits, because argmax has no gradient.",
        {_RETURN: "return np.eye(len(b_y))[logits.argmax(axis=1)]\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_the_targets",
        "You returned the targets: the teacher forces the next input, "
        "never the output; row t is W_hy @ h + b_y.",
        {_RETURN: "return np.array(target_seq, dtype=float)\n"},
        "sees_only_the_past",
        "step_0_gets_x_start",
    ),
    _wrong(
        "returns_the_loss",
        "You returned the loss, one number; return the logits, shape (T, O), "
        "and leave the loss to whoever calls.",
        {
            _RETURN: "log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))\n"
            "    return -(log_p * target_seq).sum(axis=1).mean()\n"
        },
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_hidden_states",
        "You returned the hidden states; multiply each by W_hy and add b_y to get its row of logits.",
        {
            _MAKE_ROWS: "logits = np.zeros((len(target_seq), len(context_vector)))",
            _ROW: "logits[t] = h",
        },
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_the_last_row_alone",
        "You returned the row of the last step alone; every step has a prediction and so a row.",
        {_RETURN: "return logits[-1]\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "drops_the_first_row",
        "You left out row 0, so T-1 rows came back; step 0 predicts target_seq[0], "
        "and training needs that row too.",
        {_RETURN: "return logits[1:]\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "drops_the_last_row",
        "You left out the last row, so T-1 rows came back; the last target is never fed, "
        "but it is predicted, by row T-1.",
        {_RETURN: "return logits[:-1]\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "leaves_row_0_empty",
        "You started the loop at step 1, so row 0 stayed zeros; step 0 is a step like the others, "
        "fed x_start.",
        {_LOOP: "    for t in range(1, len(target_seq)):\n"},
        "step_0_gets_x_start",
    ),
    _wrong(
        "takes_one_step_too_many",
        "You took a step for x_start and one for every target, T+1 in all; "
        "there are T steps, and the last target is never fed.",
        {
            _MAKE_ROWS: "logits = np.zeros((len(target_seq) + 1, len(b_y)))",
            _LOOP: "    for t in range(len(target_seq) + 1):\n",
        },
        "agrees_over_many_shapes",
        "an_empty_target_gives_no_rows",
    ),
    _wrong(
        "shifts_the_rows_and_not_the_inputs",
        "You shifted the rows of the result instead of the inputs; "
        "shift what is fed (x_start, then target_seq[0], ...), and row t stays in its place.",
        {_INPUT: "x_t = target_seq[t]", _RETURN: "return np.roll(logits, 1, axis=0)\n"},
        "sees_only_the_past",
        "step_0_gets_x_start",
    ),
    _wrong(
        "returns_rows_backwards",
        "You returned the rows from the last step to the first; row t belongs to step t.",
        {_RETURN: "return logits[::-1]\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_the_transpose",
        "You returned shape (O, T); rows are steps and columns are outputs, so shape (T, O).",
        {_RETURN: "return logits.T\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "returns_a_list",
        "You returned a list of rows; return one array of shape (T, O).",
        {_RETURN: "return list(logits)\n"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "sums_rows_up",
        "You added each row to the rows before it; row t is W_hy @ h + b_y of step t alone, "
        "what came before it is in h already.",
        {_ROW: "logits[t] = W_hy @ h + b_y + (0 if t == 0 else logits[t - 1])"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "takes_the_target_shape_for_the_result",
        "You gave the result the shape of target_seq; its rows have O numbers, the length of b_y, "
        "and I and O may differ.",
        {_MAKE_ROWS: "logits = np.zeros_like(target_seq, dtype=float)"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "cuts_logits_to_whole_numbers",
        "You stored the logits in an array of whole numbers, which cuts off the fractions; "
        "make it with np.zeros((T, O)).",
        {_MAKE_ROWS: "logits = np.zeros((len(target_seq), len(b_y)), dtype=int)"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "computes_in_float16",
        "You stored the logits in float16, which keeps three digits; use float32 or float64.",
        {_MAKE_ROWS: "logits = np.zeros((len(target_seq), len(b_y)), dtype=np.float16)"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "loses_the_shape_of_no_rows",
        "You built the result from a list of rows, and for T = 0 that has shape (0,); "
        "make np.zeros((T, O)) first, or reshape to (T, O).",
        {_RETURN: "return np.array(list(logits))\n"},
        "an_empty_target_gives_no_rows",
    ),
    _wrong(
        "refuses_an_empty_target",
        "You raised an error for a target without rows; T = 0 is allowed, "
        "and its result has shape (0, O).",
        {
            _LOOP: "    if len(target_seq) == 0:\n"
            '        raise ValueError("target_seq is empty")\n' + _LOOP
        },
        "an_empty_target_gives_no_rows",
    ),
)

_WRONG_MANNERS = (
    _wrong(
        "overwrites_the_context",
        "You wrote the new state into the old one in place, and the first of them is "
        "context_vector itself; give the new state a new array: h = ..., not h[:] = ...",
        {
            _LSTM_STEP: "h[:], c = lstm_cell_step(x_t, h, c, decoder_params)",
            _OTHER_STEP: _OTHER_STEP.replace("h =", "h[:] =", 1),
        },
        "arguments_stay_as_they_were",
    ),
    _wrong(
        "shifts_the_target_in_place",
        "You shifted target_seq itself to make the inputs, so the caller's targets are gone; "
        "make a new array for the inputs.",
        {
            _LOOP: "    if len(target_seq):\n"
            "        target_seq[1:] = target_seq[:-1].copy()\n"
            "        target_seq[0] = x_start\n" + _LOOP,
            _INPUT: "x_t = target_seq[t]",
        },
        "arguments_stay_as_they_were",
    ),
    _wrong(
        "writes_the_result_into_the_target",
        "You used target_seq as the place for the rows of logits, so later steps are fed logits and "
        "the caller's targets are gone; make a new array for the result.",
        {_MAKE_ROWS: "logits = target_seq"},
        "arguments_stay_as_they_were",
        "sees_only_the_past",
    ),
    _wrong(
        "keeps_its_state_in_decoder_params",
        "You stored the hidden state in decoder_params, which belongs to the caller; "
        "keep it in a local variable.",
        {_ROW: _ROW + '\n        decoder_params["h"] = h'},
        "arguments_stay_as_they_were",
    ),
    _wrong(
        "merges_the_biases_in_place",
        "You added b_hh to b_xh inside decoder_params, so the weights change with every call "
        "(and a GRU needs the two apart); leave the parameters as they are.",
        {_LOOP: '    decoder_params["b_xh"] += decoder_params["b_hh"]\n' + _LOOP},
        "arguments_stay_as_they_were",
        "agrees_over_many_shapes",
    ),
    _wrong(
        "goes_on_from_the_last_call",
        "You kept something of an earlier call, its state or its result, and used it again; "
        "every call starts from its own context_vector.",
        {
            _SIGNATURE: "_last = {}\n\n\n" + _SIGNATURE,
            _FIRST_STATE: "key = (cell_type, len(context_vector), len(b_y))\n"
            "    h, c = _last.get(key, (context_vector, np.zeros_like(context_vector)))",
            _RETURN: "_last[key] = h, c\n    return logits\n",
        },
        "each_call_starts_afresh",
    ),
    _wrong(
        "remembers_the_first_result_of_a_shape",
        "You kept results by the shape of target_seq and returned an old one for new numbers; "
        "compute every call from its own arguments.",
        {
            _SIGNATURE: "_known = {}\n\n\n" + _SIGNATURE,
            _RETURN: "key = (cell_type, target_seq.shape, logits.shape)\n"
            "    return _known.setdefault(key, logits).copy()\n",
        },
        "each_call_starts_afresh",
    ),
    _wrong(
        "writes_all_results_into_one_array",
        "You kept one array for the result and wrote every call's rows into it, so results that you "
        "have handed out change later; make a new array in each call.",
        {
            _SIGNATURE: "_rows = {}\n\n\n" + _SIGNATURE,
            _MAKE_ROWS: "shape = (len(target_seq), len(b_y))\n"
            "    logits = _rows.setdefault(shape, np.zeros(shape))",
        },
        "each_call_starts_afresh",
    ),
    _wrong(
        "insists_on_float64",
        "You refused arrays that are not float64; float32 arguments are fine.",
        {
            _LOOP: "    if context_vector.dtype != np.float64:\n"
            '        raise TypeError("context_vector must be float64")\n' + _LOOP
        },
        "float32_is_fine",
    ),
    _wrong(
        "ignores_cell_type",
        "You took an RNN step whatever cell_type says; call the cell that it names.",
        {_LSTM_STEP: "h = rnn_cell_step(x_t, h, decoder_params)", '"gru": gru_': '"gru": rnn_'},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "has_another_default_cell",
        "You changed the default of cell_type in the signature; without it the decoder is an RNN.",
        {'cell_type="rnn"': 'cell_type="lstm"'},
        "rnn_is_the_default",
    ),
    _wrong(
        "accepts_an_unknown_cell",
        "You went on with a cell_type that you do not know; "
        "raise ValueError, so that a typo is noticed.",
        {_REFUSE: '        cell_type = "rnn"'},
        "unknown_cell_type_raises",
    ),
    _wrong(
        "raises_key_error_for_an_unknown_cell",
        "For a cell_type that you do not know you raised KeyError, as a dictionary does by itself; "
        "raise ValueError.",
        {_REFUSE: "        raise KeyError(cell_type)"},
        "unknown_cell_type_raises",
    ),
)
# A cell of the learner's own, squashed by plain exponentials: right until one of them overflows.
_SUM = (
    's = decoder_params["W_xh"] @ x_t + decoder_params["b_xh"]\n'
    '            s = s + decoder_params["W_hh"] @ h + decoder_params["b_hh"]\n'
)

_OVERFLOWING = (
    _wrong(
        "overflows_in_its_own_tanh",
        "The tanh of your RNN is made of np.exp by itself, which overflows where a + u is large: "
        "infinity by infinity is no number. Take np.tanh, which is right for every number.",
        {
            _OTHER_STEP: 'if cell_type == "rnn":\n'
            f"                {_SUM.replace(' ' * 12, ' ' * 16)}"
            "                h = (np.exp(s) - np.exp(-s)) / (np.exp(s) + np.exp(-s))\n"
            "            else:\n"
            "                h = gru_cell_step(x_t, h, decoder_params)"
        },
        "real_vectors_are_fed_as_they_are",
    ),
    _wrong(
        "overflows_in_its_own_sigmoid",
        "The sigmoid of your LSTM is made of np.exp by itself, which overflows where a + u is "
        "large: infinity by infinity is no number. Take the sigmoid that is given.",
        {
            _LSTM_STEP: f"{_SUM}"
            "            i, f, g, o = np.split(s, 4)\n"
            "            i, f, o = (np.exp(v) / (1 + np.exp(v)) for v in (i, f, o))\n"
            "            c = f * c + i * np.tanh(g)\n"
            "            h = o * np.tanh(c)"
        },
        "real_vectors_are_fed_as_they_are",
    ),
)

MISCONCEPTIONS = (*_WRONG_RESULTS, *_WRONG_MANNERS, *_OVERFLOWING)
