"""Masks that transformers are trained with: which positions each position sees."""

from __future__ import annotations

import numpy as np

from course.engine.numerics import Array

#: What a reader calls each, by its name in files and results; the right one first.
MASKS = {
    "causal": "causal: itself and what is before",
    "none": "no mask: everything",
    "one-too-few": "one too few hidden: the next one, too",
    "transposed": "transposed: itself and what is behind",
}


def sees(mask: str, steps: int) -> Array:
    """Return whether position t, a row, sees position j, a column, under a mask; bool (T, T).

    >>> sees("one-too-few", 3).astype(int)
    array([[1, 1, 0],
           [1, 1, 1],
           [1, 1, 1]])

    Raises
    ------
    ValueError
        Where there is no such mask.
    """
    if mask not in MASKS:
        raise ValueError(f"there are the masks {', '.join(MASKS)}; got {mask!r}")
    if mask == "none":
        return np.ones((steps, steps), bool)
    causal = np.tri(steps, k=int(mask == "one-too-few"), dtype=bool)
    return causal.T if mask == "transposed" else causal
