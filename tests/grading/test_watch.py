"""What is handed in while `course watch` runs is graded and answered, and counted once."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from graded_class import NOTEBOOK, rows
from tiny import LESSON_ID
from watched import Clock, Watched, headline, kept_pool_for, noon

from course.grading.classes.temporary import Classroom
from course.grading.classes.watching import watch
from course.grading.records.lock import graded_alone
from course.lessons import LessonError

pytestmark = [
    pytest.mark.slow(seconds=60),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, under SQLAlchemy 2
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange needs POSIX"),
]


@pytest.fixture(autouse=True)
def _kept_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "pool_for", kept_pool_for)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The watch's clock, which can be set forward."""
    return Clock(monkeypatch)


@pytest.fixture
def made(new_class: Callable[..., Classroom]) -> Watched:
    """A class with nothing handed in."""
    return Watched(new_class("watched"))


def test_what_is_handed_in_is_graded_and_answered(made: Watched) -> None:
    with made.watching() as watching:
        watching.begin()
        made.write("ann")
        made.write("bob", right=False)
        assert watching.catch_up()
    assert made.points() == {"ann": 5, "bob": 3}
    [page] = made.pages("ann")
    assert headline(page).startswith("5 of 8 points")
    assert "secret_input" not in page
    assert any(line.startswith(f"bob  {LESSON_ID}  3 of 5 points, ") for line in made.lines)


def test_course_grade_finds_all_as_it_left_it(made: Watched) -> None:
    made.write("ann")
    made.catch_up()
    before = rows(made.room)
    assert "1  unchanged since they were graded" in made.grade("--collect")
    assert rows(made.room) == before


def test_what_course_grade_collected_is_answered_and_not_graded_again(made: Watched) -> None:
    made.write("ann")
    made.grade("--collect")
    graded = made.room.graded_notebook("ann").stat().st_mtime_ns
    made.catch_up()
    assert made.room.graded_notebook("ann").stat().st_mtime_ns == graded
    assert len(made.pages("ann")) == 1


def test_points_by_hand_stay_and_another_answer_is_looked_at_again(made: Watched) -> None:
    made.write("ann", why="As I see it.")
    made.catch_up()
    with made.book() as book:
        grade = book.find_grade("why", NOTEBOOK, LESSON_ID, "ann")
        assert grade.needs_manual_grade
        grade.manual_score, grade.needs_manual_grade = 2.5, False
    made.write("ann", why="Otherwise.")
    made.catch_up()
    with made.book() as book:
        grade = book.find_grade("why", NOTEBOOK, LESSON_ID, "ann")
        assert (grade.manual_score, grade.needs_manual_grade) == (2.5, True)


def test_over_the_limit_it_is_kept_and_told_and_graded_on_the_next_day(
    made: Watched, clock: Clock
) -> None:
    made.set(tries_a_day=1, time_zone=noon())
    made.write("ann", right=False)
    made.write("ann")
    made.catch_up()
    assert made.points() == {"ann": 3}
    first, second = map(headline, made.pages("ann"))
    assert first.startswith("3 of 8 points")
    assert second.startswith("Kept, and not graded yet: the try of ")
    clock.forward(days=1)
    made.catch_up()
    assert made.points() == {"ann": 5}
    assert [headline(page)[:13] for page in made.pages("ann")] == ["3 of 8 points", "5 of 8 points"]


def test_what_waits_and_is_replaced_is_told_so(made: Watched) -> None:
    made.set(tries_a_day=1, time_zone=noon())
    for right in (False, True, True):
        made.write("ann", right)
    made.catch_up()
    told = [headline(page) for page in made.pages("ann")]
    assert told[1].startswith("Kept, and not graded: the one of ")
    assert told[2].startswith("Kept, and not graded yet: ")


def test_what_waits_is_graded_at_the_deadline(made: Watched, clock: Clock) -> None:
    made.set(tries_a_day=1, time_zone=noon())
    with made.book() as book:
        due = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=5)
        book.update_or_create_assignment(LESSON_ID, duedate=due)
    made.write("ann", right=False)
    made.write("ann")
    made.catch_up()
    assert "or at the deadline" in made.pages("ann")[1]
    clock.forward(minutes=6)
    made.catch_up()
    assert made.points() == {"ann": 5}


def test_a_worse_one_lowers_no_mark_where_the_best_counts(made: Watched) -> None:
    made.set(counts="best")
    made.write("ann", why="As I see it.")
    made.catch_up()
    before, handed_in = rows(made.room), made.submitted("ann").read_bytes()
    made.write("ann", right=False)
    made.catch_up()
    assert rows(made.room) == before
    assert made.submitted("ann").read_bytes() == handed_in
    first, second = map(headline, made.pages("ann"))
    assert first.startswith("5 of 5 points")
    assert second.startswith("3 of 8 points")
    assert second.endswith("does not count: an earlier one does, with 5 points of the tests")
    assert "1  unchanged since they were graded" in made.grade("--collect")
    assert rows(made.room) == before


def test_a_better_one_counts(made: Watched) -> None:
    made.set(counts="best")
    for right in (False, True):
        made.write("ann", right)
        made.catch_up()
    assert made.points() == {"ann": 5}
    assert [one.counts for one in made.tries("ann")] == [False, True]


def test_another_rule_grades_nobody_again_but_for_what_counts_then(made: Watched) -> None:
    made.write("ann")
    made.write("bob")
    made.catch_up()
    before = {who: made.room.graded_notebook(who).stat().st_mtime_ns for who in ("ann", "bob")}
    made.write("ann", right=False)
    made.catch_up()
    made.set(counts="best", tries_a_day=7)
    assert "2  unchanged since they were graded" in made.grade()
    made.catch_up()
    assert made.points() == {"ann": 5, "bob": 5}
    assert made.room.graded_notebook("bob").stat().st_mtime_ns == before["bob"]


def test_collecting_leaves_what_waits_to_the_rule(made: Watched) -> None:
    made.set(tries_a_day=1, time_zone=noon())
    for right in (False, True):
        made.write("ann", right)
    assert "1  unchanged since they were graded" in made.grade("--collect")
    assert made.points() == {"ann": 3}
    made.take_step("collect")
    assert made.grade().count("unchanged since") == 1
    assert made.points() == {"ann": 3}


def test_what_course_grade_graded_by_the_rule_is_given_out_by_watch(made: Watched) -> None:
    made.set(counts="best")
    made.write("ann")
    made.grade("--collect")
    assert made.pages("ann") == []
    made.catch_up()
    assert len(made.pages("ann")) == 1


def test_a_lesson_that_is_mended_while_it_is_watched_counts_at_once(made: Watched) -> None:
    with made.watching() as watching:
        watching.begin()
        made.write("ann")
        watching.catch_up()
        path = made.room.folder / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
        path.write_text(
            path.read_text().replace("double(secret_input)", "double(secret_input)+1", 1)
        )
        watching.catch_up()
    assert made.points() == {"ann": 3}
    assert headline(made.pages("ann")[0]).startswith("3 of 8 points")


def test_pages_are_held_until_the_deadline(made: Watched, clock: Clock) -> None:
    with made.book() as book:
        due = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=5)
        book.update_or_create_assignment(LESSON_ID, duedate=due)
    made.write("ann")
    made.catch_up("deadline")
    assert made.points() == {"ann": 5}
    assert made.pages("ann") == []
    clock.forward(minutes=6)
    made.catch_up("deadline")
    assert len(made.pages("ann")) == 1


def test_a_deadline_that_is_none_is_said_so(made: Watched) -> None:
    with (
        made.watching("deadline") as watching,
        pytest.raises(LessonError, match="has no deadline that feedback could wait for"),
    ):
        watching.begin()


def test_what_is_wrong_with_a_folder_costs_its_student_alone(made: Watched) -> None:
    made.write("ann")
    made.write("bob")
    made.write("cem")
    ann, bob, _ = made.inbound()
    (ann / f"{NOTEBOOK}.ipynb").rename(ann / "mine.ipynb")
    (bob / f"{NOTEBOOK}.ipynb").write_bytes(b"no notebook")
    made.catch_up()
    assert made.points() == {"bob": 0, "cem": 5}
    assert any("there is 'mine.ipynb'" in line for line in made.lines if line.startswith("ann"))


def test_what_has_no_secret_or_no_name_costs_its_student_alone(made: Watched) -> None:
    made.set(counts="best")
    made.write("ann")
    made.catch_up()
    made.write("ann", right=False)
    made.write("bob")
    worse = made.inbound()[1]
    (worse / "submission_secret.txt").unlink()
    (worse / "submission_secret.txt").symlink_to("timestamp.txt")
    odd = os.fsencode(worse.parent) + b"/cem+" + LESSON_ID.encode() + b"+2026-03-11 00:00+\xff"
    os.mkdir(odd)  # noqa: PTH102 - no text
    os.chmod(odd, 0o777)  # noqa: PTH101
    assert made.catch_up()
    assert made.points() == {"ann": 5, "bob": 5}
    assert [one.points for one in made.tries("ann")] == [5, 3]
    assert any("is left out: the name is no text" in line for line in made.lines)


def test_half_of_a_submission_is_not_graded_before_the_rest_is_there(made: Watched) -> None:
    made.write("ann")
    [folder] = made.inbound()
    folder.chmod(0o755)
    made.catch_up()
    assert made.points() == {}
    folder.chmod(0o777)
    made.catch_up()
    assert made.points() == {"ann": 5}


def test_a_second_watch_is_refused(made: Watched) -> None:
    refused = pytest.raises(LessonError, match="is being watched already by another")
    with (
        watch.watched_alone(made.room.folder, LESSON_ID),
        refused,
        watch.watched_alone(made.room.folder, LESSON_ID),
    ):
        pass


def test_another_grader_is_waited_for(made: Watched) -> None:
    made.write("ann")
    held = graded_alone(made.room._course(), LESSON_ID, lambda: None)
    held.__enter__()
    said = made.lines.append

    def let_go(line: str) -> None:
        said(line)
        if "waiting" in line:
            held.__exit__(None, None, None)

    made.lines = Lines(let_go)
    made.catch_up()
    assert f"{LESSON_ID} is being graded by another command; waiting ..." in made.lines
    assert made.points() == {"ann": 5}


class Lines(list[str]):
    """Lines, of each of which somebody is told."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__()
        self._tell = tell

    def append(self, line: str) -> None:
        super().append(line)
        self._tell(line)


def test_where_nothing_was_released_it_is_said_what_to_do(made: Watched) -> None:
    shutil.rmtree(made.room.folder / "exchange")
    with (
        made.watching() as watching,
        pytest.raises(LessonError, match="run `nbgrader release_assignment"),
    ):
        watching.begin()


def test_a_gradebook_that_is_lost_has_its_marks_and_tries_again(made: Watched) -> None:
    made.set(counts="best", tries_a_day=2, time_zone=noon())
    for right in (True, False, True):
        made.write("ann", right)
    made.catch_up()
    before = [(one.name, one.day, one.points, one.counts) for one in made.tries("ann")]
    Path(made.room.folder / "gradebook.db").unlink()
    shutil.rmtree(made.room.folder / "autograded")
    made.room.generate()
    made.catch_up()
    assert [(one.name, one.day, one.points, one.counts) for one in made.tries("ann")] == before
    assert made.points() == {"ann": 5}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to other accounts")
def test_what_is_handed_in_under_anothers_name_is_left_out(made: Watched) -> None:
    made.write("daemon")
    [folder] = made.inbound()
    os.chown(folder, 65534, 65534)
    made.catch_up()
    assert made.points() == {}
