"""A copy of the package in a folder of its own, for tests that change it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).with_name("programs")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with what training and measuring hang on."""
    for room in ("bootstrap", "engine", "study", "tasks", "trained"):
        shutil.copytree(
            ROOT / "course" / room,
            tmp_path / "course" / room,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for name in ("__init__.py", "exposure.py"):
        shutil.copy(ROOT / "course" / name, tmp_path / "course")
    return tmp_path


@pytest.fixture
def run_there(copy: Path) -> Callable[[str], str]:
    """Run a program of this folder with the copy's package; return what it printed."""

    def run(program: str) -> str:
        ran = subprocess.run(
            [sys.executable, PROGRAMS / program],
            cwd=copy,
            env={"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    return run
