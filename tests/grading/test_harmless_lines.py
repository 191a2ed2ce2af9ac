"""A harmless line above an answer costs nothing: `nbgrader validate` and the judge agree on each.

All lines stand in one notebook, each in a cell of its own above a function of its own, with a test
behind it; so each is also run after tests of others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from harmless import FAIL_AT_HOME, NO_PYTHON, WHOLE_CELLS, WORK_AT_HOME
from nbgrader.validator import Validator
from tiny import cell, notebook

from course.grading.confinement.forking import close_nursery, open_nursery
from course.grading.confinement.limits import Limits
from course.grading.judge.judge import judge
from course.grading.judge.plan import Plan, PlannedCell, Verdict

pytestmark = pytest.mark.slow(seconds=45)

SETUP = "import numpy as np\n\nfrom course import checks"
LINES = {f"f{n}": line for n, line in enumerate((*WORK_AT_HOME, *FAIL_AT_HOME, *NO_PYTHON))}
#: What a line leaves changed for all cells behind it is put back by the test behind it.
LIMITS = Limits(call_s=30, cell_s=60, notebook_s=600)
HOME = [name for name, line in LINES.items() if line in WORK_AT_HOME]
AWAY = [name for name, line in LINES.items() if line in FAIL_AT_HOME]
NEVER = [name for name, line in LINES.items() if line in NO_PYTHON]


def answer(name: str) -> str:
    return f"{LINES[name]}\ndef {name}(x):\n    return 2 * x"


def claim_of(name: str) -> str:
    return f"# {name} doubles.\nassert {name}(np.arange(3.0))[2] == 4"


def judged(in_sandbox: bool | None = None) -> Verdict:
    cells = [PlannedCell(0, "setup", "setup", SETUP)]
    for name in LINES:
        cells.append(PlannedCell(len(cells), f"write_{name}", "answer", answer(name)))
        cells.append(PlannedCell(len(cells), name, "test", claim_of(name), 1.0))
    solution = [("setup", SETUP)]
    return judge(Plan("01_x", cells, solution, list(LINES), list(LINES), "", LIMITS, in_sandbox))


@pytest.fixture(scope="module")
def alone() -> Verdict:
    return judged()


@pytest.fixture(scope="module")
def from_nursery() -> Any:
    if open_nursery() is None:
        pytest.skip("no processes can be forked here")
    try:
        yield judged()
    finally:
        close_nursery()


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the tests that `nbgrader validate` finds to fail."""
    cells = [cell("setup", "setup", SETUP)]
    for name in LINES:
        cells.append(cell("solution", f"write_{name}", answer(name)))
        cells.append(cell("test", name, claim_of(name), 1))
    path: Path = tmp_path_factory.mktemp("validated") / "lines.ipynb"
    nbformat.write(nbformat.from_dict(notebook(cells)), path)
    (path.parent / "setup.py").write_text("# beside it\n")
    found = Validator().validate(str(path))
    assert set(found) <= {"failed"}
    return {one["source"].splitlines()[0].split()[1] for one in found.get("failed", [])}


@pytest.fixture(params=["alone", "from_nursery"])
def scores(request: pytest.FixtureRequest) -> dict[str, float]:
    verdict: Verdict = request.getfixturevalue(request.param)
    return {test.grade_id: test.score for test in verdict.tests}


def test_there_are_enough_lines() -> None:
    assert len(set(LINES.values())) == len(LINES)
    assert len(HOME) > 100


def test_lines_that_work_at_home_cost_nothing_by_validate(validated: set[str]) -> None:
    assert {LINES[name] for name in HOME if name in validated} == set()


def test_lines_that_work_at_home_cost_nothing_by_the_judge(scores: dict[str, float]) -> None:
    assert {LINES[name] for name in HOME if scores[name] < 1} == set()


def test_lines_that_fail_at_home_fail_in_validate(validated: set[str]) -> None:
    assert {LINES[name] for name in AWAY if name not in validated} == set()


def test_lines_that_fail_at_home_too_take_no_function_with_them(scores: dict[str, float]) -> None:
    assert {LINES[name] for name in AWAY if scores[name] < 1} == set()


def test_no_python_is_no_answer_by_both(validated: set[str], scores: dict[str, float]) -> None:
    assert {LINES[name] for name in NEVER if name not in validated or scores[name]} == set()


def test_what_failed_is_told_with_its_line(alone: Verdict) -> None:
    told = {error["grade_id"]: error["message"] for error in alone.cell_errors}
    untold = [LINES[name] for name in (*AWAY, *NEVER) if f"write_{name}" not in told]
    assert untold == []
    for name in AWAY:
        text = told[f"write_{name}"].partition(" (line ")[2].partition("`")[2]
        assert text
        assert text.split("`")[0] in LINES[name]


def test_both_ways_through_the_judge_say_the_same(alone: Verdict, from_nursery: Verdict) -> None:
    assert from_nursery.cell_errors == alone.cell_errors


def with_cells() -> tuple[list[tuple[str, str, str]], dict[str, str]]:
    """Return cells by role, name and text, and the first line of what each function follows."""
    cells, about = [("setup", "setup", SETUP)], {}
    for n, (own, above) in enumerate(WHOLE_CELLS):
        name = f"g{n}"
        about[name] = own
        cells.append(("plain", f"own_{name}", own))
        cells.append(("solution", f"write_{name}", f"{above}\ndef {name}(x):\n    return 2 * x"))
        cells.append(("test", name, f"# {name} doubles.\nimport numpy\n{DOUBLES.format(name)}"))
    return cells, about


DOUBLES = "assert {0}(numpy.arange(3.0))[2] == 4"


@pytest.mark.parametrize("forked", [False, True])
def test_cells_of_their_own_cost_the_answer_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forked: bool
) -> None:
    if forked:
        request.getfixturevalue("from_nursery")
    else:  # where others have opened one for their tests
        monkeypatch.setattr("course.grading.confinement.forking._nursery", None)
    cells, about = with_cells()
    roles = {"plain": "other", "solution": "answer"}
    planned = [
        PlannedCell(n, name, roles.get(kind, kind), text, 1.0 if kind == "test" else 0.0)
        for n, (kind, name, text) in enumerate(cells)
    ]
    names = list(about)
    verdict = judge(Plan("01_x", planned, [("setup", SETUP)], names, names, "", LIMITS))
    failed = {about[test.grade_id]: test.message for test in verdict.tests if test.score < 1}
    if not forked:
        path = tmp_path / "cells.ipynb"
        made = [cell(kind, name, text, 1 if kind == "test" else None) for kind, name, text in cells]
        nbformat.write(nbformat.from_dict(notebook(made)), path)
        assert Validator().validate(str(path)) == {}
    assert failed == {}
