"""Machine-made wrong answers: one small change to the instructor's solution at a time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult, ast.Div),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
#: Functions that are taken for one another.
_FUNCTIONS = {
    "np.tanh": ("sigmoid", "np.arctan"),
    "sigmoid": ("np.tanh", "np.exp"),
    "np.argmax": ("np.argmin", "np.max"),
    "np.zeros": ("np.ones", "np.empty_like"),
    "np.zeros_like": ("np.ones_like", "np.array"),
    "np.eye": ("np.diag", "np.tri"),
    "np.exp": ("np.expm1", "np.log1p", "np.exp2"),
    "np.split": ("np.array",),
    "min": ("max",),
    "max": ("min",),
    "range": ("reversed",),
    "len": ("np.size", "np.ndim"),
    "rng.random": ("rng.standard_normal", "rng.standard_exponential"),
    "float": ("int", "round"),
    "rnn_cell_step": ("gru_cell_step",),
    "gru_cell_step": ("rnn_cell_step",),
    "ValueError": ("TypeError", "KeyError"),
}
#: Texts that are taken for one another.
_TEXTS = (
    ("W_xh", "W_hh", "W_hy"),
    ("b_xh", "b_hh", "b_y", "x_start"),
    ("rnn", "lstm", "gru"),
    ("linear", "exponential", "inverse_sigmoid"),
)
#: Puts another node in the place of one.
Put = Callable[[ast.AST], None]
_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.If, ast.For)


@dataclass(frozen=True)
class Mutant:
    """One changed solution.

    Attributes
    ----------
    function : str
        The function that was changed.
    before, after : str
        The statement, of compound ones the head; the same text twice where it says nothing.
    source : str
        The whole cell.
    """

    function: str
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.function}: `{self.before}` -> `{self.after}`"


def mutants_of(source: str, function: str) -> list[Mutant]:
    """Return all mutants of a function that a cell of the instructor's defines, each text once."""
    tree = ast.parse(source)
    original, names = ast.unparse(tree), _names_in(tree, function)
    code, places = _code(tree, function), _places(tree)
    found: dict[str, Mutant] = {}
    for site in ast.walk(tree):
        if id(site) not in code:
            continue
        statement, put = places[id(site)]
        before = _said(statement)
        for change in list(_changes(site, names)):
            with _in_place(site, change, put):
                after = "pass" if isinstance(change, ast.Pass) else _said(statement)
                text = ast.unparse(tree)
            if text != original:
                found.setdefault(text, Mutant(function, before, after, text))
    return list(found.values())


def _changes(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """Yield what may stand in a node's place."""
    if isinstance(node, ast.BinOp):
        yield from (
            ast.BinOp(node.left, op(), node.right) for op in _OPERATORS.get(type(node.op), ())
        )
        yield from (node.left, node.right)
        if not isinstance(node.op, ast.Add | ast.Mult):  # these do not ask which comes first
            yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from node.values
    elif isinstance(node, ast.Compare):
        yield from _other_comparisons(node)
    elif isinstance(node, ast.Constant):
        yield from map(ast.Constant, _other_constants(node.value))
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse, ast.IfExp(node.test, node.orelse, node.body))
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name | ast.BinOp):
        for op in (ast.Add(), ast.Sub()):
            yield ast.Subscript(node.value, ast.BinOp(node.slice, op, ast.Constant(1)), node.ctx)
    elif isinstance(node, ast.Call):
        yield from _other_calls(node)
    elif isinstance(node, ast.Tuple):
        yield from (ast.Tuple(items, node.ctx) for items in _swapped(node.elts))
        if isinstance(node.ctx, ast.Load) and len(node.elts) > 2:
            yield from (ast.Tuple(rest, node.ctx) for rest in _shortened(node.elts))
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (ast.Name(name, node.ctx) for name in names if name != node.id)
    elif isinstance(node, ast.If | ast.While):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        yield type(node)(ast.Constant(value=True), node.body, node.orelse)
        yield type(node)(ast.Constant(value=False), node.body, node.orelse)
    if isinstance(node, _SIMPLE) and not isinstance(node, ast.Return):
        yield ast.Pass()


def _other_comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for i, op in enumerate(node.ops):
        for other in _COMPARISONS.get(type(op), ()):
            yield ast.Compare(
                node.left, [*node.ops[:i], other(), *node.ops[i + 1 :]], node.comparators
            )
    if len(node.ops) > 1:
        yield ast.Compare(node.left, node.ops[:1], node.comparators[:1])
        yield ast.Compare(node.comparators[-2], node.ops[-1:], node.comparators[-1:])


def _other_constants(value: object) -> Iterator[object]:
    if type(value) in (int, float):
        changed = (value + 1, value - 1, -value, value / 2)
        yield from (other for other in changed if other != value)
    if isinstance(value, str):
        for family in _TEXTS:
            if value in family:
                yield from (text for text in family if text != value)


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    for name in _FUNCTIONS.get(ast.unparse(node.func), ()):
        yield ast.Call(ast.parse(name, mode="eval").body, node.args, node.keywords)
    if ast.unparse(node.func) not in ("min", "max"):  # these do not ask which comes first
        yield from (ast.Call(node.func, args, node.keywords) for args in _swapped(node.args))
    yield from (arg for arg in node.args if not isinstance(arg, ast.Starred))


def _swapped(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield the items with each two neighbours exchanged."""
    for i in range(len(items) - 1):
        if not any(isinstance(item, ast.Starred) for item in items[i : i + 2]):
            yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def _shortened(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    yield from ([*items[:i], *items[i + 1 :]] for i in range(len(items)))


def _names_in(tree: ast.Module, function: str) -> list[str]:
    """Return the parameters and variables of the function."""
    body = _function(tree, function)
    names = [arg.arg for arg in body.args.args]
    names += [
        leaf.id
        for leaf in ast.walk(body)
        if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)
    ]
    return list(dict.fromkeys(names))


def _function(tree: ast.Module, name: str) -> ast.FunctionDef:
    return next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name)


def _code(tree: ast.Module, function: str) -> set[int]:
    """Return the `id` of each node in the function but for its docstring and what errors say."""
    body = _function(tree, function)
    spoken = [body.body[0]] if ast.get_docstring(body) else []
    for raised in ast.walk(body):
        if isinstance(raised, ast.Raise) and isinstance(raised.exc, ast.Call):
            spoken += raised.exc.args
    silent = {id(leaf) for root in spoken for leaf in ast.walk(root)}
    return {id(leaf) for leaf in ast.walk(body)} - silent - {id(body)}


def _places(tree: ast.Module) -> dict[int, tuple[ast.stmt, Put]]:
    """Return by the `id` of each node the innermost statement, and what puts another there."""
    found: dict[int, tuple[ast.stmt, Put]] = {}

    def look(node: ast.AST, around: ast.stmt) -> None:
        for field, value in ast.iter_fields(node):
            for i, child in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(child, ast.AST):
                    continue
                inside = child if isinstance(child, ast.stmt) else around
                item = isinstance(value, list)
                put = partial(value.__setitem__, i) if item else partial(setattr, node, field)
                found[id(child)] = inside, put
                look(child, inside)

    for statement in tree.body:
        look(statement, statement)
    return found


@contextmanager
def _in_place(node: ast.AST, other: ast.AST, put: Put) -> Iterator[None]:
    """Have another node where this one is, in the body of a ``with``.

    One of the same kind lends its fields: the head of a statement stays the same object.
    """
    own = dict(node.__dict__)
    if type(node) is type(other):
        node.__dict__.update(other.__dict__)
    else:
        put(other)
    try:
        yield
    finally:
        node.__dict__.update(own)
        put(node)


def _said(statement: ast.stmt) -> str:
    """Return a statement's text, of a compound one the first line."""
    return ast.unparse(statement).splitlines()[0]
