"""`checks.run_claims` runs the notebook's own tests on a learner's function, and ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plain_run import LESSONS

from course import checks
from course.checks.dashboard import checking
from course.checks.dashboard.ran import Ran, as_html, as_text
from course.checks.dashboard.report import Failure
from course.checks.dashboard.running import Section, run, section_of
from course.engine.numerics import Array
from course.lessons import Lesson, solution_namespace

TEACHER_FORCING = "decoder_forward_teacher_forcing"
SOFTEN = Section(
    (
        {"claim": "Zeros are equal.", "points": 1.0, "source": "assert soften(2) == 2, 'not 2'"},
        {"claim": "It shares.", "points": 2.0, "source": "print('✗ gru: no')\nhalf(soften)"},
    ),
    "3. What comes after",
)


def solved(lesson_id: str) -> dict[str, Any]:
    return solution_namespace(LESSONS[lesson_id])


def sections(lesson: Lesson) -> list[list[str]]:
    return [
        cell.source.removeprefix("checks.run_claims(").removesuffix(")").split(", ")
        for cell in lesson.by_role("lab")
        if cell.source.startswith("checks.run_claims(")
    ]


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_the_solved_lesson_earns_the_points_of_all_its_tests(lesson: Lesson) -> None:
    names, earned = solved(lesson.id), 0.0
    for functions in sections(lesson):
        section = section_of(functions)
        assert section is not None, functions
        ran = run(section, {name: names[name] for name in functions}, names)
        assert [one.why for one in ran] == [""] * len(ran)
        earned += sum(one.earned for one in ran)
    assert earned == sum(cell.points for cell in lesson.by_role("test"))


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_what_is_not_written_earns_nothing_and_is_said_once(lesson: Lesson) -> None:
    def unwritten(*given: object, **named: object) -> None:
        raise NotImplementedError

    for functions in sections(lesson):
        names = solved(lesson.id)
        ran = run(section_of(functions), dict.fromkeys(functions, unwritten), names)
        assert [one.earned for one in ran] == [0.0] * len(ran)
        said = as_text(ran, "3. What comes after", {})
        assert f"0 of {sum(one.points for one in ran):g} points: 0 of {len(ran)} claims" in said
        assert "What comes after" not in said


def test_what_holds_for_one_cell_type_earns_its_share_with_the_reason() -> None:
    names = solved("02_teacher_forcing")
    right = names[TEACHER_FORCING]

    def rnn_alone(context, target, params, cell_type="rnn"):
        """Say nothing."""
        if cell_type == "gru":
            return np.zeros((len(target), len(params["b_y"])))
        return right(context, target, params, cell_type)

    first = run(section_of([TEACHER_FORCING]), {TEACHER_FORCING: rnn_alone}, names)[0]
    assert (first.earned, first.points, first.holds) == (1.0, 1.5, False)
    assert first.why.startswith("gru: ")


def test_the_helpers_of_a_lesson_call_the_function_that_is_passed() -> None:
    functions = ["rnn_cell_step", "lstm_cell_step", "gru_cell_step"]
    names = solved("01_decoder_cells")
    given = {name: names[name] for name in functions} | {"gru_cell_step": lambda *_: np.zeros(2)}
    ran = run(section_of(functions), given, names)
    assert [one.earned for one in ran] == [1.0] * 4


def test_a_call_without_end_is_ended_and_no_other_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*given: object) -> None:
        while True:
            pass

    monkeypatch.setattr(checking, "CALL_S", 0.2)
    ran = run(
        section_of([TEACHER_FORCING]), {TEACHER_FORCING: endless}, solved("02_teacher_forcing")
    )
    assert {one.earned for one in ran[:5]} == {0.0}
    assert "had not returned after 0.2 s" in ran[1].why


def test_a_notebook_keeps_its_names(capsys: pytest.CaptureFixture[str]) -> None:
    names = solved("02_teacher_forcing")
    before = dict(names)
    run(section_of([TEACHER_FORCING]), {TEACHER_FORCING: names[TEACHER_FORCING]}, names)
    assert names == before
    assert capsys.readouterr().out == ""


def test_a_claim_earns_what_its_last_value_is_and_its_reason_is_what_it_prints() -> None:
    ran = run(SOFTEN, {"soften": lambda x: x}, {"half": lambda function: 0.5 * function(2)})
    assert [(one.earned, one.why) for one in ran] == [(1.0, ""), (1.0, "gru: no")]
    assert as_text(ran, SOFTEN.next, {}).splitlines() == [
        "✓  1 of 1  Zeros are equal.",
        "✗  1 of 2  It shares.",
        "           gru: no",
        "",
        "2 of 3 points: 1 of 2 claims hold.",
        "Mend the first ✗, then run this cell again.",
    ]


def test_of_several_claims_that_fail_the_first_is_to_be_mended_first() -> None:
    several = [Ran("It adds.", 1, 0, "no"), Ran("It takes float32.", 1, 0, "nor this")]
    said = "Claims below the first ✗ may fail for its reason, whatever they say."
    assert said in as_text(several, "", {})
    assert said in as_html(several, "", {})
    assert said not in as_text(several[:1], "", {})


def test_a_name_that_a_cell_above_defines_is_told_as_that() -> None:
    ran = run(SOFTEN, {"soften": lambda x: x}, {})
    assert ran[1].why.endswith(
        "name 'half' is not defined: is it misspelt, or defined in a cell above that was not run?"
    )


def test_when_all_hold_it_says_where_to_go_on() -> None:
    ran = run(SOFTEN, {"soften": lambda x: x}, {"half": lambda function: None})
    assert "Done: go on with “3. What comes after”." in as_text(ran, SOFTEN.next, {})
    assert "Done: go on with “3. What comes after”." in as_html(ran, SOFTEN.next, {})
    assert 'aria-label="holds"' in as_html(ran, SOFTEN.next, {})


def test_run_claims_finds_what_the_notebook_has(capsys: pytest.CaptureFixture[str]) -> None:
    names = solved("02_teacher_forcing") | {"checks": checks}
    exec(f"checks.run_claims({TEACHER_FORCING})", names)
    assert "20 of 20 points: 14 of 14 claims hold." in capsys.readouterr().out


def test_it_is_not_done_where_the_check_still_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a cell that changes its argument a later section says so."""
    names = solved("01_decoder_cells") | {"checks": checks}
    right = names["rnn_cell_step"]

    def rnn_cell_step(x_t: Array, h_prev: Array, params: dict[str, Array]) -> Array:
        """Take a step, and the memory with it."""
        h_prev[:] = right(x_t, h_prev, params)
        return h_prev.copy()

    exec("checks.run_claims(rnn_cell_step)", names | {"rnn_cell_step": rnn_cell_step})
    said = capsys.readouterr().out
    assert "3 of 3 claims hold." in said
    assert "“leaves its arguments as they were” by `checks.check(rnn_cell_step)`" in said
    assert "Done" not in said


def test_a_known_mistake_is_named_once_above_the_claims_that_it_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = solved("02_teacher_forcing") | {"checks": checks}
    runs_free = solved("04_exposure_bias")["decoder_forward_free_running"]

    def decoder_forward_teacher_forcing(
        context: Array, targets: Array, params: dict[str, Array], cell_type: str = "rnn"
    ) -> Array:
        """Feed what came out."""
        return runs_free(context, len(targets), params, cell_type)

    named = {TEACHER_FORCING: decoder_forward_teacher_forcing}
    exec(f"checks.run_claims({TEACHER_FORCING})", names | named)
    first, empty, *claims = capsys.readouterr().out.splitlines()
    assert (first.split(":")[0], empty) == ("Likely cause", "")
    assert "that is free running" in first
    assert "free running" not in "\n".join(claims)
    html = as_html(
        [Ran("It adds.", 1, 0, "no")], "", {"f": Failure("is right", "", "no", "use `a`", "")}
    )
    assert html.index("Likely cause: use <code>a</code>") < html.index("It adds.")


def test_a_function_that_no_section_tests_is_said_to_be_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    checks.run_claims(np.sum)
    assert "No section tests sum alone" in capsys.readouterr().out
