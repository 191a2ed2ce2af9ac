import numpy as np
import pytest

from course.engine.optim import Adam, clip_by_norm


def test_a_long_gradient_is_cut_to_the_norm_and_keeps_its_direction() -> None:
    gradient = np.array([3.0, -4.0])
    assert clip_by_norm(gradient, 1.0) == 5.0
    np.testing.assert_allclose(gradient, [0.6, -0.8], rtol=1e-6)


def test_a_short_gradient_is_left_alone() -> None:
    gradient = np.array([0.3, -0.4])
    assert clip_by_norm(gradient, 1.0) == pytest.approx(0.5)
    assert gradient.tolist() == [0.3, -0.4]


def test_a_gradient_of_zeros_is_left_alone() -> None:
    gradient = np.zeros(3)
    assert clip_by_norm(gradient, 1.0) == 0
    assert not gradient.any()


def test_adams_first_step_has_the_length_of_the_learning_rate() -> None:
    parameters = np.zeros(3)
    Adam(3, np.dtype(np.float64)).update(parameters, np.array([5.0, -0.01, 2.0]), 0.1)
    np.testing.assert_allclose(parameters, [-0.1, 0.1, -0.1], rtol=1e-5)


def test_adam_agrees_with_algorithm_1_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    parameters = rng.normal(size=4)
    expected, m, v = parameters.copy(), np.zeros(4), np.zeros(4)
    adam = Adam(4, np.dtype(np.float64))
    for i in range(1, 30):
        gradient = rng.normal(size=4)
        m, v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        expected -= 0.01 * (m / (1 - 0.9**i)) / (np.sqrt(v / (1 - 0.999**i)) + 1e-8)
        adam.update(parameters, gradient, 0.01)
    np.testing.assert_allclose(parameters, expected, rtol=1e-12)


def test_adam_keeps_float32_in_float32() -> None:
    adam, parameters = Adam(2), np.zeros(2, np.float32)
    adam.update(parameters, np.ones(2, np.float32), 0.1)
    assert (adam.mean.dtype, adam.square.dtype) == (np.float32, np.float32)
