"""What is told of a wrong function: a name for the class report, and a sentence for the learner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from course.checks.cells.examples import Array


class Told(NamedTuple):
    """What is found: a name for the class report, and a sentence for the learner."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Finding:
    """What is told of a function, and of which part of it.

    Attributes
    ----------
    name, sentence : str
        Of the misconception: what the class report counts by, and what the learner reads.
    function : str
        The function that makes it.
    where : tuple of str
        The cell types or schedules that show it; empty where it shows in all that were wrong.
    aspects : frozenset of str
        What it explains: ``"lstm/values"`` and the like.
    caller : str
        The function that was asked about and calls the one that makes it; ``""`` where they are
        the same.
    """

    name: str
    sentence: str
    function: str
    where: tuple[str, ...] = ()
    aspects: frozenset[str] = frozenset()
    caller: str = ""

    @property
    def calls_it(self) -> str:
        """Say that the function asked about calls one that is wrong; ``""`` where it does not."""
        return go_there_first(self.caller, self.function) if self.caller else ""


def go_there_first(caller: str, function: str) -> str:
    """Say that a function calls another that is wrong."""
    return (
        f"`{caller}` calls `{function}`, which fails its own check: go there first, with "
        f"`checks.check({function})`."
    )


#: A wrong result, the right one, and the arguments of the call by their names.
Pair = tuple[Array, Array, dict[str, Any]]


def percent(share: float, places: int = 0) -> str:
    """Return a share as the course writes it, ``"30 %"``."""
    return f"{100 * share:.{places}f} %"


def listed(parts: Sequence[float | str]) -> str:
    """Join numbers or words as a sentence has them: ``"1, 2 and 3"``."""
    words = [f"{part:g}" if isinstance(part, float) else str(part) for part in parts]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def one_of(sentences: Sequence[str]) -> str:
    """Say of several mistakes, which cannot be told apart, that it is one of them.

    >>> one_of(["You add 1."]), one_of(["You add 1.", "You count from 1."])
    ('You add 1.', 'What came fits each of these: You add 1. Or: You count from 1.')
    """
    said = list(dict.fromkeys(sentences))
    return said[0] if len(said) == 1 else f"What came fits each of these: {' Or: '.join(said)}"
