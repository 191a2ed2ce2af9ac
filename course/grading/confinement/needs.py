"""What of a student's cells others need: so that experiments are not run again for nothing.

A cell that took long is run once more only as far as its statements give a value to a name that is
needed: by the functions that are to be called, or by cells still to come. Definitions and imports
are always kept, and so is whatever cannot be read: nothing here decides a mark, only time.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable
from dataclasses import dataclass, field

#: Where one of these stands, anything may be given a value.
_ANYTHING = {"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "get_ipython"}
#: Lines of a notebook's language that only say how the Python behind them is run.
_WRAPPING = {"time", "timeit", "prun", "capture"}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@dataclass
class _Statement:
    """One statement at a cell's top level: the names that it reads, and those that it changes."""

    node: ast.stmt
    reads: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    #: Names whose methods it calls, which may change them where they are no modules or functions.
    asks: set[str] = field(default_factory=set)


class Needs:
    """Knows what of each of a notebook's cells is needed.

    Parameters
    ----------
    sources : list of str
        The texts of all cells that run in the student's process, in order.
    answers : iterable of str
        Names that tests will ask for.
    """

    def __init__(self, sources: list[str], answers: Iterable[str]) -> None:
        self._sources = sources
        self._answers = set(answers)
        self._read: dict[str, tuple[str, list[_Statement]] | None] = {}
        self._closed: dict[frozenset[str], set[str]] = {}

    def for_answers(self, source: str) -> str:
        """Return what of a cell the functions need that tests call."""
        return self._part(source, self._answers)

    def for_later(self, source: str, place: int) -> str:
        """Return what of a cell is needed by those from `place` on."""
        names = set(self._answers)
        for later in self._sources[place:]:
            names |= {name for one in self._statements(later) for name in one.reads}
        return self._part(source, names)

    def _part(self, source: str, wanted: set[str]) -> str:
        read = self._parsed(source)
        if read is None:
            return source
        needed, plain = self._closure(wanted), self._plain_names()
        text, statements = read
        dropped = [one.node for one in statements if not _is_kept(one, needed, plain)]
        return _without(text, dropped)

    def _closure(self, wanted: set[str]) -> set[str]:
        """Return the names that have to have their values for these to have theirs."""
        key = frozenset(wanted)
        if key not in self._closed:
            needed, before = set(wanted), -1
            everything = [one for source in self._sources for one in self._statements(source)]
            plain = self._plain_names()
            while len(needed) > before:
                before = len(needed)
                for one in everything:
                    if one.changes & needed or (one.asks - plain) & needed:
                        needed |= one.reads
            self._closed[key] = needed
        return self._closed[key]

    def _plain_names(self) -> set[str]:
        """Return names of modules, functions and classes, whose calls change nothing of them."""
        return {
            name
            for source in self._sources
            for one in self._statements(source)
            if isinstance(one.node, _DEFINITIONS)
            for name in one.changes
        }

    def _statements(self, source: str) -> list[_Statement]:
        read = self._parsed(source)
        return read[1] if read else []

    def _parsed(self, source: str) -> tuple[str, list[_Statement]] | None:
        if source not in self._read:
            try:
                text = as_python(source)
                statements = [_statement(node) for node in ast.parse(text).body]
                self._read[source] = text, statements
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._read[source] = None
        return self._read[source]


def as_python(source: str) -> str:
    """Return a cell's text as Python: magics and shell lines become calls.

    Raises
    ------
    SyntaxError
        Where it is none all the same.
    """
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        return str(TransformerManager().transform_cell(source))


def _statement(node: ast.stmt) -> _Statement:
    one = _Statement(node)
    inner = _wrapped(node)
    table = symtable.symtable(inner or ast.unparse(node), "<cell>", "exec")
    for symbol in table.get_symbols():
        if symbol.is_referenced():
            one.reads.add(symbol.get_name())
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            one.changes.add(symbol.get_name())
    _look_within(table, one)
    for leaf in ast.walk(ast.parse(inner) if inner else node):
        if isinstance(leaf, ast.Attribute | ast.Subscript) and not isinstance(leaf.ctx, ast.Load):
            one.changes |= _root(leaf)
        elif isinstance(leaf, ast.Call) and isinstance(leaf.func, ast.Attribute):
            one.asks |= _root(leaf.func)
        elif isinstance(leaf, ast.Delete):
            one.changes |= {t.id for t in leaf.targets if isinstance(t, ast.Name)}
    return one


def _look_within(table: symtable.SymbolTable, one: _Statement) -> None:
    """Add what functions within a statement read and change of the notebook's own names."""
    for child in table.get_children():
        for symbol in child.get_symbols():
            if symbol.is_global():
                one.reads.add(symbol.get_name())
                if symbol.is_assigned():
                    one.changes.add(symbol.get_name())
        _look_within(child, one)


def _wrapped(node: ast.stmt) -> str:
    """Return the Python behind ``%time`` and the like, ``""`` where a statement is none of them."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
        return ""
    texts = [part.value for part in call.args if isinstance(part, ast.Constant)]
    is_magic = call.func.attr in ("run_line_magic", "run_cell_magic") and texts[0] in _WRAPPING
    if not is_magic or not all(isinstance(text, str) for text in texts):
        return ""
    try:
        inner = as_python(str(texts[-1]))
        ast.parse(inner)
    except SyntaxError:  # with options of the magic's own
        return ""
    return inner


def _root(node: ast.expr) -> set[str]:
    """Return the name at the beginning of ``name.a[0].b``."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _is_kept(one: _Statement, needed: set[str], plain: set[str]) -> bool:
    if isinstance(one.node, _DEFINITIONS) or one.reads & _ANYTHING:
        return True
    return bool(one.changes & needed or (one.asks - plain) & needed)


def _without(text: str, dropped: list[ast.stmt]) -> str:
    """Return a cell's text with some statements made ``0``, every line in its place."""
    lines = [line.encode() for line in text.split("\n")]
    for node in reversed(dropped):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        rest = lines[last][node.end_col_offset :]
        head = lines[first][: node.col_offset] + b"0"
        if first == last:
            lines[first] = head + rest
        else:
            lines[first] = head + rest
            lines[first + 1 : last + 1] = [b""] * (last - first)
    part = b"\n".join(lines).decode()
    try:
        ast.parse(part)
    except SyntaxError:
        return text
    return part
