"""Show a report: text in plain Python, a table and a picture in a notebook."""

from __future__ import annotations

import base64
import io
import re
import sys
from html import escape

from course.checks.dashboard.report import (
    FAILS,
    HOLDS,
    Report,
    advice,
    as_text,
    headline,
    picture_of,
    shown_columns,
)

_COLOURS = {HOLDS: "#009E73", FAILS: "#D55E00"}
#: Of a picture: dots per inch, and to which part it shrinks where the page is narrow. Its smallest
#: letters, of 9 points, are then shown of 11 pixels.
_DPI, _SHRINKS_TO = 110, 0.8
_WORDS = {HOLDS: "holds", FAILS: "does not hold"}


def show(report: Report) -> None:
    """Show a report where the reader is."""
    show_both(as_text(report), as_html(report))


def show_both(text: str, html: str) -> None:
    """Show what is said in two ways: HTML in a notebook, plain text elsewhere."""
    if in_notebook():
        from IPython.display import display

        display({"text/plain": text, "text/html": html}, raw=True)
    else:
        print(text)


def show_unknown(name: str, known: tuple[str, ...]) -> None:
    """Say that no exercise has this function's name."""
    print(f"No exercise asks for a function named {name}. There are: {', '.join(known)}.")


def in_notebook() -> bool:
    """Say whether a Jupyter kernel shows what is displayed."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def as_html(report: Report) -> str:
    """Return a report as HTML, in the colours of the page around it."""
    columns = shown_columns(report)
    parts = [f"<p><strong>{escape(headline(report))}</strong></p>"]
    head = "".join(
        f'<th scope="col">{escape(heading)}</th>' if heading else "<td></td>"
        for _, heading in columns
    )
    parts.append('<table style="margin: 0 0 0.8em 0">')
    parts.append(
        f'<thead><tr><th scope="col" style="text-align: left">check</th>{head}</tr></thead>'
    )
    parts += [_row(sentence, marks, columns) for sentence, marks in report.table]
    parts.append("</table>")
    for label, words in advice(report):
        parts.append(
            f'<p style="max-width: 46em; margin: 0.3em 0"><strong>{escape(label)}:</strong> '
            f"{words_html(words)}</p>"
        )
    return "\n".join(parts) + _image(report)


def _row(sentence: str, marks: dict[str, str], columns: list[tuple[str, str]]) -> str:
    cells = "".join(
        f'<td style="text-align: center">{mark_html(marks[name]) if name in marks else ""}</td>'
        for name, _ in columns
    )
    return f'<tr><td style="text-align: left">{escape(sentence)}</td>{cells}</tr>'


def words_html(words: str) -> str:
    """Return words with their lines; where numbers stand below numbers, in letters of one width."""
    letters = "; font-family: var(--jp-code-font-family, monospace)" if "\ngot " in words else ""
    return f'<span style="white-space: pre-wrap{letters}">{code_html(words)}</span>'


def code_html(words: str) -> str:
    """Return words in which what stands between backticks is code."""
    return re.sub("`([^`\\n]+)`", r"<code>\1</code>", escape(words))


def mark_html(mark: str) -> str:
    """Return a mark in its colour, with its meaning in a word."""
    colour = _COLOURS.get(mark, "inherit")
    said = _WORDS.get(mark, "not checked yet")
    return (
        f'<span role="img" aria-label="{said}" title="{said}" '
        f'style="color: {colour}; font-weight: bold">{mark}</span>'
    )


def _image(report: Report) -> str:
    drawn = picture_of(report)
    if drawn is None:
        return ""
    figure, alt = drawn
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=_DPI)
    data = base64.b64encode(content.getvalue()).decode("ascii")
    least = round(_SHRINKS_TO * _DPI * figure.get_figwidth())
    return (
        f'\n<img alt="{escape(alt)}" style="max-width: max(100%, {least}px)" '
        f'src="data:image/png;base64,{data}">'
    )
