"""What is measured of a trained model, task by task: numbers by name, and what each name means."""

from __future__ import annotations

import numpy as np

from course.engine import Batch, Parameters, context_from, forward, free_running, log_softmax
from course.engine.numerics import Array
from course.exposure import (
    Oracle,
    excess_error,
    kl_by_step,
    measure,
    negative_log_likelihood,
    recovery,
)
from course.tasks import (
    RING,
    RING_SLIP,
    Task,
    find_task,
    held_out,
    real_surnames,
    spell,
    spelled,
)
from course.trained.grid import Run
from course.trained.regimes import TEACHER_FORCING

CONTEXTS, ROLLOUTS, SAMPLED_NAMES = 1000, 1000, 2000
#: Where the wrong token is fed, and how many steps later it is looked at.
WRONG_AT, LATER = 10, 8
#: Rings on which the truth of every prefix is known, and not certain.
RINGS_WITH_SLIPS = ("ring_measured", "ring_process")
#: `sampling_prob` of the run, for the curve of a model that was trained once.
RUN_PROBS = (0.25, 0.5, 0.75)

Values = dict[str, float]

#: By the last part of a result's path: decimals, unit, and what it is.
MEASURES: dict[str, tuple[int, str, str]] = {
    "gold_prefix_error": (3, "fraction", "wrong tokens, gold prefix"),
    "own_prefix_error": (3, "fraction", "wrong tokens, own prefix"),
    "gap": (3, "fraction", "own prefix − gold prefix"),
    "nll_nats": (3, "nats", "loss on the gold prefix (nats a token)"),
    "exact_match": (3, "fraction", "whole sequences right, own prefix"),
    "own_prefix_error_first": (3, "fraction", "wrong tokens, own prefix, step 1"),
    "own_prefix_error_last": (3, "fraction", "wrong tokens, own prefix, last step"),
    "gold_prefix_error_last": (3, "fraction", "wrong tokens, gold prefix, last step"),
    "js_last_nats": (3, "nats", "Jensen-Shannon divergence, last step (nats)"),
    "kl_last_nats": (2, "nats", "KL divergence, last step (nats)"),
    "kl_mean_nats": (2, "nats", "KL divergence, mean over steps (nats)"),
    "hidden_distance_last": (2, "unrelated sequences", "hidden-state distance, last step"),
    "still_different": (
        3,
        "fraction",
        f"still different {LATER} steps after a wrong token",
    ),
    **{
        f"run_error_p{p:.2f}": (3, "fraction", f"wrong tokens, run with sampling_prob {p:g}")
        for p in RUN_PROBS
    },
    **{
        f"run_off_line_p{p:.2f}": (
            3,
            "fraction",
            f"the same, less a straight line between both ends, {p:g}",
        )
        for p in RUN_PROBS
    },
    "repeat_0": (3, "probability", "q(second = 0 | first = 0)"),
    "repeat_1": (3, "probability", "q(second = 1 | first = 1)"),
    "kl_nats": (3, "nats", "KL(data || model) (nats)"),
    "real_names": (3, "fraction", "sampled names that are real"),
    "different_names": (3, "fraction", "sampled names that differ from all others"),
    "pairs_js_nats": (3, "nats", "divergence of letter pairs, samples from held-out names (nats)"),
    "eps_nats": (3, "nats", "KL(truth || model) on true prefixes (nats a step)"),
    "own_nats": (3, "nats", "KL(truth || model) on own prefixes (nats a step)"),
    "accumulated": (1, "true-prefix steps", "accumulated error AccErr (steps on true prefixes)"),
    "excess_percent": (1, "percent", "excess error ExAccErr (%)"),
    **{
        f"{name}_after_{updates}": (3, "fraction", f"{what} after {updates} updates")
        for name, what in (
            ("own_prefix_error", "wrong tokens, own prefix,"),
            ("exact_match", "whole sequences right"),
        )
        for updates in range(250, 2001, 250)
    },
}


def measure_bias(task: Task, model: Parameters, run_probs: tuple[float, ...] = ()) -> Values:
    """Measure a model on true prefixes and on its own, by argmax.

    Parameters
    ----------
    task : Task
    model : Parameters
    run_probs : tuple of float, optional
        Measure it, too, in runs with these values of `sampling_prob`.
    """
    batch = held_out(task, CONTEXTS)
    seen = measure(model, batch)
    gold, own = (float(np.mean(one.mean)) for one in (seen.error_true, seen.error_own))
    values = {
        "gold_prefix_error": gold,
        "own_prefix_error": own,
        "gap": own - gold,
        "nll_nats": float(np.mean(seen.nll_true.mean)),
        "exact_match": seen.exact_match,
        "kl_mean_nats": float(np.mean(seen.kl.mean)),
    }
    if task.name != "digits":  # whose first and last pixels of a row are black, whatever is fed
        wrong = recovery(model, batch, WRONG_AT, np.random.default_rng(0)).still_different
        values |= {
            "own_prefix_error_first": float(seen.error_own.mean[1]),
            "own_prefix_error_last": float(seen.error_own.mean[-1]),
            "gold_prefix_error_last": float(seen.error_true.mean[-1]),
            "js_last_nats": float(seen.js.mean[-1]),
            "kl_last_nats": float(seen.kl.mean[-1]),
            "hidden_distance_last": float(seen.hidden_distance.mean[-1]),
            "still_different": float(wrong.mean[LATER - 1]),
        }
    for p in run_probs:
        seen = measure(model, batch, p, rng=np.random.default_rng(1))
        error = float(np.mean(seen.error_own.mean))
        values[f"run_error_p{p:.2f}"] = error
        values[f"run_off_line_p{p:.2f}"] = error - (gold + p * (own - gold))
    return values


def measure_chain(model: Parameters, of_one: float) -> Values:
    """Read the two conditional probabilities off a model of the chain."""
    tokens = np.array([[0, 1], [0, 1]])
    context = context_from(model, np.zeros((0, 2), np.float32))
    logits = forward(model.shape.cell_type, model, context, tokens).logits.astype(np.float64)
    log_q = log_softmax(logits)
    of_pair = -negative_log_likelihood(log_q, tokens).sum(axis=0)
    truth = np.array([1 - of_one, of_one])
    return {
        "repeat_0": float(np.exp(log_q[1, 0, 0])),
        "repeat_1": float(np.exp(log_q[1, 1, 1])),
        "kl_nats": float(truth @ (np.log(truth) - of_pair)),
    }


def chain_in_closed_form(of_one: float, p: float, choice: str) -> Values:
    r"""Return what training finds at best (Huszar 2015), where `p` is `sampling_prob`.

    Fed a sample: :math:`q(x|x) = (1-p) + p P(x)`. Fed the argmax, which is 1 where a > 1/2:
    :math:`q(1|1) = a / ((1-p) a + p)`, and 0 is only ever fed by the truth, so that
    :math:`q(0|0) = 1`.
    """
    a = of_one
    if choice == "sample":
        repeat = (1 - p) + p * (1 - a), (1 - p) + p * a
    else:
        repeat = (1.0, a / ((1 - p) * a + p)) if p < 1 else (float("nan"), a)
    kl = -(1 - a) * np.log(repeat[0]) - a * np.log(repeat[1])
    return {"repeat_0": repeat[0], "repeat_1": repeat[1], "kl_nats": float(kl)}


def measure_names(model: Parameters, seed: int) -> Values:
    """Score held-out surnames, and look at names that the model writes by sampling."""
    task = find_task("names")
    batch = held_out(task, CONTEXTS)
    assert batch.mask is not None
    cell_type = model.shape.cell_type
    context = context_from(model, batch.features)
    log_q = log_softmax(forward(cell_type, model, context, batch.tokens).logits)
    nll = negative_log_likelihood(log_q, batch.tokens) * batch.mask
    # one step more than a name has, so that the last letter, too, is fed and can be read
    feed = free_running(task.steps + 1, SAMPLED_NAMES, "sample", np.random.default_rng(seed))
    context = context_from(model, np.zeros((0, SAMPLED_NAMES), np.float32))
    room = np.zeros((task.steps + 1, SAMPLED_NAMES), int)
    written = spell(forward(cell_type, model, context, room, feed).fed[1:].argmax(axis=1))
    real = set(real_surnames())
    return {
        "nll_nats": float(nll.sum() / batch.mask.sum()),
        "real_names": float(np.mean([name in real for name in written])),
        "different_names": len(set(written)) / len(written),
        "pairs_js_nats": letter_pairs_js(written, spell(batch.tokens)),
    }


def letter_pairs_js(some: list[str], others: list[str]) -> float:
    """Return the Jensen-Shannon divergence, in nats, of how often letters stand side by side."""

    def frequencies(names: list[str]) -> Array:
        # letters alone: both ends count as the mark 0
        tokens = spelled([name[:8] for name in names if name]).tokens
        before = np.concatenate([np.zeros((1, tokens.shape[1]), int), tokens[:-1]])
        counts = np.bincount((before * 27 + tokens).ravel(), minlength=27 * 27).astype(float)
        counts[0] = 0  # behind the end
        share: Array = counts / counts.sum()
        return share

    p, q = frequencies(some), frequencies(others)
    middle = (p + q) / 2

    def kl(one: Array) -> float:
        there = one > 0
        return float((one[there] * np.log(one[there] / middle[there])).sum())

    return (kl(p) + kl(q)) / 2


def ring_oracle(task: Task, batch: Batch) -> Oracle:
    """Return the truth of a ring with slips, for the starts and strides of these sequences.

    A reading that is off leaves the path where it was; a walker that is off goes on from there.
    """
    start, stride = (half.argmax(axis=0) for half in np.split(batch.features, 2))
    follows = task.prefix_matters
    of_slip = {0: 1 - RING_SLIP, 1: RING_SLIP / 2, RING - 1: RING_SLIP / 2}
    # what cannot happen has a probability that no sum sees, so that its logarithm is finite
    log_p = np.log([of_slip.get(slip, 1e-30) for slip in range(RING)])

    def oracle(tokens: Array) -> Array:
        ahead = start + np.arange(len(tokens))[:, None] * stride
        if follows:
            ahead[1:] = tokens[:-1] + stride
        slip = (np.arange(RING)[:, None] - ahead[:, None]) % RING  # (T, O, N)
        told: Array = log_p[slip]
        return told

    return oracle


def ring_at_best(task: Task) -> Values:
    """Return what no model of a ring with slips can beat, running free by argmax.

    It cannot foresee a slip. Of a walker that goes on from where it slipped, the likeliest place
    remains that of no slip at all.
    """
    kept, off = 1 - RING_SLIP, RING_SLIP / 2
    place, errors = np.eye(RING)[0], []
    for _ in range(task.steps):
        place = kept * place + off * (np.roll(place, 1) + np.roll(place, -1))
        errors.append(1 - place[0])
    return {
        "gold_prefix_error": RING_SLIP,
        "own_prefix_error": float(np.mean(errors)) if task.prefix_matters else RING_SLIP,
        "nll_nats": -kept * np.log(kept) - 2 * off * np.log(off),
        "eps_nats": 0.0,
        "own_nats": 0.0,
    }


def guessing(oracle: Oracle, task: Task) -> Values:
    """Return how far even guessing is from a truth that is as sure after any prefix."""
    log_p = oracle(np.zeros((task.steps, 1), int))
    away = float(kl_by_step(log_p, np.full_like(log_p, -np.log(task.classes))).mean())
    return {"eps_nats": away, "own_nats": away}


def measure_oracle(task: Task, model: Parameters, oracle: Oracle, seed: int) -> Values:
    """Compare a model with the known truth, on true prefixes and on its own samples."""
    batch = held_out(task, ROLLOUTS)
    seen = excess_error(model, batch, oracle, np.random.default_rng(seed))
    eps = float(np.mean(seen.per_step.mean))
    return {
        "eps_nats": eps,
        "own_nats": float(seen.accumulated[-1] / task.steps * eps),
        "accumulated": float(seen.accumulated[-1]),
        "excess_percent": float(seen.excess_percent[-1]),
    }


def measured(run: Run, model: Parameters) -> Values:
    """Measure a model by what its task is there for."""
    task = find_task(run.group.task)
    if task.name == "chain":
        return measure_chain(model, float(run.group.variant or 0.5))
    if task.name == "names":
        return measure_names(model, run.seed)
    if task.log_prob is not None:
        return measure_oracle(task, model, task.log_prob, run.seed)
    values = measure_bias(task, model, RUN_PROBS if run.regime == TEACHER_FORCING else ())
    if task.name in RINGS_WITH_SLIPS:
        oracle = ring_oracle(task, held_out(task, ROLLOUTS))
        known = measure_oracle(task, model, oracle, run.seed)
        # of a model that hardly errs a ratio says nothing
        values |= {name: known[name] for name in ("eps_nats", "own_nats")}
    return values
