"""Tell whether the state is carried on where the truth and the model's own tokens take turns.

Teacher forcing and free running may both be right and this not: after an own token a decoder may
go back to where it began, or go on from the state that the truth would have given.
"""

from __future__ import annotations

import numpy as np

from course.checks.cells.calls import call_each
from course.checks.cells.examples import Array
from course.checks.known.features import UNREADABLE, Arguments, Feature, Function
from course.checks.known.inputs.fed import Inputs, Source, near, one_hot, read_inputs
from course.checks.known.inputs.lens import SIZE, lens, logits_of, states_before, states_of

#: The kind where the state is right.
CARRIED = "carried on"

#: How much of the state before the lens adds to an input.
MEMORY = 0.4


def carried(function: Function, arguments: Arguments) -> Feature:
    """Observe from which state each step goes on. The arguments: cell type, T, p, calls."""
    cell_type, T, p, times = arguments()
    context, targets, params = lens(cell_type, T, MEMORY)
    try:
        (forced,) = call_each(function, [(*lens(cell_type, T, MEMORY), 0.0, cell_type)])
        runs = call_each(
            function, [(*lens(cell_type, T, MEMORY), p, cell_type) for _ in range(times)]
        )
    except Exception:
        return Feature(UNREADABLE)  # which plainer calls than these show
    shape = (T, len(params["b_y"]))
    if any(not isinstance(run, np.ndarray) or run.shape != shape for run in (forced, *runs)):
        return Feature(UNREADABLE)
    logits = np.array([forced, *runs], dtype=np.float64)
    inputs = np.concatenate([params["x_start"][None], targets[:-1]])
    before = np.concatenate([context[None], states_of(logits[0, :-1], params)])
    if not near(logits[0], logits_of(inputs, params, cell_type, before)).all():
        return Feature(UNREADABLE)  # teacher forcing itself is not right
    logits = logits[1:]
    own, truth = one_hot(logits[:, :-1].argmax(axis=2)), targets[:-1]
    before = states_of(logits[:, :-1], params)
    first = np.broadcast_to(context, before[:, :1].shape)
    earlier = np.concatenate([first, before[:, :-1]], axis=1)
    forced_state = np.broadcast_to(states_of(forced[:-1], params), before.shape)
    starts: dict[str, Array | float] = {
        CARRIED: before,
        "from context_vector": context,
        "from zeros": 0.0,
        "from the state of two steps ago": earlier,
        "from the state of a pass with teacher forcing": forced_state,
    }
    left = np.ones(logits[:, 1:].shape[:2], dtype=bool)
    with np.errstate(invalid="ignore"):
        for name, start in starts.items():
            fits = [
                near(logits[:, 1:], logits_of(fed, params, cell_type, start))
                for fed in (own, truth)
            ]
            after = left & ~(fits[0] | fits[1])
            if not after.any():
                return Feature(name)
            left = after if name == CARRIED else left
    return Feature("from another state")


def said(kind: str) -> str:
    """Say what a kind means, and what to do."""
    return (
        f"Inputs are right, but where own and true tokens take turns some steps go on {kind}, not "
        f"from the state that the step before has left; whatever was fed moves the state, and the "
        f"next step goes on from it."
    )


def comes_from(source: Source, seen: Inputs, cell_type: str) -> bool:
    """Say whether inputs from a source give logits that were read with `MEMORY`.

    Without memory rows are the same wherever inputs are, so that the source of one input may seem
    to be that of another.
    """
    T = seen.logits.shape[1]
    params = lens(cell_type, T, MEMORY).decoder_params
    later = np.broadcast_to(source(seen), seen.logits[:, 1:].shape)
    for logits, fed in zip(seen.logits, later, strict=True):
        inputs = np.concatenate([params["x_start"][None], fed])
        due = np.concatenate([seen.context[None], states_of(logits[:-1], params)])
        if not near(states_before(logits, inputs, params, cell_type), due).all():
            return False
    return True


def is_fed_with_memory(function: Function, cell_type: str, source: Source, T: int = 12) -> bool:
    """Say whether a decoder that runs free is fed from a source with `MEMORY` as well."""
    try:
        logits = np.array(function(*lens(cell_type, T, MEMORY), 1.0, cell_type), dtype=np.float64)
    except Exception:
        return False
    if logits.shape != (T, SIZE) or not np.isfinite(logits).all():
        return False
    seen = read_inputs(logits[None], lens(cell_type, T, MEMORY), cell_type)
    return comes_from(source, seen, cell_type)
