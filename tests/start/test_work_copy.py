"""What ``work/`` promises: a learner's words are never written over."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from course.learner import work as module
from course.learner.lab import news
from course.learner.work import Change, laid_beside, update

LESSON = "02_teacher_forcing"
NOTEBOOK = Path(LESSON) / "teacher_forcing.ipynb"
NEWER = Path(LESSON) / "teacher_forcing.newer.ipynb"
NEWER_2 = Path(LESSON) / "teacher_forcing.newer-2.ipynb"
MINE = "def decode():\n    return 1"

Release = Callable[..., None]
Learner = Callable[..., Path]


@pytest.fixture
def refresh(root: Path, work: Path) -> Callable[[], list[Change]]:
    def again() -> list[Change]:
        return update(root / "release", work, [LESSON])

    again()
    return again


def test_whole_lesson_folders_are_copied(root: Path, work: Path) -> None:
    changes = update(root / "release", work, [LESSON])
    assert [change.action for change in changes] == ["new", "new"]
    assert (work / NOTEBOOK).read_bytes() == (root / "release" / NOTEBOOK).read_bytes()
    assert (work / LESSON / "images" / "decoder.svg").read_text() == "<svg/>"


def test_checkpoints_and_caches_are_not_copied(root: Path, work: Path) -> None:
    for name in (".ipynb_checkpoints", "__pycache__"):
        (root / "release" / LESSON / name).mkdir()
        (root / "release" / LESSON / name / "old").touch()
    update(root / "release", work, [LESSON])
    assert not list(work.rglob("old"))


def test_a_second_start_changes_nothing(refresh: Callable[[], list[Change]]) -> None:
    assert refresh() == []


def test_what_a_learner_wrote_stays_while_the_release_stays(
    refresh: Callable[[], list[Change]], learner: Learner
) -> None:
    before = learner(MINE).read_bytes()
    assert refresh() == []
    assert learner(MINE).read_bytes() == before


def test_a_newer_release_replaces_a_file_nobody_wrote_in(
    refresh: Callable[[], list[Change]], release: Release, root: Path, work: Path
) -> None:
    release("def decode(): ...")
    assert refresh() == [Change(NOTEBOOK, "updated")]
    assert (work / NOTEBOOK).read_bytes() == (root / "release" / NOTEBOOK).read_bytes()


def test_a_notebook_that_was_only_run_counts_as_unwritten(
    refresh: Callable[[], list[Change]], release: Release, work: Path
) -> None:
    content = json.loads((work / NOTEBOOK).read_text())
    content["cells"][0].update(execution_count=3, outputs=[{"output_type": "stream"}])
    content["metadata"]["language_info"] = {"name": "python"}
    (work / NOTEBOOK).write_text(json.dumps(content))
    release("def decode(): ...")
    assert refresh() == [Change(NOTEBOOK, "updated")]


def test_a_newer_release_is_laid_beside_what_a_learner_wrote(
    refresh: Callable[[], list[Change]], release: Release, learner: Learner, root: Path, work: Path
) -> None:
    mine = learner(MINE).read_bytes()
    release("def decode(): ...")
    assert refresh() == [Change(NOTEBOOK, "laid beside", NEWER)]
    assert (work / NOTEBOOK).read_bytes() == mine
    assert (work / NEWER).read_bytes() == (root / "release" / NOTEBOOK).read_bytes()
    assert laid_beside(work, LESSON) == [NEWER]


def test_a_newer_release_is_told_of_once(
    refresh: Callable[[], list[Change]], release: Release, learner: Learner, work: Path
) -> None:
    learner(MINE)
    release("def decode(): ...")
    refresh()
    (work / NEWER).unlink()
    assert refresh() == []
    assert not (work / NEWER).exists()


def test_the_next_release_takes_the_place_of_an_unread_one(
    refresh: Callable[[], list[Change]], release: Release, learner: Learner, work: Path
) -> None:
    learner(MINE)
    release("second = 2")
    refresh()
    release("third = 3")
    assert refresh() == [Change(NOTEBOOK, "laid beside", NEWER)]
    assert "third = 3" in (work / NEWER).read_text()


def test_a_newer_release_that_a_learner_wrote_in_is_kept_too(
    refresh: Callable[[], list[Change]], release: Release, learner: Learner, work: Path
) -> None:
    learner(MINE)
    release("second = 2")
    refresh()
    (work / NEWER).write_bytes((work / NOTEBOOK).read_bytes())
    kept = (work / NEWER).read_bytes()
    release("third = 3")
    assert refresh() == [Change(NOTEBOOK, "laid beside", NEWER_2)]
    assert (work / NEWER).read_bytes() == kept


def test_a_deleted_file_is_put_back(refresh: Callable[[], list[Change]], work: Path) -> None:
    (work / NOTEBOOK).unlink()
    assert refresh() == [Change(NOTEBOOK, "put back")]
    assert (work / NOTEBOOK).is_file()


def test_a_spoilt_notebook_is_the_learners_all_the_same(
    refresh: Callable[[], list[Change]], release: Release, work: Path
) -> None:
    (work / NOTEBOOK).write_text("<<<<<<< HEAD")
    release("second = 2")
    assert refresh() == [Change(NOTEBOOK, "laid beside", NEWER)]
    assert (work / NOTEBOOK).read_text() == "<<<<<<< HEAD"


@pytest.mark.parametrize("state", [None, "", "[]", '{"02_teacher_forcing": 1}'])
def test_without_its_memory_nothing_of_the_learners_is_lost(
    refresh: Callable[[], list[Change]], learner: Learner, work: Path, state: str | None
) -> None:
    mine = learner(MINE).read_bytes()
    (work / module.STATE).unlink()
    if state is not None:
        (work / module.STATE).write_text(state)
    assert refresh() == [Change(NOTEBOOK, "laid beside", NEWER)]
    assert (work / NOTEBOOK).read_bytes() == mine


def test_an_interrupted_copy_leaves_no_half_file(
    root: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            update(root / "release", work, [LESSON])
    assert not [path for path in work.rglob("*") if path.is_file() and path.name != module.LOCK]
    assert len(update(root / "release", work, [LESSON])) == 2


def test_the_terminal_names_both_files_of_a_newer_release() -> None:
    line = news([Change(NOTEBOOK, "laid beside", NEWER)])[0]
    assert f"work/{NOTEBOOK.as_posix()}" in line
    assert f"work/{NEWER.as_posix()}" in line
    assert "not changed" in line
