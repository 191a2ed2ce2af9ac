"""The form before an experiment: what counts as filled in, and how what does not is told."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from forms import FORM

from course.labs.experiment.form import DIRECTIONS, FIELDS, SEEDS, Unfilled, read_form
from course.study.hypotheses import Direction
from course.trained.results import interval


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hypothesis": ""}, "'hypothesis' is not filled in: say in a sentence what you claim"),
        ({"hypothesis": "Write here what you claim, and why."}, "'hypothesis' is not filled in"),
        ({"hypothesis": None}, "'hypothesis' is not filled in"),
        ({"hypothesis": "??? 12345678"}, "'hypothesis' is not filled in"),
        ({"change_my_mind": "Write here which"}, "say which result would change your mind"),
        ({"direction": "down"}, "'direction' must be 'lower' or 'higher' or 'same'; got 'down'"),
        ({"direction": ""}, "'direction' must be 'lower' or 'higher' or 'same'."),
        ({"measure": "beauty"}, "'measure' must be 'own_prefix_error' or .*; got 'beauty'"),
        ({"held_out": 5}, "'held_out' must be a whole number from 100 to 1000; got 5"),
        ({"held_out": ...}, "'held_out' must be a whole number from 100 to 1000."),
        ({"seeds": 1}, "'seeds' must be a whole number from 2 to 9; got 1"),
        ({"seeds": True}, "'seeds' must be a whole number from 2 to 9"),
        ({"direction": np.array(["lower", "same"])}, "'direction' must be 'lower' or 'higher'"),
        ({"seeds": np.arange(3)}, "'seeds' must be a whole number from 2 to 9."),
    ],
)
def test_a_field_that_is_not_filled_in_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Unfilled, match=said):
        read_form(FORM | change)


@pytest.mark.parametrize("form", [None, "a sentence", [FORM]])
def test_without_a_form_there_is_a_sentence_on_how_to_give_one(form: object) -> None:
    with pytest.raises(Unfilled, match="There is no form: fill in the cell"):
        read_form(form)


@pytest.mark.parametrize("name", FIELDS)
def test_a_form_without_a_field_is_refused(name: str) -> None:
    with pytest.raises(Unfilled, match=f"has no '{name}'"):
        read_form({field: said for field, said in FORM.items() if field != name})


def test_a_form_in_another_script_is_filled_in() -> None:
    assert read_form(FORM | {"hypothesis": "自分の記号で誤りが減る"}).hypothesis.startswith("自分")


def test_as_many_seeds_are_offered_as_there_are_quantiles_for() -> None:
    for seeds in range(SEEDS[0], SEEDS[1] + 1):
        assert np.isfinite(interval(np.arange(float(seeds)))[1])
    assert get_args(Direction) == DIRECTIONS
