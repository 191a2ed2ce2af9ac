"""The cause that is told is one of what is shown, and not of another call or another row."""

import numpy as np
import pytest

from course.checks.dashboard.checking import examine
from course.lessons import course_root, find_lessons, solution_namespace

LESSONS = {one.name: one for one in find_lessons(course_root() / "source")}
CELLS = solution_namespace(LESSONS["decoder_cells"])
TRAINING = solution_namespace(LESSONS["training"])


def failure(function, name):
    found = examine(function, name).failure
    assert found
    return found


def in_cells(step):
    """Return teacher forcing whose result is as wide as an input, from its cells' states."""

    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        h, logits = step(None, context_vector, cell_type, decoder_params), []
        for x in [decoder_params["x_start"], *target_seq][: len(target_seq)]:
            h = step(x, h, cell_type, decoder_params)
            row = np.zeros(len(x))
            row[:] = decoder_params["W_hy"] @ h[0] + decoder_params["b_y"]
            logits.append(row)
        return np.reshape(logits, target_seq.shape)

    return decoder


def from_the_context_twice(x, h, cell_type, params):
    """Begin c as h begins."""
    if x is None:
        return h, h
    if cell_type == "lstm":
        return CELLS["lstm_cell_step"](x, *h, params)
    if cell_type not in ("rnn", "gru"):
        raise ValueError(cell_type)
    return CELLS[f"{cell_type}_cell_step"](x, h[0], params), h[1]


def test_a_size_that_does_no_harm_in_a_call_is_not_told_as_the_cause_of_its_numbers():
    name = "decoder_forward_teacher_forcing"
    found = failure(in_cells(from_the_context_twice), name)
    assert found.where == "lstm"
    assert found.cause.startswith("In the LSTM you started both h and c from context_vector")
    assert "And another thing: Called with I = 4, H = 5, O = 7" in found.cause
    assert "length 1" not in found.cause
    assert "with every cell type" not in found.cause


def test_what_later_steps_are_fed_is_not_told_as_the_cause_of_row_0():
    def decoder(context_vector, seq_len, decoder_params, cell_type="rnn"):
        h, c, x = np.tanh(context_vector), 0 * context_vector, decoder_params["x_start"]
        rows = np.zeros((seq_len, len(decoder_params["b_y"])))
        for t in range(seq_len):
            h, c = from_the_context_twice(x, (h, c), cell_type, decoder_params)
            x = rows[t] = decoder_params["W_hy"] @ h + decoder_params["b_y"]
        return rows

    found = failure(decoder, "decoder_forward_free_running")
    assert "step 0" in found.claim
    assert "Row 0 is wrong for another reason" in found.cause


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("key", ["W_hh", "b_xh", "b_hh"])
def test_weights_that_no_gate_uses_are_told_as_a_whole(cell, key):
    name = f"{cell}_cell_step"

    def step(x_t, *states_and_params):
        *states, params = states_and_params
        got = CELLS[name](x_t, *states, params | {key: 0 * params[key]})
        return tuple(0.9 * one for one in got) if cell == "lstm" else 0.9 * got

    def gru(x_t, h_prev, params):
        return step(x_t, h_prev, params)

    def lstm(x_t, h_prev, c_prev, params):
        return step(x_t, h_prev, c_prev, params)

    cause = failure({"gru": gru, "lstm": lstm}[cell], name).cause
    assert f"{key} has no influence" in cause
    assert "block 1" not in cause


@pytest.mark.parametrize("changed", ["context_vector", "tokens"])
def test_a_changed_argument_is_not_told_as_coins(changed):
    def step(decoder_params, context_vector, tokens, sampling_prob, learning_rate, rng=None):
        """Move the weights downhill by one step."""
        new, loss = TRAINING["training_step"](
            decoder_params, context_vector, tokens, sampling_prob, learning_rate, rng
        )
        if changed == "tokens":
            tokens[:] = 0
        else:
            context_vector -= 0.1
        return new, loss

    found = failure(step, "training_step")
    assert f"{changed} was changed in place" in found.finding
    assert f"{changed} is not what it was after the call" in found.cause


@pytest.mark.parametrize("ask", [np.min, np.max])
def test_the_largest_and_smallest_of_nothing_are_told_alike(ask):
    def loss(logits, tokens, mask=None):
        counted = np.ones(len(logits), dtype=bool) if mask is None else np.asarray(mask, bool)
        if not 0 <= ask(np.asarray(tokens)[counted]) < logits.shape[1]:
            raise ValueError("a token")
        return TRAINING["cross_entropy_and_gradient"](logits, tokens, mask)

    found = failure(loss, "cross_entropy_and_gradient")
    assert "the largest or smallest of no numbers" in found.cause
    assert "only where there are any" in found.cause
