"""Where an exercise calls another, the one that is not written is the one that is named."""

from __future__ import annotations

import numpy as np
import pytest
from plain_run import LESSONS

from course.checks.dashboard.checking import examine
from course.checks.dashboard.ran import as_text as ran_as_text
from course.checks.dashboard.report import as_text
from course.checks.dashboard.running import run, section_of
from course.checks.known.diagnosis import diagnose
from course.lessons import Lesson, answers, defined_names

STUB = "def {name}(*args, **kwargs):\n    raise NotImplementedError()\n"


def calling(lesson: Lesson) -> list[tuple[str, str]]:
    """Return the exercises of a lesson that call another one, with each that they call."""
    found = []
    for cell in filter(lambda cell: cell.is_code, lesson.by_role("answer")):
        for name in set(defined_names(cell.source)) & set(lesson.functions):
            others = set(lesson.functions) - {name}
            found += [(name, other) for other in sorted(others) if f"{other}(" in cell.source]
    return found


CASES = [(lesson, *pair) for lesson in LESSONS.values() for pair in calling(lesson)]
every_case = pytest.mark.parametrize(
    ("lesson", "name", "other"), CASES, ids=[f"{name}-{other}" for _, name, other in CASES]
)


def notebook(lesson: Lesson, unwritten: str) -> dict[str, object]:
    """Return the names of a solved notebook in which one function is not written."""
    names: dict[str, object] = {"np": np}
    setup = next(cell for cell in lesson.cells if cell.role == "setup")
    texts = answers(lesson)
    cells = [texts[cell.grade_id] for cell in lesson.by_role("answer") if cell.is_code]
    for source in (setup.source, *cells, STUB.format(name=unwritten)):
        exec(source, names)
    return names


def test_there_are_such_exercises() -> None:
    assert ("training_step", "rnn_decoder_backward") in [pair[1:] for pair in CASES]


@every_case
def test_the_check_names_it(lesson: Lesson, name: str, other: str) -> None:
    function = notebook(lesson, other)[name]
    report = examine(function, name)  # type: ignore[arg-type]
    assert report is not None
    assert as_text(report).startswith(f"{name} calls {other}, which is not written yet\n")
    assert f"Where to begin: write {other} first: checks.check({other}) says" in as_text(report)
    assert diagnose(function, name) == []  # type: ignore[arg-type]


@every_case
def test_the_claims_name_it(lesson: Lesson, name: str, other: str) -> None:
    names = notebook(lesson, other)
    section = section_of([name])
    assert section is not None
    ran = run(section, {name: names[name]}, names)  # type: ignore[dict-item]
    assert f"{other} is not written yet: it still raises" in ran_as_text(ran, section.next, {})
