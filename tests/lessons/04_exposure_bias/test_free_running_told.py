"""The learner's check of free running and of the divergence: what it draws, asks and says."""

import re

import numpy as np
import pytest

from course.checks.dashboard.checking import examine
from course.checks.dashboard.report import advice, as_text, picture_of
from course.checks.known.bank import load_bank
from course.checks.known.diagnosis import diagnose
from course.checks.known.probes import probes_of
from course.lessons import course_root, find_lessons, solution_namespace

FREE, DIVERGENCE = "decoder_forward_free_running", "divergence_by_step"


@pytest.fixture(scope="module")
def right():
    (lesson,) = (x for x in find_lessons(course_root() / "source") if x.id == "04_exposure_bias")
    return solution_namespace(lesson)


def unwritten(*arguments):
    raise NotImplementedError


def test_a_number_for_each_step_is_drawn_as_a_curve(right):
    report = examine(lambda p, q: right[DIVERGENCE](q, p), DIVERGENCE)
    figure, alt = picture_of(report)
    (ax,) = figure.axes
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step t", "divergence (nats)")
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), np.arange(7))
    assert alt.startswith("Line chart by step t of the expected divergence (nats) and of yours")


def test_the_expected_curve_is_drawn_before_anything_is_written():
    figure, alt = picture_of(examine(unwritten, DIVERGENCE))
    assert len(figure.axes[0].lines) == 1
    assert alt.endswith("What has to come out.")


def test_a_result_of_another_shape_leaves_the_expected_curve(right):
    def of_all_tokens(p, q):
        return np.zeros(np.shape(p))

    report = examine(of_all_tokens, DIVERGENCE)
    figure, alt = picture_of(report)
    assert len(figure.axes[0].lines) == 1
    assert "Shape (7, 5) came, (7,) is expected" in alt


def test_a_schedule_keeps_its_axes():
    figure, _ = picture_of(examine(unwritten, "scheduled_sampling_prob"))
    assert figure.axes[0].get_xlabel() == "training step"
    assert figure.axes[0].get_ylabel() == "sampling_prob"


def test_the_numbers_said_are_those_of_the_picture(right):
    def forgetful(context, seq_len, params, cell_type="rnn"):
        """Feed the start at every step, which is wrong."""
        logits = right[FREE](context, seq_len, params, cell_type)
        return np.concatenate([logits[:1], 0 * logits[1:]])

    report = examine(forgetful, FREE)
    assert "row 1 is the first that differs" in dict(advice(report))["What came"]
    assert np.array2string(report.picture.target[1], precision=4, suppress_small=True) in (
        as_text(report)
    )


def test_rows_are_told_of_the_call_that_is_shown(right):
    def ends_at_token_0(context, seq_len, params, cell_type="rnn"):
        """Training never meets what comes after an end token."""
        logits = right[FREE](context, seq_len, params, cell_type)
        ends = np.flatnonzero(logits.argmax(axis=1) == 0)
        logits[(ends[0] if len(ends) else seq_len) + 1 :] = 0
        return logits

    report = examine(ends_at_token_0, FREE)
    row = int(re.match(r"row (\d+) is the first", report.failure.finding)[1])
    shown, T = report.picture.own, len(report.picture.target)
    assert not shown[row:].any()
    assert shown[:row].any(axis=1).all()
    assert re.match(rf"Rows? 0 .*of {T} (is|are) right, and rows {row} to", report.failure.cause)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_token_is_chosen_and_no_choice_is_close(cell):
    logits = load_bank(FREE).right[f"{cell}/values/eight steps"].values
    assert set(logits.argmax(axis=1)) == {0, 1, 2, 3}
    best = np.sort(logits, axis=1)
    assert (best[:, -1] - best[:, -2]).min() > 0.02


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_two_tokens_are_always_equal_and_largest_where_equals_are_asked_for(cell):
    logits = load_bank(FREE).right[f"{cell}/equals/four steps"].values
    np.testing.assert_array_equal(logits[:, 1], logits[:, 3])
    assert (logits[:, 1] > logits[:, [0, 2]].max(axis=1)).all()


def likeliest(row):
    return np.eye(len(row))[row.argmax()]


def drawn(row):
    p = np.exp(row)
    return np.random.default_rng().multinomial(1, p / p.sum()).astype(float)


def run(right, context, seq_len, params, cell_type, choose=likeliest, start=None):
    """Return logits, and the state and the token that are left."""
    state, x = right["first_state"](context, cell_type), params["x_start"]
    state, x = start or (state, x)
    logits = np.zeros((seq_len, len(params["b_y"])))
    for t in range(seq_len):
        state = right["next_state"](x, state, params, cell_type)
        logits[t] = params["W_hy"] @ state[0] + params["b_y"]
        x = choose(logits[t])
    return logits, state, x


def names(function, exercise=FREE):
    return [found.name for found in diagnose(function, exercise)]


@pytest.mark.slow
@pytest.mark.parametrize("time", range(10))
def test_a_token_drawn_by_chance_has_that_name_alone_however_it_falls(right, time):
    def sampled(context, seq_len, params, cell_type="rnn"):
        return run(right, context, seq_len, params, cell_type, drawn)[0]

    assert names(sampled) == ["samples_its_own_token"]


@pytest.mark.parametrize("kept", ["state", "token", "both"])
@pytest.mark.parametrize("by_cell", [True, False])
def test_what_is_kept_between_calls_is_not_taken_for_chance(right, kept, by_cell):
    memory = {}

    def remembers(context, seq_len, params, cell_type="rnn"):
        key = (cell_type if by_cell else (cell_type == "lstm"), len(context), len(params["b_y"]))
        fresh = right["first_state"](context, cell_type), params["x_start"]
        state, x = memory.get(key, fresh)
        start = (fresh[0] if kept == "token" else state, fresh[1] if kept == "state" else x)
        logits, *left = run(right, context, seq_len, params, cell_type, start=start)
        memory[key] = left
        return logits

    assert names(remembers) == ["goes_on_from_the_last_call"]


def test_chance_from_row_0_on_is_not_taken_for_what_is_kept(right):
    def starts_anywhere(context, seq_len, params, cell_type="rnn"):
        anywhere = np.random.default_rng().normal(size=context.shape)
        return run(right, anywhere, seq_len, params, cell_type)[0]

    def gives_noise(context, seq_len, params, cell_type="rnn"):
        logits = run(right, context, seq_len, params, cell_type)[0]
        return np.random.default_rng().normal(size=logits.shape)

    assert names(starts_anywhere) == ["gives_another_result_each_time"]
    assert names(gives_noise) == ["gives_another_result_each_time"]


def test_a_key_that_is_added_is_not_taken_for_a_weight_that_is_written_into(right):
    def adds_a_key(context, seq_len, params, cell_type="rnn"):
        logits, params["memory"], _ = run(right, context, seq_len, params, cell_type)
        return logits

    def writes_a_weight(context, seq_len, params, cell_type="rnn"):
        logits, *_ = run(right, context, seq_len, params, cell_type)
        params["W_xh"] *= 2.0
        return logits

    assert names(adds_a_key) == ["keeps_its_state_in_decoder_params"]
    assert names(writes_a_weight) == ["writes_into_decoder_params"]
    assert "has other keys after the call" in as_text(examine(adds_a_key, FREE))


def test_what_looks_like_a_known_mistake_in_four_steps_alone_is_not_taken_for_it(right):
    def starts_late(context, seq_len, params, cell_type="rnn"):
        rows = []

        def choose(row):
            rows.append(row)
            return likeliest(row) if len(rows) > 3 else params["x_start"]

        return run(right, context, seq_len, params, cell_type, choose)[0]

    (found,) = diagnose(starts_late, FREE)
    assert "at steps 1, 2, 3: the input of the step before, once more" in found.sentence


def test_the_token_of_another_row_is_named_as_it_is_chosen(right):
    def two_back(context, seq_len, params, cell_type="rnn"):
        rows = []

        def choose(row):
            rows.append(row)
            return likeliest(rows[-2]) if len(rows) > 1 else np.eye(len(row))[0]

        return run(right, context, seq_len, params, cell_type, choose)[0]

    assert names(two_back) == ["takes_the_row_before_the_last_one"]


def softmax_as_it_is_written_down(logits):
    with np.errstate(all="ignore"):
        return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    "sum_of",
    [
        lambda p, q: (p * (np.log(p) - np.log(q))).sum(axis=1),
        lambda p, q: np.sum(p * np.log(p / q), axis=1),
        lambda p, q: -(p * np.log(q)).sum(axis=1) + (p * np.log(p)).sum(axis=1),
    ],
)
def test_the_divergence_as_it_is_written_down_is_named(sum_of):
    def naive(logits_true, logits_own):
        return sum_of(*map(softmax_as_it_is_written_down, (logits_true, logits_own)))

    assert names(naive, DIVERGENCE) == ["takes_the_exponential_of_the_logits_as_they_are"]


def test_rows_far_apart_in_level_are_among_the_huge_ones():
    (probe,) = (probe for probe in probes_of(DIVERGENCE) if probe.key == "/huge/six steps")
    logits_true, _ = probe.arguments()
    assert np.ptp(logits_true.max(axis=1)) > 800


def test_a_cell_type_that_is_not_passed_on_is_told(right):
    def free(context, seq_len, params, cell_type="rnn"):
        return right[FREE](context, seq_len, params)

    failure = examine(free, FREE).failure
    assert failure.where == "lstm, gru"
    assert "cell_type='lstm' and the weights of an RNN" in failure.cause
    assert "passed on" in failure.cause


def test_a_stop_in_several_cells_is_told_of_the_call_that_is_shown(right):
    def free(context, seq_len, params, cell_type="rnn"):
        one_block = params | {"b_hh": params["b_hh"][: len(context)]}
        return right[FREE](context, seq_len, one_block, cell_type)

    failure = examine(free, FREE).failure
    assert failure.where == "lstm, gru"
    assert "cell_type='lstm'" in failure.finding
    assert "4*H = " in failure.cause
    assert "3*H = " not in failure.cause
