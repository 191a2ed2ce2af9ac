"""Ways of training side by side, without widgets: mean and spread over seeds."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from course import trained
from course.exposure import measure
from course.labs import trained_how
from course.labs.page.models import Models, shipped
from course.labs.page.state import complete
from course.labs.trained import TOLD_WRONG
from course.labs.trained.spread import OWN, TRUE, Spread, TrainedWay, banded, measured
from course.labs.trained.state import TrainedHow
from course.labs.trained.writes import SEQUENCES, Written, writes
from course.tasks import find_task
from course.trained import results
from course.trained.results import interval

WAYS = (TrainedWay("teacher forcing (0)", "0"), TrainedWay("0.5", ".5"), TrainedWay("1", "1"))
T = 6
#: For each way: wrong when free, and nats on the true prefix, by seed.
NUMBERS = {
    "teacher forcing (0)": [(0.4, 1.0), (0.6, 1.2)],
    "0.5": [(0.2, 1.5), (0.4, 1.7)],
    "1": [(0.7, 1.9), (0.9, 2.1)],
}


def spread(numbers: list[tuple[float, float]]) -> Spread:
    wrong, nll = np.array(numbers).T
    flat = np.repeat(wrong[:, None], T, axis=1)
    return Spread(3 * flat, flat / 2, flat, nll, 1 - wrong)


def made_up(task: str, cell: str, way: str) -> Written:
    """What models write that there are none of: the later the way, the more of it is wrong."""
    about, wrong = find_task(task), [one.name for one in WAYS].index(way)
    truth = np.zeros((about.steps, SEQUENCES), int)
    said = (np.arange(about.steps)[:, None] < wrong) + truth
    return Written(truth, said, np.zeros((about.feature_dim, SEQUENCES)))


@pytest.fixture
def asked() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def state(asked: list[tuple[str, str, str]]) -> TrainedHow:
    def ask(task: str, cell: str, way: str) -> Spread:
        asked.append((task, cell, way))
        return spread(NUMBERS[way])

    return TrainedHow(lambda task, cell: WAYS, ask, made_up)


def test_every_way_is_there_at_once_and_none_is_read_twice(
    state: TrainedHow, asked: list[Any]
) -> None:
    complete(state)
    complete(state).way = "1"
    complete(state)
    assert asked == [("osc", "gru", way.name) for way in WAYS]


def test_above_the_measures_stands_what_a_model_of_the_way_writes(state: TrainedHow) -> None:
    for wrong, way in enumerate(WAYS):
        complete(state).way = way.name
        [thing] = state.things()
        assert thing.body.count('class="cross"') == wrong
        assert f"Sequence 0. {thing.finding}." in state.words()


def test_running_free_shows_what_one_of_the_measured_models_writes() -> None:
    title = trained.find_regime("p0.50").title
    truth, said, _ = writes("runs", "gru", title)
    model, batch = trained.load("runs", "gru", "p0.50"), trained.held_out("runs", SEQUENCES)
    np.testing.assert_array_equal(truth, batch.tokens)
    one = measure(model, batch).error_own.mean
    np.testing.assert_allclose((said != truth).mean(axis=1), one)


def test_where_running_free_is_no_judge_the_model_is_forced() -> None:
    truth, said, _ = writes(TOLD_WRONG, "gru", trained.find_regime("p0.00").title)
    assert (said != truth).mean() < 0.3
    state = TrainedHow(task=TOLD_WRONG)
    assert complete(state).things()[0].finding.startswith("Forced run: ")


@pytest.mark.parametrize(("task", "cell"), [("osc", "rnn"), ("digits", "gru"), ("runs", "gru")])
def test_the_lab_shows_what_the_lesson_quotes(task: str, cell: str) -> None:
    for regime in trained.regimes(task, cell)[:3]:
        told = measured(task, cell, regime.title).told
        for head, name in ((OWN, "own_prefix_error"), (TRUE, "gold_prefix_error")):
            result = results.find(f"{task}/{cell}/{regime.name}/{name}")
            assert told[head] == pytest.approx((100 * result.mean, 100 * result.half), abs=1e-3)


def test_a_number_is_the_mean_over_seeds_with_half_of_its_interval(state: TrainedHow) -> None:
    words = complete(state).words()
    assert "2 seeds (± half of a 95 % interval)" in words
    assert "50.0 ± 127.1 % of the tokens" in words
    assert "1.100 ± 1.271 nats" in words
    assert "50.0 ± 127.1" in state.table()


def test_a_disagreement_of_likelihood_and_free_running_is_said(state: TrainedHow) -> None:
    complete(state).way = "0.5"
    assert "-20.0 ± 0.0 points and +0.500 ± 0.000 nats" in state.words()
    assert "The likelihood says worse, running free says better." in state.words()
    state.way = "1"
    assert "Both say that this way is worse." in state.words()


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([(0.3, 1.1), (0.6, 1.1)], "The seeds do not tell."),
        ([(0.4, 1.0), (0.6, 1.2)], "The seeds do not tell."),
        ([(0.3, 1.5), (0.6, 1.7)], "The likelihood says worse; running free, the seeds do not"),
        ([(0.2, 1.5), (0.4, 1.1)], "Running free says better; by the likelihood the seeds do not"),
    ],
)
def test_a_difference_within_what_seeds_make_is_called_neither_better_nor_worse(
    state: TrainedHow, monkeypatch: pytest.MonkeyPatch, numbers: list[Any], said: str
) -> None:
    monkeypatch.setitem(NUMBERS, "0.5", numbers)
    complete(state).way = "0.5"
    assert said in state.words()


def test_running_free_is_no_judge_where_the_truth_goes_on_from_what_was_written(
    state: TrainedHow,
) -> None:
    state.task, state.way = "ring_process", "0.5"
    words = complete(state).words()
    assert "Judge by the true prefix." in words
    assert "says better" not in words
    findings = [chart.finding for chart in state.charts()]
    assert "Wrong tokens running free: no judge of this task" in findings
    assert any("true prefix: lowest with 0" in finding for finding in findings)


def test_labs_offer_every_cell_and_no_task_whose_right_token_is_unknown() -> None:
    assert sorted(shipped().cells("osc")) == ["gru", "lstm", "rnn"]
    assert shipped().tasks == ("osc", "digits", "ring_measured", "runs")
    assert set(shipped(TOLD_WRONG).tasks) == {*shipped().tasks, "ring_process"}


def test_the_best_way_by_each_measure_is_named(state: TrainedHow) -> None:
    findings = [chart.finding for chart in complete(state).charts()]
    assert "Wrong tokens running free: lowest with .5" in findings
    assert "Loss on the true prefix: lowest with 0" in findings


def test_a_best_way_that_the_seeds_do_not_tell_from_another_is_said_to_be_one_of_both(
    state: TrainedHow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NUMBERS, "0.5", [(0.2, 0.9), (0.4, 1.5)])
    findings = [chart.finding for chart in complete(state).charts()]
    assert "Loss on the true prefix: lowest with 0; too close to call with .5" in findings


def test_the_table_marks_the_present_row(state: TrainedHow) -> None:
    complete(state).way = "1"
    [present] = [row for row in state.table().split("<tr") if row.startswith(' class="present"')]
    assert '<th scope="row">1</th>' in present
    assert state.table().count("±") == 3 * 5 + 1


def test_a_way_that_another_task_lacks_gives_place_to_its_first(state: TrainedHow) -> None:
    complete(state).way = "an unknown way"
    complete(state)
    assert state.way == "teacher forcing (0)"


def test_every_position_of_the_slider_has_a_picture_and_words_of_its_own(state: TrainedHow) -> None:
    view = trained_how(state=state, models=Models(("osc",), lambda task: ("gru",)))
    seen = set()
    for way in WAYS:
        view.controls["way"].value = way.name
        seen.add((view.picture.value, view.words.value))
        assert f'data-key="way={way.name} ' in view.picture.value
    assert len(seen) == 3
    view.close()


def test_the_table_follows_a_moment_after_the_picture(state: TrainedHow) -> None:
    view = trained_how(state=state, models=Models(("osc",), lambda task: ("gru",)))
    at_first, later = view.table.value, {}

    async def move() -> None:
        for way in WAYS:
            view.controls["way"].value = way.name
            await asyncio.sleep(0)
            later[way.name] = view.table.value
        while 'class="present"><th scope="row">1<' not in view.table.value:
            await asyncio.sleep(0)

    asyncio.run(move())
    assert 'class="present"><th scope="row">teacher' in at_first
    assert later == {way.name: at_first for way in WAYS}
    assert 'data-key="way=1 ' in view.picture.value
    assert view.table.value == state.table()
    assert 'class="present"><th scope="row">1<' in view.table.value
    view.close()


def test_one_seed_has_no_interval() -> None:
    mean, half = interval(np.array([2.0]))
    assert mean == 2.0
    assert np.isnan(half)
    one = banded(np.array([[1.0, 2.0]]), "own", "free")
    assert one.y.tolist() == one.low.tolist() == one.high.tolist() == [1.0, 2.0]
