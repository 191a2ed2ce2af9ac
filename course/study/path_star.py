"""Lesson 7's path-star: the teacher that gives the answer away, and what helps.

Every model has three blocks with one head and 32 numbers a position. Models of one size and seed
begin with the same weights and meet the same stars.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

import numpy as np

from course.engine import Parameters, TrainingPlan
from course.engine.numerics import Array
from course.engine.training import Callback, Evaluation
from course.engine.transformer import TransformerShape, as_params
from course.engine.transformer.prompted import (
    Fed,
    Prompted,
    forward_prompted,
    train_prompted,
    written,
)
from course.study.make_experiments import Study
from course.study.measures import CONTEXTS, Values
from course.study.stars import ORDERS, Order, Size, Stars, draw_stars, prompted
from course.tasks.task import HELD_OUT_SEED

SIZES = (Size(2, 5), Size(3, 4), Size(4, 4))
MODEL_DIM, BLOCKS, BATCH_SIZE = 32, 3, 64
UPDATES, LONGER = 1000, 4000

#: The most tokens that are written.
POSITIONS = 2 * max(size.hops for size in SIZES)


@dataclass(frozen=True)
class StarTraining:
    """One way of training.

    Attributes
    ----------
    order : {"forwards", "backwards", "backwards_then_forwards"}
    fed : {"truth", "own", "nothing"}
    updates : int
    """

    order: Order = "forwards"
    fed: Fed = "truth"
    updates: int = UPDATES


#: Teacher forcing, by the name that results have.
TEACHER_FORCED: dict[str, StarTraining] = {order: StarTraining(order) for order in ORDERS}
#: What is tried for longer, on the first size alone.
LONG: dict[str, StarTraining] = {
    f"forwards-{LONGER}": StarTraining(updates=LONGER),
    "teacherless": StarTraining(fed="nothing", updates=LONGER),
    "always_own": StarTraining(fed="own", updates=LONGER),
}
#: What a reader calls each.
TITLES = {
    "forwards": "forwards",
    "backwards": "backwards",
    "backwards_then_forwards": "backwards, then forwards",
    f"forwards-{LONGER}": "forwards, trained longer",
    "teacherless": "forwards, teacherless",
    "always_own": "forwards, always its own",
}
#: What is compared besides, at equal length or between orders.
PAIRS = (
    ("backwards_then_forwards", "backwards"),
    ("teacherless", f"forwards-{LONGER}"),
    ("always_own", f"forwards-{LONGER}"),
)
#: What is measured; decimals, unit, and what it is.
MEASURES: dict[str, tuple[int, str, str]] = {
    "whole": (3, "fraction", "whole paths right, in use"),
    **{
        f"{name}_{k + 1}": (3, "fraction", f"right at written position {k + 1}, {fed}")
        for name, fed in (("forced", "fed the truth"), ("used", "in use"))
        for k in range(POSITIONS)
    },
    "training_s": (1, "seconds", "time of one core in training (s)"),
}


def ways_of(size: Size) -> dict[str, StarTraining]:
    """Return the ways that are tried on stars of a size, by the name that results have."""
    return TEACHER_FORCED | (LONG if size == SIZES[0] else {})


def shape_for(size: Size) -> TransformerShape:
    """Return the sizes of a model that has positions for every order of writing."""
    V, positions = size.labels, 1 + size.edges + 2 + 2 * size.hops
    return TransformerShape("transformer", 0, 3 * V, MODEL_DIM, V, BLOCKS, 2 * MODEL_DIM, positions)


def trained_in(
    way: StarTraining,
    size: Size,
    seed: int,
    *,
    evaluate_every: int = 0,
    evaluation: Evaluation | None = None,
    callback: Callback | None = None,
) -> tuple[Parameters, Array]:
    """Train a model; return it and its losses by update."""

    def source(columns: int, rng: np.random.Generator) -> Prompted:
        return prompted(draw_stars(size, columns, rng), way.order)

    plan = TrainingPlan(
        steps=way.updates, batch_size=BATCH_SIZE, evaluate_every=evaluate_every, seed=seed
    )
    return train_prompted(
        shape_for(size), source, plan, way.fed, evaluation=evaluation, callback=callback
    )


def held_out_stars(size: Size, columns: int = CONTEXTS) -> Stars:
    """Return stars to measure on, the same at every call."""
    return draw_stars(size, columns, np.random.default_rng(HELD_OUT_SEED))


def says(model: Parameters, batch: Prompted, fed: Fed) -> Array:
    """Return the logits (K, O, N) of what a model writes."""
    return written(batch, forward_prompted(as_params(model), batch, fed))


def outcomes(model: Parameters, way: StarTraining, stars: Stars) -> Values:
    """Measure a model: which part of the nodes is right, by position, forced and in use.

    Forced is fed the truth, in use its own tokens; a teacherless model is fed nothing in both.
    """
    batch = prompted(stars, way.order)
    feeds: tuple[Fed, Fed] = ("nothing", "nothing") if way.fed == "nothing" else ("truth", "own")
    forced, used = (says(model, batch, fed).argmax(axis=1) == batch.tokens for fed in feeds)
    return {
        "whole": float(used[-stars.size.hops :].all(axis=0).mean()),
        **{f"forced_{k + 1}": float(part) for k, part in enumerate(forced.mean(axis=1))},
        **{f"used_{k + 1}": float(part) for k, part in enumerate(used.mean(axis=1))},
    }


def measured(size: Size, seed: int) -> dict[str, Values]:
    """Train each way from one seed; return what was measured of it."""
    found, stars = {}, held_out_stars(size)
    for name, way in ways_of(size).items():
        begun = time.thread_time()
        model, _ = trained_in(way, size, seed)
        spent = {"training_s": time.thread_time() - begun}
        found[name] = outcomes(model, way, stars) | spent
    return found


def _study(size: Size) -> Study:
    titles = {name: TITLES[name] for name in ways_of(size)}
    return Study(
        f"path_star/{size}",
        titles,
        partial(measured, size),
        (measured,),
        said=[size.arms, size.length],
        pairs=tuple(pair for pair in PAIRS if titles.keys() >= set(pair)),
        measures=MEASURES,
    )


STUDIES = tuple(map(_study, SIZES))
