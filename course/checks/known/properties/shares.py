"""Find how a loss is made of the losses of its steps, and its gradient of their softmax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.asking import Calls, Change
from course.checks.known.features import equal
from course.checks.known.properties.scores import of_scores
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
        yield from _another_mean(float(loss), logits, tokens)
        yield from _another_loss_of_a_step(calls)
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
        if equal(np.array(loss), np.asarray(right[0])):
            yield from _another_gradient(gradient, logits, is_true)
        else:
            yield from of_scores(*_of_single_steps(calls), "")


#: What may be made of the right loss, and how it is called.
_OF_THE_LOSS = (
    ("exp(loss), the perplexity", np.exp),
    ("the square of the loss", np.square),
    ("the root of the loss", np.sqrt),
    ("the logarithm of the loss", np.log),
    ("1 - exp(-loss)", lambda loss: 1 - np.exp(-loss)),
    ("exp(-loss)", lambda loss: np.exp(-loss)),
    ("2 to the power of the loss", np.exp2),
    ("log(1 + loss)", np.log1p),
)


def function_of_the_loss(calls: Calls, gradient: Array) -> Iterator[Told]:
    """Find what was made of the right loss, where the gradient is right.

    Parameters
    ----------
    calls : Calls
        Of a call in which every position counts.
    gradient : ndarray
        The right one.
    """
    given = calls.given
    sizes = range(1, len(given["logits"]) + 1)

    def first(n: int) -> Change:
        def change(given: dict[str, Any]) -> None:
            given["logits"], given["tokens"] = given["logits"][:n], given["tokens"][:n]

        return change

    found = calls.results([first(n) for n in sizes])
    if len(found) < 3 or any(one is None or not np.isfinite(one).all() for one in found):
        return
    came = np.array([one.ravel()[0] for one in found if one is not None])
    if found[-1] is None or not equal(found[-1].ravel()[1:], np.ravel(gradient)):
        return
    if equal(came, np.array(sizes, dtype=float)):
        yield Told(
            "returns_a_function_of_the_loss",
            "d_logits is right, and what is returned as the loss is the number of positions: "
            "return the sum of their losses over it.",
        )
        return
    logits, tokens = given["logits"], given["tokens"]
    losses = np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(tokens)), tokens]
    due = np.cumsum(losses) / np.array(sizes)
    for words, function in _OF_THE_LOSS:
        with np.errstate(all="ignore"):
            if equal(came, function(due)):
                yield Told(
                    "returns_a_function_of_the_loss",
                    f"d_logits is right, and what is returned as the loss is {words}: return the "
                    "mean of -log p itself.",
                )
                return


def _another_mean(loss: float, logits: Array, tokens: Array) -> Iterator[Told]:
    """Find what was taken of the losses of all steps."""
    if len(logits) < 3:
        return
    of_all, steps = np.logaddexp.reduce(logits, axis=1)[:, None] - logits, np.arange(len(logits))
    losses = of_all[steps, tokens]
    for by, words in ((-1, "tokens[t+1]"), (1, "tokens[t-1]")):
        moved = of_all[steps, np.roll(tokens, by)]
        pairs = (moved, np.delete(moved, by if by < 0 else 0))
        if any(equal(np.array(loss), np.array(one.mean())) for one in pairs):
            yield Told(
                "compares_with_another_steps_token",
                f"d_logits is right, and the loss takes -log p of {words} in row t: take that of "
                "tokens[t].",
            )
            return
    if equal(np.array(loss), np.array(losses.mean() / np.log(logits.shape[1]))):
        yield Told(
            "counts_in_even_guesses",
            f"d_logits is right, and the loss is divided by log({logits.shape[1]}), the loss of an "
            "even guess: return the mean of -log p in nats.",
        )
    for words, function in _OF_ALL:
        if equal(np.array(loss), np.array(function(losses))):
            yield Told(
                "takes_no_mean_of_the_losses",
                f"d_logits is right, and the loss is {words} of the losses of all steps: take "
                "their mean, of which each step adds a share (`+=` in a loop).",
            )
            return


def _of_single_steps(calls: Calls) -> tuple[list[tuple[Array, int]], Array]:
    """Return single steps, by logits and token, and their losses; nothing where one has none."""
    given = calls.given
    rows = [(a, int(k)) for a in given["logits"] for k in dict.fromkeys((given["tokens"][0], 0, 1))]

    def alone(row: Array, token: int) -> Change:
        def change(given: dict[str, Any]) -> None:
            given["logits"], given["tokens"] = row[None].copy(), np.array([token])

        return change

    found = calls.results([alone(*one) for one in rows])
    if len(found) < len(rows) or any(one is None or not np.isfinite(one).all() for one in found):
        return [], np.zeros(0)
    return rows, np.array([one.ravel()[0] for one in found if one is not None])


#: What is made of the softmax p, of the one-hot token and of what is due, p - one-hot.
_OF_ROWS: tuple[tuple[str, Callable[[Array, Array, Array], Array]], ...] = (
    ("p * (p - one-hot)", lambda p, true, due: p * due),
    ("p * (1 - p) * (p - one-hot)", lambda p, true, due: p * (1 - p) * due),
    ("the gradient of a squared distance of p and one-hot",
     lambda p, true, due: p * (due - (p * due).sum(axis=1, keepdims=True))),
    ("(p - one-hot)**2", lambda p, true, due: due**2),
    ("|p - one-hot|", lambda p, true, due: np.abs(due)),
    ("the signs of p - one-hot", lambda p, true, due: np.sign(due)),
    ("p alone, from which nothing is taken", lambda p, true, due: p),
    ("p**2 - one-hot", lambda p, true, due: p**2 - true),
    ("the root of p less one-hot", lambda p, true, due: np.sqrt(p) - true),
    ("p + one-hot", lambda p, true, due: p + true),
    ("log p - one-hot", lambda p, true, due: np.log(p) - true),
    ("-one-hot * log p, the loss and not its gradient", lambda p, true, due: -true * np.log(p)),
    ("-one-hot / p, the gradient by p and not by the logits", lambda p, true, due: -true / p),
    ("p - one-hot at the true token alone", lambda p, true, due: true * due),
    ("p - one-hot, with its rows in another order", lambda p, true, due: due[::-1]),
    ("p - one-hot divided by the sum of its row's sizes",
     lambda p, true, due: due / np.abs(due).sum(axis=1, keepdims=True)),
)  # fmt: skip


def _another_gradient(gradient: Array, logits: Array, is_true: Array) -> Iterator[Told]:
    """Find what else the rows of the gradient are made of."""
    p = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
    true = is_true.astype(float)
    for words, function in _OF_ROWS:
        due = function(p, true, p - true) / len(logits)
        factor = float((gradient * due).sum() / (due**2).sum())
        if abs(factor) > 1e-3 and equal(gradient, factor * due):
            times = "" if abs(factor - 1) < 1e-3 else f"{factor:.4g} times "
            yield Told(
                "makes_its_gradient_of_something_else",
                f"The loss is right, and d_logits is {times}{words}, over the number of positions: "
                "it is p - one-hot over that number, p being the softmax of the logits.",
            )
            return


def _another_loss_of_a_step(calls: Calls) -> Iterator[Told]:
    """Find what the loss of one step is a sum of, where its gradient is right."""
    rows, came = _of_single_steps(calls)
    if len(rows) < 9:
        return
    log_p = np.array([row - np.logaddexp.reduce(row) for row, _ in rows])
    parts = (
        ("-log p(true token)", -log_p[np.arange(len(rows)), [token for _, token in rows]]),
        ("the mean of -log p of all tokens, as label smoothing has it", -log_p.mean(axis=1)),
        ("log(sum(exp(logits - their largest)))", (-log_p).min(axis=1)),
        ("the entropy, -sum p * log p", -(np.exp(log_p) * log_p).sum(axis=1)),
    )
    design = np.stack([*(part for _, part in parts), np.ones(len(rows))], axis=1)
    if np.linalg.matrix_rank(design) < 5:
        return
    factors, *_ = np.linalg.lstsq(design, came, rcond=None)
    if not equal(design @ factors, came):
        yield from of_scores(rows, came)
        return
    terms = [f"{k:.4g} times {what}" for k, (what, _) in zip(factors, parts, strict=False)
             if abs(k) > 1e-3]  # fmt: skip
    terms += [f"{factors[-1]:.4g}"] * bool(abs(factors[-1]) > 1e-3)
    if len(terms) > 1:
        yield Told(
            "adds_something_to_the_loss",
            f"d_logits is right, and the loss of a step is {' plus '.join(terms)}: "
            "the first alone is due, once.",
        )


def _another_softmax(gradient: Array, logits: Array, is_true: Array) -> Iterator[Told]:
    """Find the probabilities that a gradient is made of, where each is less 1 at a true token."""
    n = len(logits)
    taken_off = np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None]) - gradient * n
    yield from _smoothed(taken_off, is_true)
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


def _smoothed(taken_off: Array, is_true: Array) -> Iterator[Told]:
    """Find probabilities of which something is taken off at every token."""
    at_true, elsewhere = taken_off[is_true], taken_off[~is_true]
    if np.ptp(at_true) < 1e-4 and np.ptp(elsewhere) < 1e-4 < abs(elsewhere.mean()):
        yield Told(
            "takes_something_off_at_every_token",
            f"In d_logits {at_true.mean():.4g} is taken off the probability of the true token and "
            f"{elsewhere.mean():.4g} off each other one, as label smoothing does; 1 is due at the "
            "true token and 0 elsewhere.",
        )
