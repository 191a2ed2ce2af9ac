"""What a learner's function returned: taken apart with care, and what is amiss told in a sentence.

What is wanted is a shape for an array, a dict of shapes for a dict of arrays, or a list of pairs
for a tuple: what each of its parts is called, and what is wanted of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from course.bootstrap.words import count
from course.engine.numerics import Array

#: What to do about it, whatever it is.
MEND = "Write or mend it, run its cell, then move a slider here."

Shape = tuple[int, ...]


class NamedShape(tuple[int, ...]):
    """A shape with words of its own, where it is not that of logits: ``(T, d)``.

    Parameters
    ----------
    shape : tuple of int
    sides : str
        How its sides are called.
    each : str
        What it consists of, as "one row for each position".
    """

    sides: str
    each: str

    def __new__(cls, shape: Shape, sides: str, each: str) -> NamedShape:
        """Take the shape's numbers, and the words."""
        made = super().__new__(cls, shape)
        made.sides, made.each = sides, each
        return made


Part = Shape | Mapping[str, Shape]
Parts = Sequence[tuple[str, Part]]


class Unfinished(Exception):
    """The learner's function cannot be shown; the message says why, in the learner's words.

    Attributes
    ----------
    why : str
        The message without what the picture shows instead.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} The picture shows the target alone. {MEND}")
        self.why = why


#: By how many sides a result has: how they are called, and what stands there for each step.
_SIDES = ("a number", "(T,)", "(T, O)")
_EACH = ("", "one number", "one row of logits")


def checked(result: Any, wanted: Part | Parts, name: str) -> Any:
    """Return what a function returned, as plain arrays.

    Parameters
    ----------
    result : object
    wanted : tuple of int, mapping of str to tuple of int, or sequence of pairs
    name : str
        Of the function.

    Returns
    -------
    array, dict of arrays, or tuple of both
        As `wanted` is.

    Raises
    ------
    Unfinished
        Where it is something else, or not finite.
    """
    if _is_shape(wanted):
        shape = cast(Shape, wanted)
        if isinstance(shape, NamedShape):
            sides, each = shape.sides, shape.each
        else:
            sides, each = _SIDES[len(shape)], f"{_EACH[len(shape)]} for each step"
        told = f" = {tuple(shape)}: {each}" if shape else ""
        return _array(result, shape, f"{name} returned", sides, told)
    if result is None:
        raise Unfinished(f"{name} returned None: does it end with `return ...`?")
    if isinstance(wanted, Mapping):
        return _named(result, wanted, f"{name} returned")
    parts = cast(Parts, wanted)
    form = f"a tuple ({', '.join(word for word, _ in parts)})"
    if not isinstance(result, (tuple, list)):
        raise Unfinished(f"{name} returned {type(result).__name__}, expected {form}.")
    if len(result) != len(parts):
        raise Unfinished(f"{name} returned {count(len(result), 'result')}, expected {form}.")
    return tuple(
        _named(one, part, f"{name} returned for {word}", word)
        if isinstance(part, Mapping)
        else _array(one, part, f"{name} returned for {word}", str(part) if part else "a number")
        for one, (word, part) in zip(result, parts, strict=True)
    )


def _is_shape(wanted: Part | Parts) -> bool:
    return isinstance(wanted, tuple) and all(isinstance(side, int) for side in wanted)


def _named(result: Any, wanted: Mapping[str, Shape], said: str, word: str = "") -> dict[str, Array]:
    """Return a dict's arrays under the names that are wanted; more of them do no harm."""
    if not isinstance(result, dict):
        raise Unfinished(f"{said} {type(result).__name__}, expected a dict: {', '.join(wanted)}.")
    for key in wanted:
        if key not in result:
            raise Unfinished(f"{said} a dict without {key!r}, expected {', '.join(wanted)}.")
    return {
        key: _array(
            result[key],
            shape,
            f"{said.removesuffix(f' {word}')} {word}[{key!r}]",
            str(shape) if shape else "a number",
        )
        for key, shape in wanted.items()
    }


def _array(result: Any, shape: Shape, said: str, sides: str, each: str = "") -> Array:
    """Return an array of numbers of a shape; `sides` and `each` say in words which."""
    wanted = f"an array of numbers of shape {sides}" if shape else sides
    array: Array
    if result is None:
        raise Unfinished(f"{said} None: does it end with `return ...`?")
    try:
        if np.iscomplexobj(np.asarray(result)):
            raise TypeError("a complex number is no logit")
        array = np.asarray(result, dtype=float)
    except Exception:  # whatever an object of the learner's own does
        raise Unfinished(f"{said} {type(result).__name__}, not {wanted}.") from None
    if array.shape != shape:
        raise Unfinished(f"{said} shape {array.shape}, expected {sides}{each}.")
    if not np.isfinite(array).all():
        finite = np.isfinite(array).reshape(shape[0] if shape else 1, -1).all(axis=1)
        where = f", first in row {finite.argmin()}" if shape else ""
        raise Unfinished(f"{said} NaN or infinity{where}.")
    return array
