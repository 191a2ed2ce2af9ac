"""A command of the course asked by another program, and what it answers: standard library only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from course.bootstrap.files import parsed
from course.lessons import course_root

#: Seconds after which a command that gives no answer is given up: a submission may take 300.
LIMIT_S = 900


def command(module: str, notebook: Path) -> list[str]:
    """Return how a notebook is graded, or validated, by a process of its own.

    Parameters
    ----------
    module : str
        ``"course.learner.check"``, for instance.
    notebook : Path
        The file.
    """
    return [sys.executable, "-m", module, "--json", str(notebook)]


def surroundings() -> dict[str, str]:
    """Return the environment variables for it: the course is this one, whatever else there is."""
    return {**os.environ, "COURSE_ROOT": str(course_root()), "PYTHONPATH": str(course_root())}


def answer_of(said: str, complaints: str) -> dict[str, str]:
    """Read what a command said: ``text``, and ``html`` where there is a result.

    Parameters
    ----------
    said, complaints : str
        Its standard output and standard error.
    """
    try:
        answer = parsed(said)
        return {"text": str(answer["text"])} | {
            name: str(answer[name]) for name in ("html",) if name in answer
        }
    except (ValueError, TypeError, KeyError):
        last = complaints.strip().splitlines()[-1:] or ["it said nothing"]
        return {"text": f"This could not be graded: {last[0]}"}


def ask(module: str, notebook: Path) -> dict[str, str]:
    """Run a command on a notebook; return what it answers: see `answer_of`."""
    try:
        done = subprocess.run(
            command(module, notebook),
            cwd=course_root(),
            env=surroundings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"text": f"Not graded: this took longer than {LIMIT_S:g} s. Try once more."}
    return answer_of(done.stdout, done.stderr)
