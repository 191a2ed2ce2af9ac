"""What the functions of this lesson are called with: see `course.checks.known.probes`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from course.checks.cells.examples import CELL_TYPES, example, random_example
from course.checks.known import features
from course.checks.known.probes import (
    LONG,
    Probe,
    bound,
    large_example,
    short_or_zero,
    unknown_cells,
)


def _teacher_forcing() -> Iterator[Probe]:
    """``decoder_forward_teacher_forcing(context_vector, target_seq, params, cell_type)``."""
    for cell in CELL_TYPES:
        small = bound(lambda cell: (*example(cell), cell), cell)
        real = bound(lambda cell: (*random_example(cell, 6, 4, 5, 7, 21), cell), cell)
        empty = bound(lambda cell: (*random_example(cell, 0, 4, 5, 7, 21), cell), cell)
        yield Probe(cell, "values", "four steps", small)
        yield Probe(cell, "values", "six steps", real)
        long = bound(lambda cell: (*random_example(cell, LONG, 3, 4, 3, 22), cell), cell)
        yield Probe(cell, "long", "many steps", long)
        single = bound(
            lambda cell: (*random_example(cell, 6, 4, 5, 7, 21, dtype=np.float32), cell), cell
        )
        large = bound(lambda cell: (*large_example(cell), cell), cell)
        yield from short_or_zero(cell)
        yield Probe(cell, "empty", "no steps", empty)
        yield Probe(cell, "float32", "six steps", single)
        yield Probe(cell, "large", "four steps", large)
        yield Probe(cell, "keeps", "arguments", real, features.keeping)
        yield Probe(cell, "forgets", "calls", real, features.memory)
    yield Probe("", "default", "cell_type", lambda: tuple(example("rnn")))
    yield from unknown_cells("refuses", lambda cell: (*example(cell), "transformer"))


#: Which arguments each is called with, in their order.
ARGUMENTS = {
    "decoder_forward_teacher_forcing": (
        "context_vector",
        "target_seq",
        "decoder_params",
        "cell_type",
    ),
}

PROBES: dict[str, Callable[[], Iterator[Probe]]] = {
    "decoder_forward_teacher_forcing": _teacher_forcing,
}
