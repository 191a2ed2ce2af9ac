"""The measures, on inputs whose answers are known."""

import numpy as np
import pytest

from course import exposure
from course.engine import (
    Batch,
    ModelShape,
    Parameters,
    context_from,
    forward,
    initial_parameters,
    log_softmax,
)
from course.engine.numerics import Array

LOG2 = np.log(2)


def log_of(*rows: list[float]) -> Array:
    """Log probabilities (1, O, N), a column for each row of probabilities."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(np.array(rows).T), -700)[None]


@pytest.fixture
def model() -> Parameters:
    shape = ModelShape("gru", feature_dim=3, input_dim=5, hidden_dim=8, output_dim=5)
    parameters = initial_parameters(shape, np.random.default_rng(0), np.float64)
    parameters.flat[:] *= 6  # far from indifferent
    return parameters


def drawn(columns: int, steps: int = 7) -> Batch:
    rng = np.random.default_rng(1)
    return Batch(rng.normal(size=(3, columns)), rng.integers(0, 5, (steps, columns)))


def test_kl_has_its_closed_form_and_is_not_symmetric() -> None:
    p, q = log_of([0.5, 0.5]), log_of([0.75, 0.25])
    assert exposure.kl_by_step(p, q).item() == pytest.approx(0.5 * np.log(0.25 / 0.1875))
    assert exposure.kl_by_step(q, p).item() == pytest.approx(
        0.75 * np.log(1.5) + 0.25 * np.log(0.5)
    )


def test_js_is_zero_for_equals_and_log_2_for_what_has_nothing_in_common() -> None:
    p = log_of([1.0, 0.0], [0.3, 0.7])
    q = log_of([0.0, 1.0], [0.3, 0.7])
    np.testing.assert_allclose(exposure.js_by_step(p, q), [[LOG2, 0]], atol=1e-15)
    np.testing.assert_allclose(exposure.js_by_step(q, p), exposure.js_by_step(p, q))


def test_hidden_distance_is_one_for_the_state_of_an_unrelated_sequence() -> None:
    true = np.random.default_rng(0).normal(size=(3, 4, 500))
    zero = exposure.hidden_distance_by_step(true, true)
    one = exposure.hidden_distance_by_step(true, np.roll(true, 1, axis=2))
    assert not zero.any()
    np.testing.assert_allclose(one.mean(axis=1), 1)


def test_hidden_distance_of_sequences_that_share_all_is_zero() -> None:
    same = np.ones((2, 4, 3))
    assert not exposure.hidden_distance_by_step(same, same).any()


def test_the_standard_error_is_that_of_a_mean() -> None:
    values = np.random.default_rng(0).normal(2, 3, (2, 400))
    estimate = exposure.over_sequences(values)
    np.testing.assert_allclose(estimate.mean, values.mean(axis=1))
    np.testing.assert_allclose(estimate.standard_error, values.std(axis=1, ddof=1) / 20)


def test_masked_values_count_neither_for_the_mean_nor_for_its_error() -> None:
    values = np.array([[1.0, 3.0, 99.0], [5.0, 99.0, 99.0], [99.0, 99.0, 99.0]])
    mask = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]])
    estimate = exposure.over_sequences(values, mask)
    np.testing.assert_array_equal(estimate.mean, [2, 5, np.nan])
    np.testing.assert_array_equal(estimate.standard_error, [1, np.nan, np.nan])


def test_never_fed_its_own_tokens_a_model_shows_no_divergence(model: Parameters) -> None:
    result = exposure.measure(model, drawn(20), sampling_prob=0.0)
    for estimate in (result.kl, result.js, result.hidden_distance):
        np.testing.assert_allclose(estimate.mean, 0, atol=1e-14)
    np.testing.assert_array_equal(result.error_own.mean, result.error_true.mean)


def test_the_first_step_never_diverges_and_later_ones_do(model: Parameters) -> None:
    result = exposure.measure(model, drawn(50))
    for estimate in (result.kl, result.js, result.hidden_distance):
        assert estimate.mean[0] < 1e-14
        assert (estimate.mean[1:] > 1e-3).all()
    assert (result.js.mean <= LOG2).all()


def test_errors_likelihoods_and_exact_matches_are_counted_over_what_counts(
    model: Parameters,
) -> None:
    batch = drawn(30)
    context = context_from(model, batch.features)
    logits = forward("gru", model, context, batch.tokens).logits
    right = logits.argmax(axis=1)
    perfect = Batch(batch.features, batch.tokens.copy())
    # A truth that is what the model says when it runs freely: no error on its own prefix.
    for t in range(len(right)):
        run = forward("gru", model, context, perfect.tokens)
        perfect.tokens[t] = run.logits[t].argmax(axis=0)
    result = exposure.measure(model, perfect)
    assert not result.error_own.mean.any()
    assert result.exact_match == 1
    expected = -np.log(np.exp(log_softmax(run.logits)).max(axis=1)).mean(axis=1)
    np.testing.assert_allclose(result.nll_own.mean, expected)

    perfect.tokens[3, :6] = (perfect.tokens[3, :6] + 1) % 5
    result = exposure.measure(model, perfect)
    assert result.error_own.mean[3] == pytest.approx(6 / 30)
    assert result.exact_match == pytest.approx(24 / 30)
    assert result.exact_match_standard_error == pytest.approx(np.sqrt(0.8 * 0.2 / 29))
    mask = np.ones_like(perfect.tokens)
    mask[3] = 0
    masked = exposure.measure(model, Batch(perfect.features, perfect.tokens, mask))
    assert masked.exact_match == 1
    assert np.isnan(masked.error_own.mean[3])


def test_a_model_that_does_not_look_at_its_prefix_has_no_excess_error(model: Parameters) -> None:
    """Neither does the oracle here: the error is the same on whatever prefix."""
    shape = model.shape
    blind = Parameters(shape, model.flat.copy())
    for name in ("W_xh", "W_hh", "W_context"):
        blind[name][...] = 0
    batch = drawn(40)

    def oracle_of(parameters: Parameters) -> exposure.Oracle:
        context = context_from(parameters, batch.features)
        return lambda tokens: log_softmax(forward("gru", parameters, context, tokens).logits)

    other = exposure.excess_error(blind, batch, oracle_of(blind_with_bias(blind)), rng())
    np.testing.assert_allclose(other.excess_percent, 0, atol=1e-9)
    np.testing.assert_allclose(other.accumulated, np.arange(1, 8))


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def blind_with_bias(blind: Parameters) -> Parameters:
    other = blind.copy()
    other["b_y"][0] += 1
    return other


def test_a_model_that_errs_where_its_own_samples_lead_has_excess_error(model: Parameters) -> None:
    """The oracle never shows token 0; the model is wrong after a 0 alone, and samples zeros."""
    batch = drawn(200, steps=12)
    batch = Batch(batch.features, np.where(batch.tokens == 0, 1, batch.tokens))
    context = context_from(model, batch.features)

    def oracle(tokens: Array) -> Array:
        logits = forward("gru", model, context, tokens).logits.copy()
        before = np.concatenate([np.ones((1, tokens.shape[1]), int), tokens[:-1]])
        logits[:, 1] += 0.1 + 5 * (before == 0)
        return log_softmax(logits)

    result = exposure.excess_error(model, batch, oracle, rng())
    assert result.excess_percent[0] == pytest.approx(0)
    assert result.excess_percent[-1] > 3 * result.excess_standard_error[-1] > 0
    assert result.accumulated[-1] > 12
    # AccErr(l) = l (1 + ExAccErr(l) / 100), and so are their errors
    steps = np.arange(1, 13)
    np.testing.assert_allclose(
        result.accumulated_standard_error, steps * result.excess_standard_error / 100
    )


def test_the_models_own_samples_have_no_padding(model: Parameters) -> None:
    batch = drawn(3)
    masked = Batch(batch.features, batch.tokens, np.ones_like(batch.tokens))
    with pytest.raises(ValueError, match="sequences of one length"):
        exposure.excess_error(model, masked, lambda tokens: tokens, rng())


def test_without_recurrence_a_wrong_token_shows_for_as_long_as_it_is_copied() -> None:
    """A model that repeats what it was fed never recovers; one that ignores it does at once."""
    shape = ModelShape("rnn", feature_dim=0, input_dim=4, hidden_dim=4, output_dim=4)
    copier = Parameters(shape, np.zeros(initial_parameters(shape, rng()).flat.size))
    copier["W_xh"][...] = 3 * np.eye(4)
    copier["W_hy"][...] = 3 * np.eye(4)
    batch = Batch(np.zeros((0, 25)), np.zeros((9, 25), int))
    result = exposure.recovery(copier, batch, at=3, rng=rng())
    assert result.still_different.mean.tolist() == [1] * 6
    assert set(result.steps.tolist()) == {6}

    copier["W_xh"][...] = 0
    result = exposure.recovery(copier, batch, at=3, rng=rng())
    assert not result.still_different.mean.any()
    assert not result.steps.any()


@pytest.mark.parametrize("at", [0, 7])
def test_a_step_that_is_fed_no_token_cannot_be_disturbed(model: Parameters, at: int) -> None:
    with pytest.raises(ValueError, match="at must be a step from 1 to T - 1 = 6"):
        exposure.recovery(model, drawn(3), at=at, rng=rng())


def test_the_wrong_token_is_neither_the_models_nor_the_truth() -> None:
    one, other = np.repeat([0, 2, 3], 4000), np.repeat([2, 2, 1], 4000)
    drawn_tokens = exposure._neither(one, other, 4, rng())
    assert not (drawn_tokens == one).any()
    assert not (drawn_tokens == other).any()
    for allowed, part in zip(([1, 3], [0, 1, 3], [0, 2]), np.split(drawn_tokens, 3), strict=True):
        tokens, counts = np.unique(part, return_counts=True)
        assert tokens.tolist() == allowed
        np.testing.assert_allclose(counts / len(part), 1 / len(allowed), atol=0.04)


def test_of_two_tokens_none_is_wrong_and_not_the_models_own() -> None:
    shape = ModelShape("rnn", feature_dim=0, input_dim=2, hidden_dim=3, output_dim=2)
    with pytest.raises(ValueError, match="needs 3 tokens, got 2"):
        exposure.recovery(
            initial_parameters(shape, rng()),
            Batch(np.zeros((0, 4)), np.zeros((5, 4), int)),
            1,
            rng(),
        )


def test_padding_does_not_count_in_recovery(model: Parameters) -> None:
    batch = drawn(40)
    mask = np.ones_like(batch.tokens)
    mask[5:, :20] = 0
    whole = exposure.recovery(model, batch, 2, rng())
    masked = exposure.recovery(model, Batch(batch.features, batch.tokens, mask), 2, rng())
    assert whole.steps[:20].max() > masked.steps[:20].max() == 3
    np.testing.assert_array_equal(whole.steps[20:], masked.steps[20:])
