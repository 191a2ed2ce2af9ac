"""A submission's two processes: what is shown never saw a call, and nothing is run for nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from course.grading.confinement import history
from course.grading.confinement.history import RunCells
from course.grading.confinement.limits import Limits
from course.grading.judge.judge import judge
from course.grading.judge.plan import Plan, PlannedCell, Verdict
from course.grading.judge.sides import Sides

pytestmark = pytest.mark.usefixtures("nursery")

SETUP = "import numpy as np"
LIMITS = Limits(call_s=20, cell_s=30, notebook_s=200)
TEST = "secret = 4711\nassert f(secret) == 9422"


def judged(
    *cells: tuple[str, str], limits: Limits = LIMITS, in_sandbox: bool | None = None
) -> Verdict:
    planned = [
        PlannedCell(i, f"cell_{i}", role, source, 1.0 if role == "test" else 0.0)
        for i, (role, source) in enumerate([("setup", SETUP), *cells])
    ]
    solution = [("setup", SETUP)]
    return judge(Plan("01_x", planned, solution, ["f"], ["f"], "", limits, in_sandbox))


def scores(verdict: Verdict) -> list[float]:
    return [test.score for test in verdict.tests]


KEEP = {
    "global": ("kept = []", "kept.append(x)", "kept"),
    "module": ("", "np.kept = x", "getattr(np, 'kept', '')"),
    "builtin": ("import builtins", "builtins.kept = x", "getattr(builtins, 'kept', '')"),
    "environment": ("import os", "os.environ['K'] = str(x)", "os.environ.get('K')"),
    "file": ("", "open('kept', 'w').write(str(x))", "__import__('glob').glob('kept')"),
    "tmp": (
        "import pathlib",
        "pathlib.Path('/tmp/kept').write_text(str(x))",
        "[p.read_text() for p in pathlib.Path('/tmp').glob('kept')]",
    ),
    "process": (
        "import os, time\nr, w = os.pipe()\nos.set_blocking(r, False)",
        "os.write(w, str(x).encode())",
        "os.read(r, 9)",
    ),
    "memory": (
        "import mmap, os\nshared = mmap.mmap(-1, 99)",
        "shared.write(str(x).encode())",
        "shared[:]",
    ),
    "child": (
        "import os, time\nr, w = os.pipe()\n"
        "if not os.fork():\n    time.sleep(60)\n    os._exit(0)\nos.set_blocking(r, False)",
        "os.write(w, str(x).encode())",
        "os.read(r, 9)",
    ),
}


def test_no_later_cell_gets_at_what_a_function_was_given() -> None:
    """All ways in one submission; each later cell stands behind a call, and is shown."""
    setups = "\n".join(setup for setup, _, _ in KEEP.values())
    keeps = "\n".join(
        f"    try: {keep}\n    except Exception: pass" for _, keep, _ in KEEP.values()
    )
    answer = f"{setups}\ndef f(x):\n{keeps}\n    return 2 * x"
    cells = [("answer", answer), ("test", TEST)]
    for _, _, show in KEEP.values():
        cells += [("other", f"print('shown', {show})"), ("test", TEST)]
    verdict = judged(*cells)
    assert scores(verdict) == [1.0] * (1 + len(KEEP))
    shown = str([verdict.outputs[i] for i in range(3, 3 + 2 * len(KEEP), 2)])
    assert shown.count("shown") >= len(KEEP) - 2  # an empty pipe raises, and says so
    assert "4711" not in shown


def counting(name: str, log: Path) -> str:
    """Return a line that counts how often it is run, across processes."""
    return f"_ = open({str(log)!r}, 'a').write('{name}\\n')"


@pytest.fixture
def all_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "QUICK_S", 0.0)


def counts(log: Path) -> dict[str, int]:
    lines = log.read_text().split()
    return {name: lines.count(name) for name in lines}


@pytest.mark.usefixtures("all_slow")
def test_slow_cells_that_nothing_needs_are_run_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    cells = [("answer", "def f(x):\n    return 2 * x"), ("test", TEST)]
    for name in "abc":
        cells += [("other", f"{counting(name, log)}\nx = f(3)"), ("test", TEST)]
    assert scores(judged(*cells, in_sandbox=False)) == [1.0] * 4
    assert counts(log) == {"a": 1, "b": 1, "c": 1}


@pytest.mark.usefixtures("all_slow")
def test_what_a_function_needs_of_a_slow_cell_is_run_for_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    verdict = judged(
        ("answer", "def f(x):\n    return factor() * x"),
        ("test", "try:\n    f(1)\nexcept NameError:\n    pass"),
        ("other", f"{counting('experiment', log)}\ntable = [2]; {counting('same_line', log)}"),
        ("other", "def factor():\n    return table[0]"),
        ("test", TEST),
        in_sandbox=False,
    )
    assert scores(verdict) == [1.0, 1.0]
    assert counts(log) == {"experiment": 1, "same_line": 1}


@pytest.mark.usefixtures("all_slow")
def test_what_later_cells_show_of_slow_ones_is_run_for_them(tmp_path: Path) -> None:
    log = tmp_path / "log"
    verdict = judged(
        ("other", f"{counting('unused', log)}\nvalue = 5"),
        ("answer", "def f(x):\n    return 2 * x"),
        ("test", TEST),
        ("other", "print(value)"),
        in_sandbox=False,
    )
    assert "5\n" in str(verdict.outputs[4][0]["text"])
    assert counts(log) == {"unused": 1}


def test_quick_cells_are_run_in_both_as_they_are(tmp_path: Path) -> None:
    log = tmp_path / "log"
    verdict = judged(
        ("answer", "def f(x):\n    return 2 * x"),
        ("test", TEST),
        ("other", counting("quick", log)),
        ("test", TEST),
        ("other", counting("last", log)),
        in_sandbox=False,
    )
    assert scores(verdict) == [1.0, 1.0]
    assert counts(log) == {"quick": 2, "last": 1}


@pytest.mark.slow
def test_the_time_of_a_cell_counts_once() -> None:
    # Run again before each cell behind a test, these would take 10 s of the notebook's 9.
    cells = [("answer", "import time\ndef f(x):\n    return 2 * x"), ("test", TEST)]
    for n in range(4):
        cells += [("other", f"time.sleep(1)\nlast = {n}"), ("test", TEST)]
    verdict = judged(*cells, limits=Limits(call_s=20, cell_s=30, notebook_s=9))
    assert scores(verdict) == [1.0] * 5
    assert verdict.cell_errors == []


def test_time_for_running_cells_again_is_counted_apart() -> None:
    kept = RunCells(Limits(notebook_s=10))
    with kept.counted(is_own=False):
        time.sleep(0.01)
    assert kept.own_left() == 10
    assert kept.again_left() < 10
    with kept.counted(is_own=True):
        time.sleep(0.01)
    assert kept.own_left() < 10


@pytest.mark.slow
@pytest.mark.parametrize("end", ["while True: pass", "import os; os._exit(3)"])
def test_what_ends_a_cell_takes_no_function_with_it(end: str) -> None:
    limits = Limits(call_s=20, cell_s=3, notebook_s=200)
    verdict = judged(
        ("answer", f"def f(x):\n    return 2 * x\n{end}"), ("test", TEST), limits=limits
    )
    assert scores(verdict) == [1.0]
    [error] = verdict.cell_errors
    assert error["kind"] in ("time", "died")


@pytest.mark.slow
def test_a_cell_that_hangs_only_behind_a_call_takes_no_other_test_with_it() -> None:
    limits = Limits(call_s=20, cell_s=3, notebook_s=200)
    verdict = judged(
        ("answer", "def f(x):\n    global was_called\n    was_called = True\n    return 2 * x"),
        ("test", TEST),
        ("other", "if 'was_called' in globals():\n    while True: pass"),
        ("test", TEST),
        ("test", TEST),
        limits=limits,
    )
    assert scores(verdict) == [1.0, 1.0, 1.0]


def test_a_call_that_ends_the_process_leaves_both_in_step() -> None:
    with Sides(LIMITS) as sides:
        sides.run_cell("n = 1\ndef f(x):\n    return n * x\ndef end():\n    import os; os._exit(1)")
        assert sides.call("f", [3], {}, 9)[1]["value"] == 3
        sides.run_cell("n = 2")
        with pytest.raises(Exception, match="ended with status 1"):
            sides.call("end", [], {}, 9)
        assert sides.call("f", [3], {}, 9)[1]["value"] == 6
        sides.put_off("n = 3")
        assert sides.get("n") == 3
        _, outputs = sides.run_cell("print(n)")
        assert outputs[0]["text"] == "3\n"
