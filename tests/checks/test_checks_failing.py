"""A claim that fails in its own cell says so in its own words, and fails all the same."""

from __future__ import annotations

import sys
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from nbgrader.utils import determine_grade
from plain_run import LESSONS

from course.checks.dashboard import failing
from course.checks.dashboard.failing import first_reason, message, too_early
from course.lessons import course_root

LESSON = LESSONS["01_decoder_cells"]
CLAIM = "The RNN's new state is the tanh of what the input says plus what the memory says."
WRONG = 'def rnn_cell_step(x_t, h_prev, params):\n    return np.tanh(params["W_xh"] @ x_t + h_prev)'
STOPS = 'def rnn_cell_step(x_t, h_prev, params):\n    a = 1\n    return params["W_hh"] @ x_t'
CALLS = "def rnn_cell_step(x_t, h_prev, params):\n    return lstm_cell_step(x_t, h_prev)"
RIGHT = (
    "def rnn_cell_step(x_t, h_prev, params):\n    h = np.tanh(params['W_xh'] @ x_t + params['b_xh']"
    " + params['W_hh'] @ h_prev + params['b_hh'])\n"
)
UNWRITTEN = "def rnn_cell_step(x_t, h_prev, params):\n    raise NotImplementedError()"


def cell(grade_id: str) -> Any:
    path = course_root() / "release" / LESSON.id / f"{LESSON.name}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return next(c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    """A shell in which the lesson's setup has run, as in a kernel."""
    made = InteractiveShell()
    made.run_cell(cell("setup").source).raise_error()
    return made


def raised(shell: InteractiveShell, *sources: str) -> BaseException:
    for source in sources:
        found = shell.run_cell(source, store_history=True)
    assert found.error_in_exec is not None
    return found.error_in_exec


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (WRONG, "element 0 is the first that differs:\nexpected [ 0.9248 -0.0895]\ngot"),
        (STOPS, 'in rnn_cell_step, at: return params["W_hh"] @ x_t\n\nMend it'),
        (
            UNWRITTEN,
            "\n\nrnn_cell_step is not written yet: it still raises NotImplementedError\n\nMend it",
        ),
        (CALLS, "is not defined.\n`lstm_cell_step` is defined in a cell of its own"),
        ("del rnn_cell_step", "'rnn_cell_step' is not defined: is it misspelt,\nor"),
    ],
)
def test_a_claim_that_fails_says_what_it_claims_and_what_came(
    shell: InteractiveShell, answer: str, said: str
) -> None:
    error = raised(shell, UNWRITTEN, answer, cell("rnn_steps_to_the_right_state").source)
    shown = message(error, shell.user_ns)
    heading, _, rest = shown.partition("\n\n")
    assert " ".join(heading.split()) == f"✗ This claim does not hold (1 point): {CLAIM}"
    assert said in f"\n\n{rest}"
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.endswith("Mend it with checks.check(rnn_cell_step), then run this cell again.")
    assert "Traceback" not in shown


def test_a_claim_that_fails_for_a_changed_argument_says_so(shell: InteractiveShell) -> None:
    answer = f"{RIGHT}    params['W_xh'][:] = 0\n    return h"
    error = raised(shell, UNWRITTEN, answer, cell("rnn_takes_any_sizes").source)
    shown = " ".join(message(error, shell.user_ns).split())
    assert "rnn_cell_step changes params in place, so a claim's later calls get other" in shown
    assert "overflows" not in shown


def test_of_several_reasons_the_first_is_shown() -> None:
    alike = "row 1 is the first that differs:\nexpected [1]\ngot      [2]\nIs it fed?"
    assert first_reason(f"rnn: {alike}\nlstm: {alike}") == f"rnn: {alike}\n(1 more)"
    assert first_reason("it stopped") == "it stopped"


def test_a_sentence_of_several_lessons_is_told_of_the_function_of_its_own_cell() -> None:
    for lesson in LESSONS.values():
        for section in failing.sections():
            for claim in section["claims"]:
                functions, found = failing._claimed_by(claim["source"])
                assert found["claim"] == claim["claim"]
                if any(function in claim["source"] for function in section["functions"]):
                    assert functions == section["functions"], (lesson.id, claim["claim"])


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("checks.check(never_run)", "never_run"),
        ("checks.run_claims(never_run)", "never_run"),
        ("lab = labs.unrolled(never_run, prediction)", "labs"),
        ("print(lab.record())", "lab"),
    ],
)
def test_a_check_or_a_lab_run_too_early_says_what_to_run_first(
    shell: InteractiveShell, source: str, name: str
) -> None:
    shell.user_ns.pop("labs", None)
    said = too_early(raised(shell, source), shell.user_ns)
    assert said.startswith(f"✗ {name} is not defined yet. Run the cells above this one first:")
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize(
    "source",
    ["never_run", "checks.check(1 / 0)", "def f(x):\n    return never_run\nchecks.no(f(1))"],
)
def test_another_error_is_not_said_to_come_too_early(shell: InteractiveShell, source: str) -> None:
    assert too_early(raised(shell, source), shell.user_ns) == ""


@pytest.mark.parametrize("source", ["1 / 0", "# A remark.\n1 / 0", "checks.assert_agrees(1, 2)"])
def test_what_is_no_claim_keeps_its_traceback(shell: InteractiveShell, source: str) -> None:
    assert message(raised(shell, source), shell.user_ns) == ""


@pytest.mark.slow(seconds=10)
def test_in_a_kernel_the_cell_fails_as_it_did_without_a_traceback() -> None:
    setup, test = cell("setup"), cell("rnn_steps_to_the_right_state")
    other, early = map(nbformat.v4.new_code_cell, ("1 / 0", "checks.check(gru_cell_step)"))
    wrong = nbformat.v4.new_code_cell(WRONG)
    nb = nbformat.v4.new_notebook(cells=[setup, wrong, test, other, early])
    NotebookClient(nb, allow_errors=True, kernel_name="python3").execute()
    [error] = test.outputs
    assert error.ename == "AssertionError"
    assert error.evalue.startswith("element 0 is the first that differs:\n")
    [shown] = error.traceback
    assert f"✗ This claim does not hold (1 point): {CLAIM}" in " ".join(shown.split())
    assert error.evalue.partition("Print")[0] in shown
    assert determine_grade(test) == (0, 1)
    assert "Traceback" in "\n".join(other.outputs[0].traceback)
    [said] = early.outputs[0].traceback
    assert said.startswith("✗ gru_cell_step is not defined yet.")


def test_outside_a_notebook_nothing_is_shown_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where answers are graded there is no kernel."""
    monkeypatch.setitem(sys.modules, "IPython", None)
    failing.say_claims_that_fail()
