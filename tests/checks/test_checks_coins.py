"""Coins are read off the logits, whatever threw them; wrong inputs are named."""

import numpy as np
import pytest
from answers import STEPS, decoder_with_coins, one_hot, roll_out

from course import checks

CELLS = ("rnn", "lstm", "gru")


def made(cell_type, T=8, dtype=np.float64):
    return checks.random_example(cell_type, T, 6, 5, 6, 9, dtype=dtype)


def fed(choose, cell_type="gru"):
    """Return one run, where ``choose(t, logits, targets)`` is the input of step t > 0."""
    context, targets, params = example = made(cell_type)
    run = roll_out(
        context, len(targets), params, cell_type, lambda t, logits: choose(t, logits, targets)
    )
    return [run], *example, STEPS, cell_type


def softmax(row):
    return np.exp(row) / np.exp(row).sum()


@pytest.mark.parametrize(
    ("choose", "said"),
    [
        (lambda t, logits, y: y[t], r"step 1.*target_seq\[1\], which this step has to predict"),
        (lambda t, logits, y: y[t - 2], r"it was the last row"),
        (lambda t, logits, y: np.zeros(6), r"it was zeros"),
        (lambda t, logits, y: softmax(logits[t - 1]), r"softmax of logits\[0\]"),
        (lambda t, logits, y: logits[t - 1], r"logits\[0\] themselves"),
        (
            lambda t, logits, y: np.full(6, logits[t - 1].argmax()),
            r"index of the token as a number",
        ),
        (
            lambda t, logits, y: one_hot(logits[t - 1].argmin(), 6),
            r"token \d, which is not the argmax",
        ),
        (
            lambda t, logits, y: 0.3 * one_hot(logits[t - 1].argmax(), 6) + 0.7 * y[t - 1],
            r"a mix, 0.30 of own",
        ),
        (lambda t, logits, y: y[t - 1] + 5, r"neither target_seq\[0\] nor"),
    ],
)
def test_a_wrong_input_is_named(choose, said):
    with pytest.raises(AssertionError, match=said):
        checks.read_coins(*fed(choose))


def test_a_wrong_start_is_named():
    context, targets, params = example = made("rnn")
    run = decoder_with_coins(
        np.zeros(7), context, targets, {**params, "x_start": targets[0]}, "rnn"
    )
    with pytest.raises(AssertionError, match=r"run 1, step 0: the logits differ; is x_start fed"):
        checks.read_coins(
            [decoder_with_coins(np.zeros(7), *example, "rnn"), run], *example, STEPS, "rnn"
        )


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (None, "run 0: it returned nothing"),
        (np.zeros((6, 8)), "run 0: the shape must be"),
        (np.full((8, 6), np.nan), "run 0: row 0 holds a number that is not finite"),
    ],
)
def test_what_are_no_logits_is_refused(run, said):
    with pytest.raises(AssertionError, match=said):
        checks.read_coins([run], *made("rnn"), STEPS, "rnn")


def test_targets_in_which_no_coin_can_be_read_are_refused():
    context, targets, params = made("rnn")
    run = decoder_with_coins(np.ones(7), context, targets, params, "rnn")
    own = np.eye(6)[run.argmax(axis=1)]
    with pytest.raises(ValueError, match=r"use real-valued rows in target_seq"):
        checks.read_coins([run], context, own, params, STEPS, "rnn")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("cell_type", CELLS)
def test_coins_are_read_as_they_were_thrown(cell_type, dtype, rng):
    example = made(cell_type, 12, dtype)
    coins = (rng.random((50, 11)) < 0.6).astype(int)
    runs = [decoder_with_coins(row, *example, cell_type) for row in coins]
    np.testing.assert_array_equal(
        checks.read_coins(np.array(runs), *example, STEPS, cell_type), coins
    )


@pytest.mark.parametrize("cell_type", CELLS)
def test_either_token_of_a_near_tie_is_the_models_own(cell_type):
    context, targets, params = made(cell_type)
    first = decoder_with_coins(np.zeros(7), context, targets, params, cell_type)[0]
    best, second = np.argsort(-first)[:2]
    params["b_y"][second] += first[best] - first[second] - 1e-7

    def fed_with(token):
        def choose(t, logits):
            return one_hot(token, 6) if t == 1 else targets[t - 1]

        return roll_out(context, 8, params, cell_type, choose)

    runs = [fed_with(best), fed_with(second)]
    read = checks.read_coins(runs, context, targets, params, STEPS, cell_type)
    np.testing.assert_array_equal(read, [[1, 0, 0, 0, 0, 0, 0]] * 2)


@pytest.mark.parametrize("T", [0, 1])
def test_no_coins_are_read_where_none_are_thrown(T):
    example = made("rnn", T)
    runs = [decoder_with_coins([], *example, "rnn")] * 3
    assert checks.read_coins(runs, *example, STEPS, "rnn").shape == (3, 0)
