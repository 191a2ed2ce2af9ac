"""The judge: runs a submission's cells, the student's there and the instructor's here.

This module is the inside of the judge's process. It is given a plan (`Plan`), and gives a
`Verdict`. Nothing in it knows nbgrader: see `course.grading.steps.execute` for that side.
"""

from __future__ import annotations

import contextlib
import functools
import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from course.bootstrap.words import told
from course.checks.cells.asserts import tells_of_a_change
from course.checks.cells.unwritten import who_is_not_written
from course.grading.faults import InstructorFault, StudentFault
from course.grading.judge.cells import (
    MAX_SHOWN_CHARS,
    clean_outputs,
    compile_cell,
    error_output,
    result_output,
    run_cell,
    score_of,
    shows_nothing,
    text_of,
)
from course.grading.judge.plan import ERROR, Plan, PlannedCell, TestResult, Verdict
from course.grading.judge.sides import Sides
from course.grading.judge.standin import Deadline, Missing, StandIn, refuse_changed
from course.lessons import claim_of

#: Characters that a test may print into the graded notebook.
MAX_PRINTED = 20_000
#: Characters that a failed test may say of why it failed.
MAX_MESSAGE = 4000
#: Before what a test says that has compared with arguments a call had changed.
AFTER_A_CHANGE = (
    "An argument was changed in place, so later calls of this claim got other numbers than it "
    "means, and what it says may come of that: work on a copy."
)
#: Of a function that is still as it was released.
NOT_WRITTEN = "is not written yet"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Reference:
    """The instructor's own solution, by attribute; run when first asked for.

    Parameters
    ----------
    cells : list of (str, str)
        Name and text of the setup and solution cells.
    deadline : Deadline
        Knows what calls of the running test have changed in place.
    """

    def __init__(self, cells: list[tuple[str, str]], deadline: Deadline) -> None:
        self._cells = cells
        self._deadline = deadline
        self._namespace: dict[str, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._namespace is None:
            self._namespace = {"__name__": "reference"}
            for label, source in self._cells:
                _run_own(source, label, self._namespace)
        if name not in self._namespace:
            raise InstructorFault(f"a test asks for reference.{name}, which no solution defines")
        value = self._namespace[name]
        if not callable(value):
            return value

        @functools.wraps(value)
        def of_what_was_passed(*args: Any, **kwargs: Any) -> Any:
            refuse_changed([*args, *kwargs.values()], self._deadline.changed)
            return value(*args, **kwargs)

        return of_what_was_passed


class PlanRunner:
    """Runs one plan.

    Parameters
    ----------
    plan : Plan
        What to run.
    student : Sides
        Where the student's cells run.
    """

    def __init__(self, plan: Plan, student: Sides) -> None:
        self._plan = plan
        self._student = student
        self._deadline = Deadline(plan.limits.cell_s, student.judges_seconds)
        self._names: dict[str, Any] | None = None
        self._why_missing: dict[str, str] = {}
        self._indescribable: dict[str, str] = {}
        self._verdict = Verdict()
        self._room = 5 * MAX_SHOWN_CHARS
        self._reference = Reference(plan.solution, self._deadline)
        self._namespace: dict[str, Any] = {
            "__name__": "__main__",
            "display": lambda *values: print(*values, sep="\n"),
            "get_ipython": lambda: SimpleNamespace(run_line_magic=lambda *_: None),
        }

    def run(self) -> Verdict:
        """Run all cells in order, then look for known mistakes behind the failed tests."""
        for cell in self._plan.cells:
            if cell.role == "setup":
                _run_own(cell.source, cell.grade_id, self._namespace)
            if cell.role in ("setup", "answer", "other"):
                self._verdict.outputs[cell.index] = self._run_student_cell(cell)
            elif cell.role == "test":
                result, outputs = self._run_test(cell)
                self._verdict.tests.append(result)
                self._verdict.outputs[cell.index] = outputs
        self._diagnose()
        return self._verdict

    def _run_student_cell(self, cell: PlannedCell) -> list[dict[str, Any]]:
        self._names, kind = None, ERROR
        if shows_nothing(cell.source):
            self._student.put_off(cell.source)
            return []
        try:
            failures, outputs = self._student.run_cell(cell.source)
            outputs = clean_outputs(outputs, min(self._room, MAX_SHOWN_CHARS))
            self._room -= len(str(outputs))
            problem = said_of(failures)
        except StudentFault as fault:
            problem, outputs = str(fault), [error_output(type(fault).__name__, str(fault))]
            kind = fault.kind
        if problem:
            label = cell.grade_id or "a cell of their own"
            self._verdict.cell_errors.append({"grade_id": label, "kind": kind, "message": problem})
            for name in _names_in(cell.source, self._plan.answers):
                self._why_missing[name] = f"the cell that defines it stopped with {problem}"
        return outputs

    def _run_test(self, cell: PlannedCell) -> tuple[TestResult, list[dict[str, Any]]]:
        result = TestResult(cell.grade_id, claim_of(cell.source), cell.points)
        self._deadline.begin()
        printed = io.StringIO()
        outputs: list[dict[str, Any]] = []
        _check_syntax(cell)
        try:
            self._namespace |= self._stand_ins() | {"reference": self._reference}
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
                value = run_cell(cell.source, cell.grade_id, self._namespace)
            result.score = self._score(cell, value)
            if value is not None:
                outputs.append(result_output(result.score))
        except SystemExit as error:
            raise InstructorFault(f"the test cell `{cell.grade_id}` calls exit") from error
        except Exception as error:
            result.message = _why(error)
            if self._deadline.changed and not tells_of_a_change(result.message):
                result.message = f"{AFTER_A_CHANGE} {result.message}"
            if result.message.endswith(NOT_WRITTEN):
                called = [name for name in self._deadline.called if name in self._plan.elsewhere]
                result.message = ": ".join(
                    [result.message, *(self._plan.elsewhere[name] for name in called)]
                )
            outputs.append(error_output(type(error).__name__, result.message))
        text = printed.getvalue()[:MAX_PRINTED]
        if text:
            outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": text})
        if result.score < cell.points and not result.message:
            result.message = harmless(text.strip()) or "not all of the claim holds"
        result.called = list(self._deadline.called)
        result.faults = [{"kind": f.kind, "message": str(f)} for f in self._deadline.faults]
        return result, outputs

    def _score(self, cell: PlannedCell, value: Any) -> float:
        """Return what a test earns; report a value that is no score."""
        try:
            return score_of(value, cell.points)
        except ValueError as error:
            self._verdict.problems.append(f"{cell.grade_id}: {error}")
            raise

    def _stand_ins(self) -> dict[str, Any]:
        """Return what stands for the student's names; made anew after each cell of theirs."""
        if self._names is None:
            answers = self._plan.answers
            try:
                described = self._student.describe(answers)
                self._names = {name: self._stand_in(name, described.get(name)) for name in answers}
            except StudentFault:  # which name's fault is it? The others are not to pay for it
                self._names = {name: self._stand_in_alone(name) for name in answers}
        return self._names

    def _stand_in_alone(self, name: str) -> Any:
        if name not in self._indescribable:
            try:
                return self._stand_in(name, self._student.describe([name]).get(name))
            except StudentFault as fault:
                self._indescribable[name] = str(fault)
        return Missing(name, self._indescribable[name])

    def _stand_in(self, name: str, about: Any) -> Any:
        kind = about.get("kind") if isinstance(about, dict) else None
        if kind == "function":
            return StandIn(name, about, self._student, self._deadline)
        if kind == "data" and name not in self._plan.functions:
            return self._student.get(name)
        why = (
            "it was set to something that is no function"
            if kind in ("data", "other")
            else "no cell defines it"
        )
        elsewhere = self._plan.elsewhere.get(name)
        if elsewhere and name not in self._why_missing:
            why = f"{why}: {elsewhere}"
        return Missing(name, self._why_missing.get(name, why))

    def _diagnose(self) -> None:
        """Say of each failed test which known mistakes the functions that it called make.

        Of a function that calls a wrong one of the same notebook the message says so, and the
        mistake is told as that other function's.
        """
        known: dict[str, tuple[list[dict[str, Any]], list[str]]] = {}
        for result in self._verdict.tests:
            if result.score >= result.points:
                continue
            for name in result.called:
                if name in self._plan.functions:
                    if name not in known:
                        known[name] = self._diagnoses_of(name)
                    mistakes, pointers = known[name]
                    result.diagnoses += [one for one in mistakes if one not in result.diagnoses]
                    result.message = "\n".join([result.message, *pointers])

    def _diagnoses_of(self, name: str) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the mistakes behind a function's failures, and where to go before it is mended."""
        if any(name in result.called and result.faults for result in self._verdict.tests):
            return [], []  # what hangs or crashes has said so; asking again only costs time
        from course.checks.known.diagnosis import diagnose

        self._deadline.begin()
        try:
            found = diagnose(self._stand_ins()[name], name, self._plan.lesson_id)
        except StudentFault:
            return [], []
        except Exception as error:  # never at the price of a mark
            self._verdict.problems.append(f"no diagnosis of `{name}`: {told(error)}")
            return [], []
        mistakes = [
            {
                "function": d.function,
                "name": harmless(d.name),
                "sentence": harmless(d.sentence),  # a line of theirs may stand in it
                "where": list(d.where),
            }
            for d in found
        ]
        return mistakes, list(dict.fromkeys(d.calls_it for d in found if d.caller))


def _why(error: Exception) -> str:
    """Say why a test failed, in words that show no line of it."""
    said = str(error)
    if isinstance(error, NotImplementedError) and not said:
        return f"{who_is_not_written(error) or 'the function'} {NOT_WRITTEN}"
    if isinstance(error, AssertionError) and not said:
        said = "the claim does not hold"
    elif not said or isinstance(error, KeyError):  # whose message is a key alone
        said = f"it stopped with {type(error).__name__}" + (f": {said}" if said else "")
    notes = [*getattr(error, "__notes__", [])]
    if isinstance(error, NameError):
        from course.checks.known.undefined import run_it_first

        elsewhere = run_it_first(said)
        notes += [elsewhere.sentence] if elsewhere else []
    return harmless("\n".join([said, *notes]))


def harmless(text: str) -> str:
    r"""Return text, some of which may be a student's, without what a terminal would obey.

    >>> harmless("a\x1b[2Jb\n")
    'a?[2Jb\n'
    """
    text = text if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]} ..."
    return _CONTROLS.sub("?", text)


def said_of(failures: list[Any]) -> str:
    """Return in a line what failed in a cell: the first, which others may follow from.

    Parameters
    ----------
    failures : list
        As the student's process told them; trusted in nothing.
    """
    if not failures:
        return ""
    first = failures[0] if isinstance(failures[0], dict) else {}
    name, message = text_of(first.get("name")) or "Exception", text_of(first.get("message"))
    said = f"{name}: {message}" if message else name
    said = re.sub(r"<ipython-input-[^>]*>|\S*ipykernel_\S*\.py", "your cell", said)
    line, text = first.get("line"), text_of(first.get("text"))[:200]
    if type(line) is int and 0 < line < 2**31:
        said += f" (line {line}: `{text}`)" if text else f" (line {line})"
    if len(failures) > 1:
        said += f", and {len(failures) - 1} more"
    return harmless(said)


def _names_in(source: str, answers: list[str]) -> list[str]:
    """List the answers that a cell, possibly not even Python, seems to define."""
    return [name for name in answers if f"def {name}" in source or f"{name} =" in source]


def _check_syntax(cell: PlannedCell) -> None:
    try:
        compile_cell(cell.source, cell.grade_id)
    except SyntaxError as error:
        raise InstructorFault(f"the test cell `{cell.grade_id}` is no Python: {error}") from error


def _run_own(source: str, label: str, namespace: dict[str, Any]) -> None:
    """Run a cell of the instructor's that has to run, whatever the student did."""
    try:
        exec(compile_cell(source, label), namespace)
    except Exception as error:
        what = told(error)
        raise InstructorFault(f"the instructor's cell `{label}` stopped with {what}") from error


def judge(plan: Plan) -> Verdict:
    """Run a plan with a student's process of its own."""
    files = Path(plan.files) if plan.files else None
    sources = [cell.source for cell in plan.cells if cell.role in ("setup", "answer", "other")]
    with Sides(plan.limits, files, plan.in_sandbox, sources, plan.answers) as student:
        return PlanRunner(plan, student).run()
