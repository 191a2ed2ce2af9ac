"""The loss and the way back of lesson 5 give PyTorch's numbers; the golden file is its script's."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from course.lessons import course_root, find_lessons, solution_namespace

HERE = Path(__file__).resolve().parent
PARAMETERS = ("W_xh", "W_hh", "b_xh", "b_hh", "W_hy", "b_y", "x_start")
TOLERANCE = {"float64": 1e-10, "float32": 2e-5}

Arrays = dict[str, np.ndarray]


@cache
def script() -> ModuleType:
    path = HERE / "make_torch_backward.py"
    spec = importlib.util.spec_from_file_location("make_torch_backward", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def golden() -> dict[str, Arrays]:
    """Return the arrays of each case."""
    found: dict[str, Arrays] = {}
    with np.load(HERE / "torch_backward.npz") as stored:
        for key in stored:
            case, _, name = key.partition("/")
            if name:
                found.setdefault(case, {})[name] = stored[key]
    return found


@cache
def solutions() -> dict[str, Any]:
    lessons = find_lessons(course_root() / "source")
    return solution_namespace(next(x for x in lessons if "rnn_decoder_backward" in x.functions))


def given(case: Arrays, dtype: str) -> tuple[np.ndarray, np.ndarray, Arrays]:
    context, fed = case["context_vector"].astype(dtype), case["fed"].astype(dtype)
    return context, fed, {name: case[name].astype(dtype) for name in PARAMETERS}


every_case = pytest.mark.parametrize("name", list(script().draw_inputs()))
both_dtypes = pytest.mark.parametrize("dtype", script().DTYPES)


@both_dtypes
@every_case
def test_the_loss_and_its_gradient_are_torchs(name: str, dtype: str) -> None:
    case = golden()[name]
    context, fed, params = given(case, dtype)
    states = [context]
    for x_t in fed:
        states.append(solutions()["rnn_cell_step"](x_t, states[-1], params))
    logits = np.array(states[1:]) @ params["W_hy"].T + params["b_y"]
    ours = solutions()["cross_entropy_and_gradient"](logits, case["tokens"], case["mask"])
    for value, key in zip(ours, ("loss", "d_logits"), strict=True):
        np.testing.assert_allclose(value, case[f"{key}_{dtype}"], rtol=0, atol=TOLERANCE[dtype])


@both_dtypes
@every_case
def test_the_way_back_is_torchs(name: str, dtype: str) -> None:
    case = golden()[name]
    d_logits = case[f"d_logits_{dtype}"]
    gradients, d_context = solutions()["rnn_decoder_backward"](*given(case, dtype), d_logits)
    assert list(gradients) == list(PARAMETERS)
    for key, value in {**gradients, "d_context": d_context}.items():
        np.testing.assert_allclose(value, case[f"{key}_{dtype}"], rtol=0, atol=TOLERANCE[dtype])


def test_the_file_is_of_its_script() -> None:
    with np.load(HERE / "torch_backward.npz") as stored:
        about = json.loads(str(stored["about"]))
    assert about["seed"] == script().SEED
    assert about["torch"] == "2.13.0"
    drawn = script().draw_inputs()
    assert golden().keys() == drawn.keys()
    for name, case in drawn.items():
        for key, array in case.items():
            np.testing.assert_array_equal(golden()[name][key], array)
