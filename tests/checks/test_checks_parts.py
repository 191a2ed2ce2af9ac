"""Of results of several parts is told which part is wrong, and how it is made of what is right."""

import itertools
import random

import numpy as np
import pytest

from course.checks.known.diagnosis import diagnose
from course.lessons import course_root, find_lessons, solution_namespace
from course.lessons.misconceptions import misconceptions

(LESSON,) = (one for one in find_lessons(course_root() / "source") if one.name == "training")
RIGHT = solution_namespace(LESSON)


def sentences(function, name):
    return [one.sentence for one in diagnose(function, name, LESSON.id)]


def backward_with(change):
    def backward(context_vector, fed, decoder_params, d_logits):
        gradients, d_context = RIGHT["rnn_decoder_backward"](
            context_vector, fed, decoder_params, d_logits
        )
        return change(gradients, max(len(fed), 1)), d_context

    return backward


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda g, n: g | {"W_xh": 0 * g["W_xh"]}, "Wrong: W_xh, zero throughout. Right: W_hh, "),
        (lambda g, n: g | {"b_y": 3 * g["b_y"]}, "Wrong: b_y, 3 times what is right. Right: W_hh"),
        (lambda g, n: g | {"b_y": -g["b_y"]}, "Wrong: b_y, right but for the sign."),
        (lambda g, n: g | {"b_y": g["b_y"] / n}, "b_y, as many times too small as there are steps"),
        (lambda g, n: g | {"b_y": g["b_y"] * n}, "b_y, as many times too large as there are steps"),
        (lambda g, n: g | {"b_y": g["b_y"] * np.inf}, "b_y, no finite number"),
    ],
)
def test_a_part_is_told_by_how_it_is_made_of_the_right_one(change, said):
    (sentence,) = sentences(backward_with(change), "rnn_decoder_backward")
    assert said in sentence


def test_nothing_is_told_of_numbers_that_are_made_in_no_known_way():
    wrong = backward_with(lambda g, n: g | {"W_xh": np.tanh(g["W_xh"]) + 1})
    assert sentences(wrong, "rnn_decoder_backward") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda g, n: {f"d_{key}": one for key, one in g.items()}, "the key 'W_hh' is missing"),
        (lambda g, n: {key: one.tolist() for key, one in g.items()}, "W_hh: a NumPy array must"),
        (lambda g, n: list(g.values()), "value 1 of 2: a dict must be returned, a list came back"),
    ],
)
def test_what_is_put_together_in_another_way_is_told(change, said):
    (sentence,) = sentences(backward_with(change), "rnn_decoder_backward")
    assert "below Returns" in sentence
    assert said in sentence


def test_three_parts_are_no_two_states_of_a_cell():
    def one_hot(sequences, end, length):
        inputs, targets, mask = RIGHT["batch_of_sequences"](sequences, end, length)
        return np.eye(9)[inputs], targets, mask

    assert not any("return h, c" in one for one in sentences(one_hot, "batch_of_sequences"))


def test_a_part_that_is_missing_is_told():
    def without_a_mask(sequences, end, length):
        return RIGHT["batch_of_sequences"](sequences, end, length)[:2]

    assert "3 values must be returned" in sentences(without_a_mask, "batch_of_sequences")[0]


def test_lists_that_are_subtracted_are_no_states_of_a_cell():
    def subtracted(a, b):
        if len(a) != len(b) or len(a) == 0:
            raise ValueError("unpaired")
        return (b - a).mean(), 0.0

    (sentence,) = sentences(subtracted, "paired_interval")
    assert "np.array(...) makes one of a list" in sentence


def test_results_that_differ_by_chance_are_told():
    def step(decoder_params, context_vector, tokens, sampling_prob, learning_rate):
        new, loss = RIGHT["training_step"](
            decoder_params, context_vector, tokens, sampling_prob, learning_rate
        )
        return new, loss + np.random.default_rng().random()

    assert "two equal calls give different results" in sentences(step, "training_step")[0]


def test_parts_that_are_missing_are_told_and_nothing_stops():
    said = sentences(lambda *_: (np.zeros(2), np.zeros(2)), "batch_of_sequences")
    assert any("below Returns: 3 values must be returned" in sentence for sentence in said)


MISTAKES = {one.name: one for one in misconceptions(LESSON)}


def with_both(one, other):
    """Return a function with two known mistakes in it; None where both are made in one line."""
    cells = [c for c in LESSON.by_role("answer") if f"def {one.function}(" in c.source]
    source = cells[0].source
    for mistake in (one, other):
        if any(source.count(old) != 1 for old in mistake.changes):
            return None
        source = mistake.apply(source)
    return solution_namespace(LESSON, {cells[0].grade_id: source})[one.function]


@pytest.mark.parametrize(
    ("one", "other", "shows"),
    [
        ("masks_the_end_mark", "puts_minus_one_over_the_targets", "inputs: Behind"),
        ("overwrites_W_hy", "keeps_the_old_error_beside_the_new", " W_hy: You overwrite"),
        ("forgets_b_hh", "returns_the_error_below_the_first_tanh", " d_context: You return"),
        (
            "takes_the_slope_at_the_state_before",
            "feeds_x_start_to_every_step",
            "W_xh differs in another way.",
        ),
        ("walks_forwards_in_time", "forgets_x_start", "x_start differs in another way."),
    ],
)
def test_two_slips_are_told_by_the_parts_that_show_them(one, other, shows):
    mistakes = MISTAKES[one], MISTAKES[other]
    (sentence,) = sentences(with_both(*mistakes), mistakes[0].function)
    assert shows in sentence
    told = [mistake.sentence in sentence for mistake in mistakes]
    assert any(told) if "in another way" in sentence else all(told)


@pytest.mark.parametrize("name", ["rnn_decoder_backward", "batch_of_sequences", "training_step"])
def test_of_two_slips_no_third_one_is_told(name):
    mine = [one for one in MISTAKES.values() if one.function == name]
    pairs = random.Random(2).sample(list(itertools.combinations(mine, 2)), 8)
    for one, other in pairs:
        function = with_both(one, other)
        found = diagnose(function, name, LESSON.id) if function else []
        told = [finding.sentence for finding in found if finding.name == "makes_two_slips"]
        assert all(one.sentence in said or other.sentence in said for said in told), told
