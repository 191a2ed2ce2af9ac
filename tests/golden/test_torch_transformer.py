"""The transformer of lesson 6 gives PyTorch's numbers; the golden file is of its script."""

from __future__ import annotations

import importlib.util
from functools import cache
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from course.lessons import course_root, find_lessons, solution_namespace

HERE = Path(__file__).resolve().parent
TOLERANCE = {"float64": 1e-10, "float32": 3e-5}

Arrays = dict[str, np.ndarray]


@cache
def script() -> ModuleType:
    path = HERE / "make_torch_transformer.py"
    spec = importlib.util.spec_from_file_location("make_torch_transformer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def golden() -> dict[str, Arrays]:
    """Return the arrays of each case."""
    found: dict[str, Arrays] = {}
    with np.load(HERE / "torch_transformer.npz") as stored:
        for key in stored:
            case, _, name = key.partition("/")
            if name:
                found.setdefault(case, {})[name] = stored[key]
    return found


@cache
def solutions() -> dict[str, Any]:
    lessons = find_lessons(course_root() / "source")
    return solution_namespace(next(x for x in lessons if "transformer_forward" in x.functions))


def params_of(case: str, dtype: str) -> dict[str, Any]:
    """Return a case's weights as the exercises have them."""
    shapes = script().arrays(case)
    ends = np.cumsum([prod(shape) for shape in shapes.values()])[:-1]
    pieces = np.split(golden()[case]["weights"].astype(dtype), ends)
    params: dict[str, Any] = {"blocks": []}
    for (name, shape), piece in zip(shapes.items(), pieces, strict=True):
        block, _, inside = name.rpartition("/")
        if block and int(block) == len(params["blocks"]):
            params["blocks"].append({})
        held = params["blocks"][int(block)] if block else params
        held[inside] = piece.reshape(shape)
    return params


every_case = pytest.mark.parametrize("case", list(script().CASES))
both_dtypes = pytest.mark.parametrize("dtype", script().DTYPES)


@both_dtypes
@every_case
def test_one_forced_pass_is_torchs(case: str, dtype: str) -> None:
    mine, params = golden()[case], params_of(case, dtype)
    for n in range(mine["context"].shape[1]):
        given = (mine[name].astype(dtype)[..., n] for name in ("context", "target_seq"))
        logits = solutions()["transformer_forward"](*given, params)
        expected = mine[f"logits_{dtype}"][:, :, n]
        np.testing.assert_allclose(logits, expected, rtol=0, atol=TOLERANCE[dtype])


@pytest.mark.parametrize(
    "case", [name for name, sizes in script().CASES.items() if sizes[2] == sizes[-1]]
)
def test_generation_with_a_cache_is_torchs_without(case: str) -> None:
    mine, params = golden()[case], params_of(case, "float64")
    T, _, N = mine["free_running_float64"].shape
    for n in range(N):
        logits = solutions()["generate"](mine["context"][:, n].astype(float), T, params)
        expected = mine["free_running_float64"][:, :, n]
        np.testing.assert_allclose(logits, expected, rtol=0, atol=TOLERANCE["float64"])


def test_the_file_is_of_its_script() -> None:
    drawn = script().draw_inputs()
    assert golden().keys() == drawn.keys()
    for name, case in drawn.items():
        for key, array in case.items():
            np.testing.assert_array_equal(golden()[name][key], array)
