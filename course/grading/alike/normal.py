"""Python without names and layout: what stays of a program when both are taken away."""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterable
from typing import NamedTuple

#: A longer cell is not looked at: nobody wrote it, and it takes long.
MOST_CHARS = 100_000
#: Lines that are no Python, of a magic or a slip, which a cell may have and is looked at.
MOST_BROKEN = 20
#: Longer texts, such as messages, are one like the other.
_MOST_TEXT = 12
_CHAINS = {ast.Add: "+", ast.Mult: "*"}
_SWAPPED: dict[type[ast.cmpop], str] = {ast.Gt: "Lt", ast.GtE: "LtE"}
#: What is not said of a program: names of parameters, hints of types, what it imports.
_SILENT = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal, ast.arguments)


class Symbol(NamedTuple):
    """One sign of a program.

    Attributes
    ----------
    text : str
        What it is; ``""`` for a name of the author's own.
    name : str
        Such a name.
    line : int
        Where it stands, from 1.
    """

    text: str
    name: str
    line: int


def parse(source: str) -> ast.Module | None:
    r"""Return a cell as a tree, without the lines that are no Python; None where that fails.

    >>> ast.unparse(parse("%time f(2)\nx = 1"))
    'pass\nx = 1'
    >>> parse("x = 1\0") is None
    True
    """
    lines = source.split("\n")
    for _ in range(MOST_BROKEN + 1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a student's escapes
                return ast.parse("\n".join(lines)) if len(source) <= MOST_CHARS else None
        except SyntaxError as error:
            place = (error.lineno or 0) - 1
            if not 0 <= place < len(lines) or lines[place].strip() in ("", "pass"):
                return None
            line = lines[place]
            lines[place] = line[: len(line) - len(line.lstrip())] + "pass"
        except (ValueError, MemoryError, RecursionError):
            return None
    return None


class Names:
    """Whose the names in a submission are: its author's, a module's, or everybody's.

    Parameters
    ----------
    trees : iterable of ast.Module
        All cells that the author wrote.
    """

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self.own: set[str] = set()
        self.modules = {"np", "numpy", "math"}
        self.imported: dict[str, str] = {}
        for tree in trees:
            for node in ast.walk(tree):
                self._add(node)
        self.own -= self.modules | self.imported.keys() | set(vars(builtins))

    def _add(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            self.own.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.own.add(node.name)
        elif isinstance(node, ast.arg):
            self.own.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self.own.add(node.name)
        elif isinstance(node, ast.Import):
            self.modules |= {one.asname or one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            self.imported |= {one.asname or one.name: one.name for one in node.names}


def symbols(tree: ast.Module, names: Names) -> list[Symbol]:
    """Return a cell's signs, in an order that layout and harmless rearranging do not change.

    Left out are comments, texts that stand alone, imports, parameters and hints of types. Named
    arguments come in the order of their names; what is added or multiplied in an order of its own;
    ``a > b`` as ``b < a``, and ``x += y`` as ``x = x + y``.

    Raises
    ------
    RecursionError
        Where it is nested too deeply.

    Examples
    --------
    >>> def said(source):
    ...     tree = parse(source)
    ...     return [one.text or "name" for one in symbols(tree, Names([tree]))]
    >>> said("y = 2 * np.exp(x, out=None)")
    ['=', 'name', '*', '2', 'call', 'exp', 'x', 'out=', 'None']
    >>> said("total += 1") == said("count = 1 + count  # the next")
    True
    """
    return _Writer(names).of(tree)


class _Writer(ast.NodeVisitor):
    def __init__(self, names: Names) -> None:
        self._names = names
        self._line = 1

    def of(self, node: ast.AST | None) -> list[Symbol]:
        """Return the signs of a part of the program."""
        if node is None or isinstance(node, _SILENT):
            return []
        self._line = getattr(node, "lineno", self._line)
        signs: list[Symbol] = self.visit(node)
        return signs

    def _sign(self, text: str, name: str = "") -> list[Symbol]:
        return [Symbol(text, name, self._line)]

    def _all(self, nodes: Iterable[ast.AST | None]) -> list[Symbol]:
        return [sign for node in nodes for sign in self.of(node)]

    def generic_visit(self, node: ast.AST) -> list[Symbol]:
        """Return a node's kind and its parts."""
        if isinstance(node, ast.expr_context):
            return []
        return self._sign(type(node).__name__) + self._all(ast.iter_child_nodes(node))

    def _named(self, name: str) -> list[Symbol]:
        if name in self._names.own:
            return self._sign("", name)
        return self._sign(self._names.imported.get(name, name))

    def visit_Module(self, node: ast.Module) -> list[Symbol]:
        return self._all(node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Symbol]:
        return self._sign("def") + self._all([*node.decorator_list, *node.body])

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> list[Symbol]:
        return self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> list[Symbol]:
        return self._sign("lambda") + self.of(node.body)

    def visit_Expr(self, node: ast.Expr) -> list[Symbol]:
        return [] if isinstance(node.value, ast.Constant) else self.of(node.value)

    def visit_Assign(self, node: ast.Assign) -> list[Symbol]:
        return self._sign("=") + self._all([*node.targets, node.value])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[Symbol]:
        return self._sign("=") + self._all([node.target, node.value]) if node.value else []

    def visit_AugAssign(self, node: ast.AugAssign) -> list[Symbol]:
        value = ast.BinOp(node.target, node.op, node.value)
        return self._sign("=") + self.of(node.target) + self.of(ast.copy_location(value, node))

    def visit_Name(self, node: ast.Name) -> list[Symbol]:
        return self._named(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> list[Symbol]:
        if isinstance(node.value, ast.Name) and node.value.id in self._names.modules:
            return self._sign(node.attr)
        return self.of(node.value) + self._sign(f".{node.attr}")

    def visit_Call(self, node: ast.Call) -> list[Symbol]:
        called = self._sign("call") + self._all([node.func, *node.args])
        for keyword in sorted(node.keywords, key=lambda one: one.arg or ""):
            called += self._sign(f"{keyword.arg or '**'}=") + self.of(keyword.value)
        return called

    def visit_BinOp(self, node: ast.BinOp) -> list[Symbol]:
        chained = _CHAINS.get(type(node.op))
        if chained is None:
            return self._sign(type(node.op).__name__) + self._all([node.left, node.right])
        first = self._sign(chained)
        parts = [self.of(part) for part in _operands(node, type(node.op))]
        parts.sort(key=lambda part: [sign.text for sign in part])
        return first + [sign for part in parts for sign in part]

    def visit_Compare(self, node: ast.Compare) -> list[Symbol]:
        swapped = _SWAPPED.get(type(node.ops[0])) if len(node.ops) == 1 else None
        if swapped:
            return self._sign(swapped) + self._all([*node.comparators, node.left])
        signs = [sign for op in node.ops for sign in self._sign(type(op).__name__)]
        return signs + self._all([node.left, *node.comparators])

    def visit_Constant(self, node: ast.Constant) -> list[Symbol]:
        value = node.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str | bytes) and len(value) > _MOST_TEXT:
            return self._sign("text")
        return self._sign(repr(value)[:60])

    def visit_JoinedStr(self, node: ast.JoinedStr) -> list[Symbol]:
        parts = [one.value for one in node.values if isinstance(one, ast.FormattedValue)]
        return self._sign("text") + self._all(parts)


def _operands(node: ast.expr, op: type[ast.operator]) -> list[ast.expr]:
    """Return what a chain of one operation joins."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, op):
        return _operands(node.left, op) + _operands(node.right, op)
    return [node]
