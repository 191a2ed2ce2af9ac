"""Marks do not depend on chance: grading a submission again gives the same."""

from __future__ import annotations

import pytest
from in_judge import verdict_on
from plain_run import LESSONS, PlainRun
from right_answers import answers_of

from course.grading.classes.made_up import answers_with, misconceptions

TIMES = 100

LESSON = LESSONS["03_scheduled_sampling"]


@pytest.mark.slow
def test_the_judge_gives_a_right_answer_the_same_marks_a_hundred_times() -> None:
    answer = answers_of("decoder_forward_scheduled_sampling")[0]
    verdicts = [verdict_on(LESSON, [answer]) for _ in range(TIMES)]
    marks = {tuple(test.score for test in verdict.tests) for verdict in verdicts}
    assert marks == {tuple(test.points for test in verdicts[0].tests)}


@pytest.mark.slow
def test_a_wrong_answer_gets_the_same_marks_a_hundred_times() -> None:
    mistakes = {mistake.name: mistake for mistake in misconceptions(LESSON)}
    run = PlainRun(LESSON, answers_with(LESSON, mistakes["takes_sampling_prob_for_the_truths"]))
    marks = {tuple(run.scores().values()) for _ in range(TIMES)}
    assert len(marks) == 1
