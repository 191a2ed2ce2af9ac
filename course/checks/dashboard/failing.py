"""A claim that fails in its own cell: one message in the claim's words, in place of a traceback.

So does the cell of a check or a lab that was run before those above it, which define its names.
The cell fails all the same, with the same exception: Validate and grading see no difference. What
fails elsewhere keeps its traceback.
"""

from __future__ import annotations

import functools
import json
import linecache
import re
import sys
import textwrap
import traceback
from types import FrameType, TracebackType
from typing import Any

from course.checks.cells.asserts import tells_of_a_change
from course.checks.dashboard.checking import go_first, limited
from course.checks.dashboard.reasons import first_reason, why
from course.checks.dashboard.report import FAILS
from course.checks.dashboard.trying import why_on_copies
from course.checks.dashboard.view import in_notebook
from course.checks.known.lessons import lesson_folders

#: What makes a cell one of a check, of claims or of a lab.
_COURSES = re.compile(r"\b(?:checks|labs?)\.\w+\(")

#: Columns of a message: a notebook breaks longer lines wherever they end.
_WIDTH = 80


def say_claims_that_fail() -> None:
    """Have a notebook's kernel show a claim that fails as a message; do nothing elsewhere."""
    if in_notebook():
        sys.modules["IPython"].get_ipython().set_custom_exc((Exception,), _shown)


def message(error: BaseException, namespace: dict[str, Any]) -> str:
    """Return what is shown of an exception in a claim's cell.

    Parameters
    ----------
    error : BaseException
        What was raised, with its traceback.
    namespace : dict
        The notebook's names: frames that run in it are cells.

    Returns
    -------
    str
        The claim, why it does not hold, and where the learner's function stopped; ``""`` where
        the cell is no claim's.
    """
    frames = _frames(error.__traceback__, namespace)
    cell = _source(frames[0][0]) if frames else ""
    functions, claim = _claimed_by(cell)
    if not claim:
        return ""
    points = f"{claim['points']:g} {'point' if claim['points'] == 1 else 'points'}"
    lines = [f"{FAILS} This claim does not hold ({points}): {claim['claim']}", ""]
    lines += _reason(error, functions, claim, namespace).splitlines()
    if not isinstance(error, AssertionError | NotImplementedError) and len(frames) > 1:
        frame, number = frames[-1]
        line = linecache.getline(frame.f_code.co_filename, number).strip()
        lines.append(f"in {frame.f_code.co_name}, at: {line}")
    others = [go_first(namespace.get(function), function) for function in functions]
    checks = " or ".join(f"checks.check({function})" for function in functions)
    first = " ".join(filter(None, others)) or f"Mend it with {checks}, then run this cell again."
    lines += ["", first]
    return "\n".join(textwrap.fill(line, _WIDTH) if _is_prose(line) else line for line in lines)


def too_early(error: BaseException, namespace: dict[str, Any]) -> str:
    """Return what is shown of a check or a lab whose own cell has a name that is not defined.

    Parameters
    ----------
    error, namespace
        As `message` takes them.

    Returns
    -------
    str
        What to do; ``""`` of another cell or another error.
    """
    frames = list(traceback.walk_tb(error.__traceback__))
    cells = _frames(error.__traceback__, namespace)
    if not isinstance(error, NameError) or not cells or frames[-1] != cells[0]:
        return ""
    if not _COURSES.search(_source(cells[0][0])):
        return ""
    said = (
        f"{FAILS} {error.name} is not defined yet. Run the cells above this one first: in "
        "the menu, Run > Run All Above Selected Cell. Then run this cell again. If that does not "
        "help: is the name misspelt?"
    )
    return textwrap.fill(said, _WIDTH)


def _reason(
    error: BaseException, functions: list[str], claim: dict[str, Any], namespace: dict[str, Any]
) -> str:
    """Return the first reason; where a call changes its arguments, that which copies leave."""
    said = first_reason(why(error))
    written = {name: namespace[name] for name in functions if callable(namespace.get(name))}
    if tells_of_a_change(said) or not written or not isinstance(error, AssertionError):
        return said
    ended = {name: limited(function) for name, function in written.items()}
    return why_on_copies(claim, ended, namespace) or said


def _is_prose(line: str) -> bool:
    """Say whether a line may be broken: neither numbers below numbers, nor code."""
    return not line.startswith(("expected ", "got ", "in "))


def _shown(shell: Any, kind: type, error: Any, found: Any, tb_offset: int | None = None) -> None:
    said = message(error, shell.user_ns) or too_early(error, shell.user_ns)
    if said:
        error._render_traceback_ = lambda: [said]  # which IPython asks for
    shell.showtraceback((kind, error, found), tb_offset=tb_offset, running_compiled_code=True)


def _frames(found: TracebackType | None, namespace: dict[str, Any]) -> list[tuple[FrameType, int]]:
    """Return the frames that run a notebook's cells, outermost first, each with its line."""
    return [one for one in traceback.walk_tb(found) if one[0].f_globals is namespace]


def _source(frame: FrameType) -> str:
    return "".join(linecache.getlines(frame.f_code.co_filename))


def _claimed_by(cell: str) -> tuple[list[str], dict[str, Any]]:
    """Return what a cell claims, and the functions that it is about; nothing for another cell.

    Several lessons may say the same sentence, each of its own function.
    """
    sentence = cell.partition("\n")[0].removeprefix("#").strip()
    alike = [
        (section["functions"], claim)
        for section in sections()
        for claim in section["claims"]
        if claim["claim"] == sentence
    ]
    named = [one for one in alike if any(function in cell for function in one[0])]
    return (named or alike or [([], {})])[0]


@functools.cache
def sections() -> list[dict[str, Any]]:
    """Return the sections of all lessons that have tests: see `course.maintain.visible`."""
    files = [folder / "tests.json" for folder in lesson_folders()]
    return [
        section
        for file in files
        if file.is_file()
        for section in json.loads(file.read_text(encoding="utf-8"))
    ]
