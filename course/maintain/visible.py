"""The visible tests of a lesson, written down for `checks.run_claims` by the section they stand in.

A section begins with the cell that runs its tests, ``checks.run_claims(function, ...)``, and has
the test cells from there to the next such cell.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from course.lessons import Cell, claim_of, read_lesson

#: A heading of the notebook, below its title.
_HEADING = re.compile(r"^##+ +(.+)$", re.MULTILINE)


def generate(notebook: Path, file: Path) -> None:
    """Write the visible tests of a released notebook."""
    file.parent.mkdir(parents=True)
    found = json.dumps(sections(read_lesson(notebook).cells), indent=1, ensure_ascii=False)
    file.write_text(f"{found}\n", encoding="utf-8")


def sections(cells: tuple[Cell, ...]) -> list[dict[str, Any]]:
    """Return the sections of a released notebook that have tests.

    Each is a dictionary: `functions` that it tests, `claims` with their sentence, points and
    source, and `next`, the heading that comes after them.
    """
    found: list[dict[str, Any]] = []
    for cell in cells:
        if cell.role == "lab" and (functions := functions_run_by(cell.source)):
            found.append({"functions": functions, "claims": [], "next": ""})
        elif cell.role == "test" and found:
            claim = {"claim": claim_of(cell.source), "points": cell.points, "source": cell.source}
            found[-1]["claims"].append(claim)
            found[-1]["next"] = ""
        elif cell.role == "text" and found and found[-1]["claims"] and not found[-1]["next"]:
            heading = _HEADING.search(cell.source)
            found[-1]["next"] = heading[1].strip() if heading else ""
    return found


def functions_run_by(source: str) -> list[str]:
    """List the functions that a cell runs the tests of; none where it is another cell.

    >>> functions_run_by("checks.run_claims(encode, decode)")
    ['encode', 'decode']
    """
    if not source.startswith("checks.run_claims("):
        return []
    call = ast.parse(source, mode="eval").body
    arguments = call.args if isinstance(call, ast.Call) else []
    return [argument.id for argument in arguments if isinstance(argument, ast.Name)]
