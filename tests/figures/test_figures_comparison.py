"""Pictures state their finding, draw on the axes they are given, and show nothing."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course import figures
from course.figures.comparison import alt_text, finding, first_difference
from course.figures.curves import compare_curves, curves_alt_text

matplotlib.use("Agg")

TARGET = np.arange(12.0).reshape(4, 3)


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("own", "title"),
    [
        (None, "What has to come out"),
        (TARGET.T, "Shape (3, 4) came, (4, 3) is expected"),
        (np.add(TARGET, [[0], [0], [0.1], [0]]), "Yours first differs at step 2"),
        (np.where(TARGET == 4, np.nan, TARGET), "Yours first differs at step 1"),
        (TARGET[:0], "Shape (0, 3) came, (4, 3) is expected"),
        (TARGET + 1e-7, "Yours agrees in all numbers"),
    ],
)
def test_the_title_states_the_finding(own, title):
    assert figures.compare_logits(TARGET, own).get_title(loc="left") == title
    assert title in alt_text(TARGET, own)


def test_rows_may_have_names():
    ax = figures.compare_logits(TARGET[:2], np.add(TARGET[:2], [[0], [1]]), row=("h", "c"))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["h", "c"]
    assert ax.get_title(loc="left") == "Yours first differs at c"


def test_one_vector_is_compared_as_a_whole():
    assert finding(TARGET[0], TARGET[1]) == "Yours differs"
    assert figures.compare_logits(TARGET[0], TARGET[1]).get_title(loc="left") == "Yours differs"


@pytest.mark.parametrize(("target", "row"), [(TARGET, 1), (TARGET[1], 0)])
def test_the_numbers_that_differ_are_framed_in_both(target, row):
    own = target.copy()
    own[..., 0] += np.arange(4) == 1 if target.ndim > 1 else 1
    ax = figures.compare_logits(target, own)
    frames = [patch.get_bbox() for patch in ax.patches]
    assert [(int(box.x0), round(box.y0 + 0.45)) for box in frames] == [(0, row), (4, row)]


def test_all_numbers_of_both_stand_in_the_picture():
    words = [text.get_text() for text in figures.compare_logits(TARGET, TARGET * 2).texts]
    assert "7.00" in words
    assert "22.00" in words
    assert {"expected", "yours"} <= set(words)


def test_arrays_that_agree_have_no_first_difference():
    assert first_difference(TARGET, TARGET) is None
    assert first_difference(np.zeros((0, 3)), np.zeros((0, 3))) is None


def test_axes_that_are_given_are_drawn_on():
    _, ax = plt.subplots()
    assert figures.compare_logits(TARGET, TARGET, ax=ax) is ax
    assert figures.schedules({"linear": np.linspace(0, 1, 5)}, ax=ax) is ax
    assert plt.get_fignums() == [1]


def test_a_falling_schedule_is_said_to_feed_more_truth():
    ax = figures.schedules({"linear": np.linspace(1, 0, 9)})
    assert ax.get_title(loc="left").startswith("Some schedule feeds more of the truth")


def test_schedules_of_a_function_are_named():
    def ramp(step, schedule, k, c=0.0):
        return min(step / 100 * (1 + len(schedule) / 20), 1.0)

    ax = figures.schedules(ramp)
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["linear", "exponential", "inverse_sigmoid"]
    assert ax.get_title(loc="left") == "From the truth to the model's own token"
    assert "sampling_prob" in ax.get_ylabel()


def test_a_wrong_schedule_is_marked():
    right = np.linspace(0, 1, 4)
    ax = compare_curves((0, 10, 20, 30), right, 1 - right)
    assert ax.get_title(loc="left") == "Yours differs"
    assert len(ax.lines) == 3
    assert "and of yours. Yours differs" in curves_alt_text(right, 1 - right)
    assert len(compare_curves((0, 10, 20, 30), right).lines) == 1


def test_a_role_is_a_colour_and_a_line_style():
    roles = [
        figures.style.TEACHER_FORCING,
        figures.style.FREE_RUNNING,
        figures.style.SCHEDULED_SAMPLING,
        figures.style.REFERENCE,
    ]
    assert [role.color for role in roles] == ["#0072B2", "#D55E00", "#009E73", "#000000"]
    assert [role.linestyle for role in roles] == ["-", "--", "-.", ":"]
