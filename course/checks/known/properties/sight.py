"""Find which rows each row of an attention hears, and how much of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course.checks.known.asking import Calls, Change, shift_row
from course.checks.known.features import equal
from course.checks.known.told import Told, listed

#: Rows that are looked at: further ones are weighed too little to be heard.
_MOST = 12


def rows_heard(calls: Calls) -> Iterator[Told]:
    """Find rows that hear a later one, or do not hear one before them.

    Parameters
    ----------
    calls : Calls
        Of ``causal_attention(x, block)``, one that went wrong.
    """
    T = min(len(calls.given["x"]), _MOST)
    changed = calls.changed_rows([shift_row("x", row, 0.6) for row in range(T)])
    found = [rows for rows in changed if rows is not None]
    if T < 2 or len(found) < T:
        return
    hears = np.array(found).T[:T]  # row t of the result by row j of x
    later = np.argwhere(np.triu(hears, 1))
    deaf = np.argwhere(np.tril(~hears))
    if len(later):
        t, j = later[0]
        yield Told(
            "sees_rows_to_come",
            f"Row {t} of the result changes with row {j} of x, which comes after it: row t may see "
            "rows 0 to t.",
        )
    elif len(deaf):
        t = int(deaf[0, 0])
        rows = [int(j) for j in deaf[deaf[:, 0] == t, 1]]
        alone = f"row {rows[0]}" if len(rows) == 1 else f"rows {listed(rows)}"
        window = all(hears[i, j] == (0 <= i - j < t) for i in range(T) for j in range(T))
        span = f" Each row sees itself and the {t - 1} before it, and no others." if window else ""
        yield Told(
            "does_not_see_all_rows_before",
            f"Row {t} of the result does not change with {alone} of x: row t sees rows 0 to t, "
            f"itself among them. Look at the mask.{span}",
        )


def rows_weighed(calls: Calls) -> Iterator[Told]:
    """Find weights that differ where all scores are alike.

    Parameters
    ----------
    calls : Calls
        Of ``causal_attention(x, block)``, one that went wrong.
    """
    T, block = min(len(calls.given["x"]), _MOST), calls.given["block"]
    shifted = {"x": 0 * calls.given["x"]}
    shift_row("x", 0, 0.6)(shifted)
    moved = block["W_o"] @ block["W_v"] @ shifted["x"][0]

    def alike(row: int | None) -> Change:
        def change(given: dict[str, Any]) -> None:
            given["block"] = {**given["block"], "W_q": 0 * given["block"]["W_q"]}
            if row is not None:
                shift_row("x", row, 0.6)(given)

        return change

    base, *others = calls.results([alike(None), *map(alike, range(T))])
    if T < 3 or base is None or any(one is None or one.shape != base.shape for one in others):
        return
    changes = np.array([one - base for one in others if one is not None])[:, :T]
    weights = (changes @ moved / (moved @ moved)).T  # row t, of row j of x
    due = np.tril(1 / np.arange(1.0, T + 1)[:, None] * np.ones((T, T)))
    if not equal(changes, weights.T[..., None] * moved, 10) or equal(weights, due, 10):
        return
    t = int(np.abs(weights - due).max(axis=1).argmax())
    by_distance = [weights[-1, -1 - k] / weights[-1, -1] for k in range(T)]
    of_distance = np.array([[by_distance[abs(i - j)] for j in range(T)] for i in range(T)])
    why = (
        "They hang on how far apart two rows are: is something of the kind added or multiplied?"
        if equal(weights, np.tril(of_distance) * np.diag(weights)[:, None], 10)
        else f"They sum to {weights[t].sum():.4g}, and a softmax sums to 1."
        if abs(weights[t].sum() - 1) > 1e-3
        else "Look at what is done to scores and weights beside the softmax of q @ k."
    )
    came = listed([f"{x:.4g}" for x in weights[t, : t + 1] + 0.0])
    yield Told(
        "weighs_rows_that_score_alike_otherwise",
        f"With W_q = 0 all scores are 0, and each row that row {t} sees weighs "
        f"{1 / (t + 1):.4g} to it; yours weigh {came}. {why}",
    )
