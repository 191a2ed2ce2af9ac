"""Wrong inputs and states in lesson 4, and what each learner should read."""

from course.lessons.misconceptions import Misconception

_DECODER = "decoder_forward_free_running"
_FIRST_STATE = "state = first_state(context_vector, cell_type)"
_ROOM = "logits = np.zeros((seq_len, len(b_y)))"
_INPUT = "x_t = x_start if t == 0 else np.eye(len(b_y))[np.argmax(logits[t - 1])]"
_OWN = "np.eye(len(b_y))[np.argmax(logits[t - 1])]"
_NEXT_STATE = "state = next_state(x_t, state, decoder_params, cell_type)"
_ROW = "logits[t] = W_hy @ state[0] + b_y"
_C_FIRST = _NEXT_STATE.replace(" state, ", " state[::-1], ")
_SOFTMAX = "(np.exp(logits[t - 1]) / np.exp(logits[t - 1]).sum())"


def _decoder(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, _DECODER, sentence, changes, breaks)


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
        "You draw the token by chance, from the softmax or from all tokens alike; here the own "
        "token is the argmax, always the same for the same logits.",
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
        "calls_the_lstm_with_c_first",
        "You call lstm_cell_step with c and h exchanged; its order is x_t, h, c, and the weights.",
        {_NEXT_STATE: _C_FIRST},
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

MISCONCEPTIONS = (*_FED, *_STATES)
