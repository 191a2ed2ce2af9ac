"""What is told of a wrong answer is what was measured, and nothing that something else explains."""

import numpy as np
import pytest
from answers import (
    STEPS,
    decoder_forward_teacher_forcing,
    decoder_with_coins,
    one_hot,
    roll_out,
    scheduled_sampling_prob,
    sigmoid,
)

from course.checks.known.diagnosis import diagnose

FORCED, FREE = "decoder_forward_teacher_forcing", "decoder_forward_free_running"
SAMPLED, DIVERGENCE = "decoder_forward_scheduled_sampling", "divergence_by_step"


def told(function, exercise):
    """Return all that is told, by its name."""
    return {one.name: one.sentence for one in diagnose(function, exercise)}


def first_state(change):
    """Return teacher forcing that begins from another state."""

    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        return decoder_forward_teacher_forcing(
            change(context_vector), target_seq, decoder_params, cell_type
        )

    return decoder


def between_steps(change):
    """Return teacher forcing in which something is done to the state before each step."""

    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        h, c, rows = context_vector, 0 * context_vector, []
        for t in range(len(target_seq)):
            x = target_seq[t - 1] if t else decoder_params["x_start"]
            h = change(h, context_vector)
            if cell_type == "lstm":
                h, c = STEPS["lstm"](x, h, c, decoder_params)
            else:
                h = STEPS[cell_type](x, h, decoder_params)
            rows.append(decoder_params["W_hy"] @ h + decoder_params["b_y"])
        return np.array(rows).reshape(len(target_seq), -1)

    return decoder


def starting_with(start, choose):
    """Return teacher forcing with another first input and other later ones."""

    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        params = {**decoder_params, "x_start": start(decoder_params["x_start"], target_seq)}
        return roll_out(
            context_vector,
            len(target_seq),
            params,
            cell_type,
            lambda t, logits: choose(t, logits, target_seq),
        )

    return decoder


@pytest.mark.parametrize(
    ("start", "choose"),
    [
        (lambda x, y: 0 * x, lambda t, logits, y: -y[t - 1]),
        (lambda x, y: 1 + 0 * x, lambda t, logits, y: y[t - 1].round()),
        (lambda x, y: [x, *y][-1], lambda t, logits, y: y[max(t - 2, 0)]),
    ],
)
def test_two_wrong_inputs_are_no_slip_in_a_cell_that_is_right(start, choose):
    found = told(starting_with(start, choose), FORCED)
    assert list(found) == ["feeds_another_vector_at_step_0"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda h, context: h - 0.5 * context, "plus -0.5 times context_vector"),
        (lambda h, context: 0.75 * h, "0.75 times the state that the step before has left"),
        (lambda h, context: h + 0.25, "plus 0.25"),
    ],
)
def test_what_is_done_to_the_state_between_steps_is_told(change, said):
    found = told(between_steps(change), FORCED)
    assert said in found["goes_on_from_another_state"]


def test_what_is_done_to_the_first_state_is_told():
    found = told(first_state(lambda h: h / np.abs(h).max()), FORCED)
    assert "context_vector divided by its largest number" in found["goes_on_from_another_state"]


def test_a_first_row_of_zeros_is_told_before_what_comes_of_it():
    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        late = decoder_forward_teacher_forcing(
            context_vector, target_seq[::-1], decoder_params, cell_type
        )
        late[:1] = 0
        return late

    assert list(told(decoder, FORCED)) == ["leaves_a_row_of_zeros_first"]


def test_a_number_of_a_shape_is_called_what_it_is_in_every_call():
    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        rows = decoder_forward_teacher_forcing(
            context_vector, target_seq, decoder_params, cell_type
        )
        return np.cos(rows[1:, :-1])

    assert "(3 is T - 1)" in told(decoder, FORCED)["returns_another_shape"]


@pytest.mark.parametrize("exercise", [FORCED, FREE])
def test_an_axis_that_is_lost_at_one_step_is_told_as_that(exercise):
    def forced(context_vector, target_seq, decoder_params, cell_type="rnn"):
        rows = decoder_forward_teacher_forcing(
            context_vector, target_seq, decoder_params, cell_type
        )
        return rows[0] if len(rows) == 1 else rows

    def free(context_vector, seq_len, decoder_params, cell_type="rnn"):
        rows = roll_out(
            context_vector,
            seq_len,
            decoder_params,
            cell_type,
            lambda t, logits: one_hot(logits[t - 1].argmax(), logits.shape[1]),
        )
        return rows[0] if len(rows) == 1 else rows

    found = told(forced if exercise == FORCED else free, exercise)
    assert list(found) == ["gives_another_shape_single"]


@pytest.mark.parametrize("what", ["skips", "replaces"])
def test_rows_of_zeros_that_are_not_fed_as_they_are_are_told(what):
    def choose(t, logits, y):
        return y[t - 1] if y[t - 1].any() else y[t - 2] if what == "skips" else y[0] + 1

    found = told(starting_with(lambda x, y: x, choose), FORCED)
    assert list(found) == ["is_wrong_zeros"]


def lstm_step(mix):
    def lstm_cell_step(x_t, h_prev, c_prev, params):
        a = params["W_xh"] @ x_t + params["b_xh"] + params["W_hh"] @ h_prev + params["b_hh"]
        i, f, g, o = np.split(a, 4)
        c = sigmoid(f) * c_prev + mix(sigmoid(i)) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c

    return lstm_cell_step


@pytest.mark.parametrize("mix", [lambda gate: gate.max(), lambda gate: gate / gate.sum()])
def test_a_gate_that_is_one_number_for_all_units_is_told(mix):
    found = told(lstm_step(mix), "lstm_cell_step")
    assert "unit 1 of the input gate i:" in found["mixes_the_units"]


def test_one_unit_does_not_say_that_the_arguments_play_no_part():
    def rnn_cell_step(x_t, h_prev, params):
        h = STEPS["rnn"](x_t, h_prev, params)
        return np.exp(3 * h) / np.exp(3 * h).sum()

    assert list(told(rnn_cell_step, "rnn_cell_step")) == ["mixes_the_units"]


def test_arguments_that_are_rounded_are_not_told_to_play_no_part():
    def rnn_cell_step(x_t, h_prev, params):
        return STEPS["rnn"](x_t, h_prev.round(), params)

    found = told(rnn_cell_step, "rnn_cell_step")
    assert "small change of h_prev" in found["does_not_take_arguments_as_they_are"]


def test_weights_that_are_kept_from_the_first_call_are_told_where_sizes_stop_the_next():
    kept = {}

    def gru_cell_step(x_t, h_prev, params):
        return STEPS["gru"](x_t, h_prev, kept.setdefault("all", params))

    found = told(gru_cell_step, "gru_cell_step")
    assert list(found) == ["keeps_something_from_its_first_call"]


def with_coins(throw, change=lambda logits: logits):
    def decoder(context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn"):
        coins = throw(sampling_prob, max(len(target_seq) - 1, 0))
        logits = decoder_with_coins(coins, context_vector, target_seq, decoder_params, cell_type)
        return change(logits)

    return decoder


def test_a_rate_that_is_too_small_everywhere_is_not_told_of_some_steps():
    rng = np.random.Generator(np.random.PCG64(3))
    found = told(with_coins(lambda p, n: rng.random(n) < p / 20), SAMPLED)
    assert "unlike" not in "".join(found.values())
    assert "times sampling_prob throughout" in found["tosses_coins_of_another_rate"]


def test_results_of_two_passes_that_are_averaged_are_told_as_that():
    def decoder(context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn"):
        given = (context_vector, target_seq, decoder_params, cell_type)
        forced, free = (decoder_with_coins([coin] * len(target_seq), *given) for coin in (0, 1))
        return (1 - sampling_prob) * forced + sampling_prob * free

    assert "plus the rest of those of teacher forcing" in " ".join(told(decoder, SAMPLED).values())


def test_rows_that_are_changed_after_the_step_are_not_told_as_inputs():
    rng = np.random.default_rng()

    def change(p):
        return lambda logits: np.where(rng.random((len(logits), 1)) < p, np.tanh(logits), logits)

    def decoder(context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn"):
        plain = with_coins(lambda p, n: rng.random(n) < p, change(sampling_prob))
        return plain(context_vector, target_seq, decoder_params, sampling_prob, cell_type)

    sentences = " ".join(told(decoder, SAMPLED).values())
    assert "of no state h" in sentences
    assert "Step 0" not in sentences


def test_a_cell_state_that_is_lost_is_not_told_as_a_gate_of_a_cell():
    def decoder(context_vector, target_seq, decoder_params, cell_type="rnn"):
        h, rows = context_vector, []
        for t in range(len(target_seq)):
            x = target_seq[t - 1] if t else decoder_params["x_start"]
            if cell_type == "lstm":
                h, _ = STEPS["lstm"](x, h, 0 * h - 0.3 * (t > 0) * 0, decoder_params)
                h = h + 1e-3 * t
            else:
                h = STEPS[cell_type](x, h, decoder_params)
            rows.append(decoder_params["W_hy"] @ h + decoder_params["b_y"])
        return np.array(rows).reshape(len(target_seq), -1)

    found = told(decoder, FORCED)
    assert "Is c set to zeros anew" in found["ignores_a_gate_f"]


def divergence(change):
    """Return the divergence with its two log-softmaxes changed."""

    def divergence_by_step(logits_true, logits_own):
        logs = [
            rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
            for rows in (logits_true, logits_own)
        ]
        p, q = change(*logs, logits_true, logits_own)
        return (np.exp(p) * (p - q)).sum(axis=1)

    return divergence_by_step


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (
            lambda p, q, a, b: (p, b - b.max(1, keepdims=True) + (p - a + a.max(1, keepdims=True))),
            "normalises_one_side_by_the_other",
        ),
        (lambda p, q, a, b: (p, p), "gives_the_same_whatever_it_is_given"),
        (
            lambda p, q, a, b: tuple(
                np.log((np.exp(one) + 3e-2) / (1 + 3e-2 * one.shape[1])) for one in (p, q)
            ),
            "adds_a_small_number_to_the_probabilities",
        ),
    ],
)
def test_what_is_wrong_with_two_softmaxes_is_told_where_it_is(change, name):
    assert name in told(divergence(change), DIVERGENCE)


def test_a_divergence_of_whole_numbers_is_not_told_as_symmetric():
    def divergence_by_step(logits_true, logits_own):
        right = divergence(lambda p, q, a, b: (p, q))(logits_true, logits_own)
        return np.ceil(right - 0.1)

    assert list(told(divergence_by_step, DIVERGENCE)) == ["gives_whole_numbers"]


def test_a_divergence_that_drops_small_terms_is_told_by_the_check():
    def divergence_by_step(logits_true, logits_own):
        p, q = (
            rows - np.log(np.exp(rows - rows.max()).sum(axis=1, keepdims=True)) - rows.max()
            for rows in (logits_true, logits_own)
        )
        return np.where(p > -4, np.exp(p) * (p - q), 0).sum(axis=1)

    assert told(divergence_by_step, DIVERGENCE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: round(p, 2), "rounded to 2 decimals"),
        (lambda p: float(np.float16(p)), "right to three digits"),
        (lambda p: min(max(p, 0.1), 0.85), "never below 0.1 or above 0.85"),
    ],
)
def test_a_schedule_that_is_rounded_or_held_is_told_as_that(change, said):
    def schedule(step, schedule, k, c=0.0, eps_min=0.0):
        return change(scheduled_sampling_prob(step, schedule, k, c, eps_min))

    sentences = told(schedule, "scheduled_sampling_prob").values()
    assert all("clip" not in one for one in sentences)
    assert any(said in one for one in sentences)


@pytest.mark.parametrize(
    "change", [lambda step, k: (min(step, 2000), k), lambda step, k: (step, max(1, int(k)))]
)
def test_a_schedule_that_cuts_a_step_or_k_is_not_accepted(change):
    def schedule(step, schedule, k, c=0.0, eps_min=0.0):
        if schedule == "inverse_sigmoid":
            step, k = change(step, k)
        return scheduled_sampling_prob(change(step, 1)[0], schedule, k, c, eps_min)

    assert told(schedule, "scheduled_sampling_prob")


def test_a_bad_probability_is_to_be_refused_where_no_coin_is_thrown():
    def decoder(context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn"):
        coins = np.random.default_rng().random(max(len(target_seq) - 1, 0)) < sampling_prob
        if len(coins) and not 0 <= sampling_prob <= 1:
            raise ValueError(sampling_prob)
        return decoder_with_coins(coins, context_vector, target_seq, decoder_params, cell_type)

    found = told(decoder, SAMPLED)
    assert "sampling_prob = 1.5 with T = 0" in found["accepts_what_is_not_allowed"]


def test_one_hots_that_are_never_cleared_are_told():
    def decoder(context_vector, seq_len, decoder_params, cell_type="rnn"):
        fed = np.zeros(len(decoder_params["b_y"]))

        def choose(t, logits):
            fed[logits[t - 1].argmax()] = 1
            return fed.copy()

        return roll_out(context_vector, seq_len, decoder_params, cell_type, choose)

    found = told(decoder, FREE)
    assert "not set to zeros again" in found["feeds_no_one_hot_vector"]
