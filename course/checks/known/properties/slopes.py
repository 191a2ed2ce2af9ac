"""Find what is done to gradients on their way back, beside the way itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course.checks.cells.examples import Array, Params
from course.checks.known.asking import Calls
from course.checks.known.features import equal
from course.checks.known.structured import flattened
from course.checks.known.told import Told

#: By what gradients are divided until no bound is reached.
_LESS = 1e3


def of_slopes(calls: Calls, right: Array) -> Iterator[Told]:
    """Find gradients that are cut where they are large, or scaled from step to step.

    Parameters
    ----------
    calls : Calls
        Of a call that went wrong.
    right : ndarray
        All that is due, as one row of numbers.
    """

    def smaller(given: dict[str, Any]) -> None:
        given["d_logits"] = given["d_logits"] / _LESS

    (came,) = calls.results([smaller])
    if came is not None and came.shape == right.shape and equal(came * _LESS, right):
        yield Told(
            "limits_the_gradients",
            f"For d_logits that are {_LESS:g} times smaller all gradients are right, and here they "
            "are not: something keeps them from growing, as np.clip does. The way back has no "
            "bound: leave it out.",
        )
        return
    yield from _scaled_from_step_to_step(calls)


def _scaled_from_step_to_step(calls: Calls) -> Iterator[Told]:
    """Find a factor by which each step multiplies what it hands back."""
    given = calls.given
    if len(given["fed"]) < 2:
        return

    def last_of_two(given: dict[str, Any]) -> None:
        given["fed"], given["d_logits"] = given["fed"][:2], given["d_logits"][:2].copy()
        given["d_logits"][0] = 0.0

    last_of_two(two := calls.given)
    seen, came = calls.results([lambda given: None, last_of_two])
    sizes = sum(np.size(array) for array in given["decoder_params"].values())
    if any(one is None or one.size != sizes + len(given["context_vector"]) for one in (seen, came)):
        return
    none, whole = (_in_one_row(*way_back(two, by)) for by in (0.0, 1.0))
    own = {key: np.full(np.shape(a), key == "b_xh") for key, a in given["decoder_params"].items()}
    is_bias = _in_one_row(own, np.zeros(len(given["context_vector"])))
    added = (whole - none) * is_bias
    if seen is None or came is None or not added.any():
        return
    factor = float((came.ravel() - none) @ added / (added @ added))
    gradients, d_context = way_back(given, factor)
    fits = (_in_one_row(gradients, one) for one in (d_context, factor * d_context))
    if np.isfinite(factor) and any(equal(seen.ravel(), one) for one in fits):
        yield Told(
            "scales_what_is_handed_back",
            f"Each step hands back {factor:.4g} times what is due, so a gradient that comes from "
            "far is multiplied by that again and again: hand on W_hh.T @ d_a as it is.",
        )


def way_back(given: Mapping[str, Any], handed_on: float = 1.0) -> tuple[Params, Array]:
    """Return the gradients of an RNN, where each step multiplies what it hands back.

    Parameters
    ----------
    given : mapping
        The arguments of the exercise `rnn_decoder_backward`.
    handed_on : float
        By what each step multiplies; 1 is right.
    """
    params, fed = given["decoder_params"], given["fed"]
    W_xh, W_hh, W_hy = (params[key] for key in ("W_xh", "W_hh", "W_hy"))
    h = [given["context_vector"]]
    for x in fed:
        h.append(np.tanh(W_xh @ x + params["b_xh"] + W_hh @ h[-1] + params["b_hh"]))
    d_a, d_h = np.zeros((len(fed), len(h[0]))), np.zeros(len(h[0]))
    for t in reversed(range(len(fed))):
        d_a[t] = (W_hy.T @ given["d_logits"][t] + handed_on * d_h) * (1 - h[t + 1] ** 2)
        d_h = W_hh.T @ d_a[t]
    states = np.array(h)
    gradients = {
        "W_xh": d_a.T @ fed,
        "W_hh": d_a.T @ states[:-1],
        "b_xh": d_a.sum(axis=0),
        "b_hh": d_a.sum(axis=0),
        "W_hy": given["d_logits"].T @ states[1:],
        "b_y": given["d_logits"].sum(axis=0),
        "x_start": W_xh.T @ d_a[0] if len(fed) else 0 * params["x_start"],
    }
    return {key: gradients[key] for key in params}, d_h


def _in_one_row(gradients: Params, d_context: Array) -> Array:
    found = flattened((gradients, d_context))
    assert found is not None, "gradients are arrays"
    return found[1]
