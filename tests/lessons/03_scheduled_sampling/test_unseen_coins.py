"""Wrong answers to lesson 3 that no list foresaw: each is told in words that show the line."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest
import sampling_answers
import schedule_answers
from some import some_quick

from course.checks.cells.tallies import Throws
from course.checks.dashboard.checking import examine
from course.checks.known.answer import Answer
from course.checks.known.bank import load_bank
from course.checks.known.coins import sampling
from course.checks.known.coins.throws import unfair
from course.checks.known.diagnosis import explain
from course.checks.known.fingerprint import fingerprint
from course.checks.known.inputs import carried, lens
from course.checks.known.inputs.fed import near, one_hot
from course.checks.known.probes import probes_of
from course.checks.known.schedules import tables
from course.checks.known.schedules.formulas import RIGHT_WORDS
from course.checks.known.schedules.words import finding

LESSON = "03_scheduled_sampling"
SAMPLED, SCHEDULE = "decoder_forward_scheduled_sampling", "scheduled_sampling_prob"
READINGS = {probe.group: probe for probe in probes_of(SAMPLED) if probe.aspect == "coins"}
RIGHT = sampling_answers.Slip("right", {}, "")


def told(function, function_name):
    """Return all that is said of a function: names, sentences, nothing of the claims."""
    return told_of(seen_of(function, function_name))


def seen_of(function, function_name):
    """Return a function with what its probes showed."""
    bank = load_bank(function_name, LESSON)
    return Answer(function, fingerprint(function, function_name, 60.0), bank)


def told_of(answer):
    return " | ".join(f"[{one.name}] {one.sentence}" for one in explain(answer))


@functools.cache
def seen_of_coins(name):
    """Return a slip's answer, whose probes are made once for all that is asked of it."""
    (slip,) = (slip for slip in sampling_answers.COINS if slip.name == name)
    return seen_of(slip.function(), SAMPLED)


def read(function, cell_type="rnn"):
    return READINGS[cell_type].observe(function, READINGS[cell_type].arguments)


def read_of_coins(name):
    return seen_of_coins(name).seen[READINGS["rnn"].key]


#: What is said of an input or a coin by the reading alone; the rest shows in plainer calls.
READ = [slip for slip in sampling_answers.COINS if slip.name != "few_random_numbers"]


@pytest.mark.sampled(one_in=3)
@pytest.mark.parametrize("slip", some_quick(READ, 9), ids=[slip.name for slip in READ])
def test_coins_are_told_by_what_was_measured(slip):
    seen = read_of_coins(slip.name)
    assert seen.kind != sampling.FAIR
    assert "Part" not in seen.raw.said
    assert re.search(r"\d|every|Once|hung|exactly", seen.raw.said)


@pytest.mark.sampled(one_in=3)
@pytest.mark.slow(seconds=90)
@pytest.mark.parametrize("slip", sampling_answers.COINS, ids=lambda slip: slip.name)
def test_a_slip_in_the_coins_is_named_or_told_and_never_misnamed(slip):
    said = told_of(seen_of_coins(slip.name))
    assert re.search(slip.says, said), said
    assert not re.search(slip.never, said), said


@pytest.mark.sampled(one_in=3)
@pytest.mark.slow
@pytest.mark.parametrize("slip", sampling_answers.OWN[:30], ids=lambda slip: slip.name)
def test_what_is_fed_in_place_of_a_token_is_named_or_told(slip):
    if slip.name in ("one_hot_too_large", "last_of_equals"):
        pytest.skip("the claim that fails says it")
    said = told(slip.function(), SAMPLED)
    assert re.search(slip.says, said), said
    assert not re.search(slip.never, said), said


@pytest.mark.sampled(one_in=3)
@pytest.mark.parametrize("slip", schedule_answers.SLIPS, ids=lambda slip: slip.name)
def test_a_slip_in_a_schedule_is_named_or_told_and_never_misnamed(slip):
    said = told(slip.function(), SCHEDULE)
    if slip.name in ("sigmoid_nan", "unknown_is_keyerror", "unknown_is_notimplemented"):
        assert not re.search(slip.never, said)  # the claim that fails says the rest
        return
    assert re.search(slip.says, said), said
    assert not re.search(slip.never, said), said


def test_right_schedules_are_as_due():
    right = schedule_answers.Slip("right", {}, "").function()
    for name in RIGHT_WORDS:
        assert tables.table(right, lambda name=name: (name,)).kind == tables.AS_DUE
    assert told(right, SCHEDULE) == ""


@pytest.mark.sampled(one_in=3)
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "squared", "tenths", "dice", "sticky", "markov", "seeded", "confidence", "normal",
        "by_chance_where_confident", "by_chance_where_it_leads", "rounded_random_number",
    ],
)  # fmt: skip
def test_coins_have_the_same_kind_at_each_reading(name):
    function = seen_of_coins(name).function
    kinds = {read(function).kind for _ in range(3)}
    assert kinds == {read_of_coins(name).kind}


@pytest.mark.parametrize("cell_type", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_input_is_read_as_it_was_fed(cell_type, dtype, rng):
    right = RIGHT.function()
    context, targets, params = lens.lens(cell_type, 40)
    single = {key: array.astype(dtype) for key, array in params.items()}
    logits = np.array(
        [right(context.astype(dtype), targets.astype(dtype), single, 0.5, cell_type)] * 2, float
    )
    fed = lens.inputs_of(logits, params, cell_type)
    own = near(fed[:, 1:], one_hot(logits[:, :-1].argmax(axis=2)))
    true = near(fed[:, 1:], targets[:-1])
    assert (own ^ true).all()
    assert near(fed[:, 0], params["x_start"]).all()


@pytest.mark.parametrize("cell_type", ["rnn", "lstm", "gru"])
def test_right_coins_are_fair_and_the_state_is_carried_on(cell_type):
    right = RIGHT.function()
    assert read(right, cell_type).kind == sampling.FAIR
    assert carried.carried(right, lambda: (cell_type, 12, 0.5, 10)).kind == carried.CARRIED


@pytest.mark.slow
def test_fair_coins_are_never_called_unfair():
    """Each test's bounds are left with less than 1e-10: none of 300 readings may be."""
    draw = np.random.default_rng(11)
    for _ in range(300):
        thrown = {
            p: Throws(
                (draw.random((n, 59)) < p).astype(int),
                draw.random((n, 59)),
                draw.random((n, 59)) < 0.5,
            )
            for p, n in ((0.0, 18), (1.0, 18), (0.75, 36), (0.3, 36), (0.04, 30))
        }
        assert unfair(thrown) is None


def test_a_coin_that_fails_once_in_a_hundred_times_at_zero_is_told_as_that():
    seen = read_of_coins("integers_le")
    assert seen.kind == "fails at 0"
    assert re.search(r"At sampling_prob = 0 the own token was fed in \d+ of 1062", seen.raw.said)


def test_a_table_says_which_step_and_which_numbers():
    slip = schedule_answers.Slip("", {"sigmoid": "k / (k + math.exp(min(step / k, 3)))"}, "")
    seen = tables.table(slip.function(), lambda: ("inverse_sigmoid",))
    assert re.search(
        r"step \d+ with k = [\d.]+ it gave [\d.]+; .* is [\d.e-]+ there, so the result "
        r"should be [\d.]+",
        finding(seen.raw),
        re.IGNORECASE,
    )


@pytest.mark.sampled(one_in=3)
@pytest.mark.parametrize("slip", some_quick(schedule_answers.SLIPS, 9), ids=lambda slip: slip.name)
def test_a_check_of_a_wrong_schedule_says_what_came(slip):
    assert examine(slip.function(), SCHEDULE).failure.finding


def test_a_check_of_a_schedule_says_which_step_and_which_numbers():
    slip = schedule_answers.Slip("", {"linear": "max(eps_min, k - c * step**1.1)"}, "")
    failure = examine(slip.function(), SCHEDULE).failure
    assert failure.finding == (
        "step 2 is the first that differs, with k = 1, c = 0.01 and eps_min = 0: expected 0.02, "
        "got 0.02144"
    )


def test_a_schedule_that_remembers_is_told_so_after_its_memory_is_full_too():
    slots = {"after": "eps = kept['eps'] = min(max(eps, 0.0), kept.get('eps', 1.0))"}
    function = schedule_answers.Slip("", slots, "").function()
    assert "equal calls gave different results" in told(function, SCHEDULE)
    later = told(function, SCHEDULE)
    assert re.search("same number, 1, for all schedules.* kept between calls", later)
    assert "whatever the step" not in later


@pytest.mark.parametrize("cell_type", ["lstm", "gru"])
def test_nothing_is_said_of_the_inputs_of_a_cell_with_a_slip_in_it(cell_type):
    function = sampling_answers.Slip("", {}, "").function()
    steps = function.__globals__["STEPS"]

    def turned(x, *states_and_params):
        *states, params = states_and_params
        H = len(states[0])
        order = np.r_[H : 2 * H, :H, 2 * H : len(params["b_xh"])]
        return steps[cell_type](
            x,
            *states,
            {**params, **{key: params[key][order] for key in ("W_xh", "W_hh", "b_xh", "b_hh")}},
        )

    function.__globals__["STEPS"] = {**steps, cell_type: turned}
    said = told(function, SAMPLED)
    assert re.search("order|exchange|swap", said), said
    assert not re.search("Step 0|no chance|no influence|was fed", said), said


def test_the_truth_is_not_missed_where_it_is_never_fed():
    slots = {"own": "np.eye(O)[(np.argmax(logits[t - 1]) + (t == 3)) % O] if t else None"}
    said = told(sampling_answers.Slip("", slots, "").function(), SAMPLED)
    assert said
    assert "target_seq has no influence" not in said
