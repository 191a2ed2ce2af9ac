"""What the functions of this lesson are called with: see `course.checks.known.probes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from course.checks.cells.examples import Array, random_example
from course.checks.cells.stars import read_arms, read_goal, read_names, read_path
from course.checks.known import features, stars
from course.checks.known.features import Arguments
from course.checks.known.probes import LONG, Probe


def _star() -> Iterator[Probe]:
    """``path_star(arms, length, labels, rng)``."""

    def call(arms: int, length: int, labels: int) -> Arguments:
        return lambda: (arms, length, labels, np.random.default_rng(71))

    yield Probe("", "values", "3 arms of 4", call(3, 4, 20), stars.sizes)
    yield Probe("", "values", "2 arms of 2", call(2, 2, 20), stars.sizes)
    yield Probe("", "values", "1 arm of 6", call(1, 6, 20), stars.sizes)
    names = partial(stars.structure, read_names)
    yield Probe("", "names", "3 arms of 4, 10 labels", call(3, 4, 10), names)
    yield Probe("", "names", "2 arms of 5, 9 labels", call(2, 5, 9), names)
    for aspect, read in (("edges", read_arms), ("goal", read_goal), ("path", read_path)):
        look = partial(stars.structure, read)
        yield Probe("", aspect, "3 arms of 4", call(3, 4, 30), look)
        yield Probe("", aspect, "2 arms of 5", call(2, 5, 30), look)
    for aspect, size, taken in (
        ("arms", (3, 3, 9), stars.arms_taken),
        ("labels", (1, 2, 4), stars.names_given),
        ("order", (2, 3, 7), stars.order_of_edges),
    ):
        yield Probe("", aspect, "240 stars", call(*size), partial(stars.chance, taken))
    yield Probe("", "seed", "two generators", call(4, 4, 30), stars.equal_generators)
    for what, size in (
        ("9 labels for 10 nodes", (3, 4, 9)),
        ("1 label for 2 nodes", (1, 2, 1)),
        ("arms = 0", (0, 3, 20)),
        ("arms = -1", (-1, 3, 20)),
        ("length = 1", (3, 1, 20)),
        ("length = 0", (3, 0, 20)),
    ):
        yield Probe("", "refuses", what, call(*size), features.refusal)


def _logits(T: int, O: int, seed: int, scale: float = 1.5, dtype: type = np.float64) -> Array:
    rows: Array = scale * random_example("rnn", T, O, 1, 1, seed, dtype=dtype).target_seq
    return rows.astype(dtype)


def _distillation() -> Iterator[Probe]:
    """``distillation_gradient(student_logits, teacher_logits, direction)``."""

    def call(
        direction: str, T: int, O: int, scale: float = 1.5, dtype: type = np.float64
    ) -> tuple[Any, ...]:
        two = (_logits(T, O, seed, scale, dtype) for seed in (72, 73))
        return *(np.clip(one, -1e3, 1e3) for one in two), direction

    def equals(direction: str) -> tuple[Any, ...]:
        student = _logits(3, 4, 74)
        return student, student + np.array([[2.0], [-1.0], [0.0]]), direction

    for direction in ("forward", "reverse"):
        of: Callable[..., Arguments] = partial(partial, call, direction)
        yield Probe(direction, "values", "five steps", of(5, 4))
        yield Probe(direction, "values", "one step", of(1, 3))
        yield Probe(direction, "values", "two tokens", of(3, 2))
        yield Probe(direction, "values", "many steps", of(LONG, 3))
        yield Probe(direction, "equals", "a constant apart", partial(equals, direction))
        yield Probe(direction, "empty", "no steps", of(0, 3))
        yield Probe(direction, "huge", "six steps", of(6, 4, 600.0))
        yield Probe(direction, "float32", "five steps", of(5, 4, dtype=np.float32))
        yield Probe(direction, "keeps", "arguments", of(5, 4), features.keeping)
        yield Probe(direction, "forgets", "calls", of(5, 4), features.memory)
    for wrong in ("backward", "Forward", ""):
        bad: Arguments = partial(call, wrong, 3, 4)
        yield Probe("", "refuses", f"direction = {wrong!r}", bad, features.refusal)
    without: Arguments = partial(call, "backward", 0, 4)
    yield Probe("", "refuses", "direction = 'backward' without steps", without, features.refusal)


def _reward() -> Iterator[Probe]:
    """``expected_reward_gradient(logits, tokens, reward, baseline)``."""

    def call(
        T: int, O: int, *numbers: float, scale: float = 1.5, dtype: type = np.float64
    ) -> Arguments:
        tokens = random_example("rnn", T, O, 1, 1, 76).target_seq.argmax(axis=1)
        return lambda: (_logits(T, O, 75, scale, dtype), tokens.copy(), *numbers)

    yield Probe("", "values", "five steps", call(5, 4, 2.0, 0.5))
    yield Probe("", "values", "one step", call(1, 3, 2.0, 0.5))
    yield Probe("", "values", "a punishment", call(4, 3, -1.5, 0.25))
    yield Probe("", "values", "two tokens, no baseline", call(4, 2, 3.0, 0.0))
    yield Probe("", "values", "many steps", call(LONG, 3, 0.5, -1.0))
    yield Probe("", "default", "baseline", call(5, 4, 2.0))
    yield Probe("", "zero", "reward and baseline alike", call(5, 4, 2.0, 2.0))
    yield Probe("", "zero", "no reward", call(5, 4, 0.0, 0.75))
    yield Probe("", "empty", "no steps", call(0, 3, 2.0, 0.5))
    yield Probe("", "float32", "five steps", call(5, 4, 2.0, 0.5, dtype=np.float32))
    yield Probe("", "keeps", "arguments", call(5, 4, 2.0, 0.5), features.keeping)
    yield Probe("", "forgets", "calls", call(5, 4, 2.0, 0.5), features.memory)


#: Which arguments each is called with, in their order.
ARGUMENTS = {
    "path_star": ("arms", "length", "labels", "rng"),
    "distillation_gradient": ("student_logits", "teacher_logits", "direction"),
    "expected_reward_gradient": ("logits", "tokens", "reward", "baseline"),
}

#: What the parts of their results are called.
RESULTS = {
    "path_star": ("edges", "goal", "path"),
    "distillation_gradient": ("the loss", "d_logits"),
}

PROBES: dict[str, Callable[[], Iterator[Probe]]] = {
    "path_star": _star,
    "distillation_gradient": _distillation,
    "expected_reward_gradient": _reward,
}
