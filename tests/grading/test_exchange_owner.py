"""On a machine with accounts a submission is its account's; the database is one course's."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course.grading.cycle import collecting
from course.grading.cycle.collecting import Collect
from course.grading.records import opening
from course.grading.records.handedin import copy_files_beside

DATABASE = "postgresql://course@db.example/grades"
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="accounts are POSIX's")


@on_posix
@pytest.mark.parametrize(
    ("student", "collector", "expected"),
    [
        (0, 1, ""),  # the student's own
        (1, 0, ""),  # laid there by whoever collects
        (1, 1, "it says that it is ann's, and eve handed it in"),
    ],
)
def test_a_submission_of_another_account_is_anothers(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    student: int,
    collector: int,
    expected: str,
) -> None:
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(collecting, "getpwnam", lambda _: SimpleNamespace(pw_uid=owner + student))
    monkeypatch.setattr(collecting, "getpwuid", lambda _: SimpleNamespace(pw_name="eve"))
    monkeypatch.setattr(os, "getuid", lambda: owner + collector)
    assert Collect._forger(str(tmp_path), "ann") == expected


@on_posix
def test_a_file_of_anothers_is_not_copied_out_of_the_exchange(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    odd: list[str] = []
    source.mkdir()
    target.mkdir()
    (source / "helper.py").write_text("own")
    owner = source.stat().st_uid

    def note(_: Path, what: str) -> None:
        odd.append(what)

    copy_files_beside(source, target, [], note, owner=owner)
    assert (target / "helper.py").read_text() == "own"
    copy_files_beside(source, target, [], note, owner=owner + 1)
    assert odd == ["another's file"]
    assert not (target / "helper.py").exists()


@on_posix
def test_a_student_without_an_account_is_whoever_the_collector_says(tmp_path: Path) -> None:
    assert Collect._forger(str(tmp_path), "nobody of that name") == ""


def unknown(_: object) -> None:
    raise KeyError


@on_posix
def test_where_nobody_has_an_account_the_folder_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "getpwuid", unknown)
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    assert Collect._forger(str(tmp_path), "nobody of that name") == ""


@on_posix
@pytest.mark.parametrize("user", ["nobody of that name", ".."])
def test_whoever_has_an_account_makes_up_no_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    monkeypatch.setattr(collecting, "getpwuid", lambda _: SimpleNamespace(pw_name="eve"))
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    said = Collect._forger(str(tmp_path), user)
    assert said == f"it says that it is {user}'s, who has no account here, and eve handed it in"


@on_posix
def test_what_lies_in_the_place_of_a_submission_is_no_submission(tmp_path: Path) -> None:
    folder, link, pipe = (tmp_path / name for name in ("folder", "link", "pipe"))
    folder.mkdir()
    link.symlink_to(folder)
    os.mkfifo(pipe)
    assert Collect._odd(str(folder)) == ""
    assert Collect._odd(str(link)) == "it is a link"
    assert Collect._odd(str(pipe)) == "it is no folder"


def test_the_database_is_of_the_course_and_of_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, copy = tmp_path / "course", tmp_path / "copy"
    course.mkdir()
    monkeypatch.setenv("COURSE_GRADEBOOK", DATABASE)
    monkeypatch.setenv("COURSE_ROOT", str(course))
    (course / "nbgrader_config.py").touch()
    assert opening.gradebook_of(course).startswith("postgresql+psycopg2://course@db.example")
    assert opening.gradebook_of(copy) == f"sqlite:///{copy / 'gradebook.db'}"


def test_the_database_counts_where_the_package_is_installed_apart_from_any_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_GRADEBOOK", DATABASE)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path / "site-packages"))  # as without the variable
    assert opening.gradebook_of(tmp_path / "course").startswith("postgresql+psycopg2:")
