"""``python3 -m course test``: the course's tests."""

from __future__ import annotations

import os

from course.bootstrap.environment import checkout


def main(argv: list[str]) -> int:
    """Run pytest in the course's folder with these arguments; return its exit status."""
    import pytest

    os.chdir(checkout())
    return int(pytest.main(argv))
