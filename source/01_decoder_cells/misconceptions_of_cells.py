"""Slips inside a cell, made from the pieces of a cell: one place for all lessons.

`course.maintain.golden` puts each into the right decoder of every lesson, so that a learner who
writes cells of their own is told of a slip in one wherever it is made. Each is a whole wrong cell,
known by its numbers alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from course.lessons.misconceptions import Slip

Array = np.ndarray
Params = dict[str, Array]
Curve = Callable[[Array], Array]
#: Gives the blocks of W_xh @ x + b_xh, and those of W_hh @ h + b_hh.
Parts = Callable[[Array, Array, Params, int], tuple[Array, Array]]


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def leaky(slope: float, x: Array) -> Array:
    """Return x where it is positive, else a part of it."""
    return np.where(x > 0, x, slope * x)


# Curves that are taken in place of another, and how each is called in a sentence.
CURVES: dict[str, tuple[Curve, str]] = {
    "sigmoid": (sigmoid, "with sigmoid"),
    "tanh": (np.tanh, "with tanh"),
    "nothing": (lambda x: x, ""),
    "relu": (lambda x: np.maximum(x, 0), "with a ReLU"),
    "leaky_relu": (partial(leaky, 0.01), "with a leaky ReLU"),
    "leaky_relu_tenth": (partial(leaky, 0.1), "with a leaky ReLU"),
    "leaky_relu_fifth": (partial(leaky, 0.2), "with a leaky ReLU"),
    "elu": (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), "with an ELU"),
    "softplus": (lambda x: np.log1p(np.exp(x)), "with softplus"),
    "softsign": (lambda x: x / (1 + np.abs(x)), "with x / (1 + |x|)"),
    "arctan": (np.arctan, "with arctan"),
    "sine": (np.sin, "with a sine"),
    "absolute": (np.abs, "with an absolute value"),
    "exponential": (np.exp, "with exp alone"),
    "softmax": (lambda x: np.exp(x) / np.exp(x).sum(), "with a softmax"),
    "hard_tanh": (lambda x: np.clip(x, -1, 1), "with a hard tanh, np.clip(x, -1, 1)"),
    "clip": (lambda x: np.clip(x, 0, 1), "by cutting at 0 and 1"),
    "hard_sigmoid": (lambda x: np.clip(0.2 * x + 0.5, 0, 1), "with a hard sigmoid"),
    "hard_sigmoid_sixth": (lambda x: np.clip(x / 6 + 0.5, 0, 1), "with a hard sigmoid"),
    "hard_sigmoid_quarter": (lambda x: np.clip(x / 4 + 0.5, 0, 1), "with a hard sigmoid"),
    "hard_sigmoid_half": (lambda x: np.clip((x + 1) / 2, 0, 1), "with a hard sigmoid"),
    "step": (lambda x: (x > 0).astype(float), "with a step, 0 or 1"),
    "rounded_sigmoid": (lambda x: np.round(sigmoid(x)), "with a rounded sigmoid, 0 or 1"),
    "sign": (np.sign, "with a sign, -1 or 1"),
    "double_sigmoid": (lambda x: sigmoid(sigmoid(x)), "twice, with sigmoid(sigmoid(...))"),
    "double_tanh": (lambda x: np.tanh(np.tanh(x)), "twice, with tanh(tanh(...))"),
    "sigmoid_of_tanh": (lambda x: sigmoid(np.tanh(x)), "twice, with sigmoid(tanh(...))"),
    "tanh_of_sigmoid": (lambda x: np.tanh(sigmoid(x)), "twice, with tanh(sigmoid(...))"),
    "inverted": (lambda x: sigmoid(-x), "the wrong way round, as 1 - sigmoid"),
    "negative": (lambda x: -np.tanh(x), "with the wrong sign, -tanh"),
    "minus_sigmoid": (lambda x: -sigmoid(x), "with the wrong sign, -sigmoid"),
    "one_minus_tanh": (lambda x: 1 - np.tanh(x), "as 1 - tanh"),
    "tanh_half": (lambda x: np.tanh(x / 2), "with tanh(x / 2), which is 2 * sigmoid(x) - 1"),
    "tanh_double": (lambda x: np.tanh(2 * x), "with tanh(2 * x)"),
    "sigmoid_half": (lambda x: sigmoid(x / 2), "with sigmoid(x / 2)"),
    "sigmoid_double": (lambda x: sigmoid(2 * x), "with sigmoid(2 * x)"),
    "tanh_without_half": (lambda x: 0.5 * (1 + np.tanh(x)), "with 0.5 * (1 + tanh(x)), where "
                          "sigmoid has tanh(x / 2)"),
    "half_tanh": (lambda x: 0.5 * np.tanh(x), "with half a tanh"),
    "shifted": (lambda x: sigmoid(x + 1), "with 1 added inside, sigmoid(x + 1)"),
    "squared": (lambda x: sigmoid(x) ** 2, "with the square of a sigmoid"),
    "tanh_derivative": (lambda x: 1 - np.tanh(x) ** 2, "with 1 - tanh², the derivative"),
    "sigmoid_derivative": (lambda x: sigmoid(x) * (1 - sigmoid(x)), "with the derivative of "
                           "sigmoid"),
    "one": (np.ones_like, "away: it is 1 always"),
    "zero": (np.zeros_like, "away: it is 0 always"),
}  # fmt: skip


def parts_of(x: Array, h: Array, p: Params, G: int) -> tuple[Array, Array]:
    a, u = p["W_xh"] @ x + p["b_xh"], p["W_hh"] @ h + p["b_hh"]
    return a.reshape(G, -1), u.reshape(G, -1)


def _changed(**arrays: Callable[[Array], Array]) -> Parts:
    """Return parts of which some arrays are other ones: W_xh, W_hh, b_xh, b_hh, x or h."""

    def parts(x: Array, h: Array, p: Params, G: int) -> tuple[Array, Array]:
        same: Curve = lambda array: array  # noqa: E731
        x, h = arrays.get("x", same)(x), arrays.get("h", same)(h)
        return parts_of(x, h, {k: arrays.get(k, same)(v) for k, v in p.items()}, G)

    return parts


def _merged(change: Callable[[Params], Params]) -> Parts:
    return lambda x, h, p, G: parts_of(x, h, {**p, **change(p)}, G)


def _transposed_blocks(W: Array) -> Array:
    H = W.shape[1]
    return W.reshape(-1, H, H).transpose(0, 2, 1).reshape(-1, H)


def _interleaved(x: Array, h: Array, p: Params, G: int) -> tuple[Array, Array]:
    a, u = parts_of(x, h, p, G)
    return a.reshape(-1, G).T, u.reshape(-1, G).T


def _reshaped(key: str) -> Callable[[Array], Array]:
    return lambda W: W.reshape(W.shape[1], -1).T


def _in_reverse(array: Array) -> Array:
    return array[::-1]


# What all cells share: name, parts, and what its learner reads.
SHARED: tuple[tuple[str, Parts, str], ...] = (
    ("forgets_b_xh", _changed(b_xh=np.zeros_like), "You did not add b_xh, the bias of the input's "
     'part; write params["W_xh"] @ x_t + params["b_xh"].'),
    ("forgets_b_hh", _changed(b_hh=np.zeros_like), "You did not add b_hh, the bias of the memory's "
     'part; write params["W_hh"] @ h_prev + params["b_hh"].'),
    ("forgets_both_biases", _changed(b_xh=np.zeros_like, b_hh=np.zeros_like), "You added neither "
     "b_xh nor b_hh; each of the two products has a bias of its own."),
    ("adds_b_xh_twice", _changed(b_xh=lambda b: 2 * b), "You added b_xh twice; it is added once, "
     "to W_xh @ x_t."),
    ("adds_b_hh_twice", _changed(b_hh=lambda b: 2 * b), "You added b_hh twice; it is added once, "
     "to W_hh @ h_prev."),
    ("adds_both_biases_twice", _changed(b_xh=lambda b: 2 * b, b_hh=lambda b: 2 * b), "You added "
     "each bias twice; W_xh @ x_t + b_xh and W_hh @ h_prev + b_hh have one each."),
    ("adds_b_xh_for_b_hh", _merged(lambda p: {"b_hh": p["b_xh"]}), "You added b_xh in both places; "
     "the memory's part has its own bias, W_hh @ h_prev + b_hh."),
    ("adds_b_hh_for_b_xh", _merged(lambda p: {"b_xh": p["b_hh"]}), "You added b_hh in both places; "
     "the input's part has its own bias, W_xh @ x_t + b_xh."),
    ("exchanges_the_biases", _merged(lambda p: {"b_xh": p["b_hh"], "b_hh": p["b_xh"]}),
     "You exchanged b_xh and b_hh; b_xh goes with W_xh @ x_t, b_hh with W_hh @ h_prev."),
    ("counts_the_memory_twice", _changed(W_hh=lambda W: 2 * W, b_hh=lambda b: 2 * b), "You added "
     "the memory's part, W_hh @ h_prev + b_hh, twice; it is added once."),
    ("counts_the_input_twice", _changed(W_xh=lambda W: 2 * W, b_xh=lambda b: 2 * b), "You added "
     "the input's part, W_xh @ x_t + b_xh, twice; it is added once."),
    ("multiplies_by_w_hh_twice", _changed(W_hh=lambda W: 2 * W), "You added W_hh @ h_prev twice; "
     "it is added once."),
    ("multiplies_by_w_xh_twice", _changed(W_xh=lambda W: 2 * W), "You added W_xh @ x_t twice; it "
     "is added once."),
    ("subtracts_b_xh", _changed(b_xh=np.negative), "You subtracted b_xh; it is added."),
    ("subtracts_b_hh", _changed(b_hh=np.negative), "You subtracted b_hh; it is added."),
    ("takes_half_the_biases", _changed(b_xh=lambda b: b / 2, b_hh=lambda b: b / 2), "You added the "
     "mean of the two biases; both are added in full, b_xh and b_hh."),
    ("subtracts_the_memory", _changed(W_hh=np.negative), "You subtracted W_hh @ h_prev; it is "
     "added."),
    ("subtracts_the_input", _changed(W_xh=np.negative), "You subtracted W_xh @ x_t; it is added."),
    ("subtracts_the_memory_and_its_bias", _changed(W_hh=np.negative, b_hh=np.negative), "You "
     "subtracted the memory's part, W_hh @ h_prev + b_hh; it is added to the input's part."),
    ("ignores_h_prev", _changed(W_hh=np.zeros_like), "Your new state does not hear h_prev through "
     'W_hh, so nothing is remembered; add params["W_hh"] @ h_prev to the sum.'),
    ("ignores_the_memorys_part", _changed(W_hh=np.zeros_like, b_hh=np.zeros_like), "You left out "
     "the memory's part, W_hh @ h_prev + b_hh; add it to the input's part."),
    ("ignores_x_t", _changed(W_xh=np.zeros_like), "Your new state does not hear x_t; add "
     'params["W_xh"] @ x_t to the sum.'),
    ("ignores_the_inputs_part", _changed(W_xh=np.zeros_like, b_xh=np.zeros_like), "You left out "
     "the input's part, W_xh @ x_t + b_xh; add it to the memory's part."),
    ("transposes_w_hh", _changed(W_hh=_transposed_blocks), "You used W_hh transposed, as "
     "h_prev @ W does without any error; write W_hh @ h_prev."),
    ("reshapes_w_hh", _changed(W_hh=_reshaped("W_hh")), "You put h_prev in front and reshaped W_hh "
     "until it fitted, which mixes its rows up; leave it as it is and put it first, "
     "W_hh @ h_prev."),
    ("reshapes_w_xh", _changed(W_xh=_reshaped("W_xh")), "You put x_t in front and reshaped W_xh "
     "until it fitted, which mixes its rows up; leave it as it is and put it first, W_xh @ x_t."),
    ("squashes_h_prev", _changed(h=np.tanh), "You passed h_prev through tanh once more before the "
     "product; use it as it is, W_hh @ h_prev."),
    ("squashes_x_t", _changed(x=np.tanh), "You passed x_t through tanh before the product; use it "
     "as it is, W_xh @ x_t."),
    ("cuts_h_prev_at_zero", _changed(h=lambda h: np.maximum(h, 0)), "You cut h_prev off at 0 "
     "before the product; use it as it is, W_hh @ h_prev."),
    ("reverses_h_prev", _changed(h=_in_reverse), "You turned h_prev round; use it as it is."),
    ("reverses_x_t", _changed(x=_in_reverse), "You turned x_t round; use it as it is."),
    ("adds_x_and_h_alike", lambda x, h, p, G: parts_of(x, h, {**p, "W_hh": np.tile(
        np.eye(len(h)), (G, 1))}, G), "You added h_prev itself, without W_hh; write "
     "W_hh @ h_prev + b_hh."),
)  # fmt: skip


def _rnn(x: Array, h: Array, p: Params, parts: Parts = parts_of, new: Any = None) -> Array:
    (a,), (u,) = parts(x, h, p, 1)
    out: Array = new(a, u, h) if new else np.tanh(a + u)
    return out


_RNN_STATES: dict[str, tuple[Callable[[Array, Array, Array], Array], str]] = {
    "squashes_each_part": (lambda a, u, h: np.tanh(a) + np.tanh(u), "You took the tanh of each "
     "part and then the sum; add first, then one tanh around it all."),
    "squashes_the_input_only": (lambda a, u, h: np.tanh(a) + u, "Your tanh closes before the "
     "memory's part is added; put both inside, np.tanh(a + u)."),
    "squashes_the_memory_only": (lambda a, u, h: a + np.tanh(u), "Your tanh holds the memory's "
     "part alone; put both inside, np.tanh(a + u)."),
    "adds_the_old_state": (lambda a, u, h: h + np.tanh(a + u), "You added h_prev to the new state; "
     "the plain RNN replaces the state, and h_prev enters through W_hh only."),
    "adds_the_old_state_inside": (lambda a, u, h: np.tanh(a + u + h), "You added h_prev itself "
     "inside the tanh; it enters through W_hh only, np.tanh(a + u)."),
    "mixes_half_the_old_state": (lambda a, u, h: 0.5 * h + 0.5 * np.tanh(a + u), "You mixed the new "
     "state with the old one; the plain RNN replaces the state, np.tanh(a + u)."),
    "multiplies_the_parts": (lambda a, u, h: np.tanh(a * u), "You multiplied the input's part by "
     "the memory's; add them, np.tanh(a + u)."),
    "multiplies_the_squashed_parts": (lambda a, u, h: np.tanh(a) * np.tanh(u), "You multiplied the "
     "two squashed parts; add them first, np.tanh(a + u)."),
    "takes_the_mean_of_the_parts": (lambda a, u, h: np.tanh((a + u) / 2), "You took half the sum; "
     "the new state is np.tanh(a + u)."),
    "takes_the_larger_part": (lambda a, u, h: np.tanh(np.maximum(a, u)), "You took the larger of "
     "the two parts; add them, np.tanh(a + u)."),
    "ignores_everything_new": (lambda a, u, h: h, "You returned h_prev as it was; the new state is "
     "np.tanh(a + u)."),
    "subtracts_the_new_state": (lambda a, u, h: h - np.tanh(a + u), "You subtracted the new state "
     "from the old one; the plain RNN replaces the state, np.tanh(a + u)."),
}  # fmt: skip


def _rnn_slips() -> Iterator[Slip]:
    for name, parts, sentence in SHARED:
        yield Slip("rnn_cell_step", name, sentence, partial(_rnn, parts=parts))
    for name, (new, sentence) in _RNN_STATES.items():
        yield Slip("rnn_cell_step", name, sentence, partial(_rnn, new=new))
    for name, (curve, how) in CURVES.items():
        step = partial(_rnn, new=lambda a, u, h, curve=curve: curve(a + u))
        sentence = f"{_squashed('the sum', how)}; the new state is np.tanh(a + u)."
        yield Slip("rnn_cell_step", f"squashes_the_state_with_{name}", sentence, step)


_GATES = {"i": "the input gate i", "f": "the forget gate f", "o": "the output gate o",
          "g": "the candidate g", "r": "the reset gate r", "z": "the update gate z",
          "n": "the candidate n", "c": "the cell state that is shown"}  # fmt: skip
_RIGHT_CURVES = dict.fromkeys("ifozr", "sigmoid") | dict.fromkeys("gnc", "tanh")


def _squashed(what: str, how: str) -> str:
    """Say with which curve something was squashed; `how` is ``""`` where with none."""
    return f"You squashed {what} {how}" if how else f"You did not squash {what}"


def squashings(gates: str) -> Iterator[tuple[str, dict[str, Curve], str]]:
    """Each gate with each other curve, and all gates of one curve at once."""
    for gate in gates:
        right = _RIGHT_CURVES[gate]
        for name, (curve, how) in CURVES.items():
            if name != right:
                wanted = f"np.{right}" if right == "tanh" else right
                yield (
                    f"squashes_{gate}_with_{name}",
                    {gate: curve},
                    f"{_squashed(_GATES[gate], how)}; {'it takes' if how else 'apply'} {wanted}.",
                )
    together = [gate for gate in gates if _RIGHT_CURVES[gate] == "sigmoid"]
    for name, (curve, how) in CURVES.items():
        if name != "sigmoid":
            some = ", ".join(together[:-1])
            yield (
                f"squashes_its_gates_with_{name}",
                dict.fromkeys(together, curve),
                f"{_squashed(f'the gates {some} and {together[-1]}', how)}; they take sigmoid.",
            )
    candidate = "g" if "g" in gates else "n"
    yield (
        "exchanges_sigmoid_and_tanh",
        {**dict.fromkeys(together, np.tanh), candidate: sigmoid},
        f"You exchanged sigmoid and tanh; the gates take sigmoid, the candidate {candidate} tanh.",
    )
    yield (
        "squashes_nothing",
        dict.fromkeys((*together, candidate), lambda x: x),
        f"You squashed no gate; the gates take sigmoid, the candidate {candidate} tanh.",
    )


def _one_bias(G: int, gate: int, key: str, times: float = 0) -> Parts:
    """Leave one gate's share of a bias out, or add it several times."""

    def parts(x: Array, h: Array, p: Params, _: int) -> tuple[Array, Array]:
        bias = p[key].reshape(G, -1).copy()
        bias[gate] *= times
        return parts_of(x, h, {**p, key: bias.ravel()}, G)

    return parts


def _one_block(G: int, gate: int, key: str, change: Callable[[Array], Array]) -> Parts:
    """Change one gate's block of a matrix."""

    def parts(x: Array, h: Array, p: Params, _: int) -> tuple[Array, Array]:
        W = p[key].reshape(G, -1, p[key].shape[1]).copy()
        W[gate] = change(W[gate])
        return parts_of(x, h, {**p, key: W.reshape(p[key].shape)}, G)

    return parts


def _other_block(G: int, gate: int, other: int) -> Parts:
    """Take another gate's rows for one gate."""

    def parts(x: Array, h: Array, p: Params, _: int) -> tuple[Array, Array]:
        a, u = parts_of(x, h, p, G)
        a, u = a.copy(), u.copy()
        a[gate], u[gate] = a[other], u[other]
        return a, u

    return parts


def gate_parts(gates: str) -> Iterator[tuple[str, Parts, str]]:
    """Slips of a single gate's rows."""
    G = len(gates)
    places = ("first", "second", "third", "fourth")
    for k, gate in enumerate(gates):
        for key, of in (("b_xh", "the input's part"), ("b_hh", "the memory's part")):
            yield (
                f"forgets_{key}_of_{gate}",
                _one_bias(G, k, key),
                f"You did not add {key}, the bias of {of}, in {_GATES[gate]}; each gate has "
                "its block of both biases.",
            )
            yield (
                f"adds_{key}_twice_in_{gate}",
                _one_bias(G, k, key, 2),
                f"You added {key}, the bias of {of}, twice in {_GATES[gate]}; it is added once.",
            )
        yield (
            f"ignores_h_prev_in_{gate}",
            _one_block(G, k, "W_hh", np.zeros_like),
            f"You left h_prev out of {_GATES[gate]}; it hears W_hh @ h_prev too, its own block.",
        )
        yield (
            f"ignores_x_t_in_{gate}",
            _one_block(G, k, "W_xh", np.zeros_like),
            f"You left x_t out of {_GATES[gate]}; it hears W_xh @ x_t too, its own block.",
        )
        yield (
            f"transposes_w_hh_of_{gate}",
            _one_block(G, k, "W_hh", np.transpose),
            f"You used the block of W_hh for {_GATES[gate]} transposed; write W_hh @ h_prev.",
        )
        for other, whose in enumerate(gates):
            if other != k:
                yield (
                    f"takes_the_rows_of_{whose}_for_{gate}",
                    _other_block(G, k, other),
                    f"You took the rows of {whose} for {gate} as well, or {whose} stands where {gate} "
                    f"belongs in a line further down; {_GATES[gate]} has the {places[k]} block of "
                    "H rows.",
                )
    yield (
        "gates_interleaved",
        _interleaved,
        f"You took every {('', '', '', 'third', 'fourth')[G]} row for a gate; each gate is a "
        f"block of H rows on end, as np.split(v, {G}) cuts them.",
    )


def wrong_orders(gates: str, notes: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each wrong order in which blocks can be cut: its letters, a name, and a sentence."""
    for order in map("".join, itertools.permutations(gates)):
        if order != gates:
            letters = ", ".join(order)
            right = ", ".join(gates)
            yield (
                order,
                f"gate_order_{order}",
                f"You cut the gates in the order {letters}{notes.get(order, '')}, or take one for "
                f"another in the lines that use them; here the blocks are stacked {right}.",
            )


def often_with_another(name: str) -> bool:
    """Say whether a slip is so frequent that it comes together with a wrong order of gates."""
    return name in (
        "forgets_b_xh",
        "forgets_b_hh",
        "forgets_both_biases",
        "squashes_g_with_sigmoid",
        "squashes_its_gates_with_tanh",
        "squashes_c_with_nothing",
        "squashes_n_with_sigmoid",
        "shows_the_old_c",
        "exchanges_z",
        "resets_before_the_product",
    )


SLIPS: tuple[Slip, ...] = tuple(_rnn_slips())
