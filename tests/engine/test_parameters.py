import numpy as np
import pytest

from course.engine import ModelShape, Parameters, initial_parameters
from course.engine.parameters import DECODER_NAMES


def small(cell_type: str) -> ModelShape:
    return ModelShape(cell_type, feature_dim=2, input_dim=3, hidden_dim=4, output_dim=5)


def test_arrays_have_the_shapes_of_the_exercises(cell_type: str) -> None:
    rows = {"rnn": 4, "lstm": 16, "gru": 12}[cell_type]
    parameters = initial_parameters(small(cell_type), np.random.default_rng(0))
    assert {name: parameters[name].shape for name in DECODER_NAMES} == {
        "W_xh": (rows, 3),
        "W_hh": (rows, 4),
        "b_xh": (rows,),
        "b_hh": (rows,),
        "W_hy": (5, 4),
        "b_y": (5,),
        "x_start": (3,),
    }


def test_the_arrays_and_the_vector_share_their_numbers(cell_type: str) -> None:
    parameters = initial_parameters(small(cell_type), np.random.default_rng(0))
    parameters.flat[:] = 0
    for name in parameters:
        parameters[name][...] += 1
    assert (parameters.flat == 1).all()


def test_a_learners_copy_is_a_copy(cell_type: str) -> None:
    parameters = initial_parameters(small(cell_type), np.random.default_rng(0))
    before = parameters.flat.copy()
    for array in (*parameters.decoder_params().values(), parameters.copy().flat):
        array += 1
    np.testing.assert_array_equal(parameters.flat, before)


def test_float32_and_float64_start_from_the_same_draws(cell_type: str) -> None:
    single = initial_parameters(small(cell_type), np.random.default_rng(0), np.float32)
    double = initial_parameters(small(cell_type), np.random.default_rng(0), np.float64)
    assert (single.flat.dtype, double.flat.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single.flat, double.flat.astype(np.float32))
    assert np.abs(double.flat).max() <= 0.5
    assert not double["x_start"].any()


def test_weights_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match="weights of another model"):
        Parameters(small("gru"), np.zeros(7))
