"""The claims about chance refuse what is wrong however chance falls, and no right answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from plain_run import LESSONS

from course.grading.judge.cells import run_cell, score_of
from course.lessons import solution_namespace
from course.lessons.misconceptions import answers_with, misconceptions

LESSON = LESSONS["07_beyond_the_teacher"]
CHANCE = ("each_arm_is_as_likely", "names_are_drawn_at_random", "edges_come_in_random_order")
MISTAKES = [
    (mistake, claim)
    for mistake in misconceptions(LESSON)
    for claim in CHANCE
    if claim in mistake.breaks
]
SEEDS = range(int(os.environ.get("COURSE_SEEDS", "4")))


def otherwise(path_star: Callable[..., Any], seed: int) -> Callable[..., Any]:
    """Have a function draw other numbers than the generator that is passed would give."""

    def drawn(arms: int, length: int, labels: int, rng: np.random.Generator) -> Any:
        other = np.random.default_rng([seed, int(rng.integers(2**60))])
        return path_star(arms, length, labels, other)

    return drawn


def holds(claim: str, path_star: Callable[..., Any]) -> bool:
    """Say whether an answer gets all points of a claim."""
    cell = LESSON.cell(claim)
    namespace = {**solution_namespace(LESSON), "path_star": path_star}
    try:
        return bool(score_of(run_cell(cell.source, claim, namespace), cell.points) == cell.points)
    except AssertionError:
        return False


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("mistake", "claim"), MISTAKES, ids=[f"{m.name}-{claim}" for m, claim in MISTAKES]
)
def test_a_mistake_is_refused_however_chance_falls(mistake: Any, claim: str, seed: int) -> None:
    wrong = solution_namespace(LESSON, answers_with(LESSON, mistake))["path_star"]
    assert not holds(claim, otherwise(wrong, seed))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("claim", CHANCE)
def test_a_right_answer_is_not_refused(claim: str, seed: int) -> None:
    assert holds(claim, otherwise(solution_namespace(LESSON)["path_star"], seed))
