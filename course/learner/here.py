"""``learner.grade()``: the hidden tests, from a cell of the notebook."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from course.bootstrap.words import command
from course.learner import asking
from course.learner.saved import cells_in
from course.lessons import course_root, defined_names

#: ``%%time`` and the like, which run the rest of the cell.
_CELL_MAGICS = re.compile(r"\A(?:\s*%%.*\n?)+")


class Notice:
    """What the course has to say of a notebook, shown where a cell ends in it."""

    def __init__(self, text: str, html: str = "") -> None:
        self.text = text
        self._html = html

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str | None:
        return self._html or None


def grade() -> Notice:
    """Save the notebook first; then run the hidden tests of a class on it, as it was saved.

    Returns
    -------
    Notice
        Points, mistakes by their names, and where the feedback page is.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return Notice("Not graded here: this is a check of the tests that you can see.")
    notebook = this_notebook()
    if notebook is None:
        return Notice(
            f"Which notebook this is cannot be told here. In the course's folder, "
            f"`{command('check FILE.ipynb')}` grades it."
        )
    if unsaved := not_saved(notebook):
        return Notice(
            f"Not graded: {notebook.name} has another {unsaved} than the one that you ran last. "
            f"Save the notebook (Ctrl+S), or run its cell again where you have deleted the one "
            f"that you ran. Then run this cell again."
        )
    return Notice(**asking.ask("course.learner.check", notebook))


def this_notebook() -> Path | None:
    """Return the file of the notebook that this process runs, None where that cannot be told.

    VS Code says it in the namespace, JupyterLab in a variable, some servers as seen from the folder
    that they serve. A kernel is started in its notebook's folder, so that one there comes first.
    """
    shell, here = _shell(), Path.cwd()
    told = [shell.user_ns.get("__vsc_ipynb_file__") if shell else None]
    for named in filter(None, [*told, os.environ.get("JPY_SESSION_NAME")]):
        places = [here, *here.parents, course_root() / "work"]
        paths = [path for place in places if (path := place / str(named)).is_file()]
        paths.sort(key=lambda path: path.parent != here)  # others stay in their order
        if paths and paths[0].suffix == ".ipynb":
            return paths[0].resolve()
    beside = [path for path in sorted(here.glob("*.ipynb")) if path.is_file()]
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
    cells = cells_in(notebook)
    saved = {cell.source.strip() for cell in cells}
    names = {name for cell in cells if cell.is_answer for name in _defined(cell.source)}
    last = {
        name: text.strip()
        for text in (shell.history_manager.input_hist_raw if shell else ())
        for name in _defined(text)
        if name in names
    }
    return next((name for name, text in last.items() if text not in saved), "")


def _defined(text: str) -> list[str]:
    """List what a cell defines, whatever magics stand in it or above; nothing where it is prose."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return defined_names(TransformerManager().transform_cell(_CELL_MAGICS.sub("", text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _shell() -> Any:
    """Return IPython's shell, None in a plain Python."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None
