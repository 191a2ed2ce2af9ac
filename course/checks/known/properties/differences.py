"""Find which points a gradient check takes its differences of, and what it divides them by.

The error that is returned tells the numeric gradient of a loss with one parameter: where the other
one is g, and much smaller, the error is (n - g) / (n + g), so n is g (1 + error) / (1 - error).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from course.checks.cells.losses import sum_of_powers, weighted_logits
from course.checks.known.asking import Calls, Change
from course.checks.known.told import Told

#: The gradient that is handed in, below all slopes that are looked for.
_SMALL = 1e-3

#: Another one, by which the same slope has to be read where the error is made as it should be.
_LARGER = 0.2

#: The parameter at which a square is taken, and two steps, which floats hold exactly.
_AT, _STEPS = 1.0, (0.25, 0.5)


def of_differences(calls: Calls) -> Iterator[Told]:
    """Tell of the points at which the loss is asked for.

    Parameters
    ----------
    calls : Calls
        Of a call that went wrong.
    """
    lines = [_slope(calls, 1, step) for step in _STEPS]
    squares = [_slope(calls, 2, step) for step in _STEPS]
    again = _slope(calls, 1, _STEPS[0], _LARGER)
    if None in lines or None in squares or again is None:
        return
    if not np.isclose(again, lines[0] or 0.0, 1e-6):
        return  # the error is made in another way, so that no slope can be read off it
    line, square = np.array(lines, dtype=float), np.array(squares, dtype=float)
    # At p + a and p - b a line has the slope (a + b) / divisor, a square 2 p + a - b times that.
    centre = (square / line - 2 * _AT) / 2 / np.array(_STEPS)
    if np.allclose(line, 0.5, 1e-6) and np.allclose(np.abs(centre), 0.5, 1e-5):
        side = "p + step" if centre[0] > 0 else "p - step"
        yield Told(
            "asks_at_one_step_and_at_none",
            f"loss is asked for at {side} and at p, and the difference is divided by 2 * step: "
            "both moves start from the number as it was. Is one made from a number that is moved "
            "already? (dict(...) and params.copy() copy the dict, and none of its arrays.)",
        )
    elif np.allclose(line, 1.0, 1e-6) and np.allclose(np.abs(centre), 0.5, 1e-5):
        yield Told(
            "asks_on_one_side",
            "loss is asked for at p and on one side of it, one step away: central differences ask "
            "at p + step and at p - step.",
        )
    elif np.allclose(line[0] * _STEPS[1], line[1] * _STEPS[0], 1e-6) and np.allclose(
        centre, 0.0, atol=1e-4
    ):
        yield Told(
            "divides_by_a_step_of_its_own",
            "A step twice as large gives slopes twice as large: the numbers are moved by `step`, "
            f"and the difference is divided by {2 * _STEPS[0] / line[0]:.4g} whatever `step` is; "
            "divide by 2 * step.",
        )
    elif (
        np.allclose(line, line[0], 1e-6)
        and not np.isclose(line[0], 1.0, 1e-6)
        and np.allclose(centre, 0.0, atol=1e-4)
    ):
        yield Told(
            "divides_by_another_multiple_of_the_step",
            "loss is asked for at p + step and at p - step, and of a straight line the slope is "
            f"{line[0]:.4g} times what is due: the difference is divided by {2 / line[0]:.4g} * "
            "step, or moved by another multiple of it; divide by 2 * step.",
        )
    elif np.allclose(line, 1.0, 1e-6) and _hears_of_numbers_before(calls):
        yield Told(
            "leaves_numbers_moved",
            "A number is still moved while the next one is looked at: of two that count alike the "
            "slopes differ. Put each back, to the bit, before the next.",
        )


def _slope(calls: Calls, power: int, step: float, other: float = _SMALL) -> float | None:
    """Return the numeric slope of a power of one parameter; None where it is not told."""

    def change(given: dict[str, Any]) -> None:
        one = {"w": np.full(1, _AT)}
        given["loss"] = partial(sum_of_powers, {"w": np.ones(1)}, power)
        given.update(params=one, gradients={"w": np.full(1, other)}, step=step)

    (came,) = calls.results([change])
    if came is None or came.size != 1 or not 0 < came.ravel()[0] < 1:
        return None
    error = float(came.ravel()[0])
    return other * (1 + error) / (1 - error)


def _hears_of_numbers_before(calls: Calls) -> bool:
    """Say whether of two parameters that count alike the second has another slope."""

    def handed_in(place: int, is_curved: bool) -> Change:
        def change(given: dict[str, Any]) -> None:
            params = {key: np.zeros(1) for key in ("b_xh", "b_hh", "b_y")}
            params |= {"W_xh": np.full((1, 2), 0.4), "W_hh": np.zeros((1, 1))}
            params |= {"W_hy": np.ones((1, 1)), "x_start": np.ones(2)}
            if is_curved:
                loss = partial(weighted_logits, np.zeros(1), np.ones((1, 2)), np.ones((1, 1)))
            else:
                loss = partial(sum_of_powers, {"W_xh": np.ones((1, 2))}, 1)
            gradients = {key: np.zeros(array.shape) for key, array in params.items()}
            gradients["W_xh"][0, place] = 0.1
            given.update(loss=loss, params=params, gradients=gradients, step=0.5)

        return change

    came = calls.results([handed_in(i, curved) for curved in (False, True) for i in (0, 1)])
    if any(one is None or one.shape != came[0].shape for one in came if came[0] is not None):
        return False
    plain, plain_2, curved, curved_2 = (np.asarray(one) for one in came)
    return bool(np.allclose(plain, plain_2, 1e-9) and not np.allclose(curved, curved_2, 1e-4))
