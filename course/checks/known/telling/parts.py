"""Tell of results of several parts, a loss and a dict of gradients: which part is wrong, and how.

Not of a cell's two states, of which `pairs` tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course.checks.cells.asserts import difference
from course.checks.cells.examples import Array
from course.checks.known.answer import Answer
from course.checks.known.bank import aspect_of
from course.checks.known.features import VARIES, VARIES_AT_ONCE, Feature, due, equal, is_raised
from course.checks.known.lessons import table
from course.checks.known.probes import Probe, probes_of
from course.checks.known.properties.failures import explained
from course.checks.known.told import Told, listed

#: Arguments that have a row or a number for each step.
_OF_STEPS = ("fed", "logits", "tokens")


def has_parts(answer: Answer) -> bool:
    """Say whether a right answer returns several parts, and is no cell."""
    due_kinds = {one.kind for key, one in answer.bank.right.items() if key.startswith("/values/")}
    return "h_prev" not in answer.names and any(
        kind.startswith(("tuple", "dict")) for kind in due_kinds
    )


def of_parts(answer: Answer, aspect: str) -> Told | None:
    """Tell of an aspect what its first wrong call shows; None where numbers differ in no known way.

    A claim's own hint says more then.
    """
    wrong = [
        probe
        for probe in probes_of(answer.function_name)
        if aspect_of(probe.key) == f"/{aspect}"
        and answer.bank.right[probe.key].values is not None
        and probe.key in answer.seen
        and not answer.is_right(probe)
    ]
    if not wrong:
        return None
    seen, right = answer.look(wrong[0].key)
    if is_raised(seen):
        return explained(seen, answer.calls(wrong[0]).given, "In that call")
    if seen.kind in (VARIES, VARIES_AT_ONCE):
        return Told(
            "gives_another_result_each_time",
            "Nothing may be left to chance here, and two equal calls give different results: look "
            "for random numbers, for np.empty, and for what is kept from call to call.",
        )
    if seen.kind == "nothing":
        return None
    if not _is_alike(seen, right):
        finding = difference(seen.raw, due(right))
        return Told(
            "returns_another_form",
            "What comes back is not put together as the docstring says, below Returns: "
            f"{finding}{'' if finding.endswith('?') else '.'}",
        )
    return _of_numbers(answer, wrong)


def _is_alike(seen: Feature, right: Feature) -> bool:
    """Say whether a result is put together as the right one is: as many parts, of the same shapes.

    Parts of one shape are an array, whose first axis they are.
    """
    if seen.kind != right.kind or seen.values is None or right.values is None:
        return False
    return seen.values.shape == right.values.shape


def _of_numbers(answer: Answer, wrong: list[Probe]) -> Told | None:
    """Tell which parts are right, and how each other one is made of what is right."""
    by_part: dict[str, list[tuple[Array, Array, int]]] = {}
    for probe in wrong:
        seen, right = answer.look(probe.key)
        if _is_alike(seen, right):
            names = table("probes", "RESULTS").get(answer.function_name, ())
            found = dict(_leaves(seen.raw, names)), dict(_leaves(due(right), names))
            for part, good in found[1].items():
                n = _steps(answer.calls(probe).given)
                by_part.setdefault(part, []).append((found[0][part], good, n))
    differ = {
        part: [(one, other, n) for one, other, n in pairs if not equal(one, other)]
        for part, pairs in by_part.items()
    }
    fine = [part for part, pairs in differ.items() if not pairs]
    how = {part: _relation(pairs) for part, pairs in differ.items() if pairs}
    if not how or not all(how.values()):
        return None
    said: dict[str, list[str]] = {}
    for part, relation in how.items():
        said.setdefault(relation, []).append(part)
    words = "; ".join(f"{listed(parts)}, {relation}" for relation, parts in said.items())
    others = f" Right: {listed(fine)}." if fine else ""
    return Told("gives_parts_that_are_scaled", f"Wrong: {words}.{others}")


def _leaves(result: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[str, Array]]:
    """Yield each array of a result with its key, or its name."""
    if isinstance(result, Mapping):
        yield from ((str(key), np.asarray(one, dtype=float)) for key, one in result.items())
        return
    for i, one in enumerate(result):
        if isinstance(one, Mapping):
            yield from _leaves(one)
        else:
            name = names[i] if i < len(names) else f"value {i + 1}"
            yield name, np.asarray(one, dtype=float)


def _steps(given: Mapping[str, Any]) -> int:
    """Return the number of steps of a call; 0 where it has none."""
    return next((len(given[name]) for name in _OF_STEPS if name in given), 0)


def _relation(pairs: list[tuple[Array, Array, int]]) -> str:
    """Say in words how wrong arrays are made of the right ones; ``""`` where that is not seen."""
    finite = [bool(np.isfinite(seen).all()) for seen, _, _ in pairs]
    if not any(finite):
        return "no finite number (is something divided by 0, or larger than a float?)"
    if not all(finite):
        return ""
    if all(not seen.any() for seen, _, _ in pairs):
        return "zero throughout"
    if all(seen.ndim == 2 and equal(seen.T, right) for seen, right, _ in pairs):
        return "transposed"
    # Any number is some multiple of any other.
    if sum(right.size for _, right, _ in pairs) < 2 or not all(
        right.any() for _, right, _ in pairs
    ):
        return ""
    factors = np.array([(seen * right).sum() / (right**2).sum() for seen, right, _ in pairs])
    if not all(equal(seen, k * right) for k, (seen, right, _) in zip(factors, pairs, strict=True)):
        return ""
    steps = np.array([n for _, _, n in pairs], dtype=float)
    if np.allclose(factors, factors[0], 1e-3):
        k = factors[0]
        return "right but for the sign" if np.isclose(k, -1) else f"{k:.4g} times what is right"
    if np.allclose(factors, steps, 1e-3):
        return "as many times too large as there are steps (a sum in place of a mean?)"
    if np.allclose(factors * steps, 1, 1e-3):
        return "as many times too small as there are steps (is it divided twice?)"
    return ""
