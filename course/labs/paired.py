"""Two ways of training compared seed by seed, and what may be said of the difference."""

from __future__ import annotations

from dataclasses import dataclass

from course.labs.learner import Array
from course.trained.results import interval

#: Below this a difference is rounding.
LEAST = 1e-9


@dataclass(frozen=True)
class Difference:
    """One way less another, over seeds.

    Attributes
    ----------
    mean : float
    half : float
        Half the width of Student's 95 % interval for the mean; NaN for a single seed.
    """

    mean: float
    half: float

    @classmethod
    def of(cls, one: Array, other: Array) -> Difference:
        """Subtract seed by seed.

        >>> import numpy as np
        >>> Difference.of(np.array([1.0, 2.0, 3.0]), np.zeros(3))
        Difference(mean=2.0, half=2.4843...)
        """
        mean, half = interval(one - other)
        return cls(float(mean), float(half))

    @property
    def says(self) -> str:
        """Whether less, which is better, or more stands out from the seeds; else nothing."""
        if not abs(self.mean) > self.half + LEAST:
            return ""
        return "better" if self.mean < 0 else "worse"


def verdict(free: Difference, likelihood: Difference) -> str:
    """Say what running free and the likelihood find of a way of training.

    >>> verdict(Difference(-3.0, 1.0), Difference(0.1, 0.2))
    'Running free says better; by the likelihood the seeds do not tell.'
    """
    if free.says == likelihood.says:
        return f"Both say that this way is {free.says}." if free.says else "The seeds do not tell."
    if not free.says:
        return f"The likelihood says {likelihood.says}; running free, the seeds do not tell."
    if not likelihood.says:
        return f"Running free says {free.says}; by the likelihood the seeds do not tell."
    return f"The likelihood says {likelihood.says}, running free says {free.says}."
