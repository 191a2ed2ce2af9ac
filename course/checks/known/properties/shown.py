"""Find rows that show another state than the one that the step made, or have another bias.

Inputs are those that are due, and row 0 is right: what every later row shows is then compared with
the state that the step makes of its input, as `course.checks.known.inputs.lens` lets it be read.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.asking import Calls
from course.checks.known.features import equal
from course.checks.known.inputs.fed import Inputs, first_input, near, one_hot
from course.checks.known.inputs.lens import lens, logits_of, states_of
from course.checks.known.properties.starts import STEPS, read
from course.checks.known.properties.transforms import OF_STATES
from course.checks.known.told import Told


def shows_other_states(calls: Calls, cell: str) -> Iterator[Told]:
    """Find what later rows are made of, where the inputs are right and row 0 is too."""
    seen = read(calls, cell)
    if seen is None or first_input(seen):
        return
    params = lens(cell, STEPS).decoder_params
    logits = seen.logits[0]
    due = logits_of(_due_inputs(calls, seen), params, cell)
    if near(due, logits[1:]).all():
        return
    off, b_y = logits[1:] - due, params["b_y"]
    times = float((off * b_y).sum() / (len(off) * (b_y @ b_y)))
    if equal(off, np.broadcast_to(times * b_y, off.shape), 50):
        known = {-1.0: "left out", 1.0: "added twice", -2.0: "subtracted"}
        words = known.get(round(times, 3), f"added {1 + times:.3g} times")
        yield Told(
            "has_another_bias_in_later_rows",
            f"Your logits show that b_y is {words} in every row but row 0: each row is "
            "W_hy @ h + b_y.",
        )
        return
    came, right = states_of(logits[1:], params), states_of(due, params)
    before = np.concatenate([states_of(logits[:1], params), right[:-1]])
    words = _sum_of(came, right, before, seen.context) or next(
        (how for function, how in OF_STATES if near(came, function(right)).all()), ""
    )
    if words:
        yield Told(
            "shows_another_state_in_later_rows",
            f"Your logits show that inputs are right, and that from step 1 on the state in a row "
            f"is {words}: look at what is done to h between the cell and W_hy @ h + b_y, where "
            "nothing is done to it.",
        )


def _due_inputs(calls: Calls, seen: Inputs) -> Array:
    """Return the inputs of steps 1, 2, ... that are due; where it runs free, by its own say."""
    if "target_seq" in calls.names:
        return seen.targets[:-1]
    return one_hot(seen.logits[0, :-1].argmax(axis=1))


def _sum_of(came: Array, right: Array, before: Array, context: Array) -> str:
    """Find a sum of the right state, the one before and the context, the same at each step."""
    parts = (
        ("the right one", right),
        ("the state before", before),
        ("context_vector", np.broadcast_to(context, right.shape)),
    )
    design = np.stack([*(part.ravel() for _, part in parts), np.ones(right.size)], axis=1)
    factors, *_ = np.linalg.lstsq(design, came.ravel(), rcond=None)
    if not equal(design @ factors, came.ravel(), 50) or abs(factors[0]) < 2e-3:
        return ""
    terms = [
        name if abs(factor - 1) < 2e-3 else f"{factor:.3g} times {name}"
        for factor, (name, _) in zip(factors, parts, strict=False)
        if abs(factor) > 2e-3
    ]
    return " plus ".join(terms + [f"{factors[-1]:.3g}"] * bool(abs(factors[-1]) > 2e-3))
