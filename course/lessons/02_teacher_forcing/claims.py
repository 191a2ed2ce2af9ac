"""What this lesson claims of a right answer: see `course.checks.dashboard.claims`."""

from __future__ import annotations

from course.checks.cells.examples import CELL_TYPES
from course.checks.dashboard.claims import (
    DEFAULT,
    DOCUMENTED,
    EMPTY,
    FLOAT32,
    FORGETS,
    LARGE,
    LEAVES,
    SINGLE,
    STEP_0,
    STEPS,
    UNKNOWN,
    ZEROS,
    Claim,
    refuses,
)
from course.checks.dashboard.comparisons import (
    both,
    numbers,
)

_TEACHER_FORCING = (
    STEPS,
    STEP_0,
    Claim(
        "each later step is fed the true token before",
        numbers("four steps"),
        "the input of step t is target_seq[t-1], and the state of step t-1 is carried on",
        columns=CELL_TYPES,
        probe="four steps",
    ),
    Claim(
        "agrees for other sizes and real values",
        both(numbers("six steps"), numbers("many steps", aspect="long")),
        "T, I, H and O all differ here: take each from the array that has it",
        columns=CELL_TYPES,
        probe="six steps",
    ),
    SINGLE,
    ZEROS,
    LARGE,
    EMPTY,
    FLOAT32,
    LEAVES._replace(columns=CELL_TYPES),
    FORGETS._replace(columns=CELL_TYPES),
    DEFAULT,
    refuses("an unknown cell_type", "refuses", *UNKNOWN),
    DOCUMENTED,
)


CLAIMS: dict[str, tuple[Claim, ...]] = {
    "decoder_forward_teacher_forcing": _TEACHER_FORCING,
}

BEGIN = {
    "decoder_forward_teacher_forcing": "for 'rnn' alone: h = context_vector, feed x_start, and "
    "return the first row W_hy @ h + b_y. Then loop.",
}
