"""Wrong inputs, states and results in lesson 3, and what each learner should read."""

from course.lessons.misconceptions import Misconception

_DECODER = "decoder_forward_scheduled_sampling"

# Pieces of the instructor's solution that several wrong answers change.
_REFUSES = "if not 0 <= sampling_prob <= 1:"
_RNG = "rng = np.random.default_rng() if rng is None else rng"
_FIRST_STATE = "state = first_state(context_vector, cell_type)"
_ROOM = "logits = np.zeros((len(target_seq), len(b_y)))"
_TRUTH = "x_t = x_start if t == 0 else target_seq[t - 1]"
_COIN = "if t > 0 and rng.random() < sampling_prob:"
_OWN = "x_t = np.eye(len(b_y))[np.argmax(logits[t - 1])]"
_NEXT_STATE = "state = next_state(x_t, state, decoder_params, cell_type)"
_ROW = "logits[t] = W_hy @ state[0] + b_y"
_RETURN = "return logits"

_INPUTS_AND_STATE = (
    Misconception(
        name="tosses_a_coin_at_step_0",
        function=_DECODER,
        sentence="You toss a coin at step 0 too, where the model has not chosen anything yet; step "
        "0 is always fed x_start.",
        changes={_COIN: "if rng.random() < sampling_prob:"},
        breaks=("step_0_gets_x_start",),
    ),
    Misconception(
        name="feeds_the_current_token",
        function=_DECODER,
        sentence="Where the truth is fed you feed target_seq[t], the token that the step has to "
        "predict; feed the one before it, target_seq[t-1].",
        changes={_TRUTH: "x_t = x_start if t == 0 else target_seq[t]"},
        breaks=("zero_is_teacher_forcing", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="feeds_the_truth_of_two_steps_ago",
        function=_DECODER,
        sentence="Where the truth is fed you feed target_seq[t-2]; the token before step t is "
        "target_seq[t-1].",
        changes={_TRUTH: "x_t = x_start if t == 0 else target_seq[max(t - 2, 0)]"},
        breaks=("zero_is_teacher_forcing", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="starts_with_the_first_target",
        function=_DECODER,
        sentence="You feed target_seq[0] at step 0, the token that it has to predict; step 0 is fed "
        "x_start.",
        changes={_TRUTH: "x_t = target_seq[max(t - 1, 0)]"},
        breaks=("step_0_gets_x_start",),
    ),
    Misconception(
        name="starts_with_zeros",
        function=_DECODER,
        sentence="You feed zeros at step 0; it is fed decoder_params['x_start'].",
        changes={_TRUTH: "x_t = 0 * x_start if t == 0 else target_seq[t - 1]"},
        breaks=("step_0_gets_x_start",),
    ),
    Misconception(
        name="starts_with_token_0",
        function=_DECODER,
        sentence="You feed token 0 at step 0, as if it were a start token; step 0 is fed "
        "decoder_params['x_start'].",
        changes={_TRUTH: "x_t = np.eye(len(b_y))[0] if t == 0 else target_seq[t - 1]"},
        breaks=("step_0_gets_x_start",),
    ),
    Misconception(
        name="ignores_the_context",
        function=_DECODER,
        sentence="You start with a hidden state of zeros; the first hidden state is context_vector.",
        changes={_FIRST_STATE: "state = first_state(0 * context_vector, cell_type)"},
        breaks=("step_0_gets_x_start", "zero_is_teacher_forcing"),
    ),
    Misconception(
        name="puts_the_context_into_c_too",
        function=_DECODER,
        sentence="You start the LSTM's cell state with context_vector; c begins as zeros, and only "
        "h as the context.",
        changes={_FIRST_STATE: f"{_FIRST_STATE}\n    state = tuple(context_vector for _ in state)"},
        breaks=("step_0_gets_x_start", "zero_is_teacher_forcing"),
    ),
    Misconception(
        name="starts_every_step_from_the_context",
        function=_DECODER,
        sentence="Every step starts from context_vector again; go on from the state that the step "
        "before has left.",
        changes={
            _NEXT_STATE: "state = next_state(\n            x_t, first_state(context_vector, "
            "cell_type), decoder_params, cell_type\n        )"
        },
        breaks=("state_is_carried", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="forgets_the_cell_state",
        function=_DECODER,
        sentence="You carry the LSTM's h from step to step but not its c; both belong to the state.",
        changes={
            _NEXT_STATE: f"{_NEXT_STATE}\n"
            "        kept, state = state, (state[0], *(0 * c for c in state[1:]))",
            _ROW: "logits[t] = W_hy @ kept[0] + b_y",
        },
        breaks=("state_is_carried",),
    ),
    Misconception(
        name="reads_the_old_state",
        function=_DECODER,
        sentence="You compute the row of logits from the state before the step; feed the input "
        "first, then read the new hidden state.",
        changes={
            _NEXT_STATE: "old = state\n        " + _NEXT_STATE,
            _ROW: "logits[t] = W_hy @ old[0] + b_y",
        },
        breaks=("zero_is_teacher_forcing", "step_0_gets_x_start"),
    ),
    Misconception(
        name="reads_rows_from_the_cell_state",
        function=_DECODER,
        sentence="In the LSTM you compute the rows from c; c is the cell's inner memory, and the "
        "row is W_hy @ h + b_y, where h is state[0] and not state[-1].",
        changes={_ROW: "logits[t] = W_hy @ state[-1] + b_y"},
        breaks=("zero_is_teacher_forcing", "step_0_gets_x_start"),
    ),
    Misconception(
        name="swaps_the_lstm_states",
        function=_DECODER,
        sentence="You pass the LSTM's two states on the wrong way round; h comes first and c "
        "second.",
        changes={_NEXT_STATE: f"{_NEXT_STATE}[::-1]", _ROW: "logits[t] = W_hy @ state[-1] + b_y"},
        breaks=("zero_is_teacher_forcing",),
    ),
    Misconception(
        name="calls_the_lstm_with_c_first",
        function=_DECODER,
        sentence="You call lstm_cell_step with c and h exchanged; its order is x_t, h, c, and the "
        "weights.",
        changes={_NEXT_STATE: _NEXT_STATE.replace(" state, ", " state[::-1], ")},
        breaks=("zero_is_teacher_forcing",),
    ),
    Misconception(
        name="puts_the_context_into_the_cell_state",
        function=_DECODER,
        sentence="In the LSTM you put context_vector into c and start h from zeros; it is the other "
        "way round: h starts as the context, c as zeros.",
        changes={_FIRST_STATE: f"{_FIRST_STATE}[::-1]"},
        breaks=("step_0_gets_x_start",),
    ),
    Misconception(
        name="forgets_the_output_bias",
        function=_DECODER,
        sentence="You leave out the output bias; a row is `W_hy @ h + b_y`.",
        changes={_ROW: "logits[t] = W_hy @ state[0]"},
        breaks=("zero_is_teacher_forcing", "step_0_gets_x_start"),
    ),
)

_RESULTS_AND_CALLS = (
    Misconception(
        name="returns_probabilities",
        function=_DECODER,
        sentence="You return the softmax; return the logits as they are, the softmax belongs to the "
        "loss.",
        changes={
            _RETURN: "return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)",
        },
        breaks=("zero_is_teacher_forcing", "one_is_free_running"),
    ),
    Misconception(
        name="returns_tokens",
        function=_DECODER,
        sentence="You return one-hot tokens; return the logits, which the loss needs.",
        changes={_RETURN: "return np.eye(len(b_y))[np.argmax(logits, axis=1)]"},
        breaks=("zero_is_teacher_forcing", "one_is_free_running"),
    ),
    Misconception(
        name="drops_the_first_row",
        function=_DECODER,
        sentence="You return a row for the steps with a coin only; step 0 has a row of logits too.",
        changes={_RETURN: "return logits[1:]"},
        breaks=("zero_is_teacher_forcing", "any_number_of_steps"),
    ),
    Misconception(
        name="returns_columns_for_steps",
        function=_DECODER,
        sentence="You return an array (O, T); rows are steps, so its shape is (T, O).",
        changes={_RETURN: "return logits.T"},
        breaks=("zero_is_teacher_forcing", "any_number_of_steps"),
    ),
    Misconception(
        name="computes_in_half_precision",
        function=_DECODER,
        sentence="You keep the logits in float16, which has three digits; use float32 or float64.",
        changes={_ROOM: "logits = np.zeros((len(target_seq), len(b_y)), dtype=np.float16)"},
        breaks=("zero_is_teacher_forcing",),
    ),
    Misconception(
        name="cannot_do_without_steps",
        function=_DECODER,
        sentence="You stack the rows at the end, which fails where there are none; for T = 0 the "
        "result has shape (0, O). Make the array of zeros before the loop.",
        changes={_RETURN: "return np.stack(list(logits))"},
        breaks=("any_number_of_steps",),
    ),
    Misconception(
        name="loses_the_columns_of_an_empty_result",
        function=_DECODER,
        sentence="For T = 0 you return an array of shape (0,); it has O columns, shape (0, O), also "
        "when it has no rows.",
        changes={_RETURN: "return np.array(list(logits))"},
        breaks=("any_number_of_steps",),
    ),
    Misconception(
        name="writes_its_tokens_into_the_target",
        function=_DECODER,
        sentence="You write the model's token into target_seq, and the caller's data is spoilt; "
        "keep it in x_t.",
        changes={
            _OWN: "target_seq[t - 1] = np.eye(len(b_y))[np.argmax(logits[t - 1])]\n"
            "            x_t = target_seq[t - 1]"
        },
        breaks=("arguments_stay_as_they_were",),
    ),
    Misconception(
        name="writes_its_state_into_the_context",
        function=_DECODER,
        sentence="You write the hidden state into context_vector; assign a new array to a name of "
        "your own instead of changing the caller's.",
        changes={_RETURN: "context_vector[:] = state[0]\n    return logits"},
        breaks=("arguments_stay_as_they_were",),
    ),
    Misconception(
        name="goes_on_where_the_last_call_stopped",
        function=_DECODER,
        sentence="You go on from the state in which the last call stopped; every call starts from "
        "its own context_vector.",
        changes={
            _FIRST_STATE: f"{_FIRST_STATE}\n"
            '    left = globals().setdefault("_left", {})\n'
            "    state = left.get((cell_type, len(context_vector)), state)",
            _RETURN: "left[cell_type, len(context_vector)] = state\n    return logits",
        },
        breaks=("calls_do_not_know_of_each_other",),
    ),
    Misconception(
        name="returns_the_same_array_again",
        function=_DECODER,
        sentence="Every call writes into one array and returns it, so the results of earlier calls "
        "change; make a new array in each call.",
        changes={
            _ROOM: "shape = len(target_seq), len(b_y)\n"
            '    logits = globals().setdefault("_rows", {}).setdefault(shape, np.zeros(shape))'
        },
        breaks=("calls_do_not_know_of_each_other",),
    ),
    Misconception(
        name="accepts_any_probability",
        function=_DECODER,
        sentence="You accept a sampling_prob below 0 or above 1; raise ValueError unless it lies in "
        "[0, 1].",
        changes={_REFUSES: "if np.isnan(sampling_prob):"},
        breaks=("bad_probability_raises",),
    ),
    Misconception(
        name="lets_nan_through",
        function=_DECODER,
        sentence="NaN gets past your comparison, since every comparison with it is false; check "
        "`not 0 <= sampling_prob <= 1`.",
        changes={_REFUSES: "if sampling_prob < 0 or sampling_prob > 1:"},
        breaks=("bad_probability_raises",),
    ),
    Misconception(
        name="refuses_zero_and_one",
        function=_DECODER,
        sentence="You refuse 0 and 1; both are good probabilities, teacher forcing and free "
        "running.",
        changes={_REFUSES: "if not 0 < sampling_prob < 1:"},
        breaks=("zero_is_teacher_forcing", "one_is_free_running"),
    ),
    Misconception(
        name="takes_unknown_cells_for_an_rnn",
        function=_DECODER,
        sentence="You treat an unknown cell_type as an RNN; raise ValueError.",
        changes={
            _FIRST_STATE: 'cell_type = cell_type if cell_type in STEPS else "rnn"\n    '
            + _FIRST_STATE
        },
        breaks=("unknown_cell_type_raises",),
    ),
)
# Coins that are right each by itself, and what overflows.
_OWN_CELL = (
    'if cell_type == "rnn":\n'
    '            s = decoder_params["W_xh"] @ x_t + decoder_params["b_xh"]\n'
    '            s = s + decoder_params["W_hh"] @ state[0] + decoder_params["b_hh"]\n'
    "            state = ((np.exp(s) - np.exp(-s)) / (np.exp(s) + np.exp(-s)),)\n"
    "        else:\n"
    f"            {_NEXT_STATE}"
)

_FINE_POINTS = (
    Misconception(
        name="draws_a_fixed_number_of_own_tokens",
        function=_DECODER,
        sentence="You draw which steps are fed the model's own token, always the same number of "
        "them; toss a coin at each step, on its own, so that their number varies too.",
        changes={
            _RNG: f"{_RNG}\n    T = len(target_seq)\n"
            "    own = set(rng.choice(T, round(sampling_prob * T), replace=False)) if T else set()",
            _COIN: "if t in own - {0}:",
        },
        breaks=("coins_are_independent",),
    ),
    Misconception(
        name="keeps_its_coin_now_and_then",
        function=_DECODER,
        sentence="Its own token comes more often after an own one than after a true one, as where the "
        "coin of the step before is kept now and then; toss a new one at every step.",
        changes={
            _COIN: "coin = coin if t > 1 and rng.random() < 0.5 else rng.random()\n"
            "        if t > 0 and coin < sampling_prob:"
        },
        breaks=("coins_are_independent",),
    ),
    Misconception(
        name="takes_the_last_of_equals",
        function=_DECODER,
        sentence="Of several largest logits you take the last; np.argmax(logits[t-1]) takes the "
        "first.",
        changes={_OWN: "x_t = np.eye(len(b_y))[len(b_y) - 1 - np.argmax(logits[t - 1][::-1])]"},
        breaks=("one_is_free_running",),
    ),
    Misconception(
        name="overflows_in_its_own_tanh",
        function=_DECODER,
        sentence="The tanh of your RNN is made of np.exp by itself, which overflows where a + u is "
        "large: infinity by infinity is no number. Take np.tanh, which is right for every number.",
        changes={_NEXT_STATE: _OWN_CELL},
        breaks=("zero_is_teacher_forcing", "step_0_gets_x_start"),
    ),
)

MISCONCEPTIONS = (*_INPUTS_AND_STATE, *_RESULTS_AND_CALLS, *_FINE_POINTS)
