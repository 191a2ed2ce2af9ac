"""How much a submission may use."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

#: Less than this, and the process that runs a student's cells could not do its own work.
LEAST = {"memory_mib": 256, "processes": 8, "answer_mib": 1, "answer_depth": 8, "disk_mib": 1}


@dataclass(frozen=True)
class Limits:
    """What a submission may use; what takes more is stopped.

    A lesson that needs other limits than the course says so in its notebook's metadata:
    ``"course": {"limits": {"call_s": 20}}``.

    Attributes
    ----------
    call_s : float
        Seconds for one call of a student's function; less once it has hung: see `Patience`.
    cell_s : float
        Seconds for one of the student's cells, and for all calls of one test cell.
    notebook_s : float
        Seconds for the whole notebook.
    memory_mib : int
        Memory of the student's processes together, in MiB; address space of each of them.
    disk_mib : int
        What it may write, in MiB, and what the files handed in beside the notebook may have.
    processes : int
        How many processes and threads it may have; the grader's own take four.
    answer_mib : int
        Size of one answer on the wire, in MiB.
    answer_depth : int
        How many lists and dictionaries may lie within one another in an answer.
    output_chars : int
        Characters that one cell may print.
    """

    call_s: float = 10.0
    cell_s: float = 30.0
    notebook_s: float = 300.0
    memory_mib: int = 2048
    disk_mib: int = 64
    processes: int = 64
    answer_mib: int = 64
    answer_depth: int = 32
    output_chars: int = 200_000

    def to_json(self) -> str:
        """Return the limits as JSON."""
        return json.dumps(asdict(self))

    def changed(self, wanted: Any) -> Limits:
        """Return these limits with a lesson's own in their place.

        Parameters
        ----------
        wanted : mapping of str to number
            What stands in the lesson's metadata.

        Raises
        ------
        ValueError
            Where that names no limit, or gives one that is no positive number.

        Examples
        --------
        >>> Limits().changed({"call_s": 20}).call_s
        20
        """
        if not isinstance(wanted, Mapping):
            raise ValueError(f"limits are names with numbers, got {wanted!r:.80}")
        known = {field.name: field.type for field in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"there is no limit {name!r}; there are {', '.join(known)}")
            kinds = (int,) if known[name] == "int" else (int, float)
            least = LEAST.get(name, 0)
            if type(value) not in kinds or not max(least, 1e-3) <= value < math.inf:
                raise ValueError(f"{name} has to be {known[name]}, at least {least}: {value!r:.80}")
        return replace(self, **wanted)


class Patience:
    """How long the calls of one notebook's functions may take.

    A function that used all its time gets a tenth of it from then on, and a thirtieth after another
    time: one that never returns would else take all of the notebook's time. One that has answered
    gets four times as long as its slowest answer took, if that is more.

    Parameters
    ----------
    call_s : float
        Seconds for a call, at first.

    Examples
    --------
    >>> patience = Patience(10.0)
    >>> patience.hung("f", patience.seconds("f", 30.0))
    >>> patience.seconds("f", 30.0), patience.seconds("g", 30.0), patience.seconds("g", 2.0)
    (1.0, 10.0, 2.0)
    >>> patience.answered("f", 0.5)
    >>> patience.seconds("f", 30.0)
    2.0
    """

    def __init__(self, call_s: float) -> None:
        self._call_s = call_s
        self._hung: Counter[str] = Counter()
        self._slowest: dict[str, float] = {}
        self._said: dict[str, str] = {}

    def seconds(self, name: str, most: float) -> float:
        """Return the seconds for the next call of a function, where it may have `most`."""
        return min(most, self._all(name))

    def late(self, name: str, seconds: float) -> str:
        """Say that no answer came in these seconds; always in the same words of one that hangs.

        So faults of many tests are seen to be one.
        """
        said = f"`{name}` gave no answer within {seconds:.3g} s: is there a loop that does not end?"
        return self._said.get(name, said) if seconds == self._all(name) else said

    def hung(self, name: str, seconds: float) -> None:
        """Note that no answer came in these seconds, which counts where they were all it gets."""
        if seconds == self._all(name):
            self._said[name] = self.late(name, seconds)
            self._hung[name] += 1

    def answered(self, name: str, seconds: float) -> None:
        """Note that an answer came after these seconds."""
        self._slowest[name] = max(seconds, self._slowest.get(name, 0.0))

    def _all(self, name: str) -> float:
        share = (1.0, 0.1, 1 / 30)[min(self._hung[name], 2)]
        return min(self._call_s, max(self._call_s * share, 4 * self._slowest.get(name, 0.0)))
