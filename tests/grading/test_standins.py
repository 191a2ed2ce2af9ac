"""Stand-ins: to a test they are the student's function, and never more than that."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from course import checks
from course.grading.confinement.limits import Limits
from course.grading.confinement.student_process import StudentProcess
from course.grading.faults import StudentFault
from course.grading.judge.standin import Deadline, Missing, StandIn
from course.student import __main__ as student_main
from course.student.parts import parts

pytestmark = pytest.mark.slow(seconds=9)

LIMITS = Limits(call_s=3, cell_s=30)
Define = Callable[[str], StandIn]


@pytest.fixture(scope="module")
def student() -> Iterator[StudentProcess]:
    with StudentProcess(LIMITS) as student:
        student.run_cell("import numpy as np")
        yield student


@pytest.fixture
def deadline() -> Deadline:
    return Deadline(LIMITS.cell_s)


@pytest.fixture
def define(student: StudentProcess, deadline: Deadline) -> Define:
    """Define a function `f` in the student's process, and return what stands for it."""

    def define(source: str) -> StandIn:
        student.run_cell(source)
        return StandIn("f", student.describe(["f"])["f"], student, deadline)

    return define


class Forged:
    """A student's process that answers what it is told to."""

    def __init__(self, **reply: Any) -> None:
        self.reply = reply

    def call(self, *_: Any) -> tuple[int, dict[str, Any]]:
        return 1, self.reply

    def call_each(self, *_: Any) -> dict[str, Any]:
        return self.reply


def forged(about: Any = None, **reply: Any) -> StandIn:
    process: Any = Forged(**reply)
    return StandIn("f", about or {}, process, Deadline(9))


# Calling.


def test_arguments_arrive_by_place_and_by_name(define: Define) -> None:
    f = define("def f(a, /, b, *c, d=0, **e):\n    return a, b, c, d, e")
    assert f(1, 2, 3, d=4, g=5) == (1, 2, (3,), 4, {"g": 5})
    assert f(1, b=2) == (1, 2, (), 0, {})


def test_arguments_that_do_not_fit_are_a_type_error_as_ever(define: Define) -> None:
    f = define("def f(a): return a")
    with pytest.raises(TypeError, match="unexpected keyword argument 'b'"):
        f(1, b=2)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        f()


@pytest.mark.parametrize("result", ["None", "()", "[]", "''", "np.zeros((0, 3)).tolist()", "{}"])
def test_results_that_are_nothing_come_back_as_that(define: Define, result: str) -> None:
    assert define(f"def f(): return {result}")() == eval(result, {"np": np})


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("np.matrix([[1.0]])", np.ndarray),
        ("np.ma.masked_array([1.0], [True])", np.ndarray),
        ("np.float32(1)", np.float32),
        ("np.float64(1)", float),
        ("type('F', (float,), {'__eq__': lambda *a: True})(1)", float),
        ("type('D', (dict,), {'__getitem__': lambda *a: 1})(a=1)", dict),
        ("type('S', (str,), {'__eq__': lambda *a: True})('s')", str),
        ("type('A', (np.ndarray,), {'__array_ufunc__': None})(1)", np.ndarray),
        ("type('T', (tuple,), {'__iter__': None})((1,)) and (1,)", tuple),
    ],
)
def test_results_are_of_base_types(define: Define, source: str, kind: type) -> None:
    assert type(define(f"def f(): return {source}")()) is kind


@pytest.mark.parametrize("result", ["print", "np", "np.array([f])", "np.array(['a'])", "{f}"])
def test_results_that_cannot_be_sent_are_a_type_error(define: Define, result: str) -> None:
    with pytest.raises(TypeError, match="cannot be sent: only"):
        define(f"def f(): return {result}")()


def test_calls_are_noted_with_their_faults(define: Define, deadline: Deadline) -> None:
    f = define("def f(x):\n    while x: pass")
    f(0)
    assert (deadline.called, deadline.faults) == (["f"], [])
    with pytest.raises(StudentFault, match="gave no answer within"):
        f(1)
    assert [fault.kind for fault in deadline.faults] == ["time"]


def test_all_calls_of_a_test_together_have_a_limit(define: Define) -> None:
    f = define("import time\ndef f(): time.sleep(0.1)")
    f._deadline = Deadline(1.5)
    with pytest.raises(StudentFault, match=r"took over 1\.5 s|no answer within"):  # noqa: PT012
        while True:
            f()
    with pytest.raises(StudentFault, match=r"calls of this test took over 1\.5 s"):
        f()


def test_results_of_calls_are_as_they_were_when_they_came(define: Define) -> None:
    f = define(
        "buffer = np.zeros(1)\ndef f(x, kind):\n    buffer[:] = x\n    return eval(kind)(buffer)"
    )
    for kind in ("np.asarray", "lambda b: (b, 1)", "lambda b: [b]", "lambda b: {0: {'b': [b]}}"):
        results = f.call_each([(x, kind) for x in (1.0, 2.0, 3.0)])
        assert [np.ravel(parts(result[0]))[0] for result in results] == [1, 2, 3]


@pytest.mark.parametrize(
    ("result", "n_together"),
    [
        (({"w": np.ones(2)}, 0.5), 9),
        ([None, "text", np.float32(1)], 9),
        (np.zeros(2**13), 9),
        ({"w": np.zeros(2**15)}, 4),
        ("x" * 2**18, 4),
        ((object(),), 1),
        (np.ma.masked_array([1.0]), 1),
        (Counter(a=1), 1),
    ],
)
def test_what_is_copied_comes_together_and_the_rest_one_by_one(
    monkeypatch: pytest.MonkeyPatch, result: Any, n_together: int
) -> None:
    monkeypatch.setattr(student_main, "TOGETHER_S", 600)
    shell: Any = SimpleNamespace(namespace={"f": lambda: result}, capture=nullcontext, take=list)
    reply = student_main.Answering(shell).call_each("f", [], [([], 9)])
    assert len(reply["values"]) == n_together


@pytest.mark.parametrize("body", ["return np.zeros(2**17) + x", "time.sleep(0.2)\n    return x"])
def test_what_is_large_or_slow_is_asked_for_in_parts(
    define: Define, student: StudentProcess, body: str
) -> None:
    f = define(f"import time\ncount = 0\ndef f(x):\n    global count\n    count += 1\n    {body}")
    first = student._history.number
    assert [np.ravel(result)[0] for result in f.call_each([(x,) for x in range(6)])] == [*range(6)]
    # One by one where the machine is slow.
    assert 1 < student._history.number - first <= 6
    assert student.get("count") == 6


def test_the_first_call_that_raises_is_the_last(define: Define, student: StudentProcess) -> None:
    f = define("made = []\ndef f(x):\n    made.append(x)\n    return 1 / x")
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        f.call_each([(2,), (0,), (1,)])
    assert student.get("made") == [2, 0]


def test_a_call_that_hangs_among_others_is_ended_as_by_itself(
    define: Define, student: StudentProcess, deadline: Deadline
) -> None:
    f = define("def f(x):\n    while x: pass")
    with pytest.raises(StudentFault, match="`f` gave no answer within 3 s"):
        f.call_each([(0,), (1,)])
    assert ([fault.kind for fault in deadline.faults], deadline.called) == (["time"], ["f"])


def test_arguments_that_calls_change_are_noted(define: Define, deadline: Deadline) -> None:
    f = define("def f(x):\n    x[0] = 9")
    x = np.zeros(2)
    f.call_each([(x,), (x,)])
    assert list(deadline.changed) == [id(x)]


def test_what_a_call_writes_into_a_pair_of_arrays_is_written_there(define: Define) -> None:
    f = define("def f(cache):\n    cache[1][0] = 9")
    cache = np.zeros(2), np.ones(2)
    f(cache)
    assert [one.tolist() for one in cache] == [[0.0, 0.0], [9.0, 1.0]]


def test_what_a_call_writes_into_a_block_is_written_where_its_caller_holds_it(
    define: Define, deadline: Deadline
) -> None:
    f = define("def f(params):\n    params['blocks'][1]['w'] += 1")
    blocks = [{"w": np.zeros(2)}, {"w": np.zeros(2)}]
    held = blocks[1]["w"]
    f({"blocks": blocks})
    assert held.tolist() == [1.0, 1.0]
    assert list(deadline.changed) == [id(held)]


def test_a_list_that_is_another_after_a_call_is_another(define: Define) -> None:
    f = define("def f(blocks):\n    blocks[0] = np.ones(3)\n    blocks.append(2)")
    blocks = [np.zeros(2)]
    f(blocks)
    assert [np.size(one) for one in blocks] == [3, 1]


# Errors.


@pytest.mark.parametrize(
    ("source", "comes_back"),
    [
        ("return {'w': params['w'], 'b': params['b'] + 1.0}", {"w": True, "b": False}),
        ("return {key: array[:] for key, array in params.items()}", {"w": True, "b": True}),
        ("return {key: array.copy() for key, array in params.items()}", {"w": False, "b": False}),
        ("return {'w': params['w'][::-1], 'b': params['b'] * 1.0}", {"w": False, "b": False}),
    ],
)
def test_an_array_of_the_arguments_that_comes_back_is_that_array(
    define: Define, source: str, comes_back: dict[str, bool]
) -> None:
    f = define(f"def f(params):\n    {source}, 0.5")
    params = {"w": np.arange(3.0), "b": np.ones(2)}
    result, loss = f(params)
    assert loss == 0.5
    assert {key: np.shares_memory(result[key], params[key]) for key in params} == comes_back
    assert f(params=params)[0].keys() == params.keys()


def test_results_within_a_dict_that_a_later_call_changes_are_changed(define: Define) -> None:
    f = define("kept = {'w': np.zeros(2)}\ndef f(x):\n    kept['w'][:] = x\n    return kept, x")
    first, _ = f(1.0)
    f(2.0)
    assert first["w"].tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    "shared", [None, 3, [[0]], [[0, 9]], [[-1, 0]], [["0", 0]], [[0, 0], [True, False]], [[0, 1]]]
)
def test_forged_words_on_what_is_shared_change_no_result(shared: Any) -> None:
    given = np.zeros(2), np.ones(2)
    result = forged(value=np.array([0.5, 0.5]), shared=shared)(*given)
    assert result.tolist() == [0.5, 0.5]
    assert not any(np.shares_memory(result, one) for one in given)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"class": "ValueError", "message": "m"}, ValueError),
        ({"class": "StopIteration", "message": "m"}, StopIteration),
        ({"class": "SystemExit", "name": "SystemExit", "message": "m"}, RuntimeError),
        ({"class": "BaseException", "name": "B", "message": "m"}, RuntimeError),
        ({"class": "KeyboardInterrupt", "message": "m"}, RuntimeError),
        ({"class": "ExceptionGroup", "message": "m"}, RuntimeError),
        ({"class": "UnicodeDecodeError", "message": "m"}, RuntimeError),
        ({"class": "InstructorFault", "message": "m"}, RuntimeError),
        ({"class": "print", "message": "m"}, RuntimeError),
        ({"class": "__import__", "message": "os"}, RuntimeError),
        ({"class": "eval", "message": "1"}, RuntimeError),
        ({"class": ["ValueError"], "message": {"m": 1}}, RuntimeError),
        ({"message": "m" * 9999}, RuntimeError),
        ("no dictionary", RuntimeError),
        (None, RuntimeError),
    ],
)
def test_an_error_is_of_a_builtin_class_that_a_test_can_catch(error: Any, kind: type) -> None:
    with pytest.raises(kind, match=r"m|: ") as raised:
        forged(error=error)()
    assert type(raised.value) is kind
    assert len(str(raised.value)) < 2100


def test_an_error_tells_the_line_of_the_cell_and_of_no_other(define: Define) -> None:
    f = define("def f(x):\n    y = x\n    return y.nothing")
    with pytest.raises(AttributeError, match="no attribute 'nothing'") as raised:
        f(3)
    assert raised.value.__notes__ == ["raised in `f`, line 3 of the cell: return y.nothing"]


# Looking at it.


def test_its_signature_is_the_students(define: Define) -> None:
    f = define("def f(a, /, b, *c, d=None, **e): pass")
    parameters = inspect.signature(f).parameters.values()
    assert [(p.name, int(p.kind), p.default is p.empty) for p in parameters] == [
        ("a", 0, True),
        ("b", 1, True),
        ("c", 2, True),
        ("d", 3, False),
        ("e", 4, True),
    ]
    assert f.__name__ == f.__qualname__ == "f"


@pytest.mark.parametrize(
    "parameters",
    [
        None,
        3,
        "abc",
        [["a", 9, False]],
        [["no name", 1, False]],
        [["a", 1, False], ["a", 1, False]],
        [["a", 3, False], ["b", 0, False]],
        [[["a"], 1, False]],
        [["a", 1]],
        [["a", True, [np.zeros(2)]]],
    ],
    ids=str,
)
def test_a_forged_signature_is_an_open_one_or_a_signature(parameters: Any) -> None:
    assert isinstance(inspect.signature(forged({"parameters": parameters})), inspect.Signature)


@pytest.mark.parametrize("doc", [3, ["text"], {"a": 1}, None, b"bytes"])
def test_a_forged_docstring_is_none(doc: Any) -> None:
    assert forged({"doc": doc}).__doc__ is None


def test_it_shows_what_it_is() -> None:
    assert repr(forged()) == "<the student's function f>"


def test_what_is_missing_says_so_when_it_is_called() -> None:
    missing = Missing("f", "no cell defines it")
    assert missing.__doc__ is None
    with pytest.raises(NameError, match="`f` is not defined: no cell defines it"):
        missing(1, x=2)


OVERFLOWS = "def f(x):\n    return 1 / (1 + np.exp(x))"


def test_what_the_students_function_warns_of_is_heard(define: Define) -> None:
    f = define(OVERFLOWS)
    for _ in range(2):  # however often it was given before
        with pytest.raises(AssertionError, match="it warns: overflow encountered"):
            checks.call_each_silently(f, [(1.0,), (1000.0,)])
    assert checks.call_each_silently(f, [(1.0,)]) == [1 / (1 + np.e)]


@pytest.mark.parametrize(
    "before",
    [
        "import warnings\nwarnings.filterwarnings('ignore')\n",
        "import warnings\nwarnings.simplefilter('error')\n",
    ],
)
def test_a_filter_of_the_students_neither_hides_a_warning_nor_makes_it_an_error(
    define: Define, before: str
) -> None:
    f = define(f"{before}{OVERFLOWS}")
    assert f(1000.0) == 0.0
    with pytest.raises(AssertionError, match="it warns: overflow encountered"):
        checks.call_each_silently(f, [(1000.0,)])


def test_a_warning_that_is_caught_where_it_comes_up_is_none(define: Define) -> None:
    f = define(
        "def f(x):\n    with np.errstate(over='ignore'):\n        return 1 / (1 + np.exp(x))"
    )
    assert checks.call_each_silently(f, [(1000.0,)]) == [0.0]


def test_a_flood_of_warnings_is_told_in_a_few(define: Define) -> None:
    f = define(
        "def f(x):\n    return sum(np.exp(x + i) for i in range(1000.0 == x and 20_000)) * 0"
    )
    f.call_each([(1000.0,)])
    assert 0 < len(f.warned) < 10


@pytest.mark.parametrize("warned", [None, 7, "overflow", {"a": 1}, [None, 7], np.ones(3)])
def test_forged_warnings_do_no_harm(warned: Any) -> None:
    f = forged(values=[0.0], warned=warned)
    f.call_each([(1.0,)])
    assert all(type(one) is str for one in f.warned)
