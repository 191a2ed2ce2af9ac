"""Find by which other formula the errors of a gradient check come: each is computed again.

A formula is told only where it gives all errors that came, and no other with as few slips does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.told import Told


class _Part(NamedTuple):
    """One factor of the formula, and what to say of it where it is not due."""

    words: str
    value: Callable[..., Any]


#: The difference, by the loss at p + step, p and p - step, and the step.
_DIFFERENCES = (
    _Part("", lambda up, at, down, step: (up - down) / (2 * step)),
    _Part(
        "loss is asked for at p + step and at p, and p - step is due for the second",
        lambda up, at, down, step: (up - at) / step,
    ),
    _Part(
        "loss is asked for at p and at p - step, and p + step is due for the first",
        lambda up, at, down, step: (at - down) / step,
    ),
    _Part(
        "the difference is divided by step, and the two points lie 2 * step apart",
        lambda up, at, down, step: (up - down) / step,
    ),
    _Part(
        "the difference is turned round: loss at p + step comes first",
        lambda up, at, down, step: (down - up) / (2 * step),
    ),
    _Part(
        "the two losses are added, and loss(p - step) is to be subtracted",
        lambda up, at, down, step: (up + down) / (2 * step),
    ),
    _Part(
        "the difference is multiplied by 2 * step, and to be divided by it",
        lambda up, at, down, step: (up - down) * (2 * step),
    ),
    _Part(
        "the size of the difference is taken, as by abs, and a slope has a sign",
        lambda up, at, down, step: np.abs(up - down) / (2 * step),
    ),
)

#: How far apart the numeric and the analytic gradient are.
_DISTANCES = (
    _Part("", lambda n, g: np.linalg.norm(n - g)),
    _Part(
        "the sum of sizes, sum |x|, is taken, and the Euclidean norm is due: np.linalg.norm",
        lambda n, g: np.abs(n - g).sum(),
    ),
    _Part(
        "of the difference the largest size is taken, and its Euclidean norm is due",
        lambda n, g: np.abs(n - g).max(initial=0.0),
    ),
    _Part(
        "of the difference the sum of squares is taken, and its root is due, the norm",
        lambda n, g: ((n - g) ** 2).sum(),
    ),
    _Part(
        "of the difference the sum of |x|**3 is taken, and its Euclidean norm is due",
        lambda n, g: (np.abs(n - g) ** 3).sum(),
    ),
    _Part(
        "of the difference the cube root of the sum of |x|**3 is taken, and the Euclidean norm, of "
        "squares, is due",
        lambda n, g: np.cbrt((np.abs(n - g) ** 3).sum()),
    ),
    _Part(
        "the sizes of the two gradients are compared, |numeric| - |analytic|: signs count too",
        lambda n, g: np.linalg.norm(np.abs(n) - np.abs(g)),
    ),
    _Part(
        "of the difference the mean size is taken, and its Euclidean norm is due",
        lambda n, g: np.abs(n - g).mean() if n.size else 0.0,
    ),
    _Part(
        "of the difference the root of the mean square is taken, and its Euclidean norm is due",
        lambda n, g: np.linalg.norm(n - g) / max(n.size, 1) ** 0.5,
    ),
    _Part(
        "the two norms are subtracted, and the norm of numeric - analytic is due",
        lambda n, g: abs(np.linalg.norm(n) - np.linalg.norm(g)),
    ),
    _Part(
        "the two gradients are added above the line, and numeric - analytic is due",
        lambda n, g: np.linalg.norm(n + g),
    ),
)

#: What that is divided by.
_SCALES = (
    _Part("", lambda n, g: np.linalg.norm(n) + np.linalg.norm(g)),
    _Part(
        "the sum of sizes, sum |x|, is taken, and the Euclidean norm is due: np.linalg.norm",
        lambda n, g: np.abs(n).sum() + np.abs(g).sum(),
    ),
    _Part(
        "it is divided by the mean sizes of both, and the sum of both norms is due",
        lambda n, g: np.abs(n).mean() + np.abs(g).mean() if n.size else 0.0,
    ),
    _Part(
        "it is divided by the larger of both norms, and their sum is due",
        lambda n, g: max(np.linalg.norm(n), np.linalg.norm(g)),
    ),
    _Part(
        "it is divided by the smaller of both norms, and their sum is due",
        lambda n, g: min(np.linalg.norm(n), np.linalg.norm(g)),
    ),
    _Part(
        "it is divided by the numeric gradient's norm alone, and the sum of both is due",
        lambda n, g: np.linalg.norm(n),
    ),
    _Part(
        "it is divided by the analytic gradient's norm alone, and the sum of both is due",
        lambda n, g: np.linalg.norm(g),
    ),
    _Part(
        "it is divided by the mean of both norms, and their sum is due",
        lambda n, g: (np.linalg.norm(n) + np.linalg.norm(g)) / 2,
    ),
    _Part(
        "it is divided by the norm of numeric + analytic, and the sum of both norms is due",
        lambda n, g: np.linalg.norm(n + g),
    ),
    _Part(
        "it is divided by the product of both norms, and their sum is due",
        lambda n, g: np.linalg.norm(n) * np.linalg.norm(g),
    ),
    _Part(
        "it is divided by the largest numbers of both, and the sum of both norms is due",
        lambda n, g: np.abs(n).max(initial=0.0) + np.abs(g).max(initial=0.0),
    ),
    _Part("it is not divided by anything, and the sum of both norms is due", lambda n, g: 1.0),
    _Part(
        "it is divided by the root of the sum of squares of both, and the sum of both norms is due",
        lambda n, g: float(np.hypot(np.linalg.norm(n), np.linalg.norm(g))),
    ),
)

#: Errors that are made number by number, and what is made of them.
_BY_NUMBER = (
    _Part("the largest", lambda errors: errors.max(initial=0.0)),
    _Part("the mean", lambda errors: errors.mean() if errors.size else 0.0),
    _Part("the norm", lambda errors: np.linalg.norm(errors)),
)

#: Other formulas of both gradients as wholes.
_WHOLE = (
    _Part("the right error is squared", lambda n, g: _relative(n, g) ** 2),
    _Part("the right error is divided by the number of elements",
          lambda n, g: _relative(n, g) / max(n.size, 1)),
    _Part("the root of the right error is taken", lambda n, g: _relative(n, g) ** 0.5),
    _Part("1 less the cosine of both gradients is taken: it does not see a factor",
          lambda n, g: 1 - float((n * g).sum()) / (float(np.linalg.norm(n) * np.linalg.norm(g)) or
                                                   1.0)),
    _Part("the numeric gradient is left zero but for its first element: the loop ends too early",
          lambda n, g: _relative(n * _first(n), g)),
    _Part("the first element of each array alone is compared: norms are of the whole array",
          lambda n, g: _relative(n * _first(n), g * _first(n))),
    _Part("one slope, that of the last element, stands at every place of the numeric gradient",
          lambda n, g: _relative(0 * n + n.ravel()[-1], g) if n.size else 0.0),
    _Part("where the sum of both norms is below 1 it is divided by 1: only 0 is special",
          lambda n, g: float(np.linalg.norm(n - g)) / max(
              float(np.linalg.norm(n) + np.linalg.norm(g)), 1.0)),
)  # fmt: skip


def _relative(n: Array, g: Array) -> float:
    below = float(np.linalg.norm(n) + np.linalg.norm(g))
    return float(np.linalg.norm(n - g)) / below if below else 0.0


def _first(array: Array) -> Array:
    where: Array = np.arange(array.size).reshape(array.shape) == 0
    return where


Errors = Mapping[str, Any]


class _Asked(NamedTuple):
    """What came of a call, and what the loss is at the points in question, by key."""

    errors: Errors
    points: Mapping[str, tuple[Array, Array, Array]]
    gradients: Mapping[str, Array]
    step: float


def of_norms(calls: Sequence[tuple[Errors, Mapping[str, Any]]]) -> Iterator[Told]:
    """Find the formula that gives the errors that came.

    Parameters
    ----------
    calls : sequence of (mapping, mapping)
        The errors, and the arguments; of the calls that went wrong.
    """
    asked = [_ask(errors, given) for errors, given in calls]
    if not asked or any(set(one.errors) != set(one.points) for one in asked):
        return
    found: dict[int, set[tuple[str, ...]]] = {}
    for difference in _DIFFERENCES:
        numeric = [_numeric(one, difference) for one in asked]
        for words, make in _formulas():
            said = tuple(dict.fromkeys(one for one in (difference.words, *words) if one))
            if len(said) > min(found, default=3):
                continue
            if all(_is_made(one, n, make) for one, n in zip(asked, numeric, strict=True)):
                found.setdefault(len(said), set()).add(said)
    least = min(found, default=0)
    if least and len(found[least]) == 1:
        yield Told("takes_other_norms", f"The errors show: {'; '.join(next(iter(found[least])))}.")
    elif not found:
        yield from _with_a_small_number(asked)


_Make = Callable[[Mapping[str, Array], Mapping[str, Array]], Errors]


def _formulas() -> Iterator[tuple[tuple[str, ...], _Make]]:
    """Yield words of each formula, and what makes errors of numeric and analytic gradients."""
    for distance, scale in itertools.product(_DISTANCES, _SCALES):

        def one(n: Array, g: Array, distance: _Part = distance, scale: _Part = scale) -> float:
            below = float(scale.value(n, g))
            return float(distance.value(n, g)) / below if below else 0.0

        def each(
            n: Mapping[str, Array], g: Mapping[str, Array], one: Callable[..., float] = one
        ) -> Errors:
            return {key: one(n[key], g[key]) for key in n}

        def whole(
            n: Mapping[str, Array], g: Mapping[str, Array], one: Callable[..., float] = one
        ) -> Errors:
            rows = (np.concatenate([np.ravel(some[key]) for key in n]) for some in (n, g))
            return dict.fromkeys(n, one(*rows))

        def mean(
            n: Mapping[str, Array], g: Mapping[str, Array], one: Callable[..., float] = one
        ) -> Errors:
            return dict.fromkeys(n, float(np.mean([one(n[key], g[key]) for key in n])))

        def largest(
            n: Mapping[str, Array], g: Mapping[str, Array], one: Callable[..., float] = one
        ) -> Errors:
            return dict.fromkeys(n, max((one(n[key], g[key]) for key in n), default=0.0))

        words = (distance.words, scale.words)
        yield words, each
        every = (
            "each key has the same error, that of all arrays in one, and its own is due for each"
        )
        yield (*words, every), whole
        yield (
            (*words, "each key has the mean of all keys' errors, and its own is due for each"),
            mean,
        )
        yield (
            (*words, "each key has the largest of all keys' errors, and its own is due for each"),
            largest,
        )
    for part in _WHOLE:

        def of_each(n: Mapping[str, Array], g: Mapping[str, Array], part: _Part = part) -> Errors:
            return {key: float(part.value(n[key], np.asarray(g[key]))) for key in n}

        yield (
            (f"{part.words}; ||numeric - analytic|| / (||numeric|| + ||analytic||) is due",),
            (of_each),
        )
    for part in _BY_NUMBER:

        def by_number(n: Mapping[str, Array], g: Mapping[str, Array], part: _Part = part) -> Errors:
            errors = {}
            for key in n:
                below = np.abs(n[key]) + np.abs(g[key])
                each = np.abs(n[key] - g[key]) / np.where(below > 0, below, 1.0)
                errors[key] = float(part.value(each))
            return errors

        yield (
            (
                f"an error is made of each number by itself, and {part.words} of them is returned; "
                "np.linalg.norm is due, of each array as a whole",
            ),
            by_number,
        )


def _ask(errors: Errors, given: Mapping[str, Any]) -> _Asked:
    """Ask the loss at all points of one call."""
    params, step = given["params"], given.get("step", 1e-5)
    points = {}
    for key, array in params.items():
        moved = np.array(array, dtype=np.float64)
        came = np.zeros((3, *np.shape(array)))
        for place in np.ndindex(moved.shape):
            for i, by in enumerate((step, 0.0, -step)):
                moved[place] = array[place] + by
                came[i][place] = given["loss"]({**params, key: moved})
            moved[place] = array[place]
        points[key] = (came[0], came[1], came[2])
    return _Asked(errors, points, given["gradients"], step)


def _numeric(asked: _Asked, difference: _Part) -> dict[str, Array]:
    return {
        key: np.asarray(difference.value(*points, asked.step))
        for key, points in asked.points.items()
    }


def _is_made(asked: _Asked, numeric: Mapping[str, Array], make: _Make) -> bool:
    with np.errstate(all="ignore"):
        made = make(numeric, asked.gradients)
    return all(equal(np.array(asked.errors[key]), np.array(made[key])) for key in made)


def _with_a_small_number(asked: list[_Asked]) -> Iterator[Told]:
    """Find one number that is added to what errors are divided by."""
    added = []
    for one in asked:
        numeric = _numeric(one, _DIFFERENCES[0])
        for key, error in one.errors.items():
            n, g = numeric[key], one.gradients[key]
            apart = float(_DISTANCES[0].value(n, g))
            if apart > 1e-3 and error > 0:
                added.append(apart / error - float(_SCALES[0].value(n, g)))
    if len(added) > 1 and min(added) > 1e-7 and np.ptp(added) < 1e-2 * min(added):
        yield Told(
            "adds_a_small_number_to_the_norms",
            f"The errors show that {np.mean(added):.3g} is added to the sum of both norms; divide "
            "by the sum itself, and return 0.0 where it is 0.",
        )
