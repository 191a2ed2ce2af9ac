"""A cell goes on behind a statement that fails: a harmless line takes nothing with it.

What a learner's own machine can do, the process that answers may not: it has no network, no shell
and no package beside the course's. So a line that fails is told, and the rest of its cell is run,
statement by statement. Where a line would fail on the learner's machine too, their notebook has not
run the rest: that may define what is not there yet, and takes nothing's place.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

#: Failures of one cell that are told in full.
MOST_TOLD = 20
#: What fails where answers are graded, and need not fail on a learner's machine.
_OF_THE_PLACE = (ImportError, OSError, EOFError, MemoryError, UsageError)


class GoingOnShell(InteractiveShell):
    """An IPython shell that runs what stands behind a statement that fails.

    Attributes
    ----------
    failures : list of dict
        Statements that failed since this was last emptied: ``line``, ``text``, ``name`` and
        ``message`` of the error.
    went_on : bool
        Set where a statement was run behind one that failed.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.failures: list[dict[str, Any]] = []
        self.went_on = False
        self._lost: set[str] = set()

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Callable[..., Any] = compile,
        result: Any = None,
    ) -> bool:
        """Run a cell's statements one by one; return whether any failed."""
        failed = stops_at_home = False
        for node in list(nodelist):
            last = node is nodelist[-1]
            shown = interactivity if last or interactivity == "all" else "none"
            if stops_at_home and self._is_there(node):
                continue
            self.went_on = self.went_on or failed
            if not await super().run_ast_nodes([node], cell_name, shown, compiler, result):
                continue
            error = result and (result.error_in_exec or result.error_before_exec)
            failed = True
            of_the_place = self._is_of_the_place(error)
            stops_at_home = stops_at_home or not of_the_place
            if of_the_place:
                self._lost |= names_bound_by(node)
            self._note(error, node.lineno, result.info.raw_cell if result else "")
        return failed

    def _is_there(self, node: ast.stmt) -> bool:
        """Say whether a definition has the name of something that cells have made already."""
        definitions = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        return isinstance(node, definitions) and node.name in self.user_ns

    def _is_of_the_place(self, error: BaseException | None) -> bool:
        """Say whether a statement may have failed for want of what a learner's machine has."""
        if isinstance(error, NameError) and error.name in self._lost:
            return True
        return isinstance(error, _OF_THE_PLACE)

    def note_syntax_error(self, error: BaseException, cell: str) -> None:
        """Note that a cell is no Python, with the line that is not."""
        self._note(error, getattr(error, "lineno", None) or 0, cell)

    def _note(self, error: BaseException | None, line: int, cell: str) -> None:
        ahead = len(cell) - len(cell.lstrip("\n"))  # IPython leaves empty lines ahead out
        lines = cell[ahead:].splitlines()
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        if len(self.failures) < MOST_TOLD:
            told = {"line": ahead + line, "text": text, "name": type(error).__name__}
            self.failures.append({**told, "message": _message(error)})

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run a cell under a magic; one that nobody knows leaves a Python cell a Python cell."""
        if self._find_with_lazy_load("cell", magic_name) is None and _is_python(cell, self):
            error = UsageError(f"Cell magic `%%{magic_name}` not found.")
            self.show_usage_error(error)
            self._note(error, 1, f"%%{magic_name} {line}")
            self.went_on = True
            self.run_cell(cell)
            return None
        return super().run_cell_magic(magic_name, line, cell)

    def system(self, cmd: str) -> None:
        """Run a shell command; where there is no shell, say so."""
        if _has_shell():
            self.system_piped(cmd)
            return
        self._say_no_shell(cmd)
        self.user_ns["_exit_code"] = 127

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Return what a shell command prints; where there is no shell, nothing."""
        if _has_shell():
            return super().getoutput(cmd, split, depth + 1)
        from IPython.utils.text import LSString, SList

        self._say_no_shell(cmd)
        return SList([]) if split else LSString("")

    def _say_no_shell(self, cmd: str) -> None:
        print(f"There is no shell where answers are graded; not run: {cmd[:200]}", file=sys.stderr)

    def debugger(self, force: bool = False) -> None:
        """Debug nothing: nobody is there to ask."""

    def enable_gui(self, gui: Any = None) -> None:
        """Start no loop of windows."""

    def ask_exit(self) -> None:
        """Take no notice of `exit()`: the rest of the notebook is to be graded."""


def names_bound_by(node: ast.AST) -> set[str]:
    r"""List the names that a statement gives to something, at any depth.

    >>> sorted(names_bound_by(ast.parse("import a.b as c, d.e\nx, y.z[0] = 1, 2")))
    ['c', 'd', 'x']
    """
    names: set[str] = set()
    for leaf in ast.walk(node):
        if isinstance(leaf, ast.Name) and not isinstance(leaf.ctx, ast.Load):
            names.add(leaf.id)
        elif isinstance(leaf, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(leaf.name)
        elif isinstance(leaf, ast.alias):
            names.add(leaf.asname or leaf.name.split(".")[0])
    return names


def _message(error: BaseException | None) -> str:
    try:
        if isinstance(error, SyntaxError):
            return str(error.msg)
        if isinstance(error, ImportError) and str(error.name).split(".")[0] == "course":
            return f"{error}; of the course, answers may use `course.checks` where they are graded"
        return str(error)
    except BaseException:  # a student's class may do anything
        return "an error whose message cannot be read"


def _is_python(cell: str, shell: InteractiveShell) -> bool:
    try:
        ast.parse(shell.transform_cell(cell))
    except (SyntaxError, ValueError):
        return False
    return True


def _has_shell() -> bool:
    from pathlib import Path

    return sys.platform == "win32" or Path("/bin/sh").exists()
