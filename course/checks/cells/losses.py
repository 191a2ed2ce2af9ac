"""Losses that a test may hand to a learner's function: callables that travel as data.

In grading a function runs in another process, to which nothing but data passes. So what a test
hands over to be called is `functools.partial` of one of these, with arrays and numbers before the
parameters. It travels as a name and these; the other process has this file too, and calls the loss
there. No call comes back, and the judge's process runs nothing at a student's wish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course.checks.cells.examples import Array


def weighted_logits(
    context_vector: Array, fed: Array, weights: Array, params: Mapping[str, Array]
) -> float:
    """Return the weighted sum of the logits of an RNN decoder: its gradient by them is `weights`.

    Parameters
    ----------
    context_vector : ndarray
        Shape (H,).
    fed : ndarray
        The inputs of all steps, shape (T, I). That of step 0 is ``params["x_start"]``, whatever
        stands here.
    weights : ndarray
        Shape (T, O).
    params : mapping of str to ndarray
        The exercise's `decoder_params`.

    Examples
    --------
    >>> one = {key: np.ones((1, 1)) for key in ("W_xh", "W_hh", "W_hy")}
    >>> one |= {key: np.zeros(1) for key in ("b_xh", "b_hh", "b_y", "x_start")}
    >>> round(weighted_logits(np.ones(1), np.zeros((1, 1)), np.full((1, 1), 2.0), one), 3)
    1.523
    """
    inputs = np.array([params["x_start"], *fed[1:]])[: len(fed)]
    h, states = context_vector, []
    for a in np.matvec(params["W_xh"], inputs) + params["b_xh"]:
        h = np.tanh(a + params["W_hh"] @ h + params["b_hh"])
        states.append(h)
    after = np.array(states).reshape(len(fed), len(h))
    logits = np.matvec(params["W_hy"], after) + params["b_y"]
    return sum(np.vecdot(weights, logits).tolist(), 0.0)


def sum_of_powers(
    coefficients: Mapping[str, Array], power: float, params: Mapping[str, Array]
) -> float:
    """Return the sum of coefficient times parameter to the power, over all arrays.

    >>> sum_of_powers({"w": np.array([2.0, 3.0])}, 2, {"w": np.array([1.0, 2.0])})
    14.0
    """
    return float(sum(np.sum(coefficients[key] * params[key] ** power) for key in coefficients))


def sum_within(
    most: float, coefficients: Mapping[str, Array], power: float, params: Mapping[str, Array]
) -> float:
    """Return `sum_of_powers`, as long as no parameter is above `most`.

    Raises
    ------
    ArithmeticError
        Where one is.
    """
    if any(np.max(array, initial=-np.inf) > most for array in params.values()):
        raise ArithmeticError(f"a parameter is above {most:g}: this loss ends here")
    return sum_of_powers(coefficients, power, params)


#: All of them, by the names that travel.
LOSSES: dict[str, Callable[..., Any]] = {
    loss.__name__: loss for loss in (weighted_logits, sum_of_powers, sum_within)
}
