"""The training step of lesson 5 gives PyTorch's numbers; the golden file is its script's."""

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


@cache
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_torch_step", HERE / "make_torch_step.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def golden() -> dict[str, np.ndarray]:
    with np.load(HERE / "torch_step.npz") as stored:
        return dict(stored)


@cache
def training_step() -> Any:
    lessons = find_lessons(course_root() / "source")
    lesson = next(one for one in lessons if "training_step" in one.functions)
    return solution_namespace(lesson)["training_step"]


@pytest.mark.parametrize("dtype", script().DTYPES)
@pytest.mark.parametrize("feed", script().FEEDS)
@pytest.mark.parametrize("name", list(script().draw_inputs()))
def test_one_step_is_torchs(name: str, feed: str, dtype: str) -> None:
    case = {key.removeprefix(f"{name}/"): array for key, array in golden().items()}
    params = {key: case[key].astype(dtype) for key in PARAMETERS}
    new_params, loss = training_step()(
        params,
        case["context_vector"].astype(dtype),
        case["tokens"],
        script().FEEDS[feed],
        script().LEARNING_RATE,
    )
    assert new_params.keys() == params.keys()
    for key, value in {**new_params, "loss": loss}.items():
        wanted = case[f"{key}_{feed}_{dtype}"]
        np.testing.assert_allclose(value, wanted, rtol=0, atol=TOLERANCE[dtype])


def test_own_tokens_make_another_step_than_the_truth() -> None:
    name = list(script().draw_inputs())[-1]
    forced, free = (golden()[f"{name}/W_hh_{feed}_float64"] for feed in script().FEEDS)
    assert np.abs(forced - free).max() > 1e-3


def test_the_file_is_of_its_script() -> None:
    about = json.loads(str(golden()["about"]))
    assert about["seed"] == script().SEED
    assert about["torch"] == "2.13.0"
    drawn = script().draw_inputs()
    assert {key.partition("/")[0] for key in golden()} == {"about", *drawn}
    for name, case in drawn.items():
        for key, array in case.items():
            np.testing.assert_array_equal(golden()[f"{name}/{key}"], array)
