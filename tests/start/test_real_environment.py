"""The first command on a fresh copy, with the real venv and pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A copy of the course that no command was run in; removed, as an environment is large."""
    root = tmp_path / "a course für dich"
    for name in ("course", "release"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("README.md", "nbgrader_config.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / file, root)
    yield root
    shutil.rmtree(root)


def start(root: Path, **variables: str) -> subprocess.Popen[str]:
    """Run the README's first command, as somebody whose Python is no environment's."""
    environ = {name: value for name, value in os.environ.items() if name != "COURSE_VENV"}
    return subprocess.Popen(
        [getattr(sys, "_base_executable", sys.executable), "-m", "course", "lab", "--no-browser"],
        cwd=root,
        env={**environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow(seconds=80)
def test_the_first_command_on_a_fresh_copy_opens_the_lessons(fresh: Path) -> None:
    # Most of what is installed is not imported here; pip's switches that begin with "no" are on
    # where their variable is off.
    process = start(fresh, PIP_NO_COMPILE="0")
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "token=" in line:
            break
    process.terminate()
    process.communicate(timeout=600)
    assert "The environment is ready." in said, said
    assert "/lab/tree/START.md?token=" in said, said
    assert (fresh / ".venv" / "course-stamp.json").is_file()
    assert (fresh / "work" / "START.md").is_file()


def test_without_a_network_one_message_says_what_to_do(fresh: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_FIND_LINKS": ""}
    process = start(fresh, **nowhere)
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 2
    assert said.splitlines()[-1].startswith("The package index could not be reached.")
    assert "Traceback" not in said
