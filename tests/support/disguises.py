"""Copies of an answer that somebody took pains with: each says the same, and looks otherwise."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator

#: The cells of an answer; the last one defines the exercise's function.
Cells = tuple[str, ...]
_NEW = "alpha beta gamma delta eps zeta eta theta iota kappa lam mu nu xi omi pi_ rho sigma tau ups"
_REMARKS = ("# first", "# as in the lesson", "# now the rest", "# see above", "# shape (H,)")


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def own_names(tree: ast.AST) -> set[str]:
    """Return names that can be changed without a call noticing."""
    nodes = list(ast.walk(tree))
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    return names - {n.arg for n in nodes if isinstance(n, ast.keyword)} - {"self", "cls"}


def renamed(cells: Cells, rng: random.Random) -> Cells:
    """Give all names of the author's own others."""
    trees = [ast.parse(cell) for cell in cells]
    old = sorted(set().union(*(own_names(tree) for tree in trees)))
    fresh = [f"{name}_{k}" if k else name for k in range(9) for name in _NEW.split()][: len(old)]
    rng.shuffle(fresh)
    new = dict(zip(old, fresh, strict=True))
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                node.id = new.get(node.id, node.id)
            elif isinstance(node, ast.arg):
                node.arg = new.get(node.arg, node.arg)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                node.names = [new.get(name, name) for name in node.names]
    return tuple(map(ast.unparse, trees))


def laid_out_again(cells: Cells, rng: random.Random) -> Cells:
    """Break lines anew, write other comments and another docstring."""
    changed = []
    for cell in cells:
        tree = ast.parse(cell)
        for function in functions(tree):
            first = function.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                first.value.value = rng.choice(["Return it.", "My answer.", "Do the step."])
        lines: list[str] = []
        for line in ast.unparse(tree).split("\n"):
            indent = line[: len(line) - len(line.lstrip())]
            is_inside_text = '"""' in "\n".join(lines) and line.strip().startswith(('"', "'"))
            if line.strip() and not is_inside_text and rng.random() < 0.4:
                lines += [*[""] * rng.randrange(2), indent + rng.choice(_REMARKS)]
            lines.append(line)
        changed.append("\n".join(lines))
    return tuple(changed)


def reordered(cells: Cells, rng: random.Random) -> Cells:
    """Swap statements that do not need each other, and what is added."""
    trees = [ast.parse(cell) for cell in cells]
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                if not any(isinstance(one, ast.List | ast.Tuple) for one in ast.walk(node)):
                    node.left, node.right = node.right, node.left
            elif isinstance(node, ast.Call):
                rng.shuffle(node.keywords)
            for body in bodies(node):
                for at in range(len(body) - 1):
                    if are_apart(body[at], body[at + 1]):
                        body[at], body[at + 1] = body[at + 1], body[at]
    return tuple(map(ast.unparse, trees))


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse"):
        body = getattr(node, field, None)
        if isinstance(body, list):
            yield body


def are_apart(one: ast.stmt, other: ast.stmt) -> bool:
    """Say whether two statements give values to names, and neither needs the other."""
    if not (isinstance(one, ast.Assign) and isinstance(other, ast.Assign)):
        return False
    names = [{n.id for n in ast.walk(it) if isinstance(n, ast.Name)} for it in (one, other)]
    stored = [
        {n.id for n in ast.walk(it) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for it in (one, other)
    ]
    return not (names[0] & stored[1] or names[1] & stored[0] or "rng" in names[0] | names[1])


def split(cells: Cells, rng: random.Random) -> Cells:
    """Move the end of the function into a helper, in a cell of its own."""
    tree = ast.parse(cells[-1])
    top = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not top:
        return cells
    function = top[-1]
    at = min(len(function.body) - 1, max(1, len(function.body) // 2))
    before, after = function.body[:at], function.body[at:]
    bound = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    for node in (n for stmt in before for n in ast.walk(stmt)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.FunctionDef):
            bound.add(node.name)
    read = {n.id for stmt in after for n in ast.walk(stmt) if isinstance(n, ast.Name)}
    passed = ", ".join(sorted(bound & read))
    helper = ast.parse(f"def the_rest_of_it({passed}): pass").body[0]
    assert isinstance(helper, ast.FunctionDef)
    helper.body = after
    function.body = [*before, *ast.parse(f"return the_rest_of_it({passed})", mode="exec").body]
    return (*cells[:-1], ast.unparse(helper), ast.unparse(tree))


def edited(cells: Cells, rng: random.Random) -> Cells:
    """Add three lines, and return by way of a name."""
    tree = ast.parse(cells[-1])
    if not functions(tree):
        return cells
    function = functions(tree)[0]
    last = function.body[-1]
    if isinstance(last, ast.Return) and last.value is not None:
        function.body[-1:] = [
            ast.copy_location(ast.Assign([ast.Name("result", ast.Store())], last.value), last),
            ast.Return(ast.Name("result", ast.Load())),
        ]
    for line in ("debug = False", "if None is not None: raise ValueError('why')", "count = 1"):
        function.body[rng.randrange(len(function.body)) : 0] = ast.parse(line).body
    return (*cells[:-1], ast.unparse(ast.fix_missing_locations(tree)))


def all_of_it(cells: Cells, rng: random.Random) -> Cells:
    """Do all of these, one after the other."""
    for disguise in (edited, reordered, split, renamed, laid_out_again):
        cells = disguise(cells, rng)
    return cells


def as_it_is(cells: Cells, rng: random.Random) -> Cells:
    return cells


DISGUISES: dict[str, Callable[[Cells, random.Random], Cells]] = {
    "as it is": as_it_is,
    "names": renamed,
    "comments and layout": laid_out_again,
    "order": reordered,
    "split into a helper": split,
    "a few lines edited": edited,
    "all of these": all_of_it,
}
