"""Many students who hand in at once, by real processes: see `programs/submitters.py`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import programs


def hand_in_at_once(
    exchange: Path,
    lesson: str,
    notebook: str,
    students: Sequence[dict[str, Any]],
    python: Path | str = sys.executable,
    prepare_s: float = 0.0,
) -> list[dict[str, Any]]:
    """Have students hand in, and wait for their feedback.

    Parameters
    ----------
    exchange : Path
        Its root.
    lesson, notebook : str
        What they hand in, and which file of it they write.
    students : sequence of dict
        Of each ``name``, ``home``, ``account`` (whether to take on the account of that name),
        ``text`` of the notebook, ``at_s`` when to submit.
    python : path, optional
        Which Python to use.
    prepare_s : float, optional
        Seconds before the first may submit.

    Returns
    -------
    list of dict
        Of each what it saw, in the same order: ``waited_s`` and ``page``, where there was one.
    """
    with tempfile.TemporaryDirectory() as seen:
        about = {"exchange": str(exchange), "course": "teacher_forcing", "lesson": lesson}
        about |= {"notebook": notebook, "seen": seen, "prepare_s": prepare_s}
        done = subprocess.run(
            [python, "-W", "ignore", programs.place("submitters")],
            input=json.dumps(about | {"students": list(students)}),
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        files = [Path(seen) / f"{number}.json" for number in range(len(students))]
        return [json.loads(path.read_text()) for path in files]
