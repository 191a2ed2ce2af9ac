"""What this lesson claims of a right answer: see `course.checks.dashboard.claims`."""

from __future__ import annotations

from course.checks.dashboard.claims import (
    ALL,
    DOCUMENTED,
    FORGETS,
    LARGE,
    LEAVES,
    Claim,
)
from course.checks.dashboard.comparisons import (
    numbers,
    usable,
)


def _of_cell(outputs: str) -> tuple[Claim, ...]:
    formula = "check the formula, the order of the gates, and that both biases are added"
    return (
        Claim(
            f"gives {outputs} of shape (H,)", usable("small"), f"return {outputs}", probe="small"
        ),
        Claim("agrees on a small example", numbers("small"), formula, probe="small"),
        Claim(
            "agrees for other sizes",
            numbers("wide", "narrow", "one unit"),
            "cut the rows into blocks of H = len(h_prev), not of a fixed number",
            probe="wide",
        ),
        LARGE._replace(look=numbers("large sums", aspect="large"), columns=ALL),
        LEAVES,
        FORGETS,
        DOCUMENTED,
    )


CLAIMS: dict[str, tuple[Claim, ...]] = {
    "rnn_cell_step": _of_cell("an array h"),
    "lstm_cell_step": _of_cell("two arrays (h, c)"),
    "gru_cell_step": _of_cell("an array h"),
}

BEGIN = {
    "rnn_cell_step": "compute a = W_xh @ x_t + b_xh and u = W_hh @ h_prev + b_hh, and print their "
    "shapes; the new state is made of their sum.",
    "lstm_cell_step": "compute a + u, of 4 * H rows, and cut it into four blocks i, f, g, o with "
    "np.split; print the shape of one.",
    "gru_cell_step": "compute a and u, of 3 * H rows each, and cut each into r, z, n by np.split; "
    "keep a and u apart, for n needs them so.",
}
