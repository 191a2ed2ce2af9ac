"""Of a loss, and of a way back, is told what further calls show, in whichever way it came about."""

import re

import numpy as np
import pytest
from way_back import way_back

from course.checks.dashboard.checking import examine
from course.checks.known.diagnosis import diagnose
from course.checks.known.properties.meanings import MEANINGS, OF_ARRAYS, OF_LOGITS, OF_TRAINING
from course.lessons import course_root, find_lessons, solution_namespace

(LESSON,) = (one for one in find_lessons(course_root() / "source") if one.name == "training")
RIGHT = solution_namespace(LESSON)
LOSS, BACK = "cross_entropy_and_gradient", "rnn_decoder_backward"


def sentences(function, name):
    return [one.sentence for one in diagnose(function, name, LESSON.id)]


def log_softmax(rows, axis=1):
    shifted = rows - rows.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def right_loss(logits, tokens, mask=None):
    """Make the wrong ones below of this one."""
    counted = np.flatnonzero(np.ones(len(logits)) if mask is None else mask)
    return RIGHT[LOSS](logits, tokens, mask), counted, np.asarray(tokens)


def loss_with(log_p, gradient=None):
    """Return a loss that makes its log-probabilities, and its gradient, in another way."""

    def loss(logits, tokens, mask=None):
        (right, d_logits), counted, tokens = right_loss(logits, tokens, mask)
        if not counted.size:
            return right, d_logits
        rows = log_p(logits[counted])
        chosen = rows[np.arange(counted.size), tokens[counted]]
        d_logits[counted] = (gradient or np.exp)(rows) / counted.size
        d_logits[counted, tokens[counted]] -= 1 / counted.size
        return float(-chosen.mean()), d_logits

    return loss


def root_of_squares(logits, tokens, mask=None):
    (_, d_logits), counted, tokens = right_loss(logits, tokens, mask)
    chosen = log_softmax(logits)[counted, tokens[counted]] if counted.size else np.zeros(1)
    return float(np.sqrt((chosen**2).mean())), d_logits


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (loss_with(lambda rows: log_softmax(rows, 0)), "other rows of d_logits change too"),
        (loss_with(lambda rows: log_softmax(rows - rows.std(0))), "other rows of d_logits"),
    ],
)
def test_rows_that_hear_of_each_other_are_told(loss, said):
    assert any(said in one and "axis=1" in one for one in sentences(loss, LOSS))


def test_a_root_of_losses_is_told_as_no_softmax_over_the_steps():
    (said,) = sentences(root_of_squares, LOSS)
    assert "what row 1 adds to the loss is another number" in said
    assert "d_logits is right, so the softmax is" in said
    assert "axis=1" not in said


def gradient_with(change):
    def loss(logits, tokens, mask=None):
        value, d_logits = RIGHT[LOSS](logits, tokens, mask)
        return value, change(d_logits) if d_logits.any() else d_logits

    return loss


@pytest.mark.parametrize(
    "change", [lambda d: d / np.linalg.norm(d), lambda d: 0 * d + d.mean(axis=0)]
)
def test_a_gradient_that_mixes_its_rows_is_not_told_as_another_softmax(change):
    (found,) = diagnose(gradient_with(change), LOSS, LESSON.id)
    assert found.name == "mixes_the_rows_of_its_gradient"
    assert "The loss is right" in found.sentence


def every_position_counts(share, has_gradient=False):
    """Return a loss to which each masked position adds what `share` says of its row."""

    def loss(logits, tokens, mask=None):
        (right, d_logits), counted, tokens = right_loss(logits, tokens, mask)
        others = np.setdiff1d(np.arange(len(logits)), counted)
        if not counted.size:
            return right, d_logits
        d_logits[others] += 0.1 * has_gradient
        return right + sum(map(share, logits[others])) / counted.size, d_logits

    return loss


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (every_position_counts(lambda row: np.log(row.size)), "the loss of an even guess"),
        (every_position_counts(lambda row: np.log(row.size), True), "the loss of an even guess"),
        (every_position_counts(lambda row: 0.3 * row.max()), "whose mask is 0, the loss changes"),
        (every_position_counts(lambda row: 0.0, True), "whose mask is 0, is not zero"),
    ],
)
def test_masked_positions_that_have_a_say_are_told(loss, said):
    assert any(said in one for one in sentences(loss, LOSS))


def test_a_loss_that_goes_through_all_rows_is_told_by_their_logits():
    def loss(logits, tokens, mask=None):
        (right, d_logits), counted, tokens = right_loss(logits, tokens, mask)
        if not counted.size:
            return right, d_logits
        chosen = log_softmax(logits)[np.arange(len(logits)), tokens % logits.shape[1]]
        return float(-chosen.sum() / counted.size), d_logits

    assert any("With other logits at position 1" in one for one in sentences(loss, LOSS))


def unshifted(rows):
    return np.log(np.exp(rows) / np.exp(rows).sum(axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("log_p", "said"),
    [
        (unshifted, r"np\.exp overflows"),
        (lambda rows: rows - np.log(np.exp(rows).sum(axis=1, keepdims=True)), "overflows"),
        (lambda rows: np.log(np.exp(log_softmax(rows))), "become 0|no logarithm"),
        *(
            (lambda rows, e=e: np.log(np.exp(log_softmax(rows)) + e), f"loss is {-np.log(e):.4g} ")
            for e in (1e-9, 1e-10, 1e-15)
        ),
        (lambda rows: np.nan_to_num(np.log(np.exp(log_softmax(rows)))), "become 0|no logarithm"),
        (lambda rows: np.nan_to_num(unshifted(rows)), "overflows"),
        (lambda rows: np.log(np.clip(np.exp(log_softmax(rows)), 1e-8, 1)), "loss is 18.42 and not"),
    ],
)
def test_large_logits_that_are_not_borne_are_told_by_what_comes_of_them(log_p, said):
    loss = loss_with(log_p, lambda rows: np.exp(np.maximum(rows, -1e5)))
    with np.errstate(all="ignore"):
        failure = examine(loss, LOSS).failure
    assert "10,000" in failure.claim
    assert re.search(said, failure.cause), failure


def test_a_right_loss_is_told_nothing():
    assert sentences(loss_with(log_softmax), LOSS) == []


@pytest.mark.parametrize("at", ["rows", "total"])
@pytest.mark.parametrize("most", [0.5, 0.8, 1.0])
def test_gradients_that_are_cut_are_told_wherever_they_are(most, at):
    def cut(rows):
        return np.clip(rows, -most, most)

    cuts = {"rows": cut, "total": lambda own, after, T: cut(own + after)}
    said = sentences(way_back(**{at: cuts[at]}), BACK)
    assert any("keeps them from growing" in one for one in said), said


@pytest.mark.parametrize("factor", [0.5, -1.0, 3.0])
def test_gradients_that_are_wrong_at_each_size_are_not_told_to_be_cut(factor):
    said = sentences(way_back(total=lambda own, after, T: factor * (own + after)), BACK)
    assert not any("keeps them from growing" in one for one in said), said


def test_of_a_function_without_gates_no_stop_is_explained_by_them():
    of_gates = re.compile(r"\b(gates?|LSTM|GRU|lstm_cell_step|cells|blocks?)\b")
    said = {name for _, _, name, words in MEANINGS if of_gates.search(words)}
    for others in (OF_ARRAYS, OF_LOGITS, OF_TRAINING):
        assert said <= others.keys()
        assert not any(of_gates.search(words) for words in others.values())


def test_an_outer_product_turned_round_is_told_by_its_shapes():
    def backward(context_vector, fed, decoder_params, d_logits):
        gradients, d_context = RIGHT[BACK](context_vector, fed, decoder_params, d_logits)
        for x_t in fed:
            gradients["W_xh"] += np.outer(x_t, context_vector)
        return gradients, d_context

    (sentence,) = sentences(backward, BACK)
    assert "np.outer(d_a, fed[t])" in sentence
    assert "gate" not in sentence
