"""What the tests have of a lesson in a folder of its own: ``tests/lessons/NN_name/``.

`right_answers/FUNCTION.txt`
    Right answers, each written another way: see `right_answers` in ``tests/fidelity``.
`equivalent.toml`
    Machine-made mutants that are right answers, each with the proof.
`idle.toml`
    What an answer that does no work returns, by function: see `degenerate`.
`wrong.toml`
    Changes to the instructor's answers: ``wrong`` for some inputs alone, with the test that has to
    refuse them, and ``nearly_right``, with what they lose or keep.
`test_*.py`
    What is special to it.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "lessons"


@functools.cache
def listed(lesson_id: str, name: str) -> dict[str, Any]:
    """Read a lesson's TOML file, nothing where it has none."""
    path = FOLDER / lesson_id / name
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
