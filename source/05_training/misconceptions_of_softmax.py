"""Wrong probabilities and wrong slopes in the loss of lesson 5."""

from course.lessons.misconceptions import Misconception

_RIGHT = "np.asarray(tokens, dtype=int)[counted]"
_SHIFTED = "logits[counted] - logits[counted].max(axis=1, keepdims=True)"
_TOP = "logits[counted].max(axis=1, keepdims=True)"
_LOG_P = "shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
_ROWS = "d_logits[counted] = np.exp(log_p)"
_ONE = "d_logits[counted, right] -= 1"
_LOSS = "-log_p[np.arange(len(counted)), right].mean()"
_CHOSEN = "log_p[np.arange(len(counted)), right]"
_P = "np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)"


def _loss(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "cross_entropy_and_gradient", sentence, changes, breaks)


_SLOPES = (
    _loss(
        "has_a_gradient_at_the_true_token_alone",
        "Your gradient is zero except at the true token; every logit is in the sum under the "
        "softmax, so each row is softmax minus one-hot.",
        {_ROWS: "d_logits[counted, right] = np.exp(log_p)[np.arange(len(counted)), right]"},
        "gradient_of_the_loss",
    ),
    _loss(
        "forgets_the_one_hot",
        "Your gradient is the softmax alone; subtract 1 at the true token.",
        {_ONE: "pass"},
        "gradient_of_the_loss",
    ),
    _loss(
        "forgets_the_softmax",
        "Your gradient is minus the one-hot rows alone; add the softmax, since every logit is in "
        "the sum under it (an array of integers would cut it off).",
        {_ROWS: "pass"},
        "gradient_of_the_loss",
    ),
    _loss(
        "turns_the_gradient_around",
        "Your gradient has the wrong sign, one-hot minus softmax; it points to where the loss "
        "grows, softmax minus one-hot.",
        {_ROWS: "d_logits[counted] = -np.exp(log_p)", _ONE: "d_logits[counted, right] += 1"},
        "gradient_of_the_loss",
    ),
    _loss(
        "adds_the_one_hot",
        "You add 1 at the true token; subtract it: softmax minus one-hot.",
        {_ONE: "d_logits[counted, right] += 1"},
        "gradient_of_the_loss",
    ),
    _loss(
        "puts_minus_one_at_the_true_token",
        "You set the true token's gradient to -1; subtract 1 from its probability, p - 1.",
        {_ONE: "d_logits[counted, right] = -1"},
        "gradient_of_the_loss",
    ),
    _loss(
        "subtracts_one_in_whole_columns",
        "`d_logits[:, tokens]` means whole columns, so you subtract 1 in every row; index with "
        "rows and tokens together, `d_logits[np.arange(T), tokens]`.",
        {_ONE: "d_logits[np.ix_(counted, right)] -= 1"},
        "gradient_of_the_loss",
    ),
    _loss(
        "is_the_gradient_by_the_probabilities",
        "You differentiate by the probability of the true token, -1 / p; go on to the logits, "
        "which gives softmax minus one-hot.",
        {_ROWS: "pass", _ONE: f"d_logits[counted, right] = -np.exp(-{_CHOSEN})"},
        "gradient_of_the_loss",
    ),
    _loss(
        "is_the_slope_of_the_softmax",
        "Your gradient is p * (1 - p), the slope of a sigmoid; that of -log softmax is softmax "
        "minus one-hot.",
        {_ROWS: "d_logits[counted] = np.exp(log_p) * (1 - np.exp(log_p))", _ONE: "pass"},
        "gradient_of_the_loss",
    ),
    _loss(
        "takes_logarithms_for_the_gradient",
        "You subtract the one-hot rows from log-probabilities; subtract them from the "
        "probabilities, np.exp(log_p).",
        {_ROWS: "d_logits[counted] = log_p"},
        "gradient_of_the_loss",
    ),
    _loss(
        "takes_raw_logits_for_the_gradient",
        "You subtract the one-hot rows from the logits; subtract them from their softmax.",
        {_ROWS: "d_logits[counted] = logits[counted]"},
        "gradient_of_the_loss",
    ),
    _loss(
        "takes_sigmoids_for_the_gradient",
        "Your gradient has a sigmoid of each logit by itself; the loss has a softmax, whose rows "
        "sum to 1.",
        {_ROWS: "d_logits[counted] = np.exp(-np.logaddexp(0.0, -logits[counted]))"},
        "gradient_of_the_loss",
    ),
    _loss(
        "forgets_to_normalise_the_gradient",
        "Your gradient has exp of the logits, which do not sum to 1; divide each row by its sum, "
        "then subtract the one-hot.",
        {_ROWS: "d_logits[counted] = np.exp(shifted)"},
        "gradient_of_the_loss",
    ),
)

_PROBABILITIES = (
    _loss(
        "has_the_wrong_sign",
        "Your loss is negative, the mean of log p; put a minus before it.",
        {_LOSS: f"{_CHOSEN}.mean()"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "takes_no_logarithm",
        "Your loss is the mean of -p; take the logarithm of the probability, -log p.",
        {_LOSS: f"-np.exp({_CHOSEN}).mean()"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "is_one_minus_the_probability",
        "Your loss is the mean of 1 - p; take the logarithm of the probability, -log p.",
        {_LOSS: f"(1 - np.exp({_CHOSEN})).mean()"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "takes_the_logarithm_of_the_mean",
        "You take the logarithm of the mean probability; take the logarithm at each position, then "
        "the mean.",
        {_LOSS: f"-np.log(np.exp({_CHOSEN}).mean())"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "takes_the_raw_logit",
        "Your loss is minus the true token's logit; the softmax is missing, -log softmax(logits[t]).",
        {_LOSS: "-logits[counted, right].mean()"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "counts_in_bits",
        "Your loss is in bits, with log2; take the natural logarithm, np.log, which gives nats.",
        {_LOSS: f"{_LOSS} / np.log(2)"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "is_the_squared_error",
        "Your loss is the squared distance of softmax and one-hot; the cross-entropy is -log p of "
        "the true token.",
        {
            _LOSS: "((np.exp(log_p) - np.eye(logits.shape[1])[right]) ** 2).sum(axis=1).mean()",
        },
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "sums_all_log_probabilities",
        "You sum log p over all tokens; pick that of the true token, "
        "`log_p[np.arange(T), tokens]`.",
        {_LOSS: "-log_p.sum(axis=1).mean()"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "picks_whole_columns",
        "`log_p[:, tokens]` picks whole columns, every pair of row and token; index with rows and "
        "tokens together, `log_p[np.arange(T), tokens]`.",
        {_LOSS: "-log_p[:, right].mean()"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "judges_the_likeliest_token",
        "Your loss is that of the likeliest token, whatever the truth; take log p of the true "
        "token, tokens[t].",
        {_LOSS: "-log_p.max(axis=1).mean()"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "aims_at_the_likeliest_token",
        "You put the argmax of the logits in the place of the truth; compare with tokens[t], "
        "whatever the model would have said.",
        {
            "    d_logits = np.zeros(logits.shape)": "    right = logits[counted].argmax(axis=1)\n"
            "    d_logits = np.zeros(logits.shape)"
        },
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "compares_with_the_next_token",
        "You compare row t with tokens[t+1]; the shift is in the decoder's inputs already, so row t "
        "belongs to tokens[t].",
        {_RIGHT: "np.roll(np.asarray(tokens, dtype=int), -1)[counted]"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "compares_with_the_token_before",
        "You compare row t with tokens[t-1], which is what was fed; row t is the prediction of "
        "tokens[t].",
        {_RIGHT: "np.roll(np.asarray(tokens, dtype=int), 1)[counted]"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "takes_the_softmax_twice",
        "You take the softmax of a softmax; take it once, of the logits.",
        {_SHIFTED: f"{_SHIFTED}\n    shifted = {_P}"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "takes_the_softmax_over_the_steps",
        "Your softmax runs over the steps, axis=0; it runs over the tokens of each row, axis=1.",
        {_LOG_P: _LOG_P.replace("axis=1", "axis=0")},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "takes_the_softmax_over_everything",
        "You divide by the sum over the whole array; divide each row by its own sum, axis=1 with "
        "keepdims=True.",
        {_LOG_P: "shifted - np.log(np.exp(shifted).sum())"},
        "loss_is_the_mean_in_nats",
    ),
    _loss(
        "forgets_to_normalise",
        "You divide by no sum: exp of the logits are not yet probabilities; subtract the log of "
        "each row's sum of exp.",
        {_LOG_P: "shifted"},
        "loss_is_the_mean_in_nats",
    ),
)

_LARGE = (
    _loss(
        "lets_exp_overflow",
        "Your np.exp overflows where logits are large; subtract each row's largest logit first.",
        {_SHIFTED: "logits[counted]"},
        "large_logits_stay_finite",
    ),
    _loss(
        "subtracts_the_largest_of_all_rows",
        "You subtract the largest logit of all rows, and rows far below it vanish; subtract each "
        "row's own, axis=1 with keepdims=True.",
        {_TOP: "logits[counted].max()"},
        "large_logits_stay_finite",
    ),
    _loss(
        "takes_the_logarithm_of_a_probability",
        "You take the logarithm of a probability that may have become 0; make log-probabilities "
        "directly, shifted - np.log(np.exp(shifted).sum(...)).",
        {_LOG_P: f"np.log({_P})"},
        "large_logits_stay_finite",
    ),
    _loss(
        "adds_a_little_to_the_probabilities",
        "You add a little to the probability so that its logarithm exists, which makes large losses "
        "wrong; subtract the log of the sum of exp instead.",
        {_LOG_P: f"np.log({_P} + 1e-12)"},
        "large_logits_stay_finite",
    ),
    _loss(
        "limits_the_probabilities",
        "You keep the probability away from 0, which makes large losses wrong; subtract the log of "
        "the sum of exp instead.",
        {_LOG_P: f"np.log(np.maximum({_P}, 1e-7))"},
        "large_logits_stay_finite",
    ),
    _loss(
        "limits_the_logits",
        "You clip the logits so that exp does not overflow, which changes large ones; subtract each "
        "row's largest logit instead.",
        {_SHIFTED: "np.clip(logits[counted], -500, 500)"},
        "large_logits_stay_finite",
    ),
    _loss(
        "computes_in_float16",
        "You compute in float16, which holds three digits and nothing above 65504; leave the "
        "logits as they are.",
        {_SHIFTED: f"({_SHIFTED}).astype(np.float16)"},
        "loss_is_the_mean_in_nats",
    ),
)

MISCONCEPTIONS = (*_SLOPES, *_PROBABILITIES, *_LARGE)
