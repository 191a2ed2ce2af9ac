"""``learner.grade()``: the hidden tests, from a cell of the notebook."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from course.learner import asking
from course.lessons import course_root, defined_names, source_text


class Answer:
    """What the course has to say of a notebook, shown where a cell ends in it."""

    def __init__(self, text: str, html: str = "") -> None:
        self.text = text
        self._html = html

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str | None:
        return self._html or None


def grade() -> Answer:
    """Save the notebook first; then run the hidden tests of a class on it, as it was saved.

    Returns
    -------
    Answer
        Points, mistakes by their names, and where the feedback page is.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return Answer("Not graded here: this is a check of the tests that you can see.")
    notebook = this_notebook()
    if notebook is None:
        return Answer(
            "Which notebook this is cannot be told here. In the course's folder, "
            "`python3 -m course check FILE.ipynb` grades it."
        )
    if unsaved := not_saved(notebook):
        return Answer(
            f"Not graded: {notebook.name} has another {unsaved} than the one that you have run. "
            f"Save it first (Ctrl+S), and run this cell again."
        )
    return Answer(**asking.ask("course.learner.check", notebook))


def this_notebook() -> Path | None:
    """Return the file of the notebook that this process runs, None where that cannot be told.

    JupyterLab says it in a variable, VS Code in the namespace; else it is the one of its folder.
    """
    shell = _shell()
    named = os.environ.get("JPY_SESSION_NAME") or (
        shell.user_ns.get("__vsc_ipynb_file__") if shell else None
    )
    places = [course_root() / "work", Path.cwd(), Path("/")]
    for place in places if named else ():
        path = place / str(named).lstrip("/")
        if path.suffix == ".ipynb" and path.is_file():
            return path.resolve()
    beside = [path for path in sorted(Path.cwd().glob("*.ipynb")) if path.is_file()]
    return beside[0].resolve() if len(beside) == 1 else None


def not_saved(notebook: Path) -> str:
    """Name an answer that was run in this process and is not in the file as it was run.

    Parameters
    ----------
    notebook : Path
        The file.

    Returns
    -------
    str
        The name of a function, ``""`` where all that was run is saved.
    """
    shell = _shell()
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        saved = {source_text(cell).strip() for cell in cells}
        answers = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    names = {name for cell in answers for name in _defined(source_text(cell))}
    last = {
        name: text.strip()
        for text in (shell.history_manager.input_hist_raw if shell else ())
        for name in _defined(text)
        if name in names
    }
    return next((name for name, text in last.items() if text not in saved), "")


def _defined(text: str) -> list[str]:
    try:
        return defined_names(text)
    except (SyntaxError, ValueError):  # prose, or a cell that begins with %%
        return []


def _shell() -> Any:
    """Return IPython's shell, None in a plain Python."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
