"""Find which rows each row of an attention hears."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course.checks.known.asking import Calls, shift_row
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
