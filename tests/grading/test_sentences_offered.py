"""Where the sentences come from that Formgrader offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from course.grading.cycle import sentences
from course.grading.cycle.sentences import CommentsFile, in_file, in_scheme, offered
from course.grading.records.coursefiles import open_course
from course.lessons import Lesson, course_root, find_lessons

LESSONS = find_lessons(course_root() / "source")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_each_answer_in_words_is_offered_its_marking_scheme(lesson: Lesson) -> None:
    written = {cell.grade_id for cell in lesson.cells if cell.by_hand and not cell.is_code}
    found = in_scheme(lesson)
    assert {name for name, said in found.items() if said} == written
    for name in written:
        assert len(found[name]) >= 2
        assert len(set(found[name])) == len(found[name])
        assert not any("MARK SCHEME" in said or said.startswith("- ") for said in found[name])


def test_without_a_gradebook_the_schemes_are_offered_and_it_is_told() -> None:
    course = open_course(course_root())
    course.db_url = "sqlite:////nowhere/gradebook.db"
    made = offered(course, LESSONS[0].id)
    assert "generate_assignment" in made["notice"]
    assert any(made["offered"].values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[x", "comments.toml cannot be read: "),
        ("any = 'x'", "any must be a list of texts, got 'x'"),
        ("{lesson} = 3", r"expected a table \[{lesson}\], got 3"),
        ("[{lesson}]\nwhat = []", "has what, which is no question"),
        ("[{lesson}]\nany = [3]", r"any must be a list of texts, got \[3\]"),
    ],
)
def test_a_wrong_file_is_told_with_what_it_should_say(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / sentences.FILE
    path.write_text(text.replace("{lesson}", LESSONS[0].id), encoding="utf-8")
    with pytest.raises(CommentsFile, match=told.replace("{lesson}", LESSONS[0].id)):
        in_file(path, LESSONS[0])


def test_a_files_own_sentences_go_from_the_question_to_all(tmp_path: Path) -> None:
    path = tmp_path / sentences.FILE
    lesson = LESSONS[0]
    path.write_text(
        f'any = ["all"]\n[{lesson.id}]\nany = ["lesson"]\nwhy_two_states = ["question", " "]',
        encoding="utf-8",
    )
    found = in_file(path, lesson)
    assert found["why_two_states"] == ["question", "lesson", "all"]
    assert found["write_the_rnn_step"] == ["lesson", "all"]
    assert in_file(tmp_path / "none.toml", lesson) == {}
