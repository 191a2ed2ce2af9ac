"""Ways to look at an answer: what each kind of claim compares, and what it says."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks.cells.asserts import ATOL, RTOL, difference, of_a_part, unusable
from course.checks.cells.docstrings import assert_docstring_written
from course.checks.cells.unwritten import unfinished
from course.checks.known.answer import Answer
from course.checks.known.coins.sampling import Reading
from course.checks.known.diagnosis import match, spared
from course.checks.known.features import (
    NOT_ASKED,
    VARIES,
    VARIES_AT_ONCE,
    Feature,
    due,
    is_raised,
)
from course.checks.known.inputs import carried
from course.checks.known.probes import probes_of
from course.checks.known.schedules.tables import ScheduleTable, as_numbers, tables_of
from course.checks.known.schedules.words import finding, where
from course.checks.known.told import listed


class Said(str):
    """A sentence about what one probe showed; `key` is that of the probe, where there is one."""

    key: str = ""


def of_probe(key: str, sentence: str) -> str:
    """Return a sentence that knows which probe it is about; one that says nothing as it is."""
    if not sentence or sentence == WAITING:
        return sentence
    said = Said(sentence)
    said.key = key
    return said


#: Said where a claim cannot be looked at before another holds.
WAITING = "waits"

#: Begins what is said of an exception.
STOPPED = "it stopped with"


#: Says in one sentence what is wrong in a column; ``""`` where nothing is.
Look = Callable[[Answer, str], str]


def usable(probe: str, aspect: str = "values") -> Look:
    """Look whether a result is an array of finite floats, of the right shape."""

    def look(answer: Answer, column: str) -> str:
        key = f"{column}/{aspect}/{probe}"
        seen, right = answer.look(key)
        if aspect != "values" and _stops_anyway(answer, seen, column):
            return WAITING
        return of_probe(key, _trouble(seen) or _misfit(seen, right))

    return look


def _misfit(seen: Feature, right: Feature) -> str:
    """Say why a result is not of the kind and shape of the right one; ``""`` where it is."""
    if right.values is None:
        return ""
    if right.kind == "tuple":
        parts = seen.raw if isinstance(seen.raw, tuple | list) else ()
        if len(parts) != len(right.values):
            return difference(seen.raw, tuple(right.values))
        findings = [unusable(part, right.values.shape[1:]) for part in parts]
        n = len(findings)
        said = (f"value {i} of {n}: {one}" for i, one in enumerate(findings, start=1) if one)
        return next(said, "")
    return unusable(seen.raw, right.values.shape)


def numbers(
    *probes: str,
    rows: int | None = None,
    aspect: str = "values",
    part: tuple[int | str, ...] = (),
) -> Look:
    """Compare all rows, or the first ones only; or one part, by its place and key: ``(0, "b_y")``.

    What has no such part is compared as a whole.
    """

    def look(answer: Answer, column: str) -> str:
        for probe in probes:
            key = f"{column}/{aspect}/{probe}"
            seen, right = answer.look(key)
            trouble = _trouble(seen)
            if trouble or right.values is None:
                return of_probe(key, trouble)
            if answer.names[0] == "step":
                finding = _at_a_step(answer, key)
            elif rows and isinstance(seen.raw, np.ndarray) and seen.raw.ndim:
                finding = difference(seen.raw[:rows], right.values[:rows], show=True)
            else:
                came, expected = _parts(seen.raw, due(right), part)
                finding = difference(came, expected, show=True)
                finding = of_a_part(finding) if part else finding
            if finding:
                return of_probe(key, finding)
        return ""

    return look


def _parts(came: Any, expected: Any, part: tuple[int | str, ...]) -> tuple[Any, Any]:
    """Return a part of what came, and of what is expected; both whole where there is none."""
    try:
        reach = functools.partial(functools.reduce, operator.getitem, part)
        return reach(came), reach(expected)
    except (TypeError, KeyError, IndexError):
        return came, expected


def _at_a_step(answer: Answer, key: str) -> str:
    """Say at which step, and with which numbers, a curve is not as due."""
    seen, right = answer.look(key)
    if seen.values is None or right.values is None or seen.values.shape != right.values.shape:
        return unusable(seen.raw, ())
    finding = difference(seen.raw, right.values)
    if not finding:
        return ""
    apart = ~np.isclose(seen.values, right.values, RTOL, ATOL)
    probe = next(one for one in probes_of(answer.function_name) if one.key == key)
    given = dict(zip(answer.names, probe.arguments(), strict=False))
    n = int(apart.argmax())
    return (
        f"step {given['step'][n]} is the first that differs, with {listed(named_numbers(given))}: "
        f"{_beside(right.values[n], seen.values[n])}"
    )


def named_numbers(given: dict[str, Any]) -> list[str]:
    """Return the numbers among arguments, each with its name: ``["k = 0.9"]``."""
    return [f"{name} = {one:g}" for name, one in given.items() if isinstance(one, int | float)]


def _beside(expected: float, came: float) -> str:
    """Write two numbers with as many digits as it takes to tell them apart."""
    digits = next((n for n in (4, 8) if f"{expected:.{n}g}" != f"{came:.{n}g}"), 17)
    return f"expected {expected:.{digits}g}, got {came:.{digits}g}"


def both(one: Look, other: Look) -> Look:
    """Say what the first look finds, or else the second."""
    return lambda answer, column: one(answer, column) or other(answer, column)


def kinds(aspect: str, *probes: str, **said: str) -> Look:
    """Compare the kind of features; `said` has sentences for kinds that are known to be wrong."""

    def look(answer: Answer, column: str) -> str:
        for probe in probes:
            key = f"{column}/{aspect}/{probe}"
            seen, right = answer.look(key)
            if aspect == "forgets" and _tells_nothing_of_memory(answer, seen, column):
                return WAITING
            if seen.kind != right.kind:
                words = said.get(seen.kind.partition(" ")[0])
                words = words.format(probe) if words else _trouble(seen) or f"it {seen.kind}"
                return of_probe(key, words)
        return ""

    return look


def _tells_nothing_of_memory(answer: Answer, seen: Feature, column: str) -> bool:
    """Say whether calls of a function say nothing of what it keeps.

    So it is where they stop, give no numbers, or are left to chance, as those do that are asked for
    numbers: another claim says that. A constant repeats itself too, and keeps nothing.
    """
    if not answer.fits(column):
        return True
    if seen.kind == "repeats":
        return not _is_kept(answer, column)
    if seen.kind in ("never the same", VARIES):
        return f"{column}/values" in answer.wrong
    return seen.kind not in ("forgets", "remembers", "overwrites", NOT_ASKED)


def _is_kept(answer: Answer, column: str) -> bool:
    """Say whether a result that repeats itself is right at first, or a known mistake keeps it."""
    return f"{column}/values" not in answer.wrong or any(
        f"{column}/forgets" in one.aspects for one in spared(match, answer)
    )


def _stops_anyway(answer: Answer, seen: Feature, column: str) -> bool:
    """Say whether a call stops, or gives nothing, as those do that are asked for numbers."""
    others = [one for key, one in answer.seen.items() if key.startswith(f"{column}/values/")]
    return _is_empty(seen) and any(map(_is_empty, others))


def _is_empty(seen: Feature) -> bool:
    return is_raised(seen) or seen.kind == "nothing"


def changed(answer: Answer, column: str) -> str:
    """Look whether an argument was changed in place."""
    key = f"{column}/keeps/arguments"
    seen, right = answer.look(key)
    if seen.kind == right.kind:
        return ""
    if not seen.kind.startswith("changed"):
        return WAITING if _stops_anyway(answer, seen, column) else of_probe(key, _trouble(seen))
    places, _, keys = seen.kind.removeprefix("changed ").partition(": ")
    names = [answer.names[int(place)] for place in places.split(", ")]
    verb = ("has", "was") if len(names) == 1 else ("have", "were")
    how = f"{verb[0]} other keys after the call" if keys else f"{verb[1]} changed in place"
    return f"{listed(names)} {how}"


def one_of_two(answer: Answer, column: str) -> str:
    """Look whether every input was the truth or the model's own token, and moved the state."""
    read = answer.look(f"{column}/coins/inputs")[0]
    state = answer.look(f"{column}/mixed/state")[0]
    trouble = _trouble(read) or _trouble(state)
    if trouble:
        return trouble
    if isinstance(read.raw, Reading) and read.raw.inputs_wrong:
        return read.raw.parts[0].measured
    return carried.said(state.kind) if state.kind.startswith("from ") else ""


def ends(answer: Answer, column: str) -> str:
    """Look whether a coin fails at 0 or at 1, now and then."""
    read, _ = answer.look(f"{column}/coins/inputs")
    if isinstance(read.raw, Reading) and read.kind.startswith("fails at"):
        return read.raw.parts[-1].measured
    return _trouble(read)


#: How kinds of coins begin that hang together; the others come up too often or too seldom.
_TOGETHER = (
    "same in each call",
    "one a call",
    "periodic",
    "evenly",
    "shared",
    "fixed count",
    "after",
    "never back",
    "counts",
    "by confidence",
    "where both",
    "truth first",
    "own first",
)


def coins(together: bool) -> Look:
    """Say what was measured of coins that hang together, or of others that are not fair."""

    def look(answer: Answer, column: str) -> str:
        seen = [answer.look(key)[0] for key in answer.bank.right if key.endswith("/coins/inputs")]
        read = [one.raw for one in seen if isinstance(one.raw, Reading)]
        if not read:
            return WAITING
        parts = [part for one in read for part in one.parts if not part.is_of_inputs]
        # Where coins hang together their rate says nothing: whoever never goes back has another.
        unknown = WAITING if parts and not together else ""
        kind = (part.measured for part in parts if part.kind.startswith(_TOGETHER) == together)
        return next(kind, unknown)

    return look


def schedule_table(answer: Answer, column: str) -> str:
    """Look whether a schedule is right at many steps."""
    key = f"{column}/values/table"
    seen, right = answer.look(key)
    if seen.kind == right.kind or not isinstance(seen.raw, ScheduleTable):
        return ""
    came = as_numbers(seen.raw.came)
    if came is None or not seen.raw.wrong.any():
        return of_probe(key, finding(seen.raw, list(tables_of(answer.seen).values())))
    n = int(seen.raw.wrong.argmax())
    return of_probe(key, f"{where(seen.raw, n)}: {_beside(seen.raw.wanted[n], came[n])}")


def docstring(answer: Answer, column: str) -> str:
    """Look whether the first sentence of the docstring is written."""
    try:
        assert_docstring_written(answer.function)
    except AssertionError as error:
        return str(error)
    return ""


def _trouble(seen: Feature) -> str:
    """Say what is wrong with a result that is no array of numbers."""
    if seen.kind.startswith("raised "):
        name = seen.kind.removeprefix("raised ")
        if name == "NotImplementedError":
            return unfinished(seen.unwritten)
        said = f"{STOPPED} {name}: {seen.raw}"
        return said.replace(": , at `", ", at `").removesuffix(": ")  # of one without a message
    if seen.kind == "nothing":
        return unusable(None, ())
    if seen.kind == "warns":
        return f"{seen.raw}; no step may overflow or warn"
    if seen.kind == VARIES:
        return "two calls gave different results, where nothing may be left to chance"
    if seen.kind == VARIES_AT_ONCE:
        return (
            "two equal calls gave different results, from row 0 on: does something survive a call?"
        )
    return WAITING if seen.kind == NOT_ASKED else ""
