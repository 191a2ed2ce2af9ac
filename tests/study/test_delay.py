"""The same failure, looked at three times: is it a delay?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from course.engine import train
from course.study import delay
from course.study.ways import Setting, Way, outcomes
from course.tasks import find_task, held_out
from course.trained import load


def test_errors_of_frames_that_repeat_and_that_change_make_the_whole_error() -> None:
    task, model = find_task("runs"), load("runs", "gru")
    apart = delay.errors_by_frame(task, model, 200)
    tokens = held_out(task, 200).tokens
    changes = float((tokens[1:] != tokens[:-1]).mean())
    by_frames = changes * apart["gold_error_changes"] + (1 - changes) * apart["gold_error_repeats"]
    # the first frame, which is neither, is never wrong
    whole = outcomes(task, model, 200)["gold_prefix_error"] * len(tokens) / (len(tokens) - 1)
    assert by_frames == pytest.approx(whole, abs=2e-3)
    assert apart["gold_error_changes"] > 10 * apart["gold_error_repeats"]


def test_each_look_is_at_a_model_of_one_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delay, "SETTING", Setting("runs", "rnn"))
    monkeypatch.setattr(delay, "UPDATES", 6)
    monkeypatch.setattr(delay, "EVERY", 3)
    looks = {f"{way}-updates{at}": "" for way in delay.REGIMES for at in (3, 6)}
    monkeypatch.setattr(delay, "TITLES", looks)
    found = delay.measured(2)
    assert list(found) == list(looks)
    task = find_task("runs")
    shape, plan = task.shape("rnn", 32), Way("p1.00", 6).plan(2)
    half = train(shape, task.draw, plan, callback=lambda progress: progress.updates == 3)
    for at, model in ((3, half.parameters), (6, train(shape, task.draw, plan).parameters)):
        expected = outcomes(task, model) | delay.errors_by_frame(task, model)
        assert found[f"p1.00-updates{at}"] == expected
    looked_at = train(shape, task.draw, replace(plan, evaluate_every=3), evaluation=lambda _: {})
    np.testing.assert_array_equal(
        looked_at.parameters.flat, train(shape, task.draw, plan).parameters.flat
    )
