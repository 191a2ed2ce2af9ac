"""Say whether weights still belong to the code that trains them, without training them.

The digest is of what the code says, not of how it is laid out: comments, docstrings and
formatting do not count, and neither does the version of Python that reads it.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from course.trained.grid import Run

#: All that a trained weight hangs on, besides its run: paths below the course's folder.
MADE_FROM = (
    "data/__init__.py",
    "data/digits.npz",
    "data/surnames.npz",
    "engine/cells.py",
    "engine/decoder.py",
    "engine/feeding.py",
    "engine/numerics.py",
    "engine/optim.py",
    "engine/parameters.py",
    "engine/training.py",
    "tasks.py",
    "trained/regimes.py",
)
PACKAGE = Path(__file__).resolve().parents[1]


def of_code(text: str) -> str:
    """Return a digest of what Python source says.

    >>> of_code("x = 1  # one") == of_code("x = (1)")
    True
    """
    return hashlib.sha256(_said(ast.parse(text)).encode()).hexdigest()


def _said(node: object) -> str:
    """Write a syntax tree down, without docstrings, positions and empty fields."""
    if isinstance(node, list):
        return "[" + ",".join(_said(item) for item in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = {name: value for name, value in ast.iter_fields(node) if value not in (None, [])}
    body = fields.get("body")
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(body, list):
        first = body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            fields["body"] = body[1:]
    inside = ",".join(f"{name}={_said(value)}" for name, value in fields.items())
    return f"{type(node).__name__}({inside})"


def of_sources(package: Path = PACKAGE, names: Iterable[str] = MADE_FROM) -> str:
    """Return the digest of code and data that training hangs on.

    Parameters
    ----------
    package : Path, optional
        The course's folder.
    names : iterable of str, optional
        Paths below it.
    """
    digest = hashlib.sha256()
    for name in sorted(names):
        path = package / name
        content = (
            of_code(path.read_text(encoding="utf-8"))
            if path.suffix == ".py"
            else hashlib.sha256(path.read_bytes()).hexdigest()
        )
        digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()


def of_run(run: Run, sources: str) -> str:
    """Return the digest of one run: the same one gives the same weights.

    Parameters
    ----------
    run : Run
    sources : str
        What `of_sources` returned.
    """
    said = {"shape": asdict(run.group.shape()), "plan": asdict(run.plan())}
    said["data"] = {"task": run.group.task, "variant": run.group.variant}
    text = json.dumps(said, sort_keys=True) + sources
    return hashlib.sha256(text.encode()).hexdigest()


def of_runs(chosen: Iterable[Run], sources: str) -> str:
    """Return one digest for many runs, in any order."""
    lines = sorted(f"{run.name} {of_run(run, sources)}" for run in chosen)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
