r"""Measures of exposure bias: what a decoder does on its own prefix, beside the true one.

Each comes as an `Estimate` by step: a mean over N sequences, and its standard error
:math:`s / \sqrt{N}` with :math:`s` the standard deviation over sequences. That is the spread of
*sequences*; models of other seeds differ by more, and need runs of their own.

Shapes are the engine's: logits ``(T, O, N)``, tokens and masks ``(T, N)``.

A divergence between the predictions on two prefixes is the model's fault where a token is
independent of the tokens before it, given the context. Elsewhere it also counts what should differ:
the truth itself, run free, diverges from itself on the true prefix. `excess_error` does not count
that, since it compares model and truth after the same prefix. Errors by position are least for
whoever names the likeliest token of each position by itself, and looks at no prefix.

Sources: Bengio et al. 2015 (the gap); Ranzato et al. 2016 (its name); Arora et al. 2022,
"Why exposure bias matters: an imitation learning perspective" (accumulated and excess error);
He et al. 2021, "Exposure bias versus self-recovery" (the hypothesis that models recover).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course.engine.decoder import context_from, forward, new_tape
from course.engine.feeding import Choice, Feed, free_running, scheduled_sampling
from course.engine.numerics import Array, log_softmax
from course.engine.parameters import Parameters
from course.engine.training import Batch

#: From the tokens (T, N) of any prefix to the true log probabilities (T, O, N) of each token.
Oracle = Callable[[Array], Array]


@dataclass(frozen=True)
class Estimate:
    """A mean for each step, and how sure it is.

    Attributes
    ----------
    mean : array (T,)
        NaN where no sequence counts.
    standard_error : array (T,)
        NaN where fewer than two sequences count.
    """

    mean: Array
    standard_error: Array


def over_sequences(values: Array, mask: Array | None = None) -> Estimate:
    """Average over the sequences, step by step.

    Parameters
    ----------
    values : array (T, N)
    mask : array (T, N), optional
        0 where a value does not count.

    Examples
    --------
    >>> over_sequences(np.array([[0.0, 1.0, 1.0, 0.0]])).mean
    array([0.5])
    """
    weight = np.ones(values.shape) if mask is None else mask.astype(float)
    count = weight.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (values * weight).sum(axis=1) / count
        squares = ((values - mean[:, None]) ** 2 * weight).sum(axis=1)
        variance = np.where(count > 1, squares / (count - 1), np.nan)
        return Estimate(mean, np.sqrt(variance / count))


def kl_by_step(log_p: Array, log_q: Array) -> Array:
    r"""Return :math:`\mathrm{KL}(p \,\|\, q) = \sum_k p_k (\log p_k - \log q_k)`, (T, N), in nats.

    Parameters
    ----------
    log_p, log_q : array (T, O, N)
        Log probabilities, as `log_softmax` makes them of logits.
    """
    return _kl(np.exp(log_p), log_p, log_q)


def _kl(p: Array, log_p: Array, log_q: Array) -> Array:
    each = np.subtract(log_p, log_q)
    each *= p
    kl: Array = np.maximum(each.sum(axis=1), 0)  # rounding may leave -1e-17
    return kl


def js_by_step(log_p: Array, log_q: Array) -> Array:
    r"""Return the Jensen-Shannon divergence, (T, N), in nats, from 0 to :math:`\ln 2`.

    .. math:: \mathrm{JS}(p, q) = \tfrac12 \mathrm{KL}(p \,\|\, m) + \tfrac12
              \mathrm{KL}(q \,\|\, m), \qquad m = \tfrac12 (p + q)

    Parameters
    ----------
    log_p, log_q : array (T, O, N)
    """
    return _js(np.exp(log_p), log_p, log_q)


def _js(p: Array, log_p: Array, log_q: Array) -> Array:
    q = np.exp(log_q)
    middle = p + q
    middle *= 0.5
    log_middle = np.maximum(middle, np.finfo(middle.dtype).tiny)
    middle *= np.log(log_middle, out=log_middle)
    each = p * log_p + q * log_q
    each *= 0.5
    each -= middle
    js: Array = np.maximum(each.sum(axis=1), 0)
    return js


def hidden_distance_by_step(hidden_true: Array, hidden_own: Array) -> Array:
    r"""Return how far the hidden states are apart, (T, N), in units of unrelated sequences.

    .. math:: D_{tn} = \lVert h_{tn} - \tilde h_{tn} \rVert \Big/
              \tfrac1N \sum_m \lVert h_{tm} - h_{t,m+1} \rVert

    0 is the same state; 1 is as far as that of the next, unrelated, sequence on its true prefix.
    0 / 0, as where all sequences share their context at step 0, counts as 0.

    Parameters
    ----------
    hidden_true, hidden_own : array (T, H, N)
        States on the true prefix and on the model's own; N at least 2.
    """
    apart = np.linalg.norm(hidden_true - hidden_own, axis=1)
    unrelated = np.linalg.norm(hidden_true - np.roll(hidden_true, 1, axis=2), axis=1)
    unit = unrelated.mean(axis=1, keepdims=True)
    distance: Array = np.divide(apart, unit, out=np.zeros_like(apart), where=unit > 0)
    return distance


def negative_log_likelihood(log_p: Array, tokens: Array) -> Array:
    """Return ``-log p(token)``, (T, N), in nats, from log probabilities (T, O, N)."""
    return -np.take_along_axis(log_p, tokens[:, None], axis=1)[:, 0]


@dataclass(frozen=True)
class Exposure:
    """What a model does on true prefixes and on prefixes of its own making, by step.

    Attributes
    ----------
    error_true, error_own : Estimate
        Fraction of tokens whose argmax is wrong.
    nll_true, nll_own : Estimate
        Negative log likelihood of the true token, nats.
    kl, js : Estimate
        Divergence of the predictions, true prefix from own, nats. Where the right token depends on
        the prefix, that of the truth itself is not 0.
    hidden_distance : Estimate
        1 is as far as an unrelated sequence.
    exact_match, exact_match_standard_error : float
        Fraction of sequences without an error on their own prefix.
    """

    error_true: Estimate
    error_own: Estimate
    nll_true: Estimate
    nll_own: Estimate
    kl: Estimate
    js: Estimate
    hidden_distance: Estimate
    exact_match: float
    exact_match_standard_error: float


def measure(
    parameters: Parameters,
    batch: Batch,
    sampling_prob: float = 1.0,
    choice: Choice = "argmax",
    rng: np.random.Generator | None = None,
) -> Exposure:
    """Run a model on the true prefix and, with the same contexts, on its own.

    Parameters
    ----------
    parameters : Parameters
    batch : Batch
        Sequences that the model was not trained on, two at least.
    sampling_prob : float in [0, 1], optional
        How often the second run is fed the model's own token; always, if not given.
    choice : {"argmax", "sample"}, optional
    rng : Generator, optional
        Needed where anything is left to chance.
    """
    cell_type, tokens, mask = parameters.shape.cell_type, batch.tokens, batch.mask
    T, N = tokens.shape
    context = context_from(parameters, batch.features)
    tape = new_tape(cell_type, parameters, T, N, way_back=False)  # both runs write on it

    forward(cell_type, parameters, context, tokens, tape=tape)
    log_p, hidden_true = log_softmax(tape.logits), tape.hidden.copy()
    wrong_true = tape.logits.argmax(axis=1) != tokens
    forward(
        cell_type,
        parameters,
        context,
        tokens,
        scheduled_sampling(T, N, sampling_prob, choice, rng),
        tape,
    )
    log_q, hidden_own = log_softmax(tape.logits), tape.hidden
    wrong = tape.logits.argmax(axis=1) != tokens

    p = np.exp(log_p)
    counts = np.ones((T, N), bool) if mask is None else mask > 0
    exact = over_sequences(~(wrong & counts).any(axis=0)[None])
    return Exposure(
        error_true=over_sequences(wrong_true, mask),
        error_own=over_sequences(wrong, mask),
        nll_true=over_sequences(negative_log_likelihood(log_p, tokens), mask),
        nll_own=over_sequences(negative_log_likelihood(log_q, tokens), mask),
        kl=over_sequences(_kl(p, log_p, log_q), mask),
        js=over_sequences(_js(p, log_p, log_q), mask),
        hidden_distance=over_sequences(hidden_distance_by_step(hidden_true, hidden_own), mask),
        exact_match=float(exact.mean[0]),
        exact_match_standard_error=float(exact.standard_error[0]),
    )


@dataclass(frozen=True)
class ExcessError:
    r"""Accumulated error where the true distribution is known (Arora et al. 2022).

    Attributes
    ----------
    per_step : Estimate
        :math:`\epsilon_t`: KL of the truth from the model on true prefixes, nats.
    accumulated : array (T,)
        :math:`\mathrm{AccErr}(l) = R(l) / \epsilon_{\le l}`, in true-prefix steps: l without
        exposure bias. :math:`R(l)` sums over t up to l the KL on the model's own prefixes, and
        :math:`\epsilon_{\le l}` is the mean of :math:`\epsilon_t` up to l.
    excess_percent : array (T,)
        :math:`100\,(\mathrm{AccErr}(l) / l - 1)`. A ratio: never to be shown without `per_step`,
        since a model that ignores its input has none.
    accumulated_standard_error, excess_standard_error : array (T,)
        By the delta method, from the spread of both sums over sequences.
    """

    per_step: Estimate
    accumulated: Array
    accumulated_standard_error: Array
    excess_percent: Array
    excess_standard_error: Array


def excess_error(
    parameters: Parameters, batch: Batch, oracle: Oracle, rng: np.random.Generator
) -> ExcessError:
    """Compare the error on the model's own samples with that on true sequences.

    Parameters
    ----------
    parameters : Parameters
    batch : Batch
        Sequences drawn from the truth, two at least.
    oracle : callable
        The true log probabilities (T, O, N) after each prefix of given tokens (T, N): row t
        may depend on rows before t alone.
    rng : Generator
        Draws the model's own sequences, by ancestral sampling.

    Raises
    ------
    ValueError
        For a batch with a mask: the model's own sequences have no padding.
    """
    if batch.mask is not None:
        raise ValueError("excess_error needs sequences of one length: got a batch with a mask")
    cell_type, tokens = parameters.shape.cell_type, batch.tokens
    T, N = tokens.shape
    context = context_from(parameters, batch.features)
    true = forward(cell_type, parameters, context, tokens)
    kl_true = kl_by_step(oracle(tokens), log_softmax(true.logits))
    own = forward(cell_type, parameters, context, tokens, free_running(T, N, "sample", rng))
    sampled = np.concatenate([own.fed[1:].argmax(axis=1), np.zeros((1, N), int)])
    kl_own = kl_by_step(oracle(sampled), log_softmax(own.logits))

    on_true, on_own = (over_sequences(np.cumsum(kl, axis=0)) for kl in (kl_true, kl_own))
    ratio = on_own.mean / on_true.mean  # R(l) / (l eps)
    relative = np.hypot(on_own.standard_error / on_own.mean, on_true.standard_error / on_true.mean)
    steps = np.arange(1, T + 1)
    return ExcessError(
        per_step=over_sequences(kl_true),
        accumulated=ratio * steps,
        accumulated_standard_error=ratio * relative * steps,
        excess_percent=100 * (ratio - 1),
        excess_standard_error=100 * ratio * relative,
    )


@dataclass(frozen=True)
class Recovery:
    """What one wrong token does to all that follows.

    Attributes
    ----------
    still_different : Estimate
        Fraction of sequences whose k-th token after the wrong one differs from that of the
        undisturbed run, for k = 1, 2, ...
    steps : array (N,)
        For each sequence, the last k at which it differs: 0 where nothing came of it.
    """

    still_different: Estimate
    steps: Array


def recovery(parameters: Parameters, batch: Batch, at: int, rng: np.random.Generator) -> Recovery:
    """Feed one wrong token in free running, and see how long it shows.

    The run is compared with the undisturbed one, which may itself be wrong: what is measured is how
    long a disturbance lasts, not whether the model returns to the truth.

    Parameters
    ----------
    parameters : Parameters
    batch : Batch
        Padding does not count.
    at : int
        The step that is fed the wrong token, 1 .. T - 1.
    rng : Generator
        Draws it, evenly, from all that are neither the model's own nor the true one.

    Raises
    ------
    ValueError
        Where `at` is not a step that is fed a token, or there are only two tokens.
    """
    cell_type, (T, N) = parameters.shape.cell_type, batch.tokens.shape
    if not 1 <= at < T:
        raise ValueError(f"at must be a step from 1 to T - 1 = {T - 1}, got {at}")
    classes = parameters.shape.output_dim
    if classes < 3:
        raise ValueError(f"a wrong token beside the true one needs 3 tokens, got {classes}")
    context = context_from(parameters, batch.features)
    alone = free_running(T, N)
    run = forward(cell_type, parameters, context, batch.tokens, alone)
    undisturbed = run.logits.argmax(axis=1)

    fed = undisturbed.copy()
    fed[at - 1] = _neither(fed[at - 1], batch.tokens[at - 1], classes, rng)
    own = alone.own.copy()
    own[at] = False
    run = forward(cell_type, parameters, context, fed, Feed(own), run)
    differs = (run.logits.argmax(axis=1) != undisturbed)[at:]
    mask = None if batch.mask is None else batch.mask[at:]
    after = np.arange(1, T - at + 1)[:, None]
    seen = differs if mask is None else differs & (mask > 0)
    return Recovery(over_sequences(differs, mask), (seen * after).max(axis=0))


def _neither(one: Array, other: Array, classes: int, rng: np.random.Generator) -> Array:
    """Draw tokens (N,) evenly from those that are neither of two, which may be the same."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    drawn: Array = rng.integers(0, classes - 1 - (low != high))
    drawn += drawn >= low
    drawn += (low != high) & (drawn >= high)
    return drawn
