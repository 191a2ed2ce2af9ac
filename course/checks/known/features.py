"""What one probe of a function shows: a value, an exception, or how its results are spread.

Only calls are made, so a stand-in for a function in another process can be observed as well. A
call that fails gives a feature too, never an exception.
"""

from __future__ import annotations

import builtins
import re
import traceback
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from course.checks.cells.asserts import ATOL, RTOL
from course.checks.cells.calls import call_each, call_each_silently
from course.checks.cells.examples import Array
from course.checks.cells.unwritten import who_is_not_written
from course.checks.known.others import another, times
from course.checks.known.structured import flattened, put_together

Function = Callable[..., Any]
Arguments = Callable[[], tuple[Any, ...]]

#: Whose files have lines that say nothing of why a function failed.
_OBSERVERS = str(Path(__file__).parents[2])

#: Kinds of a result that is not the same each time: from some row on, and from the first one on.
VARIES, VARIES_AT_ONCE = "varies", "varies from row 0"

#: The kind where nothing can be read, as of inputs through a cell that is wrong.
UNREADABLE = "unreadable"

#: The kind of a feature that is missing, since the calls before it took too long.
NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Feature:
    """What was seen.

    Attributes
    ----------
    kind : str
        ``"array"``, ``"tuple"``, ``"list"``, ``"nothing"``, ``"raised ValueError"``, ...
    values : ndarray or None
        The numbers, where there are any. For ``"outcomes"`` one array a run.
    shares : ndarray or None
        How often each outcome came, where `values` holds distinct ones.
    raw : object
        The result itself, or the exception's message.
    message : str
        Of an exception, what tells it from others of its class: see `said_of`.
    line : str
        Of an exception, the learner's own line that it came from.
    unwritten : str
        Of a `NotImplementedError`, the function that raised it.
    """

    kind: str
    values: Array | None = None
    shares: Array | None = None
    raw: Any = field(default=None, compare=False, repr=False)
    message: str = ""
    line: str = ""
    unwritten: str = field(default="", compare=False)


def value(function: Function, arguments: Arguments) -> Feature:
    """Observe what a call returns."""
    try:
        result = function(*arguments())
    except Exception as error:
        return raised(error)
    return describe(result)


def curve(function: Function, arguments: Arguments) -> Feature:
    """Observe a function of one number: the first argument is a tuple of numbers to ask for."""
    numbers, *rest = arguments()
    try:
        results = call_each(function, [(number, *rest) for number in numbers])
    except Exception as error:
        return raised(error)
    found = [describe(result) for result in results]
    for feature in found:
        if feature.kind != "array" or feature.values is None or feature.values.ndim:
            return feature
    values = np.array([feature.values for feature in found])
    return Feature("array", values, raw=values)


def silent_curve(function: Function, arguments: Arguments) -> Feature:
    """Observe a curve of which NumPy must not warn: ``"warns"`` where it does."""
    seen = curve(function, arguments)
    if seen.values is None:
        return seen
    numbers, *rest = arguments()
    try:
        call_each_silently(function, [(number, *rest) for number in numbers])
    except AssertionError as error:
        return Feature("warns", raw=str(error))
    return seen


def steady_value(function: Function, arguments: Arguments, n_runs: int = 4) -> Feature:
    """Observe what a call returns that must not depend on chance: ``"varies"`` where it does.

    Where the first row differs too, the kind is ``"varies from row 0"``.
    """
    first = value(function, arguments)
    if first.values is None:
        return first
    try:
        later = [describe(result) for result in again(function, arguments, n_runs - 1)]
    except Exception:
        return Feature(VARIES, raw=first.raw)
    if all(alike(first, one) for one in later):
        return first
    same_start = all(alike(_first_row(first), _first_row(one)) for one in later)
    return Feature(VARIES if same_start else VARIES_AT_ONCE, raw=first.raw)


def _first_row(feature: Feature) -> Feature:
    """Return what a feature shows of row 0 alone; the feature itself where it has no rows."""
    if feature.values is None or not feature.values.ndim:
        return feature
    return Feature(feature.kind, feature.values[:1])


def again(function: Function, arguments: Arguments, times: int) -> list[Any]:
    """Call with the same arguments several times; with new ones each where a call changes them."""
    passed, before = arguments(), arguments()
    results = call_each(function, [passed] * times)
    if all(are_same(old, new) for old, new in zip(before, passed, strict=True)):
        return results
    return call_each(function, [arguments() for _ in range(times)])


def refusal(function: Function, arguments: Arguments) -> Feature:
    """Observe whether a call with bad arguments raises."""
    feature = value(function, arguments)
    return feature if feature.kind.startswith("raised") else Feature("accepted")


def keeping(function: Function, arguments: Arguments) -> Feature:
    """Observe which arguments, by their place, a call changes: ``"changed 0, 2"`` and the like.

    A dict that has got another key is another mistake than one whose arrays were written into:
    ``"changed 2: keys"``.
    """
    passed, before = arguments(), arguments()
    try:
        function(*passed)
    except Exception as error:
        return raised(error)
    changed = [i for i, old in enumerate(before) if not are_same(old, passed[i])]
    if not changed:
        return Feature("unchanged")
    keys = any(
        isinstance(before[i], Mapping) and before[i].keys() != passed[i].keys() for i in changed
    )
    return Feature("changed " + ", ".join(map(str, changed)) + ": keys" * keys)


def memory(function: Function, arguments: Arguments) -> Feature:
    """Observe whether a call knows of an earlier one.

    A call is made, then one of the same shapes with the first argument halved, then the first
    again. The kind is ``"forgets"``, or what is wrong: ``"overwrites"`` the earlier result,
    ``"repeats"`` it though other arrays of these shapes are passed, ``"remembers"``, or ``"never
    the same"``, where equal calls differ also after whatever is kept was brought to nothing, as by
    chance. What repeats may also be of no use, a constant for instance: `telling.mistakes` asks
    that it be right. Where row 0 comes again and later ones do not the kind is ``"varies"``: so it
    is of chance, and of a row that is never written.
    """
    try:
        result = function(*arguments())
        first = describe(result)
        first_argument, *rest = arguments()
        between = describe(function(times(0.5, first_argument), *rest))
        later, again = describe(result), describe(function(*arguments()))
        if first.values is None or not first.values.size:
            return first
        if not alike(first, later):
            return Feature("overwrites")
        if alike(first, between):
            # So it is too where the first argument plays no part: then other numbers give another
            # result, and the same ones the same again.
            others = describe(function(times(0.5, first_argument), *map(another, rest)))
            if alike(first, others) or not alike(first, describe(function(*arguments()))):
                return Feature("repeats")
        if alike(first, again):
            return Feature("forgets")
        if first.values.ndim > 1 and alike(_first_row(first), _first_row(again)):
            return Feature(VARIES)
        after_zeros = []
        for _ in range(4):
            zeroed = times(0.0, tuple(arguments()))
            call_each(function, [zeroed] * _UNTIL_NOTHING_IS_LEFT)
            # Several calls: in one of them chance may fall as it did before.
            repeated = call_each(function, [arguments() for _ in range(4)])
            after_zeros.append([describe(one) for one in repeated])
    except Exception as error:
        return raised(error)
    same = all(all(map(alike, after_zeros[0], some)) for some in after_zeros[1:])
    return Feature("remembers" if same else "never the same")


#: Calls with weights of zero after which nothing is left of a state, which each halves.
_UNTIL_NOTHING_IS_LEFT = 30


def after_equals(function: Function, arguments: Arguments, n_runs: int = 3) -> Feature:
    """Observe whether chance is left where a call knows of an earlier one.

    The arguments are those of two calls, of which the first leaves whatever is kept as it was left
    the time before. The kind is ``"follows"`` where the second then gives the same each time, else
    ``"by chance"``.
    """
    seen = []
    try:
        for _ in range(n_runs):
            earlier, later = arguments()
            function(*earlier)
            seen.append(describe(function(*later)))
    except Exception as error:
        return raised(error)
    return Feature("follows" if all(alike(seen[0], one) for one in seen[1:]) else "by chance")


def describe(result: Any) -> Feature:
    """Return the feature of a returned object, which may change later: all is copied."""
    if result is None:
        return Feature("nothing")
    try:
        raw = deepcopy(result)
    except Exception:  # a generator, a lock, an object of the learner's own: its kind is told
        raw = result
    if isinstance(result, tuple):
        parts = [describe(part) for part in result]
        shapes = {None if part.values is None else part.values.shape for part in parts}
        if len(shapes) == 1 and None not in shapes:
            return Feature("tuple", np.array([part.values for part in parts]), raw=raw)
        return _of_parts(f"tuple of {len(parts)}", result, raw)
    if isinstance(result, Mapping):
        return _of_parts(type(result).__name__, result, raw)
    if isinstance(result, np.ndarray | np.generic | int | float | list):
        try:
            values = np.array(result, dtype=np.float64)
        except (TypeError, ValueError):
            return Feature(f"{type(result).__name__} of no numbers", raw=raw)
        return Feature("list" if isinstance(result, list) else "array", values, raw=raw)
    return Feature(type(result).__name__, raw=raw)


def _of_parts(kind: str, result: Any, raw: Any) -> Feature:
    """Return the feature of a result of several parts: its kind says how it is put together."""
    found = flattened(result)
    return Feature(f"{kind} {found[0]}", found[1], raw=raw) if found else Feature(kind, raw=raw)


def due(feature: Feature) -> Any:
    """Return what a right answer's feature was made of: an array, or a result of several parts."""
    if feature.values is None or feature.kind == "array":
        return feature.values
    if feature.kind == "tuple":
        return tuple(feature.values)
    skeleton = re.sub(r"^[^\[{]*", "", feature.kind)
    return put_together(skeleton, feature.values)


def raised(error: Exception) -> Feature:
    """Return the feature of an exception; its message, and the line that it came from."""
    line = _line_of(error)
    place = f", at `{line}`" if line else ""
    # A class of the learner's own counts as what it is derived from.
    bases = type(error).__mro__
    built_in = next(base for base in bases if vars(builtins).get(base.__name__) is base)
    return Feature(
        f"raised {built_in.__name__}",
        raw=f"{str(error).strip()}{place}",
        message=said_of(str(error), line),
        line=line,
        unwritten=who_is_not_written(error) if isinstance(error, NotImplementedError) else "",
    )


def is_raised(feature: Feature) -> bool:
    """Say whether a feature is an exception."""
    return feature.kind.startswith("raised ")


#: Said of an exception that the learner's own line raises on purpose, whatever it says.
ON_PURPOSE = "on purpose"


def said_of(message: str, line: str) -> str:
    """Return what tells an exception from others of its class.

    Two that say the same come from the same cause; what a learner writes into one says nothing.
    """
    if re.search(r"\b(raise|assert)\b", line):
        return ON_PURPOSE
    # Which index is out of bounds may be left to chance.
    return re.sub(r"^index -?\d+ is", "an index is", message.strip("'\"\\"))[:200]


#: Stands before a line of the learner's, as the student's process says where an error arose.
_IN_A_CELL = re.compile(r" of the cell(?:, in the call of `\w+`)?: ")


def _line_of(error: Exception) -> str:
    """Return the learner's own line from which an exception came; ``""`` where it is not known."""
    for note in getattr(error, "__notes__", ()):  # from another process
        if place := _IN_A_CELL.search(str(note)):
            return str(note)[place.end() :]
        if str(note).startswith("raised in `"):  # by no line of a cell: the frames are the judge's
            return ""
    # The first frames are the observer's, the next the function's, which others may lie below.
    found = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in found if not frame.filename.startswith(_OBSERVERS)]
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    return (own[-1].line or "") if own else ""


def alike(one: Feature, other: Feature) -> bool:
    """Say whether two features are the same up to rounding; not for outcomes of chance."""
    if one.kind != other.kind or (one.values is None) != (other.values is None):
        return False
    if one.message != other.message:
        return False
    if one.values is None or other.values is None:
        return True
    return equal(one.values, other.values)


def agrees(got: Feature, known: Feature, right: Feature) -> bool:
    """Say whether a feature can be the known one, which is right's own or that of a mistake.

    Where nothing can be read nothing disagrees.
    """
    if got.kind == UNREADABLE:
        return True
    if known.kind == "array" and known.values is None:
        # Always the same, but what it is hangs on a seed.
        return got.kind == "array"
    # A right answer may say of an exception what it likes.
    return got.kind == known.kind if known is right and is_raised(got) else alike(got, known)


def equal(one: Array, other: Array, tolerance: float = 1.0) -> bool:
    """Say whether two arrays agree up to rounding, not a number beside not a number.

    What `np.allclose` says, in a third of the time where all numbers are finite.
    """
    if one.shape != other.shape:
        return False
    rtol, atol = tolerance * RTOL, tolerance * ATOL
    with np.errstate(all="ignore"):
        apart = np.abs(one - other)
        if not np.isfinite(apart.sum()):
            return bool(np.allclose(one, other, rtol, atol, equal_nan=True))
    return bool((apart <= atol + rtol * np.abs(other)).all())


def are_same(one: Any, other: Any) -> bool:
    """Say whether two arguments are equal, in all that lies in them."""
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(are_same(one[key], other[key]) for key in one)
    if isinstance(one, partial):
        return one.func is other.func and are_same(list(one.args), list(other.args))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(are_same, one, other))
    return bool(np.array_equal(one, other))
