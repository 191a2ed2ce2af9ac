"""Slips inside a GRU cell, made from its pieces as those of `misconceptions_of_cells` are."""

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


def _gru(
    x: Array,
    h: Array,
    p: Params,
    parts: Any = cells.parts_of,
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
    single += [
        (n, {"parts": parts}, s) for n, parts, s in (*cells.SHARED, *cells.gate_parts("rzn"))
    ]
    single += [(n, {"hear": hear}, s) for n, (hear, s) in _HEARS.items()]
    single += [(n, {"mix": mix}, s) for n, (mix, s) in _MIXES.items()]
    single += [(n, {"curves": curves}, s) for n, curves, s in cells.squashings("rzn")]
    for name, more, sentence in single:
        yield Slip("gru_cell_step", name, sentence, partial(_gru, **more))
    orders = list(cells.wrong_orders("rzn", {"zrn": ", as Keras and ONNX do"}))
    for order, name, sentence in orders:
        yield Slip("gru_cell_step", name, sentence, partial(_gru, order=order))
        for also, more, what in single:
            if cells.often_with_another(also):
                yield Slip(
                    "gru_cell_step", f"{name}_and_{also}", f"{sentence} And another thing: {what}",
                    partial(_gru, order=order, **more),
                )  # fmt: skip
    exchanged = _MIXES["exchanges_z"]
    for also, more, what in single:
        if "mix" not in more and (cells.often_with_another(also) or "hear" in more):
            yield Slip(
                "gru_cell_step", f"exchanges_z_and_{also}", f"{exchanged[1]} And another thing: {what}",
                partial(_gru, mix=exchanged[0], **more),
            )  # fmt: skip


SLIPS: tuple[Slip, ...] = tuple(_gru_slips())
