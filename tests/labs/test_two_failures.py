"""The hook of lesson 7: as often wrong running free, and for reasons that differ in kind."""

from __future__ import annotations

import numpy as np

from course.labs.hooks.failures import STARS, WAY, TwoFailures
from course.labs.hooks.state import OWN, STEPS, TRUTH
from course.trained import results


def test_running_free_both_are_wrong_nearly_as_often_and_fed_the_truth_too() -> None:
    state = TwoFailures()
    for fed, apart in ((OWN, 10), (TRUTH, 10)):
        a, b = (state.by_position(name, fed).mean() for name in "AB")
        assert abs(a - b) < apart
        assert a < 60
    assert state.by_position("A", TRUTH).mean() < 20


def test_forced_one_errs_everywhere_and_the_other_at_its_first_token_alone() -> None:
    state = TwoFailures()
    a, b = (state.by_position(name, TRUTH) for name in "AB")
    assert len(a) == STEPS
    assert a.min() > 5
    assert b[0] > 40
    assert b[1:].max() < 2


def test_what_is_drawn_of_the_second_is_what_was_measured() -> None:
    state = TwoFailures()
    for fed, how in ((OWN, "used"), (TRUTH, "forced")):
        shown = state.by_position("B", fed)
        assert len(shown) == 4  # the centre is given
        for k, percent in enumerate(shown):
            right = results.find(f"{STARS}/{WAY}/{how}_{k + 1}").mean
            np.testing.assert_allclose(percent, 100 * (1 - right))


def test_the_first_is_nearly_right_when_forced_on_what_is_shown_and_lost_in_use() -> None:
    state = TwoFailures()
    assert state.things()[0].body.count('class="cross"') > STEPS / 2
    state.fed = TRUTH
    assert state.things()[0].body.count('class="cross"') <= 2


def test_where_they_err_when_forced_is_told_only_once_they_are() -> None:
    state = TwoFailures()
    told = f"{state.by_position('B', TRUTH)[0]:.0f} % of the time"
    assert told not in state.words()
    assert "fed the truth" not in state.picture()
    state.fed = TRUTH
    assert told in state.words()
    assert "fed the truth" in state.picture()


def test_words_and_picture_change_with_every_control() -> None:
    state = TwoFailures()
    seen = {(state.words(), state.picture())}
    for name, value in (("fed", TRUTH), ("sequence", 4)):
        setattr(state, name, value)
        seen.add((state.words(), state.picture()))
    assert all(len(set(one)) == 3 for one in zip(*seen, strict=True))
