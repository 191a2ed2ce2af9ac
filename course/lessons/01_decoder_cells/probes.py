"""What the functions of this lesson are called with: see `course.checks.known.probes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import example, random_example
from course.checks.known import features
from course.checks.known.probes import LARGE, Probe


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


#: Which arguments each is called with, in their order.
ARGUMENTS = {
    "rnn_cell_step": ("x_t", "h_prev", "params"),
    "lstm_cell_step": ("x_t", "h_prev", "c_prev", "params"),
    "gru_cell_step": ("x_t", "h_prev", "params"),
}

PROBES: dict[str, Callable[[], Iterator[Probe]]] = {
    "rnn_cell_step": lambda: _cell("rnn"),
    "lstm_cell_step": lambda: _cell("lstm"),
    "gru_cell_step": lambda: _cell("gru"),
}
