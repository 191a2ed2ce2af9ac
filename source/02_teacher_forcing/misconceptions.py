"""Wrong inputs and states in lesson 2, and what each learner should read."""

from course.lessons.misconceptions import Misconception

_FUNCTION = "decoder_forward_teacher_forcing"
_FIRST_STATE = "h, c = context_vector, np.zeros_like(context_vector)"
_LOOP = "    for t in range(len(target_seq)):\n"
_INPUT = "x_t = x_start if t == 0 else target_seq[t - 1]"
_LSTM_STEP = "h, c = lstm_cell_step(x_t, h, c, decoder_params)"
_ROW = "logits[t] = W_hy @ h + b_y"


def _wrong(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, _FUNCTION, sentence, changes, breaks)


_WRONG_INPUTS = (
    _wrong(
        "feeds_the_current_token",
        "You fed step t target_seq[t], the very token it has to predict; "
        "feed the one before it, target_seq[t-1].",
        {"target_seq[t - 1]": "target_seq[t]"},
        "sees_only_the_past",
        "agrees_over_many_shapes",
    ),
    _wrong(
        "leaks_from_the_first_step_on",
        "You looped over target_seq and fed each row to the step that predicts it, without x_start; "
        "shift the inputs right by one, so that step 0 gets x_start and step t gets target_seq[t-1].",
        {_INPUT: "x_t = target_seq[t]"},
        "sees_only_the_past",
        "step_0_gets_x_start",
    ),
    _wrong(
        "starts_with_the_first_target",
        "You fed step 0 target_seq[0], which is what step 0 has to predict; "
        "feed it decoder_params['x_start'].",
        {"x_t = x_start if": "x_t = target_seq[0] if"},
        "step_0_gets_x_start",
    ),
    _wrong(
        "starts_with_the_last_target",
        "You fed step 0 the last row of target_seq, by target_seq[t-1] with t = 0, or by np.roll; "
        "step 0 needs a case of its own, x_start.",
        {_INPUT: "x_t = target_seq[t - 1]"},
        "step_0_gets_x_start",
        "sees_only_the_past",
    ),
    _wrong(
        "starts_with_token_zero",
        "You fed step 0 the one-hot vector of token 0, as if that were the start token; "
        "this decoder brings its own start vector, decoder_params['x_start'].",
        {"x_t = x_start if": "x_t = np.eye(len(x_start))[0] if"},
        "step_0_gets_x_start",
    ),
    _wrong(
        "starts_with_zeros",
        "You fed step 0 a vector of zeros; feed it decoder_params['x_start'].",
        {"x_t = x_start if": "x_t = np.zeros_like(x_start) if"},
        "step_0_gets_x_start",
    ),
    _wrong(
        "starts_with_ones",
        "You fed step 0 a vector of ones; feed it decoder_params['x_start'].",
        {"x_t = x_start if": "x_t = np.ones_like(x_start) if"},
        "step_0_gets_x_start",
    ),
    _wrong(
        "feeds_two_tokens_back",
        "Your inputs are one step late: step t was fed target_seq[t-2]; "
        "feed it target_seq[t-1], and x_start to step 0 alone.",
        {_INPUT: "x_t = x_start if t <= 1 else target_seq[t - 2]"},
        "sees_only_the_past",
    ),
    _wrong(
        "feeds_its_own_prediction",
        "You fed each step the token that the model itself predicted: that is free running; "
        "under teacher forcing step t is fed the truth, target_seq[t-1].",
        {_INPUT: "x_t = x_start if t == 0 else np.eye(len(b_y))[logits[t - 1].argmax()]"},
        "sees_only_the_past",
    ),
    _wrong(
        "feeds_its_own_logits",
        "You fed each step the row of logits of the step before it; "
        "under teacher forcing step t is fed the truth, target_seq[t-1].",
        {_INPUT: "x_t = x_start if t == 0 else logits[t - 1]"},
        "sees_only_the_past",
    ),
    _wrong(
        "feeds_x_start_at_every_step",
        "You fed x_start to every step; it is the input of step 0 alone, "
        "and step t after it is fed target_seq[t-1].",
        {_INPUT: "x_t = x_start"},
        "sees_only_the_past",
    ),
    _wrong(
        "adds_x_start_to_every_input",
        "You added x_start to the inputs of all steps; it is the whole input of step 0, "
        "and no part of the later ones.",
        {_INPUT: "x_t = x_start + (0 if t == 0 else target_seq[t - 1])"},
        "agrees_over_many_shapes",
        "real_vectors_are_fed_as_they_are",
    ),
    _wrong(
        "makes_each_input_one_hot",
        "You replaced each row of target_seq by a one-hot vector; "
        "its rows may be any real vectors, so feed them as they are.",
        {_INPUT: "x_t = x_start if t == 0 else np.eye(len(x_start))[target_seq[t - 1].argmax()]"},
        "real_vectors_are_fed_as_they_are",
    ),
    _wrong(
        "cuts_inputs_to_whole_numbers",
        "You turned target_seq into whole numbers, which cuts off the fractions; "
        "its rows may be any real vectors, so feed them as they are.",
        {_LOOP: "    target_seq = np.asarray(target_seq).astype(int)\n" + _LOOP},
        "real_vectors_are_fed_as_they_are",
    ),
    _wrong(
        "reads_the_target_backwards",
        "You fed target_seq from its end to its beginning; "
        "reversing helps for an encoder's input, a decoder is fed the target from left to right.",
        {_LOOP: "    target_seq = target_seq[::-1]\n" + _LOOP},
        "sees_only_the_past",
    ),
)

_WRONG_STATES = (
    _wrong(
        "starts_from_a_zero_state",
        "You started from a hidden state of zeros, so nothing of the context reaches the decoder; "
        "the first hidden state is context_vector.",
        {_FIRST_STATE: "h, c = np.zeros_like(context_vector), np.zeros_like(context_vector)"},
        "context_is_the_first_hidden_state",
    ),
    _wrong(
        "squashes_the_context",
        "You passed context_vector through tanh before using it; "
        "it is the first hidden state as it is.",
        {_FIRST_STATE: "h, c = np.tanh(context_vector), np.zeros_like(context_vector)"},
        "context_is_the_first_hidden_state",
    ),
    _wrong(
        "puts_the_context_into_the_cell_state",
        "In the LSTM you put context_vector into c and started h from zeros; "
        "it is the other way round: h starts as the context, c as zeros.",
        {
            _FIRST_STATE: "h, c = context_vector, np.zeros_like(context_vector)\n"
            '    if cell_type == "lstm":\n'
            "        h, c = c, h"
        },
        "context_is_the_first_hidden_state",
    ),
    _wrong(
        "puts_the_context_into_both_states",
        "In the LSTM you started both h and c from context_vector; "
        "only h starts as the context, c starts as zeros.",
        {_FIRST_STATE: "h, c = context_vector, context_vector"},
        "context_is_the_first_hidden_state",
    ),
    _wrong(
        "starts_the_cell_state_from_ones",
        "In the LSTM you started c from ones; before anything was seen there is nothing to "
        "remember, so c starts as zeros.",
        {_FIRST_STATE: "h, c = context_vector, np.ones_like(context_vector)"},
        "context_is_the_first_hidden_state",
    ),
    _wrong(
        "adds_the_context_at_every_step",
        "You added context_vector to the hidden state again at every step; "
        "it is the state before step 0, and later steps have it through the state they carry.",
        {_INPUT: _INPUT + "\n        h = h if t == 0 else h + context_vector"},
        "agrees_over_many_shapes",
    ),
    _wrong(
        "goes_back_to_the_context_at_every_step",
        "You gave each step context_vector as its old hidden state, so the decoder forgets all but "
        "one token; only step 0 starts from the context, step t from what step t-1 left.",
        {
            "lstm_cell_step(x_t, h, c": "lstm_cell_step(x_t, context_vector, c",
            "[cell_type](x_t, h,": "[cell_type](x_t, context_vector,",
        },
        "state_is_carried",
    ),
    _wrong(
        "starts_over_at_every_step",
        "You made the first state inside the loop, so every step starts over and nothing is "
        "remembered; move that line above the loop.",
        {_INPUT: _INPUT + "\n        h, c = context_vector, 0 * context_vector"},
        "state_is_carried",
        "both_lstm_states_are_carried",
    ),
    _wrong(
        "starts_later_steps_from_zeros",
        "You reset the hidden state to zeros after each step; "
        "step t starts from what step t-1 left.",
        {_INPUT: _INPUT + "\n        h = h if t == 0 else 0 * h"},
        "state_is_carried",
    ),
    _wrong(
        "drops_the_cell_state",
        "In the LSTM you threw away the new c and gave every step zeros; "
        "carry both states: h, c = lstm_cell_step(x_t, h, c, decoder_params).",
        {_LSTM_STEP: "h, _ = lstm_cell_step(x_t, h, c, decoder_params)"},
        "both_lstm_states_are_carried",
    ),
    _wrong(
        "drops_the_hidden_state_of_the_lstm",
        "In the LSTM you carried c but gave every step context_vector as its old h; "
        "carry both states: h, c = lstm_cell_step(x_t, h, c, decoder_params).",
        {_LSTM_STEP: "h, c = lstm_cell_step(x_t, context_vector, c, decoder_params)"},
        "both_lstm_states_are_carried",
    ),
    _wrong(
        "swaps_the_lstm_states",
        "You unpacked the LSTM's two states the wrong way round; "
        "lstm_cell_step returns h first and c second.",
        {_LSTM_STEP: "c, h = lstm_cell_step(x_t, h, c, decoder_params)"},
        "both_lstm_states_are_carried",
    ),
    _wrong(
        "calls_the_lstm_with_c_first",
        "You called lstm_cell_step with c and h exchanged; its order is x_t, h, c, and the "
        "weights.",
        {_LSTM_STEP: "h, c = lstm_cell_step(x_t, c, h, decoder_params)"},
        "both_lstm_states_are_carried",
    ),
    _wrong(
        "reads_rows_from_the_old_state",
        "You computed the row of logits before you took the step, so it comes from the old state; "
        "take the step first, then compute W_hy @ h + b_y from the new h.",
        {
            _INPUT: _INPUT + "\n        logits[t] = W_hy @ h + b_y",
            "        " + _ROW + "\n    return": "    return",
        },
        "step_0_gets_x_start",
    ),
    _wrong(
        "reads_rows_from_the_cell_state",
        "In the LSTM you computed the rows from c; c is the cell's inner memory, "
        "and the row is W_hy @ h + b_y.",
        {_ROW: 'logits[t] = W_hy @ (c if cell_type == "lstm" else h) + b_y'},
        "agrees_over_many_shapes",
    ),
)

MISCONCEPTIONS = (*_WRONG_INPUTS, *_WRONG_STATES)
