"""Read what step 0 is fed, and from which state each step goes on, where the cell itself is right.

Inputs and states are read off the logits by `course.checks.known.inputs.lens`. What is read counts
where the rest fits: of a cell that is wrong nothing could be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.asking import Calls
from course.checks.known.features import equal
from course.checks.known.inputs.carried import MEMORY, comes_from
from course.checks.known.inputs.fed import (
    AT_STEP_0,
    OWN_SIDE,
    TRUE_SIDE,
    Inputs,
    Source,
    first_input,
    near,
    one_hot,
    read_inputs,
    strange_inputs,
)
from course.checks.known.inputs.lens import SIZE, lens, logits_of, states_before, states_of
from course.checks.known.properties.transforms import OF_STATES
from course.checks.known.told import Told

#: Steps of the calls that are read.
STEPS = 12


def read(calls: Calls, cell: str, memory: float = 0.0, **more: Array) -> Inputs | None:
    """Return what was fed in one call through the lens; None where nothing can be read."""
    context, targets, params = lens(cell, STEPS, memory)
    params.update(more)

    def change(given: dict[str, Any]) -> None:
        given["context_vector"] = context.copy()
        given[calls.weights] = {key: array.copy() for key, array in params.items()}
        new = {"target_seq": targets.copy(), "seq_len": STEPS, "sampling_prob": 0.0}
        given.update({key: value for key, value in new.items() if key in given})

    (logits,) = calls.results([change])
    if logits is None or logits.shape != (STEPS, SIZE) or not np.isfinite(logits).all():
        return None
    return read_inputs(logits[None], lens(cell, STEPS, memory), cell, more)


def fed_at_step_0(calls: Calls, cell: str) -> Iterator[Told]:
    """Find what step 0 is fed in place of x_start, where later steps are fed something else."""
    seen = read(calls, cell)
    what = first_input(seen) if seen else ""
    if seen is None or what not in AT_STEP_0:
        return
    every = np.ones((1, STEPS - 1), dtype=bool)
    later = strange_inputs([(seen, every)], {**TRUE_SIDE, **OWN_SIDE}) or _due(calls, seen)
    if later and np.ptp(seen.fed[0, 1:], axis=0).max() > 0.01:  # else the cell hears no input
        yield Told(
            "feeds_another_vector_at_step_0",
            f"Your logits show that step 0 is fed {what}; it always gets x_start.",
        )


def _due(calls: Calls, seen: Inputs) -> bool:
    """Say whether each later step is fed what it has to be."""
    truth = "target_seq" in calls.names
    due = seen.targets[:-1] if truth else one_hot(seen.logits[0, :-1].argmax(axis=1))
    return bool(near(seen.fed[0, 1:], due).all())


def holds(calls: Calls, cell: str, source: Source) -> bool:
    """Say whether inputs from a source give what comes where each state hears the one before."""
    seen = read(calls, cell, MEMORY)
    return seen is not None and comes_from(source, seen, cell)


def goes_on_from(calls: Calls, cell: str) -> Iterator[Told]:
    """Find what is done to the state before a step, where all inputs are right."""
    plain, seen = read(calls, cell), read(calls, cell, MEMORY)
    if plain is None or seen is None or first_input(plain) or not _due(calls, plain):
        return
    _, targets, params = lens(cell, STEPS, MEMORY)
    logits = seen.logits[0]
    truth = "target_seq" in calls.names
    later = targets[:-1] if truth else one_hot(logits[:-1].argmax(axis=1))
    inputs = np.concatenate([params["x_start"][None], later])
    came = states_before(logits, inputs, params, cell)
    due = np.concatenate([seen.context[None], states_of(logits[:-1], params)])
    if not np.isfinite(came).all() or near(came, due).all():
        return
    if near(came[1:], due[1:]).all():
        fed = logits_of(params["x_start"], params, cell, seen.context)
        if near(came[0], states_of(fed, params)):
            yield Told(
                "feeds_x_start_twice",
                "Your logits show that step 0 begins from the state that x_start has been fed into "
                "already, so x_start is fed twice. Feed it once, at step 0, where the state is "
                "context_vector.",
            )
            return
        words = _first_state(came[0], seen.context)
        if words:
            yield _of_states(f"step 0 begins from {words}", "The first state")
            return
    words = _sum_of(came, due, seen.context)
    if words:
        yield _of_states(f"each step goes on from {words}", "Each state")


def _first_state(came: Array, context: Array) -> str:
    """Say what is made of the context; ``""`` where it is nothing known."""
    for function, how in OF_STATES:
        if near(came, function(context)):
            return how.replace("the right one", "context_vector")
    factor = float(came @ context / (context @ context))
    if near(came, factor * context):
        return f"{factor:.3g} times context_vector"
    if np.ptp(came - context) < 1e-3:
        return f"context_vector plus {(came - context).mean():.3g}"
    return ""


def _of_states(what: str, which: str) -> Told:
    return Told(
        "goes_on_from_another_state",
        f"Your logits show that inputs are right, and {what}. {which} is handed to the cell as it "
        "is: look at what is done to h before the cell is called, or, where the cell is your own, "
        "at W_hh @ h in it.",
    )


def _sum_of(came: Array, due: Array, context: Array) -> str:
    """Find a sum of the state before, the context and a number, the same at each step."""
    parts = (
        ("the state that the step before has left", due),
        ("context_vector", 0 * due + context),
    )
    design = np.stack([*(part.ravel() for _, part in parts), np.ones(due.size)], axis=1)
    factors, *_ = np.linalg.lstsq(design, came.ravel(), rcond=None)
    if not equal(design @ factors, came.ravel(), 50):
        return ""
    terms = [
        name if abs(factor - 1) < 2e-3 else f"{factor:.3g} times {name}"
        for factor, (name, _) in zip(factors, parts, strict=False)
        if abs(factor) > 2e-3
    ]
    return " plus ".join(terms + [f"{factors[-1]:.3g}"] * int(abs(factors[-1]) > 2e-3))
