"""Wrong gradients of a reward in lesson 7."""

from course.lessons.misconceptions import Misconception

_HEAD = "def expected_reward_gradient(logits, tokens, reward, baseline=0.0):"
_ROWS = "rows = np.exp(log_softmax(logits))"
_ONE = "rows[np.arange(len(tokens)), tokens] -= 1"
_RETURN = "return (reward - baseline) * rows"

_ROW = "a_row_is_the_reward_times_what_was_sampled"
_MEAN = "its_mean_is_the_gradient_of_the_expected_reward"
_STEP = "a_step_makes_what_was_good_likelier"


def _reward(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "expected_reward_gradient", sentence, changes, breaks)


_REWARDS = (
    _reward(
        "climbs_down_the_reward",
        "Your sign is that of the reward's own gradient, and subtracting it makes good sequences "
        "less likely; return the gradient of minus the expected reward.",
        {_RETURN: "return (baseline - reward) * rows"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "forgets_the_baseline",
        "You multiply by the reward and never use the baseline; multiply by reward - baseline.",
        {_RETURN: "return reward * rows"},
        _ROW,
        _STEP,
    ),
    _reward(
        "adds_the_baseline",
        "You add the baseline to the reward; subtract it: what counts is how much better than "
        "expected the sequence was.",
        {_RETURN: "return (reward + baseline) * rows"},
        _ROW,
        _STEP,
    ),
    _reward(
        "subtracts_the_baseline_from_each_number",
        "You subtract the baseline from each number of the gradient; subtract it from the reward, "
        "before you multiply.",
        {_RETURN: "return reward * rows - baseline"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "adds_the_baseline_to_each_number",
        "You subtract the baseline before the sign is turned, from each number, so it is added to "
        "the gradient; subtract it from the reward, before you multiply.",
        {_RETURN: "return reward * rows + baseline"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "multiplies_the_one_hot_alone",
        "You multiply the one-hot token by the reward and not the softmax; put the difference in "
        "parentheses: -(reward - baseline) * (onehot - softmax).",
        {
            _ONE: "chosen = np.eye(logits.shape[1])[tokens]",
            _RETURN: "return (baseline - reward) * chosen - rows",
        },
        _ROW,
        _MEAN,
    ),
    _reward(
        "divides_by_the_number_of_steps",
        "You divide by the number of steps, as a mean loss does; the reward is one number for the "
        "whole sequence, and each row gets all of it.",
        {_RETURN: "return (reward - baseline) * rows / max(len(tokens), 1)"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "rewards_the_last_step_alone",
        "Only your last row hears of the reward; it is for the whole sequence, so each row gets "
        "it.",
        {_RETURN: "rows[:-1] = 0.0\n    return (reward - baseline) * rows"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "leaves_out_the_last_step",
        "Your last row is 0, as if its token were no choice; each row gets the reward.",
        {_RETURN: "rows[-1:] = 0.0\n    return (reward - baseline) * rows"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "discounts_the_reward",
        "Your early rows get less of the reward than late ones; it is for the whole sequence, so "
        "each row gets the same.",
        {
            _RETURN: "left = len(tokens) - 1 - np.arange(len(tokens))\n"
            "    return (reward - baseline) * rows * 0.9 ** left[:, None]"
        },
        _ROW,
        _MEAN,
    ),
    _reward(
        "learns_from_success_alone",
        "Where the reward is below the baseline you return zeros; then the tokens have to become "
        "less likely, so let reward - baseline be negative.",
        {_RETURN: "return max(reward - baseline, 0.0) * rows"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "forgets_the_sign_of_the_difference",
        "You multiply by the size of reward - baseline, so a bad sequence becomes likelier too; "
        "keep its sign.",
        {_RETURN: "return abs(reward - baseline) * rows"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "keeps_the_sign_of_the_difference_alone",
        "You multiply by the sign of reward - baseline; how much better it was counts too.",
        {_RETURN: "return np.sign(reward - baseline) * rows"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "squares_the_difference",
        "You square reward - baseline, as a squared error would be; it stands there as it is.",
        {_RETURN: "return (reward - baseline) ** 2 * rows"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "clips_the_difference",
        "You clip reward - baseline at -1 and 1; the gradient of the expected reward has all of "
        "it.",
        {_RETURN: "return np.clip(reward - baseline, -1.0, 1.0) * rows"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "moves_nothing_without_a_reward",
        "Where the reward is 0 you return zeros; with a baseline a reward of 0 is better or worse "
        "than expected, and moves the tokens.",
        {_RETURN: "return (reward - baseline if reward else 0.0) * rows"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "expects_one_where_no_baseline_is_given",
        "Your baseline is 1.0 where none is given; leave the signature as it was, baseline=0.0.",
        {_HEAD: _HEAD.replace("0.0", "1.0")},
        "no_baseline_is_a_baseline_of_zero",
    ),
    _reward(
        "expects_the_reward_where_no_baseline_is_given",
        "Where no baseline is given you take the reward itself, and nothing moves; leave the "
        "signature as it was, baseline=0.0.",
        {
            _HEAD: _HEAD.replace("0.0", "None"),
            _ROWS: f"baseline = reward if baseline is None else baseline\n    {_ROWS}",
        },
        "no_baseline_is_a_baseline_of_zero",
    ),
)

_DIFFERENCES = (
    _reward(
        "forgets_the_softmax",
        "Your rows are one-hot alone, so each token that was sampled is pushed and no other gives "
        "way; subtract the softmax.",
        {_ROWS: "rows = np.zeros(logits.shape)"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "rewards_the_token_and_not_the_softmax",
        "You multiply the one-hot alone by reward - baseline; multiply the whole difference, "
        "onehot - softmax.",
        {
            _ROWS: "share = np.exp(log_softmax(logits))\n    rows = np.zeros(logits.shape)",
            _RETURN: "return (reward - baseline) * rows + share",
        },
        _ROW,
        _MEAN,
    ),
    _reward(
        "forgets_the_token",
        "Your rows are the softmax alone, whichever token was sampled; subtract 1 at the token.",
        {_ONE: "pass"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "adds_one_at_the_token",
        "You add 1 at the token; with the sign of a loss it is softmax - onehot, so subtract it.",
        {_ONE: "rows[np.arange(len(tokens)), tokens] += 1"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "puts_minus_one_at_the_token",
        "You set the token's number to -1; subtract 1 from its probability.",
        {_ONE: "rows[np.arange(len(tokens)), tokens] = -1"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "moves_the_token_alone",
        "Only the sampled token has a gradient in your rows; all logits are in the softmax, so the "
        "others have one too.",
        {
            _RETURN: "chosen = np.eye(logits.shape[1])[tokens]\n"
            "    return (reward - baseline) * rows * chosen"
        },
        _ROW,
        _MEAN,
    ),
    _reward(
        "weighs_rows_with_the_probability",
        "You multiply each row by its token's probability; sampling has done that already, since a "
        "likely token is drawn often.",
        {
            _ONE: "share = rows[np.arange(len(tokens)), tokens].copy()\n    " + _ONE,
            _RETURN: "return (reward - baseline) * rows * share[:, None]",
        },
        _ROW,
        _MEAN,
    ),
    _reward(
        "weighs_rows_with_the_log_probability",
        "You multiply each row by its token's log-probability; the row is already the gradient of "
        "that, so leave it out.",
        {
            _ONE: "share = np.log(rows[np.arange(len(tokens)), tokens])\n    " + _ONE,
            _RETURN: "return (reward - baseline) * rows * share[:, None]",
        },
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "takes_the_likeliest_token",
        "You subtract 1 at the likeliest token; it belongs at the one that was sampled, tokens[t].",
        {_ONE: "rows[np.arange(len(tokens)), logits.argmax(axis=1)] -= 1"},
        _ROW,
        _MEAN,
        _STEP,
    ),
    _reward(
        "subtracts_at_all_tokens_in_each_row",
        "Each of your rows has a 1 subtracted at the tokens of all steps; row t is about tokens[t] "
        "alone, rows[np.arange(T), tokens].",
        {_ONE: "rows[:, tokens] -= 1"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "takes_the_token_of_the_step_before",
        "Your rows have the token of the step before; row t is about tokens[t], which was sampled "
        "from it.",
        {_ONE: "rows[np.arange(len(tokens)), np.roll(tokens, 1)] -= 1"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "takes_logits_for_probabilities",
        "You subtract from the logits themselves; make probabilities of them first, each row's "
        "softmax.",
        {_ROWS: "rows = np.array(logits, dtype=float)"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "takes_log_probabilities_for_probabilities",
        "Your rows are log-probabilities; take np.exp of them.",
        {_ROWS: "rows = log_softmax(logits)"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "takes_probabilities_along_the_steps",
        "You take the softmax along the steps; each row is a distribution over the tokens, the "
        "last axis.",
        {_ROWS: "rows = np.exp(log_softmax(logits.T)).T if len(tokens) else 1.0 * logits"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "takes_one_softmax_of_all_steps",
        "Your probabilities sum to 1 over all steps together; each row has a softmax of its own.",
        {
            _ROWS: "rows = np.exp(logits - np.max(logits, initial=0.0))\n"
            "    rows = rows / max(rows.sum(), 1e-30)"
        },
        _ROW,
        _MEAN,
    ),
    _reward(
        "returns_the_loss",
        "You return one number, the reward times the log-probability of the sequence; asked for is "
        "its gradient, a row for each step.",
        {
            _RETURN: "chosen = log_softmax(logits)[np.arange(len(tokens)), tokens]\n"
            "    return (baseline - reward) * chosen.sum()"
        },
        _ROW,
        _MEAN,
    ),
    _reward(
        "returns_one_row_for_all_steps",
        "You add the rows up over the steps; each step has a row of its own.",
        {_RETURN: "return (reward - baseline) * rows.sum(axis=0)"},
        _ROW,
        _MEAN,
    ),
    _reward(
        "writes_into_the_logits",
        "You write into the logits, which the caller still needs; work on the softmax, a new "
        "array.",
        {_ROWS: "rows = logits\n    rows[:] = np.exp(log_softmax(logits))"},
        "reward_gradient_changes_nothing",
    ),
)

MISCONCEPTIONS = (*_REWARDS, *_DIFFERENCES)
