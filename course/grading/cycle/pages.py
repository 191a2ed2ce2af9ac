"""The pages a submission is read in. Feedback: one file that runs nothing and asks nobody.

What a student wrote was cleaned when it was graded, see `restore` and `judge.cells`. This is the
second wall: where a page still held a script or the address of a picture, the browser of whoever
opens it is told to leave both alone.
"""

from __future__ import annotations

import html
import re
from typing import Any

import nbformat
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets import List, default
from traitlets.config import Config

from course.grading.judge.cells import claim_of
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
#: An entry of nbgrader's index: where it leads, and what it says; and what comes after the index.
_ENTRY = re.compile(
    r'(?P<link><a href="#(?P<name>[^"]*)">)'
    r"(?P<kind>Test cell|Coding free-response|Written response|Task|Comment)</a>"
)
_END_OF_INDEX = '<div class="panel-body">'
#: Fonts that Bootstrap would load, and the page does not use.
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")


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


class FeedbackExporter(HTMLExporter):
    """nbgrader's feedback page, closed: see the module.

    Formulas stay as they were written, since what sets them is a script from a server.
    """

    @default("embed_images")
    def _embed_images_default(self) -> bool:
        """Put the lesson's own pictures into the page: it loads no file either."""
        return True

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Export one graded notebook."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        return closed(named(page, nb)), resources

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        """Render prose; what cannot be rendered is shown as it was written."""
        try:
            return str(super().markdown2html(context, source))
        except Exception as error:  # a picture that is not there must not cost the whole page
            self.log.warning("Prose is shown as text: %s: %s", type(error).__name__, error)
            return f"<pre>{html.escape(source)}</pre>"


def page_of(
    course: CourseDirectory, config: Config, lesson: Lesson, notebook: str, marks: Marks
) -> str:
    """Return the feedback page of one graded notebook, without a gradebook.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    config : Config
        Its settings.
    lesson : Lesson
        As it is in ``source/``, where its pictures lie.
    notebook : str
        The graded notebook's text.
    marks : Marks
        What it earned.
    """
    nb = nbformat.reads(notebook, as_version=4)
    for cell in nb.cells:
        about = cell.metadata.get("nbgrader", {})
        name = about.get("grade_id")
        if name in marks.scores:
            about.update(score=marks.scores[name] or 0.0, points=marks.points[name])
        if name in marks.comments:
            about["comment"] = marks.comments[name]
    about = {"notebook": lesson.name, "assignment": lesson.id, "late_penalty": 0}
    about |= {"score": marks.total(), "max_score": sum(marks.points.values())}
    converter = GenerateFeedback(coursedir=course, config=config)
    exporter = FeedbackExporter(config=converter.config)
    for step in converter.preprocessors:
        if not issubclass(step, GetGrades):  # which were given
            exporter.register_preprocessor(step, enabled=True)
    resources = {"nbgrader": about, "metadata": {"path": str(lesson.path.parent)}}
    return exporter.from_notebook_node(nb, resources)[0]


def named(page: str, nb: NotebookNode) -> str:
    """Return a page whose index tells its entries apart: tests by their claims, others by name.

    nbgrader's index says "Test cell" of every test.

    Parameters
    ----------
    page : str
        The feedback page.
    nb : NotebookNode
        The graded notebook.
    """
    index, found, rest = page.partition(_END_OF_INDEX)
    claims = {}
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        claims[name] = claim_of(cell.source) if cell.cell_type == "code" else ""

    def entry(match: re.Match[str]) -> str:
        name, kind = html.unescape(match["name"]), match["kind"]
        claim = claims.get(name.removeprefix("comment-"), "") if kind == "Test cell" else ""
        phrase = name.removeprefix("comment-").replace("_", " ")
        return f"{match['link']}{html.escape(claim or f'{kind}: {phrase}')}</a>"

    return _ENTRY.sub(entry, index) + found + rest


def closed(page: str) -> str:
    """Return a page without the template's scripts and fonts, and with a policy against others.

    Raises
    ------
    ValueError
        Where there is no head to put the policy into.

    Examples
    --------
    >>> closed("<head><script src='https://cdn'></script></head>").splitlines()[-1]
    '<meta name="referrer" content="no-referrer"></head>'
    """
    page = _FONT_FACE.sub("", _SCRIPT.sub("", page))
    if "<head>" not in page:
        raise ValueError("the feedback template has no <head> to put a policy into")
    return page.replace("<head>", f"<head>\n{_HEAD}", 1)
