"""nbgrader's autograding of one submission, on data handed over instead of a gradebook.

The steps are those of the course's configuration, and nbgrader's own code does each of them. What
they look up in the gradebook comes with the lesson, and what they would write there is returned.
Two things differ from `nbgrader autograde`, and a test holds that no result does: a notebook is
validated after each pass and not after each step, and it is not written to a file in between.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import nbbase
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import common
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import setenv
from traitlets.config import Config

from course.grading.classes.lesson_pack import LessonPack, lay_out, named_class
from course.grading.classes.submission import Graded, Task, lay_out_odd
from course.grading.steps.restore import UNREADABLE_TAG

_CHECK = nbbase.validate
#: Cells' marks that are remembered as valid: some lessons' worth.
_KNOWN_MARKS = 10_000
#: Copies of schemas whose text is known.
_KNOWN_SCHEMAS = 100


class GivenGradebook:
    """Answers what nbgrader's steps ask a gradebook, from what came with the lesson.

    Parameters
    ----------
    lesson : LessonPack
        The lesson.

    Attributes
    ----------
    scores, comments : dict
        What the steps wrote, by notebook and cell.
    """

    def __init__(self, lesson: LessonPack) -> None:
        self._notebooks = lesson.notebooks
        self._cells = {
            name: {cell["name"]: SimpleNamespace(**cell) for cell in about["cells"]}
            for name, about in lesson.notebooks.items()
        }
        self.scores: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.db = SimpleNamespace(commit=lambda: None)

    def __enter__(self) -> GivenGradebook:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def find_notebook(self, notebook: str, _assignment: str) -> Any:
        """Return a notebook, with what is known of its cells."""
        about = self._notebooks[notebook]
        cells = self._cells[notebook]
        kinds: dict[str, list[Any]] = {"grade": [], "task": []}
        for name, (kind, points) in about["graded"].items():
            kinds[kind].append(SimpleNamespace(name=name, max_score=points))
        return SimpleNamespace(
            kernelspec=about["kernelspec"],
            source_cells=list(cells.values()),
            grade_cells=kinds["grade"],
            task_cells=kinds["task"],
            solution_cells=[SimpleNamespace(name=name) for name in about["commented"]],
        )

    def find_source_cell(self, name: str, notebook: str, _assignment: str) -> Any:
        """Return a cell as it was released."""
        if name not in self._cells[notebook]:
            raise MissingEntry(f"No such source cell: {notebook}/{name}")
        return self._cells[notebook][name]

    def find_graded_cell(self, name: str, notebook: str, _assignment: str) -> Any:
        """Return what a cell can earn."""
        graded = self._notebooks[notebook]["graded"]
        if name not in graded:
            raise MissingEntry(f"No such grade cell: {notebook}/{name}")
        return SimpleNamespace(name=name, max_score=graded[name][1])

    def find_grade(self, name: str, notebook: str, assignment: str, _student: str) -> Any:
        """Return where a step writes a grade."""
        self.find_graded_cell(name, notebook, assignment)
        row = SimpleNamespace(auto_score=None, digest="")
        return self.scores.setdefault(notebook, {}).setdefault(name, row)

    def find_comment(self, name: str, notebook: str, _assignment: str, _student: str) -> Any:
        """Return where a step writes a comment."""
        if name not in self._notebooks[notebook]["commented"]:
            raise MissingEntry(f"No such comment: {notebook}/{name}")
        row = SimpleNamespace(auto_comment=None)
        return self.comments.setdefault(notebook, {}).setdefault(name, row)


class Conversion:
    """The steps of one lesson, made once and used for one submission after the other.

    Parameters
    ----------
    lesson : LessonPack
        The lesson.
    root : Path
        An empty folder to work in.
    """

    def __init__(self, lesson: LessonPack, root: Path) -> None:
        self.lesson = lesson
        lay_out(lesson.files, root / "source" / lesson.lesson_id)
        config = Config(lesson.settings)
        course = CourseDirectory(config=config)
        course.root, course.assignment_id = str(root), lesson.lesson_id
        course.db_url = "sqlite://"
        self._course = course
        self._converter = Autograde(coursedir=course, config=config)
        exporter_class = named_class(lesson.steps["exporter_class"])
        reading: Any = type("Reading", (exporter_class,), {"from_notebook_node": _as_it_is})
        self._exporter = reading(parent=self._converter, config=config)
        self._sanitize = self._made("sanitize_preprocessors")
        self._autograde = self._made("autograde_preprocessors")

    def _made(self, name: str) -> list[Any]:
        """Return a list of steps; the late penalty is the writer's, who has the gradebook."""
        classes = [named_class(step) for step in self.lesson.steps[name]]
        kept = [one for one in classes if not issubclass(one, AssignLatePenalties)]
        return [one(parent=self._exporter) for one in kept]

    def grade(self, task: Task) -> Graded:
        """Grade one submission.

        Raises
        ------
        Exception
            Whatever a step raises: that is no student's fault.
        """
        submitted, graded = (
            Path(self._course.format_path(step, task.student, self.lesson.lesson_id))
            for step in (self._course.submitted_directory, self._course.autograded_directory)
        )
        beside = {k: data for k, data in task.files.items() if not k.endswith(".ipynb")}
        lay_out(task.files, submitted)
        lay_out_odd(task.odd, submitted)
        graded.mkdir(parents=True)
        lay_out(beside, graded)
        given = {
            name: data
            for name, data in self.lesson.files.items()
            if not name.endswith(".ipynb") and name not in self.lesson.steps["keep"]
        }
        lay_out(given, graded)
        book, result = GivenGradebook(self.lesson), Graded(task.student)
        with _instead_of_a_gradebook(book), _heard(result.messages) as log:
            for name in self.lesson.notebooks:
                path = submitted / f"{name}.ipynb"
                if path.is_symlink() or path.exists():
                    result.notebooks[name] = self._convert(path, graded, task.student, log)
                    report = graded / f"{name}.diagnosis.json"
                    if report.is_file():
                        result.diagnoses[name] = report.read_text(encoding="utf-8")
        shutil.rmtree(submitted)
        shutil.rmtree(graded)
        for name, rows in book.scores.items():
            result.scores[name] = {cell: row.auto_score for cell, row in rows.items()}
            result.digests[name] = {cell: row.digest for cell, row in rows.items()}
        for name, rows in book.comments.items():
            result.comments[name] = {cell: row.auto_comment for cell, row in rows.items()}
        return result

    def _convert(self, path: Path, folder: Path, student: str, log: logging.Logger) -> str:
        """Take one notebook through both passes."""
        resources = self._converter.init_single_notebook_resources(str(path))
        self._exporter.log = log
        notebook, resources = self._read(path, resources)
        notebook = self._pass(self._sanitize, notebook, resources, log)
        resources["metadata"]["path"] = str(folder)
        with setenv(NBGRADER_EXECUTION="autograde"):
            notebook = self._pass(self._autograde, notebook, resources, log)
        text: str = nbformat.v4.writes(notebook)  # valid: `_pass` has seen to that
        return text if text.endswith("\n") else text + "\n"

    def _read(self, path: Path, resources: Any) -> tuple[NotebookNode, Any]:
        notebook, read = self._exporter.from_filename(str(path), resources=resources)
        if any(UNREADABLE_TAG in cell.metadata.get("tags", ()) for cell in notebook.cells):
            unchecked, nbbase.validate = nbbase.validate, _CHECK  # to say which cell it is
            try:
                notebook, read = self._exporter.from_filename(str(path), resources=resources)
            finally:
                nbbase.validate = unchecked
        return notebook, read

    def sources(self) -> list[Path]:
        """List the instructor's notebooks."""
        folder = self._course.format_path(self._course.source_directory, ".", self.lesson.lesson_id)
        paths = [Path(folder) / f"{name}.ipynb" for name in self.lesson.notebooks]
        return [path for path in paths if path.is_file()]

    def rehearse(self) -> None:
        """Take the instructor's own notebook through the steps, so that all they need is loaded."""
        names = [f"{name}.ipynb" for name in self.lesson.notebooks]
        files = {name: self.lesson.files[name] for name in names if name in self.lesson.files}
        self.grade(Task("rehearsal", self.lesson.key, {}, files))

    def _pass(
        self, steps: list[Any], notebook: NotebookNode, resources: Any, log: logging.Logger
    ) -> NotebookNode:
        for step in steps:
            step.log = log
            notebook, resources = step(notebook, resources)
        nbformat.validate(notebook, relax_add_props=True)
        return notebook


def _as_it_is(_exporter: Any, notebook: NotebookNode, resources: Any = None, **_: Any) -> Any:
    """Take an exporter's reading without its steps, which `Conversion` takes itself."""
    return notebook, resources


@contextmanager
def _heard(messages: list[str]) -> Iterator[logging.Logger]:
    """Keep what is logged, warnings and worse."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    log = logging.Logger("course.classes", logging.WARNING)
    log.addHandler(Keep())
    yield log


@contextmanager
def _instead_of_a_gradebook(book: GivenGradebook) -> Iterator[None]:
    """Let every step that opens a gradebook find this one."""
    changed: list[tuple[Any, Callable[..., Any]]] = []
    for name, module in list(sys.modules.items()):
        if name.startswith("nbgrader.preprocessors.") and "Gradebook" in vars(module):
            changed.append((module, vars(module)["Gradebook"]))
            vars(module)["Gradebook"] = lambda *_, **__: book
    try:
        yield
    finally:
        for module, original in changed:
            vars(module)["Gradebook"] = original


def check_once() -> None:
    """Leave out checks that say nothing new, half of nbgrader's own time for a submission.

    nbgrader checks its schema of a cell's marks for every cell, nbformat each cell when it is
    made; that schema does not change, and `Conversion` checks whole notebooks after each pass.
    Marks that are as a cell's that was checked are valid. What a worker has checked while it
    rehearsed, the processes forked from it know; what these check ends with their submission.
    """
    nbbase.validate = lambda *_, **__: None
    texts: dict[int, tuple[Any, str]] = {}  # each nbgrader step reads the schema anew
    checkers: dict[str, Any] = {}
    valid: set[tuple[str, str]] = set()

    def validate(instance: Any, schema: Any) -> None:
        _, text = texts.get(id(schema)) or texts.setdefault(id(schema), (schema, _text(schema)))
        marks = text, json.dumps(instance)
        if marks in valid:
            return
        if text not in checkers:
            kind = jsonschema.validators.validator_for(schema)
            kind.check_schema(schema)
            checkers[text] = kind(schema)
        error = jsonschema.exceptions.best_match(checkers[text].iter_errors(instance))
        if error is not None:
            raise error
        if len(valid) < _KNOWN_MARKS:
            valid.add(marks)

    def _text(schema: Any) -> str:
        if len(texts) > _KNOWN_SCHEMAS:
            texts.clear()
        return json.dumps(schema)

    common.jsonschema = SimpleNamespace(validate=validate)
