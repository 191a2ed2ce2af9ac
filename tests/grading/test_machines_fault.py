"""What cannot be read is no doing of a student's: no zero, no word to them, and graded later."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import threading
from pathlib import Path

import pytest
from nbgrader.apps import NbGraderAPI
from nbgraders import mended
from tiny import LESSON_ID, solved

from course.bootstrap.words import told
from course.grading.classes.temporary import Classroom
from course.grading.faults import CannotRead
from course.grading.records.handedin import students_in
from course.grading.records.lock import graded_alone
from course.grading.steps import reading
from course.grading.steps.reading import Unreadable, read_submission

pytestmark = pytest.mark.slow(seconds=4)

REMEDIES = {
    errno.EACCES: "make it readable",
    errno.EPERM: "make it readable",
    errno.EIO: "see that its disk is whole",
    errno.EMFILE: "raise the limit on open files",
    errno.ENFILE: "end programs that keep files open",
    errno.ENOMEM: "make room in memory",
    errno.ESTALE: "see that its disk is there",
}


def fails_with(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_bytes(path: Path) -> bytes:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "read_bytes", read_bytes)


@pytest.mark.parametrize(("number", "remedy"), REMEDIES.items())
def test_a_notebook_that_cannot_be_read_is_not_its_owners_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    path = tmp_path / "decoder_cells.ipynb"
    path.write_text("{}")
    fails_with(number, monkeypatch)
    with pytest.raises(CannotRead, match=f"which is not the student's doing: {remedy}") as caught:
        read_submission(path)
    assert str(path) in str(caught.value)
    assert os.strerror(number) in str(caught.value)


def test_a_machine_without_memory_is_not_its_owners_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(_: str) -> None:
        raise MemoryError

    path = tmp_path / "decoder_cells.ipynb"
    path.write_text('{"cells": []}')
    monkeypatch.setattr(json, "loads", no_memory)
    with pytest.raises(MemoryError, match=r"^$"):
        read_submission(path)


def test_a_folder_that_may_not_be_looked_into_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for student in ("ann", "ben"):
        (tmp_path / student / LESSON_ID).mkdir(parents=True)
    scan = os.scandir

    def closed(path: Path) -> object:
        if "ann" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    found = students_in(tmp_path, LESSON_ID)
    assert list(found) == ["ann", "ben"]
    assert "could not be read (Permission denied)" in found["ann"]
    assert found["ben"] == ""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # nbgrader's own, under SQLAlchemy 2
def test_formgraders_button_gives_no_zero_and_grades_later(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mended(room.folder):
        press_twice(room, monkeypatch)


def press_twice(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Formgrader's button while a disk fails, and once more."""
    room.hand_in("bob", json.dumps(solved(room)))
    api = NbGraderAPI(room._course(), config=room.config)
    with monkeypatch.context() as patched:

        def broken(path: Path) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

        patched.setattr(Path, "read_bytes", broken)
        said = api.autograde(LESSON_ID, "bob")
    assert not said["success"]
    assert "which is not the student's doing: see that its disk is whole" in said["log"]
    assert not room._graded("bob")
    assert set(room.scores("bob").values()) <= {0.0}
    [about] = api.get_submissions(LESSON_ID)
    assert not about["autograded"]
    said = api.autograde(LESSON_ID, "bob")
    assert said["success"], said["log"]
    assert sum(room.scores("bob").values()) == 5.0


@pytest.mark.filterwarnings("ignore")  # nbgrader's own, under SQLAlchemy 2
def test_what_can_no_longer_be_read_keeps_its_mark_and_its_graded_copy(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.hand_in("bob", json.dumps(solved(room)))
    assert room.autograde() == []
    copy = room.graded_notebook("bob").read_bytes()
    with monkeypatch.context() as patched:

        def broken(path: Path) -> bytes:
            raise CannotRead(f"{path} could not be read, which is not the student's doing")

        patched.setattr(reading, "read_file", broken)
        room.autograde()  # with --force
    assert any(said.startswith("Not graded: ") for said in room.messages)
    assert room.graded_notebook("bob").read_bytes() == copy
    assert sum(room.scores("bob").values()) == 5.0


@pytest.mark.filterwarnings("ignore")
def test_a_lesson_has_one_grader_at_a_time_whichever_command_it_is(room: Classroom) -> None:
    room.hand_in("bob", json.dumps(solved(room)))
    waits = threading.Event()

    class Waiting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "graded by another command" in record.getMessage():
                waits.set()

    room._log.setLevel(logging.WARNING)
    room._log.addHandler(Waiting())
    grading = threading.Thread(target=room.autograde)
    with graded_alone(room._course(), LESSON_ID, lambda: None):
        grading.start()
        assert waits.wait(120), "it does not wait for who grades"
        assert not room._graded("bob")
    grading.join()
    assert room._graded("bob")


LATIN = '{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {"title": "M\u00e4rz"}}'


@pytest.mark.parametrize(
    ("content", "why", "remedy"),
    [
        (b"\0" * (50 * 2**20 + 1), "has 50 MiB; 50 are the most", "Clear Outputs of All Cells"),
        (LATIN.encode("latin-1"), "not in the encoding UTF-8 .*Latin-1", "UTF-8, .*hand it in"),
        (LATIN.encode("utf-16")[:-1], "not in the encoding UTF-8 .*UTF-16", "UTF-8, .*hand it in"),
        (b"", "the file is empty", "save it, and hand it in again"),
    ],
)
def test_the_remedy_is_one_that_helps(
    tmp_path: Path, content: bytes, why: str, remedy: str
) -> None:
    path = tmp_path / "decoder_cells.ipynb"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=why) as caught:
        read_submission(path)
    assert re.search(remedy, caught.value.remedy)


def test_a_notebook_in_utf_16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "decoder_cells.ipynb"
    path.write_text(LATIN, encoding="utf-16")
    assert read_submission(path).cells == []


def fails(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("error", [AssertionError(), TimeoutError(), ValueError(" "), Silent()])
def test_an_error_without_words_is_told_by_its_class_and_place(error: Exception) -> None:
    name = type(error).__name__
    assert told(fails(error)).startswith(f"{name} in fails, line ")
    assert told(fails(error)).endswith("of test_machines_fault.py")


def test_an_error_with_words_is_told_in_them() -> None:
    assert told(fails(KeyError("c"))) == "KeyError: 'c'"
    assert told(fails(ValueError("no\nsuch")), 4) == "ValueError: no s"
