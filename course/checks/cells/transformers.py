"""Small transformers for checks and tests, the same on every machine, and the coins of two passes.

All sizes differ from each other unless asked otherwise, so that one taken for another shows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.random import RandomState

from course.checks.cells.asserts import unusable
from course.checks.cells.coins import near
from course.checks.cells.examples import Array

#: Weights of one head: what maps a row to its query, key and value, and what comes of these.
ATTENTION = ("W_q", "W_k", "W_v", "W_o")

Block = dict[str, Array]


class TransformerExample(NamedTuple):
    """What a transformer is called with; unpacks in the order of its arguments.

    Attributes
    ----------
    context_vector : ndarray
        Shape (C,).
    target_seq : ndarray
        Shape (T, I).
    params : dict
        The weights, by the keys of the exercise; `blocks` is a list of dicts.
    """

    context_vector: Array
    target_seq: Array
    params: dict[str, Any]


def random_block(d: int, seed: int, dtype: type[np.floating] = np.float64) -> Block:
    """Return the weights of one block, the same for the same seed.

    Parameters
    ----------
    d : int
        The width of a row; the inner layer is two wider.
    seed : int
        Which of the blocks.
    dtype : floating type
        Of all arrays.
    """
    return {key: array.astype(dtype) for key, array in _drawn_block(d, seed).items()}


@lru_cache(maxsize=1024)
def _drawn_block(d: int, seed: int) -> Block:
    """Draw a block once; drawing costs more than running it."""
    # RandomState's numbers are frozen for all versions of NumPy; a Generator's are not.
    draw = RandomState(seed).normal
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(ATTENTION, (d, d))
    shapes |= {"W_1": (d + 2, d), "b_1": (d + 2,), "W_2": (d, d + 2), "b_2": (d,)}
    return {key: draw(0, 0.8, shape) for key, shape in shapes.items()}


def random_rows(T: int, d: int, seed: int, dtype: type[np.floating] = np.float64) -> Array:
    """Return T rows of d normal numbers, the same for the same seed."""
    return _drawn_rows(T, d, seed).astype(dtype)


@lru_cache(maxsize=256)
def _drawn_rows(T: int, d: int, seed: int) -> Array:
    rows: Array = RandomState(seed).normal(0, 1, (T, d))
    return rows


def random_transformer(
    T: int,
    I: int,
    d: int,
    O: int,
    seed: int,
    T_max: int | None = None,
    n_blocks: int = 2,
    dtype: type[np.floating] = np.float64,
) -> TransformerExample:
    """Return a transformer with what it is called with, the same for the same seed.

    Parameters
    ----------
    T, I, d, O : int
        Steps (may be 0), and the sizes of an input, of a row inside, and of a row of logits.
    seed : int
        Which of the examples.
    T_max : int, optional
        For how many steps it has positions; by default three more than T.
    n_blocks : int
        How many blocks.
    dtype : floating type
        Of all arrays.

    Returns
    -------
    TransformerExample
        Weights are normal with standard deviation 0.8; rows of `target_seq` are any real values, so
        that none can be mistaken for the model's own token. The context has three numbers.

    Examples
    --------
    >>> context_vector, target_seq, params = random_transformer(5, 4, 6, 4, seed=1)
    >>> target_seq.shape, params["W_out"].shape, len(params["blocks"])
    ((5, 4), (4, 6), 2)
    """
    context, target_seq, arrays = _drawn(T, I, d, O, seed, T + 3 if T_max is None else T_max)
    params: dict[str, Any] = {key: array.astype(dtype) for key, array in arrays.items()}
    params["blocks"] = [random_block(d, 1000 * seed + n, dtype) for n in range(n_blocks)]
    return TransformerExample(context.astype(dtype), target_seq.astype(dtype), params)


@lru_cache(maxsize=256)
def _drawn(
    T: int, I: int, d: int, O: int, seed: int, T_max: int
) -> tuple[Array, Array, dict[str, Array]]:
    draw, C = RandomState(seed).normal, 3
    shapes: dict[str, tuple[int, ...]] = {"W_in": (d, I), "W_context": (d, C), "W_out": (O, d)}
    shapes |= {"b_out": (O,), "x_start": (I,), "positions": (T_max, d)}
    arrays = {key: draw(0, 0.8, shape) for key, shape in shapes.items()}
    return draw(0, 0.8, (C,)), draw(0, 1, (T, I)), arrays


def pass_runs(
    forward: Callable[..., Any], example: TransformerExample, passes: int
) -> dict[tuple[int, ...], Array]:
    """Return the logits that scheduled sampling in passes gives, for each way its coins can fall.

    Parameters
    ----------
    forward : callable
        ``transformer_forward``.
    example : TransformerExample
        What it is called with; of T steps the last T - 1 have coins.
    passes : int
        How many passes after the first, which is teacher forcing.
    """
    context_vector, target_seq, params = example
    own = np.eye(len(params["b_out"]))
    forced = np.asarray(forward(context_vector, target_seq, params))
    found = {}
    for coins in itertools.product((0, 1), repeat=max(len(target_seq) - 1, 0)):
        chosen = np.array([*coins, 0][: len(target_seq)], dtype=bool)[:, None]
        logits = forced
        for _ in range(passes):
            fed = np.where(chosen, own[logits.argmax(axis=1)], target_seq)
            logits = np.asarray(forward(context_vector, fed, params))
        found[coins] = logits
    return found


def read_pass_coins(runs: Any, due: Mapping[tuple[int, ...], Array]) -> Array:
    """Tell from returned logits which steps were fed the previous pass's own token.

    Parameters
    ----------
    runs : sequence of ndarray
        Logits of N calls with the same arguments, (T, O) each.
    due : mapping of tuple to ndarray
        What `pass_runs` gives for these arguments.

    Returns
    -------
    ndarray of int
        Shape (N, T - 1): 1 where the own token was fed at step t = 1, ..., T - 1, 0 where the truth
        was.

    Raises
    ------
    AssertionError
        Where a run is none of those; it names the run and the first row that differs from the run
        that is nearest.
    ValueError
        Where two ways of the coins to fall give the same logits, so that none can be read.
    """
    ways, rows = list(due), np.array(list(due.values()))
    for one, other in itertools.combinations(range(len(ways)), 2):
        if near(rows[one], rows[other]).all():
            raise ValueError(
                f"coins that fall {ways[one]} and {ways[other]} give the same logits, so none can "
                "be read: use real-valued rows in target_seq"
            )
    read = []
    for n, run in enumerate(runs):
        finding = unusable(run, rows.shape[1:])
        if finding:
            raise AssertionError(f"run {n}: {finding}")
        fits = near(rows, np.asarray(run, dtype=np.float64))
        alike = fits.cumprod(axis=1).sum(axis=1)  # how many rows agree, from the first on
        best = int(alike.argmax())
        if alike[best] < rows.shape[1]:
            t = int(alike[best])
            raise AssertionError(
                f"run {n}, step {t}: where coins hold for all passes, the input was neither "
                f"target_seq[{t - 1}] nor the one-hot vector of the previous pass's "
                f"argmax(logits[{t - 1}]), with the coins that the steps before it show"
                if t
                else f"run {n}, step 0: the logits differ; is x_start fed?"
            )
        read.append(ways[best])
    return np.array(read, dtype=int).reshape(len(read), rows.shape[1] - 1)
