"""A process forked from the nursery is as much alone as one that bubblewrap started."""

from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import programs
import pytest
from cells import said
from processes import await_end

from course.grading.confinement import forking as nursery
from course.grading.confinement import student_process as student
from course.grading.confinement.limits import Limits
from course.grading.confinement.sandbox import has_sandbox
from course.grading.confinement.student_process import StudentProcess
from course.grading.faults import InfrastructureFault, StudentFault

pytestmark = [
    pytest.mark.slow(seconds=6),
    pytest.mark.skipif(not has_sandbox(), reason="needs bubblewrap"),
    pytest.mark.usefixtures("_nursery"),
]


@pytest.fixture(scope="module")
def _nursery() -> Iterator[None]:
    if not nursery.open_nursery():
        pytest.skip("this kernel nests no namespaces")
    yield
    nursery.close_nursery()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[StudentProcess]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "numbers.txt").write_text("1 2 3")
    with StudentProcess(Limits(), tmp_path, True) as process:
        yield process
        assert process._running is None or isinstance(process._running.process, nursery.Nursling)
        assert nursery._nursery is not None, "the nursery was given up"


def test_it_sees_its_files_and_nothing_of_the_machine(alone: StudentProcess) -> None:
    assert said(alone, "print(open('data/numbers.txt').read())") == "1 2 3"
    listing = "import os; print(*(len(os.listdir(p)) for p in ('/proc', '/dev/pts')), os.getcwd())"
    assert said(alone, listing) == "0 0 /submission"
    tree = set(said(alone, "print(*os.listdir('/'))").split())
    own = {"dev", "etc", "handed-in", "libraries", "proc", "python", "submission", "tmp", "usr"}
    assert tree - {"lib", "lib64"} == own


def test_it_can_write_to_folders_of_its_own_alone(alone: StudentProcess) -> None:
    assert said(alone, programs.text("write_everywhere")) == "4 4"


@pytest.mark.parametrize(
    "call",
    [
        "unshare(0x10000000)",
        "umount2(b'/proc', 2)",
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "ptrace(16, 1, 0, 0)",
        "setuid(0)",
        "prctl(23, 21, 0, 0, 0) - 1",  # is CAP_SYS_ADMIN in the bounding set?
    ],
)
def test_there_is_no_way_out_of_it(alone: StudentProcess, call: str) -> None:
    assert said(alone, f"import ctypes; print(ctypes.CDLL(None).{call})") == "-1"


def test_its_network_has_no_way_out(alone: StudentProcess) -> None:
    connect = "import socket; socket.socket(socket.AF_INET).connect(('127.0.0.1', 22))"
    _, [output] = alone.run_cell(connect)
    assert output["ename"] == "PermissionError"


def test_no_descriptor_of_the_nurserys_is_open_in_it(alone: StudentProcess) -> None:
    assert said(alone, programs.text("descriptors")) == "[]"


def test_nothing_of_one_process_reaches_the_next(tmp_path: Path) -> None:
    drawn = []
    for name in ("leave_traces", "look_for_traces"):
        with StudentProcess(Limits(), tmp_path, True) as process:
            drawn.append(said(process, programs.text(name)).splitlines())
    assert drawn[1][:2] == ["False False"] * 2
    assert set(drawn[0][-1].split()).isdisjoint(drawn[1][-1].split())


@pytest.mark.parametrize(
    ("cell", "how"),
    [
        ("import os; os._exit(3)", "status 3"),
        ("import os; os.kill(os.getpid(), 11)", "SIGSEGV"),
        ("import os; os.abort()", "SIGABRT"),
    ],
)
def test_how_it_ended_is_known(alone: StudentProcess, cell: str, how: str) -> None:
    with pytest.raises(StudentFault, match=how):
        alone.run_cell(cell)


def test_all_that_it_started_ends_with_it(tmp_path: Path) -> None:
    with StudentProcess(Limits(), tmp_path, True) as process:
        said(process, "import os, time\nif os.fork() == 0:\n    os.setsid(); time.sleep(600)")
        running = process._running
        assert running is not None
        family = student.family(running.process.pid)
        assert len(family) >= 4
    await_end(family[1:])


def test_its_memory_is_limited(tmp_path: Path) -> None:
    with StudentProcess(Limits(memory_mib=512), tmp_path, True) as process:
        failures, outputs = process.run_cell("x = bytearray(700 * 2**20)")
        assert failures
        assert outputs[0]["ename"] == "MemoryError"


def test_a_process_that_ends_with_the_nursery_costs_its_student_no_mark(tmp_path: Path) -> None:
    opened = nursery._nursery
    assert opened is not None
    kill = threading.Timer(1.5, os.killpg, (opened._process.pid, signal.SIGKILL))
    try:
        with StudentProcess(Limits(), tmp_path, True) as process:
            assert said(process, "print(1)") == "1"
            kill.start()
            with pytest.raises(InfrastructureFault):
                process.run_cell("import time; time.sleep(60)")
            assert said(process, "print(2)") == "2"  # in one that was started
    finally:
        kill.join()
        nursery.close_nursery()
        nursery.open_nursery()


def test_a_nursery_that_cannot_fork_for_a_moment_goes_on() -> None:
    control, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    program = [sys.executable, programs.place("nursery_forks_late"), str(its.fileno())]
    with control, subprocess.Popen(program, pass_fds=[its.fileno()]) as process:
        its.close()
        control.settimeout(600)
        assert control.recv(16) == b"R"
        asked = json.dumps({"cores": sorted(os.sched_getaffinity(0))}).encode()
        heard = []
        for _ in range(2):
            leash, its_leash = socket.socketpair()
            with leash, its_leash, Path(os.devnull).open("r+b") as null:
                sent = array.array("i", [*[null.fileno()] * 3, its_leash.fileno()])
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)]
                control.sendmsg([asked], rights)
                its_leash.close()
                leash.settimeout(600)
                heard.append(leash.recv(1))
        control.close()
        process.wait(300)
    assert heard == [b"", b"R"]


@pytest.mark.slow
@pytest.mark.parametrize("is_ready", [False, True])
def test_a_nursery_whose_judges_leave_before_they_have_asked_ends_without_a_word(
    is_ready: bool,
) -> None:
    control, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    program = [sys.executable, "-m", "course.student.nursery", str(its.fileno())]
    with subprocess.Popen(program, pass_fds=[its.fileno()], stderr=subprocess.PIPE) as process:
        its.close()
        if is_ready:  # and nobody has read that
            assert select.select([control], [], [], 60)[0]
        control.close()
        _, said = process.communicate(timeout=600)
    assert (process.returncode, said) == (0, b"")
