"""Each worker of the class's grader has a core of its own, where there are enough."""

from __future__ import annotations

import os

import pytest

from course.grading.classes.workers import local as pool

allowed = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="this system does not tell cores"
)


@allowed
def test_no_two_workers_share_a_core() -> None:
    cores = sorted(os.sched_getaffinity(0))
    assert sorted(pool.cores_for(len(cores)), key=str) == sorted(cores, key=str)


@allowed
def test_more_workers_than_cores_are_left_to_the_system() -> None:
    count = len(os.sched_getaffinity(0)) + 1
    assert pool.cores_for(count) == [None] * count


def test_a_system_without_cores_by_number_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert pool.cores_for(2) == [None, None]
