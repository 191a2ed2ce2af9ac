"""What is claimed of a transformer's forced pass is what lesson 2 claims of a decoder's."""

from __future__ import annotations

import pytest
from plain_run import LESSONS

from course.lessons import claim_of

DECODERS, TRANSFORMERS = LESSONS["02_teacher_forcing"], LESSONS["06_transformers"]
#: What a transformer has none of: a state, cell types, and the sizes of these.
OF_CELLS = {
    "context_is_the_first_hidden_state",
    "state_is_carried",
    "both_lstm_states_are_carried",
    "rnn_is_the_default",
    "unknown_cell_type_raises",
    "docstring_says_its_role",
}
SHARED = [cell for cell in DECODERS.by_role("test") if cell.grade_id not in OF_CELLS]


@pytest.mark.parametrize("cell", SHARED, ids=lambda cell: cell.grade_id)
def test_a_claim_about_teacher_forcing_has_the_same_words(cell: object) -> None:
    said = claim_of(TRANSFORMERS.cell(cell.grade_id).source)
    assert said == claim_of(cell.source).replace("T, I, H and O", "T, I, d and O")


def test_most_of_lesson_2_is_about_teacher_forcing() -> None:
    assert len(SHARED) >= 8


def test_the_first_target_is_felt_without_a_state_too() -> None:
    with_a_state = claim_of(DECODERS.cell("state_is_carried").source)
    without = claim_of(TRANSFORMERS.cell("first_target_is_felt_to_the_end").source)
    assert without.lower() in with_a_state.lower()
