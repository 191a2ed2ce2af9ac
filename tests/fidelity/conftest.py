"""Students' processes for hundreds of judgements: forked as the class's grader forks them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from course.grading.confinement.forking import close_nursery, open_nursery


@pytest.fixture(scope="module", autouse=True)
def nursery() -> Iterator[None]:
    open_nursery()  # where there can be none, each process is started by itself: slower
    yield
    close_nursery()
