"""Find by which other rule parameters are moved, where the gradients are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from course.checks.cells.examples import Array, Params
from course.checks.known.features import equal
from course.checks.known.told import listed


class Move(NamedTuple):
    """How each array was moved in one call, and how it should have been.

    Attributes
    ----------
    came, due : dict of str to ndarray
        By key; `due` is minus `rate` times the gradient.
    params : dict of str to ndarray
        The old parameters.
    rate : float
        The learning rate.
    """

    came: Params
    due: Params
    params: Params
    rate: float


def another_rule(moves: Sequence[Move]) -> str:
    """Say by which rule all arrays were moved in all calls; ``""`` where none is found."""
    if not moves or any(not one.rate for one in moves):
        return ""
    for is_turned in (False, True):
        turned = [_turned(one) if is_turned else one for one in moves]
        for rule in (_unmoved, _each, _cut_as_a_whole, _decayed, _other_factors):
            words = next(iter(rule(turned)), "")
            if words:
                sign = "the gradient is added, and to be subtracted; and " * is_turned
                return sign + words
    return ""


def _turned(one: Move) -> Move:
    return one._replace(due={key: -array for key, array in one.due.items()})


def _is(moves: Sequence[Move], made: Callable[..., Array]) -> bool:
    """Say whether each array was moved by what is made of the move that is due."""
    return all(
        equal(one.came[key], np.asarray(made(one, due)))
        for one in moves
        for key, due in one.due.items()
    )


def _unmoved(moves: Sequence[Move]) -> Iterator[str]:
    """Find arrays that stay where they were, beside others that move as they should."""
    still = [key for key in moves[0].due if all(not one.came[key].any() for one in moves)]
    moved = [key for key in moves[0].due if key not in still]
    if (
        still
        and moved
        and all(equal(one.came[key], one.due[key]) for one in moves for key in moved)
    ):
        yield (
            f"{listed(still)} {'stay' if len(still) > 1 else 'stays'} as before, and all others "
            "are moved rightly: each of the seven arrays is moved"
        )


def _each(moves: Sequence[Move]) -> Iterator[str]:
    """Find what is made of each array's gradient alone."""
    rules: tuple[tuple[str, Callable[[Array], Array]], ...] = (
        ("by the sign of its gradient alone, np.sign", np.sign),
        ("by its gradient divided by the norm of that", lambda g: g / (np.linalg.norm(g) or 1.0)),
        ("by its gradient divided by the largest number of that",
         lambda g: g / (np.abs(g).max(initial=0.0) or 1.0)),
        ("by its gradient divided by the number of its entries", lambda g: g / max(g.size, 1)),
        ("by the mean of its gradient, the same for all entries", lambda g: 0 * g + g.mean()),
        ("by the square of its gradient", lambda g: g**2),
        ("by the transposed gradient", lambda g: g.T if g.T.shape == g.shape else g),
    )  # fmt: skip
    for words, rule in rules:
        if _is(moves, lambda one, gradient, rule=rule: -one.rate * rule(-gradient / one.rate)):
            yield f"each array is moved {words}, and by learning_rate times the gradient it is due"
    cuts: tuple[tuple[str, Callable[[Array], float], Callable[[Array, float], Array]], ...] = (
        ("each array's gradient is cut to a norm of", _norm, _norm_at_most),
        ("each number of a gradient is cut to a size of", _size, _size_at_most),
    )
    for what, size, cut in cuts:
        bound = max(size(array / one.rate) for one in moves for array in one.came.values())
        if bound > 1e-9 and _is(moves, lambda one, due, cut=cut, b=bound: cut(due, b * one.rate)):
            yield f"{what} {bound:.4g} at most, and it is due as it is"


def _norm(array: Array) -> float:
    return float(np.linalg.norm(array))


def _size(array: Array) -> float:
    return float(np.abs(array).max(initial=0.0))


def _norm_at_most(array: Array, bound: float) -> Array:
    norm = float(np.linalg.norm(array))
    return array * (bound / norm) if norm > bound else array


def _size_at_most(array: Array, bound: float) -> Array:
    cut: Array = np.clip(array, -bound, bound)
    return cut


def _cut_as_a_whole(moves: Sequence[Move]) -> Iterator[str]:
    """Find gradients whose norm, of all arrays together, is kept at a bound."""
    rows = [(_row(one.came) / one.rate, _row(one.due) / one.rate) for one in moves]
    bound = max(float(np.linalg.norm(came)) for came, _ in rows)
    is_cut = bound > 1e-9 and all(equal(came, _norm_at_most(due, bound)) for came, due in rows)
    is_divided = all(equal(came, due / np.linalg.norm(due)) for came, due in rows if due.any())
    what = [
        "all gradients are divided by their norm" * is_divided,
        f"the norm of all gradients together is cut to {bound:.4g} at most" * is_cut,
    ]
    if any(what):
        yield f"{', or '.join(filter(None, what))}, and they are due as they are"


def _row(arrays: Params) -> Array:
    return np.concatenate([np.ravel(arrays[key]) for key in sorted(arrays)])


def _decayed(moves: Sequence[Move]) -> Iterator[str]:
    """Find parameters that shrink beside their step."""
    came = np.concatenate([_row(one.came) for one in moves])
    due = np.concatenate([_row(one.due) for one in moves])
    params = np.concatenate([_row(one.params) for one in moves])
    rates = np.concatenate([np.full(_row(one.came).size, one.rate) for one in moves])
    for times, words in ((rates, "learning_rate times "), (np.ones_like(rates), "")):
        design = np.stack([due, times * params], axis=1)
        (a, b), *_ = np.linalg.lstsq(design, came, rcond=None)
        if abs(a) > 1e-3 and abs(b) > 1e-6 and equal(design @ np.array([a, b]), came):
            size = "" if abs(a - 1) < 1e-3 else f"steps are {a:.4g} times as long as is due, and "
            yield (
                f"{size}{words}{abs(b):.4g} times each parameter is "
                f"{'subtracted' if b < 0 else 'added'} besides (weight decay?): learning_rate "
                "times the gradient alone is subtracted"
            )
            return


def _other_factors(moves: Sequence[Move]) -> Iterator[str]:
    """Find arrays that are moved by a factor of their own, the same in each call."""
    said: dict[float, list[str]] = {}
    for key in moves[0].due:
        due = np.concatenate([one.due[key].ravel() for one in moves])
        came = np.concatenate([one.came[key].ravel() for one in moves])
        factor = float(came @ due / (due @ due)) if due.any() else np.nan
        if not equal(came, factor * due):
            return
        said.setdefault(float(f"{factor:.4g}"), []).append(key)
    if not any(said):
        return  # nothing moves
    others = {factor: keys for factor, keys in said.items() if abs(factor - 1) > 1e-3}
    if others and len(said) > 1:
        yield "; ".join(
            f"{listed(keys)} {'are' if len(keys) > 1 else 'is'} moved by {factor:g} times what is "
            "due" if factor else f"{listed(keys)} {'stay' if len(keys) > 1 else 'stays'} as before"
            for factor, keys in others.items()
        )  # fmt: skip
