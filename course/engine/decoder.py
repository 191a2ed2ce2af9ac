r"""The decoder on many sequences at once: forward, and back-propagation through time.

The equations are EXERCISES', a sequence a column: a hidden state is (H, N) in place of (H,), and
logits are ``(T, O, N)``. Arrays over all steps are stored with the features first, (H, T, N), so
that a single matrix product serves all steps: the logits where no step waits for the one before,
and the gradient of the weights.

No gradient goes through the choice of a fed token: the tokens are taken as given, as in the
paper (Bengio et al. 2015, section 2.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.engine.cells import Params, Step, find_cell, halve, stack_weights, unstack_gradients
from course.engine.feeding import Feed, choose_tokens
from course.engine.numerics import Array


@dataclass(frozen=True)
class Tape:
    """All that one forward pass made, and room for the backward pass; good for many passes.

    Attributes
    ----------
    cell_type : str
    inputs : array (I + 1, T + 1, N)
        ``[x; 1]`` of each step; the last is not used.
    states : array (H, T + 1, N)
        The context, then h after each step.
    stack : array (I + 1 + H, T + 1, N)
        The two above each other; they are views of it.
    d_sums : array (O + B·H, T + 1, N)
        The gradients by what the stacked weights give of each ``[x; 1; h]``: the logits of the
        step before and the sums of the gates. No logits stand at the first, no gates at the last.
    outputs : array (O, T, N)
        The logits, features first.
    weights : array (O + B·H, I + 1 + H)
        The stacked weights of the pass.
    halved : array (B·H, I + 1 + H)
        The gates' rows as the cell's forward step takes them.
    steps : tuple of Step
        What each of the T steps sees of these arrays.
    """

    cell_type: str
    inputs: Array
    states: Array
    stack: Array
    d_sums: Array
    outputs: Array
    weights: Array
    halved: Array
    steps: tuple[Step, ...]

    @property
    def logits(self) -> Array:
        """The predictions of each step, (T, O, N): a view, which the next pass writes over."""
        return self.outputs.transpose(1, 0, 2)

    @property
    def hidden(self) -> Array:
        """The hidden state after each step, (T, H, N), a view."""
        return self.states[:, 1:].transpose(1, 0, 2)

    @property
    def fed(self) -> Array:
        """What each step was fed, (T, I, N), a view."""
        return self.inputs[:-1, :-1].transpose(1, 0, 2)


def new_tape(cell_type: str, params: Params, steps: int, columns: int) -> Tape:
    """Make room for T = `steps` steps of N = `columns` sequences, in the dtype of the weights."""
    dtype = params["W_hh"].dtype
    output_dim, H = params["W_hy"].shape
    inputs_height = params["W_xh"].shape[1] + 1
    B = len(find_cell(cell_type).blocks)
    memory_rows = H if cell_type == "lstm" else 0
    stack = np.ones((inputs_height + H, steps + 1, columns), dtype)
    inputs, states = stack[:inputs_height], stack[inputs_height:]
    weights = np.empty((output_dim + B * H, len(stack)), dtype)
    gates = np.empty((steps, B * H, columns), dtype)
    # The same for all steps, so that they stay in the processor's cache.
    spare, d_step = np.empty((B * H, columns), dtype), np.empty((len(weights), columns), dtype)
    memory = np.zeros((steps + 1, memory_rows, columns), dtype)
    squashed = np.empty((steps, memory_rows, columns), dtype)

    def parts(rows: Array) -> tuple[Array, ...]:
        return tuple(rows.reshape(B, H, columns))

    return Tape(
        cell_type=cell_type,
        inputs=inputs,
        states=states,
        stack=stack,
        d_sums=np.zeros((len(weights), steps + 1, columns), dtype),
        outputs=np.empty((output_dim, steps, columns), dtype),
        weights=weights,
        halved=np.empty_like(weights[output_dim:]),
        steps=tuple(
            Step(
                stack=stack[:, t],
                inputs=inputs[:, t],
                before=states[:, t],
                after=states[:, t + 1],
                gates=gates[t],
                d_sums=d_step,
                d_gates=d_step[output_dim:],
                memory=memory[t],
                memory_after=memory[t + 1],
                squashed=squashed[t],
                spare=spare,
                blocks=parts(gates[t]),
                d_blocks=parts(d_step[output_dim:]),
                spares=parts(spare),
            )
            for t in range(steps)
        ),
    )


def forward(
    cell_type: str,
    params: Params,
    context: Array,
    target_seq: Array,
    feed: Feed | None = None,
    tape: Tape | None = None,
) -> Tape:
    """Run the decoder.

    Parameters
    ----------
    cell_type : {"rnn", "lstm", "gru"}
    params : mapping
        EXERCISES' `decoder_params`, float32 or float64.
    context : array (H, N)
        The first hidden states.
    target_seq : int array (T, N) or array (T, I, N)
        The truth, as tokens or as vectors. The last step's is never fed.
    feed : Feed, optional
        Which steps are fed the model's own token; teacher forcing without it.
    tape : Tape, optional
        What an earlier call returned for the same sizes, to be written over.

    Returns
    -------
    Tape

    Raises
    ------
    ValueError
        For an unknown `cell_type`, or a context of another size.
    """
    cell = find_cell(cell_type)
    T, N = target_seq.shape[0], target_seq.shape[-1]
    H = params["W_hh"].shape[1]
    if context.shape != (H, N):
        raise ValueError(
            f"context must have shape (H, N) = ({H}, {N}), got {context.shape}: "
            "does it come from an encoder of another size?"
        )
    tape = new_tape(cell_type, params, T, N) if tape is None else tape
    O, I = len(tape.outputs), len(tape.inputs) - 1
    stack_weights(cell, params, tape.weights)
    halve(cell, tape.weights[O:], tape.halved)
    to_logits = tape.weights[:O, I:]  # of [1; h]
    tape.states[:, 0] = context
    if T:
        _write_truth(tape.inputs[:-1], params["x_start"], target_seq)

    own = feed.own if feed is not None and feed.own[1:].any() else None
    for t, step in enumerate(tape.steps):
        if own is not None and t > 0:
            lots = feed.lots[t] if feed is not None and feed.lots is not None else None
            _feed_own(tape, t, own[t], lots)
        cell.forward(step, tape.halved)
        if own is not None:
            np.matmul(to_logits, tape.stack[I:, t + 1], out=tape.outputs[:, t])
    if own is None:
        made = tape.stack[I:, 1:].reshape(1 + H, T * N)
        np.matmul(to_logits, made, out=tape.outputs.reshape(O, T * N))
    return tape


def _write_truth(inputs: Array, x_start: Array, target_seq: Array) -> None:
    """Feed ``x_start`` to step 0, and to every other step the truth of the one before."""
    inputs[:, 0] = x_start[:, None]
    if target_seq.ndim == 3:
        inputs[:, 1:-1] = target_seq[:-1].transpose(1, 0, 2)
    else:
        inputs[:, 1:-1] = 0
        step, column = np.ogrid[1 : target_seq.shape[0], : target_seq.shape[1]]
        inputs[target_seq[:-1], step, column] = 1


def _feed_own(tape: Tape, t: int, own: Array, lots: Array | None) -> None:
    """Put the model's own token in the place of the truth, where `own` (N,) says so."""
    columns = np.flatnonzero(own)
    logits = tape.outputs[:, t - 1][:, columns]
    tokens = choose_tokens(logits, None if lots is None else lots[columns])
    tape.inputs[:-1, t, columns] = 0
    tape.inputs[tokens, t, columns] = 1


def backward(params: Params, tape: Tape, d_logits: Array, gradients: Params) -> Array:
    """Go back through time.

    Parameters
    ----------
    params : mapping
        As given to `forward`.
    tape : Tape
        What `forward` returned.
    d_logits : array (T, O, N)
        Gradient of the loss by the logits.
    gradients : mapping
        Arrays of the decoder's parameters' shapes, written over.

    Returns
    -------
    array (H, N)
        Gradient by the context.
    """
    cell = find_cell(tape.cell_type)
    O, T, N = tape.outputs.shape
    H, inputs_height = len(tape.states), len(tape.inputs)
    recurrent = O + cell.gates * H
    tape.d_sums[:O, 1:] = d_logits.transpose(1, 0, 2)

    W_h = tape.weights[:recurrent, inputs_height:]
    d_hidden: Array = np.matmul(W_h[:O].T, tape.d_sums[:O, T])  # zeros where there is no step
    d_memory = np.zeros_like(d_hidden)
    for t in reversed(range(T)):
        step = tape.steps[t]
        step.d_sums[:O] = tape.d_sums[:O, t]
        cell.backward(step, W_h, d_hidden, d_memory)
        tape.d_sums[O:, t] = step.d_gates

    d_sums = tape.d_sums.reshape(len(tape.weights), (T + 1) * N)
    stack = tape.stack.reshape(len(tape.stack), (T + 1) * N)
    d_W = np.empty_like(tape.weights)
    np.matmul(d_sums[:recurrent], stack.T, out=d_W[:recurrent])
    np.matmul(d_sums[recurrent:], stack[:inputs_height].T, out=d_W[recurrent:, :inputs_height])
    unstack_gradients(cell, d_W, gradients)
    first = tape.d_sums[O:, 0].sum(axis=1)
    np.matmul(first, tape.weights[O:, : inputs_height - 1], out=gradients["x_start"])
    return d_hidden


def context_from(params: Params, features: Array) -> Array:
    """Encode: ``context = tanh(W_context @ features + b_context)``, (F, N) to (H, N)."""
    total: Array = params["W_context"] @ features + params["b_context"][:, None]
    return np.tanh(total)


def context_backward(features: Array, context: Array, d_context: Array, gradients: Params) -> None:
    """Write the encoder's gradients, from that by the context (H, N)."""
    d_total = d_context * (1 - context * context)
    np.matmul(d_total, features.T, out=gradients["W_context"])
    d_total.sum(axis=1, out=gradients["b_context"])
