"""Say of sizes what can be said: of a call, of a result, and whether they are the cause."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.answer import Answer
from course.checks.known.asking import shift
from course.checks.known.probes import Probe
from course.checks.known.properties.failures import sizes_of
from course.checks.known.properties.shapes import meaning_of
from course.checks.known.told import Pair, Told


def called_with(sizes: dict[str, int], given: dict[str, Any], stacked: bool = False) -> str:
    """Begin a sentence about a call: with its sizes, or where it has none with its numbers.

    How many rows the gates have together stands there only if `stacked`.
    """
    parts = [f"{symbol} = {n}" for symbol, n in sizes.items() if stacked or "*" not in symbol]
    parts = parts or [f"{name} = {one!r}" for name, one in given.items() if np.isscalar(one)]
    return f"Called with {', '.join(parts)}" if parts else "Called"


def by_their_sizes(answer: Answer, probes: list[Probe]) -> list[Probe]:
    """Sort calls, those first whose sizes can be told apart best: most differ, and none is 1."""

    def distinct(probe: Probe) -> int:
        sizes = _plain(sizes_of(answer.calls(probe).given))
        return len(set(sizes.values()) - {1})

    return sorted(probes, key=distinct, reverse=True)


def sizes_that_work(answer: Answer, right: list[Probe], wrong: list[Probe]) -> str:
    """Say which sizes a function is right for, where they alone tell right calls from wrong ones.

    Other arguments may tell them apart as well: then nothing says that it is the sizes.
    """
    given = [[answer.calls(probe).given for probe in some] for some in (right, wrong)]
    for name, one in given[0][0].items():
        if isinstance(one, int | float | str) and name != "seq_len":
            works, fails = ({each[name] for each in some} for some in given)
            if works.isdisjoint(fails):
                return ""
    blocks = [
        {bool(each["params"].get("blocks")) for each in some if "params" in each} for some in given
    ]
    if blocks == [{False}, {True}]:
        return " Without blocks it is right: look at the loop over them."
    fit, misfit = ([_plain(sizes_of(each)) for each in some] for some in given)
    if not fit[0] or any(each in misfit for each in fit):
        return ""
    if 1 in fit[0].values():
        return ""  # which fits beside any other size
    clearest = by_their_sizes(answer, wrong)[0]
    sizes = (fit[0], _plain(sizes_of(answer.calls(clearest).given)))
    one, other = (", ".join(f"{k} = {n}" for k, n in some.items()) for some in sizes)
    said = f" It is right for {one}, and wrong for {other}"
    if not (_always(answer, right, True) and _always(answer, wrong, False)):
        return f"{said}; their sizes differ, and their numbers too."
    return f"{said}: is a size written as a number, or taken from an array that has another one?"


def _plain(sizes: dict[str, int]) -> dict[str, int]:
    return {symbol: n for symbol, n in sizes.items() if "*" not in symbol}


def _always(answer: Answer, probes: list[Probe], fits: bool) -> bool:
    """Say whether results fit into the right one's shape, or not, with other numbers as well."""
    for probe in probes:
        calls, due = answer.calls(probe), np.shape(right_values(answer, probe))
        names = [name for name, one in calls.given.items() if isinstance(one, np.ndarray)]
        changes = [shift(name, by) for name in names for by in (0.9, -1.7)]
        if any((one is not None and one.shape == due) != fits for one in calls.results(changes)):
            return False
    return True


def right_values(answer: Answer, probe: Probe) -> Array:
    """Return what is right at a probe; no numbers where there are none."""
    values = answer.bank.right[probe.key].values
    return np.zeros(0) if values is None else values


def another_shape(pairs: list[Pair]) -> Told:
    """Tell of a result of another shape, with what its numbers are."""
    # A shape that fits by accident, as where a part has length 1, says nothing.
    pairs = [pair for pair in pairs if pair[0].shape != pair[1].shape]
    seen, right, given = pairs[0]
    wanted = "(H,)" if "params" in given else "(T,)" if "logits_true" in given else "(T, O)"
    meaning = meaning_of(pairs, [sizes_of(given, True) for *_, given in pairs])
    why = ""
    if "params" in given and not seen.ndim:
        why = (
            " Each unit has a number of its own: look for `@` between two vectors, which gives one "
            "number, for a sum, or for an index."
        )
    elif "params" in given and seen.ndim > 1 and 1 in seen.shape:
        why = " A state is a vector: leave out the reshape, [:, None] or keepdims."
    elif "params" in given and seen.ndim > 1:
        why = (
            " `*` between a matrix and a vector multiplies number by number, and a column beside a "
            "row, or np.outer, makes a matrix: a weight matrix stands before `@`, and states are "
            "vectors."
        )
    elif "logits_true" in given and seen.shape == (len(right),) * 2:
        why = " `@` puts each step beside every other: multiply with *, and sum along axis=1."
    return Told(
        "returns_another_shape",
        f"The result has shape {seen.shape}{meaning}, where {wanted} = {right.shape} is asked for."
        + why,
    )
