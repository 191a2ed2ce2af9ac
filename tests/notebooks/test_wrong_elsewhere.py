"""Wrong answers that are right on small inputs: no learner's mistake, and yet no full marks."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from plain_run import LESSONS, PlainRun
from some import some_quick

from course.grading.classes.submissions import answers

LESSON_2, LESSON_3, LESSON_4 = (
    "02_teacher_forcing",
    "03_scheduled_sampling",
    "04_exposure_bias",
)
ARGMAX = "np.argmax(logits[t - 1])"
RESULT = "(np.exp(log_p) * (log_p - log_q)).sum(axis=1)"


class Wrong(NamedTuple):
    """One change to the instructor's answer, and the test that has to refuse it."""

    name: str
    lesson_id: str
    answer: str
    old: str
    new: str
    refused_by: str


def near_ties(lesson_id: str, answer: str, refused_by: str) -> list[Wrong]:
    row, best = "logits[t - 1]", "logits[t - 1].max()"
    within = {
        "1e-3": f"np.argmax({row} >= {best} - 1e-3)",
        "1e-3_the_last": f"np.flatnonzero({row} >= {best} - 1e-3)[-1]",
        "three_digits": f"np.argmax(np.round({row}, 3))",
    }
    return [
        Wrong(f"{lesson_id}-tie_within_{name}", lesson_id, answer, ARGMAX, new, refused_by)
        for name, new in within.items()
    ]


def loops(lesson_id: str, answer: str, steps: str, refused_by: str) -> list[Wrong]:
    return [
        Wrong(
            f"{lesson_id}-{limit}_steps_at_most",
            lesson_id,
            answer,
            f"range({steps})",
            f"range(min({steps}, {limit}))",
            refused_by,
        )
        for limit in (41, 256)
    ]


def divergences(refused_by: str, **results: str) -> list[Wrong]:
    answer = "divergence_of_two_predictions"
    return [
        Wrong(f"{LESSON_4}-{name}", LESSON_4, answer, RESULT, new, refused_by)
        for name, new in results.items()
    ]


COIN = "rng.random() < sampling_prob"


def coins(**comparisons: str) -> list[Wrong]:
    return [
        Wrong(
            f"{LESSON_3}-{name}", LESSON_3, "decoder_with_coins", COIN, new, "rate_is_sampling_prob"
        )
        for name, new in comparisons.items()
    ]


WRONG = [
    *coins(
        ten_sides="rng.integers(0, 10) < 10 * sampling_prob",
        rounded_to_tenths="rng.random() < round(sampling_prob, 1)",
        cut_to_tenths="rng.random() < int(10 * sampling_prob) / 10",
        a_hundred_sides="rng.integers(0, 100) < 100 * sampling_prob",
        one_to_a_hundred="rng.integers(1, 101) <= 100 * sampling_prob",
        rounded_to_percent="rng.random() < round(sampling_prob, 2)",
    ),
    Wrong(
        f"{LESSON_3}-warns_of_overflow",
        LESSON_3,
        "sampling_prob_of_a_training_step",
        "np.exp(min(step / k, 700.0))",
        "np.exp(step / k)",
        "no_step_is_too_large",
    ),
    *loops(LESSON_2, "decoder_with_teacher_forcing", "len(target_seq)", "agrees_over_many_shapes"),
    *loops(LESSON_3, "decoder_with_coins", "len(target_seq)", "zero_is_teacher_forcing"),
    *loops(LESSON_4, "decoder_on_its_own", "seq_len", "agrees_over_many_shapes"),
    *near_ties(LESSON_3, "decoder_with_coins", "one_is_free_running"),
    *near_ties(LESSON_4, "decoder_on_its_own", "first_of_equals"),
    *divergences(
        "zero_for_equal_predictions",
        nothing_below_1e_minus_3=f"np.where({RESULT} < 1e-3, 0, {RESULT})",
        nothing_below_1e_minus_4=f"np.where({RESULT} < 1e-4, 0, {RESULT})",
        three_decimals=f"np.round({RESULT}, 3)",
    ),
    *divergences(
        "huge_logits_stay_finite",
        a_million_at_most=f"np.minimum({RESULT}, 1e6)",
        ten_million_at_most=f"np.minimum({RESULT}, 1e7)",
    ),
]


@pytest.mark.parametrize("wrong", some_quick(WRONG), ids=[wrong.name for wrong in WRONG])
def test_an_answer_that_is_wrong_for_some_inputs_alone_loses_points(wrong: Wrong) -> None:
    lesson = LESSONS[wrong.lesson_id]
    text = answers(lesson)[wrong.answer]
    assert text.count(wrong.old) == 1
    run = PlainRun(lesson, {wrong.answer: text.replace(wrong.old, wrong.new)})
    assert run.score(wrong.refused_by) < lesson.cell(wrong.refused_by).points
