"""``python3 -m course build results``: measure every trained model, and write the tables.

Models that ship are measured as they ship, in float16; the others are trained, measured in
float32, and dropped. A result is a list of numbers, one a seed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from course.engine import Parameters, context_from, forward, free_running, log_softmax
from course.engine.numerics import Array
from course.exposure import excess_error, measure, negative_log_likelihood, recovery
from course.tasks import Task, find_task, held_out, momentum_log_prob, real_surnames, spell, spelled
from course.trained import digest, load
from course.trained.grid import GROUPS, Group, Run, runs
from course.trained.regimes import TEACHER_FORCING, find_regime
from course.trained.training import Finished, train_all

COMMAND = "python3 -m course build results"
WAITING = "build/trained"
FILE = "course/trained/results.json"
#: What results hang on beside the weights, below the course's folder.
MEASURED_BY = ("exposure.py", "trained/study.py")

CONTEXTS, ROLLOUTS, SAMPLED_NAMES = 1000, 1000, 2000
#: Where the wrong token is fed, and how many steps later it is looked at.
WRONG_AT, LATER = 10, 8
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
    "repeat_0": (3, "probability", "q(second = 0 | first = 0)"),
    "repeat_1": (3, "probability", "q(second = 1 | first = 1)"),
    "kl_nats": (3, "nats", "KL(data || model) (nats)"),
    "real_names": (3, "fraction", "sampled names that are real"),
    "different_names": (3, "fraction", "sampled names that differ from all others"),
    "pairs_js_nats": (3, "nats", "divergence of letter pairs, samples from held-out names (nats)"),
    "eps_nats": (3, "nats", "KL(truth || model) on true prefixes (nats a step)"),
    "own_nats": (3, "nats", "KL(truth || model) on own prefixes (nats a step)"),
    "excess_percent": (1, "percent", "excess error ExAccErr (%)"),
    **{
        f"{name}_after_{updates}": (3, "fraction", f"{what} after {updates} updates")
        for name, what in (
            ("own_prefix_error", "wrong tokens, own prefix,"),
            ("exact_match", "whole sequences right"),
        )
        for updates in range(200, 1000, 200)
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
        values[f"run_error_p{p:.2f}"] = float(np.mean(seen.error_own.mean))
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


def measure_oracle(task: Task, model: Parameters, seed: int) -> Values:
    """Compare a model with the known truth, on true prefixes and on its own samples."""
    batch = held_out(task, ROLLOUTS)
    seen = excess_error(model, batch, momentum_log_prob, np.random.default_rng(seed))
    eps = float(np.mean(seen.per_step.mean))
    return {
        "eps_nats": eps,
        "own_nats": float(seen.accumulated[-1] / task.steps * eps),
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
        return measure_oracle(task, model, run.seed)
    return measure_bias(task, model, RUN_PROBS if run.regime == TEACHER_FORCING else ())


def watched(run: Run, finished: Finished) -> Values:
    """Return what was measured during training, by the update it was measured after."""
    every = run.group.evaluate_every
    return {
        f"{name}_after_{(k + 1) * every}": value
        for name, curve in finished.curve.items()
        for k, value in enumerate(curve)
        if every
    }


def collect(finished: dict[Run, Finished], model_of: Callable[[Run], Parameters]) -> dict[str, Any]:
    """Return the values of every path, a list over seeds, and those of the differences."""
    results: dict[str, list[float]] = {}
    for run, one in finished.items():
        for name, value in (measured(run, model_of(run)) | watched(run, one)).items():
            path = f"{run.group.name}/{run.regime}/{name}"
            results.setdefault(path, []).append(float(f"{value:.6g}"))
    for path in list(results):
        group, regime, name = path.rsplit("/", 2)
        baseline = results.get(f"{group}/{TEACHER_FORCING}/{name}", [])
        if regime != TEACHER_FORCING and baseline:
            # a group of fewer seeds is compared on the seeds that both have
            pairs = zip(results[path], baseline, strict=False)
            results[f"{group}/{regime}-vs-{TEACHER_FORCING}/{name}"] = [
                float(f"{mine - theirs:.6g}") for mine, theirs in pairs
            ]
    return results


def closed_forms(groups: tuple[Group, ...]) -> dict[str, list[float]]:
    """Return what theory says of each regime of the chain."""
    return {
        f"{group.name}/{name}-theory/{measure_name}": [float(f"{value:.6g}")]
        for group in groups
        if group.task == "chain"
        for name in group.regimes
        for measure_name, value in chain_in_closed_form(
            float(group.variant or 0.5),
            find_regime(name).sampling_prob or 0.0,
            find_regime(name).choice,
        ).items()
        if np.isfinite(value)
    }


def made_from(root: Path, groups: tuple[Group, ...] = GROUPS) -> dict[str, str]:
    """Return digests of what results hang on: runs, weights that ship, and the measures."""
    sources = digest.of_sources(root / "course")
    weights = sorted(path.name for path in (root / "course/trained").glob("weights_*.npz"))
    return {
        "runs_sha256": digest.of_runs(runs(groups), sources),
        "weights_sha256": digest.of_sources(root / "course/trained", weights),
        "measures_sha256": digest.of_sources(root / "course", MEASURED_BY),
    }


def why_stale(root: Path, groups: tuple[Group, ...] = GROUPS) -> str:
    """Say why the results of a repository are stale; nothing where they are fresh."""
    path = root / FILE
    if not path.exists():
        return "results.json is missing"
    said = json.loads(path.read_text(encoding="utf-8"))["made_from"]
    now = made_from(root, groups)
    changed = [name.removesuffix("_sha256") for name in now if now[name] != said.get(name)]
    return f"{' and '.join(changed)} have changed since they were measured" if changed else ""


def generate(root: Path, out: Path, groups: tuple[Group, ...] = GROUPS) -> None:
    """Train what does not ship, measure everything, and write ``results.json``."""
    finished = train_all(list(runs(groups)), root / WAITING)

    def model_of(run: Run) -> Parameters:
        if run.group.ships:
            return load(run.group.task, run.group.cell, run.regime, run.seed)
        return finished[run].parameters

    text = json.dumps(
        {
            "command": COMMAND,
            "made_from": made_from(root, groups),
            "interval": "Student's t, 95 %, two-sided, over seeds",
            "contexts": CONTEXTS,
            "measures": {
                name: {"decimals": decimals, "unit": unit, "what": what}
                for name, (decimals, unit, what) in MEASURES.items()
            },
            "updates": {group.name: group.updates for group in groups},
            "results": collect(finished, model_of) | closed_forms(groups),
        },
        ensure_ascii=False,
        indent=1,
    )
    path = out / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    # a list of numbers is easier to compare in one line
    path.write_text(_short_lists(text) + "\n", encoding="utf-8")


def _short_lists(text: str) -> str:
    """Write every list of numbers in one line."""
    import re

    return re.sub(
        r"\[\s+([-\d.e,\s+]+?)\s+\]", lambda match: "[" + " ".join(match[1].split()) + "]", text
    )
