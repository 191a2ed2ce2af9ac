"""Each fault of the student's process is noted with its kind, as data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from course.grading.confinement.limits import Limits
from course.grading.confinement.student_process import StudentProcess, _Running
from course.grading.confinement.usage import too_many, too_much
from course.grading.faults import StudentFault
from course.grading.judge.judge import judge
from course.grading.judge.plan import ERROR, FAULTS, LOCKED, Plan, PlannedCell, Verdict
from course.lessons import course_root

pytestmark = [pytest.mark.slow(seconds=6), pytest.mark.usefixtures("nursery")]

LIMITS = Limits(call_s=30, cell_s=60, notebook_s=600, answer_mib=1)
ENDLESS = "while True: pass"


def judged(answer: str, limits: Limits = LIMITS) -> Verdict:
    texts = [("setup", "import numpy as np"), ("answer", answer), ("test", "f(1)")]
    cells = [PlannedCell(i, role, role, text, 1.0) for i, (role, text) in enumerate(texts)]
    solution = [("setup", texts[0][1]), ("answer", "def f(x):\n    return x")]
    return judge(Plan("01_decoder_cells", cells, solution, ["f"], ["f"], "", limits))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ENDLESS, "time"),
        ("os._exit(0)", "died"),
        ("os.abort()", "died"),
        ("return np.zeros(10**6)", "answer"),
    ],
)
def test_a_call_that_fails_is_noted_with_its_kind(body: str, kind: str) -> None:
    limits = replace(LIMITS, call_s=1) if body == ENDLESS else LIMITS
    [test] = judged(f"import os\ndef f(x):\n    {body}", limits).tests
    assert [fault["kind"] for fault in test.faults] == [kind]
    assert test.faults[0]["message"] in test.message


@pytest.mark.parametrize(
    ("cell", "kind"),
    [(ENDLESS, "time"), ("os._exit(0)", "died"), ("1 / 0", ERROR)],
)
def test_a_cell_that_stops_is_noted_with_its_kind(cell: str, kind: str) -> None:
    limits = replace(LIMITS, cell_s=4) if cell == ENDLESS else LIMITS
    [error] = judged(f"import os\n{cell}", limits).cell_errors
    assert (error["grade_id"], error["kind"]) == ("answer", kind)


@pytest.mark.parametrize(("say", "kind"), [(too_much, "memory"), (too_many, "processes")])
def test_what_a_process_was_ended_for_is_its_kind(
    say: Callable[[Limits], str], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Running, "why", lambda _: say(LIMITS))
    with StudentProcess(LIMITS) as student, pytest.raises(StudentFault) as raised:
        student.run_cell("import os\nos._exit(1)")
    assert raised.value.kind == kind


def test_a_verdict_keeps_its_faults_on_its_way_from_the_judge() -> None:
    verdict = judged("import os\ndef f(x):\n    os._exit(0)")
    assert Verdict.from_json(verdict.to_json()) == verdict


def test_every_kind_is_told_in_the_document() -> None:
    text = (course_root() / "docs" / "grading.md").read_text(encoding="utf-8")
    section = text.partition("\n## Faults as data\n")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
    assert listed == [*FAULTS, ERROR, LOCKED]
