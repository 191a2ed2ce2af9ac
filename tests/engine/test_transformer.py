"""The batched transformer: PyTorch's numbers forward and back, central differences, its mask."""

import json
from pathlib import Path

import numpy as np
import pytest

from course.engine import Parameters, cross_entropy
from course.engine.numerics import Array, central_difference
from course.engine.transformer import (
    TransformerShape,
    as_params,
    causal,
    initial_transformer,
    new_transformer_tape,
    transformer_backward,
    transformer_forward,
    transformer_shape,
)

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "torch_transformer.npz"
CASES = {
    "one_step": TransformerShape("transformer", 2, 3, 4, 3, 1, 5, 4),
    "other_outputs": TransformerShape("transformer", 2, 3, 4, 4, 2, 6, 8),
    "three_blocks": TransformerShape("transformer", 1, 4, 6, 4, 3, 3, 7),
    "trained": TransformerShape("transformer", 3, 5, 8, 5, 2, 16, 9),
}
ATOL = {"float64": 1e-12, "float32": 3e-5}
T, N = 6, 3

every_case = pytest.mark.parametrize("case", CASES)
both_dtypes = pytest.mark.parametrize("dtype", ATOL)


@pytest.fixture(scope="module")
def golden() -> dict[str, Array]:
    with np.load(GOLDEN) as stored:
        return dict(stored)


@pytest.fixture
def model() -> Parameters:
    """A model of odd sizes, float64, with weights large enough for attention to choose."""
    shape = transformer_shape(3, 5, 7, model_dim=4, inner_dim=6)
    size = sum(int(np.prod(of)) for of in shape.arrays().values())
    return Parameters(shape, np.random.default_rng(3).normal(0, 0.7, size))


def drawn_batch() -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(11)
    return rng.normal(size=(3, N)), rng.integers(0, 5, (T, N)), rng.random((T, N)) < 0.8


def logits_of(model: Parameters, tokens: Array, sees: Array | None = None) -> Array:
    logits = transformer_forward(as_params(model), drawn_batch()[0], tokens, sees).logits
    return logits.copy()


@both_dtypes
@every_case
def test_forward_and_back_give_the_numbers_of_torch(
    golden: dict[str, Array], case: str, dtype: str
) -> None:
    mine = {key.partition("/")[2]: golden[key] for key in golden if key.startswith(f"{case}/")}
    model = Parameters(CASES[case], mine["weights"].astype(dtype))
    params, gradients = as_params(model), model.zeros_like()
    context, target_seq = mine["context"].astype(dtype), mine["target_seq"].astype(dtype)
    tape = transformer_forward(params, context, target_seq)
    loss, d_logits = cross_entropy(tape.logits, mine["tokens"], mine["mask"])
    d_context = transformer_backward(params, tape, d_logits, as_params(gradients))
    found = {
        "logits": tape.logits,
        "loss": loss,
        "d_logits": d_logits,
        "gradients": gradients.flat,
        "d_context": d_context,
    }
    for name, value in found.items():
        assert np.asarray(value).dtype == dtype or name == "loss"
        expected = mine[f"{name}_{dtype}"]
        np.testing.assert_allclose(value, expected, rtol=0, atol=ATOL[dtype], err_msg=name)


def test_the_golden_file_is_of_the_version_that_is_named(golden: dict[str, Array]) -> None:
    assert json.loads(str(golden["about"]))["torch"] == "2.13.0"


@pytest.mark.parametrize("mask", ["causal", "all", "transposed"])
def test_every_gradient_agrees_with_central_differences(model: Parameters, mask: str) -> None:
    """To 1e-7 of the largest gradient of the same array."""
    sees = {"causal": None, "all": np.ones((T, T), bool), "transposed": causal(T).T}[mask]
    context, tokens, _ = drawn_batch()

    def loss(flat: Array, context: Array = context) -> float:
        params = as_params(Parameters(model.shape, flat))
        return cross_entropy(transformer_forward(params, context, tokens, sees).logits, tokens)[0]

    params, gradients = as_params(model), model.zeros_like()
    gradients.flat[:] = np.nan  # every number must be written
    tape = transformer_forward(params, context, tokens, sees)
    _, d_logits = cross_entropy(tape.logits, tokens)
    d_context = transformer_backward(params, tape, d_logits, as_params(gradients))
    expected = Parameters(model.shape, central_difference(loss, model.flat, 1e-5))
    for name in model:
        largest = np.abs(expected[name]).max()
        assert largest > 1e-4, f"{name} does not matter here"
        assert np.abs(gradients[name] - expected[name]).max() < 1e-7 * largest, name
    by_context = central_difference(lambda moved: loss(model.flat, moved), context, 1e-5)
    np.testing.assert_allclose(d_context, by_context, rtol=0, atol=1e-7 * abs(by_context).max())


def test_a_masked_position_sends_no_gradient(model: Parameters) -> None:
    context, tokens, _ = drawn_batch()
    params, gradients = as_params(model), model.zeros_like()
    counts = np.zeros((T, N))
    counts[2] = 1
    tape = transformer_forward(params, context, tokens)
    _, d_logits = cross_entropy(tape.logits, tokens, counts)
    transformer_backward(params, tape, d_logits, as_params(gradients))
    assert gradients["positions"][:3].any(axis=1).all()
    assert not gradients["positions"][3:].any()


def test_no_row_moves_with_a_target_that_it_predicts_or_that_comes_later(model: Parameters) -> None:
    _, tokens, _ = drawn_batch()
    before = logits_of(model, tokens)
    for t in range(T):
        other = tokens.copy()
        other[t] = (other[t] + 1) % 5
        moved = abs(logits_of(model, other) - before).max(axis=1) > 1e-9
        assert not moved[: t + 1].any()
        assert moved[t + 1 :].all()


def test_without_a_mask_every_row_but_the_last_sees_what_it_predicts(model: Parameters) -> None:
    _, tokens, _ = drawn_batch()
    everything = np.ones((T, T), bool)
    before = logits_of(model, tokens, everything)
    for t in range(T):
        other = tokens.copy()
        other[t] = (other[t] + 1) % 5
        moved = abs(logits_of(model, other, everything) - before).max(axis=1) > 1e-9
        assert moved.all() if t < T - 1 else not moved.any()


def test_tokens_are_the_same_as_their_one_hot_vectors(model: Parameters) -> None:
    _, tokens, _ = drawn_batch()
    vectors = np.eye(5)[tokens].transpose(0, 2, 1)
    np.testing.assert_array_equal(logits_of(model, tokens), logits_of(model, vectors))


def test_a_sequence_does_not_depend_on_its_neighbours(model: Parameters) -> None:
    context, tokens, _ = drawn_batch()
    together = logits_of(model, tokens)
    for n in range(N):
        one = transformer_forward(as_params(model), context[:, n : n + 1], tokens[:, n : n + 1])
        np.testing.assert_allclose(one.logits[:, :, 0], together[:, :, n], rtol=0, atol=1e-12)


def test_a_tape_that_is_used_again_gives_the_same_numbers(model: Parameters) -> None:
    context, tokens, _ = drawn_batch()
    fresh, other = logits_of(model, tokens), model.copy()
    other.flat[...] += 1
    tape = transformer_forward(as_params(other), context + 1, (tokens + 1) % 5)
    transformer_backward(
        as_params(other), tape, np.ones_like(tape.logits), as_params(other.zeros_like())
    )
    again = transformer_forward(as_params(model), context, tokens, tape=tape)
    np.testing.assert_array_equal(again.logits, fresh)


@both_dtypes
def test_scores_of_ten_thousand_are_finite(model: Parameters, dtype: str) -> None:
    large = Parameters(model.shape, model.flat.astype(dtype))
    for block in as_params(large)["blocks"]:
        block["W_q"] *= 1e4
    params, (context, tokens, _) = as_params(large), drawn_batch()
    tape = transformer_forward(params, context.astype(dtype), tokens)
    assert abs(tape.blocks[0].qkv[:4]).max() > 1e3
    gradients = large.zeros_like()
    transformer_backward(params, tape, np.ones_like(tape.logits), as_params(gradients))
    assert np.isfinite(tape.logits).all()
    assert np.isfinite(gradients.flat).all()


def test_no_steps_give_no_logits_and_no_gradient(model: Parameters) -> None:
    params, gradients = as_params(model), model.zeros_like()
    gradients.flat[:] = np.nan
    tape = transformer_forward(params, drawn_batch()[0], np.zeros((0, N), int))
    assert tape.logits.shape == (0, 5, N)
    d_context = transformer_backward(params, tape, tape.logits, as_params(gradients))
    assert not gradients.flat.any()
    assert not d_context.any()


def test_all_positions_may_be_used_and_no_more(model: Parameters) -> None:
    context = drawn_batch()[0]
    tokens = np.zeros((8, N), int)
    assert len(transformer_forward(as_params(model), context, tokens[:7]).logits) == 7
    with pytest.raises(ValueError, match="embeddings for 7 positions, got 8 steps"):
        transformer_forward(as_params(model), context, tokens)


def test_what_does_not_fit_is_refused(model: Parameters) -> None:
    params, (context, tokens, _) = as_params(model), drawn_batch()
    with pytest.raises(ValueError, match=r"context must have shape \(C, N\) = \(3, 3\)"):
        transformer_forward(params, context[:2], tokens)
    tape = new_transformer_tape(params, T - 1, N)
    with pytest.raises(ValueError, match=r"the tape is for \(T, N\) = \(5, 3\), got \(6, 3\)"):
        transformer_forward(params, context, tokens, tape=tape)
    for sees in (causal(T - 1), causal(T) & ~np.eye(T, dtype=bool)):
        with pytest.raises(ValueError, match="something to see in each row"):
            transformer_forward(params, context, tokens, sees)


def test_the_lessons_arrays_are_views_of_the_vector(model: Parameters) -> None:
    params = as_params(model)
    blocks = params.pop("blocks")
    held = params | {f"{b}/{name}": blocks[b][name] for b in range(2) for name in blocks[b]}
    assert held.keys() == model.shape.arrays().keys()
    for k, (name, array) in enumerate(held.items()):
        array[...] = k
        np.testing.assert_array_equal(model[name], k)


def test_weights_of_another_model_are_no_transformers() -> None:
    from course.engine import ModelShape, initial_parameters

    other = initial_parameters(ModelShape("rnn", 1, 2, 3, 2), np.random.default_rng(0))
    with pytest.raises(TypeError, match="expected the weights of a transformer"):
        as_params(other)


def test_first_weights_are_small_and_biases_zero() -> None:
    model = initial_transformer(transformer_shape(4, 16, 30), np.random.default_rng(0))
    assert abs(model.flat).max() <= 32**-0.5
    for name, array in model.items():
        zero = name == "x_start" or "b_" in name
        assert array.any() != zero, name
