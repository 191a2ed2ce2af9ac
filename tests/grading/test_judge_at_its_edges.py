"""The judge where plans and students are odd: no mark is lost, none is won, nothing stops."""

from __future__ import annotations

from typing import Any

import pytest

from course.grading.confinement.limits import Limits
from course.grading.faults import InstructorFault
from course.grading.judge.cells import MAX_SHOWN_CHARS, run_cell
from course.grading.judge.judge import judge
from course.grading.judge.plan import Plan, PlannedCell, Verdict
from course.lessons import claim_of

pytestmark = pytest.mark.usefixtures("nursery")

FIND_THE_ANSWERING_CLASS = (
    "import gc\n[found] = {type(o) for o in gc.get_objects() if type(o).__name__ == 'Answering'}\n"
)
LIMITS = Limits(call_s=5, cell_s=9)
SOLUTION = "import math\nscale = 2\ndef double(x):\n    return scale * x"


def verdict(*cells: tuple[str, str], limits: Limits = LIMITS) -> Verdict:
    """Judge cells, each a role and a text; every test has 2 points."""
    planned = [
        PlannedCell(i, f"cell_{i}", role, source, 2.0 if role == "test" else 0.0)
        for i, (role, source) in enumerate([("setup", "import numpy as np"), *cells])
    ]
    names = ["math", "scale", "double"]
    plan = Plan("01_decoder_cells", planned, [("s", SOLUTION)], names, ["double"], "", limits)
    assert Plan.from_json(plan.to_json()) == plan
    found = judge(plan)
    assert Verdict.from_json(found.to_json()) == found
    return found


def scores(*cells: tuple[str, str]) -> list[float]:
    return [test.score for test in verdict(*cells).tests]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("", None),
        ("# only a comment", None),
        ("x = 3", None),
        ("3", 3),
        ("3;", None),
        ("3 ; ", None),
        ("for i in range(3):\n    i", None),
        ("x = 1\nx + 1", 2),
        ("%matplotlib inline\n5", 5),
        ("print('p')", None),
    ],
)
def test_a_cell_has_the_value_that_a_notebook_would_show(source: str, value: Any) -> None:
    namespace: dict[str, Any] = {}
    exec("class I:\n    def run_line_magic(*_): pass\nget_ipython = I", namespace)
    assert run_cell(source, "label", namespace) == value


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("# One sentence.\n# Another.\nassert True", "One sentence."),
        ("# A sentence over\n# two lines.\nassert True", "A sentence over two lines."),
        ("assert True", ""),
        ("### BEGIN HIDDEN TESTS\n# secret", ""),
        ("", ""),
    ],
)
def test_the_claim_is_the_first_sentence(source: str, claim: str) -> None:
    assert claim_of(source) == claim


def test_what_a_solution_cell_defines_beside_functions_is_read_as_data() -> None:
    answer = "import math\nscale = [2, np.ones(2)]\ndef double(x): return x"
    assert scores(("answer", answer), ("test", "assert scale[0] == 2 and scale[1].sum() == 2")) == [
        2
    ]


def test_a_module_in_the_place_of_a_name_stops_nothing() -> None:
    found = verdict(("answer", SOLUTION), ("test", "assert double(3) == 6"), ("test", "math.pi"))
    assert [test.score for test in found.tests] == [2.0, 0.0]


def test_helpers_of_one_test_are_there_in_the_next() -> None:
    helper = "def helper(x):\n    return double(x)\nassert helper(1) == 2"
    assert scores(("answer", SOLUTION), ("test", helper), ("test", "assert helper(2) == 4")) == [
        2,
        2,
    ]


def test_a_test_that_takes_a_students_name_takes_it_for_itself_alone() -> None:
    taking = "double = lambda x: x\nassert double(1) == 1"
    assert scores(("answer", SOLUTION), ("test", taking), ("test", "assert double(1) == 2")) == [
        2,
        2,
    ]


def test_a_function_written_anew_is_the_one_that_is_tested() -> None:
    wrong, right, test = "def double(x): return 0", SOLUTION, "assert double(1) == 2"
    assert scores(("answer", wrong), ("test", test), ("answer", right), ("test", test)) == [0, 2]


def test_a_function_that_uses_what_other_cells_define_can() -> None:
    cells = [("other", "factor = 2"), ("answer", "def double(x): return factor * x")]
    assert scores(*cells, ("other", "factor = 3"), ("test", "assert double(1) == 3")) == [2]


@pytest.mark.parametrize("leave", ["import sys\nsys.exit(0)", "raise SystemExit"])
def test_a_test_that_calls_exit_is_the_instructors_fault(leave: str) -> None:
    with pytest.raises(InstructorFault, match="`cell_2` calls exit"):
        verdict(("answer", SOLUTION), ("test", leave))


def test_a_test_that_is_no_python_is_the_instructors_fault() -> None:
    with pytest.raises(InstructorFault, match="the test cell `cell_2` is no Python"):
        verdict(("answer", SOLUTION), ("test", "assert double(1 == 2"))


def test_what_a_test_prints_is_shown_before_its_error_and_cut() -> None:
    found = verdict(("answer", SOLUTION), ("test", "print('x' * 10**6)\nassert 0, 'why'"))
    stream, error = found.outputs[2]
    assert (stream["text"], error["evalue"]) == ("x" * 20_000, "why")


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("assert False", "the claim does not hold"),
        ("assert double(1) == 3, 'three'", "three"),
        ("double(1, 2)", "takes 1 positional argument but 2 were given"),
        ("print('half of it')\n1.0", "half of it"),
        ("1.0", "not all of the claim holds"),
        ("double(None)", "line 4 of the cell"),
    ],
)
def test_a_lost_point_has_a_reason(test: str, said: str) -> None:
    [result] = verdict(("answer", SOLUTION), ("test", test)).tests
    assert said in result.message


def test_an_unwritten_function_is_said_to_be_unwritten() -> None:
    [result] = verdict(
        ("answer", "def double(x):\n    raise NotImplementedError()"), ("test", "double(1)")
    ).tests
    assert result.message == "double is not written yet"


def test_of_two_functions_the_one_is_named_that_is_not_written() -> None:
    half = "def half(x):\n    raise NotImplementedError()"
    both = "def double(x):\n    return 4 * half(x)"
    [result] = verdict(("answer", half), ("answer", both), ("test", "double(1)")).tests
    assert result.message == "half is not written yet"


def test_a_line_is_named_in_the_function_that_was_called() -> None:
    half = "def half(x):\n    y = 2\n    return x.nothing"
    both = "def double(x):\n    return 4 * half(x)"
    [result] = verdict(("answer", half), ("answer", both), ("test", "double(1)")).tests
    assert "line 2 of the cell, in the call of `half`: return 4 * half(x)" in result.message


@pytest.mark.hostile
def test_a_process_that_dies_whenever_it_is_asked_costs_its_own_tests() -> None:
    bomb = (
        "import threading, time, os\n"
        "def end():\n    time.sleep(0.3)\n    os._exit(1)\n"
        "threading.Thread(target=end).start()\ndef double(x):\n    time.sleep(9)"
    )
    found = verdict(("answer", bomb), ("test", "double(1)"), ("test", "double(1)"))
    assert [test.score for test in found.tests] == [0, 0]
    assert "ended with status 1" in found.tests[0].message


@pytest.mark.hostile
def test_a_patched_process_of_the_students_changes_no_mark() -> None:
    patch = FIND_THE_ANSWERING_CLASS + (
        "answer = {'value': 4, 'score': 2.0, 'failures': [], 'changed': {0: 5}, 'names': 3}\n"
        "found.call = lambda self, *a, **k: answer\ndouble = print\n"
    )
    tests = [("test", "assert double(3) == 6"), ("test", "assert double(2) == 4")]
    assert scores(("answer", patch), *tests) == [0, 2], "as if it always gave 4"


@pytest.mark.hostile
def test_a_notebook_of_outputs_without_end_is_cut() -> None:
    forge = FIND_THE_ANSWERING_CLASS + (
        "long = [{'output_type': 'stream', 'text': 'x' * 3_900_000}]\n"
        "found.run = lambda self, source: {'failures': [], 'outputs': long}"
    )
    found = verdict(("other", forge), *[("other", "1")] * 9)
    shown = sum(len(str(outputs)) for outputs in found.outputs.values())
    assert MAX_SHOWN_CHARS < shown <= 5 * MAX_SHOWN_CHARS


def test_a_later_cell_cannot_show_what_a_hidden_test_passed() -> None:
    spy = "seen = []\ndef double(x):\n    seen.append(x)\n    return 2 * x"
    found = verdict(("answer", spy), ("test", "double(777)"), ("other", "print(seen)"))
    assert "777" not in str(found.outputs[3])
