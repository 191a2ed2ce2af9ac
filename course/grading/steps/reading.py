"""What was handed in, read as a notebook: whatever lies in the file.

A file that is no notebook becomes an empty one with a note, so that it costs its owner the points
and nobody else anything.
"""

from __future__ import annotations

import json
import re
import stat
import warnings
from collections.abc import Callable, Iterable, Mapping
from logging import Logger
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from course.bootstrap.words import told
from course.grading.judge.cells import is_picture
from course.grading.records.handedin import cannot_read, read_file
from course.grading.steps.notebook_cells import new_cell, new_id
from course.grading.steps.putback import is_as_released

#: A file that is larger is not read; a lesson's notebook with its pictures has about 1 MiB.
MAX_NOTEBOOK_MIB = 50

UNREADABLE_TAG = "unreadable-submission"
#: Byte order marks and blanks before a notebook's first bracket.
_MARKS = b"\xef\xbb\xff\xfe\0 \t\r\n"
#: What editors and disks leave around a text.
_PADDING = "\ufeff\0\x1a"
_MERGE = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)
_UNMERGE = (
    "JupyterLab cannot open it either. Take one of the two versions as it was (`git checkout "
    "--ours` or `--theirs`, and the file's name), look at it in JupyterLab, save it, and hand it "
    "in again"
)
_NO_FILE = "a link, a folder or nothing lies in the place of the file"
_SMALLER = (
    "Open your notebook in JupyterLab, choose Edit, Clear Outputs of All Cells, delete large "
    "pictures from its text cells, save it, and hand it in again"
)
_ENCODE = (
    "JupyterLab cannot open it either. Open it in a text editor (in Notepad or VS Code: Save as, "
    "or Save with Encoding, UTF-8), save it in UTF-8, and hand it in again"
)
#: What some programs call a picture's MIME type.
_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}


def read_or_note(path: Path, log: Logger) -> NotebookNode:
    """Read what was handed in; what cannot be read becomes a notebook that says so."""
    try:
        return read_submission(path, lambda what: log.warning("%s: %s", path, what))
    except Unreadable as why:
        log.warning("%s cannot be read as a notebook: %s", path, why)
        return _note_of(why)


class Unreadable(Exception):
    """A file is no notebook.

    Parameters
    ----------
    why : str
        In the reader's words.
    remedy : str, optional
        What its owner can do about it.
    """

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(why)
        self.remedy = remedy or "Open your notebook in JupyterLab, save it, and hand it in again"


def read_submission(path: Path, tell: Callable[[str], None] = lambda what: None) -> NotebookNode:
    """Read what was handed in as a notebook that nbformat accepts.

    Parameters
    ----------
    path : Path
        The file.
    tell : callable, optional
        Called with what is odd about it, where it is read all the same.

    Raises
    ------
    Unreadable
        Where it is none.
    CannotRead
        Where it cannot be read, which is no doing of its owner's.
    """
    try:
        about = path.lstat()
    except FileNotFoundError:
        raise Unreadable(_NO_FILE) from None
    except OSError as error:
        raise cannot_read(error, path) from error
    if not stat.S_ISREG(about.st_mode):
        # A link may lead to anybody's notebook, the instructor's included.
        raise Unreadable(_NO_FILE)
    size_mib = about.st_size / 2**20
    if size_mib > MAX_NOTEBOOK_MIB:
        raise Unreadable(
            f"the file has {size_mib:.0f} MiB; {MAX_NOTEBOOK_MIB} are the most", _SMALLER
        )
    data = read_file(path)
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        encoding = json.detect_encoding(data)
        text = data.decode(encoding).strip(_PADDING)
        if not text.lstrip().startswith("{"):
            raise Unreadable("the file is not a notebook (it is not JSON)")
        whole = json.loads(text)
        if whole.get("nbformat") != 4:
            whole = _of_another_version(whole, text, tell)
        if not isinstance(whole["cells"], list):
            raise TypeError("its cells are no list")
        return _valid_notebook(whole["cells"])
    except UnicodeDecodeError as error:
        if data.lstrip(_MARKS).startswith(b"{"):
            why = f"the file is not in the encoding UTF-8 ({_encoding_of(data)})"
            raise Unreadable(why, _ENCODE) from error
        raise Unreadable("the file is not a notebook (it is not JSON)") from error
    except (Unreadable, MemoryError):  # the second is no doing of the owner's
        raise
    except Exception as error:
        if _MERGE.search(data):
            raise Unreadable(
                "the file is damaged (git has left marks of a merge in it)", _UNMERGE
            ) from error
        what = told(error, 200)
        raise Unreadable(f"the file is damaged ({what})") from error


def _of_another_version(
    whole: dict[str, Any], text: str, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Return what is version 4 but for its number, or becomes it; no mark hangs on the number."""
    version, cells = whole.get("nbformat"), whole.get("cells")
    if isinstance(cells, list) and any(isinstance(cell, dict) for cell in cells):
        tell(f"its version of notebooks is {version!r:.40}, expected 4; read as 4")
        return whole
    if type(version) is not int:
        raise Unreadable("the file is damaged (it does not say which version of notebooks it is)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is repaired here
        converted: dict[str, Any] = nbformat.reads(text, as_version=4)
    return converted


def _encoding_of(data: bytes) -> str:
    """Say what a text that is not UTF-8 may be written in."""
    if json.detect_encoding(data).startswith("utf-16") or b"\0" in data[:64]:
        return "it looks like UTF-16"
    return "it looks like Latin-1 or Windows-1252"


def _note_of(why: Unreadable) -> NotebookNode:
    text = f"**This submission could not be graded: {why}.** {why.remedy}."
    return _notebook([new_cell("markdown", text, UNREADABLE_TAG, tags=[UNREADABLE_TAG])])


def _valid_notebook(raw_cells: list[Any]) -> NotebookNode:
    """Build a notebook of what can be used of some cells."""
    cells = [_valid_cell(raw) for raw in raw_cells if isinstance(raw, dict)]
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:
            cell["id"] = new_id()
        seen.add(cell.id)
    notebook = _notebook(cells, language_info={"name": "python"})
    nbformat.validate(notebook)
    return notebook


def _notebook(cells: list[NotebookNode], **metadata: Any) -> NotebookNode:
    about = NotebookNode(metadata)
    return NotebookNode(cells=cells, metadata=about, nbformat=4, nbformat_minor=5)


def _valid_cell(cell: dict[str, Any]) -> NotebookNode:
    kind = cell.get("cell_type")
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    valid = new_cell(kind, _writable(text))
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(marks, dict) and isinstance(marks.get("grade_id"), str):
        valid.metadata["nbgrader"] = {
            "grade_id": marks["grade_id"],
            "as_released": is_as_released(valid, marks),
        }
    if kind != "code" and isinstance(cell.get("attachments"), dict):
        valid["attachments"] = {
            _writable(name): _pictures(bundle)
            for name, bundle in cell["attachments"].items()
            if isinstance(bundle, dict)
        }
    if isinstance(cell.get("id"), str) and nbformat_id(cell["id"]):
        valid["id"] = cell["id"]
    return valid


def _pictures(bundle: dict[str, Any]) -> dict[str, str]:
    """Return what of an attachment is a picture, by the MIME types that browsers know."""
    known = {_ALIASES.get(mime, mime): data for mime, data in bundle.items()}
    joined = {m: "".join(d) if _is_lines(d) else d for m, d in known.items()}
    return {mime: data for mime, data in joined.items() if is_picture(mime, data)}


def _is_lines(data: Any) -> bool:
    return isinstance(data, list) and all(isinstance(line, str) for line in data)


def _writable(text: str) -> str:
    """Return text that can be written to a file: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def nbformat_id(text: str) -> bool:
    """Say whether this can be a cell's id: 1 to 64 letters, digits, hyphens and underscores.

    >>> nbformat_id("setup"), nbformat_id("")
    (True, False)
    """
    return 0 < len(text) <= 64 and all(c.isascii() and (c.isalnum() or c in "-_") for c in text)


def follow_renames(cells: Iterable[NotebookNode], names: Mapping[str, str]) -> None:
    """Give cells that were released under another name the one that the lesson has for them now.

    Parameters
    ----------
    cells : iterable of NotebookNode
        What was handed in; changed.
    names : mapping of str to str
        The lesson's names of marked cells by the cells' ids, which a new name does not change.
    """
    marked = [cell for cell in cells if "nbgrader" in cell.metadata]
    present = {cell.metadata.nbgrader.get("grade_id") for cell in marked}
    for cell in marked:
        old, new = cell.metadata.nbgrader.get("grade_id"), names.get(cell.id)
        if new and old not in names.values() and new not in present:
            cell.metadata.nbgrader["grade_id"] = new
            present.add(new)
