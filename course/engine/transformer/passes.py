r"""A transformer decoder on many sequences at once: forward, and back.

The equations are the lessons': position t begins as ``W_in x_t + W_context c + positions[t]``, a
block is ``x + attention(rms(x))``, then ``x + W_2 relu(W_1 rms(x) + b_1) + b_2``, and logits are
``W_out rms(x) + b_out``. Attention has one head, as in Vaswani et al. 2017 with h = 1; `rms` is
that of Zhang and Sennrich 2019, without a gain.

No gradient goes through the choice of a fed token: the tokens are taken as given.
"""

from __future__ import annotations

import numpy as np

from course.engine.numerics import Array
from course.engine.transformer.shape import TransformerParams
from course.engine.transformer.tape import BlockTape, TransformerTape, new_transformer_tape

#: What `rms` adds to the mean square.
EPSILON = 1e-6


def transformer_forward(
    params: TransformerParams,
    context: Array,
    target_seq: Array,
    sees: Array | None = None,
    tape: TransformerTape | None = None,
) -> TransformerTape:
    """Run all positions at once, fed the truth.

    Parameters
    ----------
    params : dict
        The lessons' `params`, float32 or float64.
    context : array (C, N)
        The context vectors.
    target_seq : int array (T, N) or array (T, I, N)
        The truth, as tokens or as vectors. The last one's is never fed.
    sees : bool array (T, T), optional
        Which positions each one sees; `causal` if not given. Of no account where there is a tape.
    tape : TransformerTape, optional
        What an earlier call returned for the same sizes, to be written over.

    Returns
    -------
    TransformerTape

    Raises
    ------
    ValueError
        For more steps than there are positions, or a context or a tape of another size.
    """
    T, N = target_seq.shape[0], target_seq.shape[-1]
    C = params["W_context"].shape[1]
    if context.shape != (C, N):
        raise ValueError(
            f"context must have shape (C, N) = ({C}, {N}), got {context.shape}: "
            "does it come from another task?"
        )
    tape = new_transformer_tape(params, T, N, sees) if tape is None else tape
    if tape.outputs.shape[1:] != (N, T):
        N_made, T_made = tape.outputs.shape[1:]
        raise ValueError(f"the tape is for (T, N) = {T_made, N_made}, got {T, N}: make a new one")
    _write_weights(params, tape)
    I = len(tape.inputs)
    tape.stack[I : I + C] = context[:, :, None]
    feed(tape, params, target_seq)
    run(tape)
    return tape


def feed(tape: TransformerTape, params: TransformerParams, target_seq: Array) -> None:
    """Feed ``x_start`` to position 0, and to every other the truth of the one before."""
    inputs = tape.inputs
    if target_seq.ndim == 3:
        inputs[:, :, 1:] = target_seq[:-1].transpose(1, 2, 0)
    else:
        numbers = np.arange(len(inputs))[:, None, None]
        np.equal(target_seq[:-1].T, numbers, out=inputs[:, :, 1:], casting="unsafe")
    inputs[:, :, :1] = params["x_start"][:, None, None]


def _write_weights(params: TransformerParams, tape: TransformerTape) -> None:
    d, T = len(params["W_in"]), tape.outputs.shape[2]
    np.concatenate(
        [params["W_in"], params["W_context"], params["positions"][:T].T], axis=1, out=tape.W_stack
    )
    tape.W_out[:, :-1], tape.W_out[:, -1] = params["W_out"], params["b_out"]
    for block, mine in zip(params["blocks"], tape.blocks, strict=True):
        np.multiply(block["W_q"], d**-0.5, out=mine.W_qkv[:d])
        mine.W_qkv[d : 2 * d], mine.W_qkv[2 * d :] = block["W_k"], block["W_v"]
        mine.W_o[...] = block["W_o"]
        mine.W_1[:, :-1], mine.W_1[:, -1] = block["W_1"], block["b_1"]
        mine.W_2[:, :-1], mine.W_2[:, -1] = block["W_2"], block["b_2"]


def run(tape: TransformerTape) -> None:
    """Compute the logits of what the tape says is fed."""
    x = tape.x
    np.matmul(tape.W_stack, _columns(tape.stack), out=x)
    for block in tape.blocks:
        _rms(x, block.normed, block.scale)
        _attend(block, tape.hides, tape.column)
        x += np.matmul(block.W_o, _columns(block.mixed), out=tape.spare)
        _rms(x, block.inner_normed[:-1], block.inner_scale)
        np.matmul(block.W_1, block.inner_normed, out=block.inner[:-1])
        np.maximum(block.inner, 0, out=block.inner)
        x += np.matmul(block.W_2, block.inner, out=tape.spare)
    _rms(x, tape.normed[:-1], tape.scale)
    np.matmul(tape.W_out, tape.normed, out=_columns(tape.outputs))


def _rms(x: Array, normed: Array, scale: Array) -> None:
    np.multiply(x, x, out=normed)
    np.add.reduce(normed, axis=0, out=scale)
    scale /= len(x)
    scale += EPSILON
    np.sqrt(scale, out=scale)
    np.reciprocal(scale, out=scale)
    np.multiply(x, scale, out=normed)


def _rms_back(normed: Array, scale: Array, d_normed: Array, spare: Array, column: Array) -> None:
    """Turn the gradient by ``rms(x)`` into that by x, in place."""
    np.multiply(normed, d_normed, out=spare)
    np.add.reduce(spare, axis=0, out=column)
    column /= len(normed)
    d_normed -= np.multiply(normed, column, out=spare)
    d_normed *= scale


def _columns(array: Array) -> Array:
    """See (rows, N, T) as one matrix (rows, M)."""
    rows, N, T = array.shape
    return array.reshape(rows, N * T)


def _by_sequence(array: Array) -> Array:
    """See (rows, N, T) as N matrices (rows, T)."""
    return array.transpose(1, 0, 2)


def _attend(block: BlockTape, hides: Array, column: Array) -> None:
    d = len(block.normed)
    np.matmul(block.W_qkv, block.normed, out=_columns(block.qkv))
    q, k, v = (_by_sequence(block.qkv[at : at + d]) for at in (0, d, 2 * d))
    a = block.attention
    np.matmul(k.transpose(0, 2, 1), q, out=_by_sequence(a))
    a += hides
    total = column.reshape(a.shape[1:])
    a -= np.maximum.reduce(a, axis=0, out=total, initial=-np.inf)
    np.exp(a, out=a)
    np.add.reduce(a, axis=0, out=total)
    a /= total
    np.matmul(v, _by_sequence(a), out=_by_sequence(block.mixed))


def transformer_backward(
    params: TransformerParams, tape: TransformerTape, d_logits: Array, gradients: TransformerParams
) -> Array:
    """Go back through all blocks.

    Parameters
    ----------
    params : dict
        As given to `transformer_forward`.
    tape : TransformerTape
        What that returned.
    d_logits : array (T, O, N)
        Gradient of the loss by the logits.
    gradients : dict
        Arrays like those of `params`, written over.

    Returns
    -------
    array (C, N)
        Gradient by the context.
    """
    d_x, d_normed = tape.d_x, tape.d_normed
    d_out = _columns(np.ascontiguousarray(d_logits.transpose(1, 2, 0)))
    d_W_out = d_out @ tape.normed.T
    gradients["W_out"][...], gradients["b_out"][...] = d_W_out[:, :-1], d_W_out[:, -1]
    np.matmul(tape.W_out[:, :-1].T, d_out, out=d_x)
    _rms_back(tape.normed[:-1], tape.scale, d_x, tape.spare, tape.column)

    for block, found in zip(reversed(tape.blocks), reversed(gradients["blocks"]), strict=True):
        _inner_back(block, tape, found)
        d_x += d_normed
        _attend_back(block, tape, found)
        d_x += d_normed

    _, N, T = tape.outputs.shape
    I, C = (params[name].shape[1] for name in ("W_in", "W_context"))
    d_W = d_x @ _columns(tape.stack).T
    gradients["W_in"][...], gradients["W_context"][...] = d_W[:, :I], d_W[:, I : I + C]
    gradients["positions"][:T], gradients["positions"][T:] = d_W[:, I + C :].T, 0
    by_sequence = d_x.reshape(len(d_x), N, T)
    np.matmul(by_sequence[:, :, :1].sum(axis=(1, 2)), params["W_in"], out=gradients["x_start"])
    d_context: Array = params["W_context"].T @ by_sequence.sum(axis=2)
    return d_context


def _inner_back(block: BlockTape, tape: TransformerTape, found: TransformerParams) -> None:
    """Write the gradients of a block's ReLU layer; leave that by its x in ``tape.d_normed``."""
    d_x, d_inner, d_normed = tape.d_x, tape.d_inner, tape.d_normed
    d_W = d_x @ block.inner.T
    found["W_2"][...], found["b_2"][...] = d_W[:, :-1], d_W[:, -1]
    np.matmul(block.W_2[:, :-1].T, d_x, out=d_inner)
    d_inner *= block.inner[:-1] > 0
    d_W = d_inner @ block.inner_normed.T
    found["W_1"][...], found["b_1"][...] = d_W[:, :-1], d_W[:, -1]
    np.matmul(block.W_1[:, :-1].T, d_inner, out=d_normed)
    _rms_back(block.inner_normed[:-1], block.inner_scale, d_normed, tape.spare, tape.column)


def _attend_back(block: BlockTape, tape: TransformerTape, found: TransformerParams) -> None:
    """Write the gradients of a block's attention; leave that by its x in ``tape.d_normed``."""
    d, d_x, d_qkv = len(tape.x), tape.d_x, tape.d_qkv
    a, d_scores, spare = block.attention, tape.d_scores, tape.spare_scores
    q, k, v = (_by_sequence(block.qkv[at : at + d]) for at in (0, d, 2 * d))
    d_q, d_k, d_v = (_by_sequence(d_qkv[at : at + d]) for at in (0, d, 2 * d))
    np.matmul(d_x, _columns(block.mixed).T, out=found["W_o"])
    np.matmul(block.W_o.T, d_x, out=tape.spare)
    d_mixed = _by_sequence(tape.spare.reshape(block.mixed.shape))
    np.matmul(d_mixed, _by_sequence(a).transpose(0, 2, 1), out=d_v)
    np.matmul(v.transpose(0, 2, 1), d_mixed, out=_by_sequence(d_scores))
    # through the softmax: a (d_a - sum of a d_a)
    d_scores *= a
    total = np.add.reduce(d_scores, axis=0, out=tape.column.reshape(a.shape[1:]))
    d_scores -= np.multiply(a, total, out=spare)
    np.matmul(k, _by_sequence(d_scores), out=d_q)
    np.matmul(q, _by_sequence(d_scores).transpose(0, 2, 1), out=d_k)
    d_W = _columns(d_qkv) @ block.normed.T
    np.multiply(d_W[:d], d**-0.5, out=found["W_q"])
    found["W_k"][...], found["W_v"][...] = d_W[d : 2 * d], d_W[2 * d :]
    np.matmul(block.W_qkv.T, _columns(d_qkv), out=tape.d_normed)
    _rms_back(block.normed, block.scale, tape.d_normed, tape.spare, tape.column)
