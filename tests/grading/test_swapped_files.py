"""A submission that its student changes while it is copied gives away nothing, and ends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from course.grading.records import handedin
from course.grading.records.handedin import copy_files_beside

SECRET = "the solution"

pytestmark = pytest.mark.skipif(
    os.open not in os.supports_dir_fd, reason="no files are opened by their folder here"
)


def file_by_link(submitted: Path, theirs: Path) -> None:
    (submitted / "inner" / "a.txt").unlink()
    (submitted / "inner" / "a.txt").symlink_to(theirs / "a.txt")


def file_by_pipe(submitted: Path, _: Path) -> None:
    (submitted / "inner" / "a.txt").unlink()
    os.mkfifo(submitted / "inner" / "a.txt")


def folder_by_link(submitted: Path, theirs: Path) -> None:
    shutil.rmtree(submitted / "inner")
    (submitted / "inner").symlink_to(theirs)


def whole_by_link(submitted: Path, theirs: Path) -> None:
    shutil.rmtree(submitted)
    submitted.symlink_to(theirs.parent)


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """A submission, and a folder like one of its own that is the instructor's."""
    submitted, theirs = tmp_path / "submitted", tmp_path / "source" / "inner"
    for folder, text in ((submitted / "inner", "mine"), (theirs, SECRET)):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(text)
    return submitted, theirs


@pytest.mark.parametrize("swap", [file_by_link, file_by_pipe, folder_by_link, whole_by_link])
def test_what_is_swapped_after_it_was_looked_at_is_left_out(
    places: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    swap: Callable[[Path, Path], None],
) -> None:
    submitted, theirs = places
    really = handedin.files_in

    def swapped(*told: Any) -> Iterator[Path]:
        for path in really(*told):
            swap(submitted, theirs)
            yield path

    monkeypatch.setattr(handedin, "files_in", swapped)
    odd: list[str] = []
    target = tmp_path / "collected"
    copy_files_beside(submitted, target, [], lambda _, what: odd.append(what), may_be_link=False)
    assert odd == ["another thing than it was"]
    assert not [path for path in target.rglob("*") if path.is_file()]


def test_a_file_that_grows_while_it_is_copied_ends(
    places: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted, _ = places
    really = os.fstat

    def grows(number: int) -> os.stat_result:
        found = really(number)
        with (submitted / "inner" / "a.txt").open("a") as file:
            file.write("more" * 1000)
        return found

    monkeypatch.setattr(os, "fstat", grows)
    copy_files_beside(submitted, tmp_path / "collected", [], lambda *_: None)
    monkeypatch.undo()
    copied = (tmp_path / "collected" / "inner" / "a.txt").read_text()
    assert copied.startswith("mine")
    assert len(copied) < 3 * 4000
