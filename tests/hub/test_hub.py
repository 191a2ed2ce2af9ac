"""A lesson goes round on JupyterHub, from its release to feedback; students try what they must not.

Each try is made: a path that a student cannot read is first seen to be there, and an address that a
student gets nothing from answers its owner.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from shlex import quote

import pytest
from hub_people import Person
from hub_server import Hub
from playwright.sync_api import expect
from sqlalchemy import create_engine, text
from tiny import LESSON_ID, SOLUTION

pytestmark = [pytest.mark.hub, pytest.mark.slow(seconds=90)]

NOTEBOOK = f"{LESSON_ID}/decoder_cells.ipynb"
PROGRAMS = Path(__file__).resolve().parents[1] / "support" / "programs"
POINTS = text(
    "SELECT a.student_id, SUM(g.auto_score) FROM submitted_assignment a "
    "JOIN submitted_notebook n ON n.assignment_id = a.id "
    "JOIN grade g ON g.notebook_id = n.id GROUP BY a.student_id"
)

#: What there is to be read, by what a student would like to find there.
SECRETS: dict[str, Callable[[Hub], Path]] = {
    "submissions on their way": lambda hub: hub.exchanged / "inbound",
    "feedback pages of others": lambda hub: hub.exchanged / "feedback",
    "Ann's answers": lambda hub: hub.home("ann") / LESSON_ID,
    "the secrets of Ann's submissions": lambda hub: hub.home("ann") / ".local",
    "hidden tests": lambda hub: hub.course / "source",
    "submissions collected": lambda hub: hub.course / "submitted",
    "marks": lambda hub: hub.course / "autograded",
    "passwords of gradebooks": lambda hub: hub.folder / "site.toml",
    "the hub's tokens and cookies": lambda hub: hub.folder / "run",
}
#: What a student would like to change.
TARGETS: dict[str, Callable[[Hub], Path]] = {
    "the lesson that others fetch": lambda hub: hub.exchanged / "outbound" / LESSON_ID,
    "the course in the exchange": lambda hub: hub.exchanged,
    "programs that all run": lambda hub: hub.folder / "env" / "bin",
    "settings that all have": lambda hub: hub.folder / "env" / "etc" / "jupyter",
}
#: Addresses that answer their owner alone, seen from the hub's.
ADDRESSES = {
    "files of another": "{teacher}api/contents",
    "Formgrader": "{teacher}formgrader/api/assignments",
    "terminals of another": "{teacher}api/terminals",
    "another's tokens": "/hub/api/users/{name}/tokens",
}


def write(person: Person, beginning: str, answer: str) -> None:
    """Open the lesson, write an answer by keyboard into the cell that begins so, and save."""
    page = person.open(f"tree/{NOTEBOOK}")
    cell = page.locator(".jp-Notebook .jp-CodeCell", has_text=beginning).first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(answer)
    expect(page.get_by_text("| Idle")).to_be_visible()  # before that, nothing is run
    page.keyboard.press("Control+Enter")
    expect(cell.locator(".jp-InputPrompt")).to_have_text("[1]:")
    with page.expect_response(lambda said: said.request.method == "PUT" and NOTEBOOK in said.url):
        page.keyboard.press("Control+S")


@pytest.fixture(scope="module")
def released(teacher: Person) -> None:
    """The lesson lies in the exchange."""
    for step in ("generate_assignment", "release_assignment"):
        teacher.does(f"cd ~/course; nbgrader {step} {LESSON_ID}")


@pytest.fixture(scope="module")
def submitted(released: None, hub: Hub, ann: Person, bob: Person) -> None:
    """Ann has written one answer of two in JupyterLab, Bob looks around from his."""
    page = ann.nbgrader("Assignment List")
    page.get_by_role("button", name="Fetch").click()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    write(ann, "def double", SOLUTION)
    page = ann.nbgrader("Assignment List")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("button", name="Fetch Feedback")).to_be_visible()
    bob.does(f"nbgrader fetch_assignment {LESSON_ID}")
    path = hub.home("bob") / NOTEBOOK
    notebook = json.loads(path.read_text())
    [answer] = [cell for cell in notebook["cells"] if cell["id"] == "write_double"]
    answer["source"] = (PROGRAMS / "look_around.txt").read_text()
    path.write_text(json.dumps(notebook))
    bob.does(f"nbgrader submit {LESSON_ID}")


@pytest.fixture(scope="module")
def graded(submitted: None, teacher: Person) -> str:
    """What `course grade --collect` said to the teacher."""
    return teacher.does("cd ~/course; python3 -m course grade 1 --collect")


@pytest.fixture(scope="module")
def given_back(graded: str, teacher: Person) -> None:
    """Feedback lies in the exchange."""
    for step in ("generate_feedback", "release_feedback"):
        teacher.does(f"cd ~/course; nbgrader {step} {LESSON_ID}")


def points(hub: Hub) -> dict[str, float]:
    """Return what each student has, by what the tests call them."""
    engine = create_engine(hub.gradebook.replace("postgresql:", "postgresql+psycopg2:"))
    with engine.connect() as connection:
        rows = dict(map(tuple, connection.execute(POINTS)))
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
    assert "2  unchanged since they were graded" in said


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
    page.get_by_role("button", name="Fetch Feedback").click()
    expect(page.get_by_text("(view feedback)")).to_be_visible()
    [feedback] = (hub.home("ann") / LESSON_ID / "feedback").rglob("*.html")
    assert "2 / 2" in feedback.read_text()


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


def test_hub_check_finds_this_hub_well(graded: str, hub: Hub, teacher: Person) -> None:
    _, said = teacher.run("cd ~/course; python3 -m course hub-check")
    wrong = [line for line in said.splitlines() if line.startswith("wrong: ")]
    assert said.count("well: ") >= 5, said
    assert not [one for one in wrong if str(hub.folder) in one], wrong


@pytest.mark.usefixtures("given_back")
@pytest.mark.parametrize("secret", SECRETS)
def test_a_student_does_not_read(secret: str, hub: Hub, bob: Person) -> None:
    path = SECRETS[secret](hub)
    assert path.is_file() or any(path.iterdir()), f"{path} is not even there"
    status, said = bob.run(f"ls -R {quote(str(path))}/ || cat {quote(str(path))}")
    assert status != 0, said
    assert "Permission denied" in said


@pytest.mark.usefixtures("given_back")
@pytest.mark.parametrize("target", TARGETS)
def test_a_student_does_not_change(target: str, hub: Hub, bob: Person) -> None:
    path = TARGETS[target](hub)
    assert path.is_dir(), f"{path} is not even there"
    for attempt in ("touch {0}/mine", "mv {0} {0}.away", "mkdir {0}/mine"):
        status, said = bob.run(attempt.format(quote(str(path))))
        assert status != 0, said
        assert "Permission denied" in said or "not permitted" in said


@pytest.mark.parametrize("asked", ADDRESSES)
def test_a_student_gets_nothing_from(
    asked: str, hub: Hub, teacher: Person, ann: Person, bob: Person
) -> None:
    path = ADDRESSES[asked].format(teacher=teacher.base, name=hub.names["teacher"])
    assert teacher.status(path) == 200
    assert bob.status(path) in (403, 404)


def test_a_student_sees_no_token_of_the_hubs_among_processes(
    hub: Hub, ann: Person, bob: Person
) -> None:
    see = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'"
    said = bob.run(see)[1]
    assert f"JUPYTERHUB_USER={hub.names['bob']}" in said
    assert f"JUPYTERHUB_USER={hub.names['ann']}" not in said
    for name in ("COURSE_GRADEBOOK=", "CONFIGPROXY_AUTH_TOKEN=", hub.gradebook):
        assert name not in said


@pytest.mark.usefixtures("given_back")
def test_a_submission_in_anothers_name_does_not_count(
    hub: Hub, teacher: Person, bob: Person
) -> None:
    ann = hub.names["ann"]
    before = (hub.course / "submitted" / ann / LESSON_ID / "timestamp.txt").read_text()
    bob.does(f"nbgrader submit {LESSON_ID} --student={ann}")
    said = teacher.does(f"cd ~/course; nbgrader collect {LESSON_ID} --update")
    assert f"it says that it is {ann}'s, and {hub.names['bob']} handed it in" in said
    assert (hub.course / "submitted" / ann / LESSON_ID / "timestamp.txt").read_text() == before
