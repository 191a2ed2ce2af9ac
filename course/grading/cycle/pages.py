"""The pages a submission is read in. Feedback: one file that runs nothing and asks nobody.

What a student wrote was cleaned when it was graded, see `restore` and `judge.cells`. This is the
second wall: where a page still held a script or the address of a picture, the browser of whoever
opens it is told to leave both alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import BytecodeCache, Environment, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor, Preprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import List, default
from traitlets.config import Config

from course.bootstrap.files import read_json_object
from course.grading.cycle.formulas import drawn
from course.grading.cycle.told import summarized
from course.grading.records.lateness import how_late
from course.grading.records.marks import Marks
from course.grading.steps.notebook_cells import hide
from course.lessons import Lesson

#: Styles and pictures that are in the page itself, and nothing else.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
_HEAD = (
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
    '<meta name="referrer" content="no-referrer">'
)
_SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
TEMPLATES = Path(__file__).parent / "templates"


class _Compiled(BytecodeCache):
    """Keeps compiled templates in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give out what is kept of a template."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class EscapeNames(Preprocessor):
    """Make text of the names that formgrader's page puts between its tags as they are."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Escape the names: a student's folder may have any."""
        for name in ("student", "last_name", "first_name", "notebook_path"):
            if isinstance(resources.get(name), str):
                resources[name] = html.escape(resources[name])
        return nb, resources


class HideTests(NbGraderPreprocessor):
    """Leave hidden tests and marking schemes out of feedback pages.

    nbgrader's own steps of this kind stop at a student's cell that holds their marks; this one
    looks at the instructor's cells alone.
    """

    display_data_priority = List(help="Set by the HTML exporter, of no use here.").tag(config=True)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Hide the hidden part of one test or task."""
        if is_task(cell) or (is_grade(cell) and not is_solution(cell)):
            cell.source = hide(cell.source)
        return cell, resources


class GivenMarks(GetGrades):
    """Write what the gradebook has into the notebook, and which cells wait for a person."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Write it; say how late the submission is, too."""
        nb, resources = super().preprocess(nb, resources)
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            about["late"] = how_late(gradebook, about["assignment"], about["student"])
        return nb, resources

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        waits = grade.needs_manual_grade and grade.manual_score is None
        cell.metadata.nbgrader["waits"] = bool(waits)


class _Renderer(IPythonRenderer):
    """Renders prose, formulas drawn."""

    def block_math(self, body: str) -> str:
        return drawn(body, is_block=True)

    def inline_math(self, body: str) -> str:
        return drawn(body, is_block=False)


class FeedbackExporter(HTMLExporter):
    """A feedback page, closed: see the module. Mistakes and claims stand before the notebook."""

    def __init__(self, config: Config | None = None, **settings: Any) -> None:
        own = Config()  # nbgrader names a template of its own
        own.FeedbackExporter.template_name = "feedback"
        own.FeedbackExporter.template_file = "index.html.j2"  # and not Formgrader's
        own.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
        own.FeedbackExporter.exclude_anchor_links = True
        own.merge(config or Config())
        super().__init__(config=own, **settings)

    @default("embed_images")
    def _embed_images_default(self) -> bool:
        """Put the lesson's own pictures into the page: it loads no file either."""
        return True

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Export one graded notebook."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        return closed(page), resources

    def _create_environment(self) -> Environment:
        """Compile templates once in a process: that takes half of the time of a page."""
        environment: Environment = super()._create_environment()
        environment.bytecode_cache = _COMPILED
        return environment

    def _preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Take the steps; then what the page says first can be told."""
        nb, resources = super()._preprocess(nb, resources)
        about = resources.get("nbgrader", {})
        report = about.get("report")
        if report is None:
            folder = Path(resources.get("metadata", {}).get("path") or ".")
            report = read_json_object(folder / f"{about.get('notebook')}.diagnosis.json")
        style = (TEMPLATES / "feedback" / "feedback.css").read_text(encoding="utf-8")
        resources["feedback"] = summarized(nb, about, report, style)
        return nb, resources

    @pass_context
    def markdown2html(
        self, context: Context, source: str, attachments: Mapping[str, Any] | None = None
    ) -> str:
        """Render prose; what cannot be rendered is shown as it was written.

        In nbconvert's templates the cell with the attachments is in the context.
        """
        try:
            renderer = _Renderer(
                escape=False,
                attachments=attachments or context.get("cell", {}).get("attachments", {}),
                embed_images=self.embed_images,
                path=context.get("resources", {}).get("metadata", {}).get("path", ""),
                exclude_anchor_links=self.exclude_anchor_links,
            )
            return str(MarkdownWithMath(renderer=renderer).render(source))
        except Exception as error:  # a picture that is not there must not cost the whole page
            self.log.warning("Prose is shown as text: %s: %s", type(error).__name__, error)
            return f"<pre>{html.escape(source)}</pre>"


def page_of(
    config: Config,
    lesson: Lesson,
    notebook: str,
    marks: Marks,
    report: Mapping[str, Any],
    said: Sequence[str] = (),
) -> str:
    """Return the feedback page of one graded notebook, without a gradebook.

    Parameters
    ----------
    config : Config
        The course's settings.
    lesson : Lesson
        As it is in ``source/``, where its pictures lie.
    notebook : str
        The graded notebook's text.
    marks : Marks
        What it earned.
    report : mapping
        The judge's diagnoses.
    said : sequence of str, optional
        What stands behind the points.
    """
    nb = nbformat.reads(notebook, as_version=4)
    for cell in nb.cells:
        given = cell.metadata.get("nbgrader", {})
        name = given.get("grade_id")
        if name in marks.scores:
            score = marks.scores[name]
            given.update(score=score or 0.0, points=marks.points[name], waits=score is None)
        if name in marks.comments:
            given["comment"] = marks.comments[name]
    exporter = FeedbackExporter(config=config)
    for step in (HideTests, CSSHTMLHeaderPreprocessor):
        exporter.register_preprocessor(step, enabled=True)
    about = {"notebook": lesson.name, "assignment": lesson.id, "report": report, "said": said}
    resources = {"nbgrader": about, "metadata": {"path": str(lesson.path.parent)}}
    page: str = exporter.from_notebook_node(nb, resources)[0]
    return page


def closed(page: str) -> str:
    """Return a page without scripts, and with a policy against others.

    Raises
    ------
    ValueError
        Where there is no head to put the policy into.

    Examples
    --------
    >>> closed("<head><script src='https://cdn'></script></head>").splitlines()[-1]
    '<meta name="referrer" content="no-referrer"></head>'
    """
    page = _SCRIPT.sub("", page)
    if "<head>" not in page:
        raise ValueError("the feedback template has no <head> to put a policy into")
    return page.replace("<head>", f"<head>\n{_HEAD}", 1)
