"""Make a submission whole before it is graded: unreadable files, lost and doubled cells.

Two steps of `nbgrader autograde` are ours. `SubmissionExporter` reads the file, and turns one that
is no notebook into an empty one with a note, so that it costs its owner the points and nobody else
anything. `RestoreCells` lays what was handed in over the instructor's notebook: locked cells and
tests come back to their place, marks on cells are set to what they were, doubles are dropped.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course.grading.cells import is_shown, safe_tex
from course.grading.coursefiles import source_notebook
from course.grading.handedin import take_each_folder

#: A file that is larger is not read; a lesson's notebook with its pictures has about 1 MiB.
MAX_NOTEBOOK_MIB = 50

UNREADABLE_TAG = "unreadable-submission"
#: A file beside the notebook that a browser shows and does not run; formgrader serves any.
_BESIDE = r"(?!\S*\.\.)\w[\w./-]*\.{}(?=[\s)]|$)"
_PICTURE = _BESIDE.format("(?:png|jpe?g|gif)")
_FILE = _BESIDE.format("(?:png|jpe?g|gif|txt|csv|py|md|ipynb)")
#: The middle of a Markdown link that leads neither to a page nor to a file beside the notebook.
_ODD_LINK = re.compile(
    rf"\](\(|:)(?!\s*(?:https?://|mailto:|attachment:|#|{_FILE}))", re.IGNORECASE
)
#: A Markdown picture, from its bracket on, that is in the cell or beside the notebook. Whatever a
#: parser may take for the end of a bracket is left out of its text.
_OWN_PICTURE = re.compile(
    rf"\[[^\[\]\\`<$]*\]\((?:attachment:(?P<name>[\w.-]+)(?=[\s)])|{_PICTURE})",
    re.ASCII | re.IGNORECASE,
)
_MISSING = "This cell was missing from the submission."


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, for which every file is a notebook."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        take_each_folder(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Export a notebook; one that cannot be read becomes an empty one that says so."""
        if not getattr(self.parent, "_sanitizing", True):
            # The second of nbgrader's two passes reads what the first one wrote.
            return super().from_filename(filename, resources=resources, **kw)  # type: ignore[no-any-return]
        try:
            notebook = read_submission(Path(filename))
        except Unreadable as why:
            self.log.warning("%s cannot be read as a notebook: %s", filename, why)
            notebook = _note_of(str(why))
        resources = resources or {}
        resources.setdefault("metadata", {}).setdefault("path", str(Path(filename).parent))
        exported: tuple[NotebookNode, dict[str, Any]]
        exported = self.from_notebook_node(notebook, resources=resources, **kw)
        return exported


class Unreadable(Exception):
    """A file is no notebook; the message says why in the reader's words."""


def read_submission(path: Path) -> NotebookNode:
    """Read what was handed in as a notebook that nbformat accepts.

    Raises
    ------
    Unreadable
        Where it is none.
    """
    if path.is_symlink() or not path.is_file():
        # A link may lead to anybody's notebook, the instructor's included.
        raise Unreadable("a link, a folder or nothing lies in the place of the file")
    try:
        size_mib = path.stat().st_size / 2**20
        if size_mib > MAX_NOTEBOOK_MIB:
            raise Unreadable(f"the file has {size_mib:.0f} MiB; {MAX_NOTEBOOK_MIB} are the most")
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"the file could not be opened ({error.strerror})") from error
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        text = data.decode(json.detect_encoding(data))
        if not text.lstrip().startswith("{"):
            raise Unreadable("the file is not a notebook (it is not JSON)")
        whole = json.loads(text)
        if whole.get("nbformat") != 4:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what is repaired here
                whole = nbformat.reads(text, as_version=4)
        if not isinstance(whole["cells"], list):
            raise TypeError("its cells are no list")
        return _valid_notebook(whole["cells"])
    except UnicodeDecodeError as error:
        raise Unreadable("the file is not a notebook (it is not JSON)") from error
    except Unreadable:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {str(error)[:200]}"
        raise Unreadable(f"the file is damaged ({what})") from error


def _note_of(why: str) -> NotebookNode:
    text = (
        f"**This submission could not be graded: {why}.** Open your notebook in JupyterLab, "
        f"save it, and hand it in again."
    )
    cell = nbformat.v4.new_markdown_cell(text, id=UNREADABLE_TAG)
    cell.metadata["tags"] = [UNREADABLE_TAG]
    return nbformat.v4.new_notebook(cells=[cell])


def _valid_notebook(raw_cells: list[Any]) -> NotebookNode:
    """Build a notebook of what can be used of some cells."""
    cells = [_valid_cell(raw) for raw in raw_cells if isinstance(raw, dict)]
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:
            cell["id"] = nbformat.v4.new_markdown_cell()["id"]
        seen.add(cell.id)
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook["metadata"] = NotebookNode({"language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return notebook


def _valid_cell(cell: dict[str, Any]) -> NotebookNode:
    kind = cell.get("cell_type")
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    valid = make(_writable(text))
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict) and isinstance(marks.get("grade_id"), str):
        valid.metadata["nbgrader"] = {"grade_id": marks["grade_id"]}
    if kind != "code" and isinstance(cell.get("attachments"), dict):
        valid["attachments"] = {
            _writable(name): {mime: data for mime, data in bundle.items() if is_shown(mime, data)}
            for name, bundle in cell["attachments"].items()
            if isinstance(bundle, dict)
        }
    if isinstance(cell.get("id"), str) and nbformat_id(cell["id"]):
        valid["id"] = cell["id"]
    return valid


def _writable(text: str) -> str:
    """Return text that can be written to a file: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def nbformat_id(text: str) -> bool:
    """Say whether this can be a cell's id: 1 to 64 letters, digits, hyphens and underscores.

    >>> nbformat_id("setup"), nbformat_id("")
    (True, False)
    """
    return 0 < len(text) <= 64 and all(c.isascii() and (c.isalnum() or c in "-_") for c in text)


def follow_renames(nb: NotebookNode, names: Mapping[str, str]) -> None:
    """Give cells that were released under another name the one that the lesson has for them now.

    Parameters
    ----------
    nb : NotebookNode
        What was handed in; changed.
    names : mapping of str to str
        The lesson's names of marked cells by the cells' ids, which a new name does not change.
    """
    marked = [cell for cell in nb.cells if "nbgrader" in cell.metadata]
    present = {cell.metadata.nbgrader.get("grade_id") for cell in marked}
    for cell in marked:
        old, new = cell.metadata.nbgrader.get("grade_id"), names.get(cell.id)
        if new and old not in names.values() and new not in present:
            cell.metadata.nbgrader["grade_id"] = new
            present.add(new)


class RestoreCells(NbGraderPreprocessor):
    """Lay a submission over the instructor's notebook.

    The instructor's marked cells come in their order, each with the marks it had; a student's own
    cells stay behind the marked cell that they followed. The text of locked cells is put back by
    nbgrader's `OverwriteCells`, which comes next.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Restore one notebook."""
        about = resources["nbgrader"]
        source = source_notebook(self, about["assignment"], about["notebook"])
        wanted = {c.metadata.nbgrader.grade_id: c for c in source.cells if "nbgrader" in c.metadata}
        follow_renames(nb, {cell.id: grade_id for grade_id, cell in wanted.items()})
        answers, followers = self._sort(nb, wanted)
        cells = list(followers.pop("", []))
        for grade_id, original in wanted.items():
            cells.append(self._restored(original, answers.get(grade_id)))
            cells += followers.pop(grade_id, [])
        _disarm(cells, {cell.source for cell in source.cells})
        _make_ids_differ(cells, {cell.id for cell in wanted.values()})
        nb.cells = cells
        nb.metadata = source.metadata
        return nb, resources

    def _sort(
        self, nb: NotebookNode, wanted: dict[str, NotebookNode]
    ) -> tuple[dict[str, NotebookNode], dict[str, list[NotebookNode]]]:
        """Split the submission into marked cells, by name, and what follows each of them."""
        answers: dict[str, NotebookNode] = {}
        followers: dict[str, list[NotebookNode]] = {}
        last = ""
        for cell in nb.cells:
            grade_id = cell.metadata.pop("nbgrader", {}).get("grade_id")
            if grade_id not in wanted:
                followers.setdefault(last, []).append(cell)
                continue
            if grade_id in answers:
                self.log.warning("Cell '%s' is there more than once", grade_id)
                if _is_solution(wanted[grade_id]):
                    # Which one counts? As in the student's own notebook: all run, the last wins.
                    followers.setdefault(last, []).append(cell)
                continue
            answers[grade_id] = cell
            last = grade_id
        return answers, followers

    def _restored(self, original: NotebookNode, handed_in: NotebookNode | None) -> NotebookNode:
        """Return the student's answer with the instructor's marks, or the instructor's cell."""
        make = nbformat.v4.new_code_cell
        if original.cell_type != "code":
            make = nbformat.v4.new_markdown_cell
        if not _is_solution(original):
            text = original.source
        elif handed_in is not None:
            text = handed_in.source
        else:
            text = f"# {_MISSING}" if original.cell_type == "code" else _MISSING
        if handed_in is None:
            self.log.warning("Cell '%s' was missing; put back", original.metadata.nbgrader.grade_id)
        cell = make(text, id=original.id)
        cell.metadata = NotebookNode(original.metadata)
        return cell


def _disarm(cells: list[NotebookNode], given: set[str]) -> None:
    """Make plain text of HTML in a student's prose, and of links that would run something.

    nbgrader shows it as it is, so that it would run in the browser of whoever grades.
    """
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source not in given:
            text = re.sub(r"<(?=[A-Za-z/!?])", "< ", cell.source)
            text = _without_pictures(_ODD_LINK.sub(r"] \1", text), cell.get("attachments", {}))
            cell.source = safe_tex(text)


def _without_pictures(text: str, attachments: Mapping[str, Any]) -> str:
    """Make links of pictures that are not there, or come from a server: it would know who looks."""

    def kept(sign: re.Match[str]) -> str:
        own = _OWN_PICTURE.match(text, sign.end())
        there = own and (own["name"] is None or attachments.get(own["name"]))
        return "!" if there else "! "

    return re.sub(r"!(?=\[)", kept, text)


def _make_ids_differ(cells: list[NotebookNode], taken: set[str]) -> None:
    """Give a student's own cell another id where it has that of an instructor's cell."""
    for cell in cells:
        if "nbgrader" not in cell.metadata and cell.id in taken:
            cell["id"] = nbformat.v4.new_markdown_cell()["id"]


def _is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.nbgrader.solution)
