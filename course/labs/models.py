"""Which of the models that come with the course each lab shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from course import trained
from course.engine import Parameters
from course.exposure import Exposure, measure
from course.labs.lab3_trained import TrainedHow, Way
from course.labs.lab5_harm import Harm
from course.tasks import find_task

#: Test sequences of a measurement in lab 3, and of the surnames in lab 5.
COLUMNS, NAMES_COLUMNS = 100, 1000
#: For lab 3 beside those of labs 1 and 2: what a model learns that is told a wrong right token.
TOLD_WRONG = ("ring_process",)


def tasks() -> tuple[str, ...]:
    """Return where the right token is known whatever was emitted, so that "wrong" is wrong."""
    return tuple(task for task in trained.tasks() if not find_task(task).prefix_matters)


def compared_tasks() -> tuple[str, ...]:
    """Return the tasks that lab 3 offers."""
    return tuple(task for task in trained.tasks() if task in (*tasks(), *TOLD_WRONG))


def cells(task: str) -> tuple[str, ...]:
    """Return the cell types that were trained on a task, the main one first."""
    return tuple(trained.cells(task))


def teacher_forced(task: str, cell: str) -> Parameters:
    """Return a model that was trained by teacher forcing alone."""
    return trained.load(task, cell)


def ways(task: str, cell: str) -> tuple[Way, ...]:
    """Return the ways in which models of a task were trained, a coin for each step."""
    return tuple(
        Way(regime.title, regime.short)
        for regime in trained.regimes(task, cell)
        if regime.coin == "step"
    )


def seeds(task: str, cell: str, way: str) -> list[Callable[[], Exposure]]:
    """Return the measurements to be made, one for each seed of a way."""
    [regime] = [one for one in trained.regimes(task, cell) if one.title == way]
    return [
        partial(_measured, task, cell, regime.name, seed)
        for seed in trained.seeds(task, cell, regime.name)
    ]


@cache
def _measured(task: str, cell: str, regime: str, seed: int) -> Exposure:
    batch = trained.held_out(task, COLUMNS)
    return measure(trained.load(task, cell, regime, seed), batch)


def trained_how() -> TrainedHow:
    """Return the state of lab 3."""
    task = tasks()[0]
    return TrainedHow(ways, seeds, task, cells(task)[0])


def harm() -> Harm:
    """Return the state of lab 5: feedback there is sampled, as the closed form supposes."""
    chain, names = (_by_prob(task) for task in ("chain", "names"))
    return Harm(
        probs=tuple(chain),
        chain=lambda prob: _all_seeds("chain", chain[prob]),
        names_probs=tuple(names),
        names=lambda prob: _all_seeds("names", names[prob]),
        held_out=trained.held_out("names", NAMES_COLUMNS),
    )


def _by_prob(task: str) -> dict[float, str]:
    """Return the regimes of one constant probability each, lowest first."""
    found = {
        regime.sampling_prob: regime.name
        for regime in trained.regimes(task, "gru")
        if regime.sampling_prob is not None
        and (regime.choice == "sample" or regime.sampling_prob == 0)
    }
    return dict(sorted(found.items()))


def _all_seeds(task: str, regime: str) -> list[Parameters]:
    return [trained.load(task, "gru", regime, seed) for seed in trained.seeds(task, "gru", regime)]
