"""What the check shows is of the call that failed, and is said once."""

import re

import numpy as np
import pytest
import wrong_answers

from course.checks.dashboard.checking import examine
from course.checks.dashboard.report import as_text, shown

SCHEDULE = "scheduled_sampling_prob"


def epsilon(step, schedule, k, c, eps_min):
    if schedule == "linear":
        return max(eps_min, k - c * step)
    if schedule == "exponential":
        return k**step
    return k / (k + np.exp(min(step / k, 700)))


def of_linear(line):
    """Return epsilon whose linear one is another."""
    return lambda step, schedule, k, c, eps_min: (
        line(step, k, c, eps_min)
        if schedule == "linear"
        else epsilon(step, schedule, k, c, eps_min)
    )


def clipped(eps):
    return 1 - min(1.0, max(0.0, eps))


def schedule_of(make, finish=clipped):
    def scheduled_sampling_prob(step, schedule, k, c=0.0, eps_min=0.0):
        """Training meets the model's own tokens more and more."""
        if schedule not in ("linear", "exponential", "inverse_sigmoid"):
            raise ValueError(schedule)
        return float(finish(make(step, schedule, k, c, eps_min)))

    return scheduled_sampling_prob


WRONG = {
    "no floor": schedule_of(of_linear(lambda step, k, c, eps_min: k - c * step)),
    "no clip": schedule_of(epsilon, lambda eps: 1 - eps),
    "rounded": schedule_of(epsilon, lambda eps: round(clipped(eps), 2)),
    "hardly off": schedule_of(epsilon, lambda eps: clipped(eps) + 4e-5),
    "limited": schedule_of(
        of_linear(lambda step, k, c, eps_min: max(eps_min, min(1.0, k) - c * step))
    ),
    "a floor for all": schedule_of(
        lambda step, schedule, k, c, eps_min: max(eps_min, epsilon(step, schedule, k, c, eps_min)),
        lambda eps: 1 - min(1.0, eps),
    ),
}


def test_a_right_schedule_shows_nothing():
    assert examine(schedule_of(epsilon), SCHEDULE).failure is None


@pytest.mark.parametrize("name", WRONG)
def test_the_numbers_that_are_drawn_are_of_the_call_that_is_told(name):
    report = examine(WRONG[name], SCHEDULE)
    finding, picture = report.failure.finding, report.picture
    step = int(re.search(r"step (\d+)", finding)[1])
    told = [float(one) for one in re.search(r"expected (\S+), got (\S+)$", finding).groups()]
    assert told[0] != told[1]
    if picture is None:  # too close to be seen
        assert np.isclose(*told, atol=1e-4)
        return
    assert shown(picture.target) != shown(picture.own)
    n = picture.at.index(step)
    assert np.allclose(told, (picture.target[n], picture.own[n]), atol=1e-4)
    assert all(number in picture.of for number in re.findall(r"\w+ = [\d.]+", finding))


def test_a_floor_for_all_leads_with_a_schedule_that_has_none():
    report = examine(WRONG["a floor for all"], SCHEDULE)
    assert report.failure.where == "linear, exponential, inverse_sigmoid"
    assert "exponential" in report.picture.of


def test_several_values_are_not_drawn_as_one_matrix():
    report = examine(lambda x_t, h_prev, params: (h_prev, h_prev), "rnn_cell_step")
    assert report.picture.own is None
    assert "a tuple came back" in report.failure.finding


def rnn_cell_step(x_t, h_prev, params):
    """Step on, as in training."""
    return np.tanh(params["W_xh"] @ x_t + params["b_ih"])


def gru_cell_step(x_t, h_prev, params):
    """Step on, as in training."""
    return (params["W_xh"] @ x_t).reshape(4, len(h_prev))[0]


def scheduled_sampling_prob(step, schedule, k, c=0.0, eps_min=0.0):
    """Training meets the model's own tokens more and more."""
    known = dict.fromkeys(("linear", "exponential", "inverse_sigmoid"), epsilon)
    return clipped(known[schedule](step, schedule, k, c, eps_min))


@pytest.mark.parametrize(
    ("function", "means"),
    [
        (rnn_cell_step, "H = 2: the dict has no such key"),
        (gru_cell_step, "3 in a GRU"),
        (scheduled_sampling_prob, "it must raise ValueError: check"),
    ],
)
def test_a_line_that_stops_is_quoted_once(function, means):
    report = examine(function, function.__name__)
    quoted = re.findall(r"at `(.*?)`", as_text(report))
    assert len(quoted) == 1
    assert means in report.failure.cause
    assert "steps" not in report.failure.cause


def test_what_came_is_not_the_likely_cause_once_more():
    report = examine(wrong_answers.fair_coin, "decoder_forward_scheduled_sampling")
    assert "that of a fair coin" in report.failure.finding
    assert "that of a fair coin" not in report.failure.cause + report.failure.hint
    assert "compare the random number with sampling_prob" in as_text(report)
