"""The training step of lesson 5 gives PyTorch's numbers; the golden file is its script's."""

from __future__ import annotations

import numpy as np
import pytest
from torch_files import about, cases, script, solutions_of

PARAMETERS = ("W_xh", "W_hh", "b_xh", "b_hh", "W_hy", "b_y", "x_start")
TOLERANCE = {"float64": 1e-10, "float32": 2e-5}
SCRIPT, CASES = script("step"), cases("step")


@pytest.mark.parametrize("dtype", SCRIPT.DTYPES)
@pytest.mark.parametrize("feed", SCRIPT.FEEDS)
@pytest.mark.parametrize("name", list(SCRIPT.draw_inputs()))
def test_one_step_is_torchs(name: str, feed: str, dtype: str) -> None:
    case = CASES[name]
    params = {key: case[key].astype(dtype) for key in PARAMETERS}
    new_params, loss = solutions_of("training_step")["training_step"](
        params,
        case["context_vector"].astype(dtype),
        case["tokens"],
        SCRIPT.FEEDS[feed],
        SCRIPT.LEARNING_RATE,
    )
    assert new_params.keys() == params.keys()
    for key, value in {**new_params, "loss": loss}.items():
        wanted = case[f"{key}_{feed}_{dtype}"]
        np.testing.assert_allclose(value, wanted, rtol=0, atol=TOLERANCE[dtype])


def test_own_tokens_make_another_step_than_the_truth() -> None:
    name = list(SCRIPT.draw_inputs())[-1]
    forced, free = (CASES[name][f"W_hh_{feed}_float64"] for feed in SCRIPT.FEEDS)
    assert np.abs(forced - free).max() > 1e-3


def test_the_file_is_of_its_script() -> None:
    assert about("step")["seed"] == SCRIPT.SEED
    assert about("step")["torch"] == "2.13.0"
    drawn = SCRIPT.draw_inputs()
    assert CASES.keys() == drawn.keys()
    for name, case in drawn.items():
        for key, array in case.items():
            np.testing.assert_array_equal(CASES[name][key], array)
