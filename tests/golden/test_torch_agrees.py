"""The instructor's solutions give PyTorch's numbers, and the golden file is of its script."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from torch_files import Arrays, about, golden, script

from course.lessons import Lesson, course_root, find_lessons, solution_namespace

TOLERANCE = {"float64": 1e-6, "float32": 2e-5}  # float32: 40 steps of rounding, sums in any order

LESSONS = find_lessons(course_root() / "source")
CELL_TYPES = ("rnn", "lstm", "gru")
PARAMETERS = ("W_xh", "W_hh", "b_xh", "b_hh", "W_hy", "b_y", "x_start")
SCRIPT, GOLDEN = script("decoder"), golden("decoder")


def cases(cell_type: str, dtype: str) -> dict[str, Arrays]:
    """Cut the golden file into the cases of one cell, inputs in the dtype asked for."""
    found: dict[str, Arrays] = {}
    for key, array in GOLDEN.items():
        if key.startswith(f"{cell_type}/"):
            _, case, name = key.split("/")
            found.setdefault(case, {})[name] = array.astype(dtype)
    return found


@cache
def solutions(lesson_id: str) -> dict[str, Any]:
    return solution_namespace(next(lesson for lesson in LESSONS if lesson.id == lesson_id))


def agree(actual: np.ndarray, case: Arrays, name: str, dtype: str) -> None:
    np.testing.assert_allclose(actual, case[f"{name}_{dtype}"], rtol=0, atol=TOLERANCE[dtype])


def decoder_params(case: Arrays) -> Arrays:
    return {name: case[name] for name in PARAMETERS}


def step_agrees(step: Any, cell_type: str, case: Arrays, dtype: str) -> None:
    state = [case["context_vector"]] + ([case["c_prev"]] if cell_type == "lstm" else [])
    result = step(case["x_start"], *state, decoder_params(case))
    if cell_type == "lstm":
        agree(result[1], case, "step_c", dtype)
        result = result[0]
    agree(result, case, "step_h", dtype)


def decoder_agrees(decoder: Any, cell_type: str, case: Arrays, dtype: str, *chance: float) -> None:
    expected = "free_running" if chance == (1.0,) else "teacher_forcing"
    if f"{expected}_{dtype}" in case:
        context_vector, target_seq = case["context_vector"], case["target_seq"]
        logits = decoder(context_vector, target_seq, decoder_params(case), *chance, cell_type)
        agree(logits, case, expected, dtype)


def free_running_agrees(decoder: Any, cell_type: str, case: Arrays, dtype: str) -> None:
    if f"free_running_{dtype}" in case:
        T = len(case["target_seq"])
        logits = decoder(case["context_vector"], T, decoder_params(case), cell_type)
        agree(logits, case, "free_running", dtype)


def defines(lesson: Lesson, function: str) -> bool:
    cells = [cell for role in ("setup", "answer") for cell in lesson.by_role(role)]
    return any(f"def {function}(" in cell.source for cell in cells)


def per_lesson(defining: str) -> Any:
    """Parametrise over the lessons that are there, with those defining `defining` alone."""
    found = [x.id for x in LESSONS if defines(x, defining)]
    return pytest.mark.parametrize("lesson_id", found)


#: Each cell type, with each lesson that steps it.
STEPS = [(cell, x.id) for x in LESSONS for cell in CELL_TYPES if defines(x, f"{cell}_cell_step")]


both_dtypes = pytest.mark.parametrize("dtype", ["float64", "float32"])
each_cell_type = pytest.mark.parametrize("cell_type", CELL_TYPES)


@both_dtypes
@pytest.mark.parametrize(("cell_type", "lesson_id"), STEPS)
def test_cell_steps_give_the_numbers_of_torch_cells(
    cell_type: str, lesson_id: str, dtype: str
) -> None:
    for case in cases(cell_type, dtype).values():
        step_agrees(solutions(lesson_id)[f"{cell_type}_cell_step"], cell_type, case, dtype)


@both_dtypes
@per_lesson("decoder_forward_teacher_forcing")
@each_cell_type
def test_teacher_forcing_gives_the_numbers_of_torch_modules(
    cell_type: str, lesson_id: str, dtype: str
) -> None:
    decoder = solutions(lesson_id)["decoder_forward_teacher_forcing"]
    for case in cases(cell_type, dtype).values():
        decoder_agrees(decoder, cell_type, case, dtype)


@per_lesson("decoder_forward_scheduled_sampling")
@pytest.mark.parametrize("sampling_prob", [0.0, 1.0])
@each_cell_type
def test_scheduled_sampling_gives_torch_numbers_where_no_chance_is_left(
    cell_type: str, sampling_prob: float, lesson_id: str
) -> None:
    decoder = solutions(lesson_id)["decoder_forward_scheduled_sampling"]
    own = [case for case in cases(cell_type, "float64").values() if "free_running_float64" in case]
    assert own
    for case in own:
        decoder_agrees(decoder, cell_type, case, "float64", sampling_prob)


@per_lesson("decoder_forward_free_running")
@each_cell_type
def test_free_running_gives_the_numbers_of_torch_modules(cell_type: str, lesson_id: str) -> None:
    decoder = solutions(lesson_id)["decoder_forward_free_running"]
    for case in cases(cell_type, "float64").values():
        free_running_agrees(decoder, cell_type, case, "float64")


def test_the_golden_file_holds_the_inputs_that_its_script_draws() -> None:
    drawn = SCRIPT.draw_inputs()
    assert about("decoder")["inputs_sha256"] == SCRIPT.digest(drawn)
    for name, array in drawn.items():
        np.testing.assert_array_equal(GOLDEN[name], array, strict=True, err_msg=name)


def test_the_golden_file_says_which_versions_made_it() -> None:
    assert about("decoder")["seed"] == SCRIPT.SEED
    assert about("decoder")["torch"] == SCRIPT.TORCH
    assert about("decoder")["script"] == "make_torch_decoder.py"


@each_cell_type
def test_every_case_has_every_number(cell_type: str) -> None:
    found = cases(cell_type, "float64")
    assert set(found) == set(SCRIPT.SHAPES)
    for name, (T, input_dim, _, output_dim) in SCRIPT.SHAPES.items():
        assert found[name]["teacher_forcing_float64"].shape == (T, output_dim)
        assert ("free_running_float64" in found[name]) == (input_dim == output_dim)


@each_cell_type
def test_a_swapped_gate_or_a_wrong_shift_would_be_seen(cell_type: str) -> None:
    """The comparison itself, tried on wrong numbers: the previous and the next row."""
    case = cases(cell_type, "float64")["wide"]
    right = case["teacher_forcing_float64"]
    agree(right, case, "teacher_forcing", "float64")
    for wrong in (np.roll(right, 1, axis=0), right[::-1], right + 2e-6):
        with pytest.raises(AssertionError, match="Not equal to tolerance"):
            agree(wrong, case, "teacher_forcing", "float64")
