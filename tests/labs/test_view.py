"""What all labs share: a view binds controls to a state, and computes between messages."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
from typing import Any

import matplotlib.pyplot as plt
import pytest
from ipywidgets.widgets.widget import _instances

from course import labs
from course.labs.page import view as view_module
from course.labs.page.controls import slider
from course.labs.page.models import Models
from course.labs.page.state import State
from course.labs.page.view import LabView, prediction_html


class Counting(State):
    """A state that needs `slices` slices for each position."""

    SETTING = ("position",)

    def __init__(self, slices: int = 1) -> None:
        self.position, self.slices, self.left = 0, slices, slices
        self.pictures: list[int] = []
        self.fails = ""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "position" and hasattr(self, "slices"):
            self.left = self.slices

    def advance(self, budget_s: float) -> bool:
        if self.fails:
            raise RuntimeError(self.fails)
        self.left -= 1
        return self.left > 0

    def picture(self) -> str:
        self.pictures.append(self.position)
        return f"<svg>{self.position}</svg>"

    def words(self) -> str:
        return f"Position {self.position} is < {self.position + 1}."


async def rest(view: LabView) -> None:
    """Wait until the lab has done all that it wanted to do."""
    while not view.turns.rests:
        await asyncio.sleep(0)


def opened(state: Any) -> LabView:
    return LabView(state, {"position": slider("position (number)", 0, 0, 2000, 1)})


def test_a_control_moves_the_picture_and_the_words() -> None:
    view = opened(Counting())
    view.controls["position"].value = 7
    assert "<svg>7</svg>" in view.picture.value
    assert 'data-key="position=7"' in view.picture.value
    assert "Position 7 is &lt; 8." in view.words.value
    view.close()


def test_a_picture_that_takes_long_is_shown_before_and_after() -> None:
    state = Counting(slices=4)
    view = opened(state)
    assert state.pictures == [0, 0]
    view.close()


def test_a_picture_that_takes_very_long_is_shown_as_far_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(view_module, "LATE_S", -1.0)
    state = Counting(slices=4)
    view = opened(state)
    assert len(state.pictures) == 4
    view.close()


def test_positions_that_come_faster_than_pictures_are_left_out_and_the_last_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(view_module, "QUIET_S", math.inf)
    state = Counting()
    view = opened(state)

    async def many() -> None:
        for position in range(1, 201):
            view.controls["position"].value = position
        await rest(view)

    asyncio.run(many())
    assert state.pictures == [0, 200]
    assert 'data-key="position=200"' in view.picture.value
    view.close()


def test_after_a_pause_a_move_is_answered_before_its_message_is_done_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = Counting()
    view = opened(state)

    async def moved() -> None:
        monkeypatch.setattr(view_module, "QUIET_S", -math.inf)
        view.controls["position"].value = 1
        assert "<svg>1</svg>" in view.picture.value
        monkeypatch.setattr(view_module, "QUIET_S", math.inf)
        for position in (2, 3):  # right after a picture: only the last is drawn
            view.controls["position"].value = position
            assert "<svg>1</svg>" in view.picture.value
        await rest(view)

    asyncio.run(moved())
    assert state.pictures == [0, 1, 3]
    view.close()


def test_neighbours_are_made_ahead_before_the_first_move() -> None:
    state = Counting()
    asked: list[float] = []
    state.ahead = lambda budget_s: bool(asked.append(budget_s))  # type: ignore[method-assign]

    async def opened_and_left() -> None:
        view = opened(state)
        assert asked == []
        await rest(view)
        view.close()

    asyncio.run(opened_and_left())
    assert len(asked) == 1


def test_a_page_is_not_told_the_position_that_it_has_sent() -> None:
    view = opened(Counting())
    control = view.controls["position"]
    sent: list[str] = []
    control._send = lambda message, buffers=None: sent.append(message["method"])
    control._handle_msg(
        {"content": {"data": {"method": "update", "state": {"value": 3}}}, "buffers": []}
    )
    assert "<svg>3</svg>" in view.picture.value
    assert sent == []
    view.close()


def test_what_is_no_longer_wanted_is_not_finished() -> None:
    state = Counting(slices=50)
    view = opened(state)

    async def changed_his_mind() -> None:
        view.controls["position"].value = 1
        while state.left > 47:
            await asyncio.sleep(0)
        view.controls["position"].value = 2
        await rest(view)

    asyncio.run(changed_his_mind())
    assert state.pictures[-1] == 2
    assert state.pictures.count(1) <= 1
    view.close()


@pytest.mark.slow
def test_a_thousand_moves_leave_nothing_behind() -> None:
    view = opened(Counting())
    view.state.pictures = _Forgetful()  # type: ignore[attr-defined]
    gc.collect()
    figures = plt.get_fignums()
    before, shown = len(gc.get_objects()), len(_instances)
    for position in range(1, 1001):
        view.controls["position"].value = position
    gc.collect()
    assert len(gc.get_objects()) - before < 200
    assert len(_instances) == shown
    assert plt.get_fignums() == figures
    view.close()


class _Forgetful(list[int]):
    def append(self, _: int) -> None:
        pass


def test_a_fault_of_the_lab_is_shown_and_logged_and_the_next_move_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = Counting()
    view = opened(state)
    state.fails = "no <such> weights"
    with caplog.at_level(logging.ERROR, "course.labs"):
        view.controls["position"].value = 3
    assert "course-lab-failed" in view.message.value
    assert "RuntimeError: no &lt;such&gt; weights" in view.message.value
    assert "RuntimeError" in caplog.text
    state.fails = ""
    view.controls["position"].value = 4
    assert view.message.value == ""
    assert "<svg>4</svg>" in view.picture.value
    view.close()


def test_a_closed_lab_does_nothing_more() -> None:
    state = Counting()
    view = opened(state)
    control = view.controls["position"]
    view.close()
    asked = list(state.pictures)

    async def moved() -> None:
        control.value = 9
        await rest(view)

    asyncio.run(moved())
    assert state.pictures == asked
    assert view.box.comm is None


def test_a_lab_without_a_page_is_its_words(sampler: Any, models: Any) -> None:
    view = labs.divergence(sampler, models=models)
    assert repr(view) == view.state.words()
    bundle = view._repr_mimebundle_()
    assert bundle["text/plain"] == view.state.words()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    view.close()


def test_before_the_widgets_stands_what_is_seen_when_they_are_no_more(
    sampler: Any, models: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **how: displayed.append(data))
    view = labs.divergence(sampler, models=models)
    view._ipython_display_()
    still, widgets = displayed[0]["text/html"], displayed[1]
    assert list(displayed[0]) == ["text/html"]  # a page without HTML gets the words, once
    assert widgets == view._repr_mimebundle_()
    assert "<b>Run this cell again</b>" in still
    assert view.picture.value in still  # also while the next one is not there yet
    view.close()


class Kept:
    """What stands in a cell's output, as a page keeps it."""

    def __init__(self) -> None:
        self.stills: list[str] = []
        self.more = asyncio.Event()

    def __call__(self, data: dict[str, str], **how: Any) -> Kept:
        if "display_id" in how:
            self.update(data)
        return self

    def update(self, data: dict[str, str], **how: Any) -> None:
        self.stills.append(data["text/html"])
        self.more.set()

    async def next(self) -> str:
        await self.more.wait()
        self.more.clear()
        return self.stills[-1]


def test_the_still_picture_becomes_the_last_state_that_stayed_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(view_module, "KEPT_S", 0.05)

    async def moved() -> list[str]:
        kept = Kept()
        monkeypatch.setattr("IPython.display.display", kept)
        view = LabView(
            Counting(slices=3), {"position": slider("position (number)", 0, 0, 2000, 1)}, "40"
        )
        view._ipython_display_()
        assert "<svg>0</svg>" in await kept.next()
        for position in range(1, 100):
            view.controls["position"].value = position
        still = await kept.next()
        for part in (view.picture.value, view.words.value, view.prediction.value):
            assert part in still
        view.close()
        return kept.stills

    stills = asyncio.run(moved())
    assert ["<svg>99</svg>" in still for still in stills] == [False, True]


def test_what_is_still_on_its_way_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "KEPT_S", 0.0)

    async def moved() -> None:
        kept, state, asked = Kept(), Counting(), asyncio.Event()

        def settled() -> bool:
            asked.set()
            return state.position != 1

        monkeypatch.setattr("IPython.display.display", kept)
        monkeypatch.setattr(state, "settled", settled)
        view = opened(state)
        view._ipython_display_()
        await kept.next()
        await asked.wait()
        asked.clear()
        view.set(position=1)
        await asked.wait()
        view.set(position=2)
        assert "<svg>2</svg>" in await kept.next()
        assert not any("<svg>1</svg>" in still for still in kept.stills)
        view.close()

    asyncio.run(moved())


def test_a_prediction_that_is_a_number_is_shown_too() -> None:
    assert "</b> 40</div>" in prediction_html(40)


def test_a_prediction_is_shown_as_it_was_written() -> None:
    assert "<b>You predicted:</b> p &lt; 0.5" in prediction_html("\n p < 0.5\n")


@pytest.mark.parametrize("nothing", ["", "  \n", "\nWrite your prediction here.\n"])
def test_a_missing_prediction_is_asked_for(nothing: str) -> None:
    assert "No prediction yet" in prediction_html(nothing)
    assert prediction_html(None) == ""


def test_a_task_without_the_present_cell_takes_another(sampler: Any, load: Any) -> None:
    asked = []

    def loaded(task: str, cell: str) -> Any:
        asked.append((task, cell))
        return load(task, cell)

    def cells(task: str) -> tuple[str, ...]:
        return ("gru", "rnn") if task == "ring" else ("lstm",)

    view = labs.divergence(sampler, models=Models(("ring", "runs"), cells, loaded))
    view.controls["cell"].value = "rnn"
    view.controls["task"].value = "runs"
    assert (view.state.task, view.state.cell) == ("runs", "lstm")
    assert view.controls["cell"].value == "lstm"
    assert view.controls["cell"].description == "cell (this task has one)"
    view.controls["task"].value = "ring"
    assert view.controls["cell"].description == "cell"
    assert [value for _, value in view.controls["cell"].options] == ["gru", "rnn"]
    assert view.controls["cell"].value == view.state.cell == "gru"
    assert set(asked) == {("ring", "gru"), ("ring", "rnn"), ("runs", "lstm")}
    assert "data-key" in view.picture.value
    assert view.message.value == ""
    view.close()
