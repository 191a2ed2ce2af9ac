"""Chance that is no gamble, for tests of answers that throw coins: fixtures for a `conftest`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from course.maintain.chance import seeded_chance


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20)


@pytest.fixture(autouse=True)
def _same_chance_each_time() -> Iterator[None]:
    """Seed what wrong and right answers throw their coins with."""
    with seeded_chance(7):
        yield
