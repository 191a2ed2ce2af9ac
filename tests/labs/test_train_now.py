"""Two trainings in threads, without widgets: they stop when they are asked to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course.bootstrap.seals import sealed
from course.engine import Schedule, TrainingPlan, constant, train
from course.exposure import measure
from course.labs import LABS, train_now
from course.labs.calling.functions import LearnersFunction
from course.labs.page.models import heading
from course.labs.training import state as module
from course.labs.training.state import HIDDEN_DIM, Training, smoothed
from course.labs.training.ways import OWN, WAYS, own_schedule
from course.maintain import curve
from course.tasks import find_task

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Callable[[Training, int], Training]:
    """Wait until both trainings have made so many updates."""
    made = threading.Condition()

    def telling(*given: Any, callback: Any, **named: Any) -> Any:
        def tell(progress: Any) -> bool:
            stop = callback(progress)
            with made:
                made.notify_all()
            return stop

        return train(*given, callback=tell, **named)

    def reach(state: Training, updates: int) -> Training:
        with made:
            assert made.wait_for(lambda: state.made >= updates, timeout=600), state.message()
        return state

    monkeypatch.setattr(module, "train", telling)
    return reach


def test_both_start_from_the_same_weights_and_meet_the_same_batches() -> None:
    state = Training(task="ring", cell="rnn", way="linear from 0 to 0.5", updates=12)
    state.start()
    state.wait()
    courses = state.courses
    assert courses[0].loss_nats[0] == courses[1].loss_nats[0]
    assert courses[0].loss_nats != courses[1].loss_nats
    task = find_task("ring")
    plan = TrainingPlan(steps=12, schedule=constant(0.0))
    alone = train(task.shape("rnn", HIDDEN_DIM), task.draw, plan)
    np.testing.assert_array_equal(courses[0].loss_nats, alone.history.loss_nats)
    assert state.made == 12
    assert len(courses[0].wrong) == 12
    assert "done after 12 of 12 updates" in state.progress_line()
    assert "after 12 updates, running free," in state.words()


def test_stop_stops_and_what_was_measured_stays(reach: Any) -> None:
    state = Training(task="ring", cell="rnn", updates=5000)
    state.start()
    assert reach(state, 70).running
    left = state.left_s()
    assert left is not None
    assert left > 0
    assert "s left" in state.progress_line()
    state.stop()
    assert not state.running
    assert "stopped after" in state.progress_line()
    assert 70 <= state.made < 5000
    assert 'class="line truth"' in state.picture()


def test_a_new_start_ends_the_old_one() -> None:
    state = Training(task="ring", cell="rnn", updates=100_000)
    state.start()
    first = state._threads
    state.updates = 5
    state.start()
    assert not any(thread.is_alive() for thread in first)
    state.wait()
    assert state.made == 5


def test_a_failure_in_a_thread_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise FloatingPointError("the loss is NaN")

    monkeypatch.setattr(module, "train", fails)
    state = Training(updates=5)
    state.start()
    state.wait()
    assert state.message() == "The training failed: FloatingPointError: the loss is NaN"
    assert "FloatingPointError" in caplog.text


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_a_schedule_of_probabilities(way: str) -> None:
    schedule = WAYS[way](600)
    probs = [schedule.sampling_prob(step) for step in range(600)]
    assert min(probs) >= 0
    assert max(probs) <= 1
    assert probs[-1] >= 0.25
    assert probs == sorted(probs)


def test_where_the_prefix_matters_the_judge_is_the_gold_prefix() -> None:
    state = Training(task="ring_process", updates=40, way="1 throughout (always its own)")
    state.start()
    state.wait()
    course = state.courses[0]
    plan = TrainingPlan(steps=40, schedule=constant(0.0), seed=0)
    task = find_task("ring_process")
    model = train(task.shape("gru", HIDDEN_DIM), task.draw, plan).parameters
    test = task.draw_test(module.TEST_SEQUENCES, np.random.default_rng(2015))
    wrong = measure(model, test).error_true.mean.mean()
    assert course.wrong[-1][1] == pytest.approx(wrong, abs=1e-6)
    assert "on the true prefix" in state.charts()[1].finding
    assert "Running free is no judge of this task" in state.words()
    assert "no judge" not in Training.kept().words()


def test_before_the_first_start_the_words_say_what_to_do() -> None:
    state = Training()
    assert "press Train" in state.words()
    assert state.progress_line() == "not begun"
    assert state.picture().count("<svg") == 2


def test_the_loss_is_drawn_as_means_of_pieces() -> None:
    x, y = smoothed([float(k) for k in range(10)], 400)
    assert x.tolist() == [3.0, 8.0]
    assert y.tolist() == [2.0, 7.0]


def test_the_buttons_train_and_stop_and_closing_stops_too(reach: Any) -> None:
    before = threading.active_count()
    view = train_now("It will be better.")
    view.controls["updates"].value = 1000
    view.begin.click()
    reach(view.state, 2)
    view._look(view._runs)
    assert view.bar.value >= 2
    assert view.bar.max == 1000
    view.end.click()
    assert "stopped after" in view.line.value
    assert not view.begin.disabled  # which would lose the focus
    assert not view.end.disabled
    view.begin.click()
    view.close()
    assert threading.active_count() == before


def test_train_pressed_while_it_runs_begins_anew_with_what_the_sliders_say() -> None:
    view = train_now()
    view.controls["updates"].value = 1000
    view.begin.click()
    first = view.state.courses
    view.controls["updates"].value = 500
    assert "You changed a setting" in view.state.words()
    view.begin.click()
    assert view.state.courses is not first
    assert view.bar.max == 500
    assert "You changed a setting" not in view.state.words()
    view.close()


@pytest.mark.parametrize("moved", [{"seed": 3}, {"way": "0.5 throughout"}, {"cell": "rnn"}])
def test_the_words_say_that_moved_sliders_count_from_the_next_start(moved: dict[str, Any]) -> None:
    state = Training.kept()
    assert "next Train" not in state.words()
    for name, value in moved.items():
        setattr(state, name, value)
    assert state.words().endswith("You changed a setting; it takes effect at the next Train.")
    assert state.key() == Training.kept().key()


# The still picture.


def test_the_kept_curves_belong_to_the_lab_and_to_the_code(tmp_path: Path) -> None:
    assert curve.why_stale(ROOT) == ""
    assert curve.why_stale(tmp_path) == "training_curve.json is missing"
    path = tmp_path / curve.FILE
    path.parent.mkdir(parents=True)
    said = json.loads((ROOT / curve.FILE).read_text())
    said["made_from"]["settings"]["updates"] += 1
    path.write_text(json.dumps(said))
    assert curve.why_stale(tmp_path) == "training_curve.json was changed by hand"
    path.write_text(json.dumps(sealed(said)))
    assert curve.why_stale(tmp_path) == "the lab's settings changed since it was made"
    said["made_from"] |= {"settings": Training().settings(), "code_sha256": ""}
    path.write_text(json.dumps(sealed(said)))
    assert curve.why_stale(tmp_path) == "the lab's code changed since it was made"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WAYS", {Training().way: lambda updates: constant(0.25)}),
        ("EVALUATIONS", 10),
        ("TEST_SEQUENCES", 50),
        ("TEST_SEED", 1),
        ("HIDDEN_DIM", 16),
    ],
)
def test_the_kept_curves_are_stale_where_the_lab_trains_otherwise(
    monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    monkeypatch.setattr(module, name, value)
    assert curve.why_stale(ROOT) == "the lab's settings changed since it was made"


def test_the_kept_curves_are_what_a_training_gives(reach: Any) -> None:
    kept, now = Training.kept(), Training()
    now.start()
    reach(now, 102)
    now.stop()
    for old, new in zip(kept.courses, now.courses, strict=True):
        assert len(old.loss_nats) == Training().updates
        np.testing.assert_allclose(old.loss_nats[:60], new.loss_nats[:60], atol=2e-3)
        assert [updates for updates, _ in old.wrong[:2]] == [50, 100]
        # a decision that hangs on the last digit may fall otherwise on another machine
        np.testing.assert_allclose(old.wrong[:2], new.wrong[:2], atol=0.01)


def test_the_picture_says_in_words_how_that_training_ended() -> None:
    kept = Training.kept()
    drawn = LABS["training"].still().replace("\N{NO-BREAK SPACE}", " ")
    forced, chosen = (f"{100 * course.wrong[-1][1]:.0f} %" for course in kept.courses)
    assert f"Wrong tokens running free: teacher forcing {forced}, chosen way {chosen}." in drawn
    # the last of the pieces that the line is drawn of
    updates = kept.updates
    ends = (smoothed(course.loss_nats, updates)[1][-1] for course in kept.courses)
    forced, chosen = (f"{end:.2f}" for end in ends)
    assert f"Loss on what each is fed: teacher forcing {forced}, chosen way {chosen} nats." in drawn


def test_the_pictures_heading_says_what_was_trained_and_how() -> None:
    kept = Training.kept()
    said = f"{heading(kept.task, kept.cell)}; chosen way: {kept.way}</title>"
    assert said in LABS["training"].still()


def test_the_lab_opens_with_a_case_in_which_the_difference_is_plain() -> None:
    kept = Training.kept()
    assert (kept.task, kept.way, kept.updates) == ("runs", "1 throughout (always its own)", 1000)
    forced, chosen = (course.wrong[-1][1] for course in kept.courses)
    assert [f"{100 * wrong:.0f} %" for wrong in (forced, chosen)] == [
        "43 %",
        "11 %",
    ]  # as the lesson says
    ends = (smoothed(course.loss_nats, kept.updates)[1][-1] for course in kept.courses)
    assert [f"{end:.2f}" for end in ends] == ["0.42", "0.31"]  # likewise


def test_above_the_curves_stands_what_each_writes() -> None:
    assert Training().things() == ()
    forced, chosen = Training.kept().things()
    assert forced.finding.startswith("Teacher forcing: first wrong symbol at step ")
    assert chosen.finding.startswith("The chosen way")
    truth = find_task("runs").draw_test(module.TEST_SEQUENCES, np.random.default_rng(2015))
    for thing, course in zip((forced, chosen), Training.kept().courses, strict=True):
        wrong = (course.said != truth.tokens[:, 0]).sum()
        assert thing.body.count('class="cross"') == wrong


# The learner's own schedule.


def straight(step: int, schedule: str, k: float, c: float = 0.0, eps_min: float = 0.0) -> float:
    return 1.0 - max(eps_min, k - c * step) if schedule == "linear" else 0.5


def test_a_learners_schedule_drives_the_training_as_the_engines_does() -> None:
    own = Training(task="ring", cell="rnn", updates=20, schedule=straight)
    own.way = "yours, linear"
    assert own.way in own.ways()
    given = Training(task="ring", cell="rnn", updates=20, way="linear from 0 to 1")
    for state in (own, given):
        state.start()
        state.wait()
    assert own.courses[1].loss_nats == given.courses[1].loss_nats
    assert own.courses[0].loss_nats != own.courses[1].loss_nats


@pytest.mark.parametrize("way", OWN)
def test_every_way_of_a_right_schedule_is_a_probability_at_each_step(way: str) -> None:
    def right(step: int, schedule: str, k: float, c: float = 0.0) -> float:
        return Schedule(schedule, k, c).sampling_prob(step)

    made = own_schedule(LearnersFunction(right), way, 100)
    probs = [made.sampling_prob(step) for step in range(100)]
    assert probs == sorted(probs)
    assert probs[0] < 0.2
    assert 0.8 < probs[-1] <= 1


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (lambda *_: 1.5, "returned 1.5 at step 0, expected a probability in [0, 1]."),
        (lambda *_: None, "returned None"),
        (lambda *_: "half", "returned str, not a number."),
        (lambda *_: [0.5, 0.5], "returned shape (2,), expected a number."),
        (lambda *_: float("nan"), "returned NaN or infinity."),
    ],
)
def test_a_schedule_that_cannot_drive_is_told_and_nothing_is_trained(
    schedule: Any, said: str
) -> None:
    state = Training(task="ring", updates=20, schedule=schedule)
    state.way = "yours, exponential"
    state.start()
    assert said in state.message()
    assert state.message().endswith("then press Train.")
    assert not state.running
    assert state.things() == ()
    state.way = "0.5 throughout"
    state.start()
    state.wait()
    assert state.message() == ""


def test_without_a_schedule_of_theirs_none_is_offered() -> None:
    assert set(OWN) <= set(train_now(schedule=straight).state.ways())
    assert not set(OWN) & set(train_now().state.ways())


def test_each_panel_says_its_finding_to_those_who_cannot_see_it() -> None:
    for chart in Training.kept().charts():
        assert chart.alt.endswith(f" {chart.finding}.")
    for chart in Training().charts():
        assert chart.finding.endswith(": no measurement yet")
