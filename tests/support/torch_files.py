"""PyTorch's golden files: the script of each, what it wrote, and whose numbers are compared."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from course.lessons import course_root, find_lessons, solution_namespace

FOLDER = course_root() / "tests" / "golden"

Arrays = dict[str, np.ndarray]


@cache
def script(name: str) -> ModuleType:
    """Load ``make_torch_NAME.py``, which needs no PyTorch until it makes its file."""
    path = FOLDER / f"make_torch_{name}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def golden(name: str) -> Arrays:
    """Return the arrays of ``torch_NAME.npz``."""
    with np.load(FOLDER / f"torch_{name}.npz") as stored:
        return dict(stored)


@cache
def about(name: str) -> dict[str, Any]:
    """Return what a golden file says of itself: its seed, and the versions."""
    said: dict[str, Any] = json.loads(str(golden(name)["about"]))
    return said


@cache
def cases(name: str) -> dict[str, Arrays]:
    """Return the arrays of a golden file by case, of keys ``CASE/ARRAY``."""
    found: dict[str, Arrays] = {}
    for key, array in golden(name).items():
        case, _, inside = key.partition("/")
        if inside:
            found.setdefault(case, {})[inside] = array
    return found


@cache
def solutions_of(function: str) -> dict[str, Any]:
    """Return the solved notebook that defines a function."""
    lessons = find_lessons(course_root() / "source")
    return solution_namespace(next(one for one in lessons if function in one.functions))
