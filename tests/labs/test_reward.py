"""Fine-tuning by the learner's own gradient: right, wrong, broken, and stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from course.labs import reward
from course.labs.calling.functions import LearnersFunction, Unfinished
from course.labs.reward import state as module
from course.labs.reward.estimates import Estimates
from course.labs.reward.pictures import curves, measured_charts
from course.labs.reward.state import EVERY, WITH, WITHOUT, Reward
from course.study.rewards import PLAN, Writer, estimate
from course.trained import results


@pytest.fixture(autouse=True)
def _few_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLAN", replace(PLAN, batch_size=8))
    monkeypatch.setattr(module, "COLUMNS", 20)


def tuned(function: Callable[..., Any], *baselines: str, updates: int = 2 * EVERY) -> Reward:
    """Fine-tune with each of these baselines in turn, and wait for the end."""
    state = Reward(function, updates=updates)
    for baseline in baselines or (WITH,):
        state.baseline = baseline
        state.start()
        state.wait()
    return state


def test_the_learners_gradients_of_all_sequences_make_the_mean(rewarded: Any) -> None:
    drawn = Writer(0, replace(PLAN, batch_size=50)).draw()
    given = drawn.tape.logits, drawn.tokens, drawn.rewards, -16.0
    estimates = Estimates(LearnersFunction(rewarded))
    np.testing.assert_allclose(estimates(*given), estimate(*given), atol=1e-6)
    assert estimates.fault == ""


def test_the_learners_function_trains_as_the_studies_do(rewarded: Any) -> None:
    state, writer = tuned(rewarded), Writer(0, replace(PLAN, batch_size=8, steps=2 * EVERY))
    alone = [writer.update(True) for _ in range(2 * EVERY)]
    # float64 through the learner's function and back: a token may fall otherwise once it differs
    np.testing.assert_allclose(state.courses[WITH].rewards[:EVERY], alone[:EVERY], atol=0.5)
    assert [one["updates"] for one in state.courses[WITH].measured] == [0, EVERY, 2 * EVERY]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda rows: -rows,
        lambda rows: rows + 1e-2,
        lambda rows: rows / len(rows),
    ],
    ids=["sign", "row sums", "divided by T"],
)
def test_a_wrong_gradient_is_told_and_trained_by(rewarded: Any, wrong: Any) -> None:
    def theirs(logits: Any, tokens: Any, reward: float, baseline: float = 0.0) -> Any:
        return wrong(rewarded(logits, tokens, reward, baseline))

    state = tuned(theirs)
    assert "theirs differs from what is expected" in state.message()
    assert "checks.check(theirs)" in state.message()
    assert state.made == state.total


def test_who_forgets_the_baseline_is_told_with_one_and_right_without(rewarded: Any) -> None:
    def forgets(logits: Any, tokens: Any, reward: float, baseline: float = 0.0) -> Any:
        return rewarded(logits, tokens, reward)

    assert "forgets differs" in tuned(forgets, WITH).message()
    assert tuned(forgets, WITHOUT).message() == ""


@pytest.mark.slow
def test_the_opposite_sign_is_seen_to_fail(rewarded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLAN", replace(PLAN, batch_size=64))

    def opposite(*given: Any) -> Any:
        return -rewarded(*given)

    first, last = (tuned(opposite, updates=60).courses[WITH].measured[k] for k in (0, -1))
    assert last["own_prefix_error"] > first["own_prefix_error"] + 0.2


@pytest.mark.parametrize(("worst", "end"), [(0.6, 2.0), (5.8, 6.0), (np.inf, 2.0)])
def test_the_axis_of_the_loss_reaches_what_is_measured(worst: float, end: float) -> None:
    measured = [
        {"updates": at, "own_prefix_error": 0.5, "nll_nats": nats}
        for at, nats in ((0.0, 0.45), (10.0, worst))
    ]
    errors, losses = curves([("baseline", "mixed", measured)], updates=10)
    assert (errors.panel.y_range, losses.panel.y_range) == ((0.0, 100.0), (0.0, end))


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda *given: None, "returned None"),
        (lambda logits, *given: logits[:1], "returned shape"),
        (lambda logits, *given: logits * np.nan, "NaN"),
    ],
)
def test_a_broken_function_ends_the_training_with_a_sentence(broken: Any, said: str) -> None:
    state = tuned(broken)
    assert said in state.message()
    assert state.message().endswith("Write or mend it, run its cell, then press Train.")
    assert state.made == 0
    assert (
        len(state.courses[WITH].measured) == 1
    )  # what the shipped model does is seen all the same


def test_an_unwritten_function_is_called_so(unwritten: Any) -> None:
    assert "is not written yet" in tuned(unwritten).message()


def test_both_baselines_are_drawn_together_until_seed_or_length_change(rewarded: Any) -> None:
    state = tuned(rewarded, WITH, WITHOUT, updates=EVERY)
    assert set(state.courses) == {WITH, WITHOUT}
    assert all("baseline" in chart.finding for chart in state.charts())
    assert len(state.things()) == 3
    assert "Baseline: after 10 updates" in state.words()
    assert "No baseline: after 10 updates" in state.words()
    begun = [course.measured[0] for course in state.courses.values()]
    assert begun[0] == begun[1]
    state.seed = 1
    assert "takes effect at the next Train" in state.words()
    state.start()
    state.wait()
    assert set(state.courses) == {WITHOUT}


def test_before_training_the_words_ask_for_a_prediction_and_tell_no_result(rewarded: Any) -> None:
    state = Reward(rewarded)
    assert "Predict" in state.words()
    assert "%" not in state.words()
    assert [one.finding.partition(":")[0] for one in state.things()] == ["Before"]
    assert state.progress_line() == "not begun"


def test_a_mended_function_counts_from_the_next_start(rewarded: Any, notebook: Any) -> None:
    def expected_reward_gradient(*given: Any) -> Any:
        return None

    first = notebook.define("expected_reward_gradient", expected_reward_gradient)
    state = tuned(first, updates=EVERY)
    assert "None" in state.message()
    notebook["np"] = np
    notebook.define("expected_reward_gradient", rewarded)
    state.start()
    state.wait()
    assert state.message() == ""
    assert state.made == EVERY


def test_stop_stops_and_what_was_measured_stays(rewarded: Any) -> None:
    opened, begun, go_on = threading.Event(), threading.Event(), threading.Event()

    def waits(*given: Any) -> Any:
        if opened.is_set():
            begun.set()
            go_on.wait()
        return rewarded(*given)

    state = Reward(waits)
    opened.set()
    state.start()
    begun.wait()
    state._stop.set()
    go_on.set()
    state.wait()
    assert not state.running
    assert 1 <= state.made < state.total
    assert "stopped after" in state.progress_line()
    assert state.courses[WITH].measured


def test_a_failure_of_ours_is_told(
    rewarded: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> Any:
        raise FloatingPointError("the loss is NaN")

    monkeypatch.setattr(module, "Writer", fails)
    state = tuned(rewarded)
    assert state.message() == "The fine-tuning failed: FloatingPointError: the loss is NaN"
    assert "FloatingPointError" in caplog.text


def test_the_view_trains_and_closing_stops(rewarded: Any) -> None:
    view = reward(rewarded, "It will fall.")
    assert list(view.controls) == ["baseline", "updates", "seed"]
    view.begin.click()
    view.end.click()
    assert not view.state.running
    view.close()


def test_the_still_picture_tells_what_was_measured_of_five_seeds() -> None:
    own, loss = measured_charts()
    for chart, name, told in (
        (own, "own_prefix_error", lambda mean: f"{100 * mean:.0f}\N{NO-BREAK SPACE}%"),
        (loss, "nll_nats", lambda mean: f"{mean:.2f} nats"),
    ):
        for way in ("before", "no_baseline", "baseline"):
            assert told(results.find(f"osc/gru/reward-{way}/{name}").mean) in chart.finding


def test_unfinished_is_what_a_broken_function_raises() -> None:
    drawn = Writer(0, replace(PLAN, batch_size=4)).draw()
    with pytest.raises(Unfinished, match="returned None"):
        Estimates(LearnersFunction(lambda *given: None))(
            drawn.tape.logits, drawn.tokens, drawn.rewards, 0.0
        )


def test_what_the_shipped_model_writes_is_drawn_before_and_beside_what_comes_of_it(
    rewarded: Any,
) -> None:
    untouched = Reward(rewarded)
    [before] = untouched.things()
    assert before.finding.startswith("Before: ")
    state = tuned(rewarded, WITH, WITHOUT)
    first, *after = state.things()
    assert first == before
    assert [one.finding.partition(":")[0] for one in after] == ["Baseline", "No baseline"]
    untouched.seed = 1
    assert untouched.things() != (before,)
    state.seed = 1  # what is moved counts from the next start
    assert state.things()[0] == before
