"""Put each wrong cell into the right functions of a lesson, for the golden files."""

from __future__ import annotations

import runpy
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Array
from course.checks.known import features
from course.checks.known.bank import Bank
from course.checks.known.features import Feature, Function
from course.checks.known.probes import Probe, probes_of
from course.checks.known.slips import Slips
from course.lessons import Lesson, defined_names, solution_namespace
from course.lessons.misconceptions import Misconception

#: Where the slips inside a cell are listed, in the folder of the lesson that has cells written.
FILE = "cell_slips.py"

#: Numbers that go beyond this are cut off: they are not compared in that range.
_MOST = 1e30

#: Of all numbers of two slips that are one; below the tolerance with which answers are compared.
_DIGITS = 4


def cell_slips(lessons: list[Lesson]) -> list[tuple[str, str, str, Function]]:
    """Return all known wrong cells: the cell, a name, a sentence, and the cell's function.

    The misconceptions of the lesson in which cells are written come first, then what its
    ``cell_slips.py`` makes of the pieces of a cell.

    Parameters
    ----------
    lessons : list of Lesson
        Of the course.
    """
    for lesson in lessons:
        path = lesson.path.with_name(FILE)
        if path.is_file():
            listed = runpy.run_path(str(path.with_name("misconceptions.py")))["MISCONCEPTIONS"]
            return [*_written(lesson, listed), *_made(path)]
    return []


def _written(
    lesson: Lesson, listed: tuple[Misconception, ...]
) -> Iterator[tuple[str, str, str, Function]]:
    for one in listed:
        cell = one.function.partition("_")[0]
        if cell in CELL_TYPES:
            yield cell, one.name, one.sentence, wrong_function(lesson, one)


def _made(path: Path) -> Iterator[tuple[str, str, str, Function]]:
    for slip in runpy.run_path(str(path))["SLIPS"]:
        yield slip.cell, f"{slip.cell}_{slip.name}", slip.sentence, slip.step


def wrong_function(lesson: Lesson, misconception: Misconception) -> Function:
    """Return the lesson's function with a misconception in it."""
    name = misconception.function
    for cell in lesson.by_role("answer"):
        if cell.is_code and name in defined_names(cell.source):
            changes = {cell.grade_id: misconception.apply(cell.source)}
            function: Function = solution_namespace(lesson, changes)[name]
            return function
    raise ValueError(f"misconception {misconception.name}: {lesson.id} has no solution of {name}")


def add_slips(
    lesson: Lesson, banks: Mapping[str, Bank], wrong_cells: list[tuple[str, str, str, Function]]
) -> dict[str, Bank]:
    """Return a lesson's banks, each with the slips of cells that show in its function."""
    added = {}
    for name, bank in banks.items():
        slips = {}
        for cell in CELL_TYPES:
            probes = _probes(name, cell, bank)
            some = [one for one in wrong_cells if one[0] == cell]
            found = _composed(lesson, name, cell, some, probes, bank) if probes else None
            if found:
                slips[cell] = found
        own = _listed_beside(lesson, name)
        probes = _probes(name, "", bank) if own else []
        found = _composed(lesson, name, "", own, probes, bank) if probes else None
        if found:
            slips[""] = found
        added[name] = Bank(bank.right, bank.mistakes, slips)
    return added


def _listed_beside(lesson: Lesson, function_name: str) -> list[tuple[str, str, str, Function]]:
    """Return the slips of a function that are listed beside its lesson, whole wrong answers."""
    found = []
    for path in sorted(lesson.path.parent.glob("*_slips.py")):
        listed = runpy.run_path(str(path))
        if listed.get("FUNCTION") == function_name:
            found += [("", slip.name, slip.sentence, slip.step) for slip in listed["SLIPS"]]
    return found


def _probes(function_name: str, cell: str, bank: Bank) -> list[Probe]:
    """Return the probes whose numbers tell slips of a cell apart: one call, no chance."""
    of_a_cell = function_name.endswith("_cell_step")
    if of_a_cell and function_name != f"{cell}_cell_step":
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
    wrong_cells: list[tuple[str, str, str, Function]],
    probes: list[Probe],
    bank: Bank,
) -> Slips | None:
    names, sentences, rows = [], [], []
    namespace = solution_namespace(lesson)
    seen = {_digest([bank.right[probe.key] for probe in probes])}
    for _, name, sentence, step in wrong_cells:
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
        probe.key: np.clip([row[i] for row in rows], -_MOST, _MOST).astype(np.float32).round(7)
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
