"""The learner's check says the truth, of the first thing to mend first."""

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import wrong_answers
from answers import decoder_forward_scheduled_sampling, decoder_forward_teacher_forcing

from course import checks
from course.checks.dashboard import checking
from course.checks.dashboard.checking import examine
from course.checks.dashboard.claims import begin_with
from course.checks.dashboard.ran import Ran
from course.checks.dashboard.ran import as_html as as_html_of_claims
from course.checks.dashboard.ran import as_text as as_text_of_claims
from course.checks.dashboard.report import FAILS, HOLDS, WAITS, Failure, Report, advice, as_text
from course.checks.dashboard.view import as_html
from course.checks.known.lessons import table

FORCED = "decoder_forward_teacher_forcing"
SAMPLED = "decoder_forward_scheduled_sampling"


def changed(change):
    """Return teacher forcing whose result is ``change(logits, cell_type)``."""

    def decoder(context, targets, params, cell_type="rnn"):
        """Train every step on the true history."""
        logits = decoder_forward_teacher_forcing(context, targets, params, cell_type)
        return change(logits, cell_type)

    return decoder


def unwritten(*arguments):
    raise NotImplementedError


def test_what_is_asked_of_all_cells_has_a_column_of_its_own() -> None:
    cells = {"rnn": HOLDS, "lstm": FAILS, "gru": HOLDS}
    report = Report("f", ("rnn", "lstm", "gru"), (("is right", cells), ("is kept", {"": FAILS})))
    assert as_text(report).splitlines()[2:5] == [
        "             rnn   lstm    gru    all",
        "  is right    ✓      ✗      ✓",
        "  is kept                          ✗",
    ]
    rows = [re.findall(r"<t[dh].*?</t[dh]>", row) for row in as_html(report).split("<tr>")[1:]]
    assert [len(row) for row in rows] == [5, 5, 5]
    assert ["does not hold" in cell for cell in rows[2]] == [False, False, False, False, True]


def test_what_stands_between_backticks_is_shown_as_code() -> None:
    failure = Failure("is right", "", "it gave 0 < 1", "turn `a < b` round", "")
    said = as_html(Report("f", (), (("is right", {"": FAILS}),), failure=failure))
    assert "turn <code>a &lt; b</code> round" in said
    assert "it gave 0 &lt; 1" in said


def test_the_mark_of_what_was_not_looked_at_is_explained_where_it_stands() -> None:
    failure = Failure("is right", "", "it was 2", "", "look")
    for marks, said in (({"": WAITS}, True), ({"": HOLDS}, False)):
        report = Report("f", (), (("is right", {"": FAILS}), ("is kept", marks)), failure=failure)
        assert ("· means: not checked yet" in as_text(report)) is said
        assert ("· means" in as_html(report)) is said


def test_no_sentence_is_said_twice() -> None:
    came = "it stopped with ValueError: no fit, at `x @ W`\nThe call: f(x)"
    cause = "At your line `x @ W` it stopped with ValueError: no fit. That means: swap them."
    failure = Failure("is right", "", came, cause, "")
    said = as_text(Report("f", (), (("is right", {"": FAILS}),), failure=failure))
    assert said.count("no fit") == 1
    assert said.endswith("Likely cause: Swap them.")
    for told in (as_text_of_claims, as_html_of_claims):
        claims = told([Ran("It is.", 1, 0, came.partition(",")[0])], "", {"f": failure})
        assert claims.count("no fit") == 1
    same = replace(failure, finding="It was fed in 1 % at 0", cause="It was fed in 1 % at 0.")
    assert advice(Report("f", (), (("is right", {"": FAILS}),), failure=same))[-1] == (
        "Where to look",
        "",
    )


def test_a_table_without_columns_has_one_without_a_name() -> None:
    report = Report("f", (), (("is right", {"": HOLDS}),))
    assert as_text(report).splitlines()[2] == "  is right  ✓"


@pytest.mark.usefixtures("with_banks")
class TestTeacherForcing:
    def test_nothing_written_shows_the_target_and_where_to_begin(self):
        report = examine(unwritten, FORCED)
        text = as_text(report)
        assert "is not written yet" in text
        assert f"Where to begin: {begin_with(FORCED)}" in text
        assert "Expected for decoder_forward_teacher_forcing, rnn:" in text
        assert report.picture.own is None
        assert "✓" not in text

    @pytest.mark.parametrize(
        ("change", "where", "said"),
        [
            (lambda y, cell: y.T, "rnn, lstm, gru", "is it transposed"),
            (lambda y, cell: y[1:], "rnn, lstm, gru", "every step has a row"),
            (lambda y, cell: y.tolist(), "rnn, lstm, gru", "a list came back"),
            (lambda y, cell: y * np.nan, "rnn, lstm, gru", "not finite"),
            (lambda y, cell: None if cell == "gru" else y, "gru", r"it returned nothing \(None\)"),
            (lambda y, cell: y / (cell != "lstm"), "lstm", "not finite"),
            (lambda y, cell: {}[cell], "rnn, lstm, gru", "KeyError: 'rnn', at `.*cell"),
            (lambda y, cell: y if cell == "rnn" else unwritten(), "lstm, gru", "not written yet"),
        ],
    )
    def test_the_first_claim_that_fails_is_explained(self, change, where, said):
        failure = examine(changed(change), FORCED).failure
        assert failure.claim == "gives logits of shape (T, O)"
        assert failure.where == where
        assert re.search(said, failure.finding)

    def test_right_for_rnn_alone_is_said_so(self):
        marks = dict(examine(changed(lambda y, cell: y + (cell != "rnn")), FORCED).table)
        assert marks["step 0 is fed x_start, from the context"] == {
            "rnn": "✓",
            "lstm": "✗",
            "gru": "✗",
        }
        assert marks["each later step is fed the true token before"]["lstm"] == "·"

    def test_a_known_mistake_is_the_likely_cause(self):
        report = examine(wrong_answers.feeds_the_current_token, FORCED)
        assert report.failure.claim == "each later step is fed the true token before"
        assert report.failure.cause == "feeds_the_current_token is what you did."
        assert report.failure.finding.startswith("row 1 is the first that differs:\nexpected [")
        assert report.picture.own is not None

    def test_a_function_without_return_is_told_so(self):
        report = examine(lambda *arguments: None, FORCED)
        assert report.failure.finding.startswith("it returned nothing (None): is `return` missing?")
        assert "print shows a result and does not return it" in as_text(report)

    def test_what_was_printed_is_shown_where_nothing_is_returned(self):
        text = as_text(examine(changed(lambda y, cell: print(y[0].round(3))), FORCED))
        assert "target_seq of shape (4, 3), decoder_params, cell_type='rnn')" in text
        assert "It printed: [ 1.022 -1.046  0.813]" in text

    def test_a_call_that_stops_is_shown_and_fails_one_claim_alone(self):
        report = examine(changed(lambda y, cell: {}[cell]), FORCED)
        assert [name for name, marks in report.table if "✗" in marks.values()] == [
            "gives logits of shape (T, O)"
        ]
        assert "The call: decoder_forward_teacher_forcing(context_vector of shape (2,)" in (
            report.failure.finding
        )

    def test_arguments_are_told_by_their_names(self):
        def overwrites(context_vector, target_seq, *others):
            context_vector *= 2
            target_seq -= 1
            return decoder_forward_teacher_forcing(context_vector / 2, target_seq + 1, *others)

        failure = examine(overwrites, FORCED).failure
        assert failure.finding == "context_vector and target_seq were changed in place"

    def test_after_full_marks_it_is_said_what_comes_next(self):
        assert "Next: run all claims with the cell below" in as_text(
            examine(decoder_forward_teacher_forcing, FORCED)
        )

    def test_an_unknown_mistake_is_told_by_what_was_measured(self):
        report = examine(changed(lambda y, cell: y + np.arange(len(y))[:, None]), FORCED)
        assert "all numbers are off by the same amount" in report.failure.cause

    def test_a_state_kept_between_calls_is_named(self):
        report = examine(wrong_answers.remembers_the_last_state, FORCED)
        marks = dict(report.table)["remembers nothing between calls"]
        assert marks == {"rnn": "✗", "lstm": "✗", "gru": "✗"}

    def test_a_constant_is_not_said_to_remember(self):
        marks = dict(examine(changed(lambda y, cell: 0 * y + 1), FORCED).table)
        assert set(marks["remembers nothing between calls"].values()) == {"·"}

    def test_a_missing_docstring_is_the_last_claim(self):
        def undocumented(*arguments):
            return decoder_forward_teacher_forcing(*arguments)

        failure = examine(undocumented, FORCED).failure
        assert failure.claim == "its docstring begins with what it is for"

    @pytest.mark.parametrize("change", [lambda y, cell: y, lambda y, cell: y.astype(np.float32)])
    def test_a_right_answer_passes_all_checks(self, change):
        report = examine(changed(change), FORCED)
        assert report.failure is None
        assert "all 14 checks pass" in as_text(report)

    def test_a_slow_right_answer_is_not_called_wrong(self, monkeypatch):
        monkeypatch.setattr(checking, "BUDGET_S", 0.0)
        report = examine(changed(lambda y, cell: y), FORCED)
        assert report.failure is None
        assert "Not looked at: the other checks" in as_text(report)

    def test_what_a_function_prints_is_not_repeated(self, capsys):
        examine(changed(lambda y, cell: print("here") or y), FORCED)
        assert capsys.readouterr().out == ""

    def test_html_tells_marks_and_picture_in_words(self):
        html = as_html(examine(wrong_answers.feeds_the_current_token, FORCED))
        assert 'aria-label="does not hold"' in html
        assert 'alt="Heat map of the expected numbers' in html
        assert "first differs at step 1" in html

    def test_check_prints_text_in_plain_python(self, capsys):
        checks.check(decoder_forward_teacher_forcing)
        assert capsys.readouterr().out.startswith(f"{FORCED}: all 14 checks pass")


@pytest.mark.usefixtures("with_banks")
class TestScheduledSampling:
    @pytest.mark.parametrize(
        ("name", "claim"),
        [
            ("inverted_coin", "sampling_prob = 0 is teacher forcing"),
            ("always_own", "sampling_prob = 0 is teacher forcing"),
            ("never_own", "sampling_prob = 1 is free running"),
            ("mixes_the_two", "in between each input is one of the two"),
            ("squared", "the model's token comes with sampling_prob"),
            ("one_coin_a_sequence", "no coin knows of another"),
        ],
    )
    def test_a_known_mistake_fails_its_claim_by_name(self, name, claim):
        function = wrong_answers.SCHEDULED_SAMPLING[name]
        failure = examine(function, SAMPLED).failure
        assert failure.claim == claim
        assert failure.cause == f"{name} is what you did."

    @pytest.mark.parametrize("name", ["inverted_coin", "always_own", "never_own"])
    def test_the_numbers_that_are_told_are_those_that_are_drawn(self, name):
        report = examine(wrong_answers.SCHEDULED_SAMPLING[name], SAMPLED)
        row = int(re.match(r"row (\d+)", report.failure.finding)[1])
        told = re.search(r"expected \[(.*)\]\ngot +\[(.*)\]", report.failure.finding)
        drawn = (report.picture.target[row], report.picture.own[row])
        for said, numbers in zip(told.groups(), drawn, strict=True):
            assert np.allclose(np.array(said.split(), float), numbers, atol=1e-4)

    @pytest.mark.parametrize("name", ["seeded_inside", "alternation", "drifting"])
    def test_coins_that_are_not_chance_are_refused(self, name):
        function = wrong_answers.SCHEDULED_SAMPLING[name]
        assert examine(function, SAMPLED).failure.cause == f"{name} is what you did."

    def test_a_right_answer_passes_all_checks(self):
        report = examine(decoder_forward_scheduled_sampling, SAMPLED)
        assert report.failure is None, as_text(report)

    def test_a_check_calls_a_right_answer_a_few_hundred_times(self):
        """Each call is a few tenths of a millisecond, so a check is an answer at once."""
        calls = 0

        def counted(*given, **named):
            nonlocal calls
            calls += 1
            return decoder_forward_scheduled_sampling(*given, **named)

        examine(counted, SAMPLED)
        assert 100 < calls < 600


def test_a_function_of_no_exercise_is_told_what_there_is(capsys):
    checks.check(len)
    assert "No exercise asks for a function named len. There are: rnn_cell_step" in (
        capsys.readouterr().out
    )


def test_where_telling_fails_the_check_goes_on_and_says_so(monkeypatch):
    def fails(answer):
        raise IndexError("no such row")

    monkeypatch.setattr(checking, "explain", fails)
    with pytest.warns(UserWarning, match=r"not yours \(IndexError: no such row\)"):
        report = examine(lambda x_t, h_prev, params: h_prev + 1, "rnn_cell_step")
    assert report.failure is not None
    assert report.failure.cause == ""


def test_every_exercise_has_probes_claims_and_a_beginning():
    claimed, begun = table("claims", "CLAIMS"), table("claims", "BEGIN")
    assert set(claimed) == set(begun) == set(table("probes", "PROBES"))


def test_importing_checks_imports_no_matplotlib_and_no_ipython():
    code = (
        "import sys, course.checks; "
        "print(sorted({'matplotlib', 'IPython', 'course.engine'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
