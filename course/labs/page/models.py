"""Which of the models that come with the course each lab shows."""

from __future__ import annotations

import numpy as np

from course import trained
from course.engine import Parameters
from course.labs.calling.functions import Array
from course.labs.harm import Harm
from course.labs.trained.state import Spread, TrainedHow, Way
from course.tasks import find_task
from course.trained import results

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


def spread(task: str, cell: str, way: str) -> Spread:
    """Return what was measured of a way of training, on the sequences that lessons quote."""
    [regime] = [one for one in trained.regimes(task, cell) if one.title == way]
    path = f"{task}/{cell}/{regime.name}"
    return Spread(
        *(results.curve(f"{path}/{name}") for name in ("kl", "error_true", "error_own")),
        *(np.array(results.find(f"{path}/{name}").values) for name in ("nll_nats", "exact_match")),
    )


def trained_how() -> TrainedHow:
    """Return the state of lab 3."""
    task = tasks()[0]
    return TrainedHow(ways, spread, task, cells(task)[0])


def harm() -> Harm:
    """Return the state of lab 5: feedback there is sampled, as the closed form supposes."""
    chain, names = (_by_prob(task) for task in ("chain", "names"))

    def values(regimes: dict[float, str], task: str, name: str) -> dict[float, Array]:
        paths = {prob: f"{task}/gru/{regime}/{name}" for prob, regime in regimes.items()}
        return {prob: np.array(results.find(path).values) for prob, path in paths.items()}

    return Harm(
        repeat=values(chain, "chain", "repeat_0"),
        kl_nats=values(chain, "chain", "kl_nats"),
        nll_nats=values(names, "names", "nll_nats"),
        real=values(names, "names", "real_names"),
        writer=lambda prob: trained.load("names", "gru", names[prob]),
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
