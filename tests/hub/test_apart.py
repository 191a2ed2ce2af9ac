"""Students try on a hub what they must not.

Each try is made: a path that a student cannot read is first seen to be there, and an address that a
student gets nothing from answers its owner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import quote

import pytest
from hub_people import Person
from hub_server import COURSE, Hub
from tiny import LESSON_ID

pytestmark = [pytest.mark.hub, pytest.mark.slow(seconds=40)]

PROGRAMS = Path(__file__).resolve().parents[1] / "support" / "programs"
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
    "the instructors' JupyterLab": "/services/{course}/api/contents",
    "terminals of another": "{teacher}api/terminals",
    "another's tokens": "/hub/api/users/{name}/tokens",
}


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
    asked: str, hub: Hub, teacher: Person, ivo: Person, bob: Person
) -> None:
    named = {"teacher": teacher.base, "name": hub.names["teacher"], "course": COURSE}
    path = ADDRESSES[asked].format(**named)
    assert (ivo if path.startswith("/services") else teacher).status(path) == 200
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


#: What a student asks of programs on the same machine, past the hub's address, and what they say.
QUESTIONS = {
    "where the proxy sends people": ("{proxy}/api/routes", "", "403"),
    "all users, by their own token": ("{api}/users", "$JUPYTERHUB_API_TOKEN", "403"),
    "another's server, by their own token": (
        "{address}{teacher}api/contents",
        "$JUPYTERHUB_API_TOKEN",
        "403",
    ),
    "themselves, by their own token": ("{api}/user", "$JUPYTERHUB_API_TOKEN", "200"),
}


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_students_programs_get_no_further(
    asked: str, hub: Hub, teacher: Person, bob: Person
) -> None:
    address, token, answer = QUESTIONS[asked]
    address = address.format(
        proxy=hub.proxy, api="$JUPYTERHUB_API_URL", address=hub.address, teacher=teacher.base
    )
    script = hub.folder / "ask.py"
    script.write_text((PROGRAMS / script.name).read_text())
    assert bob.does(f'python3 {script} "{address}" "{token}"').strip() == answer


def test_a_student_is_let_into_no_gradebook(hub: Hub, bob: Person) -> None:
    address = re.sub(":[^:/]+@", "@", hub.gradebook)
    status, said = bob.run(f"python3 -c 'import psycopg2; psycopg2.connect(\"{address}\")'")
    assert status != 0
    assert "no password supplied" in said


@pytest.fixture
def handed_in(given_back: None, hub: Hub, bob: Person) -> Iterator[Callable[..., Path]]:
    """Has Bob lay a submission into the exchange by hand; returns its folder."""
    made: list[Path] = []

    def hand_in(way: str) -> Path:
        script = hub.folder / "hand_in.sh"
        script.write_text((PROGRAMS / script.name).read_text())
        places = [hub.exchanged / "inbound", hub.course, hub.names["ann"]]
        named = " ".join(quote(str(one)) for one in (way, LESSON_ID, *places))
        made.append(Path(bob.does(f"bash {script} {named}").strip()))
        return made[-1]

    yield hand_in
    for folder in made:
        bob.does(f"rm -r {quote(str(folder))}")


def collected(hub: Hub) -> dict[str, bytes]:
    """Return what the teacher has of Bob, by name."""
    folder = hub.course / "submitted" / hub.names["bob"] / LESSON_ID
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*.*"))}


@pytest.fixture
def as_collected_before(given_back: None, hub: Hub, teacher: Person) -> Iterator[None]:
    """Puts back what the teacher has of Bob, whom other files have graded."""
    theirs = quote(str(hub.course / "submitted" / hub.names["bob"]))
    teacher.does(f"cp -a {theirs} ~/of_bob")
    yield
    teacher.does(f"rm -r {theirs} && mv ~/of_bob {theirs}")


#: What is laid into the exchange in the place of a submission, and what is said of it.
TRICKS = {
    "a link to the solution": "it is a link",
    "a link to Ann's": "it is a link",
    "a pipe": "it is no folder",
    "in nobody's name": "who has no account here, and {bob} handed it in",
    "more than a disk holds": "CourseDirectory.max_dir_size allows",
}


@pytest.mark.parametrize("way", TRICKS)
def test_what_is_no_submission_takes_the_place_of_none(
    way: str, handed_in: Callable[[str], Path], hub: Hub, teacher: Person
) -> None:
    before = collected(hub)
    assert before
    handed_in(way)
    _, said = teacher.run(f"cd ~/course; nbgrader collect {LESSON_ID} --update")
    assert TRICKS[way].format(bob=hub.names["bob"]) in said
    assert collected(hub) == before
    assert {one.name for one in (hub.course / "submitted").iterdir()} == {
        hub.names[who] for who in ("ann", "bob")
    }


@pytest.mark.usefixtures("as_collected_before")
def test_of_a_submission_plain_files_are_collected_and_nothing_that_they_lead_to(
    handed_in: Callable[[str], Path], hub: Hub, teacher: Person, bob: Person
) -> None:
    folder = handed_in("with links, pipes and endless files")
    assert {"solution.ipynb", "course", "endless", "pipe"} <= {one.name for one in folder.iterdir()}
    said = teacher.does(f"cd ~/course; nbgrader collect {LESSON_ID} --update")
    assert said.count("is a link; left out") == 3
    assert said.count("is a pipe, a socket or a device; left out") == 1
    now = collected(hub)
    assert {*now} == {"decoder_cells.ipynb", "timestamp.txt"}
    bob.does(f"echo '{{}}' > {quote(str(folder / 'decoder_cells.ipynb'))}")
    said = teacher.does(f"cd ~/course; nbgrader collect {LESSON_ID} --update")
    assert "No newer submission" in said
    assert collected(hub) == now
