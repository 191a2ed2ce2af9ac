"""A known mistake is named for what it explains: what denies it, or fits as well, is told too."""

import numpy as np
import pytest

from course.checks.known.answer import Answer
from course.checks.known.bank import load_bank
from course.checks.known.diagnosis import diagnose
from course.checks.known.fingerprint import Fingerprint
from course.checks.known.telling.mistakes import of_known_mistakes
from course.lessons import course_root, find_lessons, solution_namespace

FORCED = "decoder_forward_teacher_forcing"
(LESSON,) = (one for one in find_lessons(course_root() / "source") if one.name == "teacher_forcing")
RIGHT = solution_namespace(LESSON)


def decoder(forgets, gru=RIGHT["gru_cell_step"]):
    """Return a decoder that gives the cells in `forgets` the context at each step."""

    def forward(context_vector, target_seq, decoder_params, cell_type="rnn"):
        steps = {"rnn": RIGHT["rnn_cell_step"], "gru": gru}
        if cell_type not in (*steps, "lstm"):
            raise ValueError(cell_type)
        h, c = context_vector, 0 * context_vector
        x, rows = decoder_params["x_start"], []
        for token in target_seq:
            h = context_vector if cell_type in forgets else h
            if cell_type == "lstm":
                h, c = RIGHT["lstm_cell_step"](x, h, c, decoder_params)
            else:
                h = steps[cell_type](x, h, decoder_params)
            rows.append(decoder_params["W_hy"] @ h + decoder_params["b_y"])
            x = token
        return np.array(rows).reshape(-1, len(decoder_params["b_y"]))

    return forward


def told(forward):
    found = diagnose(forward, FORCED, LESSON.id)
    return next(one for one in found if one.name == "goes_back_to_the_context_at_every_step")


def test_a_mistake_that_all_cells_show_is_told_as_it_is():
    assert told(decoder(("rnn", "lstm", "gru"))).sentence.startswith("You gave each step")


def test_a_cell_that_is_right_is_named_beside_a_mistake_of_others():
    said = told(decoder(("lstm", "gru"))).sentence
    assert said.startswith("What 'gru' and 'lstm' give fits this: You gave each step")
    assert "With 'rnn' numbers are right" in said


def test_a_cell_that_is_wrong_in_another_way_is_named_beside_a_mistake_of_others():
    def half(x_t, h_prev, params):
        return 0.5 * RIGHT["gru_cell_step"](x_t, h_prev, params)

    said = told(decoder(("rnn", "lstm", "gru"), half)).sentence
    assert "What 'lstm' and 'rnn' give fits this" in said
    assert "With 'gru' other numbers came than this alone gives" in said


@pytest.mark.parametrize(
    ("function_name", "names"),
    [
        (
            "gru_cell_step",
            {"gru_overflows_in_its_own_tanh", "gru_overflows_in_its_own_sigmoid"},
        ),
        ("path_star", {"asks_for_a_label_too_many", "counts_the_centre_in_each_arm"}),
    ],
)
def test_mistakes_that_fit_alike_are_told_as_one_of_them(function_name, names):
    bank = load_bank(function_name)
    sentences = {one.sentence for one in bank.mistakes if one.name in names}
    for mistake in (one for one in bank.mistakes if one.name in names):
        seen = Fingerprint(function_name, {**bank.right, **mistake.features})
        found = of_known_mistakes(Answer(None, seen, bank), [])
        assert {one.name for one in found} == names
        assert all(sentence in one.sentence for one in found for sentence in sentences)
        assert all(one.sentence.count(" Or: ") == len(sentences) - 1 for one in found)
