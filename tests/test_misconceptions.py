"""Known wrong answers are read from a lesson's folder and put into its solution in one way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny import tiny_lesson

from course.lessons import Lesson, LessonError, read_lesson
from course.lessons.misconceptions import Misconception, answers_with, misconceptions, slips


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    path = tmp_path / "01_decoder_cells" / "decoder_cells.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(tiny_lesson()), encoding="utf-8")
    return read_lesson(path)


def test_a_lesson_without_the_file_has_none(lesson: Lesson) -> None:
    assert misconceptions(lesson) == ()
    assert slips(lesson) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MISTAKES = ()", r"misconceptions\.py lists no MISCONCEPTIONS"),
        ("MISCONCEPTIONS = (", r"misconceptions\.py does not run: SyntaxError"),
        (
            "import course.checks.gone\nMISCONCEPTIONS = ()",
            r"misconceptions\.py does not run: ModuleNotFoundError",
        ),
    ],
)
def test_a_file_that_lists_none_is_named_with_the_reason(
    lesson: Lesson, text: str, said: str
) -> None:
    lesson.path.with_name("misconceptions.py").write_text(text)
    with pytest.raises(LessonError, match=said):
        misconceptions(lesson)


def test_what_several_files_list_is_put_together(lesson: Lesson) -> None:
    for name, listed in {"misconceptions": [1, 2], "misconceptions_of_more": [3]}.items():
        lesson.path.with_name(f"{name}.py").write_text(f"MISCONCEPTIONS = {listed}")
    assert misconceptions(lesson) == (1, 2, 3)


def test_every_further_file_lists_slips(lesson: Lesson) -> None:
    text = "from course.lessons.misconceptions import Slip\nSLIPS = [Slip('double', NAME, '', abs)]"
    for name in ("one", "two"):
        path = lesson.path.with_name(f"misconceptions_of_{name}.py")
        path.write_text(f"NAME = {name!r}\n{text}")
    assert [(slip.function, slip.name) for slip in slips(lesson)] == [
        ("double", "one"),
        ("double", "two"),
    ]


def test_a_file_takes_what_it_shares_with_another(lesson: Lesson) -> None:
    shared = lesson.path.with_name("misconceptions.py")
    shared.write_text("WRONG = 7\nMISCONCEPTIONS = [WRONG]")
    text = "from course.lessons.misconceptions import beside\nWRONG = beside(__file__, NAME).WRONG"
    other = lesson.path.with_name("misconceptions_of_more.py")
    other.write_text(f"NAME = 'misconceptions'\n{text}\nMISCONCEPTIONS = [WRONG + 1]")
    assert misconceptions(lesson) == (7, 8)
    shared.write_text("MISCONCEPTIONS = (")
    with pytest.raises(LessonError, match=r"misconceptions\.py does not run: SyntaxError"):
        misconceptions(lesson)


def test_a_misconception_of_a_function_that_nobody_writes_is_refused(lesson: Lesson) -> None:
    wrong = Misconception("adds", "triple", "Multiply.", {"3 *": "3 +"}, ("triples",))
    with pytest.raises(LessonError, match=r"adds: 01_decoder_cells has no cell that defines trip"):
        answers_with(lesson, wrong)


def test_a_change_that_does_not_fit_the_solution_is_told_with_its_lesson(lesson: Lesson) -> None:
    wrong = Misconception("adds", "double", "Multiply.", {"no such text": ""}, ("triples",))
    with pytest.raises(LessonError, match=r"01_decoder_cells: misconception adds: .* 0 times in"):
        answers_with(lesson, wrong)
