"""A reward for the whole: a teacher-forced model, fine-tuned by the learner's own gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course import trained
from course.figures.sheet import charts_sheet
from course.labs.page.background import BackgroundView
from course.labs.page.controls import chooser, slider
from course.labs.page.view import LabView
from course.labs.reward.pictures import measured_charts
from course.labs.reward.right import expected_reward_gradient
from course.labs.reward.state import WITH, WITHOUT, Reward
from course.study.rewards import PLAN, SETTING

__all__ = ["reward"]

SOLVED = {"reward": expected_reward_gradient}


def reward(function: Callable[..., Any], prediction: str | None = None) -> LabView:
    """Open the lab on the learner's own gradient.

    Parameters
    ----------
    function : callable
        ``expected_reward_gradient``.
    prediction : str, optional
        What the learner wrote down before.
    """
    state = Reward(function)
    last = max(trained.seeds(SETTING.task, SETTING.cell))
    controls = {
        "baseline": chooser("baseline", [WITH, WITHOUT], state.baseline),
        "updates": slider("steps (updates)", state.updates, 50, PLAN.steps, 50),
        "seed": slider("seed", state.seed, 0, last, 1),
    }
    begins = "Fine-tune the shipped model of this seed, anew"
    return BackgroundView(state, controls, prediction, begins, "Stop; what was measured stays")


def still() -> str:
    """Draw what was measured of five seeds."""
    return charts_sheet("Fine-tuned by a reward for the whole", measured_charts(), columns=2)
