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
from typing import Any

import numpy as np

from course.trained.grid import POOL_SEED, Run

#: All that a trained weight hangs on, besides its run: paths below the course's folder.
MADE_FROM = (
    "data/__init__.py",
    "data/digits.npz",
    "data/surnames.npz",
    "engine/cells.py",
    "engine/decoder.py",
    "engine/feeding.py",
    "engine/layout.py",
    "engine/numerics.py",
    "engine/optim.py",
    "engine/parameters.py",
    "engine/training.py",
    "tasks.py",
    "trained/regimes.py",
)
#: What a measurement during training hangs on beside these.
WATCHED_BY = ("exposure.py", "trained/training.py")
PACKAGE = Path(__file__).resolve().parents[1]
#: Under which a file keeps the digest of all else in it.
SEAL = "content_sha256"


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
            of_code(path.read_text(encoding="utf-8")) if path.suffix == ".py" else of_file(path)
        )
        digest.update(f"{name} {content}\n".encode())
    return digest.hexdigest()


def of_file(path: Path) -> str:
    """Return the digest of a file's bytes, nothing where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def of_arrays(path: Path) -> str:
    """Return the digest of the numbers in an ``.npz`` file, however it is compressed."""
    digest = hashlib.sha256()
    if path.exists():
        with np.load(path) as stored:
            for name in sorted(stored.files):
                array = stored[name]
                digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
                digest.update(array.tobytes())
    return digest.hexdigest()


def of_run(run: Run, package: Path = PACKAGE) -> str:
    """Return the digest of one run: the same one gives the same weights and measurements.

    Parameters
    ----------
    run : Run
    package : Path, optional
        The course's folder.
    """
    [digest] = of_each([run], package).values()
    return digest


def of_runs(chosen: Iterable[Run], package: Path = PACKAGE) -> str:
    """Return one digest for many runs, in any order."""
    lines = sorted(f"{run.name} {digest}" for run, digest in of_each(chosen, package).items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def of_each(chosen: Iterable[Run], package: Path = PACKAGE) -> dict[Run, str]:
    """Return the digest of every run, as `of_run` does."""
    sources, watching = of_sources(package), of_sources(package, WATCHED_BY)
    return {run: _of_one(run, sources, watching) for run in chosen}


def _of_one(run: Run, sources: str, watching: str) -> str:
    said: dict[str, Any] = {"shape": asdict(run.group.shape()), "plan": asdict(run.plan())}
    said["data"] = {"task": run.group.task, "variant": run.group.variant}
    if run.group.variant:
        said["data"]["pool_seed"] = POOL_SEED
    if run.group.evaluate_every:
        said["watched_by"] = watching
    text = json.dumps(said, sort_keys=True) + sources
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(said: dict[str, Any]) -> dict[str, Any]:
    """Add the digest of what a file says, so that a change by hand is found.

    >>> is_sealed(sealed({"loss": 1.0})), is_sealed(sealed({"loss": 1.0}) | {"loss": 2.0})
    (True, False)
    """
    return said | {SEAL: _of_content(said)}


def is_sealed(said: dict[str, Any]) -> bool:
    """Say whether a file still says what it said when it was made."""
    return bool(said.get(SEAL) == _of_content(said))


def _of_content(said: dict[str, Any]) -> str:
    content = {name: value for name, value in said.items() if name != SEAL}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
