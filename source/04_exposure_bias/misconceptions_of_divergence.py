"""Slips in a divergence, made from its pieces: what is compared, how terms are made and summed.

`course.maintain.golden` keeps their numbers, as it does for the slips inside a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from course.lessons.misconceptions import Slip

Array = np.ndarray
slip = partial(Slip, "divergence_by_step")


def log_softmax(rows: Array, axis: int | None = 1) -> Array:
    """Return log-probabilities, over the tokens unless another axis is asked for."""
    rows = rows - rows.max(axis=axis, keepdims=True)
    return rows - np.log(np.exp(rows).sum(axis=axis, keepdims=True))


_DIVERGENCE = "the divergence is sum p * (log p - log q)"


def _best(of: Array, values: Array) -> Array:
    return np.take_along_axis(values, of.argmax(axis=1)[:, None], axis=1)


def _mean(lp: Array, lq: Array) -> Array:
    return np.logaddexp(lp, lq) - np.log(2)


def _added(eps: float, lp: Array) -> Array:
    return np.log(np.exp(lp) + eps)


def _at_least(eps: float, lp: Array) -> Array:
    return np.log(np.maximum(np.exp(lp), eps))


#: Terms (T, n) that are summed, from log p and log q: name, terms, what was done.
_TERMS: tuple[tuple[str, Callable[[Array, Array], Array], str], ...] = (
    ("weighs_by_q", lambda p, q: np.exp(q) * (p - q), "You weighed log p - log q with q, the own "
     "side; each token counts with its probability on the true prefix, p * (log p - log q)."),
    ("weighs_the_reverse_by_p", lambda p, q: np.exp(p) * (q - p), "Your sum has the wrong sign; it "
     "is p * (log p - log q), which sums to 0 or more."),
    ("is_the_other_direction", lambda p, q: np.exp(q) * (q - p), "You computed KL(own || true); the "
     "prediction on the true prefix comes first, sum p * (log p - log q) with p from "
     "logits_true."),
    ("weighs_by_both", lambda p, q: np.exp(p + q) * (p - q), "You weighed each term with p and q; "
     "it is p alone, p * (log p - log q)."),
    ("weighs_by_the_mean", lambda p, q: np.exp(_mean(p, q)) * (p - q), "You weighed each term with "
     "the mean of p and q; it is p alone, p * (log p - log q)."),
    ("weighs_by_log_p", lambda p, q: p * (p - q), "You weighed each term with log p; the weight is "
     "the probability p itself, np.exp(log_p) * (log_p - log_q)."),
    ("weighs_by_log_q", lambda p, q: q * (p - q), "You weighed each term with log q; the weight is "
     "the probability p, np.exp(log_p) * (log_p - log_q)."),
    ("does_not_weigh", lambda p, q: p - q, "You summed log p - log q without weights; each token "
     "counts with its probability on the true prefix, p * (log p - log q)."),
    ("takes_no_logarithm", lambda p, q: np.exp(p) * (np.exp(p) - np.exp(q)), "You took the "
     "difference of probabilities and not of their logarithms; each term is p * (log p - log q)."),
    ("takes_the_ratio_without_a_logarithm", lambda p, q: np.exp(p) * np.exp(p - q), "You weighed "
     "p / q without its logarithm; each term is p * log(p / q)."),
    ("divides_the_logarithms", lambda p, q: np.exp(p) * p / q, "You divided log p by log q; they "
     "are subtracted, p * (log p - log q)."),
    ("adds_the_logarithms", lambda p, q: np.exp(p) * (p + q), "You added log p and log q; they are "
     "subtracted, p * (log p - log q)."),
    ("multiplies_the_logarithms", lambda p, q: np.exp(p) * p * q, "You multiplied log p by log q; "
     "they are subtracted, p * (log p - log q)."),
    ("leaves_out_the_brackets", lambda p, q: np.exp(p) * p - q, "Your p weighs log p alone; put "
     "brackets around the difference, p * (log p - log q)."),
    ("is_the_cross_entropy", lambda p, q: -np.exp(p) * q, "You computed the cross-entropy, "
     "-sum p * log q, which is not 0 for equal predictions; " + _DIVERGENCE + "."),
    ("is_minus_the_cross_entropy", lambda p, q: np.exp(p) * q, "You computed sum p * log q, the "
     "cross-entropy with a wrong sign; " + _DIVERGENCE + "."),
    ("is_the_reverse_cross_entropy", lambda p, q: -np.exp(q) * p, "You computed a cross-entropy, "
     "-sum q * log p; " + _DIVERGENCE + "."),
    ("is_the_entropy_of_the_true_side", lambda p, q: -np.exp(p) * p, "You computed the entropy of "
     "the true side, which does not look at logits_own; " + _DIVERGENCE + "."),
    ("is_minus_the_entropy_of_the_true_side", lambda p, q: np.exp(p) * p, "You computed "
     "sum p * log p, minus the entropy, which does not look at logits_own; " + _DIVERGENCE + "."),
    ("is_the_entropy_of_the_own_side", lambda p, q: -np.exp(q) * q, "You computed the entropy of "
     "the own side, which does not look at logits_true; " + _DIVERGENCE + "."),
    ("is_the_difference_of_entropies", lambda p, q: np.exp(p) * p - np.exp(q) * q, "You computed a "
     "difference of entropies, sum p * log p - sum q * log q; both logarithms are weighed by p, "
     "p * (log p - log q)."),
    ("is_the_other_difference_of_entropies", lambda p, q: np.exp(q) * q - np.exp(p) * p, "You "
     "computed a difference of entropies; both logarithms are weighed by p, p * (log p - log q)."),
    ("adds_the_entropy", lambda p, q: np.exp(p) * (p - q) - np.exp(p) * p, "You added the entropy "
     "of the true side, which leaves the cross-entropy; " + _DIVERGENCE + "."),
    ("adds_the_entropy_to_the_cross_entropy", lambda p, q: -np.exp(p) * (p + q), "You added the "
     "entropy to the cross-entropy; it is subtracted, sum p * (log p - log q)."),
    ("adds_the_cross_entropy", lambda p, q: np.exp(p) * (p - q) - np.exp(p) * q, "You added the "
     "cross-entropy to the divergence; " + _DIVERGENCE + "."),
    ("adds_the_entropy_of_the_own_side", lambda p, q: np.exp(p) * (p - q) - np.exp(q) * q, "You "
     "added the entropy of the own side; " + _DIVERGENCE + "."),
    ("is_jensen_shannon", lambda p, q: (np.exp(p) * (p - _mean(p, q)) + np.exp(q)
     * (q - _mean(p, q))) / 2, "You computed the Jensen-Shannon divergence, from the average of "
     "both; the exercise asks for the Kullback-Leibler divergence of the true side from the own one."),
    ("is_twice_jensen_shannon", lambda p, q: np.exp(p) * (p - _mean(p, q)) + np.exp(q)
     * (q - _mean(p, q)), "You computed a Jensen-Shannon divergence without its half; the exercise asks for "
     "the Kullback-Leibler divergence of the true side from the own one."),
    ("compares_with_the_average", lambda p, q: np.exp(p) * (p - _mean(p, q)), "You compared p with "
     "the average of p and q, half of a Jensen-Shannon divergence; compare it with q itself."),
    ("compares_the_own_side_with_the_average", lambda p, q: np.exp(q) * (q - _mean(p, q)), "You "
     "compared q with the average of p and q, half of a Jensen-Shannon divergence; compare p "
     "with q, sum p * (log p - log q)."),
    ("compares_with_the_average_of_the_logarithms", lambda p, q: np.exp(p) * (p - (p + q) / 2),
     "You compared log p with the mean of both logarithms; compare it with log q itself."),
    ("adds_both_directions", lambda p, q: (np.exp(p) - np.exp(q)) * (p - q), "You added "
     "KL(true || own) and KL(own || true), which is symmetric in both; only the first is asked "
     "for."),
    ("averages_both_directions", lambda p, q: (np.exp(p) - np.exp(q)) * (p - q) / 2, "You averaged "
     "KL(true || own) and KL(own || true); only the first is asked for."),
    ("subtracts_the_other_direction", lambda p, q: np.exp(p) * (p - q) - np.exp(q) * (q - p), "You "
     "subtracted KL(own || true); only KL(true || own) is asked for."),
    ("makes_every_term_positive", lambda p, q: np.abs(np.exp(p) * (p - q)), "You took the absolute "
     "value of every term; single terms may be negative, and their sum is not."),
    ("leaves_out_negative_terms", lambda p, q: np.maximum(np.exp(p) * (p - q), 0), "You left out "
     "the negative terms; single terms may be negative, and their sum is not."),
    ("sums_absolute_differences_of_logarithms", lambda p, q: np.abs(p - q), "You summed "
     "|log p - log q| without weights and with a sign that is lost; " + _DIVERGENCE + "."),
    ("squares_the_difference_of_logarithms", lambda p, q: (p - q) ** 2, "You squared log p - log q; "
     + _DIVERGENCE + "."),
    ("weighs_the_squared_difference", lambda p, q: np.exp(p) * (p - q) ** 2, "You squared "
     "log p - log q in each term; it is p * (log p - log q)."),
    ("is_the_absolute_difference", lambda p, q: np.abs(np.exp(p) - np.exp(q)), "You computed the "
     "sum of |p - q|; " + _DIVERGENCE + "."),
    ("is_half_the_absolute_difference", lambda p, q: np.abs(np.exp(p) - np.exp(q)) / 2, "You "
     "computed the total variation, half the sum of |p - q|; " + _DIVERGENCE + "."),
    ("is_the_squared_difference", lambda p, q: (np.exp(p) - np.exp(q)) ** 2, "You computed the "
     "squared difference of the probabilities; " + _DIVERGENCE + "."),
    ("is_half_the_squared_difference", lambda p, q: (np.exp(p) - np.exp(q)) ** 2 / 2, "You computed "
     "half the squared difference of the probabilities; " + _DIVERGENCE + "."),
    ("is_chi_squared", lambda p, q: (np.exp(p) - np.exp(q)) ** 2 / np.exp(q), "You computed a "
     "chi-squared distance, (p - q)^2 / q; " + _DIVERGENCE + "."),
    ("is_the_square_of_hellinger", lambda p, q: (np.exp(p / 2) - np.exp(q / 2)) ** 2 / 2, "You "
     "computed a Hellinger distance, from roots of p and q; " + _DIVERGENCE + "."),
    ("is_twice_the_square_of_hellinger", lambda p, q: (np.exp(p / 2) - np.exp(q / 2)) ** 2, "You "
     "computed a Hellinger distance, from roots of p and q; " + _DIVERGENCE + "."),
    ("is_the_generalised_divergence", lambda p, q: np.exp(p) * (p - q) + np.exp(p) + np.exp(q),
     "You added p and q to each term; it is p * (log p - log q)."),
    ("is_the_overlap", lambda p, q: np.exp(p) * np.exp(q), "You multiplied p by q; " + _DIVERGENCE
     + "."),
    ("looks_at_the_likeliest_token_alone", lambda p, q: _best(p, p - q), "You compared the "
     "likeliest token alone; sum p * (log p - log q) over all tokens."),
    ("takes_the_term_of_the_likeliest_token", lambda p, q: _best(p, np.exp(p) * (p - q)), "You took "
     "the term of the likeliest token alone; sum p * (log p - log q) over all tokens."),
    ("takes_a_hard_target", lambda p, q: -_best(p, q), "You took a hard target, -log q of the "
     "likeliest true token alone; sum p * (log p - log q) over all tokens."),
    ("takes_a_hard_target_of_its_own", lambda p, q: -_best(q, p), "You took -log p of the likeliest "
     "own token alone; sum p * (log p - log q) over all tokens."),
    ("takes_its_own_likeliest_token", lambda p, q: _best(q, p - q), "You compared the likeliest own "
     "token alone; sum p * (log p - log q) over all tokens."),
    ("compares_tokens", lambda p, q: (p.argmax(1) != q.argmax(1)).astype(float)[:, None], "You "
     "counted where the likeliest tokens differ; " + _DIVERGENCE + " over all tokens."),
    ("takes_the_largest_term", lambda p, q: (np.exp(p) * (p - q)).max(axis=1, keepdims=True), "You "
     "took the largest term; sum them over the tokens."),
    ("takes_the_largest_ratio", lambda p, q: (p - q).max(axis=1, keepdims=True), "You took the "
     "largest log p - log q; " + _DIVERGENCE + "."),
    ("takes_log2_of_p_alone", lambda p, q: np.exp(p) * (p / np.log(2) - q), "You took log2 of p and "
     "log of q; both are natural logarithms, np.log."),
    ("takes_log2_of_q_alone", lambda p, q: np.exp(p) * (p - q / np.log(2)), "You took log of p and "
     "log2 of q; both are natural logarithms, np.log."),
    ("adds_one_inside_the_logarithms", lambda p, q: np.exp(p) * (np.log1p(np.exp(p))
     - np.log1p(np.exp(q))), "You took log(1 + p) and log(1 + q); it is log p - log q."),
    ("adds_one_inside_the_logarithm_of_the_ratio", lambda p, q: np.exp(p) * np.log1p(np.exp(p - q)),
     "You took log(1 + p / q); it is log(p / q), log p - log q."),
    ("forgets_the_last_token", lambda p, q: (np.exp(p) * (p - q))[:, :-1], "You left out the last "
     "token; sum over all of them."),
    ("forgets_the_first_token", lambda p, q: (np.exp(p) * (p - q))[:, 1:], "You left out token 0; "
     "sum over all of them."),
    ("weighs_twice", lambda p, q: np.exp(2 * p) * (p - q), "You weighed each term with p twice; it "
     "is p * (log p - log q)."),
    ("weighs_by_a_root", lambda p, q: np.exp(p / 2) * (p - q), "You weighed each term with the root "
     "of p; it is p * (log p - log q)."),
    ("takes_the_largest_difference", lambda p, q: np.abs(np.exp(p) - np.exp(q)).max(axis=1,
     keepdims=True), "You took the largest |p - q|; " + _DIVERGENCE + "."),
)  # fmt: skip

_BY_NAME = {name: terms for name, terms, _ in _TERMS}

_SMALL = tuple(10.0**-n for n in range(1, 13)) + (0.05, 0.02, 1e-15)


def _terms(terms: Callable[[Array, Array], Array], true: Array, own: Array) -> Array:
    return terms(log_softmax(true), log_softmax(own)).sum(axis=1)


def _mean_terms(terms: Callable[[Array, Array], Array], true: Array, own: Array) -> Array:
    return terms(log_softmax(true), log_softmax(own)).mean(axis=1)


def _kl(lp: Array, lq: Array) -> Array:
    return (np.exp(lp) * (lp - lq)).sum(axis=1)


def _sides(
    p: Callable[[Array], Array], q: Callable[[Array], Array], true: Array, own: Array
) -> Array:
    return _kl(p(true), q(own))


def _small_numbers() -> Iterator[Slip]:
    name = "adds_a_small_number_to_the_probabilities"
    end = "make log-probabilities from the logits instead, which needs none."
    for eps in _SMALL:
        some = f"A small number of {eps:g} is added"
        one = f"{some} to the probability q, or it is cut off at it; {end}"
        both = f"{some} to both probabilities, or they are cut off at it; {end}"
        for made in (_added, _at_least):
            change: Callable[[Array], Array] = partial(made, eps)
            for sentence, terms in (
                (one, lambda p, q, change=change: np.exp(p) * (p - change(q))),
                (both, lambda p, q, change=change: np.exp(p) * (change(p) - change(q))),
                (both, lambda p, q, change=change: np.exp(change(p)) * (change(p) - change(q))),
            ):
                yield slip(name, sentence, partial(_terms, terms))
        for where, terms in (
            ("inside the logarithm of p / q", lambda p, q, eps=eps: np.log(np.exp(p - q) + eps)),
            ("to the divisor q", lambda p, q, eps=eps: np.log(np.exp(p) / (np.exp(q) + eps))),
        ):
            weighed = partial(_terms, lambda p, q, log=terms: np.exp(p) * log(p, q))
            yield slip(name, f"{some} {where}; {end}", weighed)


def _hard(rows: Array) -> Array:
    return np.log(np.maximum(np.eye(rows.shape[1])[rows.argmax(axis=1)], 1e-300))


def _powers(by: float, rows: Array) -> Array:
    return log_softmax(rows / by)


#: What a side is made of, in place of its log-probabilities: name, function, what was done.
_SIDES: tuple[tuple[str, Callable[[Array], Array], str], ...] = (
    ("normalises_over_the_steps", partial(log_softmax, axis=0), "Your softmax runs over the steps, "
     "axis 0; at every step the probabilities of the tokens sum to 1, so it runs over axis 1"),
    ("normalises_over_all_steps", partial(log_softmax, axis=None), "Your softmax sums over the whole "
     "array, all steps together; it runs over the tokens of a step, axis=1 with keepdims=True"),
    ("takes_logits_for_log_probabilities", lambda rows: rows, "You took the logits themselves for "
     "log-probabilities; a softmax is missing: subtract the log of the row's sum of exp"),
    ("takes_shifted_logits_for_log_probabilities", lambda rows: rows - rows.max(axis=1,
     keepdims=True), "You took the shifted logits for log-probabilities; subtract the log of the "
     "row's sum of exp too, so that the probabilities sum to 1"),
    ("takes_the_softmax_twice", lambda rows: log_softmax(np.exp(log_softmax(rows))), "You took the "
     "softmax of the softmax; take it once, of the logits"),
    ("takes_a_sigmoid_for_the_softmax", lambda rows: -np.log1p(np.exp(-rows)), "You took a sigmoid "
     "of each logit for its probability; a row's probabilities are its softmax, and sum to 1"),
    ("takes_a_hard_choice", _hard, "You made a one-hot vector of the likeliest token; the "
     "probabilities of all tokens count"),
    ("divides_by_the_largest_probability", lambda rows: rows - rows.max(axis=1, keepdims=True),
     "You divided by the largest number in place of the sum"),
    ("divides_rows_by_their_sum", lambda rows: np.log(np.maximum(np.abs(rows) / np.abs(rows).sum(
     axis=1, keepdims=True), 1e-300)), "You divided each row of logits by its sum; probabilities "
     "are the softmax, exp(logits) divided by its sum"),
    ("takes_the_softmax_of_negative_logits", lambda rows: log_softmax(-rows), "You took the softmax "
     "of the negative logits; turn their sign round"),
    ("squares_the_probabilities", lambda rows: 2 * log_softmax(rows), "You squared the "
     "probabilities; take them as the softmax gives them"),
    ("takes_roots_of_the_probabilities", lambda rows: log_softmax(rows) / 2, "You took roots of the "
     "probabilities; take them as the softmax gives them"),
    ("takes_log2_in_the_softmax", lambda rows: rows - rows.max(axis=1, keepdims=True) - np.log2(
     np.exp(rows - rows.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)), "You subtracted a "
     "logarithm to base 2 in the log-softmax; it is the natural one, np.log"),
    ("takes_log10_in_the_softmax", lambda rows: rows - rows.max(axis=1, keepdims=True) - np.log10(
     np.exp(rows - rows.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)), "You subtracted a "
     "logarithm to base 10 in the log-softmax; it is the natural one, np.log"),
    ("takes_probabilities_for_log_probabilities", lambda rows: np.exp(log_softmax(rows)), "You took "
     "probabilities where log-probabilities belong; take their logarithm, or make "
     "log-probabilities from the logits"),
    ("forgets_the_logarithm_in_the_softmax", lambda rows: rows - np.exp(rows - rows.max(axis=1,
     keepdims=True)).sum(axis=1, keepdims=True), "You subtracted the sum of exp without its "
     "logarithm; log-probabilities are logits - log(sum(exp(logits)))"),
    ("normalises_by_a_mean", lambda rows: log_softmax(rows) + np.log(rows.shape[1]), "You divided "
     "by the mean of exp in place of its sum"),
    *((f"divides_by_a_temperature_of_{int(10 * by)}_tenths", partial(_powers, by), "You divided the "
       f"logits by a temperature of {by:g}; take them as they are") for by in
      (0.1, 0.2, 0.25, 0.5, 0.7, 0.8, 0.9, 1.1, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0)),
)  # fmt: skip


#: Whole divergences of the two sides' logits: name, function, what was done.
_WHOLE: tuple[tuple[str, Callable[[Array, Array], Array], str], ...] = (
    ("averages_over_the_tokens", partial(_mean_terms, lambda p, q: np.exp(p) * (p - q)), "You took "
     "the mean over the tokens; the divergence is the sum over them."),
    ("takes_the_distance_of_the_logits", lambda t, o: np.sqrt(((t - o) ** 2).sum(axis=1)), "You "
     "computed the distance of the logits themselves; make log-probabilities of them first."),
    ("takes_the_squared_distance_of_the_logits", lambda t, o: ((t - o) ** 2).sum(axis=1), "You "
     "computed the squared distance of the logits themselves; make log-probabilities of them "
     "first."),
    ("takes_the_mean_squared_distance_of_the_logits", lambda t, o: ((t - o) ** 2).mean(axis=1),
     "You computed the mean squared distance of the logits themselves; make log-probabilities of "
     "them first."),
    ("takes_the_absolute_distance_of_the_logits", lambda t, o: np.abs(t - o).sum(axis=1), "You "
     "computed the absolute distance of the logits themselves; make log-probabilities of them "
     "first."),
    ("takes_the_mean_absolute_distance_of_the_logits", lambda t, o: np.abs(t - o).mean(axis=1),
     "You computed the mean absolute distance of the logits themselves; make log-probabilities of "
     "them first."),
    ("weighs_the_difference_of_the_logits", lambda t, o: (np.exp(log_softmax(t)) * (t - o)).sum(
     axis=1), "You weighed the difference of the logits themselves; make log-probabilities of both "
     "first."),
    ("is_the_root_of_jensen_shannon", lambda t, o: np.sqrt(np.maximum(_terms(_BY_NAME[
     "is_jensen_shannon"], t, o), 0)), "You computed the Jensen-Shannon distance, a root; asked "
     "for is the Kullback-Leibler divergence of the true side from the own one."),
    ("is_hellinger", lambda t, o: np.sqrt(_terms(_BY_NAME["is_the_square_of_hellinger"], t, o)),
     "You computed the Hellinger distance, from roots of p and q; " + _DIVERGENCE + "."),
    ("is_the_root_of_the_squared_difference", lambda t, o: np.sqrt(_terms(_BY_NAME[
     "is_the_squared_difference"], t, o)), "You computed the distance of the probabilities, a root "
     "of squares; " + _DIVERGENCE + "."),
    ("is_a_cosine", lambda t, o: 1 - (np.exp(log_softmax(t) + log_softmax(o))).sum(axis=1) / np.sqrt(
     np.exp(2 * log_softmax(t)).sum(axis=1) * np.exp(2 * log_softmax(o)).sum(axis=1)), "You "
     "computed a cosine of the probabilities; " + _DIVERGENCE + "."),
)  # fmt: skip

#: Other rows that are compared, from those of the two sides: name, rows, what was done.
_ROWS: tuple[tuple[str, Callable[[Array, Array], tuple[Array, Array]], str], ...] = (
    ("with_the_step_before", lambda t, o: (t, np.roll(o, 1, axis=0)), "You compare step t on the "
     "true prefix with the step before it on the own one"),
    ("the_true_step_before", lambda t, o: (np.roll(t, 1, axis=0), o), "You compare step t on the "
     "own prefix with the step before it on the true one"),
    ("with_the_step_after", lambda t, o: (t, np.roll(o, -1, axis=0)), "You compare step t on the "
     "true prefix with the step after it on the own one"),
    ("the_true_step_after", lambda t, o: (np.roll(t, -1, axis=0), o), "You compare step t on the "
     "own prefix with the step after it on the true one"),
    ("with_the_steps_in_reverse", lambda t, o: (t, o[::-1]), "You compare with the own side from "
     "its last step to its first"),
    ("with_step_0", lambda t, o: (t, o[:1]), "You compare each step with row 0 of the own side"),
    ("with_the_last_step", lambda t, o: (t, o[-1:]), "You compare each step with the last row of "
     "the own side"),
    ("step_0", lambda t, o: (t[:1], o), "You compare row 0 of the true side with each row of the "
     "own"),
)  # fmt: skip


def _made() -> Iterator[Slip]:
    for name, terms, sentence in _TERMS:
        yield slip(name, sentence, partial(_terms, terms))
    for name, side, what in _SIDES:
        yield slip(name, f"{what}.", partial(_sides, side, side))
        yield slip(
            f"{name}_for_the_true_side", f"{what}: so on the true side, logits_true.",
            partial(_sides, side, log_softmax),
        )  # fmt: skip
        yield slip(
            f"{name}_for_the_own_side", f"{what}: so on the own side, logits_own.",
            partial(_sides, log_softmax, side),
        )  # fmt: skip
    for name, side, what in _SIDES:
        yield slip(
            f"{name}_and_is_the_other_direction",
            f"{what}. And another thing: you computed KL(own || true); the prediction on the true "
            "prefix comes first.",
            lambda t, o, side=side: _kl(side(o), side(t)),
        )
        yield slip(
            f"{name}_and_is_the_cross_entropy",
            f"{what}. And another thing: you computed the cross-entropy, -sum p * log q; "
            f"{_DIVERGENCE}.",
            lambda t, o, side=side: -(np.exp(side(t)) * side(o)).sum(axis=1),
        )
    yield from _small_numbers()
    for name, terms, sentence in _TERMS:
        yield slip(
            f"{name}_in_the_mean", f"{sentence} And it is the sum over the tokens, not the mean.",
            partial(_mean_terms, terms),
        )  # fmt: skip
    for name, whole, sentence in _WHOLE:
        yield slip(name, sentence, whole)
    for name, rows, what in _ROWS:
        yield slip(
            f"compares_{name}", f"{what}; both are rows t.",
            lambda t, o, rows=rows: _kl(*map(log_softmax, rows(t, o))),
        )  # fmt: skip


SLIPS: tuple[Slip, ...] = tuple(_made())
