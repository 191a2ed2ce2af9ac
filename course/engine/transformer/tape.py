"""Where one pass of a transformer leaves its numbers, and finds room for the way back.

Features come first, and behind them M = N·T columns, the T positions of each sequence side by
side. So every layer is one product of matrices over all positions of all sequences, sums over
features or over the positions that are looked at run along columns, and what belongs to one
sequence is still a matrix that BLAS takes as it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.engine.layout import aligned_zeros
from course.engine.numerics import Array
from course.engine.transformer.shape import TransformerParams


@dataclass(frozen=True)
class BlockTape:
    r"""What one block made.

    Attributes
    ----------
    normed, scale : array (d, M), (M,)
        ``rms(x)``, which queries, keys and values are made of, and what it multiplied x by.
    W_qkv : array (3d, d)
        ``W_q``, with the scale of the scores in it, ``W_k`` and ``W_v``.
    qkv : array (3d, N, T)
    attention : array (T, N, T)
        :math:`a_{tj}` of sequence n at ``[j, n, t]``.
    mixed : array (d, N, T)
        :math:`\sum_j a_{tj} v_j`.
    W_o : array (d, d)
    inner_normed, inner_scale : array (d + 1, M), (M,)
        The second ``rms(x)``, above a row of ones for the bias.
    W_1, W_2 : array (f, d + 1), (d, f + 1)
        With their biases as last columns.
    inner : array (f + 1, M)
        After the ReLU, above a row of ones.
    """

    normed: Array
    scale: Array
    W_qkv: Array
    qkv: Array
    attention: Array
    mixed: Array
    W_o: Array
    inner_normed: Array
    inner_scale: Array
    W_1: Array
    W_2: Array
    inner: Array


@dataclass(frozen=True)
class TransformerTape:
    """All that one forward pass made, and room for the backward pass; good for many passes.

    Attributes
    ----------
    stack : array (I + C + T, N, T)
        Of each position: its input, the context, and which position it is, as one-hot.
    inputs : array (I, N, T)
        The first rows of it.
    W_stack : array (d, I + C + T)
        ``[W_in | W_context | positions.T]``.
    hides : array (T, 1, T)
        What is added to scores: minus infinity at ``[j, 0, t]`` where t does not see j.
    blocks : tuple of BlockTape
    normed, scale : array (d + 1, M), (M,)
        The last ``rms(x)``, above a row of ones.
    W_out : array (O, d + 1)
        With its bias as last column.
    outputs : array (O, N, T)
        The logits.
    x, d_x, d_normed, spare : array (d, M)
    d_qkv : array (3d, N, T)
    d_scores, spare_scores : array (T, N, T)
    d_inner : array (f, M)
    column : array (M,)
    """

    stack: Array
    inputs: Array
    W_stack: Array
    hides: Array
    blocks: tuple[BlockTape, ...]
    normed: Array
    scale: Array
    W_out: Array
    outputs: Array
    x: Array
    d_x: Array
    d_normed: Array
    spare: Array
    d_qkv: Array
    d_scores: Array
    spare_scores: Array
    d_inner: Array
    column: Array

    @property
    def logits(self) -> Array:
        """The predictions at each position, (T, O, N): a view, which the next pass writes over."""
        return self.outputs.transpose(2, 0, 1)


def causal(steps: int) -> Array:
    """Return which positions each one sees under a causal mask: itself, and those before it.

    >>> causal(3).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])
    """
    return np.tri(steps, dtype=bool)


def new_transformer_tape(
    params: TransformerParams, steps: int, columns: int, sees: Array | None = None
) -> TransformerTape:
    """Make room for T = `steps` positions of N = `columns` sequences, in the weights' dtype.

    Parameters
    ----------
    params : dict
        The lessons' `params`.
    steps, columns : int
    sees : bool array (T, T), optional
        Whether position t, a row, sees position j, a column; `causal` if not given.

    Raises
    ------
    ValueError
        Where there are fewer positions than `steps`, or a position that sees nothing.
    """
    T, N, M, dtype = steps, columns, columns * steps, params["W_in"].dtype
    d, I = params["W_in"].shape
    C, O = params["W_context"].shape[1], len(params["W_out"])
    T_max, f = len(params["positions"]), max((len(b["W_1"]) for b in params["blocks"]), default=0)
    if T_max < T:
        raise ValueError(
            f"the model has embeddings for {T_max} positions, got {T} steps: "
            "give it shorter sequences, or train one with more positions"
        )
    sees = causal(T) if sees is None else np.asarray(sees, bool)
    if sees.shape != (T, T) or not sees.any(axis=1).all():
        raise ValueError(
            f"sees must be (T, T) = {(T, T)} with something to see in each row, got {sees.shape}"
        )

    of_each = {
        "normed": (d, M),
        "scale": (M,),
        "W_qkv": (3 * d, d),
        "qkv": (3 * d, N, T),
        "attention": (T, N, T),
        "mixed": (d, N, T),
        "W_o": (d, d),
        "inner_normed": (d + 1, M),
        "inner_scale": (M,),
        "W_1": (f, d + 1),
        "W_2": (d, f + 1),
        "inner": (f + 1, M),
    }
    blocks = tuple(BlockTape(**aligned_zeros(dtype, **of_each)) for _ in params["blocks"])
    room = aligned_zeros(
        dtype,
        stack=(I + C + T, N, T),
        W_stack=(d, I + C + T),
        hides=(T, 1, T),
        normed=(d + 1, M),
        scale=(M,),
        W_out=(O, d + 1),
        outputs=(O, N, T),
        x=(d, M),
        d_x=(d, M),
        d_normed=(d, M),
        spare=(d, M),
        d_qkv=(3 * d, N, T),
        d_scores=(T, N, T),
        spare_scores=(T, N, T),
        d_inner=(f, M),
        column=(M,),
    )
    for ones in (room["normed"], *(array for b in blocks for array in (b.inner_normed, b.inner))):
        ones[-1] = 1
    room["hides"][~sees.T[:, None]] = -np.inf
    room["stack"][I + C :] = np.eye(T, dtype=dtype)[:, None]
    return TransformerTape(inputs=room["stack"][:I], blocks=blocks, **room)
