"""Read the coins of scheduled sampling off the logits that a decoder returned.

The next row of logits tells which input was fed: each candidate input is fed to the step function
from the state reached so far, and the one whose logits are the row that came back is the one.
Nothing depends on how many random numbers a decoder draws, when, or from where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course.checks.cells.asserts import ATOL, RTOL, unusable
from course.checks.cells.examples import Array

Steps = Mapping[str, Callable[..., Any]]


def softmax(rows: Array, axis: int | None = -1) -> Array:
    """Return probabilities, over an axis or over all."""
    powers = np.exp(rows - rows.max(axis=axis, keepdims=True))
    shares: Array = powers / powers.sum(axis=axis, keepdims=True)
    return shares


def near(one: Array, other: Array) -> Array:
    """Say of each row whether two are equal up to rounding."""
    fits: Array = (np.abs(one - other) <= ATOL + RTOL * np.abs(one)).all(axis=-1)
    return fits


class _Replay:
    """The state of N sequences, as columns, and what one more step would give.

    Parameters
    ----------
    context_vector : ndarray
        Shape (H,).
    params : mapping of str to ndarray
        `decoder_params`.
    step : callable
        ``rnn_cell_step`` or one of its kind, which must accept columns.
    n_states : int
        2 for an LSTM, else 1.
    n_runs : int
        N.
    """

    def __init__(
        self,
        context_vector: Array,
        params: Mapping[str, Array],
        step: Callable[..., Any],
        n_states: int,
        n_runs: int,
    ) -> None:
        self.params = {key: np.asarray(value, dtype=np.float64) for key, value in params.items()}
        for bias in ("b_xh", "b_hh", "b_y"):
            self.params[bias] = self.params[bias][:, None]
        h = np.repeat(np.asarray(context_vector, dtype=np.float64)[:, None], n_runs, axis=1)
        self.step = step
        self.each = np.arange(n_runs)
        self.twice = np.repeat(self.each, 2)
        self.states: tuple[Array, ...] = (h, np.zeros_like(h))[:n_states]

    def try_inputs(self, inputs: Array, runs: Any = slice(None)) -> tuple[Array, tuple[Array, ...]]:
        """Return logits (n, O) and states (H, n) after feeding inputs (n, I) to these runs."""
        before = tuple(state[:, runs] for state in self.states)
        after = self.step(np.asarray(inputs).T, *before, self.params)
        after = after if isinstance(after, tuple) else (after,)
        logits = self.params["W_hy"] @ after[0] + self.params["b_y"]
        return logits.T, after


def read_coins(
    runs: Array,
    context_vector: Array,
    target_seq: Array,
    decoder_params: Mapping[str, Array],
    steps: Steps,
    cell_type: str,
) -> Array:
    """Tell from returned logits which steps were fed the model's own token.

    Parameters
    ----------
    runs : array_like
        Logits of N calls with the same arguments, shape (N, T, O).
    context_vector, target_seq, decoder_params
        The arguments. Rows of `target_seq` should be real-valued, not one-hot: where the truth
        is the model's own token no coin can be read.
    steps : mapping of str to callable
        ``{"rnn": rnn_cell_step, "lstm": lstm_cell_step, "gru": gru_cell_step}``, right ones; they
        are called with columns, one a run.
    cell_type : str
        Which of them.

    Returns
    -------
    ndarray of int
        Shape (N, T - 1): 1 where the model's own token was fed at step t = 1, ..., T - 1, 0 where
        the truth was.

    Raises
    ------
    AssertionError
        Where a row comes from neither; it names the run, the step, and what was fed instead
        where that is one of the usual mistakes.
    ValueError
        Where truth and own token give the same logits.
    """
    targets = np.asarray(target_seq, dtype=np.float64)
    T, O = len(targets), len(decoder_params["b_y"])
    for n, run in enumerate(runs):
        finding = unusable(run, (T, O))
        if finding:
            raise AssertionError(f"run {n}: {finding}")
    runs = np.array([np.asarray(run, dtype=np.float64) for run in runs]).reshape(len(runs), T, O)
    N = len(runs)
    replay = _Replay(context_vector, decoder_params, steps[cell_type], 1 + (cell_type == "lstm"), N)
    coins = np.zeros((N, max(T - 1, 0)), dtype=int)
    if not T or not N:
        return coins
    start = np.tile(np.asarray(decoder_params["x_start"], dtype=np.float64), (N, 1))
    logits, replay.states = replay.try_inputs(start)
    wrong = ~near(logits, runs[:, 0])
    if wrong.any():
        raise AssertionError(f"run {wrong.argmax()}, step 0: the logits differ; is x_start fed?")
    fed = np.empty((T - 1, N, 2, O))  # the two inputs that may be fed at steps 1, 2, ...
    fed[:, :, 0], fed[:, :, 1] = targets[: T - 1, None], _own_tokens(runs)
    ties = _near_ties(runs[:, :-1])
    for t in range(1, T):
        coins[:, t - 1] = _read_step(runs, t, fed[t - 1], ties.get(t - 1, []), targets, replay)
    return coins


def _own_tokens(runs: Array) -> Array:
    """Return the one-hot vectors of each row but the last, shape (T - 1, N, O)."""
    tokens: Array = np.eye(runs.shape[2])[runs[:, :-1].argmax(axis=2).T]
    return tokens


def _read_step(
    runs: Array,
    t: int,
    fed: Array,
    ties: list[tuple[int, Array]],
    targets: Array,
    replay: _Replay,
) -> Array:
    """Read one step's coins, and move the states on."""
    row = runs[:, t]
    logits, states = _feed_both(runs, t, fed, ties, replay)
    if _same(logits[:, 0], logits[:, 1]).any():
        raise ValueError(
            f"at step {t} the truth and the model's own token give the same logits, so no coin "
            f"can be read: use real-valued rows in target_seq"
        )
    distance = np.abs(logits - row[:, None]).max(axis=2)
    coins: Array = (distance[:, 1] < distance[:, 0]).astype(int)
    known = near(logits[replay.each, coins], row)
    if not known.all():
        n = int(known.argmin())
        raise AssertionError(
            f"run {n}, step {t}: the input was neither target_seq[{t - 1}] nor the one-hot vector "
            f"of argmax(logits[{t - 1}]){_what_was_fed(runs, n, t, targets, replay)}"
        )
    replay.states = tuple(state[:, replay.each, coins] for state in states)
    return coins


def _feed_both(
    runs: Array, t: int, fed: Array, ties: list[tuple[int, Array]], replay: _Replay
) -> tuple[Array, tuple[Array, ...]]:
    """Return the logits (N, 2, O) and states (H, N, 2) of step t, fed the truth and the own token.

    Where several tokens are within rounding of the largest, own is the one that fits better.
    """
    N, _, O = fed.shape
    # Two columns a run: one that is fed the truth, one that is fed the own token.
    logits, states = replay.try_inputs(fed.reshape(2 * N, O), replay.twice)
    logits = logits.reshape(N, 2, O)
    states = tuple(state.reshape(len(state), N, 2) for state in states)
    for k, rows in ties:
        other_logits, other_states = replay.try_inputs(np.tile(np.eye(O)[k], (len(rows), 1)), rows)
        row, own = runs[rows, t], logits[rows, 1]
        nearer = _distance(other_logits, row) < _distance(own, row)
        logits[rows[nearer], 1] = other_logits[nearer]
        for state, other in zip(states, other_states, strict=True):
            state[:, rows[nearer], 1] = other[:, nearer]
    return logits, states


def _near_ties(logits: Array) -> dict[int, list[tuple[int, Array]]]:
    """Find indices that are not the argmax, but within rounding of the largest.

    Parameters
    ----------
    logits : ndarray
        Shape (N, T, O).

    Returns
    -------
    dict of int to list of (int, ndarray)
        Of steps with such indices: each index, and the runs where it is one.
    """
    top = logits.max(axis=2, keepdims=True)
    tied = logits >= top - ATOL - RTOL * np.abs(top)
    np.put_along_axis(tied, logits.argmax(axis=2)[:, :, None], False, axis=2)
    found: dict[int, list[tuple[int, Array]]] = {}
    for t, k in np.argwhere(tied.any(axis=0)).tolist():
        found.setdefault(t, []).append((k, np.flatnonzero(tied[:, t, k])))
    return found


def _what_was_fed(runs: Array, n: int, t: int, targets: Array, replay: _Replay) -> str:
    """Find which wrong input gives the row that came back; ``""`` where none does."""
    row, before = runs[n, t], runs[n, t - 1]
    own, truth = np.eye(len(row))[before.argmax()], targets[t - 1]
    usual = {
        f"target_seq[{t}], which this step has to predict": targets[t],
        f"target_seq[{t - 2}], two steps back" if t > 1 else "the last row": targets[t - 2],
        "x_start again": replay.params["x_start"],
        f"the softmax of logits[{t - 1}], not one-hot": softmax(before),
        f"the logits[{t - 1}] themselves, not one-hot": before,
        "zeros": np.zeros_like(own),
        "ones": np.ones_like(own),
        "the index of the token as a number": np.full_like(own, before.argmax()),
        "the sum of both": own + truth,
    }
    for k in range(len(row)):
        usual[f"token {k}, which is not the argmax"] = np.eye(len(row))[k]
    candidates, shares = list(usual.values()), np.linspace(0, 1, 101)
    candidates += [share * own + (1 - share) * truth for share in shares]
    tried, _ = replay.try_inputs(np.array(candidates), np.full(len(candidates), n))
    names = [*usual, *(f"a mix, {share:.2f} of own and the rest truth" for share in shares)]
    fits = np.flatnonzero(near(tried, np.tile(row, (len(tried), 1))))
    return f"; it was {names[fits[0]]}" if len(fits) else ", or the state is not carried on"


def _distance(one: Array, other: Array) -> Array:
    distance: Array = np.abs(one - other).max(axis=-1)
    return distance


def _same(one: Array, other: Array) -> Array:
    same: Array = _distance(one, other) < 1e-9
    return same
