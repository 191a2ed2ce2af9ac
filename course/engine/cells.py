r"""One step of the three cells, forward and backward, for many sequences at once.

Each sequence is a column, so ``W @ x`` reads as in EXERCISES, whose equations these are. A step is
one matrix product and few passes over its result:

* Input, a 1 for the biases, and hidden state lie above each other, ``[x; 1; h]``, and the weights
  beside each other, ``[W_xh | b | W_hh]``: one product gives what all gates add up. The weights'
  gradients, too, are one product for all steps.
* :math:`\sigma(a) = 1 / (1 + e^{-a})`: the minus is in the stacked weights already, and the rows
  of all gates that need a :math:`\sigma` lie together.
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
    d_gates : array (B·H, N)
        The gradients by what the matrix product gave for each, until the next step's are
        written there; `d_blocks` are its parts.
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
    sign : int
        -1 where a sigmoid follows, else 1.
    from_input, from_hidden : bool
        Whether ``W_xh`` and ``b_xh``, and ``W_hh`` and ``b_hh``, have a part in it.
    """

    gate: int
    sign: int = 1
    from_input: bool = True
    from_hidden: bool = True


@dataclass(frozen=True)
class Cell:
    """One kind of cell.

    Attributes
    ----------
    blocks : tuple of Block
        Those with a part from h first.
    forward : callable
        ``forward(step, W)`` makes ``step.after``, with stacked weights.
    backward : callable
        ``backward(step, W_hh, d_hidden, d_memory)`` takes the gradients by ``step.after`` and by
        ``step.memory_after`` (H, N), turns them, in place, into those by ``step.before`` and
        ``step.memory``, and writes ``step.d_gates``.
    """

    blocks: tuple[Block, ...]
    forward: Callable[[Step, Array], None]
    backward: Callable[[Step, Array, Array, Array], None]

    @property
    def gates(self) -> int:
        """G, the blocks in ``W_xh`` and in ``W_hh``."""
        return sum(block.from_hidden for block in self.blocks)


def _logistic(negative: Array) -> None:
    """Turn -a into the sigmoid of a, in place."""
    np.exp(negative, out=negative)
    negative += 1
    np.divide(1, negative, out=negative)


def _through_logistic(d: Array, s: Array, spare: Array) -> None:
    """Turn ``d * s`` into ``-d * s * (1 - s)``, the gradient by -a where s = sigmoid(a)."""
    np.multiply(d, s, out=spare)
    np.subtract(spare, d, out=d)


def _rnn_forward(step: Step, W: Array) -> None:
    np.tanh(np.matmul(W, step.stack, out=step.spare), out=step.after)


def _rnn_backward(step: Step, W_hh: Array, d_hidden: Array, d_memory: Array) -> None:
    a = np.multiply(step.after, step.after, out=step.spare)
    a *= d_hidden
    np.subtract(d_hidden, a, out=step.d_gates)  # dh' (1 - h'^2)
    np.matmul(W_hh.T, step.d_gates, out=d_hidden)


def _lstm_forward(step: Step, W: Array) -> None:
    np.matmul(W, step.stack, out=step.gates)
    i, f, o, g = step.blocks
    _logistic(step.gates[: 3 * len(g)])
    np.tanh(g, out=g)
    c = np.multiply(f, step.memory, out=step.memory_after)
    c += np.multiply(i, g, out=step.spares[0])
    np.multiply(o, np.tanh(c, out=step.squashed), out=step.after)


def _lstm_backward(step: Step, W_hh: Array, d_hidden: Array, d_memory: Array) -> None:
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

    H = len(d_hidden)
    _through_logistic(step.d_gates[: 3 * H], step.gates[: 3 * H], step.spare[: 3 * H])
    np.matmul(W_hh.T, step.d_gates, out=d_hidden)


def _gru_forward(step: Step, W: Array) -> None:
    H, inputs_height = len(step.after), len(step.inputs)
    np.matmul(W[: 3 * H], step.stack, out=step.gates[: 3 * H])
    np.matmul(W[3 * H :, :inputs_height], step.inputs, out=step.gates[3 * H :])
    r, z, u, n = step.blocks
    _logistic(step.gates[: 2 * H])
    n += np.multiply(r, u, out=step.spares[0])
    np.tanh(n, out=n)
    back = np.subtract(step.before, n, out=step.spares[0])
    back *= z
    np.add(n, back, out=step.after)  # n + z (h - n) = (1 - z) n + z h


def _gru_backward(step: Step, W_hh: Array, d_hidden: Array, d_memory: Array) -> None:
    r, z, u, n = step.blocks
    d_r, d_z, d_u, d_n = step.d_blocks
    past, a, b, _ = step.spares

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

    H = len(d_hidden)
    _through_logistic(step.d_gates[: 2 * H], step.gates[: 2 * H], step.spare[2 * H :])
    np.matmul(W_hh.T, step.d_gates[: 3 * H], out=d_hidden)
    d_hidden += past


CELLS = {
    "rnn": Cell((Block(0),), _rnn_forward, _rnn_backward),
    # i, f, o, g: the sigmoids together
    "lstm": Cell(
        (Block(0, -1), Block(1, -1), Block(3, -1), Block(2)), _lstm_forward, _lstm_backward
    ),
    # r, z, u, a
    "gru": Cell(
        (
            Block(0, -1),
            Block(1, -1),
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
    """Lay the weights beside each other, as the steps need them.

    Parameters
    ----------
    cell : Cell
    params : mapping
        ``W_xh`` (G·H, I), ``W_hh`` (G·H, H), ``b_xh`` and ``b_hh`` (G·H,).
    out : array (B·H, I + 1 + H)
        Written over with ``[W_xh | b | W_hh]``, rows of a block together, with its sign.
    """
    H, I = params["W_hh"].shape[1], params["W_xh"].shape[1]
    for rows, block in zip(out.reshape(len(cell.blocks), H, -1), cell.blocks, strict=True):
        of_gate = slice(block.gate * H, (block.gate + 1) * H)
        rows[...] = 0
        if block.from_input:
            rows[:, :I] = params["W_xh"][of_gate]
            rows[:, I] += params["b_xh"][of_gate]
        if block.from_hidden:
            rows[:, I + 1 :] = params["W_hh"][of_gate]
            rows[:, I] += params["b_hh"][of_gate]
        if block.sign < 0:
            np.negative(rows, out=rows)


def unstack_gradients(cell: Cell, d_W: Array, gradients: Params) -> None:
    """Write the gradients of the four arrays that `stack_weights` laid together.

    Parameters
    ----------
    cell : Cell
    d_W : array (B·H, I + 1 + H)
        Gradient by the stacked weights. Parts that a block does not have are not read.
    gradients : mapping
        Arrays of the parameters' shapes, written over.
    """
    H, I = gradients["W_hh"].shape[1], gradients["W_xh"].shape[1]
    for rows, block in zip(d_W.reshape(len(cell.blocks), H, -1), cell.blocks, strict=True):
        of_gate = slice(block.gate * H, (block.gate + 1) * H)
        if block.from_input:
            np.multiply(rows[:, :I], block.sign, out=gradients["W_xh"][of_gate])
            np.multiply(rows[:, I], block.sign, out=gradients["b_xh"][of_gate])
        if block.from_hidden:
            np.multiply(rows[:, I + 1 :], block.sign, out=gradients["W_hh"][of_gate])
            np.multiply(rows[:, I], block.sign, out=gradients["b_hh"][of_gate])
