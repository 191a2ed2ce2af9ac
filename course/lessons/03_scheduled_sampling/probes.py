"""What the functions of this lesson are called with: see `course.checks.known.probes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Example, example, random_example
from course.checks.known import features
from course.checks.known.coins import sampling
from course.checks.known.inputs import carried
from course.checks.known.probes import Probe, bound, large_example, short_or_zero, unknown_cells
from course.checks.known.schedules import tables

#: The sampling_prob at which coins are read. Not 0.5, where an inverted coin cannot be seen.
COIN_PROB = 0.75

#: Examples in which no choice of a token is close.
COIN_SEEDS = {"rnn": 292, "lstm": 231, "gru": 76}


def _scheduled_sampling() -> Iterator[Probe]:
    """``decoder_forward_scheduled_sampling(context_vector, target_seq, decoder_params, p, cell)``.

    No generator is ever passed and none is seeded: where chance comes from is the learner's choice.
    """

    def call(cell: str, p: float, T: int = 5, dtype: type = np.float64) -> tuple[Any, ...]:
        return (*random_example(cell, T, 3, 4, 3, COIN_SEEDS[cell], dtype=dtype), p, cell)

    for cell in CELL_TYPES:
        small = bound(lambda cell: (*example(cell), 0.0, cell), cell)
        forced = bound(lambda cell: call(cell, 0.0), cell)
        free = bound(lambda cell: call(cell, 1.0), cell)
        coins = bound(lambda cell: call(cell, COIN_PROB), cell)
        empty = bound(lambda cell: call(cell, 0.5, 0), cell)
        yield Probe(cell, "values", "four steps", small, features.steady_value)
        yield Probe(cell, "values", "p = 0", forced, features.steady_value)
        yield Probe(cell, "values", "p = 1", free, features.steady_value)
        single = bound(lambda cell: call(cell, 0.0, dtype=np.float32), cell)
        large = bound(lambda cell: (*large_example(cell), 0.0, cell), cell)
        equals = bound(lambda cell: (*_alike(cell), 1.0, cell), cell)
        yield from short_or_zero(cell, 0.0)
        yield Probe(cell, "empty", "no steps", empty)
        yield Probe(cell, "float32", "five steps", single)
        yield Probe(cell, "large", "four steps", large, features.steady_value)
        yield Probe(cell, "equals", "four steps", equals, features.steady_value)
        yield Probe(cell, "keeps", "arguments", coins, features.keeping)
        yield Probe(cell, "forgets", "calls", forced, features.memory)
    yield Probe("", "default", "cell_type", lambda: (*example("rnn"), 0.0))
    yield from unknown_cells("refuses cell", lambda cell: (*example(cell), 0.5, "transformer"))
    for p in (-0.1, 1.1, float("nan")):
        bad = bound(lambda p: call("rnn", p), p)
        yield Probe("", "refuses", f"sampling_prob = {p}", bad, features.refusal)
    for T in (0, 1):
        bad = bound(lambda T: call("rnn", 1.5, T), T)
        yield Probe("", "refuses", f"sampling_prob = 1.5 with T = {T}", bad, features.refusal)
    for cell in CELL_TYPES:
        yield Probe(cell, "coins", "inputs", bound(_many_coins, cell), sampling.reading)
        turns = bound(lambda cell: (cell, 12, 0.5, 10), cell)
        yield Probe(cell, "mixed", "state", turns, carried.carried)


def _many_coins(cell: str) -> tuple[Any, ...]:
    """Return a cell type, T, and how often to call with which sampling_prob.

    The coin is one line for all cells, so that most coins are asked of the fastest. At 0.04 one of
    few sides shows, at 0 and 1 one that fails once in a hundred times.
    """
    if cell == "rnn":
        return cell, 60, ((0.0, 18), (1.0, 18), (COIN_PROB, 60), (0.3, 36), (0.04, 30))
    return cell, 25, ((0.0, 3), (1.0, 3), (COIN_PROB, 28), (0.3, 28))


def _alike(cell: str) -> Example:
    """Return the example with tokens 1 and 2 always equal, and above token 0."""
    context, target_seq, params = example(cell)
    equal = {"W_hy": np.eye(2)[[1, 0, 0]], "b_y": np.array([-5.0, 0.0, 0.0])}
    return Example(context, target_seq, params | equal)


def _schedules() -> Iterator[Probe]:
    """``scheduled_sampling_prob(step, schedule, k, c, eps_min)``."""
    steps = tables.CURVE_STEPS

    def ask(name: str, aspect: str, schedule: str, *numbers: Any) -> Probe:
        look = features.silent_curve if aspect == "far" else features.curve
        return Probe(schedule, aspect, name, lambda: _curve(schedule, *numbers), look)

    def _curve(schedule: str, steps: tuple[int, ...], *parameters: float) -> tuple[Any, ...]:
        return (steps, schedule, *parameters)

    yield ask("from one", "values", "linear", steps, 1.0, 0.01, 0.0)
    yield ask("with a floor", "values", "linear", steps, 0.9, 0.02, 0.2)
    yield ask("with k alone", "default", "linear", steps, 0.7)
    yield ask("from above one", "clips", "linear", steps, 1.4, 0.01, 0.0)
    yield ask("slow", "values", "exponential", steps, 0.98)
    yield ask("fast", "values", "exponential", steps, 0.5)
    yield ask("far", "far", "exponential", (10**6,), 0.98)
    yield ask("slow", "values", "inverse_sigmoid", steps, 12.0)
    yield ask("fast", "values", "inverse_sigmoid", steps, 1.0)
    yield ask("far", "far", "inverse_sigmoid", (10**6,), 12.0)
    yield ask("floor for linear", "floor", "exponential", steps, 0.9, 0.02, 0.3)
    yield ask("floor for linear", "floor", "inverse_sigmoid", steps, 9.0, 0.02, 0.3)
    yield Probe("", "refuses", "an unknown schedule", lambda: (3, "cosine", 0.5), features.refusal)
    for schedule in ("linear", "exponential", "inverse_sigmoid"):
        named = bound(lambda schedule: (schedule,), schedule)
        yield Probe(schedule, "values", "table", named, tables.table)


#: Which arguments each is called with, in their order.
ARGUMENTS = {
    "decoder_forward_scheduled_sampling": (
        "context_vector",
        "target_seq",
        "decoder_params",
        "sampling_prob",
        "cell_type",
    ),
    "scheduled_sampling_prob": ("step", "schedule", "k", "c", "eps_min"),
}

PROBES: dict[str, Callable[[], Iterator[Probe]]] = {
    "decoder_forward_scheduled_sampling": _scheduled_sampling,
    "scheduled_sampling_prob": _schedules,
}
