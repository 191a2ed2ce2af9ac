"""Call a function with the arguments of a probe, some of them changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course.checks.cells.calls import call_each
from course.checks.cells.examples import Array
from course.checks.known.clock import Clock
from course.checks.known.features import Function, describe, equal
from course.checks.known.others import another
from course.checks.known.probes import Probe

#: Numbers beyond this hide what is added to them.
READABLE = 1e4

#: A change of the arguments, by their names.
Change = Callable[[dict[str, Any]], None]


@dataclass
class Calls:
    """A function with the arguments of a probe, called with some of them changed.

    Attributes
    ----------
    function : callable
        The learner's.
    probe : Probe
        Makes the arguments.
    names : tuple of str
        Of the arguments.
    clock : Clock
        No call is made once it is over.
    """

    function: Function
    probe: Probe
    names: tuple[str, ...]
    clock: Clock = field(default_factory=Clock)

    @property
    def given(self) -> dict[str, Any]:
        """The arguments by name, new ones each time."""
        return dict(zip(self.names, self.probe.arguments(), strict=False))

    @property
    def weights(self) -> str:
        """The name of the argument that holds the weights; ``""`` where none does."""
        return next((name for name in self.names if name.endswith(("params", "block"))), "")

    @property
    def runs_free(self) -> bool:
        """Whether the truth is never fed, so that nothing may depend on it."""
        given = self.given
        return "target_seq" in given and given.get("sampling_prob") == 1

    def results(self, changes: list[Change]) -> list[Array | None]:
        """Return a result for each change that is made to the arguments; None where it fails."""
        if self.clock.is_over:
            return [None] * len(changes)
        calls = []
        for change in changes:
            given = self.given
            change(given)
            calls.append(tuple(given.values()))
        try:
            results = call_each(self.function, calls)
        except Exception:
            return [self._alone(arguments) for arguments in calls]
        return [describe(one).values for one in results]

    def _alone(self, arguments: tuple[Any, ...]) -> Array | None:
        if self.clock.is_over:
            return None
        try:
            return describe(self.function(*arguments)).values
        except Exception:
            return None

    def changed_rows(self, changes: list[Change]) -> list[Array | None]:
        """Say of each change which rows are others after it; None where that cannot be said."""
        base, *after = self.results([lambda given: None, *changes])
        if base is None or not (np.abs(base) < READABLE).all():
            return [None] * len(changes)
        return [
            None if one is None or one.shape != base.shape else _rows(np.abs(one - base) > 1e-9)
            for one in after
        ]

    def is_steady(self) -> bool:
        """Say whether equal calls give equal results, as far as there is time to ask."""
        results = [one for one in self.results([lambda given: None] * 8) if one is not None]
        return all(equal(one, results[0], 0.01) for one in results)


def _rows(apart: Array) -> Array:
    return np.array(apart.reshape(len(apart), -1).any(axis=1) if apart.ndim else [apart])


def shift(name: str, by: float = 0.37) -> Change:
    """Return a change of one argument as a whole: by numbers that differ from place to place.

    Whole numbers, such as tokens, become others of their range.
    """

    def change(given: dict[str, Any]) -> None:
        if given[name].dtype.kind in "iu":
            given[name] = another(given[name])
            return
        given[name] = given[name] + by * np.cos(np.arange(given[name].size) + 1).reshape(
            given[name].shape
        )

    return change


def shift_weights(
    where: str, key: str, block: int | None = None, blocks: int = 1, by: float = 0.37
) -> Change:
    """Return a change of one of the weights, or of one gate's block of it."""

    def change(given: dict[str, Any]) -> None:
        array = given[where][key].copy()
        part = array if block is None else np.split(array, blocks)[block]
        part += by * np.cos(np.arange(part.size) + 1).reshape(part.shape)
        given[where] = {**given[where], key: array}

    return change


def shift_row(name: str, row: int, by: float = 0.37) -> Change:
    """Return a change of one row of an argument."""

    def change(given: dict[str, Any]) -> None:
        array = given[name].copy()
        array[row] += by * np.cos(np.arange(array.shape[1]) + 1)
        given[name] = array

    return change
