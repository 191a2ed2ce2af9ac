"""Find what is wrong with the products W_xh @ x and W_hh @ h: by other weights that change nothing.

No gate is looked at: whatever is made of the products, equal products give equal results.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import GATES, Array
from course.checks.known.asking import Calls, shift_weights
from course.checks.known.features import equal
from course.checks.known.told import Told


def wrong_products(calls: Calls, cell: str, right: Array) -> Iterator[Told]:
    """Find a W_hh of which only the diagonal is heard, and columns that meet the wrong numbers.

    Parameters
    ----------
    calls : Calls
        Of one cell, or of a decoder with it.
    cell : str
        Its type.
    right : ndarray
        What is right with the arguments as they are.
    """
    where = calls.weights

    def diagonal(given: dict[str, Any]) -> None:
        W = given[where]["W_hh"]
        given[where] = {**given[where], "W_hh": W * np.tile(np.eye(W.shape[1]), (GATES[cell], 1))}

    def turned(given: dict[str, Any]) -> None:
        W_xh, W_hh = given[where]["W_xh"], given[where]["W_hh"]
        both = np.hstack([W_hh, W_xh])
        parts = dict(zip(("W_xh", "W_hh"), np.split(both, [W_xh.shape[1]], axis=1), strict=True))
        given[where] = {**given[where], **parts}

    base, of_the_diagonal, of_turned = calls.results([lambda given: None, diagonal, turned])
    if base is None or base.shape != right.shape:
        return
    (heard,) = calls.changed_rows([shift_weights(where, "W_hh", by=1.7)])
    H = calls.given[where]["W_hh"].shape[1]
    if (
        H > 1
        and heard is not None
        and heard.any()
        and of_the_diagonal is not None
        and equal(of_the_diagonal, base)
    ):
        yield Told(
            "multiplies_by_the_diagonal_alone",
            "Of W_hh only the diagonal has influence, so each unit hears itself and no other: "
            "does `*` stand in place of `@`, or is np.diag taken? The product is W_hh @ h.",
        )
    if of_turned is not None and equal(of_turned, right):
        yield Told(
            "joins_vectors_in_another_order_than_weights",
            "The columns of W_xh and W_hh meet the wrong numbers, as where [h, x] is multiplied by "
            "[W_xh, W_hh]: join both in the same order, or write W_xh @ x + W_hh @ h.",
        )
