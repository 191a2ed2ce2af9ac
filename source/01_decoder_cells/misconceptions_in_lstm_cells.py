"""Slips inside an LSTM cell, made from its pieces as those of `misconceptions_of_cells` are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from course.lessons.misconceptions import Slip, beside

cells = beside(__file__, "misconceptions_of_cells")
sigmoid = cells.sigmoid

Array = np.ndarray
Params = dict[str, Array]
Curve = Callable[[Array], Array]


def _lstm(
    x: Array,
    h: Array,
    c: Array,
    p: Params,
    parts: Any = cells.parts_of,
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

_LSTM_NOTES = {
    "ifog": ", as many course notes do",
    "figo": ", with the forget gate first",
    "igfo": ", with the candidate second",
    "iofg": ", as ONNX does",
    "ofgi": ", with input and output gate exchanged",
}


def _lstm_slips() -> Iterator[Slip]:
    single: list[tuple[str, dict[str, Any], str]] = []
    single += [
        (n, {"parts": parts}, s) for n, parts, s in (*cells.SHARED, *cells.gate_parts("ifgo"))
    ]
    single += [(n, {"write": write}, s) for n, (write, s) in _WRITES.items()]
    single += [(n, {"show": show}, s) for n, (show, s) in _SHOWS.items()]
    single += [(n, {"hear": hear}, s) for n, (hear, s) in _PEEPHOLES.items()]
    single += [(name, more, sentence) for name, (more, sentence) in _BRACKETS.items()]
    # What is done with a gate says more than another curve that gives the same numbers.
    single += [(n, {"curves": curves}, s) for n, curves, s in cells.squashings("ifgoc")]
    for name, more, sentence in single:
        yield Slip("lstm_cell_step", name, sentence, partial(_lstm, **more))
    orders = list(cells.wrong_orders("ifgo", _LSTM_NOTES))
    for order, name, sentence in orders:
        yield Slip("lstm_cell_step", name, sentence, partial(_lstm, order=order))
    often = [one for one in single if cells.often_with_another(one[0])]
    for order, name, sentence in orders:
        for also, more, what in often:
            yield Slip(
                "lstm_cell_step", f"{name}_and_{also}", f"{sentence} And another thing: {what}",
                partial(_lstm, order=order, **more),
            )  # fmt: skip


SLIPS: tuple[Slip, ...] = tuple(_lstm_slips())
