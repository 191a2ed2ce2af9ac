"""Find the gates' blocks of the weights that nothing depends on."""

from __future__ import annotations

from collections.abc import Iterator

from course.checks.cells.examples import GATES
from course.checks.known.asking import Calls, shift_weights
from course.checks.known.told import Told, listed

#: What the rows stand for that are stacked in the weights of a cell.
GATE_NAMES = {
    "lstm": ("input gate i", "forget gate f", "candidate g", "output gate o"),
    "gru": ("reset gate r", "update gate z", "candidate n"),
}

#: The matrices and biases in which the gates are stacked.
STACKED = ("W_xh", "W_hh", "b_xh", "b_hh")


def blocks_without_influence(calls: Calls, cell: str) -> Iterator[Told]:
    """Find weights, or the gates' blocks of them, that change nothing."""
    where, G, names = calls.weights, GATES[cell], GATE_NAMES[cell]
    pairs = [(key, k) for key in STACKED for k in range(G)]
    changes = [shift_weights(where, key, k, G, by=1.7) for key, k in pairs]
    dead = [
        pair
        for pair, rows in zip(pairs, calls.changed_rows(changes), strict=True)
        if rows is not None and not rows.any()
    ]
    whole = [key for key in STACKED if all((key, k) in dead for k in range(G))]
    dead = [pair for pair in dead if pair[0] not in whole]
    if whole and len(whole) < len(STACKED):
        yield _unused(whole, {k for _, k in dead}, names)
        return
    for k in range(G):
        keys = [key for key, place in dead if place == k]
        if len(keys) == len(STACKED):
            why = "the gate is not used, or made from another block"
            if names[k] == "forget gate f" and "h_prev" not in calls.names:
                p = calls.given.get("sampling_prob")
                at = "" if p is None else f" with sampling_prob = {p:g}"
                why = (
                    f"f * c is 0 if c is 0 at each step{at}. Is c set to zeros anew, and not "
                    "carried on as h is? Or the gate is not used, in a cell of your own"
                )
            yield Told(
                f"ignores_a_gate_{names[k][-1]}",
                f"The rows of the {names[k]} (block {k + 1} of {G}) have no influence: {why}.",
            )
        elif keys:
            yield Told(
                f"ignores_{keys[0]}_of_{names[k][-1]}",
                f"The {names[k]}'s rows of {' and '.join(keys)} (block {k + 1} of {G}) have no "
                "influence: that gate is W_xh @ x + b_xh + W_hh @ h + b_hh, each taken "
                "from that gate's own rows.",
            )


def _unused(keys: list[str], blocks: set[int], names: tuple[str, ...]) -> Told:
    """Tell of weights that change nothing in any gate, and of gates in which more do not."""
    verb, it = ("have", "they are") if len(keys) > 1 else ("has", "it is")
    where = " and ".join("input's" if key.endswith("xh") else "memory's" for key in keys)
    said = (
        f"{listed(keys)} {verb} no influence on what comes back: {it} of the {where} part, "
        "W_xh @ x + b_xh + W_hh @ h + b_hh."
    )
    for k in sorted(blocks):
        said += (
            f" And another thing: other weights of the {names[k]} (block {k + 1} of {len(names)}) "
            "have none either: is that gate used?"
        )
    return Told(f"ignores_{keys[0]}", said)
