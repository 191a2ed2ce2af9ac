"""Find how a loss and its gradient by the logits go wrong: rows, masked positions, large logits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.asking import Calls, Change, shift_row
from course.checks.known.features import equal
from course.checks.known.properties.shares import function_of_the_loss, of_one_loss
from course.checks.known.told import Told


def of_loss(calls: Calls, aspect: str, right: Any) -> Iterator[Told]:
    """Tell of a loss and its gradient what can be measured of an aspect.

    Parameters
    ----------
    calls : Calls
        Of the first call that went wrong.
    aspect : str
        ``"values"``, ``"mask"`` or ``"huge"``.
    right : tuple
        The right loss, and the right gradient.
    """
    if aspect == "values":
        yield from function_of_the_loss(calls, right[1])
        yield from _rows_that_hear_of_others(calls, float(right[0]), right[1])
        yield from of_one_loss(calls, right)
    elif aspect == "mask":
        yield from _positions_that_count_all_the_same(calls, float(right[0]))
    elif aspect == "huge":
        yield from _large_logits(calls)


def _rows_that_hear_of_others(calls: Calls, right: float, gradient: Array) -> Iterator[Told]:
    """Find rows of the gradient, or shares of the loss, that hang on the logits of other rows."""
    if len(calls.given["logits"]) < 2:
        return

    def both(given: dict[str, Any]) -> None:
        for row in (0, 1):
            shift_row("logits", row, 0.9)(given)

    came = _losses(
        calls, [lambda given: None, shift_row("logits", 0, 0.9), shift_row("logits", 1, 0.9), both]
    )
    if came is None:
        return
    losses, gradients = came
    hears = not equal(gradients[0][1:], gradients[1][1:])
    if hears and equal(losses[0], np.array(right)):
        yield Told(
            "mixes_the_rows_of_its_gradient",
            "The loss is right, and with other logits in row 0 alone other rows of d_logits change "
            "too: is a norm, a mean or a softmax of the gradient taken over the steps? Row t is "
            "made of row t alone, softmax minus one-hot, over the number of positions that count.",
        )
    elif not equal(losses[3] - losses[2], losses[1] - losses[0]):
        rows = "other rows of d_logits change too, and " if hears else ""
        why = (
            "does a softmax, or its maximum or sum, run over the steps? It runs over the tokens "
            "of each row, axis=1 with keepdims=True."
            if hears or not equal(gradients[0], np.asarray(gradient))
            else "d_logits is right, so the softmax is; look at what is made of the losses of the "
            "steps: they are added up and divided by their number, and nothing else, such as a "
            "power, a root or a maximum, is made of them."
        )
        yield Told(
            "lets_rows_hear_of_each_other",
            f"With other logits in row 0 alone, {rows}what row 1 adds to the loss is another "
            f"number; each step has a loss of its own: {why}",
        )


def _positions_that_count_all_the_same(calls: Calls, right: float) -> Iterator[Told]:
    """Find positions with mask 0 that have a say."""
    mask = np.asarray(calls.given["mask"])
    others, O = np.flatnonzero(mask == 0), calls.given["logits"].shape[1]
    if not others.size or not mask.any():
        return

    def all_count(given: dict[str, Any]) -> None:
        given["mask"] = np.ones_like(mask)

    def another_token(given: dict[str, Any]) -> None:
        given["tokens"] = given["tokens"].copy()
        given["tokens"][others[0]] = (given["tokens"][others[0]] + 1) % O

    # One change of a row may leave its loss as it was, by accident.
    others_there: list[Change] = [shift_row("logits", others[0], by) for by in (0.9, -1.3)]
    changes: list[Change] = [lambda given: None, all_count, another_token, *others_there]
    came = _losses(calls, changes)
    if came is None:
        return
    losses, gradients = came
    where = f"position {others[0]}, whose mask is 0,"
    if equal(losses[0], losses[1]) and equal(gradients[0], gradients[1]):
        yield Told(
            "ignores_mask",
            "mask has no influence on what comes back: leave positions with mask 0 out of the "
            "loss, of the gradient, and of the number that you divide by.",
        )
    elif not all(equal(losses[0], one) for one in losses[3:]):
        yield Told(
            "counts_masked_positions_in_the_loss",
            f"With other logits at {where} the loss changes; take the mean over the positions that "
            "count alone.",
        )
    elif np.isclose((losses[0] - right) * mask.sum() / others.size, np.log(O), 1e-4):
        yield Told(
            "counts_masked_positions_as_even_guesses",
            f"Each position with mask 0 adds log({O}) = {np.log(O):.4g}, the loss of an even "
            "guess, as it does where its logits are made all alike, by a product with the mask for "
            "instance; leave these positions out.",
        )
    elif not equal(losses[0], losses[2]):
        yield Told(
            "reads_tokens_at_masked_positions",
            f"With another token at {where} the loss changes: take the tokens of the positions "
            "that count, in the order of their rows, tokens[counted].",
        )
    elif gradients[0][others].any():
        yield Told(
            "has_a_gradient_at_masked_positions",
            f"The row of d_logits at {where} is not zero; a position that does not count has a row "
            "of zeros.",
        )


#: A logit whose exponential no float holds.
_LARGE = 5000.0


def _large_logits(calls: Calls) -> Iterator[Told]:
    """Find out why large logits are not borne: by `exp`, by `log`, or by a bound."""

    def one_row(level: float, gap: float) -> Change:
        def change(given: dict[str, Any]) -> None:
            token = int(given["tokens"][0])
            row = np.full(given["logits"].shape[1], level)
            row[token - 1] += gap
            given["logits"], given["tokens"] = row[None], given["tokens"][:1]

        return change

    came = _losses(calls, [one_row(0, 2), one_row(_LARGE, 0), one_row(0, _LARGE)])
    if came is None:
        return
    (small, even, apart), gradients = came
    O = calls.given["logits"].shape[1]
    if not equal(small, np.log(O - 1 + np.exp(2.0))):
        return
    if not (equal(even, np.log(O)) and np.isfinite(gradients[1]).all()):
        yield Told(
            "lets_exp_overflow",
            f"For a row of logits that are all {_LARGE:g} the loss is {even:.4g}, and log({O}) is "
            "due: np.exp overflows above 709; subtract each row's largest logit first.",
        )
    elif not (apart <= 2 * _LARGE and np.isfinite(gradients[2]).all()):
        yield Told(
            "takes_the_logarithm_of_zero",
            f"Where the true token's logit is {_LARGE:g} below another one, your loss is "
            f"{apart:.4g}: its probability is 0 as a float, and has no logarithm; make "
            "log-probabilities directly, shifted - np.log(np.exp(shifted).sum(...)).",
        )
    elif apart < 0.9 * _LARGE:
        yield Told(
            "limits_the_loss",
            f"Where the true token's logit is {_LARGE:g} below another one, your loss is "
            f"{apart:.4g} and not {_LARGE:g}: it is kept from growing, as by a small number inside "
            "the logarithm or by np.clip; make log-probabilities directly, shifted - "
            "np.log(np.exp(shifted).sum(...)).",
        )


def _losses(calls: Calls, changes: list[Change]) -> tuple[list[Array], list[Array]] | None:
    """Return losses and gradients for changed arguments; None where one does not come."""
    losses, gradients = [], []
    for change in changes:
        given = calls.given
        change(given)
        (numbers,) = calls.results([change])
        if numbers is None or numbers.size != 1 + given["logits"].size:
            return None
        losses.append(numbers.ravel()[0])
        gradients.append(numbers.ravel()[1:].reshape(given["logits"].shape))
    return losses, gradients
