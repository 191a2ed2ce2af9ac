"""Known wrong answers to lesson 3, each with the sentence that its learner should read."""

from course.lessons.misconceptions import Misconception

_DECODER = "decoder_forward_scheduled_sampling"
_SCHEDULE = "scheduled_sampling_prob"

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

_SOFTMAX = "np.exp(logits[t - 1]) / np.exp(logits[t - 1]).sum()"

_LINEAR = "epsilon = max(eps_min, k - c * step)"
_EXPONENTIAL = "epsilon = k**step"
_INVERSE_SIGMOID = "epsilon = k / (k + np.exp(min(step / k, 700.0)))"
_UNKNOWN = 'raise ValueError(f"unknown schedule {schedule!r}")'
_RESULT = "return 1.0 - float(min(max(epsilon, 0.0), 1.0))"

_COINS = (
    Misconception(
        name="takes_sampling_prob_for_the_truths",
        function=_DECODER,
        sentence="You feed the truth with probability sampling_prob; it is the probability of the "
        "model's own token, so turn the comparison round, `rng.random() < sampling_prob`, or "
        "exchange the two branches of its `if`.",
        changes={_COIN: "if t > 0 and rng.random() >= sampling_prob:"},
        breaks=("zero_is_teacher_forcing", "one_is_free_running", "rate_is_sampling_prob"),
    ),
    Misconception(
        name="throws_a_fair_coin_always",
        function=_DECODER,
        sentence="Your coin is fair whatever sampling_prob is; compare the random number with "
        "sampling_prob, not with 0.5.",
        changes={_COIN: "if t > 0 and rng.random() < 0.5:"},
        breaks=("zero_is_teacher_forcing", "one_is_free_running", "rate_is_sampling_prob"),
    ),
    Misconception(
        name="never_feeds_its_own_token",
        function=_DECODER,
        sentence="You feed the truth at every step, so this is still teacher forcing; throw a coin "
        "before each step and feed the model's own token where it comes up.",
        changes={_COIN: "if False:"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="always_feeds_its_own_token",
        function=_DECODER,
        sentence="You feed the model's own token at every step, so this is free running; the own "
        "token is fed only where `rng.random() < sampling_prob`.",
        changes={_COIN: "if t > 0:"},
        breaks=("zero_is_teacher_forcing", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="throws_one_coin_a_sequence",
        function=_DECODER,
        sentence="You throw one coin for the whole sequence; throw a new one at every step, inside "
        "the loop.",
        changes={
            _RNG: f"{_RNG}\n    own = rng.random() < sampling_prob",
            _COIN: "if t > 0 and own:",
        },
        breaks=("coins_are_independent",),
    ),
    Misconception(
        name="throws_the_same_coins_in_every_call",
        function=_DECODER,
        sentence="The coins are the same in every call: no new random number decides. A seed inside "
        "the function may be the cause, or a list of coins made once and used again, or a rule made "
        "of t without any chance. Throw anew in every call, with `np.random.default_rng()` and no "
        "seed.",
        changes={_RNG: "rng = np.random.default_rng(0)"},
        breaks=("coins_are_independent",),
    ),
    Misconception(
        name="squares_the_probability",
        function=_DECODER,
        sentence="Your coin comes up with probability sampling_prob squared, as two coins do that "
        "both have to come up; throw one coin a step, and compare with sampling_prob itself.",
        changes={
            _COIN: "if t > 0 and rng.random() < sampling_prob and rng.random() < sampling_prob:"
        },
        breaks=("rate_is_sampling_prob",),
    ),
    Misconception(
        name="gives_the_coin_a_second_chance",
        function=_DECODER,
        sentence="Your coin comes up with probability 1 - (1 - sampling_prob)**2, as either of two "
        "coins does, so the model's token is fed too often; throw one coin a step.",
        changes={_COIN: "if t > 0 and min(rng.random(), rng.random()) < sampling_prob:"},
        breaks=("rate_is_sampling_prob",),
    ),
    Misconception(
        name="multiplies_the_probability_at_each_step",
        function=_DECODER,
        sentence="Your probability shrinks along the sequence, as sampling_prob to the power of t; "
        "use the same sampling_prob at every step, each coin on its own.",
        changes={_COIN: "if t > 0 and rng.random() < sampling_prob**t:"},
        breaks=("rate_is_sampling_prob",),
    ),
    Misconception(
        name="schedules_within_the_sequence",
        function=_DECODER,
        sentence="Your probability grows from the first step of the sequence to the last; scheduled "
        "means from one training step to the next, so within a call it is the same for every t.",
        changes={_COIN: "if t > 0 and rng.random() < sampling_prob * 2 * t / len(target_seq):"},
        breaks=("rate_is_sampling_prob",),
    ),
    Misconception(
        name="cubes_the_probability",
        function=_DECODER,
        sentence="Your coin comes up with probability sampling_prob cubed; throw one coin a step, "
        "and compare with sampling_prob itself.",
        changes={_COIN: "if t > 0 and rng.random() < sampling_prob**3:"},
        breaks=("rate_is_sampling_prob",),
    ),
    Misconception(
        name="spaces_its_own_tokens_evenly",
        function=_DECODER,
        sentence="You space the model's tokens evenly instead of leaving them to chance; throw an "
        "independent coin at every step.",
        changes={
            _COIN: "if t > 0 and int(t * sampling_prob + 0.5) > int((t - 1) * sampling_prob + 0.5):"
        },
        breaks=("coins_are_independent",),
    ),
    Misconception(
        name="feeds_the_truth_first_and_its_own_after",
        function=_DECODER,
        sentence="You feed the truth up to a point and the model's own tokens from there on; decide "
        "at every step anew, by a coin.",
        changes={_COIN: "if t > 0 and t > (1 - sampling_prob) * (len(target_seq) - 1):"},
        breaks=("rate_is_sampling_prob", "coins_are_independent"),
    ),
    Misconception(
        name="never_goes_back_to_the_truth",
        function=_DECODER,
        sentence="Once you have fed the model's own token you never go back to the truth; the coin "
        "of a step must not depend on the coins before it.",
        changes={
            _RNG: f"{_RNG}\n    own = False",
            _COIN: "own = own or rng.random() < sampling_prob\n        if t > 0 and own:",
        },
        # Not coins_are_independent: nearly all of its coins are own, and those may be so by chance.
        breaks=("rate_is_sampling_prob",),
    ),
    Misconception(
        name="throws_a_coin_every_other_step",
        function=_DECODER,
        sentence="You throw a coin at every second step and keep it for the next; throw a new one "
        "at every step.",
        changes={
            _COIN: "coin = rng.random() if t < 2 or t % 2 else coin\n"
            "        if t > 0 and coin < sampling_prob:"
        },
        breaks=("coins_are_independent",),
    ),
    Misconception(
        name="lets_a_coin_of_few_sides_come_up_at_zero",
        function=_DECODER,
        sentence="Your random whole number can be 0, so the model's token is fed now and then even "
        "at sampling_prob = 0; compare `rng.random()` with `<`.",
        changes={_COIN: "if t > 0 and rng.integers(0, 100) <= 100 * sampling_prob:"},
        breaks=("zero_is_teacher_forcing",),
    ),
    Misconception(
        name="asks_the_models_confidence",
        function=_DECODER,
        sentence="You let the model's confidence decide what is fed; the coin is chance alone and "
        "does not look at the logits.",
        changes={_COIN: f"if t > 0 and np.max({_SOFTMAX}) > sampling_prob:"},
        breaks=("zero_is_teacher_forcing", "one_is_free_running", "rate_is_sampling_prob"),
    ),
)

_OWN_TOKENS = (
    Misconception(
        name="mixes_both_inputs",
        function=_DECODER,
        sentence="You feed the average of both tokens; feed one of the two, chosen by a coin.",
        changes={
            _COIN: "if t > 0:",
            _OWN: "own = np.eye(len(b_y))[np.argmax(logits[t - 1])]\n"
            "            x_t = sampling_prob * own + (1 - sampling_prob) * x_t",
        },
        breaks=("every_input_is_truth_or_own_token",),
    ),
    Misconception(
        name="feeds_the_softmax",
        function=_DECODER,
        sentence="You feed back the probabilities of all tokens; feed the one-hot vector of the "
        "largest.",
        changes={_OWN: f"x_t = {_SOFTMAX}"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="feeds_the_raw_logits",
        function=_DECODER,
        sentence="You feed back the row of logits itself; feed the one-hot vector of its argmax.",
        changes={_OWN: "x_t = logits[t - 1]"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="feeds_the_index_as_a_number",
        function=_DECODER,
        sentence="You feed the index of the token, as a number in every place of the vector; turn "
        "it into a one-hot vector: `np.eye(O)[k]`.",
        changes={_OWN: "x_t = np.full(len(b_y), np.argmax(logits[t - 1]))"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="feeds_the_largest_logit_in_place",
        function=_DECODER,
        sentence="You feed a vector that holds the largest logit at its place; a one-hot vector "
        "holds a 1 there.",
        changes={_OWN: "x_t = np.where(logits[t - 1] == logits[t - 1].max(), logits[t - 1], 0.0)"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="samples_its_own_token",
        function=_DECODER,
        sentence="You draw the model's token from its softmax; here the own token is the argmax, "
        "always the same for the same logits.",
        changes={_OWN: f"x_t = rng.multinomial(1, {_SOFTMAX}).astype(float)"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="feeds_the_least_likely_token",
        function=_DECODER,
        sentence="You feed the token with the smallest logit; the model's choice is the largest, "
        "`np.argmax`.",
        changes={_OWN: "x_t = np.eye(len(b_y))[np.argmin(logits[t - 1])]"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="feeds_all_equal_tokens_at_once",
        function=_DECODER,
        sentence="Where several logits are equal you set a 1 for each of them; a one-hot vector has "
        "a single 1, at the first of equals: np.argmax.",
        changes={
            _OWN: "x_t = (logits[t - 1] == logits[t - 1].max()).astype(float)",
        },
        breaks=("one_is_free_running",),
    ),
    Misconception(
        name="takes_the_argmax_of_the_hidden_state",
        function=_DECODER,
        sentence="You take the argmax of the hidden state; the model's token is the argmax of its "
        "logits.",
        changes={
            _OWN: "x_t = np.eye(max(len(b_y), len(state[0])))[np.argmax(state[0])][: len(b_y)]"
        },
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="takes_the_argmax_of_the_target",
        function=_DECODER,
        sentence="You take the argmax of the target, which is the truth again; the model's own "
        "token is the argmax of logits[t-1].",
        changes={_OWN: "x_t = np.eye(len(b_y))[np.argmax(target_seq[t - 1])]"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="takes_the_argmax_of_all_rows",
        function=_DECODER,
        sentence="You take the argmax of all rows at once, which counts through the whole array; "
        "take it of the row before, logits[t-1].",
        changes={_OWN: "x_t = np.eye(len(b_y))[np.argmax(logits[:t])]"},
        breaks=("one_is_free_running",),
    ),
    Misconception(
        name="takes_the_argmax_of_the_row_to_come",
        function=_DECODER,
        sentence="You take the argmax of logits[t], which is not computed yet and holds zeros; the "
        "model's last token is in logits[t-1].",
        changes={_OWN: "x_t = np.eye(len(b_y))[np.argmax(logits[t])]"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="feeds_the_token_of_two_steps_ago",
        function=_DECODER,
        sentence="You feed the model's token of two steps ago; the last one is the argmax of "
        "logits[t-1].",
        changes={_OWN: "x_t = np.eye(len(b_y))[np.argmax(logits[max(t - 2, 0)])]"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="takes_its_own_tokens_from_a_forced_pass",
        function=_DECODER,
        sentence="You take the model's tokens from a separate pass with teacher forcing; the own "
        "token comes from this pass, the argmax of logits[t-1] as it was fed until then.",
        changes={
            _ROOM: f"{_ROOM}\n    forced = decoder_forward_teacher_forcing(\n"
            "        context_vector, target_seq, decoder_params, cell_type\n    )",
            _OWN: "x_t = np.eye(len(b_y))[np.argmax(forced[t - 1])]",
        },
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="lets_the_truth_move_the_state",
        function=_DECODER,
        sentence="After an own token you go on from the state that the truth would have given; the "
        "token that was fed must move the state, right or wrong.",
        changes={
            _TRUTH: f"{_TRUTH}\n        truth = x_t",
            _NEXT_STATE: "shown = next_state(x_t, state, decoder_params, cell_type)\n"
            "        state = next_state(truth, state, decoder_params, cell_type)",
            _ROW: "logits[t] = W_hy @ shown[0] + b_y",
        },
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
    Misconception(
        name="starts_afresh_after_its_own_token",
        function=_DECODER,
        sentence="Where the model's own token is fed you go back to the first state; the state is "
        "carried on, whatever is fed.",
        changes={_OWN: f"{_OWN}\n            {_FIRST_STATE}"},
        breaks=("one_is_free_running", "every_input_is_truth_or_own_token"),
    ),
)

_INPUTS_AND_STATE = (
    Misconception(
        name="throws_a_coin_at_step_0",
        function=_DECODER,
        sentence="You throw a coin at step 0 too, where the model has not chosen anything yet; step "
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
        sentence="NaN gets past your comparison, since every comparison with it is false; ask "
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

_SCHEDULES = (
    Misconception(
        name="returns_epsilon",
        function=_SCHEDULE,
        sentence="You return epsilon, the probability of the truth; sampling_prob is one minus it.",
        changes={_RESULT: "return float(min(max(epsilon, 0.0), 1.0))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="leaves_out_the_floor",
        function=_SCHEDULE,
        sentence="Your linear schedule falls through eps_min; epsilon is the larger of eps_min and "
        "k - c * step.",
        changes={_LINEAR: "epsilon = k - c * step"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="takes_the_floor_for_a_ceiling",
        function=_SCHEDULE,
        sentence="You take the smaller of eps_min and the line; eps_min is the smallest epsilon may "
        "become, so take the larger, `max`.",
        changes={_LINEAR: "epsilon = min(eps_min, k - c * step)"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="lets_the_line_rise",
        function=_SCHEDULE,
        sentence="Your linear epsilon rises; it falls by c in every step, k - c * step.",
        changes={_LINEAR: "epsilon = max(eps_min, k + c * step)"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="puts_the_floor_under_every_schedule",
        function=_SCHEDULE,
        sentence="You hold every schedule at eps_min; c and eps_min belong to 'linear' alone.",
        changes={_RESULT: "return 1.0 - float(min(max(epsilon, eps_min, 0.0), 1.0))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="puts_the_floor_under_the_result",
        function=_SCHEDULE,
        sentence="You use eps_min as the smallest sampling_prob; it is the smallest epsilon, so the "
        "result is at most 1 - eps_min.",
        changes={
            _LINEAR: "epsilon = min(1.0 - eps_min, k - c * step)",
        },
        breaks=("three_schedules",),
    ),
    Misconception(
        name="multiplies_where_it_should_raise",
        function=_SCHEDULE,
        sentence="You multiply k by the step; the exponential epsilon is k to the power of step.",
        changes={_EXPONENTIAL: "epsilon = k * step"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="takes_e_for_the_base",
        function=_SCHEDULE,
        sentence="You use exp(-k * step); the base of the exponential schedule is k itself, "
        "k**step.",
        changes={_EXPONENTIAL: "epsilon = np.exp(-k * step)"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="forgets_to_divide_the_step",
        function=_SCHEDULE,
        sentence="You take the exponential of the step itself; the inverse sigmoid wants "
        "exp(step / k).",
        changes={_INVERSE_SIGMOID: "epsilon = k / (k + np.exp(min(step, 700.0)))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="takes_the_plain_sigmoid",
        function=_SCHEDULE,
        sentence="You use 1 / (1 + exp(step / k)), which begins at one half; epsilon is "
        "k / (k + exp(step / k)), close to 1 at the start.",
        changes={_INVERSE_SIGMOID: "epsilon = 1 / (1 + np.exp(min(step / k, 700.0)))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="turns_the_exponent_round",
        function=_SCHEDULE,
        sentence="Your exponent has the wrong sign, so the inverse sigmoid returns to the truth; "
        "epsilon is k / (k + exp(step / k)).",
        changes={_INVERSE_SIGMOID: "epsilon = k / (k + np.exp(-step / k))"},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="overflows_at_large_steps",
        function=_SCHEDULE,
        sentence="exp(step / k) leaves the range of a float at large steps; keep the exponent below "
        "700, epsilon is 0 by then.",
        changes={
            _INVERSE_SIGMOID: "import math\n\n        epsilon = k / (k + math.exp(step / k))",
        },
        breaks=("no_step_is_too_large",),
    ),
    Misconception(
        name="warns_at_large_steps",
        function=_SCHEDULE,
        sentence="exp(step / k) overflows at large steps, of which NumPy warns, though the result "
        "comes out right; keep the exponent below 700, epsilon is 0 by then.",
        changes={_INVERSE_SIGMOID: "epsilon = k / (k + np.exp(step / k))"},
        breaks=("no_step_is_too_large",),
    ),
    Misconception(
        name="does_not_clip",
        function=_SCHEDULE,
        sentence="Your result leaves [0, 1] where k is above 1; clip epsilon to [0, 1] before you "
        "take it from one.",
        changes={_RESULT: "return 1.0 - float(epsilon)"},
        breaks=("epsilon_is_clipped",),
    ),
    Misconception(
        name="counts_steps_from_one",
        function=_SCHEDULE,
        sentence="You count training steps from 1; the first is step 0, where the exponential "
        "epsilon is 1.",
        changes={"    if schedule ==": "    step = step + 1\n    if schedule =="},
        breaks=("three_schedules",),
    ),
    Misconception(
        name="invents_a_schedule",
        function=_SCHEDULE,
        sentence="A schedule that does not exist gives a number; raise ValueError.",
        changes={_UNKNOWN: "epsilon = 1.0"},
        breaks=("unknown_schedule_raises",),
    ),
)

MISCONCEPTIONS = (
    *_COINS,
    *_OWN_TOKENS,
    *_INPUTS_AND_STATE,
    *_RESULTS_AND_CALLS,
    *_SCHEDULES,
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
        "them; throw a coin at each step, on its own, so that their number varies too.",
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
        "coin of the step before is kept now and then; throw a new one at every step.",
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

MISCONCEPTIONS += _FINE_POINTS
