"""Find by which other formula a transformer makes its logits: all is run again with each slip.

Told only where one choice, or either of two, with as few slips, gives the rows of every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.properties.choices import with_few_slips
from course.checks.known.told import Pair, Told

#: Slips at once, at most.
_MOST = 2


class _Slip(NamedTuple):
    words: str
    make: Callable[..., Any]


def _rms(x: Array) -> Array:
    rows: Array = x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-6)
    return rows


def _attention(y: Array, block: Mapping[str, Array]) -> Array:
    q, k, v = (y @ block[key].T for key in ("W_q", "W_k", "W_v"))
    hidden_after = np.triu(np.full((len(y), len(y)), -np.inf), 1)
    weights = softmax(q @ k.T / np.sqrt(y.shape[1]) + hidden_after)
    rows: Array = weights @ v @ block["W_o"].T
    return rows


_Norm = Callable[[Array], Array]


class _Inside(NamedTuple):
    """How a block is run: as the notebook's helper does, or with other parts."""

    words: str
    attends: Callable[[Array, _Norm], Array] = lambda x, rms: rms(x)
    joined: Callable[[Array, Array, _Norm], Array] = lambda x, attended, rms: x + attended
    hears: Callable[[Array, Array, _Norm], Array] = lambda x, y, rms: rms(y)
    hidden: Callable[[Array, Array], Array] = lambda sums, b: np.maximum(0.0, sums + b)
    ends: Callable[[Array, Array, Array, _Norm], Array] = lambda x, y, inner, rms: y + inner
    bias: float = 1.0

    def make(self, x: Array, block: Mapping[str, Array], rms: _Norm) -> Array:
        """Run it on all rows."""
        y = self.joined(x, _attention(self.attends(x, rms), block), rms)
        inner = self.hidden(self.hears(x, y, rms) @ block["W_1"].T, block["b_1"])
        return self.ends(x, y, inner @ block["W_2"].T + self.bias * block["b_2"], rms)


#: What is done otherwise inside of each block.
_INSIDE = (
    _Inside(""),
    _Inside("W_1 gets rms of x as it was before attention, and that of the sum is due",
            hears=lambda x, y, rms: rms(x)),
    _Inside("attention gets x itself, and rms(x) is due", attends=lambda x, rms: x),
    _Inside("W_1 gets x itself, and rms(x) is due", hears=lambda x, y, rms: y),
    _Inside("neither attention nor W_1 gets rms(x)", attends=lambda x, rms: x,
            hears=lambda x, y, rms: y),
    _Inside("what attention gives takes the place of x, and is to be added to it",
            joined=lambda x, attended, rms: attended),
    _Inside("what attention gives is subtracted, and to be added",
            joined=lambda x, attended, rms: x - attended),
    _Inside("what W_2 gives takes the place of x, and is to be added to it",
            ends=lambda x, y, inner, rms: inner),
    _Inside("what W_2 gives is subtracted, and to be added",
            ends=lambda x, y, inner, rms: y - inner),
    _Inside("W_2 @ ... is subtracted before b_2 is added, and to be added",
            ends=lambda x, y, inner, rms: y - inner, bias=-1.0),
    _Inside("what W_2 gives is added to x as it was before attention",
            ends=lambda x, y, inner, rms: x + inner),
    _Inside("attention is left out", joined=lambda x, attended, rms: x),
    _Inside("W_1 and W_2 are left out", ends=lambda x, y, inner, rms: y),
    _Inside("relu is left out", hidden=lambda sums, b: sums + b),
    _Inside("b_1 is added after relu, and before it is due",
            hidden=lambda sums, b: np.maximum(0.0, sums) + b),
    _Inside("tanh stands where relu is due", hidden=lambda sums, b: np.tanh(sums + b)),
    _Inside("b_1 is left out", hidden=lambda sums, b: np.maximum(0.0, sums)),
    _Inside("b_2 is left out", bias=0.0),
    _Inside("rms is taken after each sum, and of what goes into attention and W_1 it is due",
            attends=lambda x, rms: x, joined=lambda x, attended, rms: rms(x + attended),
            hears=lambda x, y, rms: y, ends=lambda x, y, inner, rms: rms(y + inner)),
    _Inside("rms is taken of the sum after attention, and of what goes into it is due",
            attends=lambda x, rms: x, joined=lambda x, attended, rms: rms(x + attended)),
)  # fmt: skip


def _divided(by: Callable[[Array], Any]) -> _Norm:
    return lambda x: x / by(x * x)


#: What stands where rms is due, wherever it is taken.
_NORMS = (
    _Slip("", _rms),
    _Slip("rms divides by the root of the sum of squares, and by that of their mean it is due",
          _divided(lambda squares: np.sqrt(squares.sum(axis=-1, keepdims=True) + 1e-6))),
    _Slip("rms divides by the mean square, and by its root it is due",
          _divided(lambda squares: squares.mean(axis=-1, keepdims=True) + 1e-6)),
    _Slip("rms divides by the cube root of the mean square, and by its square root it is due",
          _divided(lambda squares: np.cbrt(squares.mean(axis=-1, keepdims=True) + 1e-6))),
    _Slip("rms takes one mean of all rows together, and each row's own is due",
          _divided(lambda squares: np.sqrt(squares.mean() + 1e-6))),
    _Slip("rms takes its mean over the steps, axis=0, and over each row it is due",
          _divided(lambda squares: np.sqrt(squares.mean(axis=0, keepdims=True) + 1e-6))),
    _Slip("rms divides by the largest size in a row, and by the root mean square it is due",
          _divided(lambda squares: np.sqrt(squares.max(axis=-1, keepdims=True)))),
    _Slip("rms subtracts the mean of each row first",
          lambda x: _rms(x - x.mean(axis=-1, keepdims=True))),
    _Slip("rms is turned round: the root mean square is divided by x",
          lambda x: 1 / _rms(x)),
    _Slip("rms multiplies by the root mean square, and is to divide by it",
          lambda x: x * x / _rms(x)),
    _Slip("rms is left out everywhere", lambda x: x),
)  # fmt: skip


#: By what each term of a position is multiplied, by d.
_TIMES = (
    ("", lambda d: 1.0),
    ("twice", lambda d: 2.0),
    ("half of", lambda d: 0.5),
    ("minus", lambda d: -1.0),
    ("sqrt(d) times", np.sqrt),
    ("1 / sqrt(d) times", lambda d: 1 / np.sqrt(d)),
)  # fmt: skip


def _terms(term: str) -> tuple[_Slip, ...]:
    return tuple(
        _Slip(f"{words} {term} is added, and {term} is due" if words else "", times)
        for words, times in _TIMES
    )


_INPUTS, _CONTEXTS, _PLACES = map(_terms, ("W_in @ input", "W_context @ context", "positions[t]"))

#: What is fed, by the inputs that are due and x_start.
_FED = (
    _Slip("", lambda inputs, x_start: inputs),
    _Slip("x_start is added to every input, and it is the input of step 0 alone",
          lambda inputs, x_start: inputs + x_start),
    _Slip("x_start is added to every input after step 0, and is the input of step 0 alone",
          lambda inputs, x_start: inputs + (np.arange(len(inputs)) > 0)[:, None] * x_start),
)  # fmt: skip

#: In which order blocks are run.
_BLOCKS = (
    _Slip("", lambda blocks: blocks),
    _Slip("the blocks are run from the last to the first", lambda blocks: blocks[::-1]),
    _Slip("the first block alone is run", lambda blocks: blocks[:1]),
    _Slip("the last block alone is run", lambda blocks: blocks[-1:]),
    _Slip("the last block is left out", lambda blocks: blocks[:-1]),
    _Slip("no block is run", lambda blocks: []),
    _Slip("all blocks are run twice", lambda blocks: [*blocks, *blocks]),
)

#: What W_out is applied to.
_SHOWN = (
    _Slip("", lambda x, rms: rms(x)),
    _Slip("rms before W_out is left out", lambda x, rms: x),
    _Slip("the mean of each row is subtracted before W_out too",
          lambda x, rms: rms(x - x.mean(axis=1, keepdims=True))),
    _Slip("half of rms(x) goes into W_out, and rms(x) is due", lambda x, rms: 0.5 * rms(x)),
    _Slip("x over its length goes into W_out, and rms(x) is due",
          lambda x, rms: x / np.linalg.norm(x, axis=1, keepdims=True)),
    _Slip("the root mean square is divided by x before W_out, and x by it",
          lambda x, rms: 1 / rms(x)),
    _Slip("tanh is applied before W_out", lambda x, rms: np.tanh(rms(x))),
)  # fmt: skip

#: What is added to the result.
_ADDED = (
    _Slip("", lambda b: b),
    _Slip("b_out is left out", lambda b: 0 * b),
    _Slip("b_out is added twice", lambda b: 2 * b),
)


def of_passes(pairs: Sequence[Pair]) -> Iterator[Told]:
    """Find the slips that give all rows that came.

    Where a pass runs free it is run again on the tokens that its own rows say.

    Parameters
    ----------
    pairs : sequence of (ndarray, ndarray, mapping)
        What came, what is due, and the arguments, of the calls that went wrong.
    """
    asked = [
        (seen, {"target_seq": np.eye(seen.shape[1])[seen.argmax(axis=1)], **given})
        for seen, _, given in pairs
        if len(seen) and np.isfinite(seen).all()
    ]
    asked.sort(key=lambda one: len(one[0]))
    parts = (_INPUTS, _CONTEXTS, _PLACES, _FED, _BLOCKS, _INSIDE, _NORMS, _SHOWN, _ADDED)
    found: set[tuple[str, ...]] = set()
    least = _MOST
    for kind in with_few_slips(parts, _MOST):
        if not asked or _slips(kind) > least:
            break
        if all(equal(seen, _rows(kind, given)) for seen, given in asked):
            least = _slips(kind)
            found.add(tuple(one.words for one in kind if one.words))
    if 0 < len(found) <= 2:
        yield Told(
            "makes_its_logits_by_another_formula",
            f"The rows show: {'; or else: '.join(sorted(map('; '.join, found)))}.",
        )


def _slips(kind: Sequence[Any]) -> int:
    return sum(bool(one.words) for one in kind)


def _rows(kind: Sequence[Any], given: Mapping[str, Any]) -> Array:
    inputs, context, places, fed, blocks, inside, norm, shown, added = kind
    params = given["params"]
    d, x_start = len(params["W_in"]), params["x_start"]
    rows = np.vstack([x_start, given["target_seq"]])[:-1]
    with np.errstate(all="ignore"):
        x = inputs.make(d) * fed.make(rows, x_start) @ params["W_in"].T
        x = x + context.make(d) * (params["W_context"] @ given["context_vector"])
        x = x + places.make(d) * params["positions"][: len(rows)]
        for block in blocks.make(params["blocks"]):
            x = inside.make(x, block, norm.make)
        logits: Array = shown.make(x, norm.make) @ params["W_out"].T + added.make(params["b_out"])
    return logits
