"""What stops a function of this lesson is told in its own words: an RNN has no gates."""

from __future__ import annotations

import re
from typing import Any

import pytest
from plain_run import LESSONS

from course.checks.known.diagnosis import diagnose
from course.lessons import answers, solution_namespace

LESSON = LESSONS["05_training"]
OF_OTHERS = re.compile(r"\bgate|lstm|gru\b|cell_step|\bblock", re.IGNORECASE)

STOPS = [
    ("the_way_back", "np.outer(d_a, fed[t])", "d_a * fed[t]", r"a bias collects d_a"),
    ("the_way_back", "np.outer(d_a, fed[t])", "d_a[:, None] * fed", r"collects an outer product"),
    ("the_way_back", "W_hy.T @ d_logits[t]", "W_hy.T @ d_logits", r"a matrix is transposed, W.T"),
    ("the_way_back", "return gradients, d_h", "return gradients['W'], d_h", r"its keys are W_xh"),
    ("loss_and_its_gradient", "keepdims=True)\n", ")\n", r"keeps its axis with keepdims=True"),
    ("check_of_a_gradient", "array.copy(), array.copy()", "array, array + [1, 2, 3, 4, 5]", "fit"),
    ("check_of_a_gradient", "gradients[key])\n", "gradients['key'])\n", "those that it has"),
    ("one_step_of_training", "gradients, _ =", "gradients, _, more =", "the names on the left"),
    ("one_step_of_training", "len(decoder_params", "1 + len(decoder_params", "one-hot|shape"),
    (
        "one_step_of_training",
        'np.eye(len(decoder_params["b_y"]))[np.asarray(tokens, dtype=int)]',
        "tokens",
        r"hand run_decoder the tokens themselves.*np\.eye\(O\)\[tokens\]",
    ),
    (
        "interval_of_pairs",
        "np.asarray(b, dtype=float) - np.asarray(a, dtype=float)",
        "b - a",
        r"np\.array\(\.\.\.\) makes one of a list",
    ),
]


@pytest.mark.parametrize(("cell", "old", "new", "words"), STOPS)
def test_it_is_told_in_words_of_this_function(cell: str, old: str, new: str, words: str) -> None:
    source = answers(LESSON)[cell]
    assert old in source
    namespace: dict[str, Any] = solution_namespace(LESSON, {cell: source.replace(old, new, 1)})
    name = next(name for name in LESSON.functions if f"def {name}(" in source)
    said = " ".join(one.sentence for one in diagnose(namespace[name], name, LESSON.id))
    assert re.search(words, said), said
    assert not OF_OTHERS.search(said), said
