"""Find what goes wrong from unit to unit where a state is made number by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from course.checks.cells.examples import Array, Params
from course.checks.known.features import equal
from course.checks.known.properties.rows import right_rows
from course.checks.known.told import Pair, Told


def _rnn(x: Array, h: Array, params: Params) -> Array:
    new: Array = np.tanh(params["W_xh"] @ x + params["b_xh"] + params["W_hh"] @ h + params["b_hh"])
    return new


def _gru(x: Array, h: Array, params: Params) -> Array:
    a_r, a_z, a_n = np.split(params["W_xh"] @ x + params["b_xh"], 3)
    u_r, u_z, u_n = np.split(params["W_hh"] @ h + params["b_hh"], 3)
    r, z = 0.5 * (1 + np.tanh(0.5 * np.array([a_r + u_r, a_z + u_z])))
    new: Array = (1 - z) * np.tanh(a_n + r * u_n) + z * h
    return new


#: The right cells, of those that give one state.
_CELLS: dict[str, Callable[[Array, Array, Params], Array]] = {"rnn": _rnn, "gru": _gru}


def first_element_alone(pairs: list[Pair]) -> Iterator[Told]:
    """Find a state of which element 0 is right and no other is."""
    larger = [pair for pair in pairs if pair[1].ndim == 1 and len(pair[1]) > 1]
    fine = [right_rows(seen, right) for seen, right, _ in larger]
    if not fine or not all(one[0] and not one[1:].any() for one in fine):
        return
    unwritten = all(
        not seen[1:].any() or equal(seen[1:], given["h_prev"][1:]) for seen, _, given in larger
    )
    alike = all(equal(seen[1:], 0 * seen[1:] + seen[0]) for seen, *_ in larger)
    if unwritten:
        why = "the others are not written: does `return` stand inside the loop over the units?"
    elif alike:
        why = "the others are equal to it: is an index 0 throughout?"
    else:
        why = (
            "look for an index 0, by which all units get what is unit 0's; and, where units are "
            "made one by one, for what one unit's turn leaves to the next, as a sum that is not "
            "begun anew."
        )
    yield Told(
        "is_right_in_element_0_alone",
        f"Element 0 of the state is right, and none after it is: {why}",
    )


def units_that_hear_new_ones(pairs: list[Pair], cell: str) -> Iterator[Told]:
    """Find units that are made one by one, and hear those that are new already.

    Each unit of what came must be what the right cell makes of a state that begins with the units
    that came, and goes on with the old ones.
    """
    larger = [(seen, given) for seen, right, given in pairs if right.ndim == 1 and len(right) > 1]
    if cell not in _CELLS or not larger:
        return
    for seen, given in larger:
        for k in range(len(seen)):
            heard = np.concatenate([seen[:k], given["h_prev"][k:]])
            if not equal(seen[k], _CELLS[cell](given["x_t"], heard, given["params"])[k]):
                return
    yield Told(
        "overwrites_units_that_are_still_read",
        "Each unit is made of the new numbers of the units before it: h is written while it is "
        "still read. All units hear h_prev as it was; write into an array of its own.",
    )
