"""Small inputs for checks and tests, the same on every machine.

The numbers are chosen so that mistakes show: every bias differs from zero and from the others,
`x_start` is no token, the first target is not token 0, and the last differs from the first.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.random import RandomState  # whatever stands in its place later

Array = np.ndarray
Params = dict[str, Array]

CELL_TYPES = ("rnn", "lstm", "gru")

#: Blocks of `hidden_dim` rows stacked in `W_xh`, `W_hh`, `b_xh` and `b_hh`: G in the lessons.
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


class Example(NamedTuple):
    """What a decoder is called with; unpacks in the order of its arguments.

    Attributes
    ----------
    context_vector : ndarray
        Shape (H,).
    target_seq : ndarray
        Shape (T, I).
    decoder_params : dict of ndarray
        The weights, by the keys of the exercise.
    """

    context_vector: Array
    target_seq: Array
    decoder_params: Params


# Two rows a gate: an RNN uses the first block, a GRU three, an LSTM all four.
_W_XH = (
    (0.61, -0.84, 0.37),
    (-0.45, 0.92, 0.73),
    (0.88, 0.29, -0.66),
    (-0.97, 0.54, 0.18),
    (0.35, -1.12, 0.83),
    (0.76, 0.41, -0.59),
    (-0.28, 0.67, 1.05),
    (0.94, -0.33, -0.71),
)
_W_HH = (
    (0.72, -0.53),
    (0.46, 0.81),
    (-0.64, 0.95),
    (0.87, -0.31),
    (0.58, 1.04),
    (-0.79, 0.62),
    (1.13, -0.42),
    (-0.36, 0.69),
)
_B_XH = (0.21, -0.34, 0.47, -0.18, 0.29, 0.52, -0.41, 0.15)
_B_HH = (-0.13, 0.26, -0.38, 0.44, -0.51, 0.17, 0.32, -0.23)
_W_HY = ((0.91, -0.68), (-0.74, 1.02), (0.57, 0.83))
_B_Y = (0.12, -0.27, 0.36)
_X_START = (0.31, -0.48, 0.79)
_CONTEXT = (0.64, -0.37)
_TOKENS = (1, 2, 0, 2)


def gates_of(cell_type: str) -> int:
    """Return how many blocks a cell stacks; `ValueError` for a cell that is not known."""
    if cell_type not in GATES:
        raise ValueError(f"cell_type must be one of {', '.join(GATES)}; got {cell_type!r}")
    return GATES[cell_type]


def example(cell_type: str) -> Example:
    """Return the fixed example: T = 4 steps, I = O = 3, H = 2, two decimals.

    Parameters
    ----------
    cell_type : str
        ``'rnn'``, ``'lstm'`` or ``'gru'``.

    Returns
    -------
    Example
        Arrays of its own each time, so that nothing a caller does to them lasts.

    Examples
    --------
    >>> context_vector, target_seq, decoder_params = example("gru")
    >>> target_seq.argmax(axis=1), decoder_params["W_xh"].shape
    (array([1, 2, 0, 2]), (6, 3))
    """
    rows = gates_of(cell_type) * len(_CONTEXT)
    decoder_params = {
        "W_xh": np.array(_W_XH[:rows]),
        "W_hh": np.array(_W_HH[:rows]),
        "b_xh": np.array(_B_XH[:rows]),
        "b_hh": np.array(_B_HH[:rows]),
        "W_hy": np.array(_W_HY),
        "b_y": np.array(_B_Y),
        "x_start": np.array(_X_START),
    }
    return Example(np.array(_CONTEXT), np.eye(3)[list(_TOKENS)], decoder_params)


def random_example(
    cell_type: str,
    T: int,
    I: int,
    H: int,
    O: int,
    seed: int,
    one_hot: bool = False,
    dtype: type[np.floating] = np.float64,
) -> Example:
    """Return an example of any shape, the same for the same seed.

    Parameters
    ----------
    cell_type : str
        ``'rnn'``, ``'lstm'`` or ``'gru'``.
    T, I, H, O : int
        Steps (may be 0), and the sizes of input, state and output.
    seed : int
        Which of the examples.
    one_hot : bool
        Rows of `target_seq` are tokens; otherwise any real values, so that no row can be
        mistaken for the model's own token.
    dtype : floating type
        Of all arrays.

    Returns
    -------
    Example
        Weights and biases are normal with standard deviation 0.8.
    """
    context, target_seq, params = _drawn(cell_type, T, I, H, O, seed, one_hot)
    return Example(
        context.astype(dtype),
        target_seq.astype(dtype),
        {key: array.astype(dtype) for key, array in params.items()},
    )


@lru_cache(maxsize=256)
def _drawn(
    cell_type: str,
    T: int,
    I: int,
    H: int,
    O: int,
    seed: int,
    one_hot: bool,
) -> Example:
    """Draw an example once; drawing costs more than a call of a decoder."""
    # RandomState's numbers are frozen for all versions of NumPy; a Generator's are not.
    draw = RandomState(seed).normal
    rows = gates_of(cell_type) * H
    shapes = {
        "W_xh": (rows, I),
        "W_hh": (rows, H),
        "b_xh": (rows,),
        "b_hh": (rows,),
        "W_hy": (O, H),
        "b_y": (O,),
        "x_start": (I,),
    }
    decoder_params = {key: draw(0, 0.8, shape) for key, shape in shapes.items()}
    context_vector = draw(0, 0.8, (H,))
    target_seq = draw(0, 1, (T, I))
    if one_hot:
        tokens = np.argmax(target_seq, axis=1) if T else np.zeros(0, dtype=int)
        if T and I > 1 and tokens[0] == 0:
            tokens[0] = I - 1
        target_seq = np.eye(I)[tokens]
    return Example(context_vector, target_seq, decoder_params)
