"""Find how a loss is made of the losses of its steps, and its gradient of their softmax."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.asking import Calls
from course.checks.known.features import equal
from course.checks.known.told import Told

#: What may be made of the losses of all steps in place of their mean.
_OF_ALL = (
    ("the median", np.median),
    ("the largest", np.max),
    ("the smallest", np.min),
    ("the first", lambda losses: losses[0]),
    ("the last", lambda losses: losses[-1]),
    ("the last, divided by the number of steps,", lambda losses: losses[-1] / len(losses)),
    ("the root of the mean square", lambda losses: np.sqrt((losses**2).mean())),
)


def of_one_loss(calls: Calls, right: Any) -> Iterator[Told]:
    """Tell of a call in which every position counts.

    Parameters
    ----------
    calls : Calls
        Of the call.
    right : tuple
        The right loss, and the right gradient.
    """
    logits, tokens = calls.given["logits"], calls.given["tokens"]
    (came,) = calls.results([lambda given: None])
    if came is None or came.size != 1 + logits.size or not np.isfinite(came).all():
        return
    loss, gradient = came.ravel()[0], came.ravel()[1:].reshape(logits.shape)
    is_true = np.eye(logits.shape[1], dtype=bool)[tokens]
    if equal(gradient, right[1]):
        yield from _another_mean(float(loss), logits, is_true)
    elif equal(gradient[~is_true], right[1][~is_true]):
        turned = equal(gradient[is_true], -right[1][is_true])
        yield Told(
            "has_another_gradient_at_the_true_tokens",
            "d_logits is right but at the true token of each row: there it is p - 1, over the "
            "number of positions that count"
            + (", and yours is 1 - p." if turned else ": look at the line that takes the 1 off."),
        )
    else:
        yield from _another_softmax(gradient, logits, is_true)


def _another_mean(loss: float, logits: Array, is_true: Array) -> Iterator[Told]:
    """Find what was taken of the losses of all steps."""
    if len(logits) < 3:
        return
    losses = np.logaddexp.reduce(logits, axis=1) - logits[is_true]
    for words, function in _OF_ALL:
        if equal(np.array(loss), np.array(function(losses))):
            yield Told(
                "takes_no_mean_of_the_losses",
                f"d_logits is right, and the loss is {words} of the losses of all steps: take "
                "their mean, of which each step adds a share (`+=` in a loop).",
            )
            return


def _another_softmax(gradient: Array, logits: Array, is_true: Array) -> Iterator[Told]:
    """Find the probabilities that a gradient is made of, where each is less 1 at a true token."""
    n = len(logits)
    taken_off = np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None]) - gradient * n
    places = taken_off.argmax(axis=1)
    if equal(taken_off, np.eye(logits.shape[1])[places]):
        row = int(np.argmax(~is_true[np.arange(n), places]))
        yield Told(
            "takes_the_1_off_at_another_token",
            f"In row {row} of d_logits the 1 is taken off at token {places[row]}, and the true one "
            f"is {is_true[row].argmax()}: index with rows and tokens together, [t, tokens[t]].",
        )
        return
    for divisor, over in ((n, ""), (1, ", which is not divided by the number of positions")):
        p = gradient * divisor + is_true
        if equal(p, 1 / (1 + np.exp(-logits))):
            yield Told(
                "takes_a_sigmoid_of_each_logit",
                "d_logits is made of the sigmoid of each logit by itself" + over + ": the "
                "probabilities of a row belong together and sum to 1, as a softmax's do.",
            )
            return
        if not (p > 0).all() or not equal(p.sum(axis=1), np.ones(n)):
            continue
        apart = logits - logits.mean(axis=1, keepdims=True)
        log_p = np.log(p) - np.log(p).mean(axis=1, keepdims=True)
        times = float((log_p * apart).sum() / (apart**2).sum())
        if equal(log_p, times * apart, 10) and not np.isclose(times, 1, 1e-3):
            yield Told(
                "scales_the_logits",
                f"d_logits is made of the softmax of {times:.4g} times the logits{over}: take the "
                "logits as they are, without a temperature or another base of the power.",
            )
            return
