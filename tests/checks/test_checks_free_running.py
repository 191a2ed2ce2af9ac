"""The learner's check of free running and of the divergence: what it draws, asks and says."""

import numpy as np
import pytest

from course.checks.bank import load_bank
from course.checks.dashboard import examine
from course.checks.fingerprint import diagnose
from course.checks.probes import probes_of
from course.checks.report import advice, as_text, picture_of
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


def test_a_token_drawn_by_chance_is_named_however_it_falls(right):
    def sampled(context, seq_len, params, cell_type="rnn"):
        rng = np.random.default_rng()
        if cell_type not in right["STEPS"]:
            raise ValueError(cell_type)
        state, x = right["first_state"](context, cell_type), params["x_start"]
        logits = np.zeros((seq_len, len(params["b_y"])))
        for t in range(seq_len):
            state = right["next_state"](x, state, params, cell_type)
            logits[t] = params["W_hy"] @ state[0] + params["b_y"]
            p = np.exp(logits[t])
            x = rng.multinomial(1, p / p.sum()).astype(float)
        return logits

    assert diagnose(sampled, FREE)[0].name == "samples_its_own_token"


def test_rows_far_apart_in_level_are_among_the_huge_ones():
    (probe,) = (probe for probe in probes_of(DIVERGENCE) if probe.aspect == "huge")
    logits_true, _ = probe.arguments()
    assert np.ptp(logits_true.max(axis=1)) > 800
