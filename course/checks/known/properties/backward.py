"""Find by which other formulas gradients come: the way back is run again with each slip.

A slip is told only where the way back that has it gives the numbers that came, in every call, and
no other with as few slips does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.examples import Array, Params
from course.checks.known.features import equal
from course.checks.known.properties.tangents import SLOPES, STATES, Made
from course.checks.known.told import Told

#: Slips at once, at most.
_MOST = 3

#: Steps that tell one way back from another.
_FEW = 3


class _Run(NamedTuple):
    """One way back: the gradients of sums and states, step by step."""

    given: Mapping[str, Any]
    h: Array
    d_h: Array
    d_a: Array
    d_first: Array
    reaches_0: bool


#: Whose logits a step hears, by all d_logits.
_OWN = (
    Made("", lambda d_logits: d_logits),
    Made("W_hy.T @ d_logits[t-1] stands where W_hy.T @ d_logits[t] is due",
          lambda d_logits: np.roll(d_logits, 1, axis=0)),
    Made("W_hy.T @ d_logits[t+1] stands where W_hy.T @ d_logits[t] is due",
          lambda d_logits: np.roll(d_logits, -1, axis=0)),
    Made("W_hy.T @ d_logits[t+1] stands where W_hy.T @ d_logits[t] is due",
          lambda d_logits: _rolled(d_logits, -1, True)),
    Made("the sum of all d_logits stands where d_logits[t] is due",
          lambda d_logits: 0 * d_logits + d_logits.sum(axis=0)),
)  # fmt: skip

#: Which steps the loop takes, by the arguments: what it leaves out has no say.
_LOOPS = (
    Made("", lambda given, h: (given, h)),
    Made("the last step is left out: the loop has to begin at t = T - 1",
          lambda given, h: ({**given, "d_logits": given["d_logits"][:-1], "fed": given["fed"][:-1]},
                            h[:-1])),
    Made("step 0 is left out: the loop has to end at t = 0",
          lambda given, h: ({**given, "d_logits": given["d_logits"][1:], "fed": given["fed"][1:]},
                            h[1:])),
)  # fmt: skip

#: What a step hands back, by W_hh, its d_a and its d_h.
_HANDED = (
    Made("", lambda W, d_a, d_h: W.T @ d_a),
    Made("W_hh @ d_a is handed back, and W_hh.T @ d_a is due", lambda W, d_a, d_h: W @ d_a),
    Made("W_hh.T @ d_h is handed back, and W_hh.T @ d_a is due", lambda W, d_a, d_h: W.T @ d_h),
    Made("d_a is handed back without W_hh.T", lambda W, d_a, d_h: d_a),
    Made("nothing is handed back from step to step", lambda W, d_a, d_h: 0 * d_h),
)

#: What d_h is, by what the step's own logits give, what was handed back, the step and T.
_SUMS = (
    Made("", lambda own, handed, t, T: own + handed),
    Made("d_h is divided by T at each step, and no step is: the mean is in d_logits already",
          lambda own, handed, t, T: (own + handed) / T),
    Made("W_hy.T @ d_logits[t] is divided by T: the mean is in d_logits already",
          lambda own, handed, t, T: own / T + handed),
    Made("what is handed back is divided by T, and to be added as it is",
          lambda own, handed, t, T: own + handed / T),
    Made("d_h gets the logits of the last step alone, and those of every step are due",
          lambda own, handed, t, T: own * (t == T - 1) + handed),
    Made("what is handed back is subtracted, and to be added",
          lambda own, handed, t, T: own - handed),
    Made("what is handed back is halved, as by a mean of both, and both are to be added",
          lambda own, handed, t, T: (own + handed) / 2),
)  # fmt: skip


#: Steps between two cuts of the way back, at most.
_CUTS = range(2, 9)


def _cut(words: str, keeps: Callable[[int, int, int], bool], k: int) -> Made:
    """Return what cuts the way back into pieces of k steps: what is handed on is kept, or not."""
    return Made(words, lambda own, handed, t, T: own + handed * keeps(t, T, k))


#: Ways back that are cut, which no other slip is tried beside.
_CUT_SUMS = tuple(
    _cut(f"nothing is handed back {where}: the way back is cut every {k} steps, and it goes back "
         "to step 0 without a cut", keeps, k)
    for k in _CUTS
    for where, keeps in (
        (f"from a step t that {k} divides", lambda t, T, k: (t + 1) % k > 0),
        (f"to a step t that {k} divides", lambda t, T, k: t % k > 0),
        (f"after each {k} steps, counted from the last", lambda t, T, k: (T - 1 - t) % k > 0),
    )
)  # fmt: skip


def _last(k: int) -> Made:
    return Made(
        f"only the last {k} steps are gone back through, and all are due",
        lambda given, h: (
            {**given, "d_logits": given["d_logits"][-k:], "fed": given["fed"][-k:]},
            h[-k - 1 :],
        ),
    )


#: Loops that end early, which no other slip is tried beside.
_SHORT_LOOPS = tuple(_last(k) for k in _CUTS)


class _Way(NamedTuple):
    """How one way back is run: of each, which slip."""

    slope: Made = SLOPES[0]
    handed: Made = _HANDED[0]
    total: Made = _SUMS[0]
    loop: Made = _LOOPS[0]
    own: Made = _OWN[0]
    state: Made = Made("", lambda a, u, x, h, params: np.tanh(a + u))
    first: Made = Made("", lambda context: context)

    @property
    def words(self) -> list[str]:
        """What its slips are."""
        return [one.words for one in self if one.words]


def _ways() -> Iterator[_Way]:
    """Yield all ways back that are tried, the right one first."""
    for parts in itertools.product(SLOPES, _HANDED, _SUMS, _LOOPS, _OWN):
        way = _Way(*parts)
        if len(way.words) < _MOST:
            yield way
    yield from (_Way(total=one) for one in _CUT_SUMS)
    yield from (_Way(loop=one) for one in _SHORT_LOOPS)
    yield from (_Way(state=one) for one in STATES)
    zeros = "the first state is zeros, and context_vector is due"
    yield _Way(first=Made(zeros, lambda context: 0 * context))


def _rolled(rows: Array, by: int, fill: bool) -> Array:
    """Return rows moved on, zeros coming in where they are not to come round."""
    moved = np.roll(rows, by, axis=0)
    if fill and len(rows):
        moved[0 if by > 0 else -1] = 0
    return moved


def _stays(rows: Array, by: int) -> Array:
    """Return rows moved on, the one at the end coming twice."""
    return rows[np.clip(np.arange(len(rows)) - by, 0, max(len(rows) - 1, 0))]


def _products(left: str, right: str) -> list[Made]:
    """Return the ways of adding up products: a function of two arrays of rows, left and right."""
    due = f"np.outer({left}, {right})"
    return [
        Made("", lambda a, b: a.T @ b),
        Made(f"it is transposed: rows are what comes out, {due}", lambda a, b: b.T @ a),
        Made(f"it is the transposed one, reshaped: rows are what comes out, {due}",
              lambda a, b: (b.T @ a).reshape(a.shape[1], b.shape[1])),
        Made(f"step 0 alone counts, as where `=` stands for `+=`: add up {due}",
              lambda a, b: np.outer(a[0], b[0])),
        Made(f"the last step alone counts: add up {due}", lambda a, b: np.outer(a[-1], b[-1])),
        Made(f"it is a mean over the steps, and the sum of {due} is due",
              lambda a, b: a.T @ b / len(a)),
        Made("it is zeros", lambda a, b: 0 * np.outer(a[0], b[0])),
        Made("it is subtracted, and to be added", lambda a, b: -a.T @ b),
    ]  # fmt: skip


def _of_inputs() -> Iterator[Made]:
    for one in _products("d_a", "fed[t]"):
        yield Made(one.words, lambda r, one=one: one.make(r.d_a, r.given["fed"]))
    for by, name in ((-1, "fed[t+1]"), (1, "fed[t-1]")):
        yield Made(
            f"{name} stands where fed[t] is due",
            lambda r, by=by: r.d_a.T @ _stays(r.given["fed"], by),
        )
        for fill in (False, True):
            yield Made(
                f"{name} stands where fed[t] is due",
                lambda r, by=by, fill=fill: r.d_a.T @ _rolled(r.given["fed"], by, fill),
            )
    yield Made("d_h stands where d_a is due", lambda r: r.d_h.T @ r.given["fed"])


def _of_states() -> Iterator[Made]:
    for one in _products("d_a", "h[t]"):
        yield Made(one.words, lambda r, one=one: one.make(r.d_a, r.h[:-1]))
    yield Made("h[t+1] stands where h[t] is due", lambda r: r.d_a.T @ r.h[1:])
    yield Made("d_h stands where d_a is due", lambda r: r.d_h.T @ r.h[:-1])
    yield Made("step 0 is left out, where h[0] is the context", lambda r: r.d_a[1:].T @ r.h[1:-1])


def _of_outputs() -> Iterator[Made]:
    for one in _products("d_logits[t]", "h[t+1]"):
        yield Made(one.words, lambda r, one=one: one.make(r.given["d_logits"], r.h[1:]))
    yield Made("h[t] stands where h[t+1] is due", lambda r: r.given["d_logits"].T @ r.h[:-1])


def _of_rows(rows: Callable[[_Run], Array], name: str) -> Iterator[Made]:
    yield Made("", lambda r: rows(r).sum(axis=0))
    yield Made(f"step 0 alone counts, as where `=` stands for `+=`: add up {name}",
                lambda r: rows(r)[0])  # fmt: skip
    yield Made(f"the last step alone counts: add up {name}", lambda r: rows(r)[-1])
    yield Made(f"it is a mean over the steps, and the sum of {name} is due",
                lambda r: rows(r).mean(axis=0))  # fmt: skip
    yield Made("it is zeros", lambda r: 0 * rows(r)[0])
    yield Made("it is subtracted, and to be added", lambda r: -rows(r).sum(axis=0))
    if name == "d_a":
        yield Made("d_h stands where d_a is due", lambda r: r.d_h.sum(axis=0))
        yield Made("it counts twice", lambda r: 2 * r.d_a.sum(axis=0))


def _weights(run: _Run, key: str) -> Array:
    return np.asarray(run.given["decoder_params"][key])


#: By each part, how it may come; what is right first.
_PARTS: dict[str, tuple[Made, ...]] = {
    "W_xh": tuple(_of_inputs()),
    "W_hh": tuple(_of_states()),
    "b_xh": tuple(_of_rows(lambda r: r.d_a, "d_a")),
    "b_hh": tuple(_of_rows(lambda r: r.d_a, "d_a")),
    "W_hy": tuple(_of_outputs()),
    "b_y": tuple(_of_rows(lambda r: r.given["d_logits"], "d_logits[t]")),
    "x_start": (
        Made("", lambda r: _weights(r, "W_xh").T @ r.d_a[0]),
        Made("", lambda r: r.reaches_0 * _weights(r, "W_xh").T @ r.d_a[0]),
        Made("d_h stands where d_a is due: W_xh.T @ d_a, of step 0",
              lambda r: _weights(r, "W_xh").T @ r.d_h[0]),
        Made("it is added up over all steps, and x_start is fed at step 0 alone",
              lambda r: _weights(r, "W_xh").T @ r.d_a.sum(axis=0)),
        Made("it is that of the last step, and x_start is fed at step 0",
              lambda r: _weights(r, "W_xh").T @ r.d_a[-1]),
        Made("it is that of step 1, and x_start is fed at step 0",
              lambda r: _weights(r, "W_xh").T @ r.d_a[min(1, len(r.d_a) - 1)]),
        Made("W_xh @ d_a stands where W_xh.T @ d_a is due",
              lambda r: _weights(r, "W_xh") @ r.d_a[0]),
        Made("W_xh.T is applied to what is handed back from step 0, and to d_a it is due",
              lambda r: _weights(r, "W_xh").T @ r.d_first),
        Made("it is zeros", lambda r: 0 * r.given["fed"][0]),
    ),
    "d_context": (
        Made("", lambda r: r.d_first),
        Made("it is d_a of step 0, and W_hh.T @ d_a is due", lambda r: r.d_a[0]),
        Made("it is d_h of step 0, and W_hh.T @ d_a is due", lambda r: r.d_h[0]),
        Made("W_hh @ d_a stands where W_hh.T @ d_a is due",
              lambda r: _weights(r, "W_hh") @ r.d_a[0]),
        Made("W_hh.T @ d_h stands where W_hh.T @ d_a is due",
              lambda r: _weights(r, "W_hh").T @ r.d_h[0]),
        Made("it is added up over all steps, and that of step 0 is due",
              lambda r: (r.d_a @ _weights(r, "W_hh")).sum(axis=0)),
        Made("it is that of the last step, and that of step 0 is due",
              lambda r: _weights(r, "W_hh").T @ r.d_a[-1]),
        Made("it is zeros", lambda r: 0 * r.d_h[0]),
    ),
}  # fmt: skip


def of_way_back(calls: Sequence[tuple[Mapping[str, Array], Mapping[str, Any]]]) -> Iterator[Told]:
    """Find the slips that give what came.

    Parameters
    ----------
    calls : sequence of (mapping, mapping)
        What came, by the keys of the gradients and ``"d_context"``, and the arguments; of the
        calls that went wrong.
    """
    calls = [one for one in calls if len(one[1]["fed"])]
    if not calls or any(set(seen) != set(_PARTS) for seen, _ in calls):
        return
    # A call of a few steps denies most ways, at little cost.
    calls = sorted(calls, key=lambda one: (len(one[1]["fed"]) < _FEW, len(one[1]["fed"])))
    found: dict[int, set[tuple[str, ...]]] = {}
    for way in sorted(_ways(), key=lambda way: len(way.words)):
        if len(way.words) > min(found, default=_MOST):
            break
        if _slips_beside(way, calls[:1]) is None:
            continue
        words = _slips_beside(way, calls)
        if words is not None:
            words = [*way.words, *words]
            found.setdefault(len(words), set()).add(tuple(_joined(words)))
    least = min(found, default=0)
    if 0 < least <= _MOST and len(found[least]) == 1:
        (words_of_it,) = found[least]
        yield Told("goes_back_by_another_formula", f"The gradients show: {'; '.join(words_of_it)}.")


def _slips_beside(
    way: _Way, calls: Sequence[tuple[Mapping[str, Array], Mapping[str, Any]]]
) -> list[str] | None:
    """Return which slips in parts give what came, beside a way back; None where none do."""
    runs = [(seen, _run(given, way)) for seen, given in calls]
    words = []
    for part, slips in _PARTS.items():
        fits = next((one for one in slips if _fits(part, one, runs)), None)
        if fits is None:
            return None
        words += [f"in {part}, {fits.words}"] if fits.words else []
    return words


def _joined(words: list[str]) -> list[str]:
    """Say of parts that have the same slip once what it is."""
    said: dict[str, list[str]] = {}
    for one in words:
        part, comma, what = one.partition(", ") if one.startswith("in ") else ("", "", one)
        said.setdefault(what, []).extend([part.removeprefix("in ")] * bool(comma))
    return [f"in {' and '.join(parts)}, {what}" if parts else what for what, parts in said.items()]


def _fits(part: str, slip: Made, runs: Sequence[tuple[Mapping[str, Array], _Run]]) -> bool:
    for seen, run in runs:
        try:
            made = np.asarray(slip.make(run)) if len(run.d_a) else 0 * seen[part]
        except ValueError:
            return False  # of these sizes the product does not exist
        if not equal(np.asarray(seen[part]), made):
            return False
    return True


def _run(given: Mapping[str, Any], way: _Way) -> _Run:
    params: Params = given["decoder_params"]
    h = [way.first.make(given["context_vector"])]
    for x in given["fed"]:
        a, u = params["W_xh"] @ x + params["b_xh"], params["W_hh"] @ h[-1] + params["b_hh"]
        h.append(way.state.make(a, u, x, h[-1], params))
    steps = len(given["fed"])
    given, states = way.loop.make(given, np.array(h))
    T, d_logits = len(given["fed"]), way.own.make(given["d_logits"])
    d_h, d_a = np.zeros((T, len(h[0]))), np.zeros((T, len(h[0])))
    back = np.zeros(len(h[0]))
    for t in reversed(range(T)):
        d_h[t] = way.total.make(params["W_hy"].T @ d_logits[t], back, t, T)
        d_a[t] = d_h[t] * way.slope.make(states[t + 1], states[t])
        back = way.handed.make(params["W_hh"], d_a[t], d_h[t])
    return _Run(given, states, d_h, d_a, back, steps == T)
