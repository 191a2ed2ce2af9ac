"""The transformer of lesson 6 gives PyTorch's numbers; the golden file is of its script."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from torch_files import cases, script, solutions_of

TOLERANCE = {"float64": 1e-10, "float32": 3e-5}
SCRIPT, CASES = script("transformer"), cases("transformer")
SOLUTIONS = solutions_of("transformer_forward")


def params_of(case: str, dtype: str) -> dict[str, Any]:
    """Return a case's weights as the exercises have them."""
    shapes = SCRIPT.arrays(case)
    ends = np.cumsum([prod(shape) for shape in shapes.values()])[:-1]
    pieces = np.split(CASES[case]["weights"].astype(dtype), ends)
    params: dict[str, Any] = {"blocks": []}
    for (name, shape), piece in zip(shapes.items(), pieces, strict=True):
        block, _, inside = name.rpartition("/")
        if block and int(block) == len(params["blocks"]):
            params["blocks"].append({})
        held = params["blocks"][int(block)] if block else params
        held[inside] = piece.reshape(shape)
    return params


every_case = pytest.mark.parametrize("case", list(SCRIPT.CASES))
both_dtypes = pytest.mark.parametrize("dtype", SCRIPT.DTYPES)


@both_dtypes
@every_case
def test_one_forced_pass_is_torchs(case: str, dtype: str) -> None:
    mine, params = CASES[case], params_of(case, dtype)
    for n in range(mine["context"].shape[1]):
        given = (mine[name].astype(dtype)[..., n] for name in ("context", "target_seq"))
        logits = SOLUTIONS["transformer_forward"](*given, params)
        expected = mine[f"logits_{dtype}"][:, :, n]
        np.testing.assert_allclose(logits, expected, rtol=0, atol=TOLERANCE[dtype])


@pytest.mark.parametrize(
    "case", [name for name, sizes in SCRIPT.CASES.items() if sizes[2] == sizes[-1]]
)
def test_generation_with_a_cache_is_torchs_without(case: str) -> None:
    mine, params = CASES[case], params_of(case, "float64")
    T, _, N = mine["free_running_float64"].shape
    for n in range(N):
        logits = SOLUTIONS["generate"](mine["context"][:, n].astype(float), T, params)
        expected = mine["free_running_float64"][:, :, n]
        np.testing.assert_allclose(logits, expected, rtol=0, atol=TOLERANCE["float64"])


def test_the_file_is_of_its_script() -> None:
    drawn = SCRIPT.draw_inputs()
    assert CASES.keys() == drawn.keys()
    for name, case in drawn.items():
        for key, array in case.items():
            np.testing.assert_array_equal(CASES[name][key], array)
