"""The batched decoder: PyTorch's numbers forward, central differences backward."""

import numpy as np
import pytest

from course.engine import (
    Feed,
    ModelShape,
    Parameters,
    backward,
    context_from,
    cross_entropy,
    forward,
    free_running,
    initial_parameters,
    one_hot,
    scheduled_sampling,
    teacher_forcing,
)
from course.engine.cells import find_cell, halve, stack_weights
from course.engine.decoder import context_backward, new_tape
from course.engine.numerics import Array, central_difference
from course.engine.parameters import DECODER_NAMES

CASES = ("small", "narrow", "one_step", "mixed", "wide", "long")
T, N = 6, 3


def golden_case(
    golden: dict[str, Array], cell_type: str, case: str, dtype: str
) -> dict[str, Array]:
    prefix = f"{cell_type}/{case}/"
    return {
        key.removeprefix(prefix): array.astype(dtype)
        for key, array in golden.items()
        if key.startswith(prefix)
    }


def drawn_batch(model: Parameters) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(11)
    features = rng.normal(size=(model.shape.feature_dim, N))
    tokens = rng.integers(0, model.shape.output_dim, (T, N))
    return features, tokens, rng.random((T, N)) < 0.8


def run(model: Parameters, feed: Feed | None = None) -> Array:
    features, tokens, _ = drawn_batch(model)
    context = context_from(model, features)
    return forward(model.shape.cell_type, model, context, tokens, feed).logits.copy()


@pytest.mark.parametrize(("dtype", "atol"), [("float64", 1e-12), ("float32", 2e-5)])
@pytest.mark.parametrize("case", CASES)
def test_teacher_forcing_gives_the_numbers_of_torch(
    torch_decoder: dict[str, Array], cell_type: str, case: str, dtype: str, atol: float
) -> None:
    golden = golden_case(torch_decoder, cell_type, case, dtype)
    params = {name: golden[name] for name in DECODER_NAMES}
    context, target_seq = golden["context_vector"][:, None], golden["target_seq"][:, :, None]
    logits = forward(cell_type, params, context, target_seq).logits
    assert logits.dtype == dtype
    expected = golden[f"teacher_forcing_{dtype}"]
    np.testing.assert_allclose(logits[:, :, 0], expected, rtol=0, atol=atol)


@pytest.mark.parametrize("case", ["small", "narrow", "one_step", "wide", "long"])
def test_free_running_gives_the_numbers_of_torch(
    torch_decoder: dict[str, Array], cell_type: str, case: str
) -> None:
    golden = golden_case(torch_decoder, cell_type, case, "float64")
    params = {name: golden[name] for name in DECODER_NAMES}
    context, target_seq = golden["context_vector"][:, None], golden["target_seq"][:, :, None]
    logits = forward(
        cell_type, params, context, target_seq, free_running(len(target_seq), 1)
    ).logits
    expected = golden["free_running_float64"]
    np.testing.assert_allclose(logits[:, :, 0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_one_step_of_a_cell_gives_the_numbers_of_torch_cells(
    torch_decoder: dict[str, Array], cell_type: str, case: str
) -> None:
    golden = golden_case(torch_decoder, cell_type, case, "float64")
    params = {name: golden[name] for name in DECODER_NAMES}
    cell, tape = find_cell(cell_type), new_tape(cell_type, params, steps=1, columns=1)
    stack_weights(cell, params, tape.weights)
    halve(cell, tape.weights[len(tape.outputs) :], tape.halved)
    (step,), (step_forward,) = tape.steps, tape.ways_forward
    step.inputs[:-1, 0] = golden["x_start"]
    step.before[:, 0] = golden["context_vector"]
    if cell_type == "lstm":
        step.memory[:, 0] = golden["c_prev"]
    step_forward()
    np.testing.assert_allclose(step.after[:, 0], golden["step_h_float64"], atol=1e-13)
    if cell_type == "lstm":
        np.testing.assert_allclose(step.memory_after[:, 0], golden["step_c_float64"], atol=1e-13)


@pytest.mark.parametrize("sampling_prob", [0.0, 0.5, 1.0])
def test_every_gradient_agrees_with_central_differences(
    model: Parameters, sampling_prob: float
) -> None:
    """To 1e-7 of the largest gradient of the same array; the fed tokens are held as they were."""
    cell_type = model.shape.cell_type
    features, tokens, mask = drawn_batch(model)
    rng = np.random.default_rng(5)
    coins = scheduled_sampling(T, N, sampling_prob, rng=rng)
    fed_first = forward(cell_type, model, context_from(model, features), tokens, coins).fed.copy()

    def loss(flat: Array) -> float:
        moved = Parameters(model.shape, flat)
        tape = forward(cell_type, moved, context_from(moved, features), tokens, coins)
        same = np.array_equal(tape.fed[1:], fed_first[1:])
        assert same, "a difference as small as this one changed an argmax: take another seed"
        return cross_entropy(tape.logits, tokens, mask)[0]

    context = context_from(model, features)
    tape = forward(cell_type, model, context, tokens, coins)
    _, d_logits = cross_entropy(tape.logits, tokens, mask)
    gradients = model.zeros_like()
    gradients.flat[:] = np.nan  # every number must be written
    d_context = backward(model, tape, d_logits, gradients)
    context_backward(features, context, d_context, gradients)

    expected = Parameters(model.shape, central_difference(loss, model.flat, 1e-5))
    for name in model:
        largest = np.abs(expected[name]).max()
        assert largest > 1e-4, f"{name} does not matter here"
        assert np.abs(gradients[name] - expected[name]).max() < 1e-7 * largest, name


def test_probability_zero_is_teacher_forcing_to_the_last_bit(model: Parameters) -> None:
    fed = scheduled_sampling(T, N, 0.0, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(run(model, fed), run(model))
    np.testing.assert_array_equal(run(model, teacher_forcing(T, N)), run(model))


def test_tokens_are_the_same_as_their_one_hot_vectors(model: Parameters) -> None:
    features, tokens, _ = drawn_batch(model)
    context = context_from(model, features)
    vectors = one_hot(tokens, model.shape.input_dim)
    for feed in (None, scheduled_sampling(T, N, 0.5, rng=np.random.default_rng(1))):
        from_tokens = forward(model.shape.cell_type, model, context, tokens, feed).logits
        from_vectors = forward(model.shape.cell_type, model, context, vectors, feed).logits
        np.testing.assert_array_equal(from_tokens, from_vectors)


def test_each_step_is_fed_what_its_coin_says(model: Parameters) -> None:
    features, tokens, _ = drawn_batch(model)
    feed = scheduled_sampling(T, N, 0.5, rng=np.random.default_rng(2))
    tape = forward(model.shape.cell_type, model, context_from(model, features), tokens, feed)
    true, own = tokens[:-1], tape.logits[:-1].argmax(axis=1)
    expected = one_hot(np.where(feed.own[1:], own, true), model.shape.input_dim)
    np.testing.assert_array_equal(tape.fed[1:], expected)
    start = np.repeat(model["x_start"][:, None], N, axis=1)
    np.testing.assert_array_equal(tape.fed[0], start)
    assert (own != true)[feed.own[1:]].any(), "the model is right throughout: nothing is tested"


def test_sampled_feedback_feeds_what_the_lots_draw(model: Parameters) -> None:
    features, tokens, _ = drawn_batch(model)
    feed = scheduled_sampling(T, N, 1.0, "sample", np.random.default_rng(4))
    assert feed.lots is not None
    tape = forward(model.shape.cell_type, model, context_from(model, features), tokens, feed)
    for t in range(1, T):
        p = np.exp(tape.logits[t - 1])
        ends = np.cumsum(p / p.sum(axis=0), axis=0)
        drawn = tape.fed[t].argmax(axis=0)
        for n in range(N):
            assert np.searchsorted(ends[:, n], feed.lots[t, n], side="right") == drawn[n]


def test_the_last_target_is_never_fed(model: Parameters) -> None:
    features, tokens, _ = drawn_batch(model)
    context, cell_type = context_from(model, features), model.shape.cell_type
    before = forward(cell_type, model, context, tokens).logits
    tokens[-1] = (tokens[-1] + 1) % model.shape.output_dim
    np.testing.assert_array_equal(forward(cell_type, model, context, tokens).logits, before)


def test_sequences_do_not_know_of_each_other(model: Parameters) -> None:
    features, tokens, _ = drawn_batch(model)
    cell_type, together = model.shape.cell_type, run(model)
    for n in range(N):
        one = slice(n, n + 1)
        context = context_from(model, features[:, one])
        alone = forward(cell_type, model, context, tokens[:, one]).logits
        np.testing.assert_allclose(alone[:, :, 0], together[:, :, n], atol=1e-13)


def test_a_tape_used_again_gives_what_a_new_one_gives(model: Parameters) -> None:
    features, tokens, _ = drawn_batch(model)
    cell_type, context = model.shape.cell_type, context_from(model, features)
    feed = scheduled_sampling(T, N, 0.5, rng=np.random.default_rng(6))
    used = forward(cell_type, model, context + 1, tokens[::-1], free_running(T, N))
    backward(model, used, used.logits.copy(), model.zeros_like())
    again = forward(cell_type, model, context, tokens, feed, used)
    assert again is used
    new = forward(cell_type, model, context, tokens, feed)
    np.testing.assert_array_equal(again.logits, new.logits)


def test_nothing_given_is_changed(model: Parameters) -> None:
    features, tokens, mask = drawn_batch(model)
    kept = model.flat.copy(), tokens.copy()
    context = context_from(model, features)
    kept_context = context.copy()
    tape = forward(model.shape.cell_type, model, context, tokens, free_running(T, N))
    _, d_logits = cross_entropy(tape.logits, tokens, mask)
    kept_d = d_logits.copy()
    backward(model, tape, d_logits, model.zeros_like())
    for before, after in zip(
        (*kept, kept_context, kept_d), (model.flat, tokens, context, d_logits), strict=True
    ):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("steps", [0, 1])
def test_no_step_and_a_single_step_work_both_ways(model: Parameters, steps: int) -> None:
    features, tokens, _ = drawn_batch(model)
    context = context_from(model, features)
    tape = forward(model.shape.cell_type, model, context, tokens[:steps])
    assert tape.logits.shape == (steps, model.shape.output_dim, N)
    gradients = model.zeros_like()
    d_context = backward(model, tape, np.ones_like(tape.logits), gradients)
    assert np.isfinite(gradients.flat).all()
    assert bool(d_context.any()) == bool(steps)


def test_gates_far_beyond_what_exp_can_hold_are_shut_without_a_warning(cell_type: str) -> None:
    H = 2
    rows = {"rnn": 1, "lstm": 4, "gru": 3}[cell_type] * H
    params = {
        "W_xh": np.full((rows, 3), -2000.0, np.float32),
        "W_hh": np.full((rows, H), -2000.0, np.float32),
        "b_xh": np.full(rows, -2000.0, np.float32),
        "b_hh": np.zeros(rows, np.float32),
        "W_hy": np.ones((3, H), np.float32),
        "b_y": np.zeros(3, np.float32),
        "x_start": np.ones(3, np.float32),
    }
    logits = forward(cell_type, params, np.ones((H, 1), np.float32), np.zeros((4, 1), int)).logits
    assert np.isfinite(logits).all()


def test_an_unknown_cell_is_refused_and_says_which_there_are(model: Parameters) -> None:
    with pytest.raises(ValueError, match="'rnn', 'lstm', 'gru'; got 'transformer'"):
        forward("transformer", model, np.zeros((4, 1)), np.zeros((2, 1), int))


def test_a_context_of_another_size_is_refused(model: Parameters) -> None:
    with pytest.raises(ValueError, match=r"must have shape \(H, N\) = \(4, 1\), got \(5, 1\)"):
        forward(model.shape.cell_type, model, np.zeros((5, 1)), np.zeros((2, 1), int))


def test_a_tape_of_another_size_or_without_a_way_back_is_refused() -> None:
    shape = ModelShape("lstm", 0, 3, 4, 3)
    params = initial_parameters(shape, np.random.default_rng(0))
    context, tokens = np.zeros((4, 2), np.float32), np.zeros((5, 2), int)
    tape = forward("lstm", params, context, tokens)
    with pytest.raises(
        ValueError, match=r"tape is for \(T, N\) = \(5, 2\), got \(4, 2\): make a new"
    ):
        forward("lstm", params, context, tokens[:4], tape=tape)
    short = new_tape("lstm", params, 5, 2, way_back=False)
    logits = forward("lstm", params, context, tokens, tape=short).logits
    np.testing.assert_allclose(logits, tape.logits, rtol=1e-6)
    with pytest.raises(ValueError, match="this tape keeps no gates"):
        backward(params, short, logits, params.zeros_like())
