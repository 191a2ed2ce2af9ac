"""Wrong coins and own tokens in lesson 3, and what each learner should read."""

from course.lessons.misconceptions import Misconception

_DECODER = "decoder_forward_scheduled_sampling"
_RNG = "rng = np.random.default_rng() if rng is None else rng"
_FIRST_STATE = "state = first_state(context_vector, cell_type)"
_ROOM = "logits = np.zeros((len(target_seq), len(b_y)))"
_TRUTH = "x_t = x_start if t == 0 else target_seq[t - 1]"
_COIN = "if t > 0 and rng.random() < sampling_prob:"
_OWN = "x_t = np.eye(len(b_y))[np.argmax(logits[t - 1])]"
_NEXT_STATE = "state = next_state(x_t, state, decoder_params, cell_type)"
_ROW = "logits[t] = W_hy @ state[0] + b_y"
_SOFTMAX = "np.exp(logits[t - 1]) / np.exp(logits[t - 1]).sum()"

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
        name="tosses_a_fair_coin_always",
        function=_DECODER,
        sentence="Your coin is fair whatever sampling_prob is; compare the random number with "
        "sampling_prob, not with 0.5.",
        changes={_COIN: "if t > 0 and rng.random() < 0.5:"},
        breaks=("zero_is_teacher_forcing", "one_is_free_running", "rate_is_sampling_prob"),
    ),
    Misconception(
        name="never_feeds_its_own_token",
        function=_DECODER,
        sentence="You feed the truth at every step, so this is still teacher forcing; toss a coin "
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
        name="tosses_one_coin_a_sequence",
        function=_DECODER,
        sentence="You toss one coin for the whole sequence; toss a new one at every step, inside "
        "the loop.",
        changes={
            _RNG: f"{_RNG}\n    own = rng.random() < sampling_prob",
            _COIN: "if t > 0 and own:",
        },
        breaks=("coins_are_independent",),
    ),
    Misconception(
        name="tosses_the_same_coins_in_every_call",
        function=_DECODER,
        sentence="The coins are the same in every call: no new random number decides. A seed inside "
        "the function may be the cause, or a list of coins made once and used again, or a rule made "
        "of t without any chance. Toss anew in every call, with `np.random.default_rng()` and no "
        "seed.",
        changes={_RNG: "rng = np.random.default_rng(0)"},
        breaks=("coins_are_independent",),
    ),
    Misconception(
        name="squares_the_probability",
        function=_DECODER,
        sentence="Your coin comes up with probability sampling_prob squared, as two coins do that "
        "both have to come up; toss one coin at each step, and compare with sampling_prob itself.",
        changes={
            _COIN: "if t > 0 and rng.random() < sampling_prob and rng.random() < sampling_prob:"
        },
        breaks=("rate_is_sampling_prob",),
    ),
    Misconception(
        name="gives_the_coin_a_second_chance",
        function=_DECODER,
        sentence="Your coin comes up with probability 1 - (1 - sampling_prob)**2, as either of two "
        "coins does, so the model's token is fed too often; toss one coin at each step.",
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
        sentence="Your coin comes up with probability sampling_prob cubed; toss one coin at each step, "
        "and compare with sampling_prob itself.",
        changes={_COIN: "if t > 0 and rng.random() < sampling_prob**3:"},
        breaks=("rate_is_sampling_prob",),
    ),
    Misconception(
        name="spaces_its_own_tokens_evenly",
        function=_DECODER,
        sentence="You space the model's tokens evenly instead of leaving them to chance; toss an "
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
        name="tosses_a_coin_every_other_step",
        function=_DECODER,
        sentence="You toss a coin at every second step and keep it for the next; toss a new one "
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
        sentence="Your coin falls on few values, such as whole numbers or tenths, and one of them is "
        "0: with `<=` the model's token is fed now and then even at sampling_prob = 0. Compare "
        "`rng.random()` as it is, with `<`.",
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
        sentence="After the model's own token you go on from the state that the truth would have "
        "given; the token that was fed must move the state, right or wrong.",
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

MISCONCEPTIONS = (*_COINS, *_OWN_TOKENS)
