"""What the scripts about an RNN decoder have in common: its parameters, and the file they write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np


def parameter_shapes(I: int, H: int, O: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of an RNN decoder's parameters, in the order that they are drawn in."""
    return {
        "W_xh": (H, I),
        "W_hh": (H, H),
        "b_xh": (H,),
        "b_hh": (H,),
        "W_hy": (O, H),
        "b_y": (O,),
        "x_start": (I,),
        "context_vector": (H,),
    }


def write(path: Path, seed: int, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays, and with what they were made."""
    import torch

    about = {"seed": seed, "torch": torch.__version__.split("+")[0], "numpy": np.__version__}
    np.savez_compressed(path, about=np.array(json.dumps(about)), **arrays)
