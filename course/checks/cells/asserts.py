"""Assertions for test cells, whose messages a learner can act on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course.checks.cells.examples import CELL_TYPES
from course.checks.cells.unwritten import unfinished, who_is_not_written

#: How near is near enough: honest float32 arithmetic passes, float16 does not.
RTOL, ATOL = 1e-4, 1e-5

#: What `assert_unchanged`, and claims of lists, say of an argument that was changed.
_CHANGED = re.compile(r"changed in place|changed an argument|(array|key) '\w+' was |argument held")

#: What lies in a list that is looked into: arrays, and mappings of them.
_HOLDERS = (Mapping, np.ndarray)


def assert_agrees(
    actual: Any,
    expected: Any,
    because: str = "",
    show: bool = False,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Assert that an answer is the expected array, or tuple or dict of arrays, up to rounding.

    Parameters
    ----------
    actual : object
        What the learner's function returned.
    expected : array_like, or tuple or mapping of these
        What it should have returned.
    because : str
        The likely cause, added to the message.
    show : bool
        Put the numbers of the first wrong row into the message. Never in a hidden test.
    rtol, atol : float
        Relative and absolute tolerance.

    Raises
    ------
    AssertionError
        Saying what is wrong: type, shape, a number that is not finite, or the first wrong row.

    Examples
    --------
    >>> assert_agrees(np.array([[1.0, 2.0], [3.0, 5.0]]), [[1, 2], [3, 4]], "Is b_y added?")
    Traceback (most recent call last):
    AssertionError: row 1 is the first that differs. Is b_y added?
    """
    finding = difference(actual, expected, show, rtol, atol)
    if finding:
        raise AssertionError(_sentences(finding, because))


def difference(
    actual: Any, expected: Any, show: bool = False, rtol: float = RTOL, atol: float = ATOL
) -> str:
    """Say in one sentence how an answer differs from what is expected; ``""`` where it does not."""
    if isinstance(expected, tuple):
        return _tuple_difference(actual, expected, show, rtol, atol)
    if isinstance(expected, Mapping):
        return _mapping_difference(actual, expected, show, rtol, atol)
    expected = np.asarray(expected, dtype=np.float64)
    finding = unusable(actual, expected.shape, finite=bool(np.isfinite(expected).all()))
    if finding:
        return finding
    given = np.asarray(actual).astype(np.float64)
    wrong = ~np.isclose(given, expected, rtol, atol)
    if not wrong.any():
        return ""
    first = np.argwhere(wrong)[0]
    if expected.ndim == 0:
        finding = "the number differs"
    elif len(expected) == 1:
        finding = f"{_place(first)} differs"
    else:
        finding = f"{_place(first)} is the first that differs"
    if show:
        row = tuple(first[: max(expected.ndim - 1, 0)])
        finding += f":{_side_by_side(expected[row], given[row])}"
    elif np.asarray(actual).dtype == np.float16:
        finding += ": float16 is not precise enough, compute in float32 or float64"
    elif np.asarray(actual).dtype.kind in "iub":
        finding += ": the array holds whole numbers, so fractions were cut off"
    return finding


def assert_raises(
    exception_class: type[Exception],
    function: Callable[..., Any],
    *args: Any,
    because: str = "",
    **kwargs: Any,
) -> None:
    """Assert that a call raises an exception of this class.

    Parameters
    ----------
    exception_class : type
        What must be raised, or a subclass of it.
    function : callable
        What to call, with the arguments that follow.
    because : str
        Why it must, added to the message.
    """
    wanted, name = exception_class.__name__, getattr(function, "__name__", "the function")
    try:
        function(*args, **kwargs)
    except exception_class as error:
        # NotImplementedError is a RuntimeError: an empty answer must not pass for one.
        if not isinstance(error, NotImplementedError) or exception_class is NotImplementedError:
            return
        raise AssertionError(_sentences(explain(error), because)) from None
    except NotImplementedError as error:
        raise AssertionError(_sentences(explain(error), because)) from None
    except Exception as error:
        came = f"{name} must raise {wanted}, but raised {type(error).__name__}: {error}"
        raise AssertionError(_sentences(came, because)) from None
    raise AssertionError(_sentences(f"{name} must raise {wanted}, but raised nothing", because))


def assert_unchanged(before: Any, after: Any, because: str = "") -> None:
    """Assert that a call left an argument as it was.

    Parameters
    ----------
    before : ndarray, or mapping of str to ndarray, or tuple or list of these
        A copy made before the call; what a mapping holds may be a list of mappings in turn.
    after : ndarray, mapping, tuple or list
        The argument itself, after the call.
    because : str
        The likely cause, added to the message.
    """
    if isinstance(before, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in after or key not in before:
                change = "removed" if key in before else "added"
                raise AssertionError(_sentences(f"the key {key!r} was {change}", because))
            if isinstance(before[key], list):
                assert_unchanged(before[key], after[key], because)
            elif not _same(before[key], after[key]):
                raise AssertionError(_sentences(f"the array {key!r} was changed", because))
    elif isinstance(before, list | tuple) and any(isinstance(one, _HOLDERS) for one in before):
        if len(before) != len(after):
            said = f"an argument held {len(before)} and now holds {len(after)}"
            raise AssertionError(_sentences(said, because))
        for one, other in zip(before, after, strict=True):
            assert_unchanged(one, other, because)
    elif not _same(before, after):
        raise AssertionError(_sentences("an argument was changed in place", because))


def tells_of_a_change(said: str) -> bool:
    """Say whether a reason says itself that an argument was changed.

    >>> tells_of_a_change("the array 'W_xh' was changed"), tells_of_a_change("row 1 differs")
    (True, False)
    """
    return bool(_CHANGED.search(said))


def rounding_of(rows: Any, expected: Any) -> float:
    """Return how near all rows must come to what is expected: 1e-9 where the first does.

    Else `RTOL`: whoever computes in float32 is no nearer in row 0 either.

    >>> rounding_of(np.array([1 / 3, 0.2]), np.array([1 / 3, 0.5]))
    1e-09
    >>> rounding_of(np.array([1 / 3], np.float32), np.array([1 / 3]))
    0.0001
    """
    first, due = (np.asarray(some, dtype=np.float64)[:1] for some in (rows, expected))
    return 1e-9 if first.shape == due.shape and np.allclose(first, due, 1e-9, 1e-9) else RTOL


def each_cell_type(
    *claims: Callable[[str], None], points: float, cell_types: tuple[str, ...] = CELL_TYPES
) -> float:
    """Hold claims against each cell type and return the points earned.

    A cell type earns its share when all claims hold for it. Prints one line a cell type.

    Parameters
    ----------
    *claims : callable
        Called with a cell type; raise where they do not hold.
    points : float
        What the test cell is worth.
    cell_types : tuple of str
        Which cells to ask for.

    Returns
    -------
    float
        From 0 (never returned, see below) to `points`.

    Raises
    ------
    AssertionError
        Where no cell type passes, with what was wrong.
    """
    failures = {}
    for cell_type in cell_types:
        try:
            for claim in claims:
                claim(cell_type)
        except Exception as error:
            failures[cell_type] = explain(error)
    if len(failures) == len(cell_types):
        raise AssertionError(_grouped(failures))
    for cell_type in cell_types:
        print(
            f"✗ {cell_type}: {failures[cell_type]}" if cell_type in failures else f"✓ {cell_type}"
        )
    passed = len(cell_types) - len(failures)
    return float(points) if not failures else round(points * passed / len(cell_types), 4)


def explain(error: BaseException) -> str:
    """Say what an exception means, in the reader's words."""
    if isinstance(error, NotImplementedError):
        return unfinished(who_is_not_written(error))
    if isinstance(error, AssertionError) and str(error):
        return str(error)
    return f"it stopped with {type(error).__name__}: {error}".rstrip(": ")


def _grouped(failures: Mapping[str, str]) -> str:
    """One line for each message, with all cell types that it was said of."""
    by_message: dict[str, list[str]] = {}
    for cell_type, message in failures.items():
        by_message.setdefault(message, []).append(cell_type)
    return "\n".join(f"{', '.join(names)}: {message}" for message, names in by_message.items())


def _tuple_difference(
    actual: Any, expected: tuple[Any, ...], show: bool, rtol: float, atol: float
) -> str:
    count = len(expected)
    if not isinstance(actual, tuple | list) or len(actual) != count:
        came = _named(actual)
        if isinstance(actual, tuple | list):
            came = "1 value" if len(actual) == 1 else f"{len(actual)} values"
        return f"{count} values must be returned, `return a, b`; {came} came back"
    for i, (one, other) in enumerate(zip(actual, expected, strict=True)):
        finding = difference(one, other, show, rtol, atol)
        if finding:
            return f"value {i + 1} of {count}: {of_a_part(finding)}"
    return ""


def of_a_part(finding: str) -> str:
    """Return what is wrong with one of several results, which is not to be returned alone."""
    return finding.removesuffix(": return the array alone").removesuffix(
        ": return the number alone"
    )


def _mapping_difference(
    actual: Any, expected: Mapping[str, Any], show: bool, rtol: float, atol: float
) -> str:
    if not isinstance(actual, Mapping):
        return f"a dict must be returned, {_named(actual)} came back"
    for key in [*expected, *(key for key in actual if key not in expected)]:
        if key not in actual or key not in expected:
            return f"the key {key!r} is {'missing' if key in expected else 'one too many'}"
        finding = difference(actual[key], expected[key], show, rtol, atol)
        if finding:
            return f"{key}: {finding}"
    return ""


def unusable(actual: Any, shape: tuple[int, ...], finite: bool = True) -> str:
    """Say why a result is no array of floats of this shape, `finite` ones; ``""`` where it is."""
    if actual is None:
        return "it returned nothing (None): is `return` missing?"
    if not isinstance(actual, np.ndarray | np.generic | int | float) or (
        shape and not isinstance(actual, np.ndarray)
    ):
        wanted = "a NumPy array" if shape else "a number"
        return f"{wanted} must be returned, {_named(actual)} came back{_instead(actual, shape)}"
    given = np.asarray(actual)
    if given.dtype.kind not in "fiub":
        return (
            f"the array holds {given.dtype} values, not floats: have all rows the same length, and "
            "is no dtype asked for?"
        )
    if given.shape != shape:
        return _shape_difference(given.shape, shape)
    is_finite = np.isfinite(given.astype(np.float64))
    if is_finite.all() or not finite:
        return ""
    where = _place(np.argwhere(~is_finite)[0])
    return f"{where} holds a number that is not finite (nan or inf): did something overflow?"


def _instead(actual: Any, shape: tuple[int, ...]) -> str:
    """Say what to return in place of a tuple, or of a list of what fits into the shape."""
    if isinstance(actual, tuple):
        what = "the array" if shape else "the number"
        if len(actual) == 1:
            return f": the comma after a value makes a tuple of it, return {what} alone"
        return f": return {what} alone"
    if isinstance(actual, list) and not shape:
        return ": return the number itself"
    if isinstance(actual, list) and _shape_of(actual) == shape:
        return ": make it one with np.array(...)"
    return ""


def _shape_of(values: list[Any]) -> tuple[int, ...] | None:
    """Return the shape that a list has as an array; None where it has none."""
    try:
        return np.shape(values)
    except ValueError:
        return None


def _shape_difference(given: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if not expected:
        return f"one number must be returned, an array of shape {given} came back"
    finding = f"the shape must be {expected}, got {given}"
    if len(expected) == 2 and given == expected[::-1]:
        return finding + ": rows are steps, columns are outputs; is it transposed?"
    if len(expected) == 2 and given == (expected[0] - 1, expected[1]):
        return finding + ": every step has a row, the first and the last too"
    if len(given) == len(expected) + 1 and 1 in given:
        return finding + ": there is one axis too many, use vectors of shape (n,) and no columns"
    return finding


def _place(index: np.ndarray) -> str:
    """Name the row, or the element of a vector, that an index lies in."""
    if not len(index):
        return "the result"
    if len(index) == 1:
        return f"element {index[0]}"
    return f"row {', '.join(map(str, index[:-1]))}"


def _named(value: Any) -> str:
    if value is None:
        return "nothing (None)"
    if isinstance(value, np.ndarray):
        return "one array" if value.ndim else "one number"
    if isinstance(value, np.generic | int | float):
        return "one number"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"


def _side_by_side(expected: Any, given: Any) -> str:
    """Return two numbers, or two rows of numbers, one below the other, column by column."""
    both = np.stack([np.atleast_1d(expected), np.atleast_1d(given)])
    shown = np.array2string(
        both, precision=4, suppress_small=True, threshold=24, max_line_width=10**6
    )
    wanted, came = (line[2:].rstrip("]") for line in shown.splitlines())
    if both.shape[1] == 1:
        return f" expected {wanted.strip()}, got {came.strip()}"
    return f"\nexpected [{wanted}]\ngot      [{came}]"


def _same(before: Any, after: Any) -> bool:
    one, other = np.asarray(before), np.asarray(after)
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def _sentences(finding: str, because: str) -> str:
    """Join a finding and a likely cause, below numbers where there are any."""
    joint = "\n" if "\n" in finding else " " if finding.endswith((".", "?")) else ". "
    return f"{finding}{joint}{because}" if because else finding
