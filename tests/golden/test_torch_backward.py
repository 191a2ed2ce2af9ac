"""The loss and the way back of lesson 5 give PyTorch's numbers; the golden file is its script's."""

from __future__ import annotations

import numpy as np
import pytest
from torch_files import Arrays, about, cases, script, solutions_of

PARAMETERS = ("W_xh", "W_hh", "b_xh", "b_hh", "W_hy", "b_y", "x_start")
TOLERANCE = {"float64": 1e-10, "float32": 2e-5}
SCRIPT, CASES = script("backward"), cases("backward")
SOLUTIONS = solutions_of("rnn_decoder_backward")


def given(case: Arrays, dtype: str) -> tuple[np.ndarray, np.ndarray, Arrays]:
    context, fed = case["context_vector"].astype(dtype), case["fed"].astype(dtype)
    return context, fed, {name: case[name].astype(dtype) for name in PARAMETERS}


every_case = pytest.mark.parametrize("name", list(SCRIPT.draw_inputs()))
both_dtypes = pytest.mark.parametrize("dtype", SCRIPT.DTYPES)


@both_dtypes
@every_case
def test_the_loss_and_its_gradient_are_torchs(name: str, dtype: str) -> None:
    case = CASES[name]
    context, fed, params = given(case, dtype)
    states = [context]
    for x_t in fed:
        states.append(SOLUTIONS["rnn_cell_step"](x_t, states[-1], params))
    logits = np.array(states[1:]) @ params["W_hy"].T + params["b_y"]
    ours = SOLUTIONS["cross_entropy_and_gradient"](logits, case["tokens"], case["mask"])
    for value, key in zip(ours, ("loss", "d_logits"), strict=True):
        np.testing.assert_allclose(value, case[f"{key}_{dtype}"], rtol=0, atol=TOLERANCE[dtype])


@both_dtypes
@every_case
def test_the_way_back_is_torchs(name: str, dtype: str) -> None:
    case = CASES[name]
    d_logits = case[f"d_logits_{dtype}"]
    gradients, d_context = SOLUTIONS["rnn_decoder_backward"](*given(case, dtype), d_logits)
    assert list(gradients) == list(PARAMETERS)
    for key, value in {**gradients, "d_context": d_context}.items():
        np.testing.assert_allclose(value, case[f"{key}_{dtype}"], rtol=0, atol=TOLERANCE[dtype])


def test_the_file_is_of_its_script() -> None:
    assert about("backward")["seed"] == SCRIPT.SEED
    assert about("backward")["torch"] == "2.13.0"
    drawn = SCRIPT.draw_inputs()
    assert CASES.keys() == drawn.keys()
    for name, case in drawn.items():
        for key, array in case.items():
            np.testing.assert_array_equal(CASES[name][key], array)
