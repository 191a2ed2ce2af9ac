"""The transformer that reads a prompt gives PyTorch's numbers, and trains as PyTorch does."""

from __future__ import annotations

import numpy as np
import pytest
from torch_files import about, golden, script

from course.engine import Parameters
from course.engine.optim import Adam, clip_by_norm
from course.engine.transformer import TransformerShape, as_params
from course.engine.transformer.prompted import Fed, Prompted, gradient_prompted, written

TOLERANCE = {"float64": 1e-12, "float32": 3e-5}
SCRIPT, FOUND = script("prompted"), golden("prompted")
SHAPE = TransformerShape(
    "transformer", 0, SCRIPT.I, SCRIPT.D, SCRIPT.O, SCRIPT.BLOCKS, SCRIPT.F, SCRIPT.T
)


def started(dtype: str) -> tuple[Parameters, Prompted]:
    model = Parameters(SHAPE, FOUND["weights"].astype(dtype))
    return model, Prompted(FOUND["given"].astype(dtype), SCRIPT.MEMBERS, FOUND["tokens"])


@pytest.mark.parametrize("dtype", SCRIPT.DTYPES)
@pytest.mark.parametrize("fed", ["truth", "own"])
def test_forward_and_back_are_torchs(fed: Fed, dtype: str) -> None:
    model, batch = started(dtype)
    gradients = model.zeros_like()
    loss, tape = gradient_prompted(as_params(model), batch, as_params(gradients), fed)
    told = {"logits": written(batch, tape), "loss": loss, "gradients": gradients.flat}
    for name, value in told.items():
        expected = FOUND[f"{name}_{fed}_{dtype}"]
        near = {"rtol": 0, "atol": TOLERANCE[dtype]}
        np.testing.assert_allclose(np.asarray(value), expected, **near, err_msg=name)


def test_twenty_steps_of_training_are_torchs() -> None:
    model, batch = started("float64")
    gradients, adam = model.zeros_like(), Adam(model.flat.size, model.flat.dtype)
    losses = []
    for _ in range(SCRIPT.STEPS):
        loss, _ = gradient_prompted(as_params(model), batch, as_params(gradients))
        clip_by_norm(gradients.flat, SCRIPT.CLIP_NORM)
        adam.update(model.flat, gradients.flat, SCRIPT.LEARNING_RATE)
        losses.append(loss)
    np.testing.assert_allclose(losses, FOUND["curve"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(model.flat, FOUND["last_weights"], rtol=0, atol=1e-8)


def test_own_tokens_are_not_the_true_ones_here() -> None:
    own, truth = (FOUND[f"logits_{fed}_float64"] for fed in ("own", "truth"))
    assert abs(own - truth).max() > 0.1


def test_the_file_is_of_its_script_and_of_the_version_that_is_named() -> None:
    for key, array in SCRIPT.draw_inputs().items():
        np.testing.assert_array_equal(FOUND[key], array)
    assert about("prompted")["torch"] == "2.13.0"
