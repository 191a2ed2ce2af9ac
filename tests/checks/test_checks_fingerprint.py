"""A function is known by its outputs: mistakes by name, right answers by none."""

import random
import re
import secrets
from importlib.util import find_spec

import numpy as np
import pytest
import wrong_answers
from answers import (
    decoder_forward_scheduled_sampling,
    decoder_forward_teacher_forcing,
    decoder_with_coins,
)

from course.checks import known
from course.checks.known import diagnosis
from course.checks.known.answer import Answer
from course.checks.known.diagnosis import diagnose, match
from course.checks.known.fingerprint import fingerprint

FORCED = "decoder_forward_teacher_forcing"
SAMPLED = "decoder_forward_scheduled_sampling"


@pytest.mark.parametrize("name", wrong_answers.TEACHER_FORCING)
def test_a_known_mistake_of_teacher_forcing_is_named(with_banks, name):
    found = diagnose(wrong_answers.TEACHER_FORCING[name], FORCED)
    assert [one.name for one in found] == [name]
    assert found[0].sentence == f"{name} is what you did."
    assert found[0].where == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", wrong_answers.SCHEDULED_SAMPLING)
def test_a_known_mistake_of_scheduled_sampling_is_named(with_banks, name):
    found = diagnose(wrong_answers.SCHEDULED_SAMPLING[name], SAMPLED)
    assert found[0].name == name


def test_any_seed_inside_is_the_same_mistake(with_banks):
    assert diagnose(wrong_answers.seeded_otherwise, SAMPLED)[0].name == "seeded_inside"


def test_a_mistake_in_one_cell_is_named_with_the_cell(with_banks):
    def wrong_for_gru(context, targets, params, cell_type="rnn"):
        wrong = cell_type == "gru"
        decoder = (
            wrong_answers.feeds_the_current_token if wrong else decoder_forward_teacher_forcing
        )
        return decoder(context, targets, params, cell_type)

    (found,) = diagnose(wrong_for_gru, FORCED)
    assert (found.name, found.where) == ("feeds_the_current_token", ())
    assert found.aspects == {
        f"gru/{what}" for what in ("values", "long", "float32", "large", "zeros")
    }


def test_two_mistakes_in_two_cells_are_both_named(with_banks):
    def wrong_twice(context, targets, params, cell_type="rnn"):
        decoder = {
            "rnn": decoder_forward_teacher_forcing,
            "lstm": wrong_answers.starts_with_zeros,
            "gru": wrong_answers.feeds_the_current_token,
        }[cell_type]
        return decoder(context, targets, params, cell_type)

    found = {one.name: one.where for one in diagnose(wrong_twice, FORCED)}
    assert found["starts_with_zeros"] == ("lstm",)
    assert found["feeds_the_current_token"] == ("gru",)


def divides_by_zero(*arguments):
    return 1 / 0


def gives_text(*arguments):
    return "logits"


def gives_lists_of_no_shape(*arguments):
    return [[1.0], [2.0, 3.0]]


def gives_noise(context, targets, *rest):
    return np.random.default_rng().normal(size=(len(targets), 3))


@pytest.mark.parametrize(
    "function", [divides_by_zero, gives_text, gives_lists_of_no_shape, gives_noise]
)
@pytest.mark.parametrize("name", [FORCED, SAMPLED])
def test_an_unknown_mistake_has_no_known_name_and_no_exception(with_banks, function, name):
    known = {mistake.name for mistake in with_banks[name].mistakes}
    values = [one for one in diagnose(function, name) if any("values" in a for a in one.aspects)]
    assert known.isdisjoint(one.name for one in values)


def test_a_drift_that_is_not_known_is_not_taken_for_sampled_tokens():
    found = [one.name for one in diagnose(wrong_answers.drifting, SAMPLED)]
    assert "samples_its_own_token" not in found
    assert "feeds_a_random_token" not in found


def test_an_unwritten_function_has_no_mistake(with_banks):
    def unwritten(*arguments):
        raise NotImplementedError

    assert diagnose(unwritten, FORCED) == []


def test_a_function_that_returns_nothing_is_told_so_and_no_more(with_banks):
    (found,) = diagnose(lambda *arguments: None, FORCED)
    assert (found.name, found.where) == ("returns_nothing", ())


def test_a_function_of_no_exercise_has_no_mistake(with_banks):
    assert diagnose(print, "print") == []


def test_a_right_answer_has_no_mistake(with_banks):
    assert diagnose(decoder_forward_teacher_forcing, FORCED) == []
    assert diagnose(decoder_forward_scheduled_sampling, SAMPLED) == []


def test_float32_inside_is_right(with_banks):
    def single(context, targets, params, *rest):
        params = {key: array.astype(np.float32) for key, array in params.items()}
        return decoder_forward_scheduled_sampling(
            context.astype(np.float32), targets.astype(np.float32), params, *rest
        )

    assert diagnose(single, SAMPLED) == []


def with_five_parameters(throw):
    """Return a scheduled sampling of five parameters whose uniform numbers are ``throw()``."""

    def decoder(context, targets, params, sampling_prob, cell_type="rnn"):
        if not 0 <= sampling_prob <= 1:
            raise ValueError("sampling_prob must be in [0, 1]")
        coins = [throw() < sampling_prob for _ in range(len(targets) - 1)]
        return decoder_with_coins(coins, context, targets, params, cell_type)

    return decoder


@pytest.mark.slow
@pytest.mark.parametrize(
    "throw",
    [
        lambda: np.random.rand(),  # noqa: NPY002
        random.random,
        random.SystemRandom().random,
        lambda: secrets.randbelow(2**53) / 2**53,
        np.random.default_rng(1).random,
    ],
)
def test_chance_may_come_from_anywhere(with_banks, throw):
    assert diagnose(with_five_parameters(throw), SAMPLED) == []


def test_no_generator_is_touched(with_banks):
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    diagnose(decoder_forward_scheduled_sampling, SAMPLED)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_slow_function_is_not_asked_for_all(with_banks):
    found = fingerprint(decoder_forward_scheduled_sampling, SAMPLED, budget_s=0.0)
    assert len(found.features) == 1
    assert match(Answer(decoder_forward_scheduled_sampling, found, with_banks[SAMPLED])) == []


def test_the_map_of_what_is_known_is_true():
    named = re.findall(r"(?<!`)`(\w+\.\w+)`(?!`)", known.__doc__)
    tellers = re.findall(r"^\d+\. `(telling\.\w+)`", known.__doc__, re.MULTILINE)
    asked = [*diagnosis.OF_WHAT_WAS_SEEN, diagnosis.of_properties]
    assert [f"course.checks.known.{one}" for one in tellers] == [one.__module__ for one in asked]
    for one in named:
        assert find_spec(f"course.checks.known.{one}"), one
