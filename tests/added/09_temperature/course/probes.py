"""What the function of this lesson is called with."""

from collections.abc import Callable, Iterator

import numpy as np

from course.checks.known import features
from course.checks.known.probes import Probe


def _temperatures() -> Iterator[Probe]:
    yield Probe("", "values", "sharper", lambda: (np.array([0.3, -1.2, 0.8]), 0.5))
    yield Probe("", "values", "flatter", lambda: (np.array([2.0, 1.0, -1.0, 0.5]), 3.0))
    yield Probe("", "keeps", "arguments", lambda: (np.array([2.0, 1.0]), 3.0), features.keeping)


ARGUMENTS = {"soften": ("logits", "temperature")}

PROBES: dict[str, Callable[[], Iterator[Probe]]] = {"soften": _temperatures}
