r"""One step of the three cells, forward and backward, for many sequences at once.

Each sequence is a column, so ``W @ x`` reads as in the lessons, whose equations these are. A step
is one matrix product and few passes over its result:

* Input, a 1 for the biases, and hidden state lie above each other, ``[x; 1; h]``, and the weights
  beside each other, ``[W_xh | b | W_hh]``: one product gives what all gates add up. Above these
  rows stand those of the logits, ``[0 | b_y | W_hy]``, which belong to the state that the step
  starts from. So one product takes all gradients back to that state, and one gives the gradients
  of all weights.
* :math:`\sigma(a) = (1 + \tanh(a / 2)) / 2`: one tanh serves all gates. The half is in the weights
  of the forward pass already, and the rows of all gates that need a :math:`\sigma` come first.
* All results go into arrays that live as long as the training run (`Step`), laid out so that one
  pass can take several gates, and matrix products in pieces that OpenBLAS is fast with (`layout`).

The GRU multiplies :math:`u = W_{hn} h + b_{hn}` by its reset gate before it adds
:math:`a = W_{xn} x + b_{xn}`, and so has a block of rows for each.

Sources: Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; Cho et al.
2014, in the form with the reset gate after the matrix product, as in cuDNN and PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from course.engine.layout import Product
from course.engine.numerics import Array

#: Arrays by the lessons' names: parameters, or the gradients by them.
Params = Mapping[str, Array]
#: A step's way forward, or its way back.
Pass = Callable[[], None]


@dataclass(frozen=True)
class Step:
    """Where one step of N sequences finds and leaves its numbers; B blocks of H rows each.

    Attributes
    ----------
    inputs : array (I + 1, N)
        ``[x; 1]``.
    before, after : array (H, N)
        h and h'.
    gates : array (B, H, N)
        The gates, in the order of the cell's blocks. Behind the LSTM's stands c, so that g and c
        are neighbours. The RNN has no rows here.
    memory, memory_after : array (H, N)
        The LSTM's c and c'; without rows for the others.
    squashed : array (H, N)
        The LSTM's tanh(c'); without rows for the others.
    d_gates : array (B, H, N)
        The gradients by what is added up for each gate. The LSTM's `d_memory` stands behind them.
    d_hidden, d_memory : array (H, N)
        The gradients by h' and c', which a step turns into those by h and c.
    spare : array (B, H, N)
        For what is needed in between.
    to_sums : tuple of Product
        Make what is added up for each gate, out of ``[x; 1; h]``: the RNN's where h' will stand,
        the others' in `gates`.
    to_d_hidden : tuple of Product
        Makes `d_hidden` out of `d_gates` and the gradients by the logits of the step before.

    What begins with ``d_``, and `spare`, is the same for all steps.
    """

    inputs: Array
    before: Array
    after: Array
    gates: Array
    memory: Array
    memory_after: Array
    squashed: Array
    d_gates: Array
    d_hidden: Array
    d_memory: Array
    spare: Array
    to_sums: tuple[Product, ...]
    to_d_hidden: tuple[Product, ...]


@dataclass(frozen=True)
class Block:
    """H rows of the stacked weights.

    Attributes
    ----------
    gate : int
        Which block of the lessons' rows they are of.
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
class RecurrentCell:
    """One kind of cell.

    Attributes
    ----------
    blocks : tuple of Block
        Those with a sigmoid first, and those with a part from h before those without.
    forward : callable
        ``forward(step)`` returns what makes ``step.after`` and ``step.memory_after``.
    backward : callable
        ``backward(step)`` returns what turns ``step.d_hidden`` and ``step.d_memory``, in place,
        into the gradients by the state that the step starts from, and writes ``step.d_gates``.

    Both look up the parts of arrays once for all passes: each time would take longer than some of
    the work on them.
    """

    blocks: tuple[Block, ...]
    forward: Callable[[Step], Pass]
    backward: Callable[[Step], Pass]

    @property
    def gates(self) -> int:
        """G, the blocks in ``W_xh`` and in ``W_hh``."""
        return sum(block.from_hidden for block in self.blocks)


def multiply(products: tuple[Product, ...]) -> None:
    """Write each product into its place."""
    for a, b, out in products:
        np.matmul(a, b, out=out)


def _finish_sigmoids(halved: Array) -> None:
    """Turn tanh(a / 2) into the sigmoid of a, in place."""
    halved += 1
    halved *= 0.5


def _rnn_forward(step: Step) -> Pass:
    h = step.after

    def run() -> None:
        multiply(step.to_sums)
        np.tanh(h, out=h)

    return run


def _rnn_backward(step: Step) -> Pass:
    h, d_hidden, (d_h,), (a,) = step.after, step.d_hidden, step.d_gates, step.spare

    def run() -> None:
        np.multiply(h, h, out=a)
        np.multiply(a, d_hidden, out=a)
        np.subtract(d_hidden, a, out=d_h)  # dh' (1 - h'^2)
        multiply(step.to_d_hidden)

    return run


def _lstm_forward(step: Step) -> Pass:
    # Passes over two or three gates at once are cheaper than one for each.
    sums, sigmoids, o = step.gates[:4], step.gates[:3], step.gates[2]
    i_and_f, g_and_c = step.gates[:2], step.gates[3:]
    c, tanh_c, h = step.memory_after, step.squashed, step.after
    products, (i_g, f_c, *_) = step.spare[:2], step.spare

    def run() -> None:
        multiply(step.to_sums)
        np.tanh(sums, out=sums)
        _finish_sigmoids(sigmoids)
        np.multiply(i_and_f, g_and_c, out=products)
        np.add(i_g, f_c, out=c)
        np.tanh(c, out=tanh_c)
        np.multiply(o, tanh_c, out=h)

    return run


def _lstm_backward(step: Step) -> Pass:
    i, f, o, g, _ = step.gates
    sigmoids, g_and_c, tanh_c = step.gates[:3], step.gates[3:], step.squashed
    d_hidden, (d_i, _, d_o, d_g, d_c) = step.d_hidden, step.d_gates
    d_i_and_f, d_sigmoids, d_sums = step.d_gates[:2], step.d_gates[:3], step.d_gates[:4]
    d_g_and_c, spare, a = step.d_gates[3:], step.spare[:3], step.spare[3]

    def run() -> None:
        # h' = o tanh(c'): do o = dh' o tanh(c'), and dc' += dh' o (1 - tanh(c')^2)
        np.multiply(d_hidden, o, out=a)
        np.add(d_c, a, out=d_c)
        np.multiply(a, tanh_c, out=d_o)
        np.multiply(d_o, tanh_c, out=a)
        np.subtract(d_c, a, out=d_c)

        # c' = i g + f c: dg = dc' i, dc = dc' f, di i = dg g, df f = dc c
        np.multiply(d_c, i, out=d_g)
        np.multiply(d_c, f, out=d_c)
        np.multiply(d_g_and_c, g_and_c, out=d_i_and_f)

        # Back to the sums: di i (1 - i), df f (1 - f), do o (1 - o), and dg - dg g g
        np.multiply(d_sigmoids, sigmoids, out=spare)
        np.multiply(d_i, g, out=a)
        np.subtract(d_sums, step.spare, out=d_sums)
        multiply(step.to_d_hidden)

    return run


def _gru_forward(step: Step) -> Pass:
    (r, z, u, n), before, after = step.gates, step.before, step.after
    sigmoids, a = step.gates[:2], step.spare[0]

    def run() -> None:
        multiply(step.to_sums)
        np.tanh(sigmoids, out=sigmoids)
        _finish_sigmoids(sigmoids)
        np.multiply(r, u, out=a)
        np.add(n, a, out=n)
        np.tanh(n, out=n)
        np.subtract(before, n, out=a)
        np.multiply(a, z, out=a)
        np.add(n, a, out=after)  # n + z (h - n) = (1 - z) n + z h

    return run


def _gru_backward(step: Step) -> Pass:
    (r, z, u, n), (d_r, d_z, d_u, d_n) = step.gates, step.d_gates
    before, sigmoids, a = step.before, step.gates[:2], step.spare[0]
    d_hidden, d_sigmoids = step.d_hidden, step.d_gates[:2]
    past, spare = step.spare[2], step.spare[:2]

    def run() -> None:
        # h' = n + z (h - n): dz = dh' (h - n), dn = dh' (1 - z), and past the gates h gets dh' z
        np.multiply(d_hidden, z, out=past)
        np.subtract(before, n, out=a)
        np.multiply(past, a, out=d_z)
        np.subtract(d_hidden, past, out=d_hidden)

        # n = tanh(a + r u): dn (1 - n^2) to a, that times r to u, and times u to r
        np.multiply(n, n, out=a)
        np.multiply(a, d_hidden, out=a)
        np.subtract(d_hidden, a, out=d_n)
        np.multiply(d_n, r, out=d_u)
        np.multiply(d_u, u, out=d_r)

        # Through the sigmoids: dr r (1 - r) and dz z (1 - z)
        np.multiply(d_sigmoids, sigmoids, out=spare)
        np.subtract(d_sigmoids, spare, out=d_sigmoids)
        multiply(step.to_d_hidden)
        np.add(d_hidden, past, out=d_hidden)

    return run


CELLS = {
    "rnn": RecurrentCell((Block(0),), _rnn_forward, _rnn_backward),
    # i, f, o, g: the sigmoids together
    "lstm": RecurrentCell(
        (Block(0, True), Block(1, True), Block(3, True), Block(2)), _lstm_forward, _lstm_backward
    ),
    # r, z, u, a
    "gru": RecurrentCell(
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


def find_cell(cell_type: str) -> RecurrentCell:
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


def stack_weights(cell: RecurrentCell, params: Params, out: Array) -> None:
    """Lay the weights beside and above each other, as the steps need them.

    Parameters
    ----------
    cell : RecurrentCell
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


def halve(cell: RecurrentCell, rows: Array, out: Array) -> None:
    """Write the gates' rows of stacked weights (B·H, I + 1 + H), a half of those of sigmoids."""
    sigmoids = len(rows) * sum(block.sigmoid for block in cell.blocks) // len(cell.blocks)
    np.multiply(rows[:sigmoids], 0.5, out=out[:sigmoids])
    out[sigmoids:] = rows[sigmoids:]


def unstack_gradients(cell: RecurrentCell, d_W: Array, gradients: Params) -> None:
    """Write the gradients of the six arrays that `stack_weights` laid together.

    Parameters
    ----------
    cell : RecurrentCell
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
