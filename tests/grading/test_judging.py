"""The judge on a tiny lesson: what earns points, what is shown, and who pays for a fault."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from processes import await_none

from course.grading.confinement.limits import Limits
from course.grading.confinement.student_process import StudentProcess
from course.grading.faults import InstructorFault
from course.grading.judge.cells import clean_output, score_of, shows_nothing
from course.grading.judge.judge import judge
from course.grading.judge.plan import Plan, PlannedCell, TestResult, Verdict

pytestmark = [pytest.mark.slow(seconds=16), pytest.mark.usefixtures("nursery")]

SETUP = "import numpy as np"
DOUBLE = "def double(x):\n    return 2 * x"
LIMITS = Limits(call_s=30, cell_s=60, notebook_s=600)
#: For what does not end.
HASTY = Limits(call_s=3, cell_s=6, notebook_s=600)


def verdict(
    *cells: tuple[str, str], points: float = 2.0, solution: str = DOUBLE, limits: Limits = LIMITS
) -> Verdict:
    """Judge some cells, each a role and a text."""
    planned = [
        PlannedCell(i, f"cell_{i}", role, source, points if role == "test" else 0.0)
        for i, (role, source) in enumerate([("setup", SETUP), *cells])
    ]
    labelled = [("setup", SETUP), ("solution", solution)]
    return judge(Plan("01_decoder_cells", planned, labelled, ["double"], ["double"], "", limits))


def one_test(answer: str, test: str, **more: Any) -> TestResult:
    """Judge one answer by one test."""
    [result] = verdict(("answer", answer), ("test", test), **more).tests
    return result


@pytest.mark.parametrize(
    ("value", "score"), [(None, 3.0), (0, 0.0), (3, 3.0), (1.5, 1.5), (0.0, 0.0)]
)
def test_a_plain_number_within_the_points_is_a_score(value: Any, score: float) -> None:
    assert score_of(value, 3.0) == score


@pytest.mark.parametrize(
    "value",
    [True, "3", 4, -0.1, 3.0000001, 10**400, -(10**400), 2**63, np.nan, np.inf, [1.0], 1j],
)
def test_nothing_else_is_a_score(value: Any) -> None:
    with pytest.raises(ValueError, match="a score is a plain number between 0 and 3"):
        score_of(value, 3.0)


@pytest.mark.parametrize("last", ["np.float64(0.3)", "float('nan')", "-1", "1000", "True"])
def test_a_test_that_ends_with_no_score_earns_nothing_and_says_so(last: str) -> None:
    result = one_test(DOUBLE, f"double(1)\n{last}")
    assert (result.score, "a score is a plain number" in result.message) == (0.0, True)


def test_a_value_behind_a_semicolon_is_no_score() -> None:
    assert one_test(DOUBLE, "assert double(2) == 4\n17;").score == 2.0


def test_partial_credit_is_given() -> None:
    assert one_test(DOUBLE, "0.5 * (double(2) == 4)").score == 0.5


def test_warnings_and_stderr_cost_nothing() -> None:
    noisy = (
        "import sys, warnings, logging\ndef double(x):\n    warnings.warn('hm')\n"
        "    print('x', file=sys.stderr)\n    logging.error('y')\n    return 2 * x"
    )
    assert (
        one_test(noisy, "import sys\nprint('z', file=sys.stderr)\nassert double(1) == 2").score == 2
    )


def test_the_reference_is_the_instructors_even_where_the_students_differs() -> None:
    assert one_test("def double(x): return 3 * x", "assert reference.double(2) == 4").score == 2


@pytest.mark.parametrize(
    "shadow", ["reference = None", "np = None", "def isinstance(*a): return True", "print = None"]
)
def test_a_students_names_change_nothing_in_the_judges_process(shadow: str) -> None:
    wrong = f"{shadow}\ndef double(x): return 3"
    test = "assert isinstance(np.pi, float)\nassert double(2) == reference.double(2)"
    assert one_test(wrong, test).score == 0


def test_a_reference_that_is_not_there_is_the_instructors_fault_and_no_zero() -> None:
    with pytest.raises(InstructorFault, match=r"reference\.triple"):
        one_test(DOUBLE, "reference.triple(1)")


def test_a_broken_setup_cell_is_the_instructors_fault_and_no_zero() -> None:
    with pytest.raises(InstructorFault, match="no_such_module"):
        verdict(("setup", "import no_such_module"))


def test_lab_cells_do_not_run() -> None:
    outputs = verdict(("lab", "raise RuntimeError"), ("answer", DOUBLE)).outputs
    assert 1 not in outputs


def test_no_line_of_a_test_is_in_its_output() -> None:
    secret = "the_hidden_number = 12345\nassert double(the_hidden_number) == 0, 'not zero'"
    [*_, output] = verdict(("answer", DOUBLE), ("test", secret)).outputs[2]
    assert "hidden_number" not in str(output)
    assert output["evalue"] == "not zero"


def test_what_the_function_prints_while_it_is_tested_is_not_shown() -> None:
    spy = "def double(x):\n    print('seen', x)\n    return 2 * x"
    found = verdict(("answer", spy), ("test", "assert double(777) == 1554"))
    assert "777" not in str(found.outputs)


def test_output_errors_and_figures_of_the_students_cells_are_shown() -> None:
    drawing = "import matplotlib.pyplot as plt\nprint('hello')\nplt.plot([1, 2])\nplt.show()\n1 / 0"
    outputs = verdict(("other", drawing)).outputs[1]
    kinds = [output["output_type"] for output in outputs]
    assert kinds == ["stream", "display_data", "error"]


def test_html_and_script_of_a_student_are_not_shown() -> None:
    data = {"text/html": "<script>", "text/plain": "plain", "image/png": "no base64!"}
    shown = clean_output({"output_type": "display_data", "data": data, "metadata": {}})
    assert shown is not None
    assert shown["data"] == {"text/plain": "plain"}


LONG = 1 << 40_000


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": np.arange(2)},
        {"output_type": "stream", "name": np.arange(2), "text": LONG},
        {"output_type": "error", "ename": LONG, "evalue": np.arange(2), "traceback": [LONG]},
        {"output_type": "execute_result", "data": {"text/plain": "1"}, "execution_count": LONG},
        {"output_type": "display_data", "data": {3: "1", "text/plain": LONG}},
    ],
)
def test_outputs_that_are_none_can_be_written_into_a_verdict(output: dict[str, Any]) -> None:
    assert len(json.dumps(clean_output(output))) < 300


def test_a_changed_argument_is_nothing_to_compare_with() -> None:
    # What the reference makes of an emptied argument would be known beforehand.
    test = (
        "x = np.ones(6)\nhalf = x[:3]\ncame = double(half)\n"
        "assert np.array_equal(came, reference.double(x[1:3]))"
    )
    result = one_test("def double(x):\n    x *= 0\n    return np.zeros(2)", test)
    assert (result.score, "changed an argument in place" in result.message) == (0, True)
    assert one_test("def double(x):\n    return x[1:] * 2", test).score == result.points


def test_what_a_test_says_after_an_argument_was_changed_is_said_to_come_of_that() -> None:
    test = "x = np.ones(2)\ndouble(x)\nassert double(x)[0] == 2, 'is something remembered?'"
    changes = "def double(x):\n    x *= 2\n    return x.copy()"
    said = one_test(changes, test).message
    assert said.startswith("An argument was changed in place")
    assert said.endswith("is something remembered?")
    assert one_test("def double(x):\n    return x", test).message == "is something remembered?"


def test_an_endless_function_costs_its_own_test_alone() -> None:
    slow = DOUBLE + "\ndef slow():\n    while True: pass"
    test = "assert double(2) == 4"
    found = verdict(
        ("answer", "def double(x):\n    while x == 1: pass\n    return 2 * x"),
        ("other", slow.replace("double", "other")),
        ("test", test),
        ("test", "double(1)"),
        ("test", test),
        limits=HASTY,
    )
    assert [result.score for result in found.tests] == [2.0, 0.0, 2.0]
    assert "gave no answer within 3 s" in found.tests[1].message


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("import os; os._exit(7)", "status 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("raise SystemExit(3)", "SystemExit"),
    ],
)
def test_a_function_that_dies_costs_its_own_test_alone(end: str, said: str) -> None:
    dying = f"def double(x):\n    if x == 1:\n        {end}\n    return 2 * x"
    test = "assert double(2) == 4"
    found = verdict(("answer", dying), ("test", "double(1)"), ("test", test))
    assert [result.score for result in found.tests] == [0.0, 2.0]
    assert said in found.tests[0].message


def test_a_cell_that_does_not_end_is_left_out_and_the_rest_goes_on() -> None:
    cells = ("answer", DOUBLE), ("other", "while True: pass"), ("test", "assert double(2) == 4")
    found = verdict(*cells, limits=HASTY)
    assert found.tests[0].score == 2.0
    assert "did not end within 6 s" in found.cell_errors[0]["message"]


def test_a_syntax_error_says_so_in_every_test() -> None:
    result = one_test("def double(x)\n    return 2 * x", "double(1)")
    assert result.message.startswith("`double` is not defined: the cell that defines it stopped")


@pytest.mark.parametrize("gone", ["del double", "double = 3", "double = None"])
def test_a_name_that_is_no_function_any_more_is_said_to_be_none(gone: str) -> None:
    result = one_test(f"{DOUBLE}\n{gone}", "double(1)")
    assert (result.score, "`double` is not defined" in result.message) == (0.0, True)


@pytest.mark.parametrize(
    "answer",
    [
        "double = lambda x: 2 * x",
        "class Double:\n    def __call__(self, x): return 2 * x\ndouble = Double()",
        "import functools, operator\ndouble = functools.partial(operator.mul, 2)",
        "class double:\n    def __new__(cls, x): return 2 * x",
        "import numpy as np\ndouble = np.vectorize(lambda x: 2 * x)",
    ],
)
def test_whatever_can_be_called_is_a_function(answer: str) -> None:
    assert one_test(answer, "assert (double(np.ones(2)) == 2).all()").score == 2


@pytest.mark.parametrize(
    ("answer", "test"),
    [
        (
            "def double(x):\n    x *= 2\n    return x",
            "x = np.ones(2)\ndouble(x)\nassert (x == 1).all(), 'changed'",
        ),
        (
            "def double(x):\n    x['memory'] = 1\n    return x",
            "d = {}\ndouble(d)\nassert not d, 'changed'",
        ),
        (
            "buffer = np.zeros(2)\ndef double(x):\n    buffer[:] = 2 * x\n    return buffer",
            "first = double(np.ones(2))\ndouble(np.zeros(2))\nassert first[0] == 2, 'changed'",
        ),
        (
            "buffer = np.zeros(2)\ndef double(x):\n    buffer[:] = x\n    return x + 0, buffer",
            "_, first = double(np.ones(2))\ndouble(np.zeros(2))\nassert first[0] == 1, 'changed'",
        ),
    ],
    ids=["argument", "key of an argument", "earlier result", "pair of earlier results"],
)
def test_what_a_call_changes_in_place_is_seen_to_be_changed(answer: str, test: str) -> None:
    assert one_test(answer, test).message.endswith("changed")


def test_a_generator_moves_on_as_if_it_were_shared() -> None:
    drawing = "def double(rng):\n    return rng.random()"
    test = "rng = np.random.default_rng(1)\nassert double(rng) != double(rng)"
    assert one_test(drawing, test).score == 2


def test_an_error_comes_back_as_its_builtin_class_with_its_message_and_line() -> None:
    own = "class Mine(ValueError): pass\ndef double(x):\n    raise Mine('too big')"
    test = (
        "try:\n    double(1)\nexcept ValueError as error:\n"
        "    assert type(error) is ValueError and str(error) == 'too big'\n"
        "    assert 'line 3' in error.__notes__[0]\nelse:\n    assert False"
    )
    assert one_test(own, test).score == 2


def test_a_subclass_that_lies_comes_back_as_a_plain_array() -> None:
    lying = (
        "class Liar(np.ndarray):\n    def __eq__(self, other): return np.True_\n"
        "def double(x): return np.zeros(2).view(Liar)"
    )
    test = "got = double(np.ones(2))\nassert type(got) is np.ndarray and (got == 2).all()"
    assert one_test(lying, test).score == 0


def test_the_docstring_and_the_signature_can_be_looked_at() -> None:
    answer = 'def double(x, *, times=2):\n    """Double."""\n    return times * x'
    test = (
        "import inspect\nassert double.__doc__ == 'Double.' and double.__name__ == 'double'\n"
        "assert list(inspect.signature(double).parameters) == ['x', 'times']"
    )
    assert one_test(answer, test).score == 2


def test_what_cannot_be_sent_back_is_named() -> None:
    result = one_test("def double(x): return print", "double(1)")
    assert "builtin_function_or_method cannot be sent" in result.message


def test_the_time_of_a_whole_notebook_is_limited() -> None:
    limits = Limits(notebook_s=2.5)
    sleepy = [("other", "import time\ntime.sleep(0.9)")] * 3
    found = verdict(*sleepy, ("answer", DOUBLE), ("test", "double(1)"), limits=limits)
    assert "the notebook as a whole took longer than 2.5 s" in found.tests[-1].message


@pytest.mark.parametrize("in_sandbox", [True, False])
def test_nothing_is_left_running_or_lying_about(in_sandbox: bool, tmp_path: Any) -> None:
    # Counted by a name that only this test's processes carry.
    mark = f"left-behind-{tmp_path.name}-{in_sandbox}"
    leave = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', '{mark}'])"
    )
    planned = [PlannedCell(0, "", "other", leave)]
    judge(Plan("01_decoder_cells", planned, [], [], [], "", LIMITS, in_sandbox))
    await_none(mark)


# Cells that do no more than give names to values.


@pytest.mark.parametrize(
    ("source", "nothing"),
    [
        ("", True),
        ("# only a comment", True),
        ("guess = '''two\nlines'''", True),
        ("a = b = -1.5\nc = {'d': [1, (2, None)]}", True),
        ("3", False),
        ("'shown'", False),
        ("a = print(1)", False),
        ("a = 2 * 3", False),
        ("a.b = 1", False),
        ("a: int = 1", False),
        ("a += 1", False),
        ("a = f'{b}'", False),
        ("a = '\\d'", False),
        ("%time a = 1", False),
        ("a = (", False),
        ("a = 1; import os", False),
    ],
)
def test_cells_that_show_nothing_are_known(source: str, nothing: bool) -> None:
    assert shows_nothing(source) is nothing


def test_a_name_given_in_a_cell_that_shows_nothing_is_there_for_later_cells_and_tests() -> None:
    found = verdict(
        ("answer", DOUBLE.replace("2", "factor")),
        ("other", "factor = 5"),
        ("test", "assert double(2) == 10"),
        ("other", "factor = 3"),
        ("test", "assert double(2) == 6"),
        ("other", "print(factor)"),
        ("other", "factor = 4"),
        ("test", "assert double(2) == 8"),
    )
    assert [result.score for result in found.tests] == [2, 2, 2]
    assert found.outputs[2] == []
    assert found.outputs[6][0]["text"] == "3\n"


def test_no_process_is_started_for_a_last_cell_that_shows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts = []
    start = StudentProcess._start
    monkeypatch.setattr(
        StudentProcess, "_start", lambda student: starts.append(1) or start(student)
    )
    verdict(("answer", DOUBLE), ("test", "double(1)"), ("other", "guess = 'more'"))
    assert len(starts) == 1


def test_an_answer_that_is_a_literal_stands_for_itself() -> None:
    result = one_test("double = 3", "double(1)")
    assert (result.score, "it was set to something that is no function" in result.message) == (
        0,
        True,
    )
