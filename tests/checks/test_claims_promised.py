"""A visible claim is refused by an answer that does not do what its sentence promises."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from plain_run import LESSONS

from course.checks.dashboard.ran import Ran
from course.checks.dashboard.running import run
from course.checks.dashboard.running import section_of as section
from course.lessons import Lesson, solution_namespace
from course.lessons.misconceptions import Misconception, answers_with

CELLS = ("rnn_cell_step", "lstm_cell_step", "gru_cell_step")
FORCED, SAMPLED = "decoder_forward_teacher_forcing", "decoder_forward_scheduled_sampling"
FREE, PASSES = "decoder_forward_free_running", "two_pass_scheduled_sampling"

#: In which function which text is another, and how the claim begins that this breaks.
WRONG = [
    (CELLS[2], {"sigmoid(a_z + u_z)": "sigmoid(a_z + u_z - params['b_xh'][len(h_prev):"
                                      "2 * len(h_prev)])"}, "Both biases"),
    (FORCED, {"return logits": "return np.squeeze(logits)"}, "Every row agrees"),
    (FORCED, {"np.zeros((len(target_seq), len(b_y)))": "np.zeros((20, len(b_y)))",
              "return logits": "return logits[:len(target_seq)]"}, "Every row agrees"),
    (FORCED, {'if cell_type not in ("rnn", "lstm", "gru"):':
              'if len(target_seq) and cell_type not in ("rnn", "lstm", "gru"):'}, "An unknown"),
    (SAMPLED, {"rng.random() <": "rng.integers(0, 10) / 10 <"}, "At every step the model's own"),
    (SAMPLED, {"np.argmax(logits[t - 1])": "np.argmax(np.exp(logits[t - 1]) / np.exp("
               "logits[t - 1]).sum())"}, "With sampling_prob = 1"),
    (FREE, {"np.argmax(logits[t - 1])": "np.argmax(np.exp(logits[t - 1]) / np.exp("
            "logits[t - 1]).sum())"}, "At every step t > 0"),
    (FREE, {"return logits": "return np.squeeze(logits)"}, "Every row agrees"),
    ("cross_entropy_and_gradient", {"d_logits / len(counted)":
     "2 * d_logits / (len(counted) * logits.shape[1])"}, "Each number of d_logits"),
    ("batch_of_sequences", {"np.full(shape, end)": "np.zeros(shape, dtype=int)",
     "kept = sequence[:length]": "kept = [*sequence, end][:length]"}, "Row n of targets"),
    (PASSES, {"own = rng.random((len(target_seq), 1)) < sampling_prob": "own = None",
              "tokens =": "own = rng.random((len(target_seq), 1)) < sampling_prob\n"
              "        tokens ="}, "The coins are tossed once"),
    ("distillation_gradient", {"rows = q * (": "rows = T * q * ("}, "In both directions"),
    ("causal_attention", {"return ": "return np.sign(len(x) - 30.5) * -1.0 * "},
     "Every row agrees"),
]  # fmt: skip


def lesson_of(function: str) -> Lesson:
    """Return the lesson in which a learner writes a function."""
    return next(
        lesson
        for lesson in LESSONS.values()
        if any(f"def {function}(" in cell.source for cell in lesson.by_role("answer"))
    )


@cache
def _ran(function: str, changes: tuple[tuple[str, str], ...]) -> dict[str, Ran]:
    lesson = lesson_of(function)
    slip = Misconception(function, function, "It is wrong.", dict(changes), ("a claim",))
    names: dict[str, Any] = solution_namespace(lesson, answers_with(lesson, slip))
    functions = CELLS if function in CELLS else (function,)
    found = section(list(functions))
    assert found is not None
    return {one.claim: one for one in run(found, {name: names[name] for name in functions}, names)}


def claims(function: str, changes: dict[str, str]) -> dict[str, Ran]:
    """Run all visible claims about a function in which some texts are others."""
    return _ran(function, tuple(changes.items()))


@pytest.mark.parametrize(
    ("function", "changes", "begins"), WRONG, ids=[f"{f}: {b}" for f, _, b in WRONG]
)
def test_a_claim_tries_what_its_sentence_promises(
    function: str, changes: dict[str, str], begins: str
) -> None:
    [one] = [ran for claim, ran in claims(function, changes).items() if claim.startswith(begins)]
    assert not one.holds


def test_coins_that_never_go_back_are_told_as_that() -> None:
    changes = {"x_t = x_start if t == 0 else": "own = t > 0 and (t > 1 and own or rng.random() < "
               "sampling_prob)\n        x_t = x_start if t == 0 else",
               "if t > 0 and rng.random() < sampling_prob:": "if own:"}  # fmt: skip
    found = claims(SAMPLED, changes)
    [one] = [ran for claim, ran in found.items() if claim.startswith("Coins know nothing")]
    assert "the truth never came again in that call" in one.why


#: What changes an argument, a claim that compares with it, and what was said of the answer.
CHANGING = [
    (FORCED, {"    for t in range": "    target_seq[1:] = target_seq[:-1].copy()\n    target_seq"
     "[:1] = x_start\n    for t in range", "x_start if t == 0 else target_seq[t - 1]":
     "target_seq[t]"}, "Row t depends", "token it predicts"),
    (SAMPLED, {"x_t = np.eye(len(b_y))[np.argmax(logits[t - 1])]": "x_t = target_seq[t - 1] = "
     "np.eye(len(b_y))[np.argmax(logits[t - 1])]"}, "Coins know nothing", "real-valued rows"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "changes", "begins", "untrue"), CHANGING, ids=[c[0] for c in CHANGING]
)
def test_where_a_call_changes_its_arguments_a_claim_says_that_and_no_more(
    function: str, changes: dict[str, str], begins: str, untrue: str
) -> None:
    found = claims(function, changes)
    [one] = [ran for claim, ran in found.items() if claim.startswith(begins)]
    assert one.earned < one.points
    assert one.why.startswith(f"{function} changes target_seq in place")
    assert untrue not in "".join(ran.why for ran in found.values())
    [kept] = [ran for claim, ran in found.items() if claim.startswith("No argument is changed")]
    assert "was changed in place" in kept.why
