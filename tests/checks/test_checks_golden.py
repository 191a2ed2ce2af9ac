"""Golden files are made the same each time, read back as they were, and hold no solution."""

import random

import numpy as np
import pytest
import wrong_answers
from answers import decoder_forward_teacher_forcing, scheduled_sampling_prob

from course.checks.bank import FOLDER, load_bank, read_banks
from course.checks.composed import wrong_function
from course.checks.features import Feature, alike
from course.checks.fingerprint import diagnose
from course.checks.golden import (
    read_misconceptions,
    right_features,
    seeded_chance,
    write_banks,
    write_npz,
)
from course.checks.misconception import Misconception
from course.lessons import course_root, find_lessons, solution_namespace

LESSONS = find_lessons(course_root() / "source")


def misconception(**changes):
    about = {
        "name": "adds",
        "function": "f",
        "sentence": "Multiply.",
        "changes": {"a * b": "a + b"},
        "breaks": ("multiplies",),
    }
    return Misconception(**{**about, **changes})


def test_a_text_that_is_not_there_once_is_refused():
    with pytest.raises(ValueError, match=r"occurs 0 times"):
        misconception().apply("return a - b")
    with pytest.raises(ValueError, match=r"occurs 2 times"):
        misconception().apply("a * b * a * b")


def test_changes_that_overlap_are_refused():
    overlapping = misconception(changes={"a * b": "a", "b + c": "c"})
    with pytest.raises(ValueError, match=r"overlaps another change"):
        overlapping.apply("a * b + c")


def test_all_changes_are_made_at_once():
    swap = misconception(changes={"x = 1": "x = 2", "y = 2": "x = 1"})
    assert swap.apply("x = 1; y = 2") == "x = 2; x = 1"


@pytest.mark.parametrize("need", ["sentence", "changes", "breaks"])
def test_a_misconception_without_its_parts_is_refused(need):
    with pytest.raises(ValueError, match=f"adds has no {need}"):
        misconception(**{need: ()})


def test_a_name_of_no_words_is_refused():
    with pytest.raises(ValueError, match=r"words_with_underscores"):
        misconception(name="feeds the token")


def test_the_same_arrays_are_the_same_bytes(tmp_path):
    arrays = {"b": np.arange(3.0), "a": np.ones((2, 2))}
    write_npz(tmp_path / "one.npz", arrays)
    write_npz(tmp_path / "two.npz", dict(reversed(arrays.items())))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz") as read:
        np.testing.assert_array_equal(read["b"], arrays["b"])


def test_banks_are_read_back_as_they_were(tmp_path, made_banks):
    write_banks(tmp_path / "lesson", made_banks)
    read = read_banks(tmp_path / "lesson.json")
    for name, bank in made_banks.items():
        assert [one.name for one in read[name].mistakes] == [one.name for one in bank.mistakes]
        for key, feature in bank.right.items():
            assert alike(read[name].right[key], feature)


def test_chance_repeats_itself_only_while_it_is_seeded():
    def throw():
        return np.random.default_rng().random(), np.random.rand(), random.random()  # noqa: NPY002

    with seeded_chance(0):
        first = throw()
    with seeded_chance(0):
        assert throw() == first
    with seeded_chance(1):
        assert not set(throw()) & set(first)
    assert throw() != first
    assert np.random.default_rng(3).random() == np.random.default_rng(3).random()


def test_a_coin_that_hangs_on_a_seed_is_known_without_its_values(made_banks):
    bank = made_banks["decoder_forward_scheduled_sampling"]
    (seeded,) = (one for one in bank.mistakes if one.name == "seeded_inside")
    assert seeded.features["rnn/values/coins"] == Feature("constant")


def test_the_right_answers_of_this_folder_are_those_of_the_lessons():
    """The stand-ins are written from the contract, the golden files from the lessons."""
    for function in (decoder_forward_teacher_forcing, scheduled_sampling_prob):
        bank = load_bank(function.__name__)
        found = right_features(function, function.__name__)
        assert all(alike(found[key], known) for key, known in bank.right.items())
    assert diagnose(wrong_answers.swaps_the_update_gate, "gru_cell_step")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_right_answer_of_a_lesson_has_no_mistake(lesson):
    solution = solution_namespace(lesson)
    for name in lesson.functions:
        assert diagnose(solution[name], name, lesson.id) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_misconception_of_a_lesson_is_known_by_its_outputs(lesson):
    for one in read_misconceptions(lesson):
        found = [
            each.name for each in diagnose(wrong_function(lesson, one), one.function, lesson.id)
        ]
        assert one.name in found, f"{one.name} was taken for {found}"


def test_a_golden_file_holds_no_solution():
    for path in FOLDER.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert "def " not in text
        assert "import " not in text
