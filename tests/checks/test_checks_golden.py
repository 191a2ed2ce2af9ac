"""Golden files are made the same each time, read back as they were, and hold no solution."""

import random
from dataclasses import replace

import numpy as np
import pytest
import wrong_answers
from answers import decoder_forward_teacher_forcing, scheduled_sampling_prob
from some import some_quick

from course.checks.known import probes
from course.checks.known.bank import SHARES, load_bank, read_banks
from course.checks.known.diagnosis import diagnose
from course.checks.known.features import alike
from course.checks.known.lessons import FOLDER, table
from course.checks.known.probes import Probe
from course.lessons import LessonError, course_root, find_lessons, solution_namespace
from course.lessons.misconceptions import Misconception, misconceptions
from course.maintain.build import same_content
from course.maintain.chance import seeded_chance, true_chance
from course.maintain.composed import wrong_function
from course.maintain.golden import (
    look_over,
    right_features,
    write_banks,
    write_npz,
    wrong_features,
)

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


def test_what_is_listed_for_a_function_that_the_lesson_does_not_ask_for_is_refused():
    asked, *_ = LESSONS[-1].functions
    with pytest.raises(LessonError, match=rf"PROBES in .* names '\w+'; the notebook has: {asked}$"):
        look_over(replace(LESSONS[-1], functions=(asked,)))


def test_a_mistake_that_breaks_a_test_which_the_lesson_does_not_have_is_refused():
    cells = tuple(cell for cell in LESSONS[-1].cells if cell.role != "test")
    with pytest.raises(LessonError, match=r"what \w+ of .* breaks names '\w+'"):
        look_over(replace(LESSONS[-1], cells=cells))


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


@pytest.mark.slow(seconds=50)
def test_banks_are_read_back_as_they_were(tmp_path, made_banks):
    write_banks(tmp_path / "lesson", made_banks)
    read = read_banks(tmp_path / "lesson.json")
    for name, bank in made_banks.items():
        assert [one.name for one in read[name].mistakes] == [one.name for one in bank.mistakes]
        for key, feature in bank.right.items():
            assert alike(read[name].right[key], feature)


def test_what_was_computed_in_float32_is_kept_as_float32():
    """Its last digits are another processor's own; whoever compares files sees it by the type."""
    single = {
        name
        for path in FOLDER.glob("*/golden.npz")
        for name, array in np.load(path).items()
        if array.dtype == np.float32
    }
    assert len(single) > 300
    kept = [
        name for path in FOLDER.glob("*/golden.npz") for name in np.load(path) if "float32" in name
    ]
    assert {name for name in kept if not name.endswith(SHARES)} <= single


def _moved(array):
    """Return an array moved by one unit in the last place of float32; what is no float32 stays."""
    with np.errstate(over="ignore"):
        single = array.astype(np.float32)
    above = np.nextafter(single, np.float32(np.inf)).astype(array.dtype)
    return np.where(np.isfinite(single), above, array)


@pytest.mark.slow
def test_golden_files_moved_by_one_unit_in_the_last_place_of_float32_are_fresh(tmp_path):
    for path in FOLDER.glob("*/golden.npz"):
        with np.load(path) as arrays:
            moved = {name: _moved(array) for name, array in arrays.items()}
        write_npz(tmp_path / path.name, moved)
        assert same_content(path, tmp_path / path.name)
        name = next(name for name, array in moved.items() if array.size)
        write_npz(tmp_path / path.name, {**moved, name: moved[name] + 1e-3})
        assert not same_content(path, tmp_path / path.name)


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


KINDS = {
    "default_rng": lambda *seed: np.random.default_rng(*seed).random(),
    "RandomState": lambda *seed: np.random.RandomState(*seed).rand(),
    "Generator": lambda *seed: np.random.Generator(np.random.PCG64(*seed)).random(),
    "Philox": lambda *seed: np.random.Generator(np.random.Philox(*seed)).random(),
    "Random": lambda *seed: random.Random(*seed).random(),
    "global": lambda *seed: (np.random.seed(*seed), np.random.rand())[1],  # noqa: NPY002
    "Python's": lambda *seed: (random.seed(*seed), random.random())[1],
}


SEEDS = ((), (3,), ([1, 2],))


@pytest.mark.parametrize(
    ("kind", "seed"),
    # Python's own takes no list.
    [(kind, seed) for kind in KINDS for seed in SEEDS[: 2 if kind.startswith(("R", "Py")) else 3]],
)
def test_every_kind_of_generator_repeats_itself_by_the_salt(kind, seed):
    throw = KINDS[kind]
    with seeded_chance(0):
        first = throw(*seed)
    with seeded_chance(0):
        assert throw(*seed) == first
    with seeded_chance(1):
        assert throw(*seed) != first


@pytest.mark.parametrize("kind", KINDS)
def test_a_probes_arguments_are_those_that_learners_are_asked_with(kind, monkeypatch):
    """A mistake that the probe sees is known by it, whatever makes the probe's numbers."""

    def arguments():
        return (100 * KINDS[kind](5),)

    with true_chance():
        asked = arguments()
    probe = Probe("", "values", "seeded", arguments)
    monkeypatch.setitem(table("probes", "PROBES"), "f", lambda: iter([probe]))
    probes.probes_of.cache_clear()
    right = right_features(lambda x: np.array([x]), "f")
    wrong = wrong_features(lambda: lambda x: np.array([-x]), "f", right)
    assert right["/values/seeded"].values == asked
    assert -wrong["/values/seeded"].values == asked


@pytest.mark.parametrize("shared", [np.random.Generator(np.random.PCG64(5)), random.Random(5)])
def test_a_probe_whose_arguments_differ_from_call_to_call_is_refused(shared, monkeypatch):
    probe = Probe("", "values", "shared", lambda: (shared.random(),))
    monkeypatch.setitem(table("probes", "PROBES"), "f", lambda: iter([probe]))
    probes.probes_of.cache_clear()
    with pytest.raises(LessonError, match=r"'/values/shared' of f has other arguments at each"):
        right_features(lambda x: x, "f")


def test_a_coin_that_hangs_on_a_seed_is_known_without_its_values(made_banks):
    bank = made_banks["decoder_forward_scheduled_sampling"]
    (seeded,) = (one for one in bank.mistakes if one.name == "seeded_inside")
    assert seeded.features["rnn/coins/inputs"].kind == "same in each call"
    assert seeded.features["rnn/coins/inputs"].values is None


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


@pytest.mark.sampled(one_in=2)
@pytest.mark.parametrize("lesson", some_quick(LESSONS), ids=[lesson.id for lesson in LESSONS])
def test_every_misconception_of_a_lesson_is_known_by_its_outputs(lesson):
    for one in misconceptions(lesson):
        found = [
            each.name for each in diagnose(wrong_function(lesson, one), one.function, lesson.id)
        ]
        assert one.name in found, f"{one.name} was taken for {found}"


def test_a_golden_file_holds_no_solution():
    for path in FOLDER.glob("*/golden.json"):
        text = path.read_text(encoding="utf-8")
        assert "def " not in text
        assert "import " not in text
