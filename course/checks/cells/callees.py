"""Which functions of a notebook a function calls, read off its code: nothing is run."""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

from course.checks.cells.deadline import Limited

#: Instructions that read a notebook's name.
_READS = ("LOAD_GLOBAL", "LOAD_NAME")


def callees_of(function: Callable[..., Any]) -> Mapping[str, Callable[..., Any]]:
    """Return the notebook's functions that a function calls, itself or by others, by their names.

    Parameters
    ----------
    function : callable
        A learner's. Whoever stands for one of another process says so in an attribute `callees`.

    Returns
    -------
    mapping of str to callable
        Without the function itself; ended after a while where it is.
    """
    if isinstance(function, Limited):
        return {name: function.limit(one) for name, one in callees_of(function.limited).items()}
    told = getattr(function, "callees", None)
    if isinstance(told, Mapping):
        return told
    start = inspect.unwrap(function)
    found: dict[str, FunctionType] = {}
    waiting = [start] if isinstance(start, FunctionType) else []
    while waiting:
        caller = waiting.pop()
        for name in _names_read(caller.__code__):
            for called, value in _functions_in(name, caller.__globals__.get(name)):
                own = inspect.unwrap(value)
                is_of_notebook = getattr(own, "__globals__", None) is start.__globals__
                if is_of_notebook and own is not start and called not in found:
                    found[called] = value
                    waiting.append(own)
    return found


def _functions_in(name: str, value: Any) -> Iterator[tuple[str, FunctionType]]:
    """Yield the functions that a name stands for: one, or those of a table by their own names."""
    if isinstance(value, FunctionType):
        yield name, value
    elif isinstance(value, functools.partial):
        yield from _functions_in(name, value.func)
    elif isinstance(value, dict | list | tuple):
        held = value.values() if isinstance(value, dict) else value
        yield from ((one.__name__, one) for one in held if isinstance(one, FunctionType))


@functools.lru_cache(maxsize=1024)
def _names_read(code: CodeType) -> tuple[str, ...]:
    """List the global names that a function reads, in what it defines inside itself too."""
    own = [str(one.argval) for one in dis.get_instructions(code) if one.opname in _READS]
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return tuple(dict.fromkeys([*own, *(name for one in inner for name in _names_read(one))]))


def rebound(function: FunctionType, names: dict[str, Any]) -> FunctionType:
    """Return a function that finds its global names in another dictionary."""
    again = FunctionType(
        function.__code__,
        names,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    again.__kwdefaults__ = function.__kwdefaults__
    return again
