"""Wrong divergences from an expert in lesson 7, and wrong gradients of right ones."""

from course.lessons.misconceptions import Misconception

_KNOWN = 'if direction not in ("forward", "reverse"):'
_EMPTY = "return 0.0, np.zeros(np.shape(student_logits))"
_NO_STEPS = "if T == 0:"
_LOGS = "log_p, log_q = log_softmax(teacher_logits), log_softmax(student_logits)"
_SHARES = "p, q = np.exp(log_p), np.exp(log_q)"
_IF = 'if direction == "forward":'
_FORWARD = "kl = (p * (log_p - log_q)).sum(axis=1)"
_FORWARD_ROWS = "rows = q - p"
_REVERSE = "kl = (q * (log_q - log_p)).sum(axis=1)"
_REVERSE_ROWS = "rows = q * (log_q - log_p - kl[:, None])"
_RETURN = "return float(kl.mean()), rows / T"

_FORWARD_LOSS = "forward_is_the_divergence_from_the_teacher"
_REVERSE_LOSS = "reverse_is_the_divergence_from_the_student"
_FORWARD_SLOPE = "forward_gradient_is_student_less_teacher"
_REVERSE_SLOPE = "reverse_gradient_is_centred"
_HUGE = "large_logits_of_both_stay_finite"


def _expert(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "distillation_gradient", sentence, changes, breaks)


_DIRECTIONS = (
    _expert(
        "exchanges_the_directions",
        "You have forward and reverse the wrong way round: forward is KL(p || q), weighed by the "
        "teacher's p, and reverse KL(q || p), weighed by the student's q.",
        {_IF: 'if direction == "reverse":'},
        _FORWARD_LOSS,
        _REVERSE_LOSS,
        "two_peaks_tell_the_directions_apart",
    ),
    _expert(
        "exchanges_teacher_and_student",
        "You take the teacher's logits for the student's; the student's come first, and the "
        "gradient is by them.",
        {_LOGS: "log_p, log_q = log_softmax(student_logits), log_softmax(teacher_logits)"},
        _FORWARD_LOSS,
        _FORWARD_SLOPE,
    ),
    _expert(
        "knows_forward_alone",
        "You return the forward divergence in both directions; for 'reverse' the student's q "
        "weighs the logarithms, log q - log p.",
        {_IF: "if True:"},
        _REVERSE_LOSS,
        "two_peaks_tell_the_directions_apart",
    ),
    _expert(
        "knows_reverse_alone",
        "You return the reverse divergence in both directions; for 'forward' the teacher's p "
        "weighs the logarithms, log p - log q.",
        {_IF: "if False:"},
        _FORWARD_LOSS,
        "two_peaks_tell_the_directions_apart",
    ),
    _expert(
        "takes_any_other_direction_for_reverse",
        "You take every direction but 'forward' for reverse; raise ValueError for one that is "
        "neither.",
        {_KNOWN: "if False:"},
        "another_direction_raises",
    ),
    _expert(
        "looks_at_the_direction_only_where_there_are_steps",
        "With no steps you return before you look at the direction; raise ValueError for a wrong "
        "one first.",
        {_KNOWN: 'if len(student_logits) and direction not in ("forward", "reverse"):'},
        "another_direction_raises",
    ),
    _expert(
        "looks_at_the_first_letter",
        "You accept every direction that begins like one of the two; compare whole words.",
        {
            _KNOWN: 'if direction[:1].lower() not in ("f", "r"):',
            _IF: 'if direction[0].lower() == "f":',
        },
        "another_direction_raises",
    ),
)

_LOSSES = (
    _expert(
        "adds_steps_up",
        "You add up over the steps, so a longer sequence counts for more; take the mean, of loss "
        "and gradient alike.",
        {_RETURN: "return float(kl.sum()), rows"},
        _FORWARD_LOSS,
        _FORWARD_SLOPE,
    ),
    _expert(
        "divides_by_tokens_too",
        "You divide by the number of tokens as well; sum over the tokens, and take the mean over "
        "the steps alone.",
        {_RETURN: "return float(kl.mean() / q.shape[1]), rows / q.size"},
        _FORWARD_LOSS,
        _FORWARD_SLOPE,
    ),
    _expert(
        "sums_over_the_steps",
        "You sum over the steps and take the mean over the tokens; sum over the tokens, axis=1, "
        "and take the mean over the steps.",
        {
            _FORWARD: "kl = (p * (log_p - log_q)).sum(axis=0)",
            _REVERSE: "kl = (q * (log_q - log_p)).sum(axis=0)",
            _REVERSE_ROWS: "rows = q * (log_q - log_p)\n"
            "        rows = rows - q * rows.sum(axis=1)[:, None]",
        },
        _FORWARD_LOSS,
        _REVERSE_LOSS,
    ),
    _expert(
        "averages_over_the_tokens",
        "You take the mean over the tokens, where a divergence is a sum over them; take the mean "
        "over the steps alone.",
        {
            _FORWARD: _FORWARD.replace("sum", "mean"),
            _REVERSE: _REVERSE.replace("sum", "mean"),
        },
        _FORWARD_LOSS,
        _REVERSE_LOSS,
        _REVERSE_SLOPE,
    ),
    _expert(
        "leaves_out_the_teachers_entropy",
        "Your forward loss is the cross-entropy, which is not 0 where both agree; add the sum of "
        "p log p, so that it is KL(p || q).",
        {_FORWARD: "kl = -(p * log_q).sum(axis=1)"},
        _FORWARD_LOSS,
        "equals_have_nothing_to_learn",
    ),
    _expert(
        "leaves_out_the_students_entropy",
        "Your reverse loss lacks the sum of q log q, and its gradient too, so the student becomes "
        "too sure; weigh log q - log p with q.",
        {
            _REVERSE: "kl = -(q * log_p).sum(axis=1)",
            _REVERSE_ROWS: "rows = q * (-log_p - kl[:, None])",
        },
        _REVERSE_LOSS,
        "equals_have_nothing_to_learn",
    ),
    _expert(
        "has_divergences_below_zero",
        "Your divergences are negative: a logarithm is the wrong way round. Forward has log p - "
        "log q, reverse log q - log p.",
        {_RETURN: "return float(-kl.mean()), rows / T"},
        _FORWARD_LOSS,
        _REVERSE_LOSS,
    ),
    _expert(
        "counts_in_bits",
        "You count in bits; nats have the natural logarithm, np.log.",
        {_RETURN: "return float(kl.mean() / np.log(2)), rows / T / np.log(2)"},
        _FORWARD_LOSS,
        _REVERSE_LOSS,
    ),
    _expert(
        "asks_for_the_teachers_likeliest_token",
        "You compare with the teacher's likeliest token alone, as if it were data; use all of its "
        "probabilities.",
        {_SHARES: f"{_SHARES}\n    p = np.eye(p.shape[1])[p.argmax(axis=1)]"},
        _FORWARD_LOSS,
        _FORWARD_SLOPE,
    ),
    _expert(
        "takes_the_softmax_over_the_steps",
        "You take the softmax along the steps; each row is a distribution over the tokens, the "
        "last axis.",
        {_LOGS: "log_p, log_q = log_softmax(teacher_logits.T).T, log_softmax(student_logits.T).T"},
        _FORWARD_LOSS,
        _FORWARD_SLOPE,
    ),
    _expert(
        "takes_the_softmax_twice",
        "You take the softmax of probabilities; take it once, of the logits.",
        {
            _LOGS: "log_p = log_softmax(np.exp(log_softmax(teacher_logits)))\n"
            "    log_q = log_softmax(np.exp(log_softmax(student_logits)))"
        },
        _FORWARD_LOSS,
        _REVERSE_LOSS,
    ),
    _expert(
        "takes_the_mean_of_both_directions",
        "You return the mean of both directions, whatever was asked for; compute the one that "
        "direction names.",
        {
            _RETURN: "kl = ((p - q) * (log_p - log_q)).sum(axis=1) / 2\n"
            "    reverse = q * (log_q - log_p - (q * (log_q - log_p)).sum(axis=1)[:, None])\n"
            "    return float(kl.mean()), (q - p + reverse) / 2 / T"
        },
        _FORWARD_LOSS,
        _REVERSE_LOSS,
    ),
)

_SLOPES = (
    _expert(
        "forgets_to_divide_the_gradient",
        "Your loss is a mean over the steps and your gradient is not: divide it by T.",
        {_RETURN: "return float(kl.mean()), rows"},
        _FORWARD_SLOPE,
        "gradients_are_slopes_of_the_loss",
    ),
    _expert(
        "turns_the_forward_gradient_around",
        "Your forward gradient is p - q, which moves away from the teacher when it is subtracted; "
        "it is q - p.",
        {_FORWARD_ROWS: "rows = p - q"},
        _FORWARD_SLOPE,
        "gradients_are_slopes_of_the_loss",
    ),
    _expert(
        "moves_towards_the_teachers_likeliest_token",
        "Your forward gradient is that of the teacher's likeliest token, as if it were data; "
        "subtract all of the teacher's probabilities, q - p.",
        {_FORWARD_ROWS: "rows = q - np.eye(q.shape[1])[p.argmax(axis=1)]"},
        _FORWARD_SLOPE,
    ),
    _expert(
        "turns_the_reverse_gradient_around",
        "Your reverse gradient has the wrong sign; it is q (log q - log p - KL).",
        {_REVERSE_ROWS: "rows = -q * (log_q - log_p - kl[:, None])"},
        _REVERSE_SLOPE,
        "gradients_are_slopes_of_the_loss",
    ),
    _expert(
        "does_not_centre_the_reverse_gradient",
        "Your reverse gradient lacks the softmax's own part, so its rows do not sum to 0; subtract "
        "the row's KL from log q - log p.",
        {_REVERSE_ROWS: "rows = q * (log_q - log_p)"},
        _REVERSE_SLOPE,
        "gradients_are_slopes_of_the_loss",
    ),
    _expert(
        "adds_one_in_place_of_centring",
        "Your reverse gradient is weighed by q, but that by the probabilities, log q - log p + 1; "
        "by the logits subtract the row's KL in place of adding 1.",
        {_REVERSE_ROWS: "rows = q * (log_q - log_p + 1)"},
        _REVERSE_SLOPE,
        "gradients_are_slopes_of_the_loss",
    ),
    _expert(
        "adds_the_divergence_in_the_reverse_gradient",
        "In your reverse gradient the row's KL is added; subtract it.",
        {_REVERSE_ROWS: "rows = q * (log_q - log_p + kl[:, None])"},
        _REVERSE_SLOPE,
    ),
    _expert(
        "has_the_forward_gradient_in_reverse",
        "Your reverse gradient is q - p, which is that of forward; in reverse it is "
        "q (log q - log p - KL).",
        {_REVERSE_ROWS: "rows = q - p"},
        _REVERSE_SLOPE,
        "gradients_are_slopes_of_the_loss",
    ),
    _expert(
        "does_not_weigh_the_reverse_gradient",
        "Your reverse gradient is log q - log p - KL alone; weigh it with q.",
        {_REVERSE_ROWS: "rows = log_q - log_p - kl[:, None]"},
        _REVERSE_SLOPE,
    ),
    _expert(
        "weighs_the_reverse_gradient_with_the_teacher",
        "Your reverse gradient is weighed with p; it is weighed with the student's q.",
        {_REVERSE_ROWS: "rows = p * (log_q - log_p - kl[:, None])"},
        _REVERSE_SLOPE,
    ),
    _expert(
        "centres_with_the_mean_over_the_steps",
        "In your reverse gradient each row subtracts the mean over all steps; subtract the row's "
        "own KL, kl[:, None].",
        {_REVERSE_ROWS: "rows = q * (log_q - log_p - kl.mean())"},
        _REVERSE_SLOPE,
    ),
    _expert(
        "takes_gradients_by_the_probabilities",
        "Your gradients are by the student's probabilities; go on through its softmax, to the "
        "logits: q - p, and q (log q - log p - KL).",
        {
            _FORWARD_ROWS: "rows = -p / np.maximum(q, 1e-9)",
            _REVERSE_ROWS: "rows = log_q - log_p + 1",
        },
        _FORWARD_SLOPE,
        _REVERSE_SLOPE,
    ),
    _expert(
        "takes_the_forward_gradient_by_the_teacher",
        "Your forward gradient is by the teacher's logits, and the teacher does not learn; by the "
        "student's it is q - p.",
        {_FORWARD_ROWS: "rows = p * (log_p - log_q - kl[:, None])"},
        _FORWARD_SLOPE,
    ),
    _expert(
        "subtracts_logits",
        "Your forward gradient is a difference of logits, which a constant added to a row would "
        "change; subtract probabilities, q - p.",
        {_FORWARD_ROWS: "rows = student_logits - teacher_logits"},
        _FORWARD_SLOPE,
    ),
)

_ENDS = (
    _expert(
        "takes_the_log_of_a_softmax",
        "You take the logarithm of a softmax, and a probability that has become 0 gives infinity "
        "or nan; take log-probabilities from log_softmax.",
        {
            _SHARES: f"{_SHARES}\n    with np.errstate(divide='ignore', invalid='ignore'):\n"
            "        log_p, log_q = np.log(p), np.log(q)"
        },
        _HUGE,
    ),
    _expert(
        "adds_a_small_number_before_the_log",
        "A small number added before the logarithm makes large divergences too small; take "
        "log-probabilities from log_softmax, which need none.",
        {_SHARES: f"{_SHARES}\n    log_p, log_q = np.log(p + 1e-12), np.log(q + 1e-12)"},
        _HUGE,
    ),
    _expert(
        "overflows_in_the_softmax",
        "Your np.exp overflows for large logits; subtract each row's largest first, or call "
        "log_softmax.",
        {
            _LOGS: "with np.errstate(over='ignore', invalid='ignore', divide='ignore'):\n"
            "        log_p = teacher_logits - np.log(np.exp(teacher_logits).sum(axis=1, "
            "keepdims=True))\n"
            "        log_q = student_logits - np.log(np.exp(student_logits).sum(axis=1, "
            "keepdims=True))"
        },
        _HUGE,
    ),
    _expert(
        "clips_logits",
        "You clip the logits, and beyond that nothing changes any more; differences of "
        "log-probabilities are finite by themselves.",
        {
            _LOGS: "log_p = log_softmax(np.clip(teacher_logits, -50, 50))\n"
            "    log_q = log_softmax(np.clip(student_logits, -50, 50))"
        },
        _HUGE,
    ),
    _expert(
        "takes_a_mean_of_no_steps",
        "With no steps you take the mean of nothing, which is nan; return 0.0 and an array of "
        "shape (0, O) before.",
        {
            _NO_STEPS: "if False:",
            _RETURN: "with np.errstate(all='ignore'):\n"
            "        return float(kl.sum() / np.float64(T)), rows / max(T, 1)",
        },
        "no_steps_have_no_divergence",
    ),
    _expert(
        "forgets_the_tokens_where_there_are_no_steps",
        "With no steps your gradient has lost its columns; its shape is (0, O), like that of the "
        "logits.",
        {_EMPTY: "return 0.0, np.zeros(0)"},
        "no_steps_have_no_divergence",
    ),
    _expert(
        "writes_into_the_students_logits",
        "You write into the student's logits, which the caller still needs; make a new array.",
        {_LOGS: "student_logits -= student_logits.max(axis=1, keepdims=True)\n    " + _LOGS},
        "distillation_changes_nothing",
    ),
)

MISCONCEPTIONS = (*_DIRECTIONS, *_LOSSES, *_SLOPES, *_ENDS)
