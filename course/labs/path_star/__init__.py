"""Path-star, trained now: where a model that is fed the truth learns nothing, and where it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.engine.numerics import Array
from course.figures.chart import Chart
from course.figures.sheet import charts_sheet
from course.labs.page.background import BackgroundView
from course.labs.page.controls import chooser, slider
from course.labs.path_star.pictures import SHORT, accuracy
from course.labs.path_star.right import path_star as right
from course.labs.path_star.state import OFFERED, PathStar
from course.study.path_star import SIZES
from course.study.stars import Order, to_write
from course.trained import results

__all__ = ["path_star"]

SOLVED = {"path_star": right}


def path_star(
    function: Callable[..., Any] | None = None, prediction: str | None = None
) -> BackgroundView:
    """Open the lab.

    Parameters
    ----------
    function : callable, optional
        The learner's ``path_star``, which draws the stars that a model is measured on; the lab's
        own without it.
    prediction : str, optional
        What the learner wrote down before.
    """
    state = PathStar(function, arms=3, length=4)  # of two arms the lesson's first lab has told
    controls = {
        "order": chooser(
            "order of writing", [(s, order) for order, s in SHORT.items()], "forwards"
        ),
        "arms": slider("arms", state.arms, 2, 5, 1),
        "length": slider("length (nodes of a path)", state.length, 3, 6, 1),
        "updates": slider("steps (updates)", state.updates, 100, 1500, 100),
        "seed": slider("seed", state.seed, 0, 9, 1),
        "shown": slider("star that is drawn (number)", state.shown, 0, OFFERED - 1, 1),
    }
    begins = "Train a model by teacher forcing, anew"
    return BackgroundView(state, controls, prediction, begins, "Stop; what was measured stays")


def still() -> str:
    """Draw a star, and what five seeds came to on stars of its size, in both orders."""
    state = PathStar()
    charts = [_measured(order) for order in ("forwards", "backwards")]
    return charts_sheet("Path-star: 2 arms, 5 nodes a path", charts, 2, state.things())


def _measured(order: Order) -> Chart:
    """Draw the results of five seeds."""
    size = SIZES[0]
    paths = np.zeros((size.length, 1), int)
    positions = range(1, len(to_write(paths, order)) + 1)
    path = f"path_star/{size}/{order}"

    def of(measure: str) -> tuple[Array, Array]:
        found = [results.find(f"{path}/{measure}_{k}") for k in positions]
        return np.array([one.mean for one in found]), np.array([one.half for one in found])

    (forced, half_forced), (used, half_used) = of("forced"), of("used")
    whole = results.find(f"{path}/whole")
    right = f"{100 * whole.mean:.0f} % of whole paths are right, running free, five seeds"
    said = f"Written {SHORT[order]}: {right}"
    return accuracy(size, order, forced, used, said, (half_forced, half_used))
