"""``python3 -m course build results``, the part that trains what no lab loads: from lesson 5 on.

Hypotheses that are ready to be tried, wrong gradients, step sizes, and transformers, each of five
seeds, in ``experiments.json``; `course.study.make_beyond` has those of another file. One of which
nothing has changed keeps its numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from course.bootstrap.seals import Code, Entry, of_content, read_sealed
from course.study import step_sizes, transformers, wrong_gradients
from course.study.hypotheses import HYPOTHESES, Hypothesis
from course.study.make_results import write_results, written
from course.study.measures import MEASURES, Values
from course.study.training import ProgressBar, workers
from course.trained import masks

FILE = "course/trained/experiments.json"
SEEDS = 5
PIECES = range(wrong_gradients.PIECE, wrong_gradients.UPDATES + 1, wrong_gradients.PIECE)
#: What is measured beside the measures of trained models; decimals, unit, and what it is.
OWN_MEASURES: dict[str, tuple[int, str, str]] = {
    "training_s": (1, "seconds", "time of one core in training (s)"),
    "nll_but_last_nats": (3, "nats", "the same, all steps but the last (nats per token)"),
    "relative_error": (2, "fraction", "relative error by W_hh, first weights"),
    "relative_error_trained": (2, "fraction", "relative error by W_hh, trained weights"),
    "first_loss_nats": (2, "nats", "loss of the first update (nats)"),
    "last_loss_nats": (2, "nats", f"mean loss of the last {wrong_gradients.PIECE} updates (nats)"),
    "fall_nats": (2, "nats", "fall of the loss (nats)"),
    **{
        f"loss_up_to_{updates}": (2, "nats", f"mean loss of {wrong_gradients.PIECE} updates (nats)")
        for updates in PIECES
    },
    **{
        step_sizes.named(step): (1, "powers of ten", f"log10 of the relative error, step {step:g}")
        for step in step_sizes.STEPS
    },
}


@dataclass(frozen=True)
class Study:
    """Something that is measured of several ways, seed by seed.

    Attributes
    ----------
    path : str
        How results call it, as ``more-updates/gru``.
    ways : dict of str to str
        By name, what a reader calls each. Those behind the first are compared with it.
    measured : callable
        From a seed to what was measured of each way, by its name.
    uses : tuple
        The code that it hangs on.
    said : object
        What else it hangs on.
    pairs : tuple of pairs of str
        Ways that are compared besides, the first with the second.
    measures : mapping
        What is measured that others do not have; see `OWN_MEASURES`.
    """

    path: str
    ways: dict[str, str]
    measured: Callable[[int], dict[str, Values]]
    uses: tuple[Entry, ...]
    said: object = None
    pairs: tuple[tuple[str, str], ...] = ()
    measures: Mapping[str, tuple[int, str, str]] = field(default_factory=dict)

    def made_from(self, code: Code) -> dict[str, str]:
        """Return the digests of what its numbers hang on."""
        return {"code": code.digest(*self.uses), "setting": of_content({"": self.said})}


def of_hypothesis(one: Hypothesis) -> Study:
    """Return the study of a hypothesis."""
    ways = {way.name: way.title for way in (one.a, one.b)}
    task = f"course.tasks.{one.setting.task}:TASK"
    said = [asdict(part) for part in (one.setting, one.a, one.b)]
    return Study(one.path, ways, one.measured, (Hypothesis, task), said)


STUDIES = (
    *map(of_hypothesis, HYPOTHESES),
    Study(
        "wrong-gradients/rnn",
        wrong_gradients.SLIPS,
        wrong_gradients.measured,
        (wrong_gradients.measured, f"course.tasks.{wrong_gradients.TASK}:TASK"),
    ),
    Study(
        "step-sizes/rnn",
        {name: name for name in step_sizes.DTYPES},
        step_sizes.measured,
        (step_sizes.measured,),
    ),
    Study(
        f"{transformers.TASK}/transformer",
        transformers.TITLES,
        transformers.measured,
        (transformers.measured, f"course.tasks.{transformers.TASK}:TASK"),
    ),
    Study(
        "masks/transformer",
        masks.TITLES,
        transformers.measured_masks,
        (transformers.measured_masks, f"course.tasks.{transformers.TASK}:TASK"),
    ),
)


def stale(root: Path, studies: Iterable[Study] = STUDIES, file: str = FILE) -> dict[str, str]:
    """Return the studies whose numbers in a repository's file are stale, and why."""
    said, why = read_sealed(root / file)
    if why:
        return {one.path: why for one in studies}
    code, before = Code(root), said["made_from"]
    now = {one.path: one.made_from(code) for one in studies}
    gone = dict.fromkeys(before.keys() - now.keys(), "no longer made")
    return gone | {
        path: "changed" if path in before else "new"
        for path, parts in now.items()
        if before.get(path) != parts
    }


def why_stale(root: Path, studies: Iterable[Study] = STUDIES, file: str = FILE) -> str:
    """Say why the numbers of a repository's file are stale; nothing where they are fresh."""
    return "; ".join(f"{path}: {why}" for path, why in stale(root, studies, file).items())


def by_path(study: Study, by_seed: list[dict[str, Values]]) -> dict[str, list[float]]:
    """Return the values of every path, a list over seeds, and those of the differences."""
    first, *others = study.ways
    found = {
        way: {name: written(one[way][name] for one in by_seed) for name in by_seed[0][way]}
        for way in study.ways
    }
    for way, other in dict.fromkeys((*((way, first) for way in others), *study.pairs)):
        found[f"{way}-vs-{other}"] = {
            name: written(b - a for a, b in zip(found[other][name], values, strict=True))
            for name, values in found[way].items()
            if name in found[other]
        }
    return {
        f"{study.path}/{way}/{name}": values
        for way, measured in found.items()
        for name, values in measured.items()
    }


def generate(
    root: Path,
    out: Path,
    studies: Iterable[Study] = STUDIES,
    told: TextIO = sys.stderr,
    file: str = FILE,
) -> None:
    """Measure what is stale, in as many processes as there are cores, and write it all."""
    chosen, (before, _) = list(studies), read_sealed(root / file)
    anew = [one for one in chosen if one.path in stale(root, chosen, file)]
    results: dict[str, list[float]] = {}
    if anew:
        bar = ProgressBar(len(anew) * SEEDS, 0, told)
        with workers() as pool:
            jobs = {one.path: [pool.submit(one.measured, k) for k in range(SEEDS)] for one in anew}
            names = {job: path for path, seeds in jobs.items() for job in seeds}
            for done in as_completed(names):
                done.result()
                bar.advance(names[done])
            for one in anew:
                results |= by_path(one, [job.result() for job in jobs[one.path]])
        bar.finish()
    fresh = {one.path for one in chosen} - {one.path for one in anew}
    old = before.get("results", {}).items()
    results |= {path: values for path, values in old if path.rsplit("/", 2)[0] in fresh}
    code = Code(root)
    said: dict[str, Any] = {
        "command": "python3 -m course build results",
        "made_from": {one.path: one.made_from(code) for one in chosen},
        "ways": {f"{one.path}/{way}": said for one in chosen for way, said in one.ways.items()},
        "measures": legend(chosen, results),
        "results": {path: results[path] for path in in_order(chosen, results)},
    }
    write_results(out / file, said)


def in_order(studies: Iterable[Study], results: dict[str, list[float]]) -> list[str]:
    """Return the paths of results, study by study."""
    places = {one.path: k for k, one in enumerate(studies)}
    return sorted(results, key=lambda path: places[path.rsplit("/", 2)[0]])


def legend(studies: Iterable[Study], paths: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what the names of the measures mean that results have."""
    known = MEASURES | OWN_MEASURES
    for one in studies:
        known = known | dict(one.measures)
    names = dict.fromkeys(path.rpartition("/")[2] for path in paths)
    keys = "decimals", "unit", "what"
    return {name: dict(zip(keys, known[name], strict=True)) for name in names}
