"""What is measured of a trained model, task by task: numbers by name, and what each name means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.engine import Parameters, context_from, forward, log_softmax
from course.engine.feeding import Choice, free_running
from course.engine.numerics import Array
from course.exposure import (
    Estimate,
    Exposure,
    excess_error,
    js_by_step,
    measure,
    negative_log_likelihood,
    recovery,
)
from course.study.grid import TrainingRun
from course.tasks import Task, find_task, held_out
from course.tasks.names import real_surnames, spell, spelled, written
from course.tasks.task import without_features
from course.trained.regimes import TEACHER_FORCING

#: Sequences of a measurement.
CONTEXTS = 1000
#: Sequences of a measurement during training.
WATCHED = 500
SAMPLED_NAMES = 2000
#: Where the wrong token is fed, and how many steps later it is looked at.
WRONG_AT, LATER = 10, 8
#: `sampling_prob` of the run, for the curve of a model that was trained once.
RUN_PROBS = (0.25, 0.5, 0.75)
#: Tasks whose first and last tokens of a row are the same whatever is fed: black pixels.
EDGES_ARE_SURE = ("digits",)

Values = dict[str, float]
#: Takes a task and a model, and what it needs of: seed, variant, and whether teacher-forced.
Measure = Callable[..., Values]

#: By the last part of a result's path: decimals, unit, and what it is.
MEASURES: dict[str, tuple[int, str, str]] = {
    "gold_prefix_error": (3, "fraction", "wrong tokens, true prefix"),
    "own_prefix_error": (3, "fraction", "wrong tokens, own prefix"),
    "gap": (3, "fraction", "own prefix − true prefix"),
    "nll_nats": (3, "nats", "loss on the true prefix (nats per token)"),
    "exact_match": (3, "fraction", "whole sequences right, own prefix"),
    "own_prefix_error_first": (3, "fraction", "wrong tokens, own prefix, step 1"),
    "own_prefix_error_last": (3, "fraction", "wrong tokens, own prefix, last step"),
    "gold_prefix_error_last": (3, "fraction", "wrong tokens, true prefix, last step"),
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
    "eps_nats": (3, "nats", "KL(truth || model) on true prefixes (nats per step)"),
    "own_nats": (3, "nats", "KL(truth || model) on own prefixes (nats per step)"),
    "accumulated": (1, "true-prefix steps", "accumulated error AccErr (steps on true prefixes)"),
    "excess_percent": (1, "percent", "excess error ExAccErr (%)"),
    "slips": (3, "fraction", "tokens off the likeliest, argmax fed"),
    "drawn_slips": (3, "fraction", "tokens off the likeliest, drawn and fed"),
    "drawn_error": (3, "fraction", "wrong tokens, drawn and fed"),
    **{
        f"{name}_after_{updates}": (3, "fraction", f"{what} after {updates} updates")
        for name, what in (
            ("own_prefix_error", "wrong tokens, own prefix,"),
            ("exact_match", "whole sequences right"),
        )
        for updates in range(250, 2001, 250)
    },
}


def overall(estimate: Estimate) -> float:
    """Return the mean over all steps at which any sequence counts."""
    return float(np.nanmean(estimate.mean))


def free_running_errors(seen: Exposure) -> Values:
    """Return what a reader of a training looks at."""
    return {"own_prefix_error": overall(seen.error_own), "exact_match": seen.exact_match}


def watched(task: Task, model: Parameters) -> Values:
    """Measure a model in training on held-out sequences."""
    return free_running_errors(measure(model, held_out(task, WATCHED)))


def measure_bias(task: Task, model: Parameters, teacher_forced: bool = False, **_: Any) -> Values:
    """Measure a model on true prefixes and on its own, by argmax; a teacher-forced one between."""
    batch = held_out(task, CONTEXTS)
    seen = measure(model, batch)
    gold, own = overall(seen.error_true), overall(seen.error_own)
    values = {
        "gold_prefix_error": gold,
        "own_prefix_error": own,
        "gap": own - gold,
        "nll_nats": overall(seen.nll_true),
        "exact_match": seen.exact_match,
        "kl_mean_nats": overall(seen.kl),
    }
    if task.name not in EDGES_ARE_SURE:
        values |= {
            "own_prefix_error_first": float(seen.error_own.mean[1]),
            "own_prefix_error_last": float(seen.error_own.mean[-1]),
            "gold_prefix_error_last": float(seen.error_true.mean[-1]),
            "js_last_nats": float(seen.js.mean[-1]),
            "kl_last_nats": float(seen.kl.mean[-1]),
            "hidden_distance_last": float(seen.hidden_distance.mean[-1]),
        }
        if task.classes > 2 and task.steps >= WRONG_AT + LATER:
            wrong = recovery(model, batch, WRONG_AT, np.random.default_rng(0)).still_different
            values["still_different"] = float(wrong.mean[LATER - 1])
    for p in RUN_PROBS if teacher_forced else ():
        error = overall(measure(model, batch, p, rng=np.random.default_rng(1)).error_own)
        values[f"run_error_p{p:.2f}"] = error
        values[f"run_off_line_p{p:.2f}"] = error - (gold + p * (own - gold))
    return values


def measure_truth(task: Task, model: Parameters, seed: int = 0, **_: Any) -> Values:
    """Compare a model with the known truth, on true prefixes and on its own samples."""
    assert task.truth is not None
    batch = held_out(task, CONTEXTS)
    seen = excess_error(model, batch, task.truth(batch), np.random.default_rng(seed))
    eps = float(np.mean(seen.per_step.mean))
    return {
        "eps_nats": eps,
        "own_nats": float(seen.accumulated[-1] / task.steps * eps),
        "accumulated": float(seen.accumulated[-1]),
        "excess_percent": float(seen.excess_percent[-1]),
    }


def measure_written(task: Task, model: Parameters, seed: int) -> Values:
    """Look at what a model writes by argmax and by drawing, at all steps but the last.

    Slips are tokens other than the truth's likeliest after what was written before.
    """
    assert task.truth is not None
    batch, rng = held_out(task, CONTEXTS), np.random.default_rng(seed)
    context, (T, N) = context_from(model, batch.features), batch.tokens.shape

    def fed_by(choice: Choice) -> Array:
        feed = free_running(T, N, choice, rng)
        run = forward(model.shape.cell_type, model, context, batch.tokens, feed)
        fed: Array = run.fed[1:].argmax(axis=1)
        return fed

    truth, argmax, drawn = task.truth(batch), fed_by("argmax"), fed_by("sample")
    return {
        "slips": float(np.mean(argmax != truth(argmax).argmax(axis=1))),
        "drawn_slips": float(np.mean(drawn != truth(drawn).argmax(axis=1))),
        "drawn_error": float(np.mean(drawn != batch.tokens[:-1])),
    }


def measure_bias_and_truth(task: Task, model: Parameters, seed: int = 0, **given: Any) -> Values:
    """Measure both, and what the model writes; of one that hardly errs a ratio says nothing."""
    known = measure_truth(task, model, seed)
    return (
        measure_bias(task, model, **given)
        | {name: known[name] for name in ("eps_nats", "own_nats")}
        | measure_written(task, model, seed)
    )


def measure_chain(task: Task, model: Parameters, variant: str = "", **_: Any) -> Values:
    """Read the two conditional probabilities off a model of the chain."""
    batch = without_features(np.array([[0, 1], [0, 1]]))
    context = context_from(model, batch.features)
    logits = forward(model.shape.cell_type, model, context, batch.tokens).logits.astype(np.float64)
    log_q = log_softmax(logits)
    of_pair = -negative_log_likelihood(log_q, batch.tokens).sum(axis=0)
    of_one = float(variant or 0.5)
    truth = np.array([1 - of_one, of_one])
    return {
        "repeat_0": float(np.exp(log_q[1, 0, 0])),
        "repeat_1": float(np.exp(log_q[1, 1, 1])),
        "kl_nats": float(truth @ (np.log(truth) - of_pair)),
    }


def measure_names(task: Task, model: Parameters, seed: int = 0, **_: Any) -> Values:
    """Score held-out surnames, and look at names that the model writes by sampling."""
    batch = held_out(task, CONTEXTS)
    assert batch.mask is not None
    context = context_from(model, batch.features)
    log_q = log_softmax(forward(model.shape.cell_type, model, context, batch.tokens).logits)
    nll = negative_log_likelihood(log_q, batch.tokens) * batch.mask
    made = written(model, SAMPLED_NAMES, np.random.default_rng(seed))
    real = set(real_surnames())
    return {
        "nll_nats": float(nll.sum() / batch.mask.sum()),
        "real_names": float(np.mean([name in real for name in made])),
        "different_names": len(set(made)) / len(made),
        "pairs_js_nats": letter_pairs_js(made, spell(batch.tokens)),
    }


def letter_pairs_js(some: list[str], others: list[str]) -> float:
    """Return the Jensen-Shannon divergence, in nats, of how often letters stand side by side."""

    def log_frequencies(names: list[str]) -> Array:
        # letters alone: both ends count as the mark 0
        tokens = spelled([name[:8] for name in names if name]).tokens
        before = np.concatenate([np.zeros((1, tokens.shape[1]), int), tokens[:-1]])
        counts = np.bincount((before * 27 + tokens).ravel(), minlength=27 * 27).astype(float)
        counts[0] = 0  # behind the end
        log_share: Array = np.log(np.maximum(counts / counts.sum(), np.finfo(float).tiny))
        return log_share[None, :, None]

    return float(js_by_step(log_frequencies(some), log_frequencies(others))[0, 0])


#: Tasks that are there for something else than errors on their own prefix.
OF_ITS_OWN: dict[str, Measure] = {"chain": measure_chain, "names": measure_names}


def measure_of(task: Task) -> Measure:
    """Return what measures a model by what its task is there for."""
    if task.name in OF_ITS_OWN:
        return OF_ITS_OWN[task.name]
    if task.truth is None:
        return measure_bias
    return measure_bias_and_truth if task.feature_dim else measure_truth


def measured(run: TrainingRun, model: Parameters) -> Values:
    """Measure the model of a run."""
    task, teacher_forced = find_task(run.experiment.task), run.regime == TEACHER_FORCING
    given = {"seed": run.seed, "variant": run.experiment.variant, "teacher_forced": teacher_forced}
    return measure_of(task)(task, model, **given)
