"""A function's probes are made once, whoever asks for them: where what is told of it is the point.

The check and the diagnosis make the same probes, and so does who asks a function that is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from course.checks.cells.deadline import Limited
from course.checks.dashboard import checking
from course.checks.known import diagnosis
from course.checks.known.fingerprint import Fingerprint, fingerprint


def asked_once() -> Iterator[None]:
    """Make them once while a fixture lives."""
    seen: dict[int, tuple[Any, Fingerprint]] = {}

    def once(function: Any, name: str, *given: Any) -> Fingerprint:
        own = function.limited if isinstance(function, Limited) else function
        if id(own) not in seen:
            seen[id(own)] = own, fingerprint(function, name, *given)
        return seen[id(own)][1]

    with pytest.MonkeyPatch.context() as patch:
        for room in (checking, diagnosis):
            patch.setattr(room, "fingerprint", once)
        yield


_asked_once = pytest.fixture(asked_once)
_asked_once_in_all = pytest.fixture(scope="module")(asked_once)
