"""Tell from what an LSTM's cell state begins: it is read off row 0, and run on from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.answer import Answer
from course.checks.known.features import equal
from course.checks.known.told import Told


def first_memory(answer: Answer) -> tuple[Told | None, bool]:
    """Return what the cell state begins as, where it is no zeros, and whether that explains all.

    None where no cell state, or none that is known, gives row 0 of every call.

    Parameters
    ----------
    answer : Answer
        Of a decoder.
    """
    pairs = [answer.pair(probe) for probe in answer.probes("lstm", "values")]
    if any(one is None or one[0].shape != one[1].shape or one[1].ndim != 2 for one in pairs):
        return None, False
    calls = [(rows, given) for rows, _, given in filter(None, pairs) if len(rows)]
    begins = [(c, _context(given)) for rows, given in calls for c in _read(rows[0], given)]
    if not begins:
        return None, False
    c, context = (np.concatenate(some) for some in zip(*begins, strict=True))
    words, times, added = _known(c, context)
    made = [_rows(times * _context(given) + added, len(rows), given) for rows, given in calls]
    both = [(rows, one) for (rows, _), one in zip(calls, made, strict=True)]
    if not words or not all(equal(rows[:1], one[:1], 20) for rows, one in both):
        return None, False
    sentence = (
        f"For 'lstm' row 0 shows that the cell state c begins as {words}: it begins as zeros."
    )
    explains_all = all(equal(rows, one, 20) for rows, one in both)
    return Told("begins_from_another_cell_state", sentence), explains_all


def _context(given: Mapping[str, Any]) -> Array:
    return np.asarray(given["context_vector"], dtype=float)


def _known(c: Array, context: Array) -> tuple[str, float, float]:
    """Say what c is made of: how often the context is in it, and which number is added."""
    if equal(c, 0 * c, 20):
        return "", 0.0, 0.0
    if len(c) > 1 and np.ptp(c) < 1e-3:
        mean = round(float(c.mean()), 3)
        return "ones" if mean == 1 else f"{mean:g} everywhere", 0.0, mean
    times = round(float(c @ context / (context @ context)), 3)
    if not equal(c, times * context, 50):
        return "", 0.0, 0.0
    return "context_vector" if times == 1 else f"{times:g} times context_vector", times, 0.0


def _read(row: Array, given: Mapping[str, Any]) -> list[Array]:
    """Read the cell state before step 0 off row 0; nothing where none can be read."""
    params = given["decoder_params"]
    W, b_y = params["W_hy"], params["b_y"]
    if W.shape[0] < W.shape[1] or not np.isfinite(row).all():
        return []
    h = np.linalg.lstsq(W, row - b_y, rcond=None)[0]
    i, f, g, o = _gates(params["x_start"], _context(given), params)
    with np.errstate(all="ignore"):
        c = (np.arctanh(h / o) - i * g) / f
    return [c] if np.isfinite(c).all() and equal(W @ h + b_y, row) else []


def _rows(c: Array, T: int, given: Mapping[str, Any]) -> Array:
    """Run a right LSTM on from a cell state."""
    params, h = given["decoder_params"], _context(given)
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
