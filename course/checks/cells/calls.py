"""Call a function many times at once, and hear what it warns of."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

#: What NumPy says of a right product now and then. On processors with AVX-512, OpenBLAS computes
#: with what happens to lie in unused lanes of a register when a float32 matrix has 5 columns, drops
#: it, and leaves the processor's flag behind. A true nan is seen in the result.
UNFOUNDED = "invalid value encountered in (matmul|dot|matvec|vecmat|vecdot)"


def call_each(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call a function with each of several lists of arguments.

    Faster than a loop where the function is a stand-in for one in another process: that is asked
    once for all of them.

    Parameters
    ----------
    function : callable
        What to call.
    calls : sequence of tuple
        The arguments of each call. One object may stand in several of them.

    Returns
    -------
    list
        What each call returned. Arrays are as they were then, whatever later calls did to them.

    Raises
    ------
    Exception
        What the first call raised that did not return; no later call is made.

    Examples
    --------
    >>> call_each(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    together = getattr(type(function), "call_each", None)
    if together is not None:
        return list(together(function, calls))
    return [as_it_is_now(function(*arguments)) for arguments in calls]


def call_each_silently(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call a function as `call_each` does, and assert that no call warns of what it computes.

    Where a number overflows and the result is right all the same, the warning is all that tells.
    One of a matrix product need not be the function's, and is not heard: see `UNFOUNDED`.

    Parameters
    ----------
    function : callable
        What to call.
    calls : sequence of tuple
        The arguments of each call.

    Returns
    -------
    list
        What each call returned.

    Raises
    ------
    AssertionError
        Where a `RuntimeWarning` was given, NumPy's of an overflow for instance.

    Examples
    --------
    >>> call_each_silently(np.exp, [(1000.0,)])
    Traceback (most recent call last):
    AssertionError: it warns: overflow encountered in exp
    """
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", RuntimeWarning)
        warnings.filterwarnings("ignore", UNFOUNDED)
        results = call_each(function, calls)
    warned = [str(one.message) for one in heard]
    if hasattr(type(function), "call_each"):
        warned += function.warned  # type: ignore[attr-defined]
    if warned:
        raise AssertionError(f"it warns: {warned[0]}")
    return results


def as_it_is_now(result: Any) -> Any:
    """Return a copy of arrays, and of tuples, lists and dicts of them; all else itself."""
    if isinstance(result, np.ndarray):
        return result.copy()
    if type(result) in (tuple, list):
        return type(result)(map(as_it_is_now, result))
    if type(result) is dict:
        return {key: as_it_is_now(value) for key, value in result.items()}
    return result
