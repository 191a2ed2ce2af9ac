"""The learner's own experiment, without widgets where it can be: form first, pairs, and an end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from forms import FORM

from course.labs import LABS, experiment
from course.labs.experiment import trial as module
from course.labs.experiment.charts import MeasureShown
from course.labs.experiment.form import TASKS
from course.labs.experiment.state import OWN, READY, PairedExperiment, settings_of
from course.labs.experiment.verdict import Interval, IntervalOf, verdict
from course.study.hypotheses import HYPOTHESES, Direction
from course.study.ways import Setting, Way, measured_on, outcomes, train_way
from course.tasks import find_task
from course.trained import results
from course.trained.results import interval


def paired_interval(a: Any, b: Any) -> Any:
    mean, half = interval(np.subtract(b, a))
    return float(mean), float(half)


def small(**given: Any) -> PairedExperiment:
    """An experiment that takes a moment."""
    chosen = {"task": "ring", "cell": "rnn", "updates_a": 8, "updates_b": 6, "form": FORM}
    return PairedExperiment(**{**chosen, "interval": paired_interval, **given})


def ran(**given: Any) -> PairedExperiment:
    state = small(**given)
    state.start()
    state.wait()
    return state


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Callable[[PairedExperiment, int], None]:
    """Start; wait until the n-th training has begun, which does not end until it is stopped."""
    begun: list[Way] = []
    reached = threading.Event()

    def hold(state: PairedExperiment, n: int) -> None:
        def telling(setting: Setting, way: Way, seed: int, tell: Any) -> Any:
            begun.append(way)
            if len(begun) < n:
                return train_way(setting, way, seed, tell)
            reached.set()
            return train_way(setting, replace(way, updates=10**6), seed, tell)

        monkeypatch.setattr(module, "train_way", telling)
        state.start()
        assert reached.wait(timeout=600), state.message()

    return hold


# The form; how it is read, test_form.py says.


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"form": FORM | {"seeds": 0}}, "must be a whole number from 2 to 9; got 0"),
        ({"task": "momentum"}, "says nothing of this task; what does: gold_prefix_error, nll_nats"),
        ({"b": "0 (teacher forcing)", "updates_b": 8}, "A and B are the same way of training"),
    ],
)
def test_a_run_is_refused_with_a_sentence_and_nothing_is_trained(
    given: dict[str, Any], said: str
) -> None:
    state = ran(**given)
    assert said in state.message()
    assert "Nothing was trained. Mend the cell of the form" in state.message()
    assert state.trial is None
    assert state.progress_line() == "not begun"
    state.form, state.task, state.b = FORM, "ring", "0.5"
    state.start()
    state.wait()
    assert state.message() == ""


# A run.


def test_both_ways_of_a_seed_are_a_pair_measured_as_the_form_says() -> None:
    state = ran()
    assert state.trial is not None
    task = find_task("ring")
    for way, k in ((Way("p0.00", 8), 0), (Way("p0.50", 6), 1)):
        model = train_way(Setting("ring", "rnn"), way, seed=2)
        assert state.trial.values[2][k] == outcomes(task, model, 100)["own_prefix_error"]
    assert len(state.trial.values) == 3
    assert state.progress_line().startswith("done after 42 of 42 updates")


def test_the_form_stands_beside_the_result_as_it_was_before_the_run() -> None:
    form = dict(FORM)
    state = ran(form=form)
    form["hypothesis"] = "I knew it all along."
    picture = state.picture()
    assert FORM["hypothesis"] in picture
    assert "I knew it all along." not in picture
    for said in ("lower", "own_prefix_error: wrong tokens", "100", FORM["change_my_mind"]):
        assert f"<td>{said}" in picture


def test_the_words_say_whether_the_expected_direction_held() -> None:
    state = ran()
    assert state.trial is not None
    found = state.found()
    a, b = state.trial.columns()
    assert (found.mean, found.half) == paired_interval(a, b)
    words = state.words()
    assert "Wrong tokens, own prefix, B less A, over 3 paired seeds: " in words
    assert verdict("lower", found) in words
    assert "partial" not in words
    assert "over 3 paired seeds" in state.charts()[1].finding


def test_stop_keeps_the_seeds_that_both_have_done_and_says_that_they_are_few(hold: Any) -> None:
    state = small()
    hold(state, 5)  # two seeds are done, and the third has begun
    state.stop()
    assert state.trial is not None
    assert len(state.trial.values) == 2
    assert "2 of the 3 seeds of your form: this is a partial result." in state.words()
    assert "over 2 paired seeds" in state.words()
    assert "stopped after" in state.progress_line()
    assert state.charts()[1].inner().count('class="dot mixed"') == 2


def test_half_a_pair_does_not_count(hold: Any) -> None:
    state = small()
    hold(state, 2)  # the second way of the first seed has begun
    assert state.running
    state.stop()
    assert state.trial is not None
    assert state.trial.values == []
    assert "No seed is done yet." in state.words()
    assert "no seed is done yet" in state.charts()[0].finding


def test_one_pair_has_no_interval_and_the_function_is_not_asked() -> None:
    def asked(*_: Any) -> Any:
        raise AssertionError

    judge = IntervalOf(asked)
    assert not judge([1.0], [2.0]).known
    assert judge.fault == ""
    assert "nothing is said of your hypothesis" in verdict("lower", judge([1.0], [2.0]))


def test_the_second_run_under_one_form_is_counted() -> None:
    state = ran()
    assert "under one form" not in state.words()
    state.start()
    state.wait()
    assert "This is run 2 under one form" in state.words()


def test_moved_controls_count_from_the_next_start() -> None:
    state = ran()
    before = state.key(), state.picture()
    state.b = "1"
    assert state.words().endswith("You changed a setting; it takes effect at the next Train.")
    assert (state.key(), state.picture()) == before


def test_a_failure_in_the_thread_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> Any:
        raise FloatingPointError("the loss is NaN")

    monkeypatch.setattr(module, "train_way", fails)
    assert ran().message() == "The training failed: FloatingPointError: the loss is NaN"
    assert "FloatingPointError" in caplog.text


# The learner's interval.


def test_the_learners_own_interval_is_drawn_and_a_wrong_one_is_told() -> None:
    judge = IntervalOf(lambda a, b: (1.0, 0.25))
    found = judge([1.0, 2.0, 3.0], [2.0, 3.0, 4.5])
    assert (found.mean, found.half) == (1.0, 0.25)
    assert "returned 1 ± 0.25 for these differences, expected is 1.167 ± 0.7172" in judge.fault


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda a, b: None, "returned None"),
        (lambda a, b: 0.5, "returned float, expected a tuple (mean, half_width)."),
        (lambda a, b: (0.5, float("nan")), "NaN or infinity"),
        (lambda a, b: 1 / 0, "stopped with ZeroDivisionError"),
        (lambda a, b: ("a", "b"), "not a number"),
    ],
)
def test_a_function_that_gives_no_interval_is_told_and_the_differences_stay(
    function: Any, said: str
) -> None:
    state = ran(interval=function)
    state.words()
    assert said in state.message()
    assert "The differences are drawn without an interval." in state.message()
    assert "There is no interval, so nothing is said of your hypothesis." in state.words()
    assert state.charts()[1].inner().count('class="dot mixed"') == 3


def test_a_function_that_was_mended_is_asked_anew(notebook: Any, unwritten: Any) -> None:
    judge = IntervalOf(notebook.define("paired_interval", unwritten))
    a, b = [1.0, 2.0], [2.0, 4.0]
    assert not judge(a, b).known
    assert "paired_interval is not written yet." in judge.fault
    notebook |= {"interval": interval, "np": np}
    notebook.define("paired_interval", paired_interval)
    assert judge(a, b).mean == 1.5
    assert judge.fault == ""


def test_without_a_function_the_lab_reckons_itself() -> None:
    found = IntervalOf(None)([1.0, 2.0, 4.0], [2.0, 3.0, 3.0])
    assert (found.mean, found.half) == paired_interval([1.0, 2.0, 4.0], [2.0, 3.0, 3.0])


@pytest.mark.parametrize(
    ("expected", "mean", "said"),
    [
        ("lower", -2.0, "lower, and it held"),
        ("lower", 2.0, "lower, and it did not hold: the whole interval lies above 0"),
        ("lower", 0.5, "the seeds do not tell"),
        ("higher", 2.0, "higher, and it held"),
        ("higher", -2.0, "higher, and it did not hold: the whole interval lies below 0"),
        ("same", 0.5, "none is shown: the interval contains 0. That is not the same as none"),
        ("same", -2.0, "no difference, and it did not hold: the whole interval lies below 0"),
        ("same", 2.0, "no difference, and it did not hold: the whole interval lies above 0"),
    ],
)
def test_every_direction_meets_every_outcome(expected: Direction, mean: float, said: str) -> None:
    assert said in verdict(expected, Interval(mean, 1.0))


# Hypotheses that are ready.


@pytest.mark.parametrize("one", HYPOTHESES, ids=lambda one: one.name)
def test_a_hypothesis_sets_every_control_and_says_its_claim(one: Any) -> None:
    view = experiment(form=FORM)
    view.controls["ready"].value = one.name
    assert view.state.set_to() == settings_of(one)
    assert view.state._chosen() == (one.setting, (one.a, one.b))
    assert one.claim in view.state.words()
    view.controls["cell"].value = "rnn"
    assert view.controls["ready"].value == OWN
    assert one.claim not in view.state.words()
    view.close()


def test_every_hypothesis_is_told_by_a_measure_of_its_task() -> None:
    assert len(READY) == len(HYPOTHESES) >= 4
    for one in HYPOTHESES:
        assert one.measure in measured_on(find_task(one.setting.task))
        assert one.a.name != one.b.name
    assert {one.setting.task for one in HYPOTHESES} <= TASKS.keys()


def test_not_every_hypothesis_holds() -> None:
    told = []
    for one in HYPOTHESES:
        both = results.find(f"{one.path}/{one.b.name}-vs-{one.a.name}/{one.measure}")
        told.append("did not hold" in verdict(one.direction, Interval(both.mean, both.half)))
    assert any(told)
    assert not all(told)


# The view.


@pytest.mark.slow(seconds=4)
def test_the_buttons_train_and_the_record_can_be_printed() -> None:
    view = experiment("It falls.", form=FORM | {"seeds": 2}, interval=paired_interval)
    for name, value in {"task": "ring", "cell": "rnn", "updates_a": 200, "updates_b": 200}.items():
        view.controls[name].value = value
    assert view.record() == "Nothing is trained yet."
    view.begin.click()
    view.state.wait()
    view._look(view._runs)
    assert view.bar.value == view.bar.max == 2 * 400
    assert "done after 800" in view.line.value
    lines = view.record().splitlines()
    assert lines[0] == f"hypothesis: {FORM['hypothesis']}"
    assert lines[6] == "seed  A  B  B less A"
    assert [line.split("  ")[0] for line in lines[7:9]] == ["0", "1"]
    assert " ".join(lines[9:]) == view.state.words()
    assert max(map(len, lines)) <= 76
    view.close()


def test_a_refusal_leaves_alone_what_runs(hold: Any) -> None:
    state = small()
    hold(state, 1)
    running = state.trial
    state.task = "momentum"
    state.start()
    assert "says nothing of this task" in state.message()
    assert state.running
    assert state.trial is running
    state.stop()


def test_closing_ends_the_thread(hold: Any) -> None:
    before = threading.active_count()
    view = experiment(form=FORM)
    hold(view.state, 1)
    view.close()
    assert threading.active_count() == before


def test_each_panel_says_its_finding_to_those_who_cannot_see_it() -> None:
    for state in (small(), ran()):
        for chart in state.charts():
            assert chart.alt.endswith(f" {chart.finding}.")


def test_above_the_measures_stands_what_both_wrote() -> None:
    assert small().things() == ()
    first, second = ran().things()
    assert first.finding.startswith("A: ")
    assert second.finding.startswith("B: ")


@pytest.mark.parametrize(
    ("measure", "said"),
    [("own_prefix_error", "−14.4 ± 8.8 points"), ("nll_nats", "−0.144 ± 0.088 nats")],
)
def test_fractions_are_shown_in_per_cent(measure: str, said: str) -> None:
    assert MeasureShown.of(measure).text(Interval(-0.144, 0.088)) == said


def test_the_still_picture_tells_what_the_lessons_quote() -> None:
    both = results.find("osc/gru/p0.50-vs-p0.00/own_prefix_error")
    told = MeasureShown.of("own_prefix_error").text(Interval(both.mean, both.half))
    drawn = LABS["experiment"].still()
    assert f"B less A: {told} over 5 paired seeds" in drawn
    assert "A: 0 (teacher forcing). B: 0.5.</title>" in drawn
