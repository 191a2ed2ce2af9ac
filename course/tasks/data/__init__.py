"""The real data that the tasks ship; README.md beside this says whose they are."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent


@cache
def digits() -> NDArray[Any]:
    """Return handwritten digits: (1797, 64) pixels row by row, 0 to 16, read-only."""
    with np.load(HERE / "digits.npz") as stored:
        pixels: NDArray[Any] = stored["pixels"]
    pixels.flags.writeable = False
    return pixels


@cache
def surnames() -> tuple[str, ...]:
    """Return the 20,000 most common surnames of the United States, most common first.

    >>> surnames()[:3]
    ('smith', 'johnson', 'williams')
    """
    with np.load(HERE / "surnames.npz") as stored:
        return tuple(stored["text"].tobytes().decode("ascii").split("\n"))
