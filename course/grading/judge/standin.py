"""Stand-ins: what a test cell finds under the names that the student defined.

A stand-in looks like the student's function to an ordinary test: it can be called, has a name, a
docstring and a signature. A call sends copies of the arguments to the student's process and gives
back a copy of the result. What the function would have changed in the caller's own arrays is
changed there, and no more than that; an array of the caller's own that comes back is that array.
"""

from __future__ import annotations

import builtins
import inspect
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from course.grading.faults import StudentFault
from course.grading.judge.cells import text_of
from course.grading.judge.sides import Sides
from course.student.parts import exchanged, parts

_PARAMETER_KINDS = tuple(inspect._ParameterKind)


class Deadline:
    """How long the calls of the running test may still take, and who was called and failed.

    Parameters
    ----------
    seconds : float
        For the calls of one test.
    judges_seconds : callable, optional
        Returns seconds so far that were no time of the student's; by default 0.

    Attributes
    ----------
    called : list of str
        Names of the functions called since the test began, each once.
    faults : list of StudentFault
        What went wrong in calls since the test began.
    changed : dict of int to object
        Arguments that calls changed in place since the test began, by their `id`.
    """

    def __init__(self, seconds: float, judges_seconds: Callable[[], float] = float) -> None:
        self._seconds = seconds
        self._judges_seconds = judges_seconds
        self.begin()

    def begin(self) -> None:
        """Start the clock for a test."""
        self._end = self._now() + self._seconds
        self.called: list[str] = []
        self.faults: list[StudentFault] = []
        self.changed: dict[int, Any] = {}

    def left(self) -> float:
        """Return the seconds left; `StudentFault` where there are none."""
        left = self._end - self._now()
        if left <= 0:
            raise StudentFault("time", f"the calls of this test took over {self._seconds:g} s")
        return left

    def _now(self) -> float:
        return time.monotonic() - self._judges_seconds()


class StandIn:
    """A student's function, seen from the judge's process.

    Parameters
    ----------
    name : str
        The name that the student's process knows it by.
    about : dict
        What that process says of it: see `course.student`. Not believed without a look.
    student : Sides
        Where it lives.
    deadline : Deadline
        Of the running test.

    Attributes
    ----------
    warned : list of str
        What the calls of the last `call_each` warned of, the first few.
    """

    def __init__(
        self, name: str, about: dict[str, Any], student: Sides, deadline: Deadline
    ) -> None:
        doc = about.get("doc")
        self.__name__ = self.__qualname__ = name
        self.__doc__ = doc if type(doc) is str else None
        self.__signature__ = _signature(about.get("parameters"))
        self._student = student
        self._deadline = deadline
        callees = about.get("callees")
        self._callees = (
            [one for one in callees if type(one) is str] if type(callees) is list else []
        )
        self.warned: list[str] = []
        self._results: dict[int, list[weakref.ref[np.ndarray] | None]] = {}

    def __repr__(self) -> str:
        return f"<the student's function {self.__name__}>"

    @property
    def callees(self) -> dict[str, StandIn]:
        """What stands for the functions that it calls, by their names: for diagnoses alone.

        Raises
        ------
        StudentFault
            Where the student's process does not say what they are.
        """
        described = self._student.describe(self._callees) if self._callees else {}
        return {
            name: StandIn(name, about, self._student, self._deadline)
            for name, about in described.items()
            if isinstance(about, dict) and about.get("kind") == "function"
        }

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function.

        Raises
        ------
        StudentFault
            Where it hung, died, or gave what is no answer.
        Exception
            What the function raised, as its built-in class.
        """
        with self._noted():
            left = self._deadline.left()
            number, reply = self._student.call(self.__name__, list(args), kwargs, left)
        given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
        self._take_over(given, reply)
        if "error" in reply:
            raise _rebuilt(self.__name__, reply["error"])
        result = _with_own(reply.get("value"), parts(list(given.values())), reply.get("shared"))
        arrays = [weakref.ref(x) if isinstance(x, np.ndarray) else None for x in parts(result)]
        self._results[number] = arrays
        return result

    def call_each(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Call the student's function with each of several lists of arguments.

        It is asked once for as many calls as it can make in a short while. Results are as they
        were when they came.

        Raises
        ------
        StudentFault, Exception
            As of one call; no later one is made.
        """
        results: list[Any] = []
        self.warned = []
        while len(results) < len(calls):
            values, places = _each_once(calls[len(results) :])
            with self._noted():
                left = self._deadline.left()
                reply = self._student.call_each(self.__name__, values, places, left)
            self._take_over(dict(enumerate(values)), reply)
            if "error" in reply:
                raise _rebuilt(self.__name__, reply["error"])
            warned = reply.get("warned")
            self.warned += [text_of(one)[:200] for one in warned] if type(warned) is list else []
            results += reply["values"]
        return results

    def _take_over(self, given: dict[Any, Any], reply: dict[str, Any]) -> None:
        """Do to the caller's arguments and earlier results what the student's process did."""
        changed = _mirror(given, reply.get("changed"))
        self._deadline.changed |= {id(value): value for value in changed}
        self._mirror_results(reply.get("changed_results"))

    def _mirror_results(self, changed: Any) -> None:
        """Change results of earlier calls that the caller still holds, and forget the others."""
        for number, references in list(self._results.items()):
            held = {i: r() for i, r in enumerate(references) if r is not None}
            held = {i: array for i, array in held.items() if array is not None}
            if not held:
                del self._results[number]
            elif isinstance(changed, dict) and number in changed:
                _mirror(held, dict(enumerate(parts(changed[number]))))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Note that the function is called, and what goes wrong."""
        if self.__name__ not in self._deadline.called:
            self._deadline.called.append(self.__name__)
        try:
            yield
        except StudentFault as fault:
            self._deadline.faults.append(fault)
            raise


class Missing:
    """Stands where a function should be that the student's process does not have.

    Parameters
    ----------
    name : str
        The function's name.
    why : str
        What became of it, in the reader's words.
    """

    def __init__(self, name: str, why: str) -> None:
        self.__name__ = name
        self.__doc__ = None
        self._why = why

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Raise `NameError`: there is nothing to call."""
        raise NameError(f"`{self.__name__}` is not defined: {self._why}")


def _signature(parameters: Any) -> inspect.Signature:
    """Build a signature from what was said of a function; an open one where that is none."""
    anything = inspect.signature(lambda *args, **kwargs: None)
    try:
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    _PARAMETER_KINDS[kind],
                    default=None if has_default else inspect.Parameter.empty,
                )
                for name, kind, has_default in parameters
            ]
        )
    except (TypeError, ValueError, IndexError):
        return anything


def _rebuilt(function: str, error: Any) -> Exception:
    """Return the error that a student's function raised, as a built-in class with its message."""
    about = error if isinstance(error, dict) else {}
    said = {key: text_of(about.get(key))[:2000] for key in ("class", "name", "message", "place")}
    found = getattr(builtins, said["class"], None)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        found, said["message"] = RuntimeError, f"{said['name']}: {said['message']}"
    try:
        rebuilt: Exception = found(said["message"])
    except TypeError:
        rebuilt = RuntimeError(f"{said['name']}: {said['message']}")
    rebuilt.add_note(f"raised in `{function}`" + (f", {said['place']}" if said["place"] else ""))
    return rebuilt


def refuse_changed(arguments: Iterable[Any], changed: dict[int, Any]) -> None:
    """Raise where something is to be computed from what a student's function has changed.

    Whoever changes the arguments could else choose what the answer is compared with.

    Parameters
    ----------
    arguments : iterable
        What it is to be computed from.
    changed : dict of int to object
        As `Deadline.changed` has it.

    Raises
    ------
    AssertionError
        Where one of them, or what lies in it, was changed, or shares memory with what was.
    """
    if not changed:
        return
    for value in arguments:
        if isinstance(value, dict):
            refuse_changed(value.values(), changed)
        arrays = [c for c in changed.values() if isinstance(c, np.ndarray)]
        shares = isinstance(value, np.ndarray) and any(
            np.may_share_memory(value, a) for a in arrays
        )
        if id(value) in changed or shares:
            raise AssertionError(
                "your function changed an argument in place, so its result cannot be compared "
                "with anything: work on a copy"
            )


def _mirror(mine: dict[Any, Any], changed: Any) -> list[Any]:
    """Do to the caller's own values what the student's process did to its copies; list them.

    Only what a caller of an ordinary function could see is done: arrays are filled where shape
    and dtype allow it, dictionaries and lists get their new content, generators move on.
    """
    if not isinstance(changed, dict):
        return []
    return [x for key, new in changed.items() if key in mine for x in _fill(mine[key], new)]


def _each_once(calls: Sequence[tuple[Any, ...]]) -> tuple[list[Any], list[tuple[list[int], int]]]:
    """List the arguments of several calls, each once, and the calls by their places."""
    places: dict[int, int] = {}
    values: list[Any] = []
    by_place: list[tuple[list[int], int]] = []
    for arguments in calls:
        for value in arguments:
            if id(value) not in places:
                places[id(value)] = len(values)
                values.append(value)
        call = [places[id(value)] for value in arguments]
        times = 1
        if by_place and by_place[-1][0] == call:
            times += by_place.pop()[1]
        by_place.append((call, times))
    return values, by_place


def _with_own(result: Any, given: list[Any], shared: Any) -> Any:
    """Return a result with the caller's own arrays where they came back, unchanged in number."""
    came = parts(result)
    own: dict[int, Any] = {}
    for pair in shared if type(shared) is list else ():
        if type(pair) is not list or len(pair) != 2 or not all(type(n) is int for n in pair):
            continue
        i, j = pair
        if 0 <= i < len(came) and 0 <= j < len(given) and _are_equal(came[i], given[j]):
            own[id(came[i])] = given[j]
    return exchanged(result, lambda part: own.get(id(part), part)) if own else result


def _are_equal(one: Any, other: Any) -> bool:
    arrays = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
    return (
        arrays
        and (one.shape, one.dtype) == (other.shape, other.dtype)
        and one.tobytes() == other.tobytes()
    )


def _all_fit(old: Sequence[Any], new: Sequence[Any]) -> bool:
    """Say whether what lies in two lists can be filled, one by one."""
    return len(old) == len(new) and all(map(_fits, old, new))


def _fits(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return (one.shape, one.dtype) == (other.shape, other.dtype)
    return any(isinstance(one, kind) and isinstance(other, kind) for kind in (dict, list, tuple))


def _fill(old: Any, new: Any) -> list[Any]:
    """Give a value the content of another; list what of it changed, generators apart."""
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape == new.shape and old.dtype == new.dtype and old.flags.writeable:
            if old.tobytes() == new.tobytes():
                return []
            old[...] = new
            return [old]
    elif isinstance(old, dict) and isinstance(new, dict):
        changed = [x for name in old.keys() & new.keys() for x in _fill(old[name], new[name])]
        if old.keys() != new.keys():
            changed.append(old)
        for name in old.keys() - new.keys():
            del old[name]
        old.update({name: new[name] for name in new.keys() - old.keys()})
        return changed
    elif isinstance(old, tuple) and isinstance(new, tuple) and _all_fit(old, new):
        return [x for one, other in zip(old, new, strict=True) for x in _fill(one, other)]
    elif isinstance(old, list) and isinstance(new, list):
        if old and _all_fit(old, new):  # of blocks, say: the caller may hold what lies in them
            return [x for one, other in zip(old, new, strict=True) for x in _fill(one, other)]
        old[:] = new
        return [old]
    elif (
        isinstance(old, np.random.Generator)
        and isinstance(new, np.random.Generator)
        and type(old.bit_generator) is type(new.bit_generator)
    ):
        old.bit_generator.state = new.bit_generator.state
    return []
