"""A lesson's pictures inside its released notebook, so that the one file is enough."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from nbformat.notebooknode import NotebookNode

#: A Markdown picture that lies beside the notebook.
_SHOWN = re.compile(r"\]\(images/([\w.-]+\.(svg|png))\)")
_MIMES = {"svg": "image/svg+xml", "png": "image/png"}


def embedded(source: str) -> str:
    """Return prose that takes its pictures from the notebook itself.

    >>> embedded("![A cell.](images/cell.svg)")
    '![A cell.](attachment:cell.svg)'
    """
    return _SHOWN.sub(r"](attachment:\1)", source)


def embed(nb: NotebookNode, folder: Path) -> None:
    """Put pictures into the notebook, of prose that nobody grades.

    Parameters
    ----------
    nb : NotebookNode
        Changed in place.
    folder : Path
        Where the notebook lies.

    Raises
    ------
    OSError
        Where a picture cannot be read.
    """
    for cell in nb.cells:
        if cell.cell_type != "markdown" or "nbgrader" in cell.metadata:
            continue
        for name, kind in _SHOWN.findall(cell.source):
            data = base64.b64encode((folder / "images" / name).read_bytes()).decode("ascii")
            cell.setdefault("attachments", NotebookNode())[name] = {_MIMES[kind]: data}
        cell.source = embedded(cell.source)


def take_out(cells: list[NotebookNode], own: list[NotebookNode]) -> None:
    """Give prose that is as it was released the instructor's text, whose pictures lie beside.

    Parameters
    ----------
    cells : list of NotebookNode
        Of a submission; changed in place.
    own : list of NotebookNode
        The instructor's.
    """
    texts = {embedded(cell.source): cell.source for cell in own if cell.cell_type == "markdown"}
    for cell in cells:
        given = texts.get(cell.source, cell.source)
        if cell.cell_type == "markdown" and given != cell.source:
            cell.source = given
            cell.pop("attachments", None)
