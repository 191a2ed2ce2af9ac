"""A lesson's prose as students get it, and back: pictures inside, and claims above their tests."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Container, Iterable
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell

from course.bootstrap.words import command
from course.figures.drawing import SHRINKS_TO
from course.lessons import claim_of, role_of

#: The summary of the fold that has what more is said of a claim.
MORE = "More about this claim"
#: What stands above the claims that follow each other, which are collapsed below it.
ONE_BY_ONE = "The claims, one by one"
#: How JupyterLab and Notebook know a heading that hides what follows, as far as the next.
COLLAPSED = "jp-MarkdownHeadingCollapsed"
_ONE_BY_ONE = re.compile(rf"#{{2,6}} {ONE_BY_ONE}")
#: A Markdown picture of a lesson: beside the notebook, or in it, as wide as it was drawn.
_PICTURE = re.compile(
    r'(?:<div style="max-width: \d+px[^"]*">(?:<div style="min-width: \d+px">)?\n\n)?'
    r"(?P<text>!\[[^\n]*?\])\((?P<place>images/|attachment:)(?P<name>[\w.-]+)\.(?:svg|png)\)"
    r"(?:\n\n(?:</div>){1,2})?"
)
#: A link that leads out of the lessons: dead where a notebook is alone, or a server's folder ends.
_OUTSIDE = re.compile(r"\[([^\]]*)\]\(\.\./\.\./[^)\s]*\)")
#: A claim as `with_claims` writes it.
_CLAIM = re.compile(
    r"\*\*Claim, \S+ points?\.\*\* (?P<claim>[^\n]*)"
    rf"(?:\n\n<details><summary>{MORE}</summary>\n\n(?P<more>.*)\n\n</details>)?",
    re.DOTALL,
)


def in_one_form(source: str) -> str:
    r"""Return prose that says of a lesson's pictures and of the course's files their names alone.

    >>> in_one_form("![A cell.](images/cell.svg)")
    '![A cell.](cell)'
    >>> in_one_form('<div style="max-width: 9px">\n\n![A cell.](attachment:cell.png)\n\n</div>')
    '![A cell.](cell)'
    >>> in_one_form(
    ...     '<div style="max-width: 9px; overflow-x: auto"><div style="min-width: 8px">\n\n'
    ...     "![A cell.](attachment:cell.png)\n\n</div></div>"
    ... )
    '![A cell.](cell)'
    >>> in_one_form("[`docs/a.md`](../../docs/a.md) says more")
    '`docs/a.md` says more'
    """
    return _OUTSIDE.sub(r"\1", _PICTURE.sub(r"\g<text>(\g<name>)", source))


def embed(nb: NotebookNode, folder: Path) -> None:
    """Put pictures into the notebook, of prose that nobody grades: the PNG beside each SVG.

    Of links to files outside the lessons their text stays, which names the file.

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
    for cell in filter(_is_plain_text, nb.cells):

        def put(found: re.Match[str], cell: NotebookNode = cell) -> str:
            if found["place"] != "images/":
                return found[0]
            name = f"{found['name']}.png"
            path = folder / "images" / name
            if not path.is_file():
                raise FileNotFoundError(f"there is no {path}: run `{command('build pictures')}`")
            picture = path.read_bytes()
            data = base64.b64encode(picture).decode("ascii")
            cell.setdefault("attachments", NotebookNode())[name] = {"image/png": data}
            width = _width_of(path)
            shown = f"{found['text']}(attachment:{name})"
            return (
                f'<div style="max-width: {width}px; overflow-x: auto">'
                f'<div style="min-width: {math.ceil(SHRINKS_TO * width)}px">'
                f"\n\n{shown}\n\n</div></div>"
            )

        cell.source = _OUTSIDE.sub(r"\1", _PICTURE.sub(put, cell.source))


def with_claims(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Collapse each test cell below what it claims, and claims in a row below one heading.

    What more is said of a claim is folded. What follows the claims is collapsed with them as far as
    the next heading, so that they stay open where a text without one comes next.

    Parameters
    ----------
    cells : list of NotebookNode
        The instructor's, which are changed.

    Returns
    -------
    list of NotebookNode
        The same, a text above each test that had none, and the headings.
    """
    shown: list[NotebookNode] = []
    starts: list[int] = []  # where a test with its claim begins, and is not the next to another
    end = -1
    for cell in cells:
        if role_of(cell) == "test":
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
            if not shown or not _is_plain_text(shown[-1]):
                shown.append(new_markdown_cell(id=f"{cell.id}_claim"[:64]))
            line = claim_line(cell.source, cell.metadata.nbgrader.points)
            shown[-1].source = _with_claim(shown[-1].source, line)
            if end != len(shown) - 1:
                starts.append(len(shown) - 1)
            end = len(shown) + 1
        shown.append(cell)
    for start in reversed(starts):
        _put_heading(shown, start)
    return shown


def _put_heading(cells: list[NotebookNode], start: int) -> None:
    """Put a heading above claims in a row, one level below what they stand under."""
    end = start
    while end + 1 < len(cells) and role_of(cells[end + 1]) == "test":
        end += 2
    if end == start + 2:
        return  # one alone is as short as a heading
    above = next(filter(None, (_level(cell) for cell in reversed(cells[:start]))), 1)
    level = min(above + 1, 6)
    heading = new_markdown_cell(f"{'#' * level} {ONE_BY_ONE}", id=f"{cells[start].id}s"[:64])
    if end == len(cells) or 0 < _level(cells[end]) <= level:
        heading.metadata[COLLAPSED] = True
    cells.insert(start, heading)


def _level(cell: NotebookNode) -> int:
    """Return the level of the heading that a text begins with, 0 where it begins with none."""
    found = re.match(r"(#{1,6}) ", cell.source) if cell.cell_type == "markdown" else None
    return len(found[1]) if found else 0


def claim_line(source: str, points: float) -> str:
    r"""Return what is said above a test cell.

    Examples
    --------
    >>> claim_line("# Zeros give zeros.\nassert f(0) == 0", 1.5)
    '**Claim, 1.5 points.** Zeros give zeros.'
    """
    return f"**Claim, {points:g} {'point' if points == 1 else 'points'}.** {claim_of(source)}"


def claims_in(*notebooks: Iterable[NotebookNode]) -> set[str]:
    """Return what the code cells of notebooks begin with, tests among them with their claims."""
    code = (cell for cells in notebooks for cell in cells if cell.cell_type == "code")
    return {claim_of(cell.source) for cell in code if cell.source.startswith("#")}


def as_released(cell: NotebookNode, claims: Container[str]) -> str:
    """Return a cell's text in one form, whether it is a submission's or was taken back.

    ``""`` stands for a claim, or a heading of claims, that only the release has. A text that says
    more than one of these claims is somebody's own, and stays.
    """
    if not _is_plain_text(cell):
        return str(cell.source)
    if _ONE_BY_ONE.fullmatch(cell.source.strip()):
        return ""
    found = _CLAIM.fullmatch(cell.source.strip())
    known = found and found["claim"].strip() in claims
    return in_one_form((found["more"] or "") if found and known else cell.source)


def taken_back(
    cells: list[NotebookNode], own: list[NotebookNode], claims: Container[str]
) -> list[NotebookNode]:
    """Give prose that is as it was released the instructor's text; leave out claims added to it.

    Parameters
    ----------
    cells : list of NotebookNode
        Of a submission, changed in place.
    own : list of NotebookNode
        The instructor's.
    claims : container of str
        What tests claim, and claimed when the notebook was handed out: see `claims_in`.

    Returns
    -------
    list of NotebookNode
        Of the submission, without what only the release has.
    """
    given = {in_one_form(cell.source): cell.source for cell in filter(_is_plain_text, own)}
    kept = []
    for cell in cells:
        if _is_plain_text(cell):
            text = as_released(cell, claims)
            if not text and cell.source:
                continue
            if text in given and cell.source != given[text]:
                cell.source = given[text]
                cell.pop("attachments", None)
        kept.append(cell)
    return kept


def _width_of(picture: Path) -> int:
    """Return how wide a PNG is shown: as its drawing says, or else at two of its pixels for one."""
    drawing = picture.with_suffix(".svg")
    if drawing.is_file():
        found = re.search(r'<svg[^>]*? width="([\d.]+)"', drawing.read_text(encoding="utf-8"))
        if found:
            return round(float(found[1]))
    return int.from_bytes(picture.read_bytes()[16:20], "big") // 2  # where each PNG says it


def _is_plain_text(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and "nbgrader" not in cell.metadata


def _with_claim(text: str, line: str) -> str:
    if not text:
        return line
    return f"{line}\n\n<details><summary>{MORE}</summary>\n\n{text}\n\n</details>"
