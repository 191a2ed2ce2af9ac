"""Every number in a lesson that says it was measured is the one that was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from course.trained.results import wrong_quotes

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "source").glob("*/*.ipynb"))


def prose(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_numbers_in_the_text_are_those_of_the_tables(notebook: Path) -> None:
    assert list(wrong_quotes(prose(notebook))) == []


def test_the_lesson_about_exposure_bias_quotes_results() -> None:
    (lesson,) = (path for path in NOTEBOOKS if path.stem == "exposure_bias")
    assert prose(lesson).count("<!--result ") >= 10
