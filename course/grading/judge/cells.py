"""Cells and their outputs: running an instructor's, cleaning a student's."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from types import CodeType
from typing import Any

from course.grading.confinement.needs import as_python

_RED = "\x1b[31m{}\x1b[39m"
#: What a graded notebook shows of a student's displays. HTML, JavaScript and SVG are left out:
#: they would run in the browser of whoever grades.
_SHOWN = {"text/plain", "text/latex", "image/png", "image/jpeg", "image/gif"}
#: What of the pictures pasted into prose is kept: pixels, which no browser runs.
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
#: What one cell may show, in characters and in outputs. The student's process holds itself to
#: less, but its word is not taken for it. A whole notebook may show five cells' worth.
MAX_SHOWN_CHARS = 4_000_000
MAX_OUTPUTS = 2000
#: What MathJax makes a link, a style or more code of: formulas need none of it.
_UNSAFE_TEX = re.compile(r"\\(?=(?:href|require|class|cssId|style|unicode|data|csname)\b)")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


def shows_nothing(source: str) -> bool:
    """Say whether a cell does no more than give names to literals.

    >>> shows_nothing("answer = 'not yet'"), shows_nothing("answer = input()")
    (True, False)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python warns of in a literal is shown
            for statement in ast.parse(source).body:
                if not isinstance(statement, ast.Assign):
                    return False
                if not all(isinstance(target, ast.Name) for target in statement.targets):
                    return False
                ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def run_cell(source: str, label: str, namespace: dict[str, Any]) -> Any:
    """Run an instructor's cell as a notebook would; return the value that it would show.

    Returns
    -------
    object
        The value of the last line where that is an expression, ``None`` where it is not or where
        a semicolon ends it.
    """
    body, last = _compiled(source, label)
    exec(body, namespace)
    if last is None:
        return None
    value = eval(last, namespace)
    return None if source.rstrip().endswith(";") else value


@functools.lru_cache(maxsize=256)
def _compiled(source: str, label: str) -> tuple[CodeType, CodeType | None]:
    """Compile a cell, its last expression apart; once for all submissions of a process."""
    tree = ast.parse(as_python(source), filename=f"<{label}>")
    last = tree.body[-1] if tree.body else None
    value = None
    if isinstance(last, ast.Expr):
        tree.body.pop()
        value = compile(ast.Expression(last.value), f"<{label}>", "eval")
    return compile(tree, f"<{label}>", "exec"), value


def score_of(value: Any, points: float) -> float:
    """Return what a test earns that ended with this value.

    Parameters
    ----------
    value : object
        ``None`` for full marks, else the score.
    points : float
        What the test can earn.

    Raises
    ------
    ValueError
        Where the value is no score: an `int` or `float` itself, finite, between 0 and `points`.
    """
    if value is None:
        return points
    if type(value) not in (int, float) or not 0 <= value <= points:  # NaN is not either
        raise ValueError(
            f"the test ended with {value!r:.80}, a {type(value).__name__}; a score is a plain "
            f"number between 0 and {points:g}. This is for the instructor to mend"
        )
    return float(value)


def clean_outputs(outputs: list[Any], room: int = MAX_SHOWN_CHARS) -> list[dict[str, Any]]:
    """Return what may be shown of a cell's outputs, as much as fits into `room` characters."""
    cleaned: list[dict[str, Any]] = []
    for output in outputs[:MAX_OUTPUTS]:
        shown = clean_output(output)
        room -= len(str(shown))
        if room < 0:
            break
        if shown is not None:
            cleaned.append(shown)
    return cleaned


def clean_output(output: Any) -> dict[str, Any] | None:
    """Return what may be shown of an output that a student's process sent.

    Parameters
    ----------
    output : object
        Anything; trusted in nothing.

    Returns
    -------
    dict or None
        A valid output of the notebook format made of plain text and pictures, ``None`` where
        nothing of it can be shown.
    """
    if not isinstance(output, dict):
        return None
    kind = text_of(output.get("output_type"))
    if kind == "stream":
        name = "stderr" if text_of(output.get("name")) == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": text_of(output.get("text"))}
    if kind == "error":
        lines = output.get("traceback")
        traceback = [text_of(line) for line in lines] if isinstance(lines, list) else []
        name, message = text_of(output.get("ename")), text_of(output.get("evalue"))
        return {"output_type": kind, "ename": name, "evalue": message, "traceback": traceback}
    if kind not in ("display_data", "execute_result") or not isinstance(output.get("data"), dict):
        return None
    data = {mime: text for mime, text in output["data"].items() if is_shown(mime, text)}
    if not data:
        return None
    if "text/latex" in data:
        data["text/latex"] = safe_tex(data["text/latex"])
    cleaned: dict[str, Any] = {"output_type": kind, "data": data, "metadata": {}}
    if kind == "execute_result":
        count = output.get("execution_count")
        known = type(count) is int and 0 <= count < 2**31
        cleaned["execution_count"] = count if known else None
    return cleaned


def text_of(told: Any) -> str:
    """Return a text that a student's process sent, ``""`` where it sent something else.

    That may be an array, which is neither true nor false, or a number too long to be written.
    """
    return told if isinstance(told, str) else ""


def safe_tex(text: str) -> str:
    r"""Return text with formulas in which a click or a look does nothing.

    >>> safe_tex(r"$\alpha \href{javascript:f()}{x}$")
    '$\\alpha href{javascript:f()}{x}$'
    """
    return _UNSAFE_TEX.sub("", text)


def is_shown(mime: Any, text: Any) -> bool:
    """Say whether a representation of a display is text or a picture that does nothing."""
    if not isinstance(mime, str) or mime not in _SHOWN or not isinstance(text, str):
        return False
    return mime.startswith("text/") or bool(_BASE64.fullmatch(text))


def is_picture(mime: Any, data: Any) -> bool:
    """Say whether an attachment of a cell is a picture that does nothing.

    >>> is_picture("image/webp", "UklGRg=="), is_picture("image/svg+xml", "PHN2Zz4=")
    (True, False)
    """
    if not isinstance(mime, str) or mime not in _PICTURES or not isinstance(data, str):
        return False
    return bool(data.strip()) and bool(_BASE64.fullmatch(data))


def error_output(name: str, message: str) -> dict[str, Any]:
    """Return an error as notebooks keep it, without any line of code."""
    lines = [f"{_RED.format(name)}: {message}"]
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}


def result_output(score: float) -> dict[str, Any]:
    """Return a score as nbgrader reads it: the value that a test cell shows."""
    data = {"text/plain": repr(score)}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None}


@functools.lru_cache(maxsize=256)
def compile_cell(source: str, label: str) -> Any:
    """Compile an instructor's cell, magics and all."""
    return compile(as_python(source), f"<{label}>", "exec")
