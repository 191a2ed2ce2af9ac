"""Masks that transformers are trained with, and a model of each that comes with the course.

``masks.npz`` holds the models packed (`packing`), an array (3, P) for each mask, and ``masks.json``
says how they came about: `course.study.make_masks` makes both.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np

from course.engine import Parameters
from course.engine.numerics import Array
from course.engine.transformer import TransformerShape
from course.trained.packing import unpack

HERE = Path(__file__).resolve().parent

#: By their names in files and results; the right one first.
MASKS = ("causal", "none", "one-too-few", "transposed")
#: What a reader calls each.
TITLES = {
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
    _known(mask)
    if mask == "none":
        return np.ones((steps, steps), bool)
    causal = np.tri(steps, k=int(mask == "one-too-few"), dtype=bool)
    return causal.T if mask == "transposed" else causal


def _known(mask: str) -> None:
    if mask not in MASKS:
        raise ValueError(f"there are the masks {', '.join(MASKS)}; got {mask!r}")


@cache
def load(mask: str = "causal") -> Parameters:
    """Return the model of the oscillation that was trained with a mask, by teacher forcing.

    Parameters
    ----------
    mask : str, optional

    Returns
    -------
    model : Parameters
        float32 and read-only, the same at every call; `course.engine.transformer.as_params` sees it
        as the lessons do. A batch's features are its context vectors.

    Raises
    ------
    ValueError
        Where there is no such mask.
    """
    _known(mask)
    said = json.loads((HERE / "masks.json").read_text(encoding="utf-8"))
    with np.load(HERE / "masks.npz") as stored:
        flat = unpack(stored[mask])
    flat.flags.writeable = False  # every caller gets the same one
    return Parameters(TransformerShape(**said["shape"]), flat)
