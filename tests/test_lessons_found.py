"""A lesson is a folder with a number, a name and its notebook; what is none is said to be none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny import tiny_lesson

from course.grading.classes import command
from course.learner import check, page
from course.lessons import LessonError, asked_lesson, find_lessons, lesson_ids, not_lessons
from course.maintain import build


def lay(folder: Path, *files: str) -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(tiny_lesson()) if path.suffix == ".ipynb" else "")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with three lessons, one of them new, and folders that are none."""
    lay(
        tmp_path / "source",
        "01_decoder_cells/decoder_cells.ipynb",
        "5_attention/attention.ipynb",
        "10_beyond/beyond.ipynb",
        "06_drafts/old_name.ipynb",
        "notes/notes.ipynb",
        "__pycache__/x.pyc",
        ".ipynb_checkpoints/a.ipynb",
        "header.ipynb",
    )
    lay(tmp_path / "release", "01_decoder_cells/decoder_cells.ipynb")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    return tmp_path


def test_lessons_are_found_by_their_folders_in_the_order_of_their_numbers(root: Path) -> None:
    assert lesson_ids(root / "source") == ["01_decoder_cells", "5_attention", "10_beyond"]
    assert [lesson.name for lesson in find_lessons(root / "source")][1] == "attention"
    assert lesson_ids(root / "nowhere") == []


def test_a_folder_that_is_no_lesson_is_named_with_the_reason(root: Path) -> None:
    assert not_lessons(root / "source") == [
        "source/06_drafts is no lesson: its notebook drafts.ipynb is missing; old_name.ipynb lies "
        "there",
        "source/notes is no lesson: a lesson's folder is called by a number and a name, such as "
        "05_attention",
    ]


@pytest.mark.parametrize("asked", ["5", "05", "attention", "5_attention/", "attention.ipynb"])
def test_a_new_lesson_is_taken_by_number_or_name(root: Path, asked: str) -> None:
    assert asked_lesson(asked, root / "source") == "5_attention"


def test_an_unknown_lesson_is_told_with_all_that_there_is(root: Path) -> None:
    with pytest.raises(LessonError, match=r"no lesson '6'; .*5_attention, 10_beyond; .*06_drafts"):
        asked_lesson("6", root / "source")


def test_a_number_that_two_lessons_have_is_not_guessed(root: Path) -> None:
    lay(root / "source", "05_again/again.ipynb")
    with pytest.raises(LessonError, match=r"'5' may be any of 05_again, 5_attention: give the"):
        asked_lesson("5", root / "source")
    assert asked_lesson("again", root / "source") == "05_again"


def test_a_lesson_that_cannot_be_read_keeps_no_other_from_being_asked_for(root: Path) -> None:
    (root / "source" / "01_decoder_cells" / "decoder_cells.ipynb").write_text("{")
    assert asked_lesson("5", root / "source") == "5_attention"
    with pytest.raises(LessonError, match=r"decoder_cells\.ipynb is not a lesson"):
        find_lessons(root / "source")


def test_every_command_says_what_it_leaves_out(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "TARGETS", ())
    assert build.main([]) == build.FRESH
    assert "source/06_drafts is no lesson" in capsys.readouterr().err
    assert check.main([]) == check.NOT_GRADED
    assert "source/06_drafts is no lesson" in capsys.readouterr().err
    assert command.main(["9"]) == command.NOT_POSSIBLE
    said = capsys.readouterr().err
    assert "there is no lesson '9'; there are: 01_decoder_cells, 5_attention, 10_beyond;" in said
    assert "source/06_drafts is no lesson" in said


def test_the_start_page_says_what_it_leaves_out(root: Path) -> None:
    said = page.text(root, root / "work")
    assert "> **Left out:** source/5_attention is not in release/ yet: `python3 -m course" in said
    assert "> **Left out:** source/notes is no lesson: " in said
    assert "01_decoder_cells is not" not in said
