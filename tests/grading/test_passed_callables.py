"""A test hands a callable to a student's function: it is called over there, and only there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest

from course import checks
from course.checks.cells.losses import LOSSES
from course.grading.confinement.limits import Limits
from course.grading.confinement.student_process import StudentProcess
from course.grading.faults import StudentFault
from course.grading.judge.standin import Deadline, StandIn
from course.student.wire import WireError

pytestmark = pytest.mark.slow(seconds=0.3)

LIMITS = Limits(call_s=3, cell_s=30, answer_mib=1)
PARAMS = {"w": np.array([1.0, 2.0])}
LOSS = partial(checks.sum_of_powers, {"w": np.array([2.0, 3.0])}, 2)
Define = Callable[[str], StandIn]


@pytest.fixture(scope="module")
def student() -> Iterator[StudentProcess]:
    with StudentProcess(LIMITS) as student:
        student.run_cell("import numpy as np\nfrom course import checks")
        yield student


@pytest.fixture
def define(student: StudentProcess) -> Define:
    """Define a function `f` in the student's process, and return what stands for it."""

    def define(source: str) -> StandIn:
        student.run_cell(source)
        return StandIn("f", student.describe(["f"])["f"], student, Deadline(LIMITS.cell_s))

    return define


def test_a_function_calls_the_loss_that_it_is_given(define: Define) -> None:
    f = define("def f(loss, params): return loss(params), loss({'w': 2 * params['w']})")
    assert f(LOSS, PARAMS) == (14.0, 56.0)


def test_several_calls_at_once_may_share_a_loss(define: Define) -> None:
    f = define("def f(loss, params): return loss(params)")
    assert f.call_each([(LOSS, PARAMS), (LOSS, {"w": np.ones(2)})]) == [14.0, 5.0]


def test_what_a_function_changes_while_the_loss_raises_is_told(define: Define) -> None:
    f = define("def f(loss, params):\n    params['w'][0] = 5.0\n    return loss(params)")
    params = {"w": np.array([1.0, 2.0])}
    with pytest.raises(ArithmeticError, match="a parameter is above 4: this loss ends here"):
        f(partial(checks.sum_within, 4.0, {}, 1), params)
    assert params["w"][0] == 5.0


def test_a_loss_that_is_kept_and_called_later_answers_over_there_alone(define: Define) -> None:
    f = define("kept = []\ndef f(loss, params):\n    kept.append(loss)\n    return kept[0](params)")
    assert f(LOSS, PARAMS) == 14.0
    assert f(partial(checks.sum_of_powers, {}, 1), PARAMS) == 14.0


def test_a_loss_that_was_exchanged_over_there_is_the_same_here(define: Define) -> None:
    f = define(
        "from course.checks.cells import losses\n"
        "losses.LOSSES['sum_of_powers'] = lambda *a: 0.0\n"
        "def f(loss, params): return loss(params)"
    )
    assert f(LOSS, PARAMS) == 0.0
    assert LOSS(PARAMS) == LOSSES["sum_of_powers"](*LOSS.args, PARAMS) == 14.0
    define("losses.LOSSES['sum_of_powers'] = losses.sum_of_powers\ndef f(): pass")


@pytest.mark.parametrize(
    "given_back",
    ["loss", "[loss]", "{'loss': loss}", "loss.func", "(1.0, loss)"],
)
def test_a_loss_that_is_handed_back_is_no_answer(define: Define, given_back: str) -> None:
    f = define(f"def f(loss): return {given_back}")
    with pytest.raises(TypeError, match=r"a value of type (partial|function) cannot be sent"):
        f(LOSS)


def test_a_loss_put_into_an_argument_does_not_come_back(define: Define) -> None:
    f = define("def f(loss, params): params['w'] = loss")
    params = dict(PARAMS)
    with pytest.raises(TypeError, match="a value of type partial cannot be sent"):
        f(LOSS, params)
    assert params["w"] is PARAMS["w"]


def test_a_process_that_writes_a_callable_on_the_wire_gives_no_answer(define: Define) -> None:
    f = define(
        "import functools, sys\n"
        "from course.student import wire\n"
        "def f(loss):\n"
        "    frame = sys._getframe()\n"
        "    while 'Answering' not in frame.f_globals: frame = frame.f_back\n"
        "    known = {'sum_of_powers': loss.func}\n"
        "    frame.f_globals['pack'] = functools.partial(wire.pack, functions=known)\n"
        "    return loss"
    )
    with pytest.raises(TypeError, match="a value of type partial cannot be sent"):
        f(LOSS)  # its own way of writing is in use from the next answer on
    with pytest.raises(StudentFault, match="a callable came that is none of those which travel"):
        f(LOSS)


def test_calls_without_end_cost_the_time_of_a_call(define: Define) -> None:
    f = define("def f(loss, params):\n    while True: loss(params)")
    with pytest.raises(StudentFault, match="gave no answer within 3 s"):
        f(LOSS, PARAMS)


def test_a_loss_that_calls_the_function_which_calls_it_ends_over_there(define: Define) -> None:
    f = define(
        "def f(loss, params):\n"
        "    class Again(dict):\n"
        "        def __getitem__(self, key): return f(loss, params)\n"
        "    return loss(Again(params))"
    )
    with pytest.raises(RecursionError, match="maximum recursion depth exceeded"):
        f(LOSS, PARAMS)


def test_huge_parameters_are_the_students_own_memory(define: Define) -> None:
    f = define("def f(loss, params): return loss({'w': np.ones((2**20, 2**12))})")
    with pytest.raises((MemoryError, StudentFault), match=r"Unable to allocate|was ended"):
        f(LOSS, PARAMS)
    assert define("def f(loss, params): return loss(params)")(LOSS, PARAMS) == 14.0


def test_an_odd_error_out_of_a_loss_is_a_plain_one_here(define: Define) -> None:
    f = define(
        "class Odd(BaseException):\n"
        "    def __str__(self): raise self\n"
        "class Params(dict):\n"
        "    def __getitem__(self, key): raise Odd\n"
        "def f(loss, params): return loss(Params())"
    )
    with pytest.raises(Exception, match=r".*") as raised:
        f(LOSS, PARAMS)
    assert type(raised.value) in (RuntimeError, TypeError, StudentFault)


def test_other_callables_are_refused_before_anything_is_sent(define: Define) -> None:
    f = define("def f(loss): return 1.0")
    with pytest.raises(WireError, match="a value of type function cannot be sent"):
        f(lambda params: 0.0)
    assert f(LOSS) == 1.0
