"""A small course in a temporary folder, with a lesson that needs no grading."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LESSON = "02_teacher_forcing"
NOTEBOOK = f"{LESSON}/teacher_forcing.ipynb"
STUB = "def decode():\n    # YOUR CODE HERE\n    raise NotImplementedError()"
QUESTION = "YOUR ANSWER HERE"


def cell(text: str, grade_id: str, *, code: bool = True, points: float | None = None) -> Any:
    marks = {"grade": points is not None, "grade_id": grade_id, "locked": False, "solution": True}
    made: dict[str, Any] = {
        "cell_type": "code" if code else "markdown",
        "id": grade_id,
        "metadata": {"nbgrader": {**marks, "schema_version": 3, "task": False, "points": points}},
        "source": text.splitlines(keepends=True),
    }
    return {**made, "execution_count": None, "outputs": []} if code else made


def notebook(code: str = STUB, answer: str = QUESTION, **about: Any) -> dict[str, Any]:
    """A lesson with one function to write and one question to answer."""
    course = {
        "title": "Teacher forcing",
        "summary": "Feed the truth.",
        "difficulty": "medium",
        "minutes": 75,
        "functions": ["decode"],
    }
    return {
        "cells": [cell(code, "write_decode"), cell(answer, "why", code=False, points=2)],
        "metadata": {"course": {**course, **about}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def put(path: Path, content: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course with one released lesson and a picture, in a folder with an awkward name."""
    made = tmp_path / "a course für dich"
    put(made / "release" / NOTEBOOK, notebook())
    picture = made / "release" / LESSON / "images" / "decoder.svg"
    picture.parent.mkdir()
    picture.write_text("<svg/>")
    return made


@pytest.fixture
def work(root: Path) -> Path:
    return root / "work"


@pytest.fixture
def release(root: Path) -> Callable[..., None]:
    """Release the lesson anew, with other texts."""

    def again(code: str = STUB, **about: Any) -> None:
        put(root / "release" / NOTEBOOK, notebook(code, **about))

    return again


@pytest.fixture
def learner(work: Path) -> Callable[..., Path]:
    """Save the learner's notebook with these answers."""

    def writes(code: str = STUB, answer: str = QUESTION) -> Path:
        return put(work / NOTEBOOK, notebook(code, answer))

    return writes
