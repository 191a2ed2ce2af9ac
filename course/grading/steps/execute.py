"""The judge in nbgrader's place for running notebooks: see `nbgrader_config.py`."""

from __future__ import annotations

import functools
import logging
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum, Float, Int, Unicode
from traitlets.config import Config

from course.grading.confinement.limits import LEAST, Limits
from course.grading.confinement.nosandbox import consequence
from course.grading.confinement.sandbox import has_sandbox, why_no_sandbox
from course.grading.faults import GradingFault
from course.grading.judge.plan import LOCKED, Plan, PlannedCell, TestResult, Verdict
from course.grading.records.coursefiles import source_notebook, source_path
from course.grading.steps.marks import marks_of
from course.grading.steps.putback import put_back_in
from course.grading.steps.reading import UNREADABLE_TAG
from course.lessons import Lesson, answer_names, read_lesson

#: Seconds that the judge's process may take on top of the submission's own limit.
MARGIN_S = 120.0


def most_seconds(notebook_s: float) -> float:
    """Return the seconds after which a judge's process is given up.

    Cells may be run again for as long as a submission may take: see
    `course.grading.confinement.history`.

    Parameters
    ----------
    notebook_s : float
        The limit of a submission.
    """
    return 2 * notebook_s + MARGIN_S


_NOT_RUN = "Not run when graded."


class Judge(NbGraderPreprocessor):
    """Runs a submission in two processes, and finds what it earns.

    Takes the place of nbgrader's `Execute`. The instructor's test cells run in the judge's
    process, the student's cells in the student's: see the module `course.grading.judge.judge`.
    """

    call_timeout = Float(
        Limits.call_s, min=0.1, help="Seconds for one call of a student's function."
    ).tag(config=True)
    cell_timeout = Float(
        Limits.cell_s,
        min=0.1,
        help="Seconds for one of the student's cells, and for all calls of one test cell.",
    ).tag(config=True)
    notebook_timeout = Float(Limits.notebook_s, min=1, help="Seconds for a whole submission.").tag(
        config=True
    )
    memory_mib = Int(
        Limits.memory_mib,
        min=LEAST["memory_mib"],
        help="MiB of memory that all processes of a submission together may have.",
    ).tag(config=True)
    disk_mib = Int(
        Limits.disk_mib, min=LEAST["disk_mib"], help="MiB that a submission may write."
    ).tag(config=True)
    max_processes = Int(
        Limits.processes,
        min=LEAST["processes"],
        help="Processes and threads that a submission may have.",
    ).tag(config=True)
    answer_mib = Int(
        Limits.answer_mib,
        min=LEAST["answer_mib"],
        help="MiB that one answer of a student's function may have.",
    ).tag(config=True)
    answer_depth = Int(
        Limits.answer_depth,
        min=LEAST["answer_depth"],
        help="How many lists and dictionaries may lie within one another in an answer.",
    ).tag(config=True)
    output_chars = Int(
        Limits.output_chars, min=1, help="Characters that one of the student's cells may print."
    ).tag(config=True)
    require_sandbox = Bool(
        False,
        help="Grade nothing where there is no bubblewrap, instead of warning that a submission's "
        "code can read what you can.",
    ).tag(config=True)
    # What is below decides which submission is graded, and when, but not what one earns.
    tries_a_day = Int(
        0,
        min=0,
        help="How many submissions a student may have graded in a day by `course watch`; 0 for "
        "any number.",
    ).tag(config=True, decides=False)
    counts = Enum(
        ("last", "best"),
        "last",
        help="Which of a student's submissions to `course watch` counts.",
    ).tag(config=True, decides=False)
    time_zone = Unicode(
        "local",
        help="Whose days are meant, such as 'Europe/Berlin'; `local` for those of `course due "
        "--zone`, else this machine's.",
    ).tag(config=True, decides=False)

    def limits(self) -> Limits:
        """Return the limits that the settings give; a lesson's own metadata may change them."""
        return Limits(
            call_s=self.call_timeout,
            cell_s=self.cell_timeout,
            notebook_s=self.notebook_timeout,
            memory_mib=self.memory_mib,
            disk_mib=self.disk_mib,
            processes=self.max_processes,
            answer_mib=self.answer_mib,
            answer_depth=self.answer_depth,
            output_chars=self.output_chars,
        )

    def _limits_of(self, about: dict[str, Any]) -> Limits:
        """Return the limits for one lesson."""
        source = source_notebook(self, about["assignment"], about["notebook"])
        wanted = source.metadata.get("course", {}).get("limits", {})
        try:
            return self.limits().changed(wanted)
        except ValueError as error:
            raise GradingFault(f"the metadata of {about['notebook']}.ipynb: {error}") from error

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Judge one submission; show its outputs, and hand on its marks and its diagnosis.

        Raises
        ------
        GradingFault
            Where something that is not the student's doing kept it from being judged.
        """
        about, passage = resources["nbgrader"], resources["course"]
        lesson = read_lesson(source_path(self, about["assignment"], about["notebook"]))
        look_for_sandbox(self.config, self.log)
        folder = Path(resources.get("metadata", {}).get("path") or ".").resolve()
        ask = passage.ask or ask_judge
        verdict = ask(plan_of(nb, lesson, self._limits_of(about), folder))
        show(verdict, nb)
        source = source_notebook(self, about["assignment"], about["notebook"])
        passage.marks = marks_of(nb, verdict, passage.written, source)
        passage.diagnosis = report(verdict, nb, about)
        for test in verdict.tests:
            for fault in test.faults:
                self.log.warning("%s: %s: %s", about["student"], test.grade_id, fault["message"])
        for one in put_back_in(nb):
            self.log.warning("%s: %s", about["student"], one.message)
        for problem in verdict.problems:
            self.log.warning("%s: %s", about["student"], problem)
        return nb, resources


def look_for_sandbox(config: Config, log: logging.Logger | None = None) -> None:
    """Warn once where there is no sandbox; raise `GradingFault` where the settings require one."""
    if has_sandbox():
        return
    unprotected = consequence(why_no_sandbox())
    if Judge(config=config).require_sandbox:
        raise GradingFault(f"{unprotected}. Judge.require_sandbox is set: nothing is graded")
    warn_once(log or logging.getLogger("course"), unprotected)


@functools.cache
def warn_once(log: logging.Logger, message: str) -> None:
    """Log a warning the first time that it is given."""
    log.warning(message)


def plan_of(nb: NotebookNode, lesson: Lesson, limits: Limits, folder: Path) -> Plan:
    """Plan how a submission is judged: the roles of cells come from the instructor's notebook."""
    known = {cell.grade_id: cell for cell in lesson.cells if cell.grade_id}
    cells = []
    for index, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        original = known.get(grade_id)
        role = original.role if original else "other"
        points = original.points if original else 0.0
        cells.append(PlannedCell(index, grade_id, role, cell.source, points))
    solution = [
        (cell.grade_id, cell.source)
        for cell in lesson.cells
        if cell.is_code and cell.role in ("setup", "answer")
    ]
    answers = answer_names(lesson)
    functions = list(lesson.functions)
    elsewhere = {name: one.why_missing(name) for one in put_back_in(nb) for name in one.defines}
    return Plan(
        lesson.id, cells, solution, answers, functions, str(folder), limits, elsewhere=elsewhere
    )


def ask_judge(plan: Plan) -> Verdict:
    """Run a plan in a judge's process of its own.

    Raises
    ------
    GradingFault
        Where the process gives no verdict.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", "course.grading.judge"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        text=True,
        encoding="utf-8",
        errors="backslashreplace",  # its complaints may be in the encoding of a terminal
        start_new_session=True,
    )
    try:
        said, complaints = process.communicate(plan.to_json(), most_seconds(plan.limits.notebook_s))
    except subprocess.TimeoutExpired:
        raise GradingFault("the judge gave no verdict in time: does a test cell not end?") from None
    finally:
        _end(process)
    if process.returncode != 0:
        raise GradingFault(f"not graded, and not the student's doing: {complaints.strip()[-2000:]}")
    return Verdict.from_json(said)


def _end(process: subprocess.Popen[str]) -> None:
    """End a judge's process that still runs, and let it end the student's."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def show(verdict: Verdict, nb: NotebookNode) -> None:
    """Write a verdict's outputs into the notebook, so that nbgrader finds the same marks."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    tests = {test.grade_id: test for test in verdict.tests}
    for count, (index, outputs) in enumerate(sorted(verdict.outputs.items()), start=1):
        cell = nb.cells[index]
        test = tests.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        hints = likely_causes(test) if test else []
        cell.outputs = [from_dict(output) for output in [*hints, *outputs]]
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def likely_causes(test: TestResult) -> list[dict[str, Any]]:
    """Return an output that names the known mistakes behind a failed test, or none."""
    lines = [
        f"{' and '.join(d['where']) or d['function']}: {d['sentence']} [{d['name']}]"
        for d in test.diagnoses
    ]
    if not lines:
        return []
    text = "\n".join(["Likely cause:", *lines, ""])
    return [{"output_type": "stream", "name": "stdout", "text": text}]


def report(verdict: Verdict, nb: NotebookNode, about: dict[str, Any]) -> dict[str, Any]:
    """Return the diagnosis: each test with its points, why, and the known mistakes."""
    put_back = [
        {"grade_id": one.cell, "kind": LOCKED, "message": one.message} for one in put_back_in(nb)
    ]
    notes = [c.source for c in nb.cells if UNREADABLE_TAG in c.metadata.get("tags", ())]
    return {
        "student": about["student"],
        "lesson": about["assignment"],
        "unreadable": notes[0] if notes else "",
        "tests": [asdict(test) for test in verdict.tests],
        "cell_errors": [*put_back, *verdict.cell_errors],
        "problems": verdict.problems,
    }
