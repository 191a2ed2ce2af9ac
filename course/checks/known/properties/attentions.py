"""Find by which other formula attention makes its rows: each part is made again with each slip.

Told only where one choice, or either of two, with as few slips, gives what came in every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.properties.choices import with_few_slips
from course.checks.known.told import Told

#: Slips at once, at most.
_MOST = 2

#: A call: the rows that came, the rows x that are asked for, those kept before, and the block.
Asked = tuple[Array, Array, tuple[Array, Array], Mapping[str, Array]]


class _Slip(NamedTuple):
    words: str
    make: Callable[..., Any]


def _made_of(name: str, key: str, others: Sequence[str]) -> tuple[_Slip, ...]:
    """Return of what queries, keys or values may be made, by x and the block."""
    due = f"and x @ {key}.T is due"
    return (
        _Slip("", lambda x, block: x @ block[key].T),
        _Slip(f"{name} are x @ {key}, without transposing, {due}", lambda x, block: x @ block[key]),
        _Slip(f"{name} are x itself, {due}", lambda x, block: x),
        _Slip(f"{name} are x @ {key}.T with the sign turned round",
              lambda x, block: -x @ block[key].T),
        *(
            _Slip(f"{name} are x @ {other}.T, {due}",
                  lambda x, block, other=other: x @ block[other].T)
            for other in others
        ),
    )  # fmt: skip


_QUERIES = _made_of("queries", "W_q", ("W_k", "W_v", "W_o"))
_KEYS = _made_of("keys", "W_k", ("W_q", "W_v", "W_o"))
_VALUES = _made_of("values", "W_v", ("W_q", "W_k", "W_o"))

#: By what scores are multiplied, by d and the number of rows.
_SCALES = (
    _Slip("", lambda d, T: d**-0.5),
    _Slip("scores are divided by d, and by sqrt(d) it is due", lambda d, T: 1 / d),
    _Slip("scores are not divided by sqrt(d)", lambda d, T: 1.0),
    _Slip("scores are multiplied by sqrt(d), and to be divided by it", lambda d, T: d**0.5),
    _Slip("scores are divided by the square root of the number of rows, and by sqrt(d) it is due",
          lambda d, T: T**-0.5),
    _Slip("scores are divided by 2 * sqrt(d)", lambda d, T: d**-0.5 / 2),
    _Slip("scores are divided by sqrt(d) / 2, or the exponentials are squared",
          lambda d, T: 2 * d**-0.5),
    _Slip("the sign of the scores is turned round", lambda d, T: -(d**-0.5)),
)  # fmt: skip


def _shares(powers: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Return what divides numbers of the scores that a row sees by their sum."""

    def make(scores: Array) -> Array:
        numbers = powers(scores)
        shares: Array = numbers / numbers.sum()
        return shares

    return make


#: What weights are made of, by the scores that a row sees, its own last.
_WEIGHTS = (
    _Slip("", _shares(lambda s: np.exp(s - s.max()))),
    _Slip("the exponentials are not divided by their sum", lambda s: np.exp(s)),
    _Slip("the exponentials, of scores less the largest, are not divided by their sum",
          lambda s: np.exp(s - s.max())),
    _Slip("2**scores stands where exp(scores) is due", _shares(lambda s: np.exp2(s - s.max()))),
    _Slip("scores are squared where exp(scores) is due", _shares(np.square)),
    _Slip("scores less their largest are squared where their exp is due",
          _shares(lambda s: np.square(s - s.max()))),
    _Slip("exp(scores) - 1 stands where exp(scores) is due",
          _shares(lambda s: np.expm1(s - s.max()))),
    _Slip("scores themselves are the weights, and their softmax is due", lambda s: s),
    _Slip("scores over their sum are the weights, and their softmax is due", _shares(lambda s: s)),
    _Slip("the sigmoid of each score stands where the softmax of a row is due",
          lambda s: 1 / (1 + np.exp(-s))),
    _Slip("the largest score takes all the weight, and a softmax is due",
          lambda s: (np.arange(s.size) == s.argmax()).astype(float)),
    _Slip("the mean of what a row sees is taken, whatever the scores are",
          lambda s: np.full(s.size, 1 / s.size)),
    _Slip("the softmax of the softmax is taken",
          lambda s: _shares(np.exp)(_shares(lambda t: np.exp(t - t.max()))(s))),
    _Slip("a row does not see itself",
          lambda s: np.append(_shares(lambda t: np.exp(t - t.max(initial=0)))(s[:-1]), 0.0)),
    _Slip("exponentials are divided by the largest of them, and by their sum it is due",
          lambda s: np.exp(s - s.max()) / np.exp(s - s.max()).max()),
)  # fmt: skip

#: What is made of the weighted sums of values, by the block and x.
_SHOWN = (
    _Slip("", lambda rows, block, x: rows @ block["W_o"].T),
    _Slip("W_o is used without transposing", lambda rows, block, x: rows @ block["W_o"]),
    _Slip("W_o is left out", lambda rows, block, x: rows),
    _Slip("W_v stands where W_o is due", lambda rows, block, x: rows @ block["W_v"].T),
    _Slip("x is added to what attention gives: the block does that",
          lambda rows, block, x: rows @ block["W_o"].T + x),
    _Slip("the sign of all of it is turned round", lambda rows, block, x: -rows @ block["W_o"].T),
)  # fmt: skip


def of_attentions(calls: Sequence[Asked]) -> Iterator[Told]:
    """Find the slips that give the rows of all calls.

    Parameters
    ----------
    calls : sequence of Asked
    """
    asked = sorted((one for one in calls if one[0].size), key=lambda one: len(one[1]))
    parts = (_QUERIES, _KEYS, _VALUES, _SCALES, _WEIGHTS, _SHOWN)
    found: set[tuple[str, ...]] = set()
    least = _MOST
    for kind in with_few_slips(parts, _MOST):
        words = tuple(one.words for one in kind if one.words)
        if not asked or len(words) > least:
            break
        if all(equal(one[0], _rows(kind, one)) for one in asked):
            least = len(words)
            found.add(words)
    if 0 < len(found) <= 2:
        yield Told(
            "attends_by_another_formula",
            f"The rows show: {'; or else: '.join(sorted(map('; '.join, found)))}.",
        )


def _rows(kind: Sequence[_Slip], asked: Asked) -> Array:
    _, x, kept, block = asked
    query, key, value, scale, weigh, shown = kind
    queries = query.make(x, block)
    keys = np.concatenate([kept[0], key.make(x, block)])
    values = np.concatenate([kept[1], value.make(x, block)])
    first, rows = len(kept[0]), np.zeros(x.shape)
    with np.errstate(all="ignore"):
        for t in range(len(x)):
            seen = slice(first + t + 1)
            scores = keys[seen] @ queries[t] * scale.make(x.shape[1], len(keys))
            rows[t] = weigh.make(scores) @ values[seen]
        made: Array = shown.make(rows, block, x)
    return made
