"""A class of hostile submissions among honest ones, graded by nbgrader as any class is."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import dying
import handing_in
import pytest
import tampering
from attack import FULL, LIMITS, Attack
from probing import control, spy, without_cause
from processes import await_none
from spying import PROBES
from tiny import LESSON_ID, tiny_lesson

from course.grading.classes.temporary import Classroom
from course.grading.confinement.sandbox import has_sandbox

pytestmark = [
    pytest.mark.hostile,
    pytest.mark.slow(seconds=100),
    pytest.mark.skipif(not has_sandbox(), reason="bubblewrap is not here"),
]

HONEST = [Attack(f"{letter}_honest", "Nothing.") for letter in "amz"]
ATTACKS = [*tampering.ATTACKS, *dying.ATTACKS, *handing_in.ATTACKS]
#: Seconds that a submission may take whatever it does, on top of its own limit; much on a busy machine.
MARGIN_S = 120.0


#: Some of every kind, graded by `nbgrader autograde`. `course grade` takes a tenth of its time for
#: each, as it forks its processes from a nursery.
BY_NBGRADER = ATTACKS[::15]
BY_COURSE = [a for a in ATTACKS if a not in BY_NBGRADER]
#: What pages are made of: what comes in odd forms and names, and what holds scripts.
SHOWN = [a for a in BY_COURSE if a in handing_in.ATTACKS or "alert(9)" in a.first + a.double]
#: Classes that are graded at the same time, and their commands; of the first two pages are made.
CLASSES = [BY_NBGRADER, SHOWN, [a for a in BY_COURSE if a not in SHOWN]]
COURSE_GRADE = ["-m", "course.grading.classes.command", LESSON_ID, "--workers"]
COMMANDS = [["-m", "nbgrader", "autograde", LESSON_ID], [*COURSE_GRADE, "1"], [*COURSE_GRADE, "2"]]
PAGES = [*BY_NBGRADER, *SHOWN]


@dataclass
class Outcome:
    """Some classes after they were graded, and what was seen around them."""

    rooms: list[Classroom]
    temporary: Path
    connections: list[object]
    canary: Path
    before: list[dict[str, str]]
    said: list[str]
    statuses: list[int]

    def room(self, student: str) -> Classroom:
        """Return the class that a student is in, the first for one who is in all."""
        [room, *_] = [r for r in self.rooms if (r.folder / "submitted" / student).is_dir()]
        return room


def tree(folder: Path) -> dict[str, str]:
    """Return what lies in a folder: each file with what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


@contextlib.contextmanager
def serving() -> Iterator[tuple[int, list[socket.socket]]]:
    """Listen on this machine's own addresses; the port, and the sockets."""
    with socket.create_server(("127.0.0.1", 0)) as first, contextlib.ExitStack() as stack:
        port, listening = first.getsockname()[1], [first]
        with contextlib.suppress(OSError):  # no IPv6 here
            second = socket.create_server(("::1", port), family=socket.AF_INET6)
            listening.append(stack.enter_context(second))
        yield port, listening


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[int, list[object]]]:
    """A server on this machine that nobody is to reach; its port, and who came."""
    came: list[object] = []
    with serving() as (port, sockets):
        yield port, came
        for listening in sockets:
            listening.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                came.append(listening.accept())


@pytest.fixture(scope="module")
def outcome(
    new_class: Callable[..., Classroom],
    server: tuple[int, list[object]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Outcome:
    folder = tmp_path_factory.mktemp("hostile")
    temporary = folder / "tmp"
    temporary.mkdir()
    canary = folder / "canary.txt"
    canary.write_text("the instructor's")
    rooms = [new_class(f"class{i}") for i in range(len(CLASSES))]
    for room, attacks in zip(rooms, CLASSES, strict=True):
        set_limits(room)
        for attack in [*HONEST, *attacks, spy(room.folder, canary, server[0], os.getpid())]:
            attack.hand_in(room)
    before = [tree(room.folder) for room in rooms]
    environment = {**os.environ, "TMPDIR": str(temporary), "CANARY": "the instructor's"}
    graded = run_all(rooms, environment)
    for room in rooms[:2]:
        with contextlib.chdir(room.folder):
            room.generate_feedback()
    said, statuses = [text for text, _ in graded], [status for _, status in graded]
    return Outcome(rooms, temporary, server[1], canary, before, said, statuses)


def set_limits(room: Classroom) -> None:
    """Set the attacks' limits in the lesson itself, where every command finds them."""
    path = room.folder / "source" / LESSON_ID / "decoder_cells.ipynb"
    lesson = json.loads(path.read_text(encoding="utf-8"))
    lesson["metadata"]["course"]["limits"] = asdict(LIMITS)
    path.write_text(json.dumps(lesson), encoding="utf-8")


def run_all(rooms: list[Classroom], environment: dict[str, str]) -> list[tuple[str, int]]:
    """Grade all classes, each by its command; return what each says, and its status."""
    logs = [room.folder.with_suffix(".log") for room in rooms]
    with contextlib.ExitStack() as stack:
        started = [
            subprocess.Popen(
                [sys.executable, *command],
                cwd=room.folder,
                env=environment | {"COURSE_ROOT": str(room.folder)},
                stdin=stack.enter_context(terminal()),
                stdout=stack.enter_context(log.open("wb")),
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=take_the_terminal,
            )
            for room, command, log in zip(rooms, COMMANDS, logs, strict=True)
        ]
        statuses = [process.wait() for process in started]
    return list(zip([log.read_text(errors="replace") for log in logs], statuses, strict=True))


@contextlib.contextmanager
def terminal() -> Iterator[int]:
    """Make a terminal, so that there is one for a submission to look for."""
    master, slave = os.openpty()
    try:
        yield slave
    finally:
        os.close(slave)
        os.close(master)


def take_the_terminal() -> None:
    """Make standard input the terminal of this session, as a shell's commands have it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def seconds_between(room: Classroom) -> dict[str, float]:
    """Return how long each submission but the first took, from when its diagnosis was written."""
    reports = (room.folder / "autograded").glob("*/*/*.diagnosis.json")
    times = sorted((path.stat().st_mtime, path.parts[-3]) for path in reports)
    return {times[i][1]: times[i][0] - times[i - 1][0] for i in range(1, len(times))}


def all_said(room: Classroom, student: str) -> str:
    """Return the report and the outputs of a graded notebook."""
    notebook = json.loads(room.graded_notebook(student).read_text(encoding="utf-8"))
    outputs = [cell.get("outputs") for cell in notebook["cells"]]
    report = room.graded_notebook(student).with_suffix(".diagnosis.json").read_text("utf-8")
    return json.dumps(outputs) + report


names = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: repr(attack.name)[1:-1])


def test_every_submission_is_graded(outcome: Outcome) -> None:
    missing = [a.name for a in ATTACKS if not outcome.room(a.name).mark(a.name).graded]
    assert missing == [], outcome.said
    assert outcome.statuses == [0] * len(CLASSES), outcome.said


def test_the_honest_keep_their_marks_in_every_class(outcome: Outcome) -> None:
    assert [r.scores(a.name) for r in outcome.rooms for a in HONEST] == [FULL] * 3 * len(CLASSES)


@names
def test_it_earns_what_its_honest_part_earns(outcome: Outcome, attack: Attack) -> None:
    scores = outcome.room(attack.name).scores(attack.name)
    assert {name: scores[name] for name in attack.earns} == attack.earns
    assert all(0 <= scores[name] <= FULL[name] for name in FULL)


@names
def test_it_is_said_what_happened(outcome: Outcome, attack: Attack) -> None:
    said = all_said(outcome.room(attack.name), attack.name)
    assert any(text in said for text in attack.says.split("|"))
    assert not attack.hides or attack.hides not in said


def test_the_time_of_each_is_bounded(outcome: Outcome) -> None:
    for room in outcome.rooms:
        for student, seconds in seconds_between(room).items():
            assert seconds < LIMITS.notebook_s + MARGIN_S, student


@pytest.mark.parametrize("attack", PAGES, ids=lambda attack: repr(attack.name)[1:-1])
def test_its_feedback_runs_nothing_and_shows_no_hidden_test(
    outcome: Outcome, attack: Attack
) -> None:
    page = outcome.room(attack.name).feedback_page(attack.name).read_text(encoding="utf-8")
    assert "secret_input" not in page
    body = re.sub(r"<pre>.*?</pre>", "", page[page.index("<body") :], flags=re.DOTALL)
    assert not re.search(r"<(script|img|svg|iframe|a)\b[^>]*alert\(9\)", body)
    assert not re.search(r"<script[^>]*>[^<]*alert\(9\)", body)
    assert "\\href" not in body
    assert not re.search(r"<(script|link|iframe)\b|<img[^>]*src=.(?!data:)", page)
    assert "Content-Security-Policy" in page[:300]
    assert "javascript:alert" not in re.sub(r"&[^;]*;", "", re.sub(r">[^<]*<", "><", body))
    assert len(page) < 30_000_000


def test_a_spy_reaches_nothing(outcome: Outcome) -> None:
    for room in outcome.rooms:
        said = all_said(room, "spies")
        assert re.findall(r"REACHED (\w+) ([^\n\\]*)", said) == []
        assert re.findall(r"BROKEN (\w+) ([^\n\\]*)", said) == []
        assert re.findall(r"REFUSED (\w+) ", said) == [probe.name for probe in PROBES]
        assert "all probed" in said


def test_outside_the_sandbox_each_probe_reaches_what_it_tries(
    outcome: Outcome, tmp_path: Path
) -> None:
    """The control: a probe that reaches nothing anywhere would be no test of the sandbox."""
    with serving() as (port, _), terminal() as slave:
        came = control(tmp_path, outcome.rooms[0].folder, port, slave)
    assert without_cause(came, is_root=os.geteuid() == 0) == {}
    assert sum(said.startswith("REACHED") for said in came.values()) > len(PROBES) / 2


def test_nobody_came_by_the_network(outcome: Outcome) -> None:
    assert outcome.connections == []


def test_nothing_was_written_outside(outcome: Outcome) -> None:
    assert outcome.canary.read_text() == "the instructor's"
    ours = ("autograded/", "feedback/", "gradebook.db", ".nbgrader.log")
    for room, before in zip(outcome.rooms, outcome.before, strict=True):
        after = tree(room.folder)
        assert {k: v for k, v in after.items() if not k.startswith(ours)} == {
            k: v for k, v in before.items() if not k.startswith(ours)
        }


def test_nobody_has_a_mark_who_handed_nothing_in(outcome: Outcome) -> None:
    for room in outcome.rooms:
        handed_in = {path.name for path in (room.folder / "submitted").iterdir()}
        assert {
            path.name for path in (room.folder / "autograded").iterdir() if path.is_dir()
        } == handed_in


def test_nothing_is_left_lying_about(outcome: Outcome) -> None:
    assert [path.name for path in outcome.temporary.iterdir()] == []


def test_nothing_is_left_running(outcome: Outcome) -> None:
    await_none(str(outcome.temporary), dying.MARK)


def test_the_hidden_test_is_in_no_submission() -> None:
    assert "secret_input" in json.dumps(tiny_lesson())  # so that the tests above can fail
