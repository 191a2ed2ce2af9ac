"""Chance that repeats itself while golden files are made, and that is left alone where it must be.

A mistake may throw coins with any of NumPy's and Python's generators, seeded or not. While
`seeded_chance` holds, all of them give the numbers that a salt decides. What a probe calls a
function with is made under `true_chance`, as it is when a learner's answer is looked at.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

import numpy as np

#: Where chance comes from in NumPy and Python, as modules have it before anything is seeded.
_SOURCES: dict[tuple[Any, str], Any] = {
    **{(np.random, name): getattr(np.random, name) for name in ("default_rng", "seed")},
    **{
        (np.random, name): getattr(np.random, name)
        for name in ("RandomState", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
    },
    **{(random, name): getattr(random, name) for name in ("seed", "Random")},
}


@contextmanager
def seeded_chance(salt: int) -> Iterator[None]:
    """Make chance repeat itself, generators made without a seed included.

    Parameters
    ----------
    salt : int
        Another one gives other numbers, also to code that seeds a generator itself.
    """
    with _own_chance(_salted(salt)):
        np.random.seed()  # noqa: NPY002
        random.seed()
        yield


@contextmanager
def true_chance() -> Iterator[None]:
    """Leave generators as whoever makes them has seeded them, also within `seeded_chance`."""
    with _own_chance(_SOURCES):
        yield


@contextmanager
def _own_chance(sources: Mapping[tuple[Any, str], Any]) -> Iterator[None]:
    """Put these where chance comes from; bring what was there back, and the global state."""
    before = {place: getattr(*place) for place in sources}
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    for (module, name), source in sources.items():
        setattr(module, name, source)
    try:
        yield
    finally:
        for (module, name), source in before.items():
            setattr(module, name, source)
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


def _salted(salt: int) -> dict[tuple[Any, str], Any]:
    """Return sources of chance that a salt decides, whatever they are seeded with."""
    unseeded = count(1)

    def numbers(seed: Any) -> Any:
        """Return a seed for NumPy; what is no seed but a generator's inside stays."""
        if seed is None:
            return (salt, 0, next(unseeded))
        if isinstance(seed, int | np.integer):
            return (salt, 1, int(seed))
        return (salt, 1, *seed) if isinstance(seed, list | tuple) else seed

    def text(seed: Any) -> Any:
        """Return a seed for Python's own generator."""
        if seed is None:
            return f"{salt} {next(unseeded)}"
        return seed + salt if isinstance(seed, int) else f"{salt} {seed!r}"

    def salted_kind(kind: Any) -> Any:
        def begin(self: Any, seed: Any = None) -> None:
            kind.__init__(self, numbers(seed))

        return type(kind.__name__, (kind,), {"__init__": begin})

    python_kind: Any = _SOURCES[random, "Random"]

    def reseed(self: Any, a: Any = None, version: int = 2) -> None:
        python_kind.seed(self, text(a), version)

    global_seed, python_seed = _SOURCES[np.random, "seed"], _SOURCES[random, "seed"]

    def salted_seed(seed: Any = 0) -> None:
        global_seed(numbers(seed) if isinstance(seed, list | tuple) else (seed or 0) + salt)

    salted: dict[tuple[Any, str], Any] = {
        (np.random, "default_rng"): lambda seed=None: _SOURCES[np.random, "default_rng"](
            numbers(seed)
        ),
        (np.random, "seed"): salted_seed,
        (random, "seed"): lambda a=0, version=2: python_seed(text(a or 0), version),
        (random, "Random"): type("Random", (python_kind,), {"seed": reseed}),
    }
    for place, source in _SOURCES.items():
        if place not in salted:
            salted[place] = salted_kind(source)
    return salted
