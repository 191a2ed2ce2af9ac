"""What the start page says, and the numbers that it says it from."""

from __future__ import annotations

import base64
import json
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from course.learner import face, page, progress
from course.learner.lab import prepare
from course.learner.notebooks import feedback_page
from course.learner.work import content_digest, update
from course.lessons import find_lessons

LESSON = "02_teacher_forcing"
NOTEBOOK = Path(LESSON) / "teacher_forcing.ipynb"
MINE = "def decode():\n    return 1"
#: JSON that is deeper than Python goes.
DEEP = "[" * 100_000

Release = Callable[..., None]
Learner = Callable[..., Path]


def row(root: Path) -> str:
    """Return what the page says of the lesson."""
    said = page.text(root, root / "work")
    return said[said.index("### [2. ") : said.index("## How")].strip()


def the_next(root: Path) -> str:
    said = page.text(root, root / "work")
    return next(line for line in said.splitlines() if line.startswith("**Next:**"))


def test_a_lesson_is_listed_with_title_minutes_difficulty_and_link(root: Path) -> None:
    assert row(root) == (
        "### [2. Teacher forcing](02_teacher_forcing/teacher_forcing.ipynb)\n\n"
        "Feed the truth.<br>75 minutes · medium · not begun"
    )


def test_a_title_cannot_break_its_link(root: Path, release: Release) -> None:
    release(title="a | b [c]")
    assert r"[2. a \| b \[c\]]" in row(root)


@pytest.mark.parametrize(
    ("code", "answer", "expected"),
    [
        (None, None, "not begun"),
        (MINE, None, "1 of 2 exercises"),
        (None, "Because.", "1 of 2 exercises"),
        (MINE, "Because.", "✓ all exercises"),
        ("def decode():\n    x = 1\n    raise NotImplementedError()", None, "not begun"),
    ],
)
def test_what_is_written_is_read_from_the_notebook(
    root: Path, learner: Learner, code: str | None, answer: str | None, expected: str
) -> None:
    texts = {"code": code, "answer": answer}
    learner(**{name: text for name, text in texts.items() if text is not None})
    assert row(root).endswith(f"medium · {expected}")


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"cells": 3}', '{"cells": [{"metadata": 1}]}', DEEP, '{"cells": [' + DEEP],
)
def test_a_spoilt_notebook_counts_as_not_begun(root: Path, work: Path, content: str) -> None:
    (work / LESSON).mkdir(parents=True)
    (work / NOTEBOOK).write_text(content)
    lesson = find_lessons(root / "release")[0]
    assert progress.written(lesson, work / NOTEBOOK) == progress.ExercisesWritten(0, 2)
    assert "not begun" in row(root)
    assert content_digest(NOTEBOOK, content.encode()) != content_digest(NOTEBOOK, b"{}")


def test_the_last_check_is_shown_with_its_points(root: Path, work: Path) -> None:
    progress.record(work, LESSON, 11.5, 14)
    assert "· 11.5 of 14 points, " in row(root)


def test_full_marks_are_ticked(root: Path, work: Path) -> None:
    progress.record(work, LESSON, 14, 14)
    assert "· ✓ 14 of 14 points, " in row(root)


def graded(work: Path, path: Path, points: float) -> None:
    digest = content_digest(path, path.read_bytes())
    progress.record(work, LESSON, points, 14, path, digest)


def test_a_result_is_called_older_once_the_notebook_says_something_else(
    root: Path, work: Path, learner: Learner
) -> None:
    graded(work, learner(MINE), 14)
    assert "older" not in row(root)
    assert "✓ 14 of 14" in row(root)
    learner(MINE.replace("1", "2"))
    assert "14 of 14 points" in row(root)
    assert "✓ 14 of 14" not in row(root)
    assert row(root).endswith("; **older than your notebook**")


def test_to_run_a_notebook_makes_no_result_older(root: Path, work: Path, learner: Learner) -> None:
    path = learner(MINE)
    graded(work, path, 14)
    ran = json.loads(path.read_text(encoding="utf-8"))
    ran["cells"][0]["execution_count"] = 7
    path.write_text(json.dumps(ran), encoding="utf-8")
    assert "older" not in row(root)


def test_a_result_of_a_notebook_of_another_name_says_of_which(
    root: Path, work: Path, learner: Learner
) -> None:
    path = learner(MINE).rename(work / LESSON / "mine.ipynb")
    graded(work, path, 3)
    assert "3 of 14 points" in row(root)
    assert "of 02_teacher_forcing/mine.ipynb" in row(root)
    assert "1 of 2 exercises" in row(root)


def test_a_renamed_notebook_is_noticed(root: Path, work: Path, learner: Learner) -> None:
    learner(MINE).rename(work / LESSON / "mine.ipynb")
    said = " ".join([row(root), *prepare(root, work)])
    assert "**Do you work in [mine.ipynb](02_teacher_forcing/mine.ipynb)?** More is written" in said
    assert "work/02_teacher_forcing/mine.ipynb is not looked at by START and check" in said
    assert "move it to work/02_teacher_forcing/teacher_forcing.ipynb" in said


def test_a_copy_that_is_newer_is_noticed_and_an_older_or_equal_one_is_not(
    root: Path, work: Path, learner: Learner
) -> None:
    own = learner(MINE)
    copy = own.with_name("teacher_forcing-Copy1.ipynb")
    copy.write_bytes(own.read_bytes())
    os.utime(own, (1000, 1000))
    assert "Copy1" not in row(root)
    copy.write_text(own.read_text(encoding="utf-8").replace("return 1", "return 2"))
    assert "Copy1.ipynb)?** It was changed after teacher_forcing.ipynb" in row(root)
    os.utime(copy, (999, 999))
    assert "Copy1" not in row(root)


def test_the_next_thing_to_do_follows_what_is_done(
    root: Path, work: Path, learner: Learner
) -> None:
    assert "begin [2. Teacher forcing](02_teacher_forcing/teacher_forcing.ipynb), 75" in the_next(
        root
    )
    path = learner(MINE)
    assert "go on with [2. Teacher forcing]" in the_next(root)
    assert "1 of 2 exercises to write" in the_next(root)
    path = learner(MINE, "Because.")
    assert "press **Grade** in its toolbar" in the_next(root)
    graded(work, path, 3)
    assert "has 3 of 14 points; its feedback page says what is missing" in the_next(root)
    graded(work, path, 14)
    assert "every lesson has all its points" in the_next(root)
    learner("def decode():\n    return 3", "Because.")
    assert "press **Grade** in its toolbar" in the_next(root)


def test_the_picture_shows_and_says_how_far_each_lesson_is(
    root: Path, work: Path, learner: Learner
) -> None:
    def picture() -> str:
        said = page.text(root, work)
        data = said[said.index("[face]: data:image/svg+xml;base64,") :].split("base64,")[1]
        return base64.b64decode(data).decode()

    assert "0 %" in picture()
    graded(work, learner(MINE), 7)
    ET.fromstring(picture())
    assert "50 %" in picture()
    assert "lesson 2: 50 %" in page.text(root, work)
    graded(work, learner(MINE), 14)
    assert "✓" in picture()


def test_however_narrow_the_page_the_pictures_letters_have_eleven_pixels(
    root: Path, work: Path
) -> None:
    steps = [face.Milestone("1", 0.5), face.Milestone("2", 1.0)]
    drawn = ET.fromstring(face.drawn(steps))
    across = float(drawn.attrib["viewBox"].split()[2])
    sizes = [float(one.attrib["font-size"]) for one in drawn.iter() if "font-size" in one.attrib]
    assert len(sizes) == 4
    assert min(sizes) * face.least_width_px(steps) / across >= 11
    assert face.least_width_px(steps) < float(drawn.attrib["width"])
    assert '<div style="min-width: ' in page.text(root, work)


def test_the_page_is_written_only_where_it_says_something_else(root: Path, work: Path) -> None:
    page.write(root, work)
    os.utime(work / page.NAME, (1000, 1000))
    page.refresh(root, work)
    assert (work / page.NAME).stat().st_mtime == 1000
    progress.record(work, LESSON, 3, 14)
    page.refresh(root, work)
    assert (work / page.NAME).stat().st_mtime > 1000


def test_a_check_of_one_lesson_keeps_those_of_others(work: Path) -> None:
    progress.record(work, "01_decoder_cells", 3, 10)
    progress.record(work, LESSON, 14, 14)
    first = progress.last_check(work, "01_decoder_cells")
    assert first is not None
    assert (first.points, first.max_points) == (3, 10)


@pytest.mark.parametrize("state", ["", "[]", '{"02_teacher_forcing": 3}', "{", DEEP])
def test_a_spoilt_record_counts_as_no_check(work: Path, state: str) -> None:
    work.mkdir()
    (work / progress.STATE).write_text(state)
    assert progress.last_check(work, LESSON) is None


def test_a_feedback_page_is_linked(root: Path, work: Path) -> None:
    page = work / "feedback" / LESSON / "teacher_forcing.html"
    page.parent.mkdir(parents=True)
    page.touch()
    assert "[feedback](feedback/02_teacher_forcing/teacher_forcing.html)" in row(root)


def test_a_notebook_on_another_drive_is_noted_by_its_whole_path(
    root: Path, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def relpath(path: Path, start: Path) -> str:
        raise ValueError(f"path is on mount 'D:', start on mount 'C:': {path}, {start}")

    mine = tmp_path / "drive" / NOTEBOOK.name
    mine.parent.mkdir()
    mine.write_text(json.dumps({"cells": []}), encoding="utf-8")
    monkeypatch.setattr(os.path, "relpath", relpath)
    graded(work, mine, 3)
    assert f"of {mine.as_posix()}" in row(root)
    assert "older" not in row(root)


def test_two_notebooks_of_one_name_have_a_page_each(root: Path, work: Path) -> None:
    places = [work, work / LESSON, work / "mine", work / "mine" / LESSON, root, root / "mine"]
    pages = [feedback_page(work, place / NOTEBOOK.name) for place in places]
    assert pages[1] == work / "feedback" / LESSON / "teacher_forcing.html"
    assert len(set(pages)) == len(pages)
    assert all(one.is_relative_to(work / "feedback") for one in pages)
    assert feedback_page(work, work / "mine" / ".." / NOTEBOOK) == pages[1]


def test_the_page_is_linked_of_the_notebook_that_was_graded(
    root: Path, work: Path, learner: Learner
) -> None:
    other = work / "mine" / NOTEBOOK.name
    other.parent.mkdir(parents=True)
    other.write_bytes(learner(MINE).read_bytes())
    for notebook in (other, work / NOTEBOOK):
        place = feedback_page(work, notebook)
        place.parent.mkdir(parents=True)
        place.touch()
    graded(work, other, 3)
    assert "of mine/teacher_forcing.ipynb ([feedback](feedback/mine/teacher_forcing.html))" in row(
        root
    )


@pytest.mark.parametrize(("platform", "python"), [("linux", "python3"), ("win32", "py")])
def test_commands_are_as_they_are_typed_on_this_machine(
    root: Path, work: Path, monkeypatch: pytest.MonkeyPatch, platform: str, python: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert f"`{python} -m course check 2` grades" in page.text(root, work)
    assert f"`{python} -m course lab` opens" in page.text(root, work)


def test_a_newer_release_is_told_of_with_a_link(
    root: Path, work: Path, release: Release, learner: Learner
) -> None:
    update(root / "release", work, [LESSON])
    learner(MINE)
    release("second = 2")
    update(root / "release", work, [LESSON])
    link = "[teacher_forcing.newer.ipynb](02_teacher_forcing/teacher_forcing.newer.ipynb)"
    assert link in page.text(root, work)


def test_the_page_names_folder_kernel_and_commands(root: Path, work: Path) -> None:
    said = page.text(root, work)
    for expected in (str(root), str(work), "Python 3 (ipykernel)", "course check 2", "course lab"):
        assert expected in said


def test_each_start_makes_the_page_anew(root: Path, work: Path) -> None:
    prepare(root, work)
    (work / page.NAME).write_text("old")
    prepare(root, work)
    assert (work / page.NAME).read_text(encoding="utf-8").startswith("# Teacher forcing")
