"""Wrong divergences in lesson 4, and what each learner should read."""

from course.lessons.misconceptions import Misconception

_DIVERGENCE = "divergence_by_step"
_SHIFT_TRUE = "shifted_true = logits_true - logits_true.max(axis=1, keepdims=True)"
_SHIFT_OWN = "shifted_own = logits_own - logits_own.max(axis=1, keepdims=True)"
_LOG_P = "log_p = shifted_true - np.log(np.exp(shifted_true).sum(axis=1, keepdims=True))"
_LOG_Q = "log_q = shifted_own - np.log(np.exp(shifted_own).sum(axis=1, keepdims=True))"
_RESULT = "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1)"


def _divergence(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, _DIVERGENCE, sentence, changes, breaks)


_DIVERGENCES = (
    _divergence(
        "weighs_by_the_own_side",
        "You computed KL(own || true); the prediction on the true prefix comes first: "
        "sum p * (log p - log q) with p from logits_true.",
        {_RESULT: "return (np.exp(log_q) * (log_q - log_p)).sum(axis=1)"},
        "true_prefix_comes_first",
    ),
    _divergence(
        "turns_the_sign_round",
        "Your sum has the wrong sign; it is p * (log p - log q), which sums to 0 or more.",
        {_RESULT: "return (np.exp(log_p) * (log_q - log_p)).sum(axis=1)"},
        "divergence_in_nats",
        "zero_for_equal_predictions",
    ),
    _divergence(
        "counts_in_bits",
        "You took logarithms to base 2, which gives bits; nats come from the natural logarithm, "
        "np.log.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1) / np.log(2)"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_base_ten",
        "You took logarithms to base 10; nats come from the natural logarithm, np.log.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1) / np.log(10)"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_jensen_shannon",
        "You computed the Jensen-Shannon divergence, from the average of both; the exercise asks for the "
        "Kullback-Leibler divergence of the true side from the own one.",
        {
            _RESULT: "log_m = np.logaddexp(log_p, log_q) - np.log(2)\n"
            "    one = (np.exp(log_p) * (log_p - log_m)).sum(axis=1)\n"
            "    return (one + (np.exp(log_q) * (log_q - log_m)).sum(axis=1)) / 2"
        },
        "divergence_in_nats",
        "true_prefix_comes_first",
    ),
    _divergence(
        "averages_both_directions",
        "You averaged KL(true || own) and KL(own || true); only the first is asked for.",
        {_RESULT: "return ((np.exp(log_p) - np.exp(log_q)) * (log_p - log_q)).sum(axis=1) / 2"},
        "true_prefix_comes_first",
    ),
    _divergence(
        "takes_the_cross_entropy",
        "You computed the cross-entropy, -sum p * log q, which is not 0 for equal predictions; "
        "the divergence is sum p * (log p - log q).",
        {_RESULT: "return -(np.exp(log_p) * log_q).sum(axis=1)"},
        "zero_for_equal_predictions",
    ),
    _divergence(
        "takes_the_entropy",
        "You computed the entropy of the true side, which does not look at logits_own; the "
        "divergence is sum p * (log p - log q).",
        {_RESULT: "return -(np.exp(log_p) * log_p).sum(axis=1)"},
        "zero_for_equal_predictions",
    ),
    _divergence(
        "forgets_the_weights",
        "You summed log p - log q without weights; each token counts with its probability on the "
        "true prefix, p * (log p - log q).",
        {_RESULT: "return (log_p - log_q).sum(axis=1)"},
        "divergence_in_nats",
    ),
    _divergence(
        "looks_at_the_likeliest_token_alone",
        "You compared the likeliest token alone; sum p * (log p - log q) over all tokens.",
        {
            _RESULT: "best = log_p.argmax(axis=1)[:, None]\n"
            "    return np.take_along_axis(log_p - log_q, best, axis=1)[:, 0]"
        },
        "divergence_in_nats",
    ),
    _divergence(
        "makes_every_term_positive",
        "You took the absolute value of every term; single terms may be negative, and their sum "
        "is not.",
        {_RESULT: "return np.abs(np.exp(log_p) * (log_p - log_q)).sum(axis=1)"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_half_the_absolute_difference",
        "You computed the total variation, half the sum of |p - q|; the divergence is "
        "sum p * (log p - log q).",
        {_RESULT: "return np.abs(np.exp(log_p) - np.exp(log_q)).sum(axis=1) / 2"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_the_squared_difference",
        "You computed the squared difference of the probabilities; the divergence is "
        "sum p * (log p - log q).",
        {_RESULT: "return ((np.exp(log_p) - np.exp(log_q)) ** 2).sum(axis=1)"},
        "divergence_in_nats",
    ),
    _divergence(
        "takes_the_distance_of_the_logits",
        "You computed the distance of the logits themselves, which changes when a constant is "
        "added to a row; make log-probabilities of them first.",
        {_RESULT: "return np.sqrt(((logits_true - logits_own) ** 2).sum(axis=1))"},
        "a_constant_changes_nothing",
    ),
    _divergence(
        "takes_logits_for_log_probabilities",
        "You took the shifted logits for log-probabilities; subtract the log of the row's sum of "
        "exp too, so that the probabilities sum to 1.",
        {_LOG_P: "log_p = shifted_true", _LOG_Q: "log_q = shifted_own"},
        "divergence_in_nats",
    ),
    _divergence(
        "normalises_one_side_alone",
        "You normalised logits_true but not logits_own; both need the log of their row's sum of "
        "exp subtracted.",
        {_LOG_Q: "log_q = shifted_own"},
        "divergence_in_nats",
    ),
    _divergence(
        "normalises_over_the_steps",
        "Your softmax runs over the steps, axis 0; at every step the probabilities of the tokens "
        "sum to 1, so it runs over axis 1.",
        {
            _LOG_P: "log_p = shifted_true - np.log(np.exp(shifted_true).sum(axis=0, keepdims=True))",
            _LOG_Q: "log_q = shifted_own - np.log(np.exp(shifted_own).sum(axis=0, keepdims=True))",
        },
        "each_step_is_on_its_own",
        "divergence_in_nats",
    ),
    _divergence(
        "overflows_in_the_exponential",
        "exp of a logit of 1000 is inf, and inf / inf is nan; subtract the largest logit of each "
        "row before you take the exponential.",
        {_SHIFT_TRUE: "shifted_true = logits_true", _SHIFT_OWN: "shifted_own = logits_own"},
        "huge_logits_stay_finite",
    ),
    _divergence(
        "takes_the_exponential_of_the_logits_as_they_are",
        "You take exp of the logits as they are: of 1000 it is inf, and inf / inf is nan. Subtract "
        "each row's largest logit first, and then make log-probabilities without dividing, "
        "log_p = shifted - log(sum(exp(shifted))), since a probability may be rounded to 0.",
        {
            _RESULT: "p = np.exp(logits_true) / np.exp(logits_true).sum(axis=1, keepdims=True)\n"
            "    q = np.exp(logits_own) / np.exp(logits_own).sum(axis=1, keepdims=True)\n"
            "    return (p * (np.log(p) - np.log(q))).sum(axis=1)"
        },
        "huge_logits_stay_finite",
    ),
    _divergence(
        "takes_the_log_of_a_rounded_zero",
        "You took the logarithm of a probability that was rounded to 0; make log-probabilities "
        "from the logits, without the detour over probabilities.",
        {
            _RESULT: "p = np.exp(shifted_true) / np.exp(shifted_true).sum(axis=1, keepdims=True)\n"
            "    q = np.exp(shifted_own) / np.exp(shifted_own).sum(axis=1, keepdims=True)\n"
            "    return (p * (np.log(p) - np.log(q))).sum(axis=1)"
        },
        "huge_logits_stay_finite",
    ),
    _divergence(
        "adds_a_small_number_to_the_probabilities",
        "You added a small number inside the logarithm, which caps the divergence where q is tiny; "
        "make log-probabilities from the logits instead.",
        {_RESULT: "return (np.exp(log_p) * (log_p - np.log(np.exp(log_q) + 1e-12))).sum(axis=1)"},
        "huge_logits_stay_finite",
    ),
    _divergence(
        "leaves_out_impossible_tokens",
        "You left out tokens whose probability on the own side is 0 as a float, which are those "
        "that count most; make log-probabilities from the logits instead.",
        {
            _RESULT: "terms = np.exp(log_p) * (log_p - log_q)\n"
            "    return np.where(np.exp(log_q) > 0, terms, 0.0).sum(axis=1)"
        },
        "huge_logits_stay_finite",
    ),
    _divergence(
        "takes_one_maximum_for_all_steps",
        "You subtract one maximum, that of the whole array, so exp of a row far below it is 0 "
        "throughout: it underflows. Each row needs its own maximum: axis=1, keepdims=True.",
        {
            _SHIFT_TRUE: "shifted_true = logits_true - np.max(logits_true, initial=-np.inf)",
            _SHIFT_OWN: "shifted_own = logits_own - np.max(logits_own, initial=-np.inf)",
        },
        "huge_logits_stay_finite",
    ),
    _divergence(
        "sums_over_the_steps",
        "You summed over the steps, so that one number came for each token; sum over the tokens, "
        "axis=1.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=0)"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "sums_everything_up",
        "You summed over the steps too, so that one number came; sum over the tokens alone, "
        "axis=1, and keep the steps apart.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum()"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "averages_over_the_steps",
        "You averaged over the steps, so that one number came; return the sum of each step, shape "
        "(T,).",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1).mean()"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "averages_over_the_tokens",
        "You took the mean over the tokens; the divergence is the sum over them.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).mean(axis=1)"},
        "divergence_in_nats",
    ),
    _divergence(
        "adds_up_the_steps_before",
        "You added up the divergences of all steps so far; step t has its own alone.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1).cumsum()"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "leaves_out_step_0",
        "You left out step 0, as it is 0 where both runs start alike; it has a number like the "
        "others, shape (T,).",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1)[1:]"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "sets_step_0_to_zero",
        "You set step 0 to zero; it is zero by itself where both runs start alike, and a mistake "
        "in them would stay hidden.",
        {
            _RESULT: "divergence = (np.exp(log_p) * (log_p - log_q)).sum(axis=1)\n"
            "    divergence[:1] = 0.0\n"
            "    return divergence"
        },
        "divergence_in_nats",
        "each_step_is_on_its_own",
    ),
    _divergence(
        "compares_with_the_step_before",
        "You compare step t on the true prefix with step t-1 on the own one; both are rows t.",
        {_SHIFT_OWN: f"logits_own = np.roll(logits_own, 1, axis=0)\n    {_SHIFT_OWN}"},
        "divergence_in_nats",
        "each_step_is_on_its_own",
    ),
    _divergence(
        "keeps_a_column",
        "You return a column, shape (T, 1); leave out keepdims in the last sum, so that the shape "
        "is (T,).",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1, keepdims=True)"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "returns_every_term",
        "You return the terms of all tokens, shape (T, O); sum them over the tokens, axis=1.",
        {_RESULT: "return np.exp(log_p) * (log_p - log_q)"},
        "each_step_is_on_its_own",
    ),
    _divergence(
        "returns_a_list_of_numbers",
        "You return a list; return one array of shape (T,).",
        {_RESULT: "return [(np.exp(a) * (a - b)).sum() for a, b in zip(log_p, log_q)]"},
        "divergence_in_nats",
    ),
    _divergence(
        "fails_without_a_step",
        "You stack one number for each step, which fails where there is none; for T = 0 the result "
        "has shape (0,).",
        {_RESULT: "return np.stack([(np.exp(a) * (a - b)).sum() for a, b in zip(log_p, log_q)])"},
        "no_steps_give_no_numbers",
    ),
    _divergence(
        "subtracts_in_place",
        "You wrote into the logits (`-=`), and the caller's arrays are spoilt; make new arrays.",
        {
            _SHIFT_TRUE: "logits_true -= logits_true.max(axis=1, keepdims=True)\n"
            "    shifted_true = logits_true"
        },
        "measuring_changes_nothing",
    ),
    _divergence(
        "rounds_to_half_precision",
        "You compute in float16, which has three digits; use float32 or float64.",
        {_RESULT: "return (np.exp(log_p) * (log_p - log_q)).sum(axis=1).astype(np.float16)"},
        "divergence_in_nats",
    ),
    _divergence(
        "cuts_at_one",
        "You cut the divergence off at 1; it has no upper bound.",
        {_RESULT: "return np.clip((np.exp(log_p) * (log_p - log_q)).sum(axis=1), 0.0, 1.0)"},
        "divergence_in_nats",
        "huge_logits_stay_finite",
    ),
    _divergence(
        "insists_on_double_precision",
        "You refuse float32 arrays; take them as they come.",
        {
            _SHIFT_TRUE: "if logits_true.dtype != np.float64:\n"
            '        raise TypeError("float64, please")\n'
            f"    {_SHIFT_TRUE}"
        },
        "divergence_takes_float32",
    ),
)

MISCONCEPTIONS = _DIVERGENCES
