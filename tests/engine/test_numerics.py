import numpy as np
import pytest

from course.engine.numerics import (
    central_difference,
    cross_entropy,
    log_softmax,
    one_hot,
    softmax,
)
from course.exposure import js_by_step, kl_by_step


def drawn_logits() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(0, 2, (3, 4, 5)), rng.integers(0, 4, (3, 5)), rng.random((3, 5)) < 0.6


def test_softmax_sums_to_one_over_the_classes_and_agrees_with_its_logarithm() -> None:
    logits, _, _ = drawn_logits()
    p = softmax(logits)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(np.log(p), log_softmax(logits))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("token", [0, 1, 2])
def test_logits_up_to_1e30_give_finite_numbers(dtype: type, token: int) -> None:
    logits = np.array([[[1e30], [-1e30], [0.0]], [[1e30], [1e30], [-1e30]]], dtype)
    assert softmax(logits)[:, :, 0].tolist() == [[1, 0, 0], [0.5, 0.5, 0]]
    loss, d_logits = cross_entropy(logits, np.full((2, 1), token))
    log_p = log_softmax(logits)
    assert loss == pytest.approx(-log_p[:, token].mean())
    for numbers in (loss, d_logits, log_p, kl_by_step(log_p, log_p[::-1])):
        assert np.isfinite(numbers).all()
    assert (js_by_step(log_p, log_p[::-1]) <= np.log(2)).all()


def test_numerics_do_not_change_their_arguments() -> None:
    logits, tokens, mask = drawn_logits()
    kept = logits.copy()
    softmax(logits), log_softmax(logits), cross_entropy(logits, tokens, mask)
    np.testing.assert_array_equal(logits, kept)


def test_cross_entropy_of_equal_logits_is_the_log_of_the_number_of_classes() -> None:
    loss, _ = cross_entropy(np.zeros((2, 7, 3)), np.zeros((2, 3), int))
    assert loss == pytest.approx(np.log(7))


@pytest.mark.parametrize("masked", [False, True])
def test_the_gradient_of_cross_entropy_agrees_with_central_differences(masked: bool) -> None:
    logits, tokens, mask = drawn_logits()
    weight = mask if masked else None
    _, gradient = cross_entropy(logits, tokens, weight)
    expected = central_difference(lambda x: cross_entropy(x, tokens, weight)[0], logits, 1e-5)
    np.testing.assert_allclose(gradient, expected, rtol=1e-7, atol=1e-10)


def test_masked_positions_count_for_nothing() -> None:
    logits, tokens, mask = drawn_logits()
    loss, gradient = cross_entropy(logits, tokens, mask)
    other = np.where(mask[:, None], logits, 99.0)
    assert cross_entropy(other, tokens, mask)[0] == pytest.approx(loss)
    assert not gradient.transpose(0, 2, 1)[~mask].any()
    nll = -np.take_along_axis(log_softmax(logits), tokens[:, None], axis=1)[:, 0]
    assert loss == pytest.approx(nll[mask].mean())


def test_a_batch_that_is_masked_throughout_gives_zero_and_no_gradient() -> None:
    logits, tokens, mask = drawn_logits()
    loss, gradient = cross_entropy(logits, tokens, np.zeros_like(mask))
    assert loss == 0
    assert not gradient.any()


def test_no_steps_at_all_give_zero() -> None:
    loss, gradient = cross_entropy(np.zeros((0, 3, 2)), np.zeros((0, 2), int))
    assert loss == 0
    assert gradient.shape == (0, 3, 2)


def test_one_hot_puts_the_class_before_the_sequences() -> None:
    tokens = np.array([[0, 2], [1, 1]])
    hot = one_hot(tokens, 3, np.float32)
    assert hot.shape == (2, 3, 2)
    assert hot.dtype == np.float32
    np.testing.assert_array_equal(hot.argmax(axis=1), tokens)
    np.testing.assert_array_equal(hot.sum(axis=1), 1)


def test_the_gradient_checker_refuses_a_wrong_gradient() -> None:
    at = np.array([0.3, -1.2])
    estimate = central_difference(lambda x: float(np.sin(x).sum()), at)
    np.testing.assert_allclose(estimate, np.cos(at), rtol=1e-7)
    assert not np.allclose(estimate, np.sin(at), rtol=1e-3)
