"""A student tries what students must not: each try is made, and made by somebody who may as well.

A path that a student cannot read is first seen to be there; an address that a student gets nothing
from answers its owner.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shlex import quote

import pytest
from hub_people import Person
from hub_server import Hub
from tiny import LESSON_ID

pytestmark = [pytest.mark.hub, pytest.mark.slow(seconds=90)]

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


@pytest.fixture(scope="module")
def handed_in(hub: Hub, teacher: Person, ann: Person, bob: Person) -> None:
    """Ann's submission is graded, and her feedback released."""
    for step in ("generate_assignment", "release_assignment"):
        teacher.does(f"cd ~/course; nbgrader {step} {LESSON_ID} --force")
    for who in (ann, bob):
        if not (hub.home(who.who) / LESSON_ID).is_dir():
            who.does(f"nbgrader fetch_assignment {LESSON_ID}")
    ann.does(f"nbgrader submit {LESSON_ID}")
    teacher.does("cd ~/course; python3 -m course grade 1 --collect")
    for step in ("generate_feedback", "release_feedback"):
        teacher.does(f"cd ~/course; nbgrader {step} {LESSON_ID} --student={hub.names['ann']}")


@pytest.mark.usefixtures("handed_in")
@pytest.mark.parametrize("secret", SECRETS)
def test_a_student_does_not_read(secret: str, hub: Hub, bob: Person) -> None:
    path = SECRETS[secret](hub)
    assert path.is_file() or any(path.iterdir()), f"{path} is not even there"
    status, said = bob.run(f"ls -R {quote(str(path))}/ || cat {quote(str(path))}")
    assert status != 0, said
    assert "Permission denied" in said


@pytest.mark.usefixtures("handed_in")
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


@pytest.mark.usefixtures("handed_in")
def test_a_submission_in_anothers_name_does_not_count(
    hub: Hub, teacher: Person, bob: Person
) -> None:
    ann = hub.names["ann"]
    before = (hub.course / "submitted" / ann / LESSON_ID / "timestamp.txt").read_text()
    bob.does(f"nbgrader submit {LESSON_ID} --student={ann}")
    said = teacher.does(f"cd ~/course; nbgrader collect {LESSON_ID} --update")
    assert f"it says that it is {ann}'s, and {hub.names['bob']} handed it in" in said
    assert (hub.course / "submitted" / ann / LESSON_ID / "timestamp.txt").read_text() == before
