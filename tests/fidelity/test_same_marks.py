"""Marks do not depend on chance: grading a submission again gives the same."""

from __future__ import annotations

import os

import pytest
from in_judge import verdict_on
from plain_run import LESSONS, PlainRun
from right_answers import OneProcess, answers_of

from course.checks.known.probes import probes_of
from course.lessons.misconceptions import answers_with, misconceptions

#: COURSE_TIMES=100 asks a hundred times.
TIMES = int(os.environ.get("COURSE_TIMES", "10"))
#: In the judge's two processes, which leave nothing more to chance: each right answer is given to
#: them once, in other tests.
TIMES_IN_JUDGE = 3

#: A lesson in whose tests coins are thrown, and its function that throws them.
LESSON, FUNCTION = next(
    (lesson, name)
    for lesson in LESSONS.values()
    for name in lesson.functions
    if any(probe.aspect == "coins" for probe in probes_of(name))
)


@pytest.mark.slow
def test_a_right_answer_earns_every_point_each_time() -> None:
    run = OneProcess(LESSON, [answers_of(FUNCTION)[0]])
    assert [run.refusals() for _ in range(TIMES)] == [{}] * TIMES


@pytest.mark.slow
@pytest.mark.usefixtures("nursery")
def test_the_judge_gives_a_right_answer_the_same_marks_each_time() -> None:
    answer = answers_of(FUNCTION)[0]
    verdicts = [verdict_on(LESSON, [answer]) for _ in range(TIMES_IN_JUDGE)]
    marks = {tuple(test.score for test in verdict.tests) for verdict in verdicts}
    assert marks == {tuple(test.points for test in verdicts[0].tests)}


@pytest.mark.slow
def test_a_wrong_answer_gets_the_same_marks_each_time() -> None:
    mistake = next(one for one in misconceptions(LESSON) if one.function == FUNCTION)
    run = PlainRun(LESSON, answers_with(LESSON, mistake))
    marks = {tuple(run.scores().values()) for _ in range(TIMES)}
    assert len(marks) == 1
