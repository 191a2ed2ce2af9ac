"""What a right function does more often than it needs to: told as a hint, at the price of no point.

Calls of the notebook's functions are counted, never seconds. Whoever writes all of it into one
function makes none, and reads nothing.
"""

from __future__ import annotations

import contextlib
import inspect
import io
from collections import Counter
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from course.checks.cells.callees import callees_of, rebound
from course.checks.cells.deadline import Limited
from course.checks.known.answer import Answer
from course.checks.known.features import Function
from course.checks.known.lessons import table
from course.checks.known.probes import probes_of

#: Says what of some calls is more than it takes, ``""`` where nothing is.
Price = Callable[[Mapping[str, int]], str]


def price_of(answer: Answer) -> str:
    """Say what a right function does more often than it needs to; ``""`` where nothing.

    A lesson's ``claims.py`` lists in `COSTS`, by function, the probe whose calls are counted, and
    what is said of them.
    """
    probe, said = table("claims", "COSTS").get(answer.function_name, ("", None))
    if said is None or answer.clock.is_over:
        return ""
    asked = next(one for one in probes_of(answer.function_name) if one.key == probe)
    try:
        return str(said(calls_made(answer.function, asked.arguments())))
    except Exception:  # it is right where it is asked without being watched
        return ""


def calls_made(function: Function, arguments: tuple[Any, ...]) -> Counter[str]:
    """Count the calls of the notebook's functions in one call of a function of the notebook.

    Parameters
    ----------
    function : callable
        The learner's.
    arguments : tuple
        What it is called with.

    Returns
    -------
    Counter
        By the names of the functions.
    """
    own = function.limited if isinstance(function, Limited) else function
    start = inspect.unwrap(own)
    if not isinstance(start, FunctionType):
        return Counter()
    counted: Counter[str] = Counter()
    names = dict(start.__globals__)
    for name, one in callees_of(own).items():
        names[name] = _counting(name, rebound(inspect.unwrap(one), names), counted)
    again = rebound(start, names)
    ended = function.limit(again) if isinstance(function, Limited) else again
    with contextlib.redirect_stdout(io.StringIO()):
        ended(*arguments)
    return counted


def _counting(name: str, function: Function, counted: Counter[str]) -> Function:
    def counting(*given: Any, **named: Any) -> Any:
        counted[name] += 1
        return function(*given, **named)

    return counting
