"""Several instructors share a course, several courses share a hub: none is seen by another."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import pytest
from hub_people import Person
from hub_server import COURSE, OTHER_COURSE, Hub
from playwright.sync_api import expect
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError
from tiny import LESSON_ID

pytestmark = [pytest.mark.hub, pytest.mark.slow(seconds=40)]


@pytest.mark.parametrize("who", ["ira", "ivo"])
def test_instructors_log_in_to_the_course_that_they_share(
    graded: str, who: str, hub: Hub, request: pytest.FixtureRequest
) -> None:
    person: Person = request.getfixturevalue(who)
    person.page.goto(person.url("formgrader/gradebook"))
    expect(person.page.get_by_role("link", name=LESSON_ID)).to_be_visible()
    assert person.does("id -un").strip() == hub.names["teacher"]


def test_what_one_instructor_gives_another_sees(given_back: None, hub: Hub, ira: Person) -> None:
    asked = f"{ira.base}formgrader/api/submissions/{LESSON_ID}"
    found = ira.page.request.get(f"{hub.address}{asked}").json()
    [ann] = [one for one in found if one["student"] == hub.names["ann"]]
    assert ann["written_score"] == 2.5


def test_whoever_shares_a_course_grades_it(graded: str, ivo: Person) -> None:
    said = ivo.does("cd ~/course; python3 -m course grade 1")
    assert "unchanged since they were graded" in said


@pytest.mark.parametrize("who", ["bob", "olga"])
def test_others_are_not_let_into_it(
    who: str, hub: Hub, ivo: Person, request: pytest.FixtureRequest
) -> None:
    person: Person = request.getfixturevalue(who)
    for path in ("lab", "formgrader/gradebook", "api/terminals"):
        assert ivo.status(f"{ivo.base}{path}") == 200
        assert person.status(f"{ivo.base}{path}") == 403


@pytest.fixture(scope="module")
def both(released: None, olga: Person, cleo: Person) -> None:
    """Cleo has fetched a lesson of each course in JupyterLab, and handed in Olga's."""
    for step in ("generate_assignment", "release_assignment"):
        olga.does(f"cd ~/course; nbgrader {step} {LESSON_ID}")
    page = cleo.nbgrader("Assignment List")
    page.get_by_role("button", name="Fetch", exact=True).first.wait_for()
    for course in (COURSE, OTHER_COURSE):
        page.locator("#course_list_dropdown").click()
        page.locator("#course_list").get_by_text(course).click()
        offered, fetched = (
            cleo.assignment(kind, LESSON_ID, course) for kind in ("released", "fetched")
        )
        offered.get_by_role("button", name="Fetch").click()
        fetched.get_by_role("button", name="Submit").wait_for()
    fetched.get_by_role("button", name="Submit").click()
    handed_in = cleo.assignment("submitted", LESSON_ID, OTHER_COURSE)
    handed_in.get_by_role("button", name="Fetch Feedback").wait_for()


def test_a_student_of_two_courses_has_each_in_a_folder_of_its_own(both: None, hub: Hub) -> None:
    for course in (COURSE, OTHER_COURSE):
        assert (hub.home("cleo") / course / LESSON_ID / "decoder_cells.ipynb").is_file()


def test_a_submission_reaches_its_course_alone(
    both: None, submitted: None, hub: Hub, olga: Person
) -> None:
    said = olga.does("cd ~/course; python3 -m course grade 1 --collect")
    assert "1  graded now" in said
    place = Path("submitted") / hub.names["cleo"] / LESSON_ID / "decoder_cells.ipynb"
    assert (hub.home("olga") / "course" / place).is_file()
    lying = {
        course: [
            path.name.split("+")[0] for path in (hub.folder / "exchange" / course).glob("in*/*")
        ]
        for course in (COURSE, OTHER_COURSE)
    }
    assert hub.names["cleo"] not in lying[COURSE]
    assert lying[OTHER_COURSE] == [hub.names["cleo"]]


def test_a_student_finds_their_courses_and_no_other(both: None, ann: Person, cleo: Person) -> None:
    for student, courses in ((ann, {COURSE}), (cleo, {COURSE, OTHER_COURSE})):
        said = student.does("nbgrader list")
        found = {one for one in (COURSE, OTHER_COURSE) if f"{one} {LESSON_ID}" in said}
        assert found == courses, said


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize(("who", "whose"), [("olga", "teacher"), ("teacher", "olga")])
def test_a_courses_owner_reads_nothing_of_anothers(
    graded: str, who: str, whose: str, hub: Hub, request: pytest.FixtureRequest
) -> None:
    person: Person = request.getfixturevalue(who)
    theirs = hub.home(whose) / "course"
    name = COURSE if whose == "teacher" else OTHER_COURSE
    for path in (
        theirs / "source",
        theirs / "submitted",
        hub.folder / "exchange" / name / "inbound",
    ):
        assert any(path.iterdir()), f"{path} is not even there"
        status, said = person.run(f"ls {quote(str(path))}")
        assert status != 0
        assert "Permission denied" in said
    status = person.status(f"/user/{hub.names[whose]}/formgrader/api/assignments")
    assert status == 403


def test_a_courses_password_opens_no_other_gradebook(graded: str, hub: Hub) -> None:
    own, other = (
        create_engine(address.replace("postgresql:", "postgresql+psycopg2:"))
        for address in (hub.gradebook, hub.other_gradebook)
    )
    [table] = [one for one in inspect(own).get_table_names() if one == "grade"]
    into_own = create_engine(other.url.set(database=own.url.database))
    with into_own.connect() as connection:
        refused = pytest.raises(ProgrammingError, match=f"permission denied for table {table}")
        with refused:
            connection.execute(text(f"SELECT * FROM {table}"))
    for engine in (own, other, into_own):
        engine.dispose()
