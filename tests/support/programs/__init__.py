"""Programs that tests run in processes of their own, or as a student's cells: a file each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any


def place(name: str) -> str:
    """Return where a program lies."""
    return str(Path(__file__).with_name(f"{name}.py"))


def text(name: str) -> str:
    """Return a program's text, to be run as a cell."""
    return Path(place(name)).read_text(encoding="utf-8")


def run(
    name: str, *arguments: str, before: tuple[str, ...] = (), **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, which has to be a good one."""
    command = [*before, sys.executable, place(name), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return done
