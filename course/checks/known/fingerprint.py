"""Make the probes of a function: what they show is what it is known by."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from course.checks.known.clock import Clock
from course.checks.known.coins.sampling import settled
from course.checks.known.features import NOT_ASKED, Feature, Function
from course.checks.known.probes import Probe, probes_of

UNWRITTEN = "raised NotImplementedError"


@dataclass(frozen=True)
class Fingerprint:
    """What the probes showed of a function, by their keys; a probe not made is not there."""

    function_name: str
    features: dict[str, Feature]


def fingerprint(
    function: Function,
    function_name: str,
    budget_s: float = 15.0,
    probes: tuple[Probe, ...] | None = None,
) -> Fingerprint:
    """Make the probes of an exercise.

    Parameters
    ----------
    function : callable
        Called as the exercise says; no generator is passed.
    function_name : str
        Which exercise.
    budget_s : float
        No further probe is made once so much is computed, see `Clock`.
    probes : tuple of Probe, optional
        Others than those of the exercise.
    """
    clock = Clock(budget_s)
    features: dict[str, Feature] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for probe in probes_of(function_name) if probes is None else probes:
            seen = probe.observe(function, probe.arguments)
            if seen.kind != NOT_ASKED:
                features[probe.key] = seen
            unwritten = len(features) == 1 and seen.kind == UNWRITTEN
            if unwritten or clock.is_over:
                break
    return Fingerprint(function_name, settled(features))
