"""Put each wrong cell into the right functions of a lesson, for the golden files."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Array
from course.checks.known import features
from course.checks.known.bank import Bank
from course.checks.known.features import Feature, Function
from course.checks.known.probes import Probe, probes_of
from course.checks.known.slips import MOST, Slips
from course.lessons import Lesson, solution_namespace
from course.lessons.misconceptions import Misconception, Slip, answers_with, misconceptions, slips

#: Of all numbers of two slips that are one; below the tolerance with which answers are compared.
_DIGITS = 4


def cell_of(function_name: str) -> str:
    """Return the cell type whose step a function is, ``""`` for any other function."""
    cell, _, rest = function_name.partition("_")
    return cell if cell in CELL_TYPES and rest == "cell_step" else ""


def cell_slips(lessons: list[Lesson]) -> list[Slip]:
    """Return all known wrong cells that write into nothing: the named ones first, then the slips.

    Parameters
    ----------
    lessons : list of Lesson
        Of the course.
    """
    found = []
    for lesson in lessons:
        for one in filter(lambda one: cell_of(one.function), misconceptions(lesson)):
            step = wrong_function(lesson, one)
            found.append(Slip(one.function, one.name, one.sentence, step))
        for slip in filter(lambda slip: cell_of(slip.function), slips(lesson)):
            found.append(slip._replace(name=f"{cell_of(slip.function)}_{slip.name}"))
    return [slip for slip in found if not _writes_into_arguments(slip)]


def _writes_into_arguments(slip: Slip) -> bool:
    """Say whether a wrong cell changes what it is given, which is told by that, not by numbers."""
    keeps = next(probe for probe in probes_of(slip.function) if probe.observe is features.keeping)
    return features.keeping(slip.step, keeps.arguments).kind.startswith("changed")


def wrong_function(lesson: Lesson, misconception: Misconception) -> Function:
    """Return the lesson's function with a misconception in it."""
    changed = solution_namespace(lesson, answers_with(lesson, misconception))
    function: Function = changed[misconception.function]
    return function


def add_slips(
    lesson: Lesson, banks: Mapping[str, Bank], wrong_cells: list[Slip]
) -> dict[str, Bank]:
    """Return a lesson's banks, each with the slips of cells that show in its function."""
    added, listed = {}, slips(lesson)
    for name, bank in banks.items():
        kept = {}
        for cell in CELL_TYPES:
            probes = _probes(name, cell, bank)
            some = [one for one in wrong_cells if cell_of(one.function) == cell]
            found = _composed(lesson, name, cell, some, probes, bank) if probes else None
            if found:
                kept[cell] = found
        own = [one for one in listed if one.function == name and not cell_of(name)]
        probes = _probes(name, "", bank) if own else []
        found = _composed(lesson, name, "", own, probes, bank) if probes else None
        if found:
            kept[""] = found
        added[name] = Bank(bank.right, bank.mistakes, kept)
    return added


def _probes(function_name: str, cell: str, bank: Bank) -> list[Probe]:
    """Return the probes whose numbers tell slips of a cell apart: one call, no chance."""
    of_a_cell = cell_of(function_name)
    if of_a_cell and of_a_cell != cell:
        return []
    return [
        probe
        for probe in probes_of(function_name)
        if probe.group == ("" if of_a_cell else cell)
        and (probe.aspect == "values" or (probe.aspect == "huge" and not cell))
        and probe.observe in (features.value, features.steady_value)
        and bank.right[probe.key].values is not None
    ]


def _composed(
    lesson: Lesson,
    function_name: str,
    cell: str,
    wrong: list[Slip],
    probes: list[Probe],
    bank: Bank,
) -> Slips | None:
    names, sentences, rows = [], [], []
    namespace = solution_namespace(lesson)
    seen = {_digest([bank.right[probe.key] for probe in probes])}
    for _, name, sentence, step in wrong:
        function = _with_cell(namespace, function_name, cell, step)
        found = [_value(function, probe) for probe in probes]
        usable = all(
            one.kind == bank.right[probe.key].kind
            and one.values is not None
            and one.values.shape == bank.right[probe.key].values.shape  # type: ignore[union-attr]
            and (probe.aspect == "huge" or _is_finite(one.values))
            for one, probe in zip(found, probes, strict=True)
        )
        if usable and (digest := _digest(found)) not in seen:
            seen.add(digest)
            names.append(name)
            sentences.append(sentence)
            rows.append([one.values for one in found])
    if not rows:
        return None
    values = {
        probe.key: np.clip([row[i] for row in rows], -MOST, MOST).astype(np.float32).round(7)
        for i, probe in enumerate(probes)
    }
    return Slips(tuple(names), tuple(sentences), values)


def _is_finite(values: Array) -> bool:
    return bool(np.isfinite(values).all())


def _value(function: Function, probe: Probe) -> Feature:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return features.value(function, probe.arguments)


def _digest(found: list[Feature]) -> bytes:
    numbers = [np.ravel(one.values) for one in found if one.values is not None]
    flat: Array = np.concatenate(numbers)
    return (flat.round(_DIGITS) + 0.0).tobytes()


def _with_cell(
    namespace: dict[str, Any], function_name: str, cell: str, step: Callable[..., Any]
) -> Function:
    """Return a lesson's right function, in which one cell is another from now on."""
    if function_name == f"{cell}_cell_step" or not cell:
        return step
    namespace[f"{cell}_cell_step"] = step
    for value in namespace.values():
        if isinstance(value, dict) and callable(value.get(cell)):
            value[cell] = step
    function: Function = namespace[function_name]
    return function
