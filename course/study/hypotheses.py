"""Hypotheses that are ready to be tried: what is claimed, and which two ways of training tell.

Not all of them hold. What came out is measured by ``python3 -m course build results``, and stands
there under the name of the hypothesis: ``more-updates/gru/p1.00-4000/exact_match``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from course.study.measures import Values
from course.study.ways import Setting, Way, outcomes, train_way
from course.tasks import find_task

#: How the second way is expected to lie to the first by a measure.
Direction = Literal["lower", "higher", "same"]


@dataclass(frozen=True)
class Hypothesis:
    """A claim about two ways of training.

    Attributes
    ----------
    name : str
        Short, for a button.
    claim : str
        A sentence.
    setting : Setting
    a, b : Way
    measure : str
        One of those that `course.study.ways.measured_on` names.
    direction : {"lower", "higher", "same"}
        Where the claim expects B by this measure, beside A.
    """

    name: str
    claim: str
    setting: Setting
    a: Way
    b: Way
    measure: str
    direction: Direction

    @property
    def path(self) -> str:
        """How results call it.

        >>> HYPOTHESES[0].path
        'more-updates/gru'
        """
        return f"{self.name.replace(' ', '-')}/{self.setting.cell}"

    def measured(self, seed: int) -> dict[str, Values]:
        """Train both ways from one seed; return what was measured of each, by its name."""
        found = {}
        for way in (self.a, self.b):
            begun = time.thread_time()
            model = train_way(self.setting, way, seed)
            spent = {"training_s": time.thread_time() - begun}
            found[way.name] = outcomes(find_task(self.setting.task), model, seed=seed) | spent
        return found


HYPOTHESES = (
    Hypothesis(
        "more updates",
        "On the ring, sampling_prob 1 only needs more updates: with twice as many, more whole "
        "sequences are right.",
        Setting("ring"),
        Way("p1.00", 2000),
        Way("p1.00", 4000),
        "exact_match",
        "higher",
    ),
    Hypothesis(
        "random tokens",
        "Own tokens help because they are noise: as many random wrong tokens in their place do as "
        "well.",
        Setting("osc"),
        Way("p0.50", 2000),
        Way("p0.50", 2000, "random"),
        "own_prefix_error",
        "same",
    ),
    Hypothesis(
        "early stopping",
        "With 50 sequences to train on, teacher forcing that is stopped early does as well as "
        "sampling_prob 0.5.",
        Setting("momentum", variant="50"),
        Way("p0.50-sample", 1000),
        Way("p0.00", 1000, "early"),
        "eps_nats",
        "same",
    ),
    Hypothesis(
        "equal time",
        "sampling_prob 0.5 only gains by taking longer: with a fifth more updates teacher forcing "
        "does as well.",
        Setting("osc"),
        Way("p0.00", 2400),
        Way("p0.50", 2000),
        "own_prefix_error",
        "same",
    ),
)
