r"""One step of the three cells, forward and backward, for many sequences at once.

Each sequence is a column, so ``W @ x`` reads as in EXERCISES, whose equations these are. A step is
one matrix product and few passes over its result:

* Input, a 1 for the biases, and hidden state lie above each other, ``[x; 1; h]``, and the weights
  beside each other, ``[W_xh | b | W_hh]``: one product gives what all gates add up. Above these
  rows stand those of the logits, ``[0 | b_y | W_hy]``, which belong to the state that the step
  starts from. So one product takes all gradients back to that state, and one for all steps gives
  the gradients of all weights.
* :math:`\sigma(a) = (1 + \tanh(a / 2)) / 2`: one tanh serves all gates. The half is in the weights
  of the forward pass already, and the rows of all gates that need a :math:`\sigma` come first.
* All results go into arrays that live as long as the training run (`Step`).

The GRU multiplies :math:`u = W_{hn} h + b_{hn}` by its reset gate before it adds
:math:`a = W_{xn} x + b_{xn}`, and so has a block of rows for each.

Sources: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; Cho et al.
2014, in the form with the reset gate after the matrix product, as in cuDNN and PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from course.engine.numerics import Array

#: Arrays by EXERCISES' names: parameters, or the gradients by them.
Params = Mapping[str, Array]


@dataclass(frozen=True)
class Step:
    """Where one step of N sequences finds and leaves its numbers; B blocks of H rows each.

    Attributes
    ----------
    stack : array (I + 1 + H, N)
        ``[x; 1; h]`` that the step starts from; `inputs` and `before` are its two parts.
    inputs : array (I + 1, N)
        ``[x; 1]``.
    before, after : array (H, N)
        h and h'.
    gates : array (B·H, N)
        The gates, in the order of the cell's blocks; `blocks` are its parts.
    d_sums : array (O + B·H, N)
        The gradients by all that the matrix product gave: the logits of the step before, and
        what is added up for each gate; the same array for all steps. `d_gates` and `d_blocks` are
        the gates' rows and parts.
    memory, memory_after : array (H, N)
        The LSTM's c and c'; without rows for the others.
    squashed : array (H, N)
        The LSTM's tanh(c'); without rows for the others.
    spare : array (B·H, N)
        For what is needed in between, the same for all steps; `spares` are its parts.
    """

    stack: Array
    inputs: Array
    before: Array
    after: Array
    gates: Array
    d_sums: Array
    d_gates: Array
    memory: Array
    memory_after: Array
    squashed: Array
    spare: Array
    blocks: tuple[Array, ...]
    d_blocks: tuple[Array, ...]
    spares: tuple[Array, ...]


@dataclass(frozen=True)
class Block:
    """H rows of the stacked weights.

    Attributes
    ----------
    gate : int
        Which block of EXERCISES' rows they are of.
    sigmoid : bool
        Whether a sigmoid follows, and not tanh.
    from_input, from_hidden : bool
        Whether ``W_xh`` and ``b_xh``, and ``W_hh`` and ``b_hh``, have a part in it.
    """

    gate: int
    sigmoid: bool = False
    from_input: bool = True
    from_hidden: bool = True


@dataclass(frozen=True)
class Cell:
    """One kind of cell.

    Attributes
    ----------
    blocks : tuple of Block
        Those with a sigmoid first, and those with a part from h before those without.
    forward : callable
        ``forward(step, W)`` makes ``step.after``, with `halved` weights.
    backward : callable
        ``backward(step, W_h, d_hidden, d_memory)`` takes the gradients by ``step.after`` and by
        ``step.memory_after`` (H, N), turns them, in place, into those by ``step.before`` and
        ``step.memory``, and writes ``step.d_gates``. W_h (O + G·H, H) are the stacked weights by
        which a state counts.
    """

    blocks: tuple[Block, ...]
    forward: Callable[[Step, Array], None]
    backward: Callable[[Step, Array, Array, Array], None]

    @property
    def gates(self) -> int:
        """G, the blocks in ``W_xh`` and in ``W_hh``."""
        return sum(block.from_hidden for block in self.blocks)


def _finish_sigmoids(halved: Array) -> None:
    """Turn tanh(a / 2) into the sigmoid of a, in place."""
    halved += 1
    halved *= 0.5


def _rnn_forward(step: Step, W: Array) -> None:
    np.tanh(np.matmul(W, step.stack, out=step.spare), out=step.after)


def _rnn_backward(step: Step, W_h: Array, d_hidden: Array, d_memory: Array) -> None:
    a = np.multiply(step.after, step.after, out=step.spare)
    a *= d_hidden
    np.subtract(d_hidden, a, out=step.d_gates)  # dh' (1 - h'^2)
    np.matmul(W_h.T, step.d_sums, out=d_hidden)


def _lstm_forward(step: Step, W: Array) -> None:
    H, (i, f, o, g) = len(step.after), step.blocks
    np.tanh(np.matmul(W, step.stack, out=step.gates), out=step.gates)
    _finish_sigmoids(step.gates[: 3 * H])
    c = np.multiply(f, step.memory, out=step.memory_after)
    c += np.multiply(i, g, out=step.spares[0])
    np.multiply(o, np.tanh(c, out=step.squashed), out=step.after)


def _lstm_backward(step: Step, W_h: Array, d_hidden: Array, d_memory: Array) -> None:
    i, f, o, g = step.blocks
    d_i, d_f, d_o, d_g = step.d_blocks
    a, b = step.spares[:2]

    # h' = o tanh(c'): do = dh' tanh(c'), and dc' += dh' o (1 - tanh(c')^2)
    d_memory += np.multiply(d_hidden, o, out=a)
    np.multiply(a, step.squashed, out=d_o)
    d_memory -= np.multiply(d_o, step.squashed, out=a)

    # c' = f c + i g: di = dc' g, dg = dc' i (1 - g^2), df = dc' c, dc = dc' f
    np.multiply(d_memory, i, out=a)
    np.multiply(a, g, out=d_i)
    np.subtract(a, np.multiply(d_i, g, out=b), out=d_g)
    d_memory *= f
    np.multiply(d_memory, step.memory, out=d_f)

    _through_sigmoids(step, 3 * len(d_hidden))
    np.matmul(W_h.T, step.d_sums, out=d_hidden)


def _through_sigmoids(step: Step, rows: int) -> None:
    """Turn ds s, in the first rows, into ds s (1 - s), the gradient by a where s = sigmoid(a)."""
    d = step.d_gates[:rows]
    d -= np.multiply(d, step.gates[:rows], out=step.spare[:rows])


def _gru_forward(step: Step, W: Array) -> None:
    H, inputs_height = len(step.after), len(step.inputs)
    np.matmul(W[: 3 * H], step.stack, out=step.gates[: 3 * H])
    np.matmul(W[3 * H :, :inputs_height], step.inputs, out=step.gates[3 * H :])
    r, z, u, n = step.blocks
    r_and_z = step.gates[: 2 * H]
    _finish_sigmoids(np.tanh(r_and_z, out=r_and_z))
    n += np.multiply(r, u, out=step.spares[0])
    np.tanh(n, out=n)
    back = np.subtract(step.before, n, out=step.spares[0])
    back *= z
    np.add(n, back, out=step.after)  # n + z (h - n) = (1 - z) n + z h


def _gru_backward(step: Step, W_h: Array, d_hidden: Array, d_memory: Array) -> None:
    r, z, u, n = step.blocks
    d_r, d_z, d_u, d_n = step.d_blocks
    a, b, past, _ = step.spares

    # h' = n + z (h - n): dz = dh' (h - n), dn = dh' (1 - z), and what h gets past the gates, dh' z
    np.multiply(d_hidden, z, out=past)
    np.subtract(step.before, n, out=a)
    np.multiply(past, a, out=d_z)
    d_hidden -= past

    # n = tanh(a + r u): dn (1 - n^2) to a, that times r to u, and times u to r
    np.multiply(n, n, out=b)
    b *= d_hidden
    np.subtract(d_hidden, b, out=d_n)
    np.multiply(d_n, r, out=d_u)
    np.multiply(d_u, u, out=d_r)

    _through_sigmoids(step, 2 * len(d_hidden))
    np.matmul(W_h.T, step.d_sums[: len(W_h)], out=d_hidden)
    d_hidden += past


CELLS = {
    "rnn": Cell((Block(0),), _rnn_forward, _rnn_backward),
    # i, f, o, g: the sigmoids together
    "lstm": Cell(
        (Block(0, True), Block(1, True), Block(3, True), Block(2)), _lstm_forward, _lstm_backward
    ),
    # r, z, u, a
    "gru": Cell(
        (
            Block(0, sigmoid=True),
            Block(1, sigmoid=True),
            Block(2, from_input=False),
            Block(2, from_hidden=False),
        ),
        _gru_forward,
        _gru_backward,
    ),
}


def find_cell(cell_type: str) -> Cell:
    """Return the cell of this name.

    Raises
    ------
    ValueError
        Where there is none.
    """
    try:
        return CELLS[cell_type]
    except KeyError:
        known = ", ".join(repr(name) for name in CELLS)
        raise ValueError(f"cell_type must be one of {known}; got {cell_type!r}") from None


def stack_weights(cell: Cell, params: Params, out: Array) -> None:
    """Lay the weights beside and above each other, as the steps need them.

    Parameters
    ----------
    cell : Cell
    params : mapping
        ``W_xh`` (G·H, I), ``W_hh`` (G·H, H), ``b_xh`` and ``b_hh`` (G·H,), ``W_hy`` (O, H) and
        ``b_y`` (O,).
    out : array (O + B·H, I + 1 + H)
        Written over with ``[0 | b_y | W_hy]`` and below it ``[W_xh | b | W_hh]``, rows of a block
        together.
    """
    (O, H), I = params["W_hy"].shape, params["W_xh"].shape[1]
    out[:O, :I] = 0
    out[:O, I] = params["b_y"]
    out[:O, I + 1 :] = params["W_hy"]
    for rows, block in zip(out[O:].reshape(len(cell.blocks), H, -1), cell.blocks, strict=True):
        of_gate = slice(block.gate * H, (block.gate + 1) * H)
        rows[...] = 0
        if block.from_input:
            rows[:, :I] = params["W_xh"][of_gate]
            rows[:, I] += params["b_xh"][of_gate]
        if block.from_hidden:
            rows[:, I + 1 :] = params["W_hh"][of_gate]
            rows[:, I] += params["b_hh"][of_gate]


def halve(cell: Cell, rows: Array, out: Array) -> None:
    """Write the gates' rows of stacked weights (B·H, I + 1 + H), a half of those of sigmoids."""
    sigmoids = len(rows) * sum(block.sigmoid for block in cell.blocks) // len(cell.blocks)
    np.multiply(rows[:sigmoids], 0.5, out=out[:sigmoids])
    out[sigmoids:] = rows[sigmoids:]


def unstack_gradients(cell: Cell, d_W: Array, gradients: Params) -> None:
    """Write the gradients of the six arrays that `stack_weights` laid together.

    Parameters
    ----------
    cell : Cell
    d_W : array (O + B·H, I + 1 + H)
        Gradient by the stacked weights. Parts that a block does not have are not read.
    gradients : mapping
        Arrays of the parameters' shapes, written over.
    """
    (O, H), I = gradients["W_hy"].shape, gradients["W_xh"].shape[1]
    gradients["b_y"][...] = d_W[:O, I]
    gradients["W_hy"][...] = d_W[:O, I + 1 :]
    for rows, block in zip(d_W[O:].reshape(len(cell.blocks), H, -1), cell.blocks, strict=True):
        of_gate = slice(block.gate * H, (block.gate + 1) * H)
        if block.from_input:
            gradients["W_xh"][of_gate] = rows[:, :I]
            gradients["b_xh"][of_gate] = rows[:, I]
        if block.from_hidden:
            gradients["W_hh"][of_gate] = rows[:, I + 1 :]
            gradients["b_hh"][of_gate] = rows[:, I]
