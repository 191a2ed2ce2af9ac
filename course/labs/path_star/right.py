"""The course's own stars in the place of a learner's, under the exercise's name."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.study.stars import Size, draw_stars


def path_star(
    arms: int, length: int, labels: int, rng: np.random.Generator
) -> tuple[Any, int, list[int]]:
    """Draw a star as the exercise says; `labels` must be as many as a `Size` has."""
    size = Size(arms, length)
    if labels != size.labels:
        raise ValueError(f"the lab's stars have {size.labels} labels, got {labels}")
    stars = draw_stars(size, 1, rng)
    path = stars.paths[:, 0].tolist()
    return stars.edges[:, :, 0], path[-1], path
