"""A lens: weights through which the logits of a decoder show every input that it was fed.

The recurrent weights are zero and the others can be inverted, so each row of logits belongs to one
input, whatever was fed before. Nothing is guessed: the input comes out as a vector, also where it
is none that was allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.random import RandomState  # whatever stands in its place later

from course.checks.cells.examples import Array, Example

#: I = H = O of the lens.
SIZE = 4

#: How far a vector read off float32 logits may be from the one that was fed.
NEAR = 2e-3

#: Rows of a block of gates that is held open or shut by its bias.
_OPEN, _SHUT = 40.0, -40.0

_BLOCKS = {
    # None is the block that the input goes through; the others are held by their bias.
    "rnn": (None,),
    "lstm": (_OPEN, _SHUT, None, _OPEN),
    "gru": (0.0, _SHUT, None),
}

#: How much of W_hh @ h + b_hh is heard: the reset gate is half open.
_OF_MEMORY = {"rnn": 1.0, "lstm": 1.0, "gru": 0.5}


def lens(cell_type: str, T: int, memory: float = 0.0) -> Example:
    """Return an example of T steps whose inputs can be read off its logits.

    Parameters
    ----------
    cell_type : str
        ``'rnn'``, ``'lstm'`` or ``'gru'``.
    T : int
        Steps.
    memory : float
        How much of the state before is added to each input.

    Returns
    -------
    Example
        Arrays of its own each time. Rows of `target_seq` are real-valued, so that none is a
        model's token.
    """
    context, targets, params = _made(cell_type, T)
    arrays = {key: array.copy() for key, array in params.items()}
    arrays["W_hh"][_rows_of_input(cell_type)] = memory * np.eye(SIZE)[::-1]
    return Example(context.copy(), targets.copy(), arrays)


def inputs_of(runs: Array, params: Mapping[str, Array], cell_type: str) -> Array:
    """Return the inputs that were fed, of the shape of the logits.

    Parameters
    ----------
    runs : ndarray
        Logits, shape (..., O), of calls with `params`.
    params : mapping of str to ndarray
        The lens's own.
    cell_type : str
        Which cell gave them.

    Returns
    -------
    ndarray
        Shape (..., I); NaN where no input gives such a row.
    """
    h = states_of(runs, params)
    with np.errstate(invalid="ignore", divide="ignore"):
        a = np.arctanh(np.arctanh(h)) if cell_type == "lstm" else np.arctanh(h)
    rows = _rows_of_input(cell_type)
    W = params["W_xh"][rows]
    fed: Array = (a - params["b_xh"][rows] - params["b_hh"][rows]) @ np.linalg.inv(W).T
    fed[~np.isfinite(fed).all(axis=-1)] = np.nan
    return fed


@lru_cache
def _made(cell_type: str, T: int) -> Example:
    # RandomState's numbers are frozen for all versions of NumPy; a Generator's are not.
    draw = RandomState(5)
    turned = np.linalg.qr(draw.normal(size=(SIZE, SIZE)))[0]
    # Left to itself it says 0, 1, 2, 3, 0, ...: all tokens come, and no choice is close.
    onward = np.roll(np.eye(SIZE), 1, axis=0) + 0.15 * draw.normal(size=(SIZE, SIZE))
    blocks = _BLOCKS[cell_type]
    biases = [np.full(SIZE, 0.0 if held is None else held) for held in blocks]
    place = blocks.index(None)
    biases[place] = np.array([0.11, -0.07, 0.05, -0.13])
    params = {
        "W_xh": np.concatenate([(held is None) * 0.55 * turned for held in blocks]),
        "W_hh": np.zeros((len(blocks) * SIZE, SIZE)),
        "b_xh": np.concatenate(biases),
        # Of the GRU's candidate the reset gate takes a part of this bias: none is left to take.
        "b_hh": np.zeros(len(blocks) * SIZE)
        if cell_type == "gru"
        else np.tile([0.03, 0.02, -0.04, -0.02], len(blocks)),
        "W_hy": 5.0 * onward @ turned.T,
        "b_y": np.array([0.35, -0.25, 0.2, -0.4]),
        "x_start": np.array([0.35, -0.62, 0.48, 0.27]),
    }
    context = np.array([0.31, -0.44, 0.22, 0.53])
    targets = np.clip(draw.normal(0, 0.6, (T, SIZE)), -1.4, 1.4)
    return Example(context, targets, params)


def logits_of(
    inputs: Array, params: Mapping[str, Array], cell_type: str, h_prev: Array | float = 0.0
) -> Array:
    """Return the logits that a right decoder gives: `inputs_of` the other way round.

    Parameters
    ----------
    inputs : ndarray
        Shape (..., I).
    params : mapping of str to ndarray
        The lens's own.
    cell_type : str
        Which cell.
    h_prev : ndarray
        The states before, shape (..., H). Only a lens with memory looks at them.
    """
    rows = _rows_of_input(cell_type)
    a = inputs @ params["W_xh"][rows].T + params["b_xh"][rows]
    u = h_prev * np.ones(SIZE) @ params["W_hh"][rows].T + params["b_hh"][rows]
    h = np.tanh(a + _OF_MEMORY[cell_type] * u)
    h = np.tanh(h) if cell_type == "lstm" else h
    logits: Array = h @ params["W_hy"].T + params["b_y"]
    return logits


def states_of(logits: Array, params: Mapping[str, Array]) -> Array:
    """Return the hidden states that rows of logits belong to."""
    h: Array = (logits - params["b_y"]) @ np.linalg.inv(params["W_hy"]).T
    return h


def states_before(
    logits: Array, inputs: Array, params: Mapping[str, Array], cell_type: str
) -> Array:
    """Return the states before each step, of inputs that are known: only with memory."""
    rows = _rows_of_input(cell_type)
    h = states_of(logits, params)
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = np.arctanh(np.arctanh(h)) if cell_type == "lstm" else np.arctanh(h)
    u = (sums - inputs @ params["W_xh"][rows].T - params["b_xh"][rows]) / _OF_MEMORY[cell_type]
    before: Array = (u - params["b_hh"][rows]) @ np.linalg.inv(params["W_hh"][rows]).T
    return before


def _rows_of_input(cell_type: str) -> slice:
    """Return the rows of the block that the input goes through."""
    place = _BLOCKS[cell_type].index(None) * SIZE
    return slice(place, place + SIZE)
