"""What tests of grading share."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import LESSON_ID

from course.lessons import Lesson, read_lesson


@pytest.fixture
def lesson(tiny_course: Path) -> Lesson:
    """The tiny course's lesson."""
    return read_lesson(tiny_course / "source" / LESSON_ID / "decoder_cells.ipynb")
