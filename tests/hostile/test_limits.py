"""Limits: where they are set, what enforces them, and what they leave behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import programs
import pytest
from processes import marked
from tiny import LESSON_ID, SOLUTION, solved, submission

from course.grading.classes.temporary import Classroom
from course.grading.confinement import seccomp
from course.grading.confinement.limits import Limits
from course.grading.confinement.student_process import StudentProcess
from course.grading.confinement.usage import (
    UsageWatch,
    family,
    memory_of,
    new_group,
    sweep_groups,
    threads_of,
)
from course.grading.faults import StudentFault
from course.grading.records.handedin import copy_files_beside

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux counts processes so")
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


# Setting them.


def test_a_lesson_changes_limits_by_name() -> None:
    changed = Limits().changed({"call_s": 20, "memory_mib": 512})
    assert (changed.call_s, changed.memory_mib, changed.cell_s) == (20, 512, Limits.cell_s)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"calls": 3}, "there is no limit 'calls'"),
        ({"call_s": 0}, "call_s has to be float"),
        ({"call_s": float("inf")}, "call_s has to be float"),
        ({"call_s": True}, "call_s has to be float"),
        ({"processes": 1.5}, "processes has to be int, at least 8"),
        ({"memory_mib": 1}, "memory_mib has to be int, at least 256"),
        ([1], "limits are names with numbers"),
    ],
)
def test_a_limit_that_is_none_is_the_lessons_mistake(wanted: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Limits().changed(wanted)


def set_in_lesson(room: Classroom, limits: object) -> None:
    path = room.folder / "source" / LESSON_ID / "decoder_cells.ipynb"
    lesson = json.loads(path.read_text(encoding="utf-8"))
    lesson["metadata"]["course"]["limits"] = limits
    path.write_text(json.dumps(lesson), encoding="utf-8")


SLOW = SOLUTION.replace("return 2 * x", "__import__('time').sleep(2); return 2 * x")


@pytest.mark.slow
@pytest.mark.parametrize(("call_s", "points"), [(1.5, 2.0), (60, 5.0)])
def test_a_lesson_sets_its_own_limits(room: Classroom, call_s: float, points: float) -> None:
    set_in_lesson(room, {"call_s": call_s})
    room.hand_in("slow", json.dumps(solved(room, write_double=SLOW)))
    room.autograde()
    assert room.mark("slow").points == points


def test_a_lesson_with_a_wrong_limit_grades_nobody_to_zero(room: Classroom) -> None:
    set_in_lesson(room, {"call": 3})
    room.hand_in("honest", json.dumps(submission(room)))
    assert room.autograde() == ["honest"]
    assert "there is no limit 'call'" in "\n".join(room.messages)


# Counting.


@on_linux
def test_a_process_and_what_it_started_are_a_family() -> None:
    child = "print(flush=True); input()"
    command = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{child}'])"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", command], **pipes) as parent:
        assert parent.stdout
        parent.stdout.readline()
        pids = family(parent.pid)
        assert (len(pids), threads_of(pids)) == (2, 2)
        assert 2**20 < memory_of(pids, 0) <= memory_of(pids, 2**40)
        parent.communicate(b"\n")


@on_linux
def test_threads_are_counted_whatever_a_process_calls_itself() -> None:
    command = [sys.executable, programs.place("named_threads")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        assert threads_of([process.pid]) == 4
        process.communicate(b"\n")


@on_linux
def test_what_uses_too_much_is_ended_and_says_so() -> None:
    with subprocess.Popen(SLEEP) as process:
        watch = UsageWatch(process.pid, Limits(memory_mib=1), process.kill)
        process.wait(300)
        watch.stop()
    assert watch.why == "your code may use 1 MiB of memory, and took more"


@on_linux
def test_what_uses_little_is_left_alone() -> None:
    with subprocess.Popen(SLEEP) as process:
        watch = UsageWatch(process.pid, Limits(), process.kill)
        looked = [watch._look() for _ in range(3)]
        watch.stop()
        assert looked == [""] * 3
        assert (watch.why, process.poll()) == ("", None)
        process.kill()


def control_groups(root: Path, *handed_down: str) -> None:
    """Make folders as the kernel shows them to somebody who may divide their own group."""
    (root / "user" / "shell").mkdir(parents=True)
    (root / "cgroup.subtree_control").write_text("memory")
    (root / "user" / "cgroup.subtree_control").write_text(" ".join(handed_down))
    (root / "user" / "shell" / "cgroup.subtree_control").write_text("")


@on_linux
def test_a_group_is_made_where_memory_and_processes_are_handed_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control_groups(tmp_path, "cpu", "memory", "pids")
    real = Path.mkdir

    def mkdir(path: Path, *args: object) -> None:
        real(path)
        for name in ("pids.max", "memory.max", "memory.swap.max", "cgroup.procs"):
            (path / name).touch()

    monkeypatch.setattr(Path, "mkdir", mkdir)
    group = new_group(Limits(memory_mib=3, processes=7), [], tmp_path, "0::/user/shell\n")
    assert group is not None
    [folder] = (tmp_path / "user").glob("answers-*")
    settings = ("memory.max", "memory.swap.max", "pids.max")
    assert [(folder / name).read_text() for name in settings] == [str(3 * 2**20), "0", "7"]
    assert group.why() == ""
    (folder / "memory.events").write_text("oom 1\noom_kill 1\n")
    assert group.why() == "your code may use 3 MiB of memory, and took more"


@on_linux
def test_groups_of_killed_judges_are_removed_and_no_others(tmp_path: Path) -> None:
    control_groups(tmp_path, "cpu", "memory", "pids")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    gone, busy = f"answers-{ended.pid}-1", f"answers-{ended.pid}-2"
    kept = {f"answers-{os.getpid()}-1", "answers-of-mine", "shell", busy}
    for name in {*kept, gone}:
        (tmp_path / "user" / name).mkdir(exist_ok=True)
    (
        tmp_path / "user" / busy / "cgroup.procs"
    ).touch()  # as a folder of the kernel's with processes
    sweep_groups(tmp_path, "0::/user/shell\n")
    assert {path.name for path in (tmp_path / "user").iterdir() if path.is_dir()} == kept


@on_linux
@pytest.mark.parametrize("own", ["0::/user/shell\n", "0::/\n", "0::/elsewhere\n", ""])
def test_no_group_is_made_where_too_little_is_handed_down(tmp_path: Path, own: str) -> None:
    control_groups(tmp_path, "cpu", "pids")
    assert new_group(Limits(), [], tmp_path, own or "3:cpu:/\n") is None
    assert list(tmp_path.rglob("answers-*")) == []


# The filter.


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_ends_in_answers_and_jumps_within_itself(machine: str) -> None:
    program = seccomp.program(machine)
    steps = list(struct.iter_unpack("HBBI", program))
    assert (len(steps) * 8, steps[-1][0]) == (len(program), 0x06)
    for place, (code, yes, no, _) in enumerate(steps):
        assert code == 0x06 or place + 1 + max(yes, no) < len(steps)


def test_a_machine_whose_calls_are_not_known_has_no_filter() -> None:
    assert seccomp.program("riscv64") == b""


def test_no_call_is_named_twice() -> None:
    for column in (0, 1):
        numbers = [n[column] for n in seccomp.REFUSED.values() if n[column] >= 0]
        assert len(numbers) == len(set(numbers))


# Without bubblewrap.

PLAIN = Limits(call_s=2, cell_s=4, notebook_s=30, memory_mib=640, processes=32, output_chars=999)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("while True: pass", "gave no answer within 2 s"),
        ("import os; os._exit(3)", "status 3"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        (
            "import os, time\n    for _ in range(5):\n        if os.fork() == 0:\n"
            "            kept = b'x' * (200 * 2**20)\n            time.sleep(9)\n"
            "    time.sleep(9)",
            "MiB of memory|gave no answer",
        ),
        (
            "import threading, time\n"
            "    for _ in range(60):\n"
            "        threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
            "    time.sleep(9)",
            "32 processes and threads|can't start new thread",
        ),
    ],
)
@on_linux
def test_limits_hold_without_a_sandbox(body: str, why: str) -> None:
    with StudentProcess(PLAIN, None, in_sandbox=False) as student:
        student.run_cell(f"def double(x):\n    {body}\n")
        student.run_cell("def honest(x): return 2 * x")
        assert re.search(why, what_comes_of(student))
        assert student.call("honest", [4], {}, 9)[1]["value"] == 8


def what_comes_of(student: StudentProcess) -> str:
    """Return what a call that goes wrong says of it."""
    try:
        return str(student.call("double", [1], {}, 9)[1]["error"]["message"])
    except StudentFault as fault:
        return str(fault)


@pytest.fixture
def without_bubblewrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process and the judge's find no bubblewrap."""
    empty = tmp_path / "bin"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setattr("course.grading.steps.execute.has_sandbox", lambda: False)


@on_linux
@pytest.mark.hostile
@pytest.mark.usefixtures("without_bubblewrap")
def test_without_a_sandbox_marks_come_from_the_judge_and_nothing_is_left(
    room: Classroom, tmp_path: Path
) -> None:
    lies = (
        "import numpy as np, builtins\nnp.array_equal = lambda *a: True\n"
        "builtins.all = lambda *a: True\n"
        "get_ipython().input_transformers_cleanup.append(lambda lines: lines)\ndef double(x): return 3 * x"
    )
    mark = f"left-by-{tmp_path.name}"
    leaves = programs.text("leave_process").replace("MARK", mark) + SOLUTION
    endless = "def double(x):\n    while True: pass"
    room.config.Judge.call_timeout = 2.0
    for student, answer in {"lies": lies, "leaves": leaves, "endless": endless}.items():
        room.hand_in(student, json.dumps(solved(room, write_double=answer)))
    assert room.autograde() == []
    assert [room.mark(s).points for s in ("lies", "leaves", "endless")] == [3.0, 5.0, 2.0]
    assert marked(mark) == []


@pytest.mark.usefixtures("without_bubblewrap")
def test_where_a_sandbox_is_required_nothing_is_graded_without_one(room: Classroom) -> None:
    room.config.Judge.require_sandbox = True
    room.hand_in("honest", json.dumps(solved(room)))
    assert room.autograde() == ["honest"]
    assert "nothing is graded" in "\n".join(room.messages)


# What is handed in.


@on_linux
def test_only_plain_files_are_copied_and_none_is_changed(tmp_path: Path) -> None:
    source, target = tmp_path / "submitted", tmp_path / "autograded"
    for name in ("a.txt", "b.ipynb", "folder/c.txt"):
        (source / name).parent.mkdir(exist_ok=True, parents=True)
        (source / name).write_text(name)
    (source / "small").symlink_to("a.txt")
    for name, place in {"zero": "/dev/zero", "gone": "/nowhere", "folder/loop": "loop"}.items():
        (source / name).symlink_to(place)
    os.mkfifo(source / "pipe")
    before = sorted(source.rglob("*"))
    odd: dict[str, str] = {}
    copy_files_beside(source, target, ["*.ipynb"], lambda path, what: odd.update({path.name: what}))
    assert sorted(source.rglob("*")) == before
    left = {str(path.relative_to(target)) for path in target.rglob("*")}
    assert left == {"a.txt", "folder", "folder/c.txt"}
    assert odd == {
        **dict.fromkeys(("small", "zero", "gone", "loop"), "a link"),
        "pipe": "a pipe, a socket or a device",
    }


def test_files_beyond_the_limit_and_deep_down_are_not_handed_to_the_code(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "z.bin").write_bytes(bytes(2 * 2**20))
    deep = tmp_path.joinpath(*"b" * 30)
    deep.mkdir(parents=True)
    (deep / "deep.txt").write_text("deep")
    with StudentProcess(Limits(disk_mib=1), tmp_path) as student:
        _, [output] = student.run_cell("import os\nprint([f for _, _, f in os.walk('.') if f])")
    assert output["text"] == "[['a.txt']]\n"
    shutil.rmtree(tmp_path / "b")
