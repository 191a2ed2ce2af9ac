"""The grader refuses every wrong answer that people and machines could think of."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from mutator import mutants_of
from plain_run import PlainRun
from trial import are_refused, named_mistakes

DOUBLE = '''
def double(x):
    """Double a number, from 1 on."""
    if x < 1:
        raise ValueError("x < 1")
    return 2 * x
'''


def test_a_mutant_says_what_became_of_its_statement() -> None:
    for mutant in mutants_of(DOUBLE, "double"):
        assert mutant.after in [line.strip() for line in mutant.source.splitlines()]


def test_neither_the_docstring_nor_an_errors_words_are_changed() -> None:
    texts = [mutant.source for mutant in mutants_of(DOUBLE, "double") if mutant.after != "pass"]
    assert all("Double a number" in text and "'x < 1'" in text for text in texts)


def test_operators_constants_conditions_and_statements_are_changed() -> None:
    said = {mutant.after for mutant in mutants_of(DOUBLE, "double")}
    assert said >= {
        "return 2 + x",
        "return 3 * x",
        "return x",
        "if x <= 1:",
        "if x < 0:",
        "if not x < 1:",
        "pass",
        "raise TypeError('x < 1')",
    }


def test_no_two_mutants_are_the_same() -> None:
    texts = [mutant.source for mutant in mutants_of(DOUBLE, "double")]
    assert len(texts) == len(set(texts))


def test_of_a_row_none_is_said_to_be_refused_beside_one_that_survives() -> None:
    wrong = named_mistakes()[0]
    right = replace(wrong, texts=())
    assert are_refused([wrong, wrong])
    assert not are_refused([wrong, right])


def test_nobody_is_refused_for_what_another_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainRun, "score", lambda *_: 0.0)  # a right answer is refused as well
    assert not are_refused(named_mistakes()[:2])


@pytest.mark.slow(seconds=90)
@pytest.mark.skipif(sys.platform == "win32", reason="mutants are tried in forked processes")
def test_every_mutant_is_refused_or_proved_to_be_right() -> None:
    tried = subprocess.run([sys.executable, Path(__file__).parent], capture_output=True, text=True)
    print(tried.stdout)
    assert tried.returncode == 0, tried.stdout + tried.stderr
