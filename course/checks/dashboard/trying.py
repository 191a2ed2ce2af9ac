"""One claim held against functions, and why it does not hold, also where they change arguments.

A claim calls a function several times with one array. Where a call changes it in place, the claim
compares with other numbers than it means, and its reason is not true of the answer. Such a claim is
run once more, with copies in each call: what is wrong then is said, and where nothing is, the
change. The points are those of the first run, as in grading.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import io
import re
from types import FunctionType
from typing import Any

from course.checks.cells.asserts import tells_of_a_change
from course.checks.cells.callees import rebound
from course.checks.cells.calls import as_it_is_now
from course.checks.dashboard.reasons import first_reason, why
from course.checks.known.features import Function, are_same

#: A cell type's line in what a test prints that gives a share of its points.
_MARKED = re.compile(r"^([✓✗]) ", re.MULTILINE)


class Watched:
    """A function that knows which arguments its calls changed; those themselves, or copies."""

    def __init__(self, function: Function, on_copies: bool) -> None:
        functools.update_wrapper(self, function)
        self._function, self._on_copies = function, on_copies
        self.changed: dict[str, None] = {}

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Call, and look."""
        copies, named_copies = as_it_is_now(given), as_it_is_now(named)
        passed = (copies, named_copies) if self._on_copies else (given, named)
        kept = (given, named) if self._on_copies else (copies, named_copies)
        try:
            return self._function(*passed[0], **passed[1])
        finally:
            for i, (before, after) in enumerate(zip(kept[0], passed[0], strict=True)):
                if _differ(before, after):
                    self.changed[self._name_of(i)] = None
            for name, before in kept[1].items():
                if _differ(before, passed[1][name]):
                    self.changed[name] = None

    def _name_of(self, i: int) -> str:
        try:
            return list(inspect.signature(self._function).parameters)[i]
        except (ValueError, TypeError, IndexError):
            return f"argument {i + 1}"


def _differ(before: Any, after: Any) -> bool:
    return before is not after and not are_same(before, after)


def tried(
    claim: dict[str, Any], functions: dict[str, Function], names: dict[str, Any]
) -> tuple[float, str]:
    """Run a claim on functions; return the points earned, and why not all were.

    Parameters
    ----------
    claim : dict
        Its ``source`` and ``points``.
    functions : dict of str to callable
        Those that are called by their names, also by helpers of the notebook.
    names : dict of str to object
        The notebook's, which stay what they are.
    """
    watched = {name: Watched(one, on_copies=False) for name, one in functions.items()}
    earned, said = _once(claim, watched, names)
    changed = any(one.changed for one in watched.values())
    if earned >= claim["points"] or not changed or tells_of_a_change(said):
        return earned, said
    return earned, why_on_copies(claim, functions, names) or said


def why_on_copies(
    claim: dict[str, Any], functions: dict[str, Function], names: dict[str, Any]
) -> str:
    """Say why a claim does not hold that passes copies; ``""`` where no call changes anything."""
    watched = {name: Watched(one, on_copies=True) for name, one in functions.items()}
    earned, said = _once(claim, watched, names)
    changed = {name: " and ".join(one.changed) for name, one in watched.items() if one.changed}
    if not changed:
        return ""
    if earned < claim["points"]:
        return said
    who = "; ".join(f"{name} changes {arguments} in place" for name, arguments in changed.items())
    return f"{who}, so a claim's later calls get other numbers than it means; on copies it holds"


def _once(
    claim: dict[str, Any], functions: dict[str, Any], names: dict[str, Any]
) -> tuple[float, str]:
    points, printed = claim["points"], io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            value = _last_value(claim["source"], _namespace(functions, names))
    except Exception as error:
        return 0.0, first_reason(why(error))
    earned = points if value is None else float(value)
    return earned, _missed(printed.getvalue()) if earned < points else ""


def _namespace(functions: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook's names with these functions, which its helpers call, too."""
    base = {**names, **functions}
    for name, value in names.items():
        is_helper = isinstance(value, FunctionType) and value.__globals__ is names
        if is_helper and name not in functions:
            base[name] = rebound(value, base)
    return base


def _last_value(source: str, namespace: dict[str, Any]) -> Any:
    """Run a test; return its last value, the score, None where it ends in a statement."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<a claim>", "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "<a claim>", "eval"), namespace)


def _missed(printed: str) -> str:
    """Return what a test says of the cell types that miss their share."""
    _, *parts = _MARKED.split(printed)
    missed = [said for mark, said in zip(parts[::2], parts[1::2], strict=True) if mark == "✗"]
    return first_reason("\n".join(missed))
