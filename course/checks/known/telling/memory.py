"""Tell from what an LSTM's cell state begins: it is read off row 0, and run on from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.answer import Answer
from course.checks.known.features import equal
from course.checks.known.told import Told


class _Start(NamedTuple):
    """The cell state that row 0 shows, the first state, and whether all later rows follow."""

    c: Array
    context: Array
    goes_on: bool


def first_memory(answer: Answer) -> tuple[Told | None, bool]:
    """Return what the cell state begins as, where it is no zeros, and whether that explains all.

    None where no cell state, or none that is known, gives row 0 of every call.

    Parameters
    ----------
    answer : Answer
        Of a decoder.
    """
    starts = []
    for probe in answer.probes("lstm", "values"):
        pair = answer.pair(probe)
        if pair is None or pair[0].shape != pair[1].shape or pair[1].ndim != 2:
            return None, False
        if len(pair[1]):
            start = _read(pair[0], answer.calls(probe).given)
            if start is not None:
                starts.append(start)
    if len(starts) < 2:
        return None, False
    words = _known(starts)
    if not words:
        return None, False
    sentence = (
        f"For 'lstm' row 0 is that of a cell state that begins as {words}: c begins as zeros."
    )
    return Told("begins_from_another_cell_state", sentence), all(one.goes_on for one in starts)


def _known(starts: list[_Start]) -> str:
    c, context = (
        np.concatenate([getattr(one, name) for one in starts]) for name in _Start._fields[:2]
    )
    if equal(c, 0 * c, 20):
        return ""
    if equal(c, context, 20):
        return "context_vector"
    if np.ptp(c) < 1e-3:
        return "ones" if abs(c.mean() - 1) < 1e-3 else f"{c.mean():.3g} everywhere"
    factor = float(c @ context / (context @ context))
    return f"{factor:.3g} times context_vector" if equal(c, factor * context, 20) else ""


def _read(rows: Array, given: Mapping[str, Any]) -> _Start | None:
    """Read the cell state before step 0 off row 0; None where none can be read."""
    params = given["decoder_params"]
    W, b_y, context = (
        params["W_hy"],
        params["b_y"],
        np.asarray(given["context_vector"], dtype=float),
    )
    if W.shape[0] < W.shape[1] or not np.isfinite(rows).all():
        return None
    h = np.linalg.lstsq(W, rows[0] - b_y, rcond=None)[0]
    i, f, g, o = _gates(params["x_start"], context, params)
    with np.errstate(all="ignore"):
        c = (np.arctanh(h / o) - i * g) / f
    if not np.isfinite(c).all() or not equal(W @ h + b_y, rows[0]):
        return None
    return _Start(c, context, equal(_rows(c, len(rows), given), rows, 20))


def _rows(c: Array, T: int, given: Mapping[str, Any]) -> Array:
    """Run a right LSTM on from a cell state."""
    params, h = given["decoder_params"], np.asarray(given["context_vector"], dtype=float)
    own = "target_seq" not in given or given.get("sampling_prob") == 1
    x, rows = params["x_start"], []
    for t in range(T):
        i, f, g, o = _gates(x, h, params)
        c = f * c + i * g
        h = o * np.tanh(c)
        rows.append(params["W_hy"] @ h + params["b_y"])
        x = np.eye(len(params["b_y"]))[rows[-1].argmax()] if own else given["target_seq"][t]
    return np.array(rows)


def _gates(x: Array, h: Array, params: Mapping[str, Array]) -> list[Array]:
    sums = params["W_xh"] @ x + params["b_xh"] + params["W_hh"] @ h + params["b_hh"]
    i, f, g, o = np.split(sums, 4)
    return [_sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)]


def _sigmoid(x: Array) -> Array:
    y: Array = (1 + np.tanh(x / 2)) / 2
    return y
