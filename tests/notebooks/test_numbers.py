"""Every number in a lesson that says it was measured is the one that was."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from course.study.quotes import false_claims, wrong_quotes

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "source").glob("*/*.ipynb"))


def prose(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_numbers_in_the_text_are_those_of_the_tables(notebook: Path) -> None:
    assert list(wrong_quotes(prose(notebook))) == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_the_text_claims_of_the_numbers_holds_seed_by_seed(notebook: Path) -> None:
    assert list(false_claims(prose(notebook))) == []


#: Words that say which way is ahead.
COMPARES = re.compile(
    r"\b(better|worse|best|worst|ahead|behind|fewer|higher|lower|helps?|harms?|falls?|rises?|shrunk"
    r"|beats?|gains?|pays?|loses?|get worse|does not follow|grows|oftener|no effect|not shown)\b"
)
#: What is no claim about measurements: heads of sections, a definition, a rule how to read.
NO_CLAIM = (
    "With `sampling_prob` at 1 it rises from there",
    "The middle is not always the best",
    "the lower half of a real handwritten digit",
    "On `osc` all three cells gain",
    "On `digits` there is little to gain",
    "Look at the intervals",
    "leaves room for scheduled sampling to help",
    "no slip can be foreseen, and the best model",
)


def test_every_sentence_that_compares_ways_of_training_says_which_claim_it_makes() -> None:
    (lesson,) = (path for path in NOTEBOOKS if path.stem == "exposure_bias")
    cells = {cell["id"]: cell for cell in json.loads(lesson.read_text("utf-8"))["cells"]}
    for name in ("explain_divergence", "explain_trained_how", "explain_when_it_hurts"):
        lines = "".join(cells[name]["source"]).splitlines()
        text = "\n".join(line for line in lines if not line.startswith("|"))
        assert [sentence for sentence in sentences(text) if compares(sentence)] == []


def sentences(text: str) -> list[str]:
    """Cut a text at the ends of its sentences; marks behind an end belong to what it ends.

    >>> sentences("It is so.<!--claim a > b--> And that is all.")
    ['It is so<!--claim a > b-->.', 'And that is all.']
    """
    marks_first = re.sub(r"([.!?]\**)((?:<!--.*?-->)+)", r"\2\1", text)
    return re.split(r"(?<=[.!?])\**\s+", marks_first)


def compares(sentence: str) -> bool:
    """Say whether a sentence compares, without a mark of a claim or of a paired difference."""
    if "<!--claim" in sentence or "-vs-" in sentence or any(said in sentence for said in NO_CLAIM):
        return False
    return bool(COMPARES.search(re.sub(r"<!--.*?-->", "", sentence)))


def test_an_unmarked_comparison_would_be_found() -> None:
    assert compares("Training at 1 costs nothing and beats teacher forcing.")
    assert not compares("It is lower.<!--claim osc/gru/p1.00/gap < osc/gru/p0.00/gap-->")
    assert not compares("There are 5 seeds.")


def test_the_lesson_about_exposure_bias_quotes_results() -> None:
    (lesson,) = (path for path in NOTEBOOKS if path.stem == "exposure_bias")
    assert prose(lesson).count("<!--result ") >= 10
