"""Find which other number a loss gives a step, where it is no sum of what is known.

Each is asked of single steps, of several rows and tokens: a formula is told only where it gives
the numbers of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.told import Told

#: A step's loss by its logits and by which of them is the true token's.
_Score = Callable[[Array, int], Any]

#: By how much a hinge, or a power, must be seen to be one.
_ENOUGH = 3


def log_softmax(row: Array) -> Array:
    """Return the log-probabilities of a row of logits."""
    shifted: Array = row - np.logaddexp.reduce(row)
    return shifted


def _of_sigmoids(row: Array, k: int) -> Array:
    """Return what each logit adds to the binary cross-entropy."""
    added: Array = np.logaddexp(0, row) - row * (np.arange(row.size) == k)
    return added


def _of_two(row: Array, k: int) -> Array:
    """Return what each probability adds where tokens are asked for one by one."""
    p = softmax(row[None])[0]
    added: Array = -np.log(np.where(np.arange(row.size) == k, p, 1 - p))
    return added


def _one_hot(row: Array, k: int) -> Array:
    row_of_token: Array = (np.arange(row.size) == k).astype(float)
    return row_of_token


#: By what it is, in words that follow "the loss of a step is", p being its softmax.
_SCORES: tuple[tuple[str, _Score], ...] = (
    ("(1 - p(true token))", lambda row, k: 1 - np.exp(log_softmax(row)[k])),
    ("-p(true token), without a logarithm", lambda row, k: -np.exp(log_softmax(row)[k])),
    ("(1 - p(true token))**2", lambda row, k: (1 - np.exp(log_softmax(row)[k])) ** 2),
    ("-log(1 - p(true token))", lambda row, k: -np.log(1 - np.exp(log_softmax(row)[k]))),
    ("-p * log p of the true token: the factor p is too much",
     lambda row, k: -np.exp(log_softmax(row)[k]) * log_softmax(row)[k]),
    ("the squared distance of p and one-hot, summed over the tokens",
     lambda row, k: np.sum((softmax(row[None])[0] - _one_hot(row, k)) ** 2)),
    ("the sum of |p - one-hot|**3 over the tokens",
     lambda row, k: np.sum(np.abs(softmax(row[None])[0] - _one_hot(row, k)) ** 3)),
    ("the sum of |p - one-hot| over the tokens",
     lambda row, k: np.sum(np.abs(softmax(row[None])[0] - _one_hot(row, k)))),
    ("the distance of p and one-hot", lambda row, k: np.linalg.norm(
        softmax(row[None])[0] - _one_hot(row, k))),
    ("the squared distance of the logits and one-hot, summed over the tokens",
     lambda row, k: np.sum((row - _one_hot(row, k)) ** 2)),
    ("minus the true token's logit, without the log of the sum of exp", lambda row, k: -row[k]),
    ("a binary cross-entropy of the sigmoid of each logit, summed over the tokens",
     lambda row, k: np.sum(_of_sigmoids(row, k))),
    ("-log sigmoid(the true token's logit)", lambda row, k: np.logaddexp(0, -row[k])),
    ("-log p(true token) and, besides, -log(1 - p) of each other token",
     lambda row, k: np.sum(_of_two(row, k))),
    ("-log of the softmax of a softmax", lambda row, k: -log_softmax(softmax(row[None])[0])[k]),
    ("(-log p(true token))**2", lambda row, k: log_softmax(row)[k] ** 2),
    ("-log p of the token before the true one, tokens[t] - 1",
     lambda row, k: -log_softmax(row)[k - 1]),
    ("-log p of the token after the true one, tokens[t] + 1",
     lambda row, k: -log_softmax(row)[(k + 1) % row.size]),
    ("-log p of the likeliest token, whatever the true one is",
     lambda row, k: -log_softmax(row).max()),
    ("-log p of token 0, whatever the true one is", lambda row, k: -log_softmax(row)[0]),
    ("-log p of the last token, whatever the true one is", lambda row, k: -log_softmax(row)[-1]),
)  # fmt: skip


def of_scores(
    rows: list[tuple[Array, int]], came: Array, d_logits: str = "d_logits is right, and "
) -> Iterator[Told]:
    """Find by which formula the losses of single steps come.

    Parameters
    ----------
    rows : list of (ndarray, int)
        Logits and true token of each step.
    came : ndarray
        The loss of each.
    d_logits : str
        What is said of the gradient before.
    """
    words = next(_formulas(rows, came), "")
    if words:
        said = f"{d_logits}the loss of a step is {words}."
        yield Told(
            "takes_another_loss_of_a_step",
            f"{said[0].upper() if not d_logits else said[0]}{said[1:]} -log p(true token) alone is "
            "due, p being the softmax of the logits.",
        )


def _formulas(rows: list[tuple[Array, int]], came: Array) -> Iterator[str]:
    for words, score in _SCORES:
        with np.errstate(all="ignore"):
            due = np.array([score(row, k) for row, k in rows])
        if not np.isfinite(due).all() or not due.any():
            continue
        factor = float(came @ due / (due @ due))
        if abs(factor) > 1e-3 and equal(came, factor * due):
            yield words if abs(factor - 1) < 1e-3 else f"{factor:.4g} times {words}"
    yield from _of_a_power(rows, came)
    yield from _of_scaled_logits(rows, came)
    yield from _of_a_margin(rows, came)


def _of_a_power(rows: list[tuple[Array, int]], came: Array) -> Iterator[str]:
    """Find a power of 1 - p, or of p, beside the logarithm."""
    log_p = np.array([log_softmax(row)[k] for row, k in rows])
    if not (came * np.sign(came[0]) > 0).all():
        return
    for words, base in (("1 - p", np.log1p(-np.exp(log_p))), ("p", log_p)):
        design = np.stack([np.ones(len(rows)), base], axis=1)
        (_, power), *_ = np.linalg.lstsq(design, np.log(np.abs(came) / -log_p), rcond=None)
        due = np.exp(power * base) * -log_p
        factor = float(came @ due / (due @ due))
        if abs(power) > 1e-3 and equal(came, factor * due):
            times = "" if abs(factor - 1) < 1e-3 else f"{factor:.4g} times "
            focal = ", as the focal loss has it" if words == "1 - p" else ""
            yield f"{times}({words})**{power:.4g} times -log p of the true token{focal}"


def _of_scaled_logits(rows: list[tuple[Array, int]], came: Array) -> Iterator[str]:
    """Find a temperature: of one row, two tokens' losses differ as their logits do."""
    pairs = [
        (row[k] - row[j], came[b] - came[a])
        for a, (row, k) in enumerate(rows)
        for b, (other, j) in enumerate(rows)
        if a < b and row is other and k != j
    ]
    apart, differ = np.array(pairs).reshape(-1, 2).T
    if not apart.any():
        return
    times = float(apart @ differ / (apart @ apart))
    due = np.array([-log_softmax(times * row)[k] for row, k in rows])
    if abs(times - 1) > 1e-3 and equal(came, due):
        yield f"-log of the softmax of {times:.4g} times the logits, at the true token"


def _of_a_margin(rows: list[tuple[Array, int]], came: Array) -> Iterator[str]:
    """Find a hinge: by how much the true token's logit, or p, fails to be ahead of another's."""
    of: tuple[tuple[str, Callable[[Array], Array]], ...] = (
        ("logit", lambda row: row),
        ("p", lambda row: softmax(row[None])[0]),
    )
    for what, made in of:
        behind = [np.delete(made(row), k) - made(row)[k] for row, k in rows]
        if (came > 1e-6).sum() < _ENOUGH:
            return
        most = int(came.argmax())  # there every other token is too near, if anywhere
        for of_all in (False, True):
            largest = np.array([one.max() for one in behind])
            margins = (
                np.median((came - largest)[came > 1e-6]),
                np.mean(came[most] / behind[most].size - behind[most].mean()),
            )
            for bound in dict.fromkeys((round(float(margins[of_all]), 4), 0.0, 1.0)):
                cut = [np.maximum(0, bound + one) for one in behind]
                due = np.array([one.sum() if of_all else one.max() for one in cut])
                if equal(came, due):
                    which = "each other one, added up" if of_all else "the largest other one"
                    yield (
                        f"a hinge, by how much the true token's {what} fails to be {bound:g} "
                        f"above {which}"
                    )
                    return
