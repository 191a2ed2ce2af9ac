"""What the functions of this lesson are called with: see `course.checks.known.probes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import CELL_TYPES, example, random_example
from course.checks.known import features
from course.checks.known.probes import LARGE, LONG, Probe, bound, unknown_cells


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

    def large_logits(cell: str) -> tuple[Any, ...]:
        return call(cell, 8, ("W_hy", 2e3 * call(cell, 8)[2]["W_hy"]))

    for cell in CELL_TYPES:
        small = bound(lambda cell: (*_without_target(cell, 4), cell), cell)
        varied = bound(lambda cell: call(cell, 8), cell)
        equals = bound(lambda cell: call(cell, 4, *_ALIKE), cell)
        single = bound(lambda cell: call(cell, 8, dtype=np.float32), cell)
        yield Probe(cell, "values", "four steps", small, features.steady_value)
        yield Probe(cell, "values", "eight steps", varied, features.steady_value)
        long = bound(lambda cell: call(cell, LONG), cell)
        yield Probe(cell, "long", "many steps", long, features.steady_value)
        yield Probe(cell, "equals", "four steps", equals, features.steady_value)
        large = bound(lambda cell: (*_large_start(cell), cell), cell)
        yield Probe(cell, "large", "one step", large)
        steep = bound(large_logits, cell)
        yield Probe(cell, "large", "eight steps", steep, features.steady_value)
        yield Probe(cell, "single", "one step", bound(lambda cell: call(cell, 1), cell))
        yield Probe(cell, "empty", "no steps", bound(lambda cell: call(cell, 0), cell))
        yield Probe(cell, "float32", "eight steps", single, features.steady_value)
        yield Probe(cell, "keeps", "arguments", varied, features.keeping)
        yield Probe(cell, "forgets", "calls", varied, features.memory)
        twice = bound(lambda cell: (without_weights(cell), call(cell, 8)), cell)
        yield Probe(cell, "values", "after equal calls", twice, features.after_equals)
    unnamed = bound(lambda cell: _without_target(cell, 4), "rnn")
    yield Probe("", "default", "cell_type", unnamed, features.steady_value)
    yield from unknown_cells("refuses", lambda cell: (*_without_target(cell, 4), "transformer"))


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

    def two_rows() -> tuple[Any, ...]:
        # Of exp as it is both are lost, below one maximum of both the second is.
        one, other = call(2, 4, 1.5)
        far = np.array([[1000.0], [-1000.0]])
        return one + far, other + far

    def equal() -> tuple[Any, ...]:
        return call(5, 4)[0], call(5, 4)[0]

    yield Probe("", "values", "seven steps", lambda: call(7, 5, 1.5))
    yield Probe("", "values", "two tokens", lambda: call(4, 2, 2.0))
    yield Probe("", "values", "one step", lambda: call(1, 3))
    yield Probe("", "sharp", "six steps", lambda: call(6, 7, 3.0))
    yield Probe("", "equal", "five steps", equal)
    yield Probe("", "huge", "six steps", huge)
    yield Probe("", "huge", "two rows", two_rows)
    yield Probe("", "empty", "no steps", lambda: call(0, 5))
    yield Probe("", "float32", "seven steps", lambda: call(7, 5, 1.5, np.float32))
    yield Probe("", "keeps", "arguments", lambda: call(7, 5), features.keeping)
    yield Probe("", "forgets", "calls", lambda: call(7, 5), features.memory)


#: Which arguments each is called with, in their order.
ARGUMENTS = {
    "decoder_forward_free_running": ("context_vector", "seq_len", "decoder_params", "cell_type"),
    "divergence_by_step": ("logits_true", "logits_own"),
}

PROBES: dict[str, Callable[[], Iterator[Probe]]] = {
    "decoder_forward_free_running": _free_running,
    "divergence_by_step": _divergence,
}
