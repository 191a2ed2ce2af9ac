"""Due dates, extensions and the late policy, set by command: what they change, and what not."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from gradebooks import nbgrader
from graded_class import NOTEBOOK, grade, take_step
from nbgrader.api import Gradebook
from tiny import LESSON_ID, solved

from course.grading.classes.temporary import Classroom
from course.grading.cycle.announced import announced
from course.grading.cycle.converters import Autograding, FeedbackPages
from course.grading.report import command as report
from course.grading.rules import due, late

pytestmark = [
    pytest.mark.slow(seconds=20),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
    pytest.mark.usefixtures("warm_judge"),
]

Command = Callable[..., str]


@pytest.fixture(scope="module")
def handed_in(new_class: Callable[..., Classroom]) -> Path:
    """Three students: Ann is a day and an hour late, Bob an hour, Cem in time."""
    room = new_class("rules")
    times = {"ann": "2026-01-02 18:00", "bob": "2026-01-01 18:00", "cem": "2026-01-01 16:00"}
    for student, time in times.items():
        folder = room.hand_in(student, json.dumps(solved(room, why="As I see it."))).parent
        (folder / "timestamp.txt").write_text(f"{time} UTC")
    return room.folder


@pytest.fixture(scope="module")
def judged(new_class: Callable[..., Classroom], handed_in: Path) -> Path:
    """The same class, graded when nothing was due."""
    room = new_class("rules", handed_in)
    grade(room)
    return room.folder


@pytest.fixture
def room(new_class: Callable[..., Classroom], judged: Path) -> Classroom:
    return new_class("rules", judged)


@pytest.fixture
def run(
    room: Classroom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    return runner(room, monkeypatch, capsys)


def runner(
    room: Classroom, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Return what runs a command in a class's folder, and returns what it said."""
    monkeypatch.setenv("COURSE_ROOT", str(room.folder))
    monkeypatch.chdir(room.folder)
    mains = {"due": due.main, "late": late.main}

    def run(line: str, status: int = 0) -> str:
        name, *arguments = line.split()
        assert mains[name](arguments) == status
        said = capsys.readouterr()
        return said.err if status else said.out

    return run


def lost(room: Classroom) -> dict[str, float]:
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        found = book.assignment_submissions(LESSON_ID)
        return {one.student_id: one.late_submission_penalty or 0.0 for one in found}


def give_points(room: Classroom, points: float) -> None:
    """Do what somebody in Formgrader does with Ann's answer in words."""
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        row = book.find_grade("why", NOTEBOOK, LESSON_ID, "ann")
        row.manual_score, row.needs_manual_grade = points, False
        book.db.commit()


def exported(room: Classroom) -> dict[str, dict[str, str]]:
    nbgrader("export", "--to=grades.csv", cwd=room.folder)
    with (room.folder / "grades.csv").open(encoding="utf-8") as lines:
        return {row["student_id"]: row for row in csv.DictReader(lines)}


@pytest.mark.parametrize("graded_by", ["course grade", "nbgrader autograde"])
def test_whoever_grades_takes_the_same_late_points(
    new_class: Callable[..., Classroom],
    handed_in: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    graded_by: str,
) -> None:
    room = new_class("rules", handed_in)
    run = runner(room, monkeypatch, capsys)
    run("due 1 2026-01-01 17:00 --zone UTC")
    run("late 10 % a day, 30 minutes grace")
    if graded_by == "course grade":
        grade(room)
    else:
        take_step(room, Autograding)
    assert lost(room) == {"ann": 1.0, "bob": 0.5, "cem": 0.0}
    rows = exported(room)
    assert {who: float(row["score"]) for who, row in rows.items()} == {
        "ann": 4.0,
        "bob": 4.5,
        "cem": 5.0,
    }
    facts = report.collect(room.folder, "1")
    assert {one.student: one.late_penalty for one in facts.standings} == lost(room)
    assert {one.student: one.points for one in facts.standings}["ann"] == 4.0


def test_a_change_counts_at_once_and_nothing_is_judged_anew(room: Classroom, run: Command) -> None:
    copies = {who: room.graded_notebook(who).stat().st_mtime_ns for who in ("ann", "bob", "cem")}
    assert "late points" not in run("late 10 % a day")
    said = run("due 1 2026-01-01 17:00 --zone UTC")
    assert said.splitlines()[:2] == [
        f"{LESSON_ID}: Thursday 1 January 2026, 17:00 UTC",
        "  late points are others now: ann, bob",
    ]
    assert lost(room) == {"ann": 1.0, "bob": 0.5, "cem": 0.0}
    said = run("due 1 --student ann +48h")
    assert "  ann: +2 days: Saturday 3 January 2026, 17:00 UTC" in said
    assert "late points are others now: ann" in said
    assert lost(room) == {"ann": 0.0, "bob": 0.5, "cem": 0.0}
    assert f"{LESSON_ID}: late points are others now: bob" in run("late no points")
    assert lost(room)["bob"] == 5.0
    run("due 1 --student ann none")
    run("late none")
    assert lost(room) == {"ann": 0.0, "bob": 0.0, "cem": 0.0}
    assert len(grade(room).unchanged) == 3
    take_step(room, Autograding)
    assert copies == {who: room.graded_notebook(who).stat().st_mtime_ns for who in copies}


def test_late_points_are_taken_of_points_given_by_hand_too(room: Classroom, run: Command) -> None:
    run("due 1 2026-01-01 17:00 --zone UTC")
    run("late 10 % a day")
    give_points(room, 2.5)
    assert float(exported(room)["ann"]["late_submission_penalty"]) == 1.5
    give_points(room, 3.0)
    take_step(room, FeedbackPages)
    assert lost(room)["ann"] == 1.6
    give_points(room, 1.0)
    assert report.main(["1"]) == 0
    assert lost(room)["ann"] == 1.2


def test_the_feedback_page_says_how_late_and_what_it_cost(room: Classroom, run: Command) -> None:
    run("due 1 2026-01-01 18:00 --zone Europe/Berlin")
    run("due 1 --student ann +3 hours")
    run("late 10 % a day, 2 hours grace")
    take_step(room, FeedbackPages)
    pages = {who: room.feedback_page(who).read_text(encoding="utf-8") for who in lost(room)}
    assert (
        "0.5 less for handing in 22 hours late (due Thursday 1 January 2026, 21:00 CET, with the "
        "extension)"
    ) in pages["ann"]
    assert (
        "handed in 1 hour late (due Thursday 1 January 2026, 18:00 CET), which takes no points"
        in pages["bob"]
    )
    assert "late" not in pages["cem"].partition("<body>")[2].partition("<h2>")[0]
    run("late none")
    take_step(room, FeedbackPages)
    assert "which takes no points" in room.feedback_page("ann").read_text(encoding="utf-8")


def test_students_see_the_date_in_the_exchange_as_it_is_now(room: Classroom, run: Command) -> None:
    assert "students see it once it is released" in run("due 1 2026-01-01 18:00 --zone UTC")
    nbgrader("release_assignment", LESSON_ID, cwd=room.folder)
    released = room.folder / "exchange" / "teacher_forcing" / "outbound" / LESSON_ID
    assert announced(released) == "Thursday 1 January 2026, 18:00 UTC"
    assert (released / "DUE.md").stat().st_mode & 0o777 == 0o644
    run("due 1 +1 day")
    assert announced(released) == "Friday 2 January 2026, 18:00 UTC"
    said = nbgrader("list", cwd=room.folder)
    assert f"teacher_forcing {LESSON_ID} (due Friday 2 January 2026, 18:00 UTC)" in said
    (home := room.folder / "home").mkdir()
    (home / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'teacher_forcing'\n"
        f"c.Exchange.root = {str(room.folder / 'exchange')!r}\n"
    )
    nbgrader("fetch_assignment", LESSON_ID, cwd=home)
    assert "**Friday 2 January 2026, 18:00 UTC**" in (home / LESSON_ID / "DUE.md").read_text()
    with Gradebook(room._course().db_url, "teacher_forcing") as book:  # as Formgrader does
        book.update_or_create_assignment(LESSON_ID, duedate="2026-01-05 18:00 UTC")
    assert run("due 1") == f"{LESSON_ID}: Monday 5 January 2026, 18:00 UTC\n"
    assert announced(released) == "Monday 5 January 2026, 18:00 UTC"
    run("due 1 none")
    assert announced(released) == ""
    assert not (released / "DUE.md").exists()


def test_without_more_words_the_commands_show_what_is_set(room: Classroom, run: Command) -> None:
    assert run("late") == "none was set here; nbgrader's penalty_method is 'none'\n"
    assert run("due") == f"{LESSON_ID}: no due date\n"
    run("due 1 --student dee 2 days")
    assert run("due 1") == f"{LESSON_ID}: no due date\n  dee: +2 days: waits for a due date\n"
    run("due 1 2026-01-01 18:00 --zone UTC")
    assert "note: eve is nobody in the gradebook yet" in run("due 1 --student eve 2026-01-02 06:00")
    assert run("due").splitlines() == [
        f"{LESSON_ID}: Thursday 1 January 2026, 18:00 UTC",
        "  dee: +2 days: Saturday 3 January 2026, 18:00 UTC",
        "  eve: +12 hours: Friday 2 January 2026, 06:00 UTC",
    ]
    run("late 10% per day")
    assert run("late").startswith("10 % per day\nAfter the due date, 10 % of the points that were")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("due 1 tomorrow", "'tomorrow' is no date: write it as 2026-12-01 18:00, or none"),
        ("due 1 +1 day", "there is no due date to move: write it as"),
        ("due 1 2026-01-01 --zone Mars", "there is no time zone 'Mars'"),
        ("due 1 --student ann 2026-01-01", "the lesson has no due date: set that first"),
        ("due 1 --student ann soon", "'soon' is no date: write +48h, a date and a time, or none"),
        ("due 9 2026-01-01", "there is no lesson '9'; there are: 01_decoder_cells"),
        ("late much", "'much' is not understood. Write for instance: 10 % a day"),
    ],
)
def test_what_is_not_understood_changes_nothing(
    room: Classroom, run: Command, line: str, message: str
) -> None:
    before = (room.folder / "gradebook.db").read_bytes()
    assert message in run(line, status=2)
    assert (room.folder / "gradebook.db").read_bytes() == before


def test_an_extension_to_before_the_due_date_is_refused(room: Classroom, run: Command) -> None:
    run("due 1 2026-01-01 18:00 --zone UTC")
    said = run("due 1 --student ann 2026-01-01 17:00", status=2)
    assert "is not after Thursday 1 January 2026, 18:00 UTC, when it is due for all" in said


def test_a_plugin_of_the_courses_own_is_not_overruled_in_silence(
    room: Classroom, run: Command
) -> None:
    with (room.folder / "nbgrader_config.py").open("a") as file:
        file.write(
            "\nfrom nbgrader.plugins import LateSubmissionPlugin\n"
            "c.AssignLatePenalties.plugin_class = LateSubmissionPlugin\n"
        )
    said = run("late 10 % a day", status=2)
    assert "nbgrader_config.py has nbgrader.plugins.latesubmission.LateSubmissionPlugin" in said


def test_without_a_gradebook_the_command_says_what_makes_one(room: Classroom, run: Command) -> None:
    (room.folder / "gradebook.db").unlink()
    assert "there is no gradebook at" in run("due", status=2)
    assert not (room.folder / "gradebook.db").exists()
