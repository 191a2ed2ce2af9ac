"""The student's process: a cell or a call may do anything to it, and pays for that alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from cells import show

from course.grading.confinement.limits import Limits
from course.grading.confinement.student_process import StudentProcess
from course.grading.faults import StudentFault

pytestmark = [pytest.mark.slow(seconds=30), pytest.mark.usefixtures("nursery")]

LIMITS = Limits(call_s=20, cell_s=20)
#: For what does not end.
HASTY = Limits(call_s=3, cell_s=3)
DOUBLE = "def double(x):\n    return 2 * x"


@pytest.fixture
def student() -> Iterator[StudentProcess]:
    with StudentProcess(LIMITS) as student:
        yield student


@pytest.fixture
def hasty() -> Iterator[StudentProcess]:
    with StudentProcess(HASTY) as student:
        yield student


def call(student: StudentProcess, name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return student.call(name, list(args), kwargs, 9)[1]


def goes_on(student: StudentProcess) -> bool:
    """Say whether cells and calls work as before."""
    student.run_cell(DOUBLE)
    return bool(call(student, "double", 21)["value"] == 42)


# Cells.


def test_what_a_cell_defines_is_there_in_the_next(student: StudentProcess) -> None:
    student.run_cell("x = 3")
    assert show(student, "x + 1") == "4"


@pytest.mark.parametrize(
    ("source", "name"),
    [("z = " + "+".join(["1"] * 20_000), "RecursionError"), ("z = " + "(" * 5000, "SyntaxError")],
)
def test_a_cell_that_is_too_deep_to_compile_fails_by_itself(
    student: StudentProcess, source: str, name: str
) -> None:
    [failure], _ = student.run_cell(source)
    assert failure["name"] in (name, "MemoryError")
    assert goes_on(student)


def test_a_cell_that_fails_halfway_has_done_what_it_did(student: StudentProcess) -> None:
    [failure], outputs = student.run_cell("x = 3\n1 / 0")
    assert (failure["line"], failure["text"]) == (2, "1 / 0")
    assert outputs[0]["ename"] == "ZeroDivisionError"
    assert show(student, "x") == "3"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("print('a'); 5", "a\n5"),
        ("5;", ""),
        ("%time 1", "1"),
        ("%%time\nx = 1", "Wall time"),
        ("display('d')", "'d'"),
        ("import sys; print('e', file=sys.stderr)", "e\n"),
        ("print('a')\nfrom IPython.display import clear_output\nclear_output()\nprint('b')", "b\n"),
        ("import os; _ = os.write(1, b'written')", "written"),
        ("import os; _ = os.write(2, b'written')", "written"),
        ("import ctypes; _ = ctypes.CDLL(None).puts(b'put by C')", "put by C\n"),
        ("await __import__('asyncio').sleep(0, 'awaited')", "awaited"),
    ],
)
def test_what_a_cell_prints_and_shows_is_its_output(
    student: StudentProcess, source: str, shown: str
) -> None:
    assert shown in show(student, source)
    assert show(student, "print('next')") == "next\n"


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nhelp(np.tanh)",
        "help",
        "copyright",
        "license",
        "import faulthandler\nfaulthandler.enable()",
        "import os, sys\nos.write(sys.stderr.fileno(), b'x')",
    ],
)
def test_what_python_gives_every_program_is_there(student: StudentProcess, source: str) -> None:
    failures, outputs = student.run_cell(source)
    assert (failures, [output for output in outputs if output["output_type"] == "error"]) == (
        [],
        [],
    )


def test_what_a_program_prints_is_the_cells_output() -> None:
    with StudentProcess(LIMITS, in_sandbox=False) as student:  # in the sandbox there is no shell
        assert show(student, "import os; _ = os.system('echo from a shell')") == "from a shell\n"


def test_a_figure_is_shown_as_a_picture(student: StudentProcess) -> None:
    student.run_cell("import numpy")
    failures, outputs = student.run_cell("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])")
    assert failures == []
    assert [list(output["data"]) for output in outputs] == [["text/plain", "image/png"]]


def test_output_without_end_is_cut(student: StudentProcess) -> None:
    text = show(student, "for i in range(100_000): print('x' * 100)")
    assert 200_000 <= len(text) < 201_000
    assert "printed too much" in text
    assert show(student, "print('next')") == "next\n"


# What a cell may do to its process.


@pytest.mark.hostile
@pytest.mark.parametrize(
    "hostile",
    [
        "import os\nfor i in range(30):\n    try: os.write(i, b'X' * 99)\n    except OSError: pass",
        "import os; os.closerange(0, 99)",
        "import os; os.closerange(0, 3)",
        "import sys; sys.stdout = sys.stderr = sys.stdin = None",
        "import json; json.dumps = json.loads = None",
        "import builtins; builtins.isinstance = lambda *a: True",
        "import builtins\nfor n in dir(builtins):\n    n == 'setattr' or setattr(builtins, n, 0)",
        "import sys\nm = sys.modules['__main__']\nvars(m).clear()",
        "import course.student.wire as w\nfor n in dir(w): setattr(w, n, None)",
        "import os; os._exit(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import ctypes; ctypes.string_at(0)",
        "import sys; sys.exit(3)",
        "exit()",
        "raise KeyboardInterrupt",
        "def f(): return f()\nf()",
        "x = bytearray(3 * 2**30)",
        "raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})()",
        "raise type('E', (BaseException,), {})()",
        "import threading; threading.Thread(target=print, args=('late',)).start()",
        "import sys; sys.settrace(lambda *a: 1 / 0)",
        "import gc\nfor o in gc.get_objects():\n    if type(o) is dict and '_kept' in o: o.clear()",
        "get_ipython().reset()",
        "get_ipython().user_ns.clear()",
        "def _(): yield 1\nimport sys; sys.displayhook = None; 5",
    ],
)
def test_whatever_a_cell_does_the_next_ones_run(student: StudentProcess, hostile: str) -> None:
    student.run_cell("before = 1")
    try:
        student.run_cell(hostile)
    except StudentFault:
        assert show(student, "before") == "1"
    assert goes_on(student)


@pytest.mark.slow
@pytest.mark.parametrize(
    "endless",
    [
        "while True: pass",
        "import time; time.sleep(99)",
        "import ctypes; ctypes.CDLL(None).sleep(9)",
    ],
)
def test_a_cell_that_does_not_end_is_ended(hasty: StudentProcess, endless: str) -> None:
    hasty.run_cell("before = 1")
    with pytest.raises(StudentFault, match=r"did not end within 3 s") as raised:
        hasty.run_cell(endless)
    assert raised.value.kind == "time"
    assert show(hasty, "before") == "1"


def test_a_forged_reply_is_no_answer(student: StudentProcess) -> None:
    forge = (
        "import os, stat\nfrom course.student.wire import pack\n"
        "forged = pack({'number': 1, 'failures': [], 'outputs': []})\n"
        "for i in range(3, 30):\n"
        "    try:\n"
        "        if stat.S_ISFIFO(os.fstat(i).st_mode): os.write(i, forged)\n"
        "    except OSError: pass"
    )
    with pytest.raises(StudentFault, match="not asked for"):
        student.run_cell(forge)
    assert goes_on(student)


@pytest.mark.slow
@pytest.mark.parametrize("values", ["None", "3", "[]", "[1, 2, 3]", "{'0': 1}", "(1, 2)"])
def test_results_of_other_calls_are_no_answer(student: StudentProcess, values: str) -> None:
    student.run_cell(
        "import gc\ndouble = None\nfor o in gc.get_objects():\n"
        "    if type(o).__name__ == 'Answering':\n"
        f"        type(o).call_each = lambda self, **asked: {{'values': {values}}}"
    )
    with pytest.raises(StudentFault, match="calls have other results") as raised:
        student.call_each("double", [21], [([0], 2)], 9)
    assert raised.value.kind == "garbled"
    assert goes_on(student)


def test_a_process_that_does_not_read_is_not_written_to_for_ever(hasty: StudentProcess) -> None:
    hasty.run_cell(
        "import os, signal, threading\ndef stop_soon(x):\n"
        "    stop = os.kill, (os.getpid(), signal.SIGSTOP)\n"
        "    threading.Timer(0.1, *stop).start()\n"
        "def take(x): pass"
    )
    call(hasty, "stop_soon", 0)
    with pytest.raises(StudentFault, match="gave no answer within") as raised:  # noqa: PT012
        while True:
            call(hasty, "take", np.zeros(2**17))  # more than a pipe holds
    assert raised.value.kind == "time"
    assert goes_on(hasty)


def test_a_flood_on_the_wire_is_no_answer() -> None:
    flood = (
        "import os\nwhile True:\n    for i in range(3, 9):\n"
        "        try: os.write(i, b'\\0' * 9999)\n        except OSError: pass"
    )
    with StudentProcess(LIMITS) as student:
        with pytest.raises(StudentFault, match="no answer") as raised:
            student.run_cell(flood)
        assert raised.value.kind == "garbled"
        assert goes_on(student)


def test_an_answer_that_is_too_large_is_no_answer() -> None:
    small = Limits(answer_mib=1)
    with StudentProcess(small) as student:
        student.run_cell("import numpy as np\ndef large(n):\n    return np.zeros(n)")
        assert call(student, "large", 100_000)["value"].size == 100_000
        with pytest.raises(StudentFault, match="at most 1,048,576 are accepted"):
            call(student, "large", 1_000_000)
        assert call(student, "large", 3)["value"].size == 3


def test_a_call_that_does_not_end_costs_itself_alone(hasty: StudentProcess) -> None:
    hasty.run_cell("import time\ndef wait(x):\n    if x: time.sleep(99)\n    return 1")
    with pytest.raises(StudentFault, match=r"`wait` gave no answer within 3 s"):
        call(hasty, "wait", True)
    assert call(hasty, "wait", False)["value"] == 1


@pytest.mark.slow
def test_a_function_that_never_returns_gets_less_time_and_others_get_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with StudentProcess(Limits(call_s=3.0)) as student:
        student.run_cell("import time\ndef hang(): time.sleep(99)")
        student.run_cell("def wait(x):\n    time.sleep(x)\n    return x")
        given, ask = [], student._ask

        def noting(seconds: float, *about: str, **fields: object) -> object:
            given.append(seconds)
            return ask(seconds, *about, **fields)

        monkeypatch.setattr(student, "_ask", noting)
        for _ in range(6):  # always the same words: a report lists the fault once
            with pytest.raises(StudentFault, match="`hang` gave no answer within 3 s"):
                call(student, "hang")
        assert given == pytest.approx([3.0, 0.3, 0.1, 0.1, 0.1, 0.1])
        assert call(student, "wait", 0)["value"] == 0
        assert given[-1] == 3.0


# Calls.


def test_a_call_that_dies_loses_what_calls_did_and_keeps_what_cells_did(
    student: StudentProcess,
) -> None:
    student.run_cell("count = 0\ndef step(x):\n    global count\n    count += 1\n    1 / x\n")
    student.run_cell("def end(): import os; os._exit(9)\ndef counted(): return count")
    call(student, "step", 1)
    assert call(student, "counted")["value"] == 1
    with pytest.raises(StudentFault, match="ended with status 9"):
        call(student, "end")
    assert call(student, "counted")["value"] == 0


def test_what_a_call_prints_is_shown_nowhere(student: StudentProcess) -> None:
    student.run_cell(
        "import os, sys, ctypes\ndef spy(x):\n    print(x); print(x, file=sys.stderr)\n"
        "    os.write(1, x.encode()); ctypes.CDLL(None).puts(x.encode())"
    )
    call(student, "spy", "the hidden input")
    assert "hidden" not in show(student, "print('next')")


@pytest.mark.parametrize(
    ("raising", "about"),
    [
        ("raise KeyError('k')", ("KeyError", "KeyError", "'k'")),
        ("raise type('Mine', (KeyError, ValueError), {})('k')", ("KeyError", "Mine", "'k'")),
        ("raise SystemExit(4)", ("SystemExit", "SystemExit", "4")),
        ("raise type('E', (OSError,), {'__str__': lambda self: 1 / 0})()", ("OSError", "E", None)),
        ("def g(): return g()\n    g()", ("RecursionError", "RecursionError", None)),
        ("return bytearray(9 * 2**30)", ("MemoryError", "MemoryError", "")),
        ("return [[]] * 10 if x else print", ("TypeError", "WireError", None)),
    ],
)
def test_an_error_is_told_of_by_builtin_class_name_and_message(
    student: StudentProcess, raising: str, about: tuple[str, str, str | None]
) -> None:
    student.run_cell(f"def fails(x):\n    {raising}")
    error = call(student, "fails", 0)["error"]
    kind, name, message = about
    assert (error["class"], error["name"]) == (kind, name)
    assert message is None or error["message"] == message


@pytest.mark.parametrize(
    "odd",
    [
        "class F:\n    @property\n    def __doc__(self): 1 / 0\n"
        "    def __call__(self): return 5\nf = F()",
        "def f(): return 5\nf.__signature__ = 'none'",
        "def f(): return 5\nf.__doc__ = 3",
        "class M(type):\n    def __getattribute__(self, name): raise SystemExit\n"
        "class F(metaclass=M): pass\nf = F",
        "class F:\n    def __getattr__(self, name): raise SystemExit\n"
        "    def __call__(self): return 5\nf = F()",
    ],
)
def test_an_odd_function_can_be_described(student: StudentProcess, odd: str) -> None:
    student.run_cell(odd)
    described = student.describe(["f"])["f"]
    assert described == {"kind": "function", "doc": None, "parameters": [], "callees": []}


@pytest.mark.parametrize(
    ("said", "heard"), [("invalid value encountered in matmul", False), ("overflow", True)]
)
def test_a_warning_of_a_right_matrix_product_is_not_heard(
    student: StudentProcess, said: str, heard: bool
) -> None:
    """OpenBLAS makes NumPy say it on some processors: see `course.checks.cells.calls`."""
    student.run_cell(f"import warnings\ndef f(): warnings.warn({said!r}, RuntimeWarning)")
    assert ("warned" in call(student, "f")) == heard


def test_names_are_described_by_what_may_be_done_with_them(student: StudentProcess) -> None:
    student.run_cell("import math\ndef f(a, /, b, *c, d=1, **e): 'doc'\nx = [1, 2.0]")
    described = student.describe(["f", "x", "math", "nothing"])
    kinds = [[name, kind, default] for name, kind, default in described["f"]["parameters"]]
    assert kinds == [
        ["a", 0, False],
        ["b", 1, False],
        ["c", 2, False],
        ["d", 3, True],
        ["e", 4, False],
    ]
    assert [described[name]["kind"] for name in ("x", "math", "nothing")] == [
        "data",
        "other",
        "absent",
    ]
    assert student.get("x") == [1, 2.0]


def test_arrays_cross_to_a_function_and_back(student: StudentProcess) -> None:
    student.run_cell("def same(x, *, y): return y, x")
    x, y = np.arange(6.0).reshape(2, 3), {"W": np.ones(2, dtype=np.float32)}
    came_y, came_x = call(student, "same", x, y=y)["value"]
    assert np.array_equal(came_x, x)
    assert came_y["W"].dtype == np.float32
