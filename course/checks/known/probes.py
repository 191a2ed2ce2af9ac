"""The fixed calls by which a function is known: for each exercise, what to call it with.

A new exercise is a new entry of `PROBES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Example, example, random_example
from course.checks.known import features
from course.checks.known.coins import sampling
from course.checks.known.features import Arguments, Feature, Function
from course.checks.known.inputs import carried
from course.checks.known.schedules import tables

#: The sampling_prob at which coins are read. Not 0.5, where an inverted coin cannot be seen.
COIN_PROB = 0.75


class Probe(NamedTuple):
    """One call, or a few, and what to look at.

    Attributes
    ----------
    group : str
        Cell type or schedule: a column of the table; ``""`` where there are none.
    aspect : str
        Features of one aspect are wrong together: ``"values"``, ``"empty"``, ``"keeps"``, ...
    name : str
        Which of the aspect's calls.
    arguments : callable
        Makes the arguments, new ones for each call.
    observe : callable
        Makes the call and returns a `Feature`.
    """

    group: str
    aspect: str
    name: str
    arguments: Arguments
    observe: Callable[[Function, Arguments], Feature] = features.value

    @property
    def key(self) -> str:
        """Name of the feature, ``"lstm/values/four steps"``."""
        return f"{self.group}/{self.aspect}/{self.name}"


@lru_cache
def probes_of(function_name: str) -> tuple[Probe, ...]:
    """Return the probes of an exercise's function; none for a function that is no exercise."""
    make = PROBES.get(function_name)
    return tuple(make()) if make else ()


def _cell(cell_type: str) -> Iterator[Probe]:
    """``rnn_cell_step(x_t, h_prev, params)`` and the like."""

    def call(T: int, size: int, H: int, seed: int) -> tuple[Any, ...]:
        context, inputs, params = random_example(cell_type, T, size, H, 2, seed)
        memory = (0.4 - 0.9 * context,) if cell_type == "lstm" else ()
        # An input of its own: whoever takes x_start in its place is wrong.
        return (inputs[0], context, *memory, params)

    def small() -> tuple[Any, ...]:
        context, _, params = example(cell_type)
        memory = (np.array([-0.52, 0.83]),) if cell_type == "lstm" else ()
        return (np.array([-0.62, 0.45, 0.94]), context, *memory, params)

    def large() -> tuple[Any, ...]:
        _, context, *memory, params = small()
        return (LARGE.copy(), context, *(3e3 * c for c in memory), params)

    yield Probe("", "values", "small", small)
    yield Probe("", "values", "wide", lambda: call(1, 7, 5, 11))
    yield Probe("", "values", "narrow", lambda: call(1, 2, 6, 12))
    yield Probe("", "values", "one unit", lambda: call(1, 3, 1, 13))
    yield Probe("", "large", "large sums", large)
    yield Probe("", "keeps", "arguments", lambda: call(1, 7, 5, 11), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(1, 7, 5, 11), features.memory)


#: More steps than a limit that is meant for short examples lets through.
LONG = 70


def _single(cell: str) -> Example:
    return random_example(cell, 6, 4, 5, 7, 21, dtype=np.float32)


def _teacher_forcing() -> Iterator[Probe]:
    """``decoder_forward_teacher_forcing(context_vector, target_seq, params, cell_type)``."""
    for cell in CELL_TYPES:
        small = _bound(lambda cell: (*example(cell), cell), cell)
        real = _bound(lambda cell: (*random_example(cell, 6, 4, 5, 7, 21), cell), cell)
        empty = _bound(lambda cell: (*random_example(cell, 0, 4, 5, 7, 21), cell), cell)
        yield Probe(cell, "values", "four steps", small)
        yield Probe(cell, "values", "six steps", real)
        long = _bound(lambda cell: (*random_example(cell, LONG, 3, 4, 3, 22), cell), cell)
        yield Probe(cell, "long", "many steps", long)
        single = _bound(
            lambda cell: (*random_example(cell, 6, 4, 5, 7, 21, dtype=np.float32), cell), cell
        )
        large = _bound(lambda cell: (*_large(cell), cell), cell)
        yield from _short_or_zero(cell)
        yield Probe(cell, "empty", "no steps", empty)
        yield Probe(cell, "float32", "six steps", single)
        yield Probe(cell, "large", "four steps", large)
        yield Probe(cell, "keeps", "arguments", real, features.keeping)
        yield Probe(cell, "forgets", "calls", real, features.memory)
    yield Probe("", "default", "cell_type", lambda: tuple(example("rnn")))
    yield from _unknown_cells("refuses", lambda cell: (*example(cell), "transformer"))


def _short_or_zero(cell: str, *p: float) -> Iterator[Probe]:
    """Ask for one step, and for rows of zeros, which are vectors like others."""

    def call(cell: str, T: int) -> tuple[Any, ...]:
        context, target_seq, params = random_example(cell, T, 4, 5, 4, 23)
        target_seq[1::2] = 0.0
        return context, target_seq, params, *p, cell

    yield Probe(cell, "single", "one step", _bound(lambda cell: call(cell, 1), cell))
    yield Probe(cell, "zeros", "five steps", _bound(lambda cell: call(cell, 5), cell))


def _unknown_cells(aspect: str, arguments: Callable[[str], tuple[Any, ...]]) -> Iterator[Probe]:
    """Ask for a cell that there is not, with the weights of each that there is.

    Whatever is run in its place fails by accident where the weights do not fit.
    """
    for cell in CELL_TYPES:
        name = "unknown cell_type" + (f", weights of {cell}" if cell != "rnn" else "")
        yield Probe("", aspect, name, _bound(arguments, cell), features.refusal)


def _large(cell: str) -> Example:
    """Return the example with rows of which exp overflows."""
    context, target_seq, params = example(cell)
    return Example(context, 3e3 * target_seq, params)


def _alike(cell: str) -> Example:
    """Return the example with tokens 1 and 2 always equal, and above token 0."""
    context, target_seq, params = example(cell)
    equal = {"W_hy": np.eye(2)[[1, 0, 0]], "b_y": np.array([-5.0, 0.0, 0.0])}
    return Example(context, target_seq, params | equal)


def _scheduled_sampling() -> Iterator[Probe]:
    """``decoder_forward_scheduled_sampling(context_vector, target_seq, decoder_params, p, cell)``.

    No generator is ever passed and none is seeded: where chance comes from is the learner's choice.
    """

    def call(cell: str, p: float, T: int = 5, dtype: type = np.float64) -> tuple[Any, ...]:
        return (*random_example(cell, T, 3, 4, 3, COIN_SEEDS[cell], dtype=dtype), p, cell)

    for cell in CELL_TYPES:
        small = _bound(lambda cell: (*example(cell), 0.0, cell), cell)
        forced = _bound(lambda cell: call(cell, 0.0), cell)
        free = _bound(lambda cell: call(cell, 1.0), cell)
        coins = _bound(lambda cell: call(cell, COIN_PROB), cell)
        empty = _bound(lambda cell: call(cell, 0.5, 0), cell)
        yield Probe(cell, "values", "four steps", small, features.steady_value)
        yield Probe(cell, "values", "p = 0", forced, features.steady_value)
        yield Probe(cell, "values", "p = 1", free, features.steady_value)
        single = _bound(lambda cell: call(cell, 0.0, dtype=np.float32), cell)
        large = _bound(lambda cell: (*_large(cell), 0.0, cell), cell)
        equals = _bound(lambda cell: (*_alike(cell), 1.0, cell), cell)
        yield from _short_or_zero(cell, 0.0)
        yield Probe(cell, "empty", "no steps", empty)
        yield Probe(cell, "float32", "five steps", single)
        yield Probe(cell, "large", "four steps", large, features.steady_value)
        yield Probe(cell, "equals", "four steps", equals, features.steady_value)
        yield Probe(cell, "keeps", "arguments", coins, features.keeping)
        yield Probe(cell, "forgets", "calls", forced, features.memory)
    yield Probe("", "default", "cell_type", lambda: (*example("rnn"), 0.0))
    yield from _unknown_cells("refuses cell", lambda cell: (*example(cell), 0.5, "transformer"))
    for p in (-0.1, 1.1, float("nan")):
        bad = _bound(lambda p: call("rnn", p), p)
        yield Probe("", "refuses", f"sampling_prob = {p}", bad, features.refusal)
    for T in (0, 1):
        bad = _bound(lambda T: call("rnn", 1.5, T), T)
        yield Probe("", "refuses", f"sampling_prob = 1.5 with T = {T}", bad, features.refusal)
    for cell in CELL_TYPES:
        yield Probe(cell, "coins", "inputs", _bound(_many_coins, cell), sampling.reading)
        turns = _bound(lambda cell: (cell, 12, 0.5, 10), cell)
        yield Probe(cell, "mixed", "state", turns, carried.carried)


#: An input of the example by which every sum is so large that exp overflows, or nearly so.
LARGE = np.array([3300.0, -1100.0, 2750.0])

#: Examples in which no choice of a token is close.
COIN_SEEDS = {"rnn": 292, "lstm": 231, "gru": 76}


def _many_coins(cell: str) -> tuple[Any, ...]:
    """Return a cell type, T, and how often to call with which sampling_prob.

    The coin is one line for all cells, so that most coins are asked of the fastest. At 0.04 one of
    few sides shows, at 0 and 1 one that fails once in a hundred times.
    """
    if cell == "rnn":
        return cell, 60, ((0.0, 18), (1.0, 18), (COIN_PROB, 36), (0.3, 36), (0.04, 30))
    return cell, 25, ((0.0, 3), (1.0, 3), (COIN_PROB, 28), (0.3, 28))


def _schedules() -> Iterator[Probe]:
    """``scheduled_sampling_prob(step, schedule, k, c, eps_min)``."""
    steps = tables.CURVE_STEPS

    def ask(name: str, aspect: str, schedule: str, *numbers: Any) -> Probe:
        return Probe(schedule, aspect, name, lambda: _curve(schedule, *numbers), features.curve)

    def _curve(schedule: str, steps: tuple[int, ...], *parameters: float) -> tuple[Any, ...]:
        return (steps, schedule, *parameters)

    yield ask("from one", "values", "linear", steps, 1.0, 0.01, 0.0)
    yield ask("with a floor", "values", "linear", steps, 0.9, 0.02, 0.2)
    yield ask("from above one", "clips", "linear", steps, 1.4, 0.01, 0.0)
    yield ask("slow", "values", "exponential", steps, 0.98)
    yield ask("fast", "values", "exponential", steps, 0.5)
    yield ask("far", "far", "exponential", (10**6,), 0.98)
    yield ask("slow", "values", "inverse_sigmoid", steps, 12.0)
    yield ask("fast", "values", "inverse_sigmoid", steps, 1.0)
    yield ask("far", "far", "inverse_sigmoid", (10**6,), 12.0)
    yield ask("floor for linear", "floor", "exponential", steps, 0.9, 0.02, 0.3)
    yield ask("floor for linear", "floor", "inverse_sigmoid", steps, 9.0, 0.02, 0.3)
    yield Probe("", "refuses", "unknown", lambda: (3, "cosine", 0.5), features.refusal)
    for schedule in ("linear", "exponential", "inverse_sigmoid"):
        named = _bound(lambda schedule: (schedule,), schedule)
        yield Probe(schedule, "values", "table", named, tables.table)


def _free_running() -> Iterator[Probe]:
    """``decoder_forward_free_running(context_vector, seq_len, decoder_params, cell_type)``."""

    def call(cell: str, T: int, *more: Any, dtype: type = np.float64) -> tuple[Any, ...]:
        context, _, params = random_example(cell, 0, 4, 5, 4, FREE_SEEDS[cell], dtype=dtype)
        # Copies: an answer that writes into its parameters must not reach the next one.
        return (context, T, {**params, **{key: array.copy() for key, array in more}}, cell)

    def without_weights(cell: str) -> tuple[Any, ...]:
        # Each step halves what there is of a state, or makes it zero: none is left after 30.
        context, T, params, _ = call(cell, 30)
        return (context, T, {key: 0.0 * array for key, array in params.items()}, cell)

    for cell in CELL_TYPES:
        small = _bound(lambda cell: (*_without_target(cell, 4), cell), cell)
        varied = _bound(lambda cell: call(cell, 8), cell)
        equals = _bound(lambda cell: call(cell, 4, *_ALIKE), cell)
        single = _bound(lambda cell: call(cell, 8, dtype=np.float32), cell)
        yield Probe(cell, "values", "four steps", small, features.steady_value)
        yield Probe(cell, "values", "eight steps", varied, features.steady_value)
        long = _bound(lambda cell: call(cell, LONG), cell)
        yield Probe(cell, "long", "many steps", long, features.steady_value)
        yield Probe(cell, "equals", "four steps", equals, features.steady_value)
        large = _bound(lambda cell: (*_large_start(cell), cell), cell)
        yield Probe(cell, "large", "one step", large)
        yield Probe(cell, "single", "one step", _bound(lambda cell: call(cell, 1), cell))
        yield Probe(cell, "empty", "no steps", _bound(lambda cell: call(cell, 0), cell))
        yield Probe(cell, "float32", "eight steps", single, features.steady_value)
        yield Probe(cell, "keeps", "arguments", varied, features.keeping)
        yield Probe(cell, "forgets", "calls", varied, features.memory)
        twice = _bound(lambda cell: (without_weights(cell), call(cell, 8)), cell)
        yield Probe(cell, "values", "after equal calls", twice, features.after_equals)
    unnamed = _bound(lambda cell: _without_target(cell, 4), "rnn")
    yield Probe("", "default", "cell_type", unnamed, features.steady_value)
    yield from _unknown_cells("refuses", lambda cell: (*_without_target(cell, 4), "transformer"))


def _without_target(cell: str, T: int) -> tuple[Any, ...]:
    context, _, params = example(cell)
    return context, T, params


def _large_start(cell: str) -> tuple[Any, ...]:
    context, T, params = _without_target(cell, 1)
    return context, T, {**params, "x_start": LARGE.copy()}


#: Weights by which tokens 1 and 3 are always equal, and above the others.
_ALIKE = ("W_hy", np.eye(5)[[1, 0, 2, 0]]), ("b_y", np.array([-5.0, 0.0, -5.0, 0.0]))

#: Examples in which a decoder that runs free chooses every token, and no choice is close.
FREE_SEEDS = {"rnn": 406, "lstm": 1993, "gru": 711}


def _divergence() -> Iterator[Probe]:
    """``divergence_by_step(logits_true, logits_own)``."""

    def call(T: int, O: int, scale: float = 1.0, dtype: type = np.float64) -> tuple[Any, ...]:
        return tuple(
            scale * random_example("rnn", T, O, 1, 1, seed, dtype=dtype).target_seq
            for seed in (31, 32)
        )

    def huge() -> tuple[Any, ...]:
        one, other = call(6, 4, 600.0)
        return one + np.array([[900.0], [-900.0]] * 3), other

    def equal() -> tuple[Any, ...]:
        return call(5, 4)[0], call(5, 4)[0]

    yield Probe("", "values", "seven steps", lambda: call(7, 5, 1.5))
    yield Probe("", "values", "two tokens", lambda: call(4, 2, 2.0))
    yield Probe("", "values", "one step", lambda: call(1, 3))
    yield Probe("", "sharp", "six steps", lambda: call(6, 7, 3.0))
    yield Probe("", "equal", "five steps", equal)
    yield Probe("", "huge", "six steps", huge)
    yield Probe("", "empty", "no steps", lambda: call(0, 5))
    yield Probe("", "float32", "seven steps", lambda: call(7, 5, 1.5, np.float32))
    yield Probe("", "keeps", "arguments", lambda: call(7, 5), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(7, 5), features.memory)


def _bound(make: Callable[[Any], tuple[Any, ...]], argument: Any) -> Arguments:
    """Fix an argument, so that a loop's later values do not reach it."""
    return lambda: make(argument)


PROBES: dict[str, Callable[[], Iterator[Probe]]] = {
    "rnn_cell_step": lambda: _cell("rnn"),
    "lstm_cell_step": lambda: _cell("lstm"),
    "gru_cell_step": lambda: _cell("gru"),
    "decoder_forward_teacher_forcing": _teacher_forcing,
    "decoder_forward_scheduled_sampling": _scheduled_sampling,
    "scheduled_sampling_prob": _schedules,
    "decoder_forward_free_running": _free_running,
    "divergence_by_step": _divergence,
}
