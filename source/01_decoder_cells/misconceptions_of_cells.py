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
_CURVES: dict[str, tuple[Curve, str]] = {
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


def _parts(x: Array, h: Array, p: Params, G: int) -> tuple[Array, Array]:
    a, u = p["W_xh"] @ x + p["b_xh"], p["W_hh"] @ h + p["b_hh"]
    return a.reshape(G, -1), u.reshape(G, -1)


def _changed(**arrays: Callable[[Array], Array]) -> Parts:
    """Return parts of which some arrays are other ones: W_xh, W_hh, b_xh, b_hh, x or h."""

    def parts(x: Array, h: Array, p: Params, G: int) -> tuple[Array, Array]:
        same: Curve = lambda array: array  # noqa: E731
        x, h = arrays.get("x", same)(x), arrays.get("h", same)(h)
        return _parts(x, h, {k: arrays.get(k, same)(v) for k, v in p.items()}, G)

    return parts


def _merged(change: Callable[[Params], Params]) -> Parts:
    return lambda x, h, p, G: _parts(x, h, {**p, **change(p)}, G)


def _transposed_blocks(W: Array) -> Array:
    H = W.shape[1]
    return W.reshape(-1, H, H).transpose(0, 2, 1).reshape(-1, H)


def _interleaved(x: Array, h: Array, p: Params, G: int) -> tuple[Array, Array]:
    a, u = _parts(x, h, p, G)
    return a.reshape(-1, G).T, u.reshape(-1, G).T


def _reshaped(key: str) -> Callable[[Array], Array]:
    return lambda W: W.reshape(W.shape[1], -1).T


def _in_reverse(array: Array) -> Array:
    return array[::-1]


# What all cells share: name, parts, and what its learner reads.
_SHARED: tuple[tuple[str, Parts, str], ...] = (
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
    ("adds_x_and_h_alike", lambda x, h, p, G: _parts(x, h, {**p, "W_hh": np.tile(
        np.eye(len(h)), (G, 1))}, G), "You added h_prev itself, without W_hh; write "
     "W_hh @ h_prev + b_hh."),
)  # fmt: skip


def _rnn(x: Array, h: Array, p: Params, parts: Parts = _parts, new: Any = None) -> Array:
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
    for name, parts, sentence in _SHARED:
        yield Slip("rnn_cell_step", name, sentence, partial(_rnn, parts=parts))
    for name, (new, sentence) in _RNN_STATES.items():
        yield Slip("rnn_cell_step", name, sentence, partial(_rnn, new=new))
    for name, (curve, how) in _CURVES.items():
        step = partial(_rnn, new=lambda a, u, h, curve=curve: curve(a + u))
        sentence = f"{_squashed('the sum', how)}; the new state is np.tanh(a + u)."
        yield Slip("rnn_cell_step", f"squashes_the_state_with_{name}", sentence, step)


def _lstm(
    x: Array,
    h: Array,
    c: Array,
    p: Params,
    parts: Parts = _parts,
    order: str = "ifgo",
    curves: dict[str, Curve] | None = None,
    write: Any = None,
    show: Any = None,
    hear: Any = None,
) -> tuple[Array, Array]:
    a, u = parts(x, h, p, 4)
    summed = dict(zip(order, a + u, strict=True))
    if hear:
        summed = hear(summed, c)
    curves = {"i": sigmoid, "f": sigmoid, "g": np.tanh, "o": sigmoid, "c": np.tanh} | (curves or {})
    i, f, g, o = (curves[gate](summed[gate]) for gate in "ifgo")
    new = write(i, f, g, o, c, h) if write else f * c + i * g
    if show:
        shown: tuple[Array, Array] = show(o, new, c, g, h)
        return shown
    return o * curves["c"](new), new


_WRITES: dict[str, tuple[Any, str]] = {
    "forgets_its_input_gate": (lambda i, f, g, o, c, h: f * c + g, "You wrote all of the candidate "
     "into c; multiply it by the input gate, i * g."),
    "forgets_its_forget_gate": (lambda i, f, g, o, c, h: c + i * g, "You kept all of c_prev at "
     "every step; multiply it by the forget gate, f * c_prev."),
    "adds_without_gates": (lambda i, f, g, o, c, h: c + g, "You added g to c_prev without any "
     "gate; c is f * c_prev + i * g."),
    "ties_forget_to_input": (lambda i, f, g, o, c, h: (1 - i) * c + i * g, "You took 1 - i for the "
     "forget gate; in an LSTM f is a gate of its own, the second block."),
    "ties_input_to_forget": (lambda i, f, g, o, c, h: f * c + (1 - f) * g, "You took 1 - f for the "
     "input gate; in an LSTM i is a gate of its own, the first block."),
    "does_not_carry_c": (lambda i, f, g, o, c, h: i * g, "Your new c does not contain c_prev, so "
     "every step starts with an empty memory; add f * c_prev."),
    "writes_nothing": (lambda i, f, g, o, c, h: f * c, "Your new c does not contain the candidate; "
     "add i * g."),
    "subtracts_the_candidate": (lambda i, f, g, o, c, h: f * c - i * g, "You subtracted i * g, "
     "or one of the two has the wrong sign; c is f * c_prev + i * g."),
    "gates_the_sum": (lambda i, f, g, o, c, h: f * (c + i * g), "Your forget gate multiplies the "
     "candidate too; c is f * c_prev + i * g."),
    "gates_the_sum_by_the_input": (lambda i, f, g, o, c, h: i * (f * c + g), "Your input gate "
     "multiplies c_prev too; c is f * c_prev + i * g."),
    "multiplies_in_place_of_adding": (lambda i, f, g, o, c, h: f * c * i * g, "You multiplied what "
     "is kept by what is written; add them, f * c_prev + i * g."),
    "keeps_h_for_c": (lambda i, f, g, o, c, h: f * h + i * g, "You multiplied the forget gate into "
     "h_prev; it keeps the cell's memory, f * c_prev."),
    "keeps_the_squashed_c": (lambda i, f, g, o, c, h: np.tanh(f * c + i * g), "You kept tanh(c) as "
     "the new cell state; the tanh is for h alone, c goes on as it is."),
    "squashes_the_old_c": (lambda i, f, g, o, c, h: f * np.tanh(c) + i * g, "You squashed c_prev "
     "before you kept it; c is f * c_prev + i * g, without a tanh around c_prev."),
    "adds_the_input_gate": (lambda i, f, g, o, c, h: f * c + i + g, "You added the input gate to the "
     "candidate; the gate multiplies it, i * g."),
    "adds_the_forget_gate": (lambda i, f, g, o, c, h: f + c + i * g, "You added the forget gate to "
     "c_prev; the gate multiplies it, f * c_prev."),
    "adds_the_gates": (lambda i, f, g, o, c, h: (f + c) + (i + g), "You added the gates where they "
     "multiply; c is f * c_prev + i * g."),
    "writes_through_the_output_gate": (lambda i, f, g, o, c, h: f * c + o * g, "You multiplied the "
     "candidate by the output gate; it is written by the input gate, i * g."),
    "keeps_through_the_output_gate": (lambda i, f, g, o, c, h: o * c + i * g, "You multiplied c_prev "
     "by the output gate; it is kept by the forget gate, f * c_prev."),
    "keeps_and_writes_by_the_forget_gate": (lambda i, f, g, o, c, h: f * c + f * g, "You used the "
     "forget gate for both; the candidate is written by the input gate, i * g."),
    "keeps_and_writes_by_the_input_gate": (lambda i, f, g, o, c, h: i * c + i * g, "You used the "
     "input gate for both; c_prev is kept by the forget gate, f * c_prev."),
    "inverts_the_forget_gate": (lambda i, f, g, o, c, h: (1 - f) * c + i * g, "You kept 1 - f of "
     "c_prev, or turned the sigmoid of f round; f is how much is kept, f * c_prev."),
    "inverts_the_input_gate": (lambda i, f, g, o, c, h: f * c + (1 - i) * g, "You wrote 1 - i of "
     "the candidate, or turned the sigmoid of i round; i is how much is written, i * g."),
    "takes_the_mean": (lambda i, f, g, o, c, h: (f * c + i * g) / 2, "You halved the new cell "
     "state; c is f * c_prev + i * g."),
    "adds_the_old_h": (lambda i, f, g, o, c, h: f * c + i * g + h, "You added h_prev to c; c is "
     "f * c_prev + i * g."),
    "clips_c_at_one": (lambda i, f, g, o, c, h: np.clip(f * c + i * g, -1, 1), "You cut c off at "
     "-1 and 1; it is f * c_prev + i * g, of any size."),
}  # fmt: skip

_SHOWS: dict[str, tuple[Any, str]] = {
    "shows_the_old_c": (lambda o, c, old, g, h: (o * np.tanh(old), c), "Your h is made from c_prev; "
     "it shows the new memory, so use the c you have just computed."),
    "forgets_its_output_gate": (lambda o, c, old, g, h: (np.tanh(c), c), "Your h is tanh(c) without "
     "the output gate, so the cell can never be silent; multiply by sigmoid(o)."),
    "shows_c_itself": (lambda o, c, old, g, h: (c, c), "You took c for h; h is o * tanh(c)."),
    "shows_the_gate_alone": (lambda o, c, old, g, h: (o, c), "You took the output gate for h; h is "
     "o * tanh(c)."),
    "squashes_after_the_gate": (lambda o, c, old, g, h: (np.tanh(o * c), c), "Your tanh holds the "
     "output gate too; h is o * tanh(c)."),
    "squashes_h_twice": (lambda o, c, old, g, h: (np.tanh(o * np.tanh(c)), c), "You squashed h once "
     "more; h is o * tanh(c)."),
    "shows_the_candidate": (lambda o, c, old, g, h: (o * g, c), "You made h of the candidate g; it "
     "is made of the new cell state, o * tanh(c)."),
    "adds_the_output_gate": (lambda o, c, old, g, h: (o + np.tanh(c), c), "You added the output "
     "gate; h is o * tanh(c)."),
    "inverts_what_it_shows": (lambda o, c, old, g, h: ((1 - o) * np.tanh(c), c), "You showed 1 - o "
     "of the memory, or turned the sigmoid of o round; h is o * tanh(c)."),
    "hands_back_the_old_c": (lambda o, c, old, g, h: (o * np.tanh(c), old), "You returned c_prev "
     "where the new c belongs; return h, c."),
    "hands_back_the_squashed_c": (lambda o, c, old, g, h: (o * np.tanh(c), np.tanh(c)), "You kept "
     "tanh(c) as the new cell state; the tanh is for h alone, c goes on as it is."),
    "hands_back_h_as_c": (lambda o, c, old, g, h: (o * np.tanh(c),) * 2, "You returned h where c "
     "belongs; return h, c."),
    "hands_back_the_shown_c": (lambda o, c, old, g, h: (o * np.tanh(c), o * c), "You multiplied the "
     "cell state that goes on by the output gate; the gate is for h alone, c goes on as it is."),
    "hands_back_the_candidate": (lambda o, c, old, g, h: (o * np.tanh(c), g), "You returned the "
     "candidate g where c belongs; return h, c."),
    "returns_c_first": (lambda o, c, old, g, h: (c, o * np.tanh(c)), "Your two states are right, "
     "but in the wrong order; the hidden state comes first, h, c."),
    "adds_h_prev": (lambda o, c, old, g, h: (o * np.tanh(c) + h, c), "You added h_prev to the new "
     "hidden state; h is o * tanh(c)."),
    "mixes_h_prev": (lambda o, c, old, g, h: (o * np.tanh(c) + (1 - o) * h, c), "You mixed h_prev "
     "into the new hidden state; that is a GRU's way, here h is o * tanh(c)."),
}  # fmt: skip

_PEEPHOLES: dict[str, tuple[Any, str]] = {
    "looks_at_c": (lambda s, c: {**s, "i": s["i"] + c, "f": s["f"] + c}, "Your gates look at c_prev, "
     "as an LSTM with peepholes has it; here they hear x_t and h_prev alone."),
    "candidate_hears_c": (lambda s, c: {**s, "g": s["g"] + c}, "Your candidate hears c_prev; it is "
     "tanh of its block of a + u alone."),
    "adds_one_to_the_forget_gate": (lambda s, c: {**s, "f": s["f"] + 1}, "You added 1 inside the "
     "forget gate; that belongs in the bias when weights are made, the formula is sigmoid(f)."),
}  # fmt: skip

_BRACKETS: dict[str, tuple[dict[str, Any], str]] = {
    "closes_the_output_gate_late": (
     {"curves": {"o": lambda x: x}, "show": lambda o, c, old, g, h: (sigmoid(o * np.tanh(c)), c)},
     "Your sigmoid closes around o * tanh(c); it is of the gate alone, sigmoid(o) * tanh(c)."),
    "closes_its_sigmoids_late": (
     {"curves": {"i": lambda x: x, "f": lambda x: x},
      "write": lambda i, f, g, o, c, h: sigmoid(f * c) + sigmoid(i * g)},
     "Your sigmoids close around the products; each is of a gate alone, sigmoid(f) * c_prev + "
     "sigmoid(i) * g."),
}  # fmt: skip

_GATES = {"i": "the input gate i", "f": "the forget gate f", "o": "the output gate o",
          "g": "the candidate g", "r": "the reset gate r", "z": "the update gate z",
          "n": "the candidate n", "c": "the cell state that is shown"}  # fmt: skip
_RIGHT_CURVES = dict.fromkeys("ifozr", "sigmoid") | dict.fromkeys("gnc", "tanh")


def _squashed(what: str, how: str) -> str:
    """Say with which curve something was squashed; `how` is ``""`` where with none."""
    return f"You squashed {what} {how}" if how else f"You did not squash {what}"


def _squashings(gates: str) -> Iterator[tuple[str, dict[str, Curve], str]]:
    """Each gate with each other curve, and all gates of one curve at once."""
    for gate in gates:
        right = _RIGHT_CURVES[gate]
        for name, (curve, how) in _CURVES.items():
            if name != right:
                wanted = f"np.{right}" if right == "tanh" else right
                yield (
                    f"squashes_{gate}_with_{name}",
                    {gate: curve},
                    f"{_squashed(_GATES[gate], how)}; {'it takes' if how else 'apply'} {wanted}.",
                )
    together = [gate for gate in gates if _RIGHT_CURVES[gate] == "sigmoid"]
    for name, (curve, how) in _CURVES.items():
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
        return _parts(x, h, {**p, key: bias.ravel()}, G)

    return parts


def _one_block(G: int, gate: int, key: str, change: Callable[[Array], Array]) -> Parts:
    """Change one gate's block of a matrix."""

    def parts(x: Array, h: Array, p: Params, _: int) -> tuple[Array, Array]:
        W = p[key].reshape(G, -1, p[key].shape[1]).copy()
        W[gate] = change(W[gate])
        return _parts(x, h, {**p, key: W.reshape(p[key].shape)}, G)

    return parts


def _other_block(G: int, gate: int, other: int) -> Parts:
    """Take another gate's rows for one gate."""

    def parts(x: Array, h: Array, p: Params, _: int) -> tuple[Array, Array]:
        a, u = _parts(x, h, p, G)
        a, u = a.copy(), u.copy()
        a[gate], u[gate] = a[other], u[other]
        return a, u

    return parts


def _gate_parts(gates: str) -> Iterator[tuple[str, Parts, str]]:
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


def _orders(gates: str, notes: dict[str, str]) -> Iterator[tuple[str, str, str]]:
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


_LSTM_NOTES = {
    "ifog": ", as many course notes do",
    "figo": ", with the forget gate first",
    "igfo": ", with the candidate second",
    "iofg": ", as ONNX does",
    "ofgi": ", with input and output gate exchanged",
}


def _lstm_slips() -> Iterator[Slip]:
    single: list[tuple[str, dict[str, Any], str]] = []
    single += [(n, {"parts": parts}, s) for n, parts, s in (*_SHARED, *_gate_parts("ifgo"))]
    single += [(n, {"write": write}, s) for n, (write, s) in _WRITES.items()]
    single += [(n, {"show": show}, s) for n, (show, s) in _SHOWS.items()]
    single += [(n, {"hear": hear}, s) for n, (hear, s) in _PEEPHOLES.items()]
    single += [(name, more, sentence) for name, (more, sentence) in _BRACKETS.items()]
    # What is done with a gate says more than another curve that gives the same numbers.
    single += [(n, {"curves": curves}, s) for n, curves, s in _squashings("ifgoc")]
    for name, more, sentence in single:
        yield Slip("lstm_cell_step", name, sentence, partial(_lstm, **more))
    orders = list(_orders("ifgo", _LSTM_NOTES))
    for order, name, sentence in orders:
        yield Slip("lstm_cell_step", name, sentence, partial(_lstm, order=order))
    often = [one for one in single if _often_with_another(one[0])]
    for order, name, sentence in orders:
        for also, more, what in often:
            yield Slip(
                "lstm_cell_step", f"{name}_and_{also}", f"{sentence} And another thing: {what}",
                partial(_lstm, order=order, **more),
            )  # fmt: skip


def _often_with_another(name: str) -> bool:
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


def _gru(
    x: Array,
    h: Array,
    p: Params,
    parts: Parts = _parts,
    order: str = "rzn",
    curves: dict[str, Curve] | None = None,
    hear: Any = None,
    mix: Any = None,
) -> Array:
    a, u = (dict(zip(order, part, strict=True)) for part in parts(x, h, p, 3))
    curves = {"r": sigmoid, "z": sigmoid, "n": np.tanh} | (curves or {})
    r, z = (curves[gate](a[gate] + u[gate]) for gate in "rz")
    block = dict(zip(order, p["W_hh"].reshape(3, len(h), len(h)), strict=True))["n"]
    bias = dict(zip(order, p["b_hh"].reshape(3, -1), strict=True))["n"]
    heard = hear(a["n"], u["n"], r, z, h, block, bias) if hear else a["n"] + r * u["n"]
    n = curves["n"](heard)
    new: Array = mix(n, z, h, r) if mix else (1 - z) * n + z * h
    return new


_HEARS: dict[str, tuple[Any, str]] = {
    "resets_before_the_product": (lambda a, u, r, z, h, W, b: a + W @ (r * h) + b, "You multiplied "
     "r into h_prev before the product with W_hh; here the product and its bias come first, "
     "r * u_n."),
    "resets_before_the_product_without_bias": (lambda a, u, r, z, h, W, b: a + W @ (r * h), "You "
     "multiplied r into h_prev before the product with W_hh, and left out its bias b_hh; the "
     "product and its bias come first, r * u_n."),
    "leaves_b_hh_outside_the_reset": (lambda a, u, r, z, h, W, b: a + r * (u - b) + b, "You added "
     "the candidate's b_hh outside of r * (...); it belongs inside: r * (W @ h_prev + b_hh)."),
    "never_resets": (lambda a, u, r, z, h, W, b: a + u, "Your candidate hears the memory without "
     "the reset gate; multiply u_n by r."),
    "resets_the_input_too": (lambda a, u, r, z, h, W, b: r * (a + u), "Your reset gate multiplies "
     "the input's part as well; it is for the memory alone, a_n + r * u_n."),
    "resets_the_input_only": (lambda a, u, r, z, h, W, b: r * a + u, "Your reset gate multiplies "
     "the input's part and not the memory's; write a_n + r * u_n."),
    "resets_with_the_update_gate": (lambda a, u, r, z, h, W, b: a + z * u, "You used z in the "
     "candidate; there it is r, the first block, that multiplies u_n."),
    "resets_with_both_gates": (lambda a, u, r, z, h, W, b: a + r * z * u, "You multiplied u_n by z "
     "as well; in the candidate it is r alone."),
    "inverts_the_reset_gate": (lambda a, u, r, z, h, W, b: a + (1 - r) * u, "You multiplied u_n by "
     "1 - r, or turned the sigmoid of r round; it is r itself, a_n + r * u_n."),
    "resets_twice": (lambda a, u, r, z, h, W, b: a + r * (W @ (r * h) + b), "You multiplied r into "
     "h_prev and into the product too; it multiplies u_n once, a_n + r * u_n."),
    "adds_the_reset_gate": (lambda a, u, r, z, h, W, b: a + r + u, "You added r; it multiplies "
     "u_n, a_n + r * u_n."),
    "candidate_hears_h_itself": (lambda a, u, r, z, h, W, b: a + r * h, "You multiplied r into "
     "h_prev without W_hh and its bias; it is r * u_n, of W_hh @ h_prev + b_hh."),
    "candidate_ignores_the_memory": (lambda a, u, r, z, h, W, b: a, "Your candidate does not hear "
     "the memory; add r * u_n to a_n."),
    "candidate_ignores_the_input": (lambda a, u, r, z, h, W, b: r * u, "Your candidate does not "
     "hear the input; add a_n to r * u_n."),
    "candidate_multiplies_the_parts": (lambda a, u, r, z, h, W, b: a * r * u, "You multiplied a_n "
     "by r * u_n; add them."),
    "forgets_the_candidates_bias": (lambda a, u, r, z, h, W, b: a + r * (u - b), "You left out the "
     "candidate's b_hh; it is added to the product before the reset, r * (W @ h_prev + b_hh)."),
    "transposes_the_candidates_block": (lambda a, u, r, z, h, W, b: a + r * (W.T @ h + b), "You "
     "used the candidate's block of W_hh transposed; write W @ h_prev."),
}  # fmt: skip

_MIXES: dict[str, tuple[Any, str]] = {
    "exchanges_z": (lambda n, z, h, r: z * n + (1 - z) * h, "You exchanged z and 1 - z, as some "
     "papers write it, or turned the sigmoid of z round; here z is how much of the old state is kept: (1 - z) * n + z * h_prev."),
    "drops_the_old_state": (lambda n, z, h, r: (1 - z) * n, "You left out z * h_prev, so an update "
     "gate at 1 wipes the state and does not keep it; add it to (1 - z) * n."),
    "drops_the_candidate": (lambda n, z, h, r: z * h, "You left out (1 - z) * n, so nothing new is "
     "written; add it to z * h_prev."),
    "returns_the_candidate": (lambda n, z, h, r: n, "You returned the candidate n itself; the "
     "update gate still has to mix it with the old state, (1 - z) * n + z * h_prev."),
    "writes_all_of_the_candidate": (lambda n, z, h, r: n + z * h, "You added the candidate in full; "
     "the two shares must add up to 1, so multiply n by 1 - z."),
    "keeps_all_of_the_old_state": (lambda n, z, h, r: (1 - z) * n + h, "You added h_prev in full; "
     "only z of it is kept, z * h_prev."),
    "adds_without_mixing": (lambda n, z, h, r: n + h, "You added n and h_prev; the update gate "
     "mixes them, (1 - z) * n + z * h_prev."),
    "uses_z_for_both": (lambda n, z, h, r: z * n + z * h, "You multiplied both by z; one takes "
     "1 - z, (1 - z) * n + z * h_prev."),
    "uses_one_minus_z_for_both": (lambda n, z, h, r: (1 - z) * n + (1 - z) * h, "You multiplied "
     "both by 1 - z; h_prev takes z, (1 - z) * n + z * h_prev."),
    "writes_z_of_the_candidate_and_drops_h": (lambda n, z, h, r: z * n, "You returned z * n; the new "
     "state is (1 - z) * n + z * h_prev."),
    "subtracts_in_the_mix": (lambda n, z, h, r: (1 - z) * n - z * h, "You subtracted z * h_prev; "
     "add it to (1 - z) * n."),
    "mixes_with_the_reset_gate": (lambda n, z, h, r: (1 - r) * n + r * h, "You mixed by r; the "
     "update gate is z, the second block: (1 - z) * n + z * h_prev."),
    "mixes_with_both_gates": (lambda n, z, h, r: (1 - z) * n + r * h, "You kept r of h_prev; it is "
     "z that keeps, (1 - z) * n + z * h_prev."),
    "writes_by_the_reset_gate": (lambda n, z, h, r: (1 - r) * n + z * h, "You wrote 1 - r of the "
     "candidate; it is 1 - z, (1 - z) * n + z * h_prev."),
    "writes_r_of_the_candidate": (lambda n, z, h, r: r * n + z * h, "You wrote r of the candidate; "
     "it is 1 - z, (1 - z) * n + z * h_prev."),
    "mixes_the_reset_state": (lambda n, z, h, r: (1 - z) * n + z * r * h, "You mixed r * h_prev in; "
     "the reset gate is for the candidate alone, (1 - z) * n + z * h_prev."),
    "mixes_halves": (lambda n, z, h, r: (n + h) / 2, "You took the mean of n and h_prev; the update "
     "gate mixes them, (1 - z) * n + z * h_prev."),
    "squashes_the_mix": (lambda n, z, h, r: np.tanh((1 - z) * n + z * h), "You squashed the new "
     "state once more; it is (1 - z) * n + z * h_prev as it is."),
    "squashes_the_kept_state": (lambda n, z, h, r: (1 - z) * n + z * np.tanh(h), "You squashed "
     "h_prev in the mix; it is kept as it is, z * h_prev."),
    "multiplies_out_wrongly": (lambda n, z, h, r: n - z * (n + h), "Your last line is n - z*n - z*h; "
     "the new state is n - z*n + z*h, (1 - z) * n + z * h_prev."),
    "turns_the_difference_round": (lambda n, z, h, r: n + z * (n - h), "You wrote n - h_prev where "
     "h_prev - n belongs: (1 - z) * n + z * h_prev is n + z * (h_prev - n)."),
    "returns_h_prev": (lambda n, z, h, r: h, "You returned h_prev as it was, or z is 1 "
     "always; the new state is (1 - z) * n + z * h_prev."),
}  # fmt: skip


def _gru_slips() -> Iterator[Slip]:
    single: list[tuple[str, dict[str, Any], str]] = []
    single += [(n, {"parts": parts}, s) for n, parts, s in (*_SHARED, *_gate_parts("rzn"))]
    single += [(n, {"hear": hear}, s) for n, (hear, s) in _HEARS.items()]
    single += [(n, {"mix": mix}, s) for n, (mix, s) in _MIXES.items()]
    single += [(n, {"curves": curves}, s) for n, curves, s in _squashings("rzn")]
    for name, more, sentence in single:
        yield Slip("gru_cell_step", name, sentence, partial(_gru, **more))
    orders = list(_orders("rzn", {"zrn": ", as Keras and ONNX do"}))
    for order, name, sentence in orders:
        yield Slip("gru_cell_step", name, sentence, partial(_gru, order=order))
        for also, more, what in single:
            if _often_with_another(also):
                yield Slip(
                    "gru_cell_step", f"{name}_and_{also}", f"{sentence} And another thing: {what}",
                    partial(_gru, order=order, **more),
                )  # fmt: skip
    exchanged = _MIXES["exchanges_z"]
    for also, more, what in single:
        if "mix" not in more and (_often_with_another(also) or "hear" in more):
            yield Slip(
                "gru_cell_step", f"exchanges_z_and_{also}", f"{exchanged[1]} And another thing: {what}",
                partial(_gru, mix=exchanged[0], **more),
            )  # fmt: skip


SLIPS: tuple[Slip, ...] = (*_rnn_slips(), *_lstm_slips(), *_gru_slips())
