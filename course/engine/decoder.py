r"""The decoder on many sequences at once: forward, and back-propagation through time.

The equations are the lessons', a sequence a column: a hidden state is (H, N) in place of (H,), and
logits are ``(T, O, N)``. What a step works on lies together, and what no later step needs is
written over by the next, so that most of it is in the processor's cache when it is needed.

No gradient goes through the choice of a fed token: the tokens are taken as given, as in the
paper (Bengio et al. 2015, section 2.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from course.engine.cells import (
    Params,
    Pass,
    Step,
    find_cell,
    halve,
    multiply,
    stack_weights,
    unstack_gradients,
)
from course.engine.feeding import Feed, choose_tokens
from course.engine.layout import Product, aligned_zeros, in_parts
from course.engine.numerics import Array


@dataclass(frozen=True)
class Tape:
    """All that one forward pass made, and room for the backward pass; good for many passes.

    Attributes
    ----------
    cell_type : str
    stack : array (T + 1, I + 1 + H, N)
        ``[x; 1; h]`` that each step starts from, and after the last step h alone; `inputs` and
        `states` are views of it.
    inputs : array (T + 1, I + 1, N)
        ``[x; 1]`` of each step; the last is not used.
    states : array (T + 1, H, N)
        The context, then h after each step.
    outputs : array (O, T, N)
        The logits, features first.
    weights : array (O + B·H, I + 1 + H)
        The stacked weights of the pass.
    halved : array (B·H, I + 1 + H)
        The gates' rows as the cell's forward step takes them.
    d_sums : array (O + B·H, N)
        The gradients by what the stacked weights give of one ``[x; 1; h]``: the logits of the
        step before, and what is added up for each gate. All steps use the same array.
    d_hidden, d_memory : array (H, N)
        Likewise, the gradients by the state.
    columns : array (N, I + 1 + H)
        A step's stack turned over.
    d_weights : array (2, O + B·H, I + 1 + H)
        Gradients by the weights: over all steps, and of one.
    to_d_weights : tuple of Product
        Make the latter out of `d_sums` and `columns`.
    steps : tuple of Step
        What each of the T steps sees of these arrays.
    way_back : bool
        Whether each step keeps its gates for `backward`.
    """

    cell_type: str
    stack: Array
    inputs: Array
    states: Array
    outputs: Array
    weights: Array
    halved: Array
    d_sums: Array
    d_hidden: Array
    d_memory: Array
    columns: Array
    d_weights: Array
    to_d_weights: tuple[Product, ...]
    steps: tuple[Step, ...]
    way_back: bool

    @cached_property
    def ways_forward(self) -> tuple[Pass, ...]:
        """What each step does on the way forward."""
        return tuple(find_cell(self.cell_type).forward(step) for step in self.steps)

    @cached_property
    def ways_back(self) -> tuple[Pass, ...]:
        """What each step does on the way back."""
        return tuple(find_cell(self.cell_type).backward(step) for step in self.steps)

    @property
    def logits(self) -> Array:
        """The predictions of each step, (T, O, N): a view, which the next pass writes over."""
        return self.outputs.transpose(1, 0, 2)

    @property
    def hidden(self) -> Array:
        """The hidden state after each step, (T, H, N), a view."""
        return self.states[1:]

    @property
    def fed(self) -> Array:
        """What each step was fed, (T, I, N), a view."""
        return self.inputs[:-1, :-1]


def new_tape(
    cell_type: str, params: Params, steps: int, columns: int, way_back: bool = True
) -> Tape:
    """Make room for T = `steps` steps of N = `columns` sequences, in the dtype of the weights.

    Without a way back all steps write their gates to the same place, which stays in the
    processor's cache; such a tape is not for `backward`.
    """
    cell, dtype, N = find_cell(cell_type), params["W_hh"].dtype, columns
    O, H = params["W_hy"].shape
    inputs_height, B = params["W_xh"].shape[1] + 1, len(cell.blocks)
    K, has_gates, has_memory = inputs_height + H, cell_type != "rnn", cell_type == "lstm"

    room = aligned_zeros(
        dtype,
        stack=(steps + 1, K, N),
        gates=(steps + 1 if way_back else 1, has_gates * B + has_memory, H, N),
        squashed=(steps, has_memory * H, N),
        outputs=(O, steps, N),
        weights=(O + B * H, K),
        halved=(B * H, K),
        # All steps use the same of these, so that they stay in the processor's cache.
        d_sums=(O + (B + has_memory) * H, N),
        d_hidden=(H, N),
        spare=(B, H, N),
        columns=(N, K),
        d_weights=(2, O + B * H, K),
    )
    stack, weights, halved = room["stack"], room["weights"], room["halved"]
    stack[:, inputs_height - 1] = 1
    inputs, states = stack[:, :inputs_height], stack[:, inputs_height:]
    d_sums, d_memory = np.split(room["d_sums"], [O + B * H])
    d_gates, d_hidden = room["d_sums"][O:].reshape(B + has_memory, H, N), room["d_hidden"]
    d_W, turned = room["d_weights"][1], room["columns"]

    R = cell.gates * H  # rows that h has a part in; [x; 1] alone in those below
    to_d_hidden = in_parts(weights[: O + R, inputs_height:].T, d_sums[: O + R], d_hidden)
    to_d_weights = [in_parts(d_sums[: O + R], turned, d_W[: O + R])]
    if R < B * H:
        d_rest = d_W[O + R :, :inputs_height]
        to_d_weights.append(in_parts(d_sums[O + R :], turned[:, :inputs_height], d_rest))

    def step(t: int) -> Step:
        here, after = (room["gates"][at % len(room["gates"])] for at in (t, t + 1))
        sums = here[:B].reshape(B * H, N) if has_gates else states[t + 1]
        to_sums = [in_parts(halved[:R], stack[t], sums[:R])]
        if R < B * H:
            to_sums.append(in_parts(halved[R:, :inputs_height], inputs[t], sums[R:]))
        return Step(
            inputs=inputs[t],
            before=states[t],
            after=states[t + 1],
            gates=here,
            memory=here[B:].reshape(has_memory * H, N),
            memory_after=after[B:].reshape(has_memory * H, N),
            squashed=room["squashed"][t],
            d_gates=d_gates,
            d_hidden=d_hidden,
            d_memory=d_memory,
            spare=room["spare"],
            to_sums=tuple(to_sums),
            to_d_hidden=(to_d_hidden,),
        )

    return Tape(
        cell_type=cell_type,
        stack=stack,
        inputs=inputs,
        states=states,
        outputs=room["outputs"],
        weights=weights,
        halved=halved,
        d_sums=d_sums,
        d_hidden=d_hidden,
        d_memory=d_memory,
        columns=turned,
        d_weights=room["d_weights"],
        to_d_weights=tuple(to_d_weights),
        steps=tuple(step(t) for t in range(steps)),
        way_back=way_back,
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
        The lessons' `decoder_params`, float32 or float64.
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
        For an unknown `cell_type`, or a context or a tape of another size.
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
    if tape.outputs.shape[1:] != (T, N):
        made_for = tape.outputs.shape[1:]
        raise ValueError(f"the tape is for (T, N) = {made_for}, got {(T, N)}: make a new one")
    O, I = len(tape.outputs), tape.inputs.shape[1] - 1
    stack_weights(cell, params, tape.weights)
    halve(cell, tape.weights[O:], tape.halved)
    to_logits = tape.weights[:O, I:]  # of [1; h]
    tape.states[0] = context
    if T:
        tape.steps[0].memory[...] = 0
        _write_truth(tape.inputs[:-1], params["x_start"], target_seq)

    own = feed.own if feed is not None and feed.own[1:].any() else None
    for t, step_forward in enumerate(tape.ways_forward):
        if own is not None and t > 0:
            lots = feed.lots[t] if feed is not None and feed.lots is not None else None
            _feed_own(tape, t, own[t], lots)
        step_forward()
        if own is not None:
            np.matmul(to_logits, tape.stack[t + 1, I:], out=tape.outputs[:, t])
    if own is None:
        np.matmul(to_logits, tape.stack[1:, I:], out=tape.logits)
    return tape


def _write_truth(inputs: Array, x_start: Array, target_seq: Array) -> None:
    """Feed ``x_start`` to step 0, and to every other step the truth of the one before."""
    inputs[0, :-1] = x_start[:, None]
    if target_seq.ndim == 3:
        inputs[1:, :-1] = target_seq[:-1]
    else:
        inputs[1:, :-1] = 0
        T, N = target_seq.shape
        inputs[np.arange(1, T)[:, None], target_seq[:-1], np.arange(N)] = 1


def _feed_own(tape: Tape, t: int, own: Array, lots: Array | None) -> None:
    """Put the model's own token in the place of the truth, where `own` (N,) says so."""
    columns = np.flatnonzero(own)
    logits = tape.outputs[:, t - 1][:, columns]
    tokens = choose_tokens(logits, None if lots is None else lots[columns])
    tape.inputs[t, :-1, columns] = 0
    tape.inputs[t, tokens, columns] = 1


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

    Raises
    ------
    ValueError
        For a tape without a way back.
    """
    if not tape.way_back:
        raise ValueError("this tape keeps no gates: make it with new_tape(..., way_back=True)")
    cell = find_cell(tape.cell_type)
    O, T, _ = tape.outputs.shape
    inputs_height = tape.inputs.shape[1]
    d_sums, d_hidden, (d_W, d_W_step) = tape.d_sums, tape.d_hidden, tape.d_weights
    for zeroed in (d_sums, d_hidden, tape.d_memory, d_W):
        zeroed[...] = 0

    if T:
        np.matmul(d_logits[-1], tape.stack[T].T, out=d_W[:O])
        np.matmul(tape.weights[:O, inputs_height:].T, d_logits[-1], out=d_hidden)
    for t in reversed(range(T)):
        d_sums[:O] = d_logits[t - 1] if t else 0
        tape.ways_back[t]()
        # A single product for all steps would need the d_sums of all, which no cache holds.
        tape.columns[...] = tape.stack[t].T
        multiply(tape.to_d_weights)
        d_W += d_W_step

    unstack_gradients(cell, d_W, gradients)
    first = d_sums[O:].sum(axis=1)  # of step 0
    np.matmul(first, tape.weights[O:, : inputs_height - 1], out=gradients["x_start"])
    return d_hidden.copy()


def context_from(params: Params, features: Array) -> Array:
    """Encode: ``context = tanh(W_context @ features + b_context)``, (F, N) to (H, N)."""
    total: Array = params["W_context"] @ features + params["b_context"][:, None]
    return np.tanh(total)


def context_backward(features: Array, context: Array, d_context: Array, gradients: Params) -> None:
    """Write the encoder's gradients, from that by the context (H, N)."""
    d_total = d_context * (1 - context * context)
    np.matmul(d_total, features.T, out=gradients["W_context"])
    d_total.sum(axis=1, out=gradients["b_context"])
