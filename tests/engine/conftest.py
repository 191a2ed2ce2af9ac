"""What the engine's tests share: PyTorch's numbers, and small models to differentiate."""

from pathlib import Path

import numpy as np
import pytest

from course.engine import ModelShape, Parameters
from course.engine.numerics import Array

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.fixture(scope="session")
def torch_decoder() -> dict[str, Array]:
    with np.load(GOLDEN / "torch_decoder.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="session")
def torch_training() -> dict[str, Array]:
    with np.load(GOLDEN / "torch_training.npz") as stored:
        return dict(stored)


@pytest.fixture(params=["rnn", "lstm", "gru"])
def cell_type(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def model(cell_type: str) -> Parameters:
    """A model of odd sizes with weights large enough for every gate to matter, float64."""
    shape = ModelShape(cell_type, feature_dim=3, input_dim=5, hidden_dim=4, output_dim=5)
    size = sum(int(np.prod(of)) for of in shape.arrays().values())
    return Parameters(shape, np.random.default_rng(7).normal(0, 0.6, size))
