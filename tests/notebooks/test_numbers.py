"""Every number in a lesson or a document that says it was measured is the one that was."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from course.study.quotes import false_claims, shares_as_fractions, wrong_quotes

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "source").glob("*/*.ipynb"))
EXAMPLE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.M | re.S)
TEXTS = NOTEBOOKS + sorted((ROOT / "docs").glob("*.md"))


def markdown(text: Path) -> list[str]:
    """Return the cells of a notebook, or the sections of a document without its examples."""
    written = text.read_text(encoding="utf-8")
    if text.suffix == ".md":
        return re.split(r"^(?=#)", EXAMPLE.sub("", written), flags=re.M)
    cells = json.loads(written)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def prose(text: Path) -> str:
    return "\n\n".join(markdown(text))


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_numbers_in_the_text_are_those_of_the_tables(text: Path) -> None:
    assert list(wrong_quotes(prose(text))) == []


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_errors_are_told_in_per_cent(text: Path) -> None:
    assert list(shares_as_fractions(prose(text))) == []


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_what_the_text_claims_of_the_numbers_holds_seed_by_seed(text: Path) -> None:
    assert list(false_claims(prose(text))) == []


#: Words that say which way is ahead.
COMPARES = re.compile(
    r"\b(better|worse|best|worst|ahead|behind|fewer|higher|lower|helps?|harms?|falls?|rises?|shrunk"
    r"|beats?|gains?|pays?|loses?|get worse|does not follow|grows|oftener|no effect|not shown)\b"
)


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_beside_results_a_sentence_that_compares_says_which_claim_it_makes(text: Path) -> None:
    for cell in markdown(text):
        lines = [line for line in cell.splitlines() if not line.startswith(("|", "#"))]
        if "<!--result" in cell:
            assert [one for one in sentences("\n".join(lines)) if compares(one)] == []


def sentences(text: str) -> list[str]:
    """Cut a text at the ends of its sentences; marks behind an end belong to what it ends.

    >>> sentences("It is so.<!--claim a > b--> And that is all.")
    ['It is so<!--claim a > b-->.', 'And that is all.']
    """
    marks_first = re.sub(r"([.!?]\**)((?:<!--.*?-->)+)", r"\2\1", text)
    return re.split(r"(?<=[.!?])\**\s+", marks_first)


def compares(sentence: str) -> bool:
    """Say whether a sentence compares, without a mark of a claim or of a paired difference.

    What compares nothing that was measured, a definition for instance, is marked as no claim.
    """
    if any(mark in sentence for mark in ("<!--claim", "<!--no claim-->", "-vs-")):
        return False
    return bool(COMPARES.search(re.sub(r"<!--.*?-->", "", sentence)))


def test_an_unmarked_comparison_would_be_found() -> None:
    assert compares("Training at 1 costs nothing and beats teacher forcing.")
    assert not compares("It is lower.<!--claim osc/gru/p1.00/gap < osc/gru/p0.00/gap-->")
    assert not compares("It is a rule how to read what is better.<!--no claim-->")
    assert not compares("There are 5 seeds.")


def test_some_lesson_quotes_results() -> None:
    assert sum(prose(notebook).count("<!--result ") for notebook in NOTEBOOKS) >= 10
