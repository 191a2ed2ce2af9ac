"""Attacks from one process of the nursery's on another, on the nursery, and on its judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import programs
import pytest
from cells import said
from processes import await_end

from course.grading.confinement import forking as nursery
from course.grading.confinement.limits import Limits
from course.grading.confinement.sandbox import has_sandbox
from course.grading.confinement.student_process import StudentProcess
from course.grading.confinement.usage import family
from course.grading.faults import StudentFault

pytestmark = [
    pytest.mark.hostile,
    pytest.mark.skipif(not has_sandbox(), reason="bubblewrap is not here"),
    pytest.mark.usefixtures("_open"),
]

LIMITS = Limits(call_s=2, cell_s=20, memory_mib=640, disk_mib=8, processes=32)


@pytest.fixture(scope="module")
def _open() -> Iterator[None]:
    if not nursery.open_nursery():
        pytest.skip("this kernel nests no namespaces")
    yield
    nursery.close_nursery()


Start = Callable[..., StudentProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give processes, each with a file of its own; none may cost the others the nursery."""
    with ExitStack() as stack:

        def new(name: str, limits: Limits = LIMITS) -> StudentProcess:
            folder = tmp_path / name
            folder.mkdir()
            (folder / f"{name}.txt").write_text(f"handed in by {name}")
            return stack.enter_context(StudentProcess(limits, folder, True))

        yield new
        assert nursery._nursery is not None, "the nursery was given up"


def is_well(process: StudentProcess) -> bool:
    return said(process, "print(6 * 7)") == "42"


def test_one_submission_reaches_nothing_of_another(start: Start) -> None:
    victim, spy = start("victim"), start("spy")
    said(victim, programs.text("victim"))
    assert said(spy, programs.text("reach_another")) == "['spy.txt']"
    assert is_well(victim)
    assert is_well(spy)


def test_a_signal_to_all_reaches_its_sender_alone(start: Start) -> None:
    victim, killer = start("victim"), start("killer")
    assert is_well(victim)
    with pytest.raises(StudentFault, match="ended"):
        killer.run_cell(
            "import os\nfor p in (-1, 1, 0):\n    try: os.kill(p, 9)\n    except OSError: pass"
        )
    assert is_well(victim)
    assert is_well(killer)  # in a fresh one


def test_a_full_disk_is_ones_own(start: Start) -> None:
    victim, eater = start("victim"), start("eater")
    fill = "try:\n    open('/tmp/x', 'wb').write(bytes(50 * 2**20))\nexcept OSError as e: print(e)"
    assert "No space left" in said(eater, fill)
    assert said(victim, "print(open('/tmp/y', 'w').write('x' * 2**20))") == str(2**20)


def test_many_processes_are_ones_own(start: Start) -> None:
    victim, forks = start("victim"), start("forks", replace(LIMITS, cell_s=4))
    bomb = "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(9)"
    with pytest.raises(StudentFault):
        forks.run_cell(bomb)
    assert said(victim, "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', '']).returncode)") == "0"  # fmt: skip
    assert is_well(forks)


def test_much_memory_in_many_processes_ends_these_alone(start: Start) -> None:
    victim, eater = start("victim"), start("eater")
    assert is_well(victim)
    with pytest.raises(StudentFault, match="640 MiB of memory"):
        eater.run_cell(
            "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n"
            "        kept = b'x' * (200 * 2**20)\n        time.sleep(60)\ntime.sleep(60)"
        )
    assert is_well(victim)


def test_thousands_of_small_files_are_a_matter_of_the_submission_alone(
    tmp_path: Path, start: Start
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for i in range(4000):  # 16 MiB of pages, where 8 are to be had
        (many / f"{i}.txt").write_text("x")
    before = nursery._nursery
    assert before is not None
    with StudentProcess(LIMITS, many, True) as process:
        assert is_well(process)
    # Its judge gives the nursery up, and ends with the submission; other judges keep it.
    nursery._nursery = before
    assert is_well(start("next"))


def test_what_is_sent_past_the_wire_reaches_no_guard(start: Start) -> None:
    """A guard tells how a process ended, by a number; nobody else can write to where it does."""
    forger = start("forger")
    with pytest.raises(StudentFault, match="status 7"):
        forger.run_cell(
            "import os\nfor fd in range(3, 256):\n    try:\n        os.set_blocking(fd, False)\n"
            "        os.write(fd, b'') \n    except OSError: pass\nos._exit(7)"
        )


def test_a_process_left_behind_ends_with_its_submission(start: Start) -> None:
    leaves = start("leaves")
    said(
        leaves,
        "import os, signal, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        [signal.signal(s, 1) for s in (1, 2, 3, 15)]\n        time.sleep(600)\n"
        "    os._exit(0)",
    )
    assert leaves._running is not None
    pids = family(leaves._running.process.pid)
    assert len(pids) >= 4  # guard, first, the one that answers, the one left behind
    leaves.stop()
    await_end(pids)


def test_random_numbers_of_two_submissions_differ(start: Start) -> None:
    draw = "import random, uuid, numpy as np\nprint(random.random(), np.random.random(), "
    draw += "np.random.default_rng().random(), uuid.uuid4())"
    first, second = (said(start(name), draw).split() for name in ("one", "two"))
    assert set(first).isdisjoint(second)
