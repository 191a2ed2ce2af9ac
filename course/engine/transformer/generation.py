"""A transformer that is fed its own tokens: step by step with a cache, or pass by pass.

Scheduled sampling in two passes: Mihaylova and Martins 2019, "Scheduled sampling for transformers";
in more of them: Duckworth, Neelakantan, Goodrich and others 2019, "Parallel scheduled sampling".
"""

from __future__ import annotations

import numpy as np

from course.engine.numerics import Array, softmax
from course.engine.transformer.passes import EPSILON, feed, run, transformer_forward
from course.engine.transformer.shape import TransformerParams
from course.engine.transformer.tape import TransformerTape


def generate(
    params: TransformerParams,
    context: Array,
    steps: int,
    tokens: Array | None = None,
    own: Array | None = None,
) -> Array:
    """Write T tokens of N sequences, one step after the other, with keys and values kept.

    Parameters
    ----------
    params : dict
        The lessons' `params`, with O = I.
    context : array (C, N)
    steps : int
        T, at most T_max.
    tokens : int array (T, N), optional
        The truth, fed where `own` says so.
    own : bool array (T, N), optional
        Where a step is fed the model's own token of the one before; everywhere if not given. Row
        0 is of no account.

    Returns
    -------
    array (T, O, N)
        Logits.

    Raises
    ------
    ValueError
        For more steps than there are positions, or a truth without `own`, or the other way round.
    """
    if (tokens is None) != (own is None):
        raise ValueError("tokens are fed where own is False: expected both or neither")
    if steps > len(params["positions"]):
        raise ValueError(
            f"the model has embeddings for {len(params['positions'])} positions, got {steps} steps"
        )
    N, d, dtype = context.shape[1], len(params["W_in"]), params["W_in"].dtype
    caches = [np.empty((2, N, steps, d), dtype) for _ in params["blocks"]]
    logits = np.empty((steps, len(params["b_out"]), N), dtype)
    of_context = params["W_context"] @ context
    x_t = (params["W_in"] @ params["x_start"])[:, None]
    for t in range(steps):
        if t:
            fed = logits[t - 1].argmax(axis=0)
            if tokens is not None and own is not None:
                fed = np.where(own[t], fed, tokens[t - 1])
            x_t = params["W_in"][:, fed]
        x = x_t + of_context + params["positions"][t][:, None]
        for block, cache in zip(params["blocks"], caches, strict=True):
            x = _block_step(x, cache, t, block)
        logits[t] = params["W_out"] @ _rms(x) + params["b_out"][:, None]
    return logits


def _rms(x: Array) -> Array:
    normed: Array = x / np.sqrt((x * x).mean(axis=0) + EPSILON)
    return normed


def _block_step(x: Array, cache: Array, t: int, block: TransformerParams) -> Array:
    """Take one position (d, N) through a block; keep its key and value at place t of the cache."""
    normed = _rms(x)
    q = (block["W_q"] @ normed) * len(x) ** -0.5
    cache[0, :, t], cache[1, :, t] = (block["W_k"] @ normed).T, (block["W_v"] @ normed).T
    keys, values = cache[:, :, : t + 1]
    a = softmax(np.matmul(keys, q.T[:, :, None]))  # (N, t + 1, 1)
    x = x + block["W_o"] @ np.matmul(values.transpose(0, 2, 1), a)[:, :, 0].T
    inner = np.maximum(block["W_1"] @ _rms(x) + block["b_1"][:, None], 0)
    after: Array = x + block["W_2"] @ inner + block["b_2"][:, None]
    return after


def generate_anew(params: TransformerParams, context: Array, steps: int, sees: Array) -> Array:
    """Write T tokens under any mask: at each step all that is there is computed anew.

    A cache would not do: what a position computes changes with what comes to stand behind it,
    where it sees that. What does not exist yet cannot be seen.

    Parameters
    ----------
    params : dict
    context : array (C, N)
    steps : int
    sees : bool array (T, T)
        As `transformer_forward` takes it.

    Returns
    -------
    array (T, O, N)
        Logits.
    """
    N = context.shape[1]
    logits = np.empty((steps, len(params["b_out"]), N), params["W_in"].dtype)
    tokens = np.zeros((steps, N), int)
    for t in range(steps):
        there = sees[: t + 1, : t + 1]
        logits[t] = transformer_forward(params, context, tokens[: t + 1], there).logits[t]
        tokens[t] = logits[t].argmax(axis=0)
    return logits


def with_own(tokens: Array, own: Array, logits: Array) -> Array:
    """Put the model's own tokens into a truth, where the step after is to be fed them.

    Parameters
    ----------
    tokens : int array (T, N)
        The truth.
    own : bool array (T, N)
        Where a step is fed the model's own token of the one before.
    logits : array (T, O, N)
        What the model says.

    Returns
    -------
    int array (T, N)
        As `transformer_forward` takes the truth.

    Examples
    --------
    >>> own = np.array([[False], [True], [False]])
    >>> with_own(np.array([[0], [0], [0]]), own, np.array([[[0.0], [1.0]]] * 3)).ravel()
    array([1, 0, 0])
    """
    mixed = tokens.copy()
    mixed[:-1] = np.where(own[1:], logits[:-1].argmax(axis=1), tokens[:-1])
    return mixed


def forward_in_passes(
    params: TransformerParams,
    context: Array,
    tokens: Array,
    own: Array,
    passes: int | None = 1,
    tape: TransformerTape | None = None,
) -> TransformerTape:
    """Run scheduled sampling: a forced pass, then others fed the tokens of the one before.

    Where all coins say own, k passes after the forced one make rows 0 to k of free running.

    Parameters
    ----------
    params : dict
        The lessons' `params`, with O = I.
    context : array (C, N)
    tokens : int array (T, N)
        The truth.
    own : bool array (T, N)
        The coins: where a step is fed the model's own token of the one before.
    passes : int or None, optional
        How many after the forced one. None for as many as it takes: each own token is that of a
        decoder that writes step by step.
    tape : TransformerTape, optional
        What an earlier call returned for the same sizes, to be written over.

    Returns
    -------
    TransformerTape
        Of the last pass.

    Raises
    ------
    ValueError
        For a negative number of passes.
    """
    if passes is not None and passes < 0:
        raise ValueError(f"passes must be 0 or more, got {passes}")
    if passes is None and own[1:].any():
        logits = generate(params, context, len(tokens), tokens, own)
        return transformer_forward(params, context, with_own(tokens, own, logits), tape=tape)
    tape = transformer_forward(params, context, tokens, tape=tape)
    for _ in range(passes if passes and own[1:].any() else 0):
        feed(tape, params, with_own(tokens, own, tape.logits))
        run(tape)
    return tape
