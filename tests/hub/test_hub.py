"""A lesson goes round on JupyterHub, from its release to feedback, with points by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hub_people import Person
from hub_server import Hub
from playwright.sync_api import expect
from sqlalchemy import create_engine, text
from tiny import LESSON_ID

from course.grading.confinement.nosandbox import FORBIDDEN_IN_CONTAINER

pytestmark = [pytest.mark.hub, pytest.mark.slow(seconds=90)]

NOTEBOOK = f"{LESSON_ID}/decoder_cells.ipynb"
PROGRAMS = Path(__file__).resolve().parents[1] / "support" / "programs"
POINTS = (
    "SELECT a.student_id, SUM(g.{kind}) FROM submitted_assignment a "
    "JOIN assignment l ON l.id = a.assignment_id AND l.name = '{lesson}' "
    "JOIN submitted_notebook n ON n.assignment_id = a.id "
    "JOIN grade g ON g.notebook_id = n.id GROUP BY a.student_id"
)


def points(hub: Hub, kind: str = "auto_score") -> dict[str, float | None]:
    """Return what each student has in the lesson, by what the tests call them."""
    engine = create_engine(hub.gradebook.replace("postgresql:", "postgresql+psycopg2:"))
    with engine.connect() as connection:
        rows = dict(
            map(tuple, connection.execute(text(POINTS.format(kind=kind, lesson=LESSON_ID))))
        )
    engine.dispose()
    return {who: rows[name] for who, name in hub.names.items() if name in rows}


def test_students_see_assignment_list_and_not_what_is_the_instructors(ann: Person) -> None:
    offered = ann.parts_of_nbgrader()
    assert "Assignment List" in offered
    assert not [one for one in offered if "Formgrader" in one or "Course" in one], offered
    expect(ann.page.get_by_role("tab", name="Create Assignment")).to_have_count(0)


def test_formgrader_shows_the_instructor_the_course(released: None, teacher: Person) -> None:
    page = teacher.nbgrader("Formgrader")
    shown = page.frame_locator("iframe").get_by_role("link", name=LESSON_ID)
    expect(shown).to_be_visible()
    expect(page.get_by_role("tab", name="Create Assignment")).to_have_count(1)


def test_marks_are_in_postgresql_and_nowhere_else(graded: str, hub: Hub) -> None:
    assert points(hub) == {"ann": 3.0, "bob": 1.0}
    assert not list(hub.course.glob("*.db"))


def test_grading_uses_the_servers_environment_and_makes_none(graded: str, hub: Hub) -> None:
    assert "2  graded now" in graded
    assert "Preparing the environment" not in graded
    assert not (hub.course / ".venv").exists()


def test_a_python_elsewhere_uses_the_servers_environment_too(graded: str, teacher: Person) -> None:
    said = teacher.does("cd ~/course; /usr/bin/python3 -m course grade 1")
    assert "unchanged since they were graded" in said


def test_a_submission_runs_in_the_sandbox(graded: str, hub: Hub) -> None:
    name = hub.names["bob"]
    notebook = json.loads((hub.course / "autograded" / name / NOTEBOOK).read_text())
    [answer] = [cell for cell in notebook["cells"] if cell["id"] == "write_double"]
    printed = "".join(line for output in answer["outputs"] for line in output["text"])
    assert printed.startswith("I see")
    assert "'submission'" in printed
    for outside in ("'home'", "'root'", "'srv'", "'var'"):
        assert outside not in printed


def test_a_student_fetches_their_feedback_in_jupyterlab(
    given_back: None, hub: Hub, ann: Person
) -> None:
    page = ann.nbgrader("Assignment List")
    row = ann.assignment("submitted", LESSON_ID)
    row.get_by_role("button", name="Fetch Feedback").click()
    row.get_by_text("(view feedback)").click()
    [feedback] = (hub.home("ann") / LESSON_ID / "feedback").rglob("*.html")
    assert "2 / 2" in feedback.read_text()
    page.goto(ann.url(f"files/{feedback.relative_to(hub.home('ann'))}"))
    expect(page.get_by_text("And for which numbers?").first).to_be_visible()
    expect(page.get_by_text("5.5 of 8 points")).to_be_visible()


def test_points_by_hand_are_in_postgresql_too(given_back: None, hub: Hub) -> None:
    assert points(hub, "manual_score") == {"ann": 2.5, "bob": None}


def test_without_a_sandbox_a_hub_grades_nothing(graded: str, teacher: Person) -> None:
    programs = str(hub_bin(teacher))
    status, said = teacher.run(f"cd ~/course; PATH={programs} python3 -m course grade 1 --regrade")
    assert status == 2, said
    assert "sudo apt install bubblewrap" in said
    assert "Judge.require_sandbox is set: nothing is graded" in said


def hub_bin(person: Person) -> Path:
    """Return the folder of the environment's programs, where bubblewrap is none of them."""
    return person.hub.folder / "env" / "bin"


def test_without_user_namespaces_the_remedy_is_said(graded: str, hub: Hub, teacher: Person) -> None:
    script = hub.folder / "no_user_namespaces.sh"
    shutil.copy(PROGRAMS / script.name, script)
    status, said = teacher.run(f"cd ~/course; bash {script} python3 -m course grade 1 --regrade")
    assert status == 2, said
    assert "sudo sysctl -w user.max_user_namespaces=15000" in said


def test_under_a_filter_of_system_calls_the_remedy_is_said(
    graded: str, hub: Hub, teacher: Person
) -> None:
    script = hub.folder / "without_namespaces.py"
    shutil.copy(PROGRAMS / script.name, script)
    said = teacher.does(f"container=docker python3 {script}")
    assert " ".join(said.split()) == FORBIDDEN_IN_CONTAINER


def test_hub_check_finds_this_hub_well(graded: str, hub: Hub, teacher: Person) -> None:
    _, said = teacher.run("cd ~/course; python3 -m course hub-check")
    wrong = [line for line in said.splitlines() if line.startswith("wrong: ")]
    assert said.count("well: ") >= 5, said
    assert not [one for one in wrong if str(hub.folder) in one], wrong
