"""Ways of training that a learner may choose, their own schedule among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course.engine import Schedule, constant, ramp
from course.figures.chart import Role, role_of
from course.labs.calling.functions import LearnersFunction, Unfinished

#: From the number of updates to a schedule. The lab opens with the first.
WAYS: dict[str, Callable[[int], Schedule]] = {
    "1 throughout (always its own)": lambda updates: constant(1.0),
    "0.5 throughout": lambda updates: constant(0.5),
    "0.25 throughout": lambda updates: constant(0.25),
    "linear from 0 to 1": lambda updates: ramp(1.0, updates),
    "linear from 0 to 0.5": lambda updates: ramp(0.5, updates),
    "inverse sigmoid, from about 0 to 1": lambda updates: Schedule(
        "inverse_sigmoid", max(1, updates / 8)
    ),
}

#: What a learner's ``scheduled_sampling_prob`` is called with, behind the step.
OWN: dict[str, Callable[[int], tuple[Any, ...]]] = {
    "yours, linear": lambda updates: ("linear", 1.0, 1 / updates),
    "yours, exponential": lambda updates: ("exponential", 0.05 ** (1 / updates)),
    "yours, inverse sigmoid": lambda updates: ("inverse_sigmoid", max(1.0, updates / 8)),
}


def role_of_way(way: str) -> Role:
    """Return how a way is drawn; a schedule, the learner's own too, is a mixture.

    >>> [role_of_way(way) for way in list(WAYS)[:4]]
    ['own', 'mixed', 'mixed', 'mixed']
    """
    if way not in WAYS:
        return role_of(None)
    first, last = (WAYS[way](2).sampling_prob(step) for step in (0, 2))
    return role_of(first if first == last else None)


@dataclass(frozen=True)
class StepByStep(Schedule):
    """A schedule that is known for each step of a training.

    Attributes
    ----------
    probs : tuple of float
        ``sampling_prob`` of step 0, 1, 2, ...
    """

    probs: tuple[float, ...] = ()

    def sampling_prob(self, step: int) -> float:
        """Return the probability of the model's own token at a training step."""
        return self.probs[step]


def own_schedule(function: LearnersFunction, way: str, updates: int) -> Schedule:
    """Ask a learner's function for the probability of every step.

    Raises
    ------
    Unfinished
        Where it gives none, or what is no probability.
    """
    given, probs = OWN[way](updates), []
    for step in range(updates):
        probs.append(float(function((), step, *given)))
        if not 0 <= probs[-1] <= 1:
            raise Unfinished(
                f"{function.name} returned {probs[-1]:g} at step {step}, expected a probability "
                "in [0, 1]."
            )
    return StepByStep(given[0], given[1], probs=tuple(probs))
