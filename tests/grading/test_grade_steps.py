"""What the class's grader leaves out of nbgrader's steps, and what it does not."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import nbformat
import pytest
from nbformat.v4 import nbbase
from nbgrader.nbgraderformat import MetadataValidator, common

from course.grading.classes.autograding import check_once
from course.grading.records import coursefiles

MARKS = {
    "grade": True,
    "solution": False,
    "locked": True,
    "task": False,
    "schema_version": 3,
    "grade_id": "a_test",
    "points": 1,
}


@pytest.fixture
def checked_once(monkeypatch: pytest.MonkeyPatch) -> MetadataValidator:
    monkeypatch.setattr(nbbase, "validate", nbbase.validate)
    monkeypatch.setattr(common, "jsonschema", common.jsonschema)
    check_once()
    return MetadataValidator()


@pytest.mark.parametrize("wrong", [{"points": -1}, {"points": "1"}, {"locked": 1}])
def test_marks_that_differ_from_checked_ones_are_checked(
    checked_once: MetadataValidator, wrong: dict[str, object]
) -> None:
    cell = nbformat.v4.new_code_cell(metadata={"nbgrader": MARKS})
    for _ in range(2):
        checked_once.validate_cell(cell)
    cell.metadata["nbgrader"] = {**MARKS, **wrong}
    for _ in range(2):  # and no wrong ones are remembered as valid
        with pytest.raises(jsonschema.ValidationError):
            checked_once.validate_cell(cell)


def test_marks_that_one_schema_allows_are_checked_against_another(
    checked_once: MetadataValidator,
) -> None:
    common.jsonschema.validate(MARKS, checked_once.schema)
    stricter = {**checked_once.schema, "required": ["cell_type"]}
    with pytest.raises(jsonschema.ValidationError, match="cell_type"):
        common.jsonschema.validate(MARKS, stricter)


def test_a_step_may_change_the_instructors_notebook_that_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1", metadata={"nbgrader": MARKS, "tags": ["a"]})]
    )
    (tmp_path / "lesson.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    monkeypatch.setattr(coursefiles, "source_path", lambda *_: tmp_path / "lesson.ipynb")
    first = coursefiles.source_notebook(SimpleNamespace(), "a", "lesson")
    as_read = json.dumps(first)
    first.cells[0].metadata.nbgrader["points"] = 9
    first.cells[0].metadata.tags.append("b")
    first.metadata["new"] = True
    first.cells.pop()
    again = coursefiles.source_notebook(SimpleNamespace(), "a", "lesson")
    assert json.dumps(again) == as_read
    assert type(again.cells[0].metadata.nbgrader) is type(first)
