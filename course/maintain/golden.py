"""Make the golden files: fingerprints of the right answers and of the known mistakes.

The instructor's notebooks and each lesson's ``misconceptions.py`` are the source. The same bytes
come out each time: where a mistake throws coins, its generators are seeded meanwhile.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known import features
from course.checks.known.bank import OF_SLIPS, SHARES, Bank, Mistake, array_name, to_text
from course.checks.known.features import Arguments, Feature, Function, agrees
from course.checks.known.fingerprint import fingerprint
from course.checks.known.lessons import FOLDER
from course.checks.known.probes import Probe, probes_of
from course.lessons import Lesson, LessonError, find_lessons, solution_namespace
from course.lessons.misconceptions import Misconception, answers_with, misconceptions
from course.maintain.chance import seeded_chance, true_chance
from course.maintain.composed import add_slips, cell_slips, wrong_function
from course.study.training import workers


def generate(root: Path, out: Path) -> list[Path]:
    """Write ``golden.json`` and ``golden.npz`` of a repository's lessons; return what was written.

    They lie in the folders in ``course/lessons/``, below ``out``.
    """
    written = []
    lessons = find_lessons(root / "source")
    for lesson in lessons:
        look_over(lesson)
    wrong_cells = cell_slips(lessons)
    exercises = [
        (root, lesson.id, name)
        for lesson in lessons
        for name in filter(probes_of, lesson.functions)
    ]
    with workers() as pool:
        found = dict(zip(exercises, pool.map(_bank_in, exercises), strict=True))
    for lesson in lessons:
        banks = {name: bank for (_, owner, name), bank in found.items() if owner == lesson.id}
        banks = add_slips(lesson, banks, wrong_cells)
        if banks:
            stem = out / "course" / "lessons" / lesson.id / "golden"
            written += write_banks(stem, banks)
    return written


#: What a lesson's modules list by the name of the learner's function.
_TABLES = {
    "probes": ("PROBES", "ARGUMENTS", "RESULTS"),
    "claims": ("CLAIMS", "BEGIN", "CURVES", "ROWS"),
}


def look_over(lesson: Lesson) -> None:
    """See that what is listed for a lesson is about functions and tests that it has.

    Raises
    ------
    LessonError
        Saying which name is none of them.
    """
    for module in _TABLES:
        if not (FOLDER / lesson.id / f"{module}.py").is_file():
            continue
        listed = vars(import_module(f"course.lessons.{lesson.id}.{module}"))
        for name in _TABLES[module]:
            for function in listed.get(name, {}):
                where = f"{name} in course/lessons/{lesson.id}/{module}.py"
                _refuse_unknown(where, function, lesson.functions)
    tests = [cell.grade_id for cell in lesson.by_role("test")]
    for one in misconceptions(lesson):
        answers_with(lesson, one)
        for grade_id in one.breaks:
            _refuse_unknown(f"what {one.name} of {lesson.id} breaks", grade_id, tests)


def _refuse_unknown(where: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise LessonError(f"{where} names {name!r}; the notebook has: {', '.join(known)}")


def _bank_in(exercise: tuple[Path, str, str]) -> Bank:
    """Return what is known of an exercise: a repository, the id of its lesson and its function."""
    root, lesson_id, name = exercise
    [lesson] = (one for one in find_lessons(root / "source") if one.id == lesson_id)
    return exercise_bank(lesson, name, misconceptions(lesson))


def exercise_bank(lesson: Lesson, name: str, known: Iterable[Misconception]) -> Bank:
    """Return what is known of a lesson's function that has probes."""
    right = right_features(solution_namespace(lesson)[name], name)
    mistakes = [
        Mistake(
            one.name,
            one.sentence,
            wrong_features(partial(wrong_function, lesson, one), name, right),
        )
        for one in known
        if one.function == name
    ]
    # A mistake that no probe can see would be found in every right answer.
    return Bank(right, tuple(one for one in mistakes if one.features))


def right_features(function: Function, function_name: str) -> dict[str, Feature]:
    """Return the right answer's features."""
    return {probe.key: probe.observe(function, probe.arguments) for probe in _probes(function_name)}


def wrong_features(
    make: Callable[[], Function], function_name: str, right: Mapping[str, Feature]
) -> dict[str, Feature]:
    """Return a mistake's features where they are not those of the right answer.

    Parameters
    ----------
    make : callable
        Returns the wrong function, a new one each time.
    function_name : str
        Which exercise it answers.
    right : mapping of str to Feature
        The right answer's features.
    """
    probes = {
        probe.key: probe._replace(observe=_THOROUGH.get(probe.observe, probe.observe))
        for probe in _probes(function_name)
    }
    found = _observe(make, function_name, tuple(probes.values()))
    wrong = {}
    for key, feature in found.items():
        if agrees(feature, right[key], right[key]):
            continue
        wrong[key] = feature
    return wrong


def _observe(
    make: Callable[[], Function], function_name: str, probes: tuple[Probe, ...], salt: int = 0
) -> Mapping[str, Feature]:
    with seeded_chance(salt):
        return fingerprint(make(), function_name, np.inf, probes).features


#: How a mistake is observed where chance may be in it.
_THOROUGH: dict[Any, Any] = {
    features.steady_value: partial(features.steady_value, n_runs=20),
}


def _probes(function_name: str) -> tuple[Probe, ...]:
    """Return an exercise's probes, whose arguments no seed of ours changes.

    Raises
    ------
    LessonError
        Where a probe has other arguments at each call: no answer could be told by it.
    """
    probes = tuple(
        probe._replace(arguments=_with_true_chance(probe.arguments))
        for probe in probes_of(function_name)
    )
    for probe in probes:
        if not _same(probe.arguments(), probe.arguments()):
            raise LessonError(
                f"the probe {probe.key!r} of {function_name} has other arguments at each call, so "
                f"no mistake could be known by it: make its generator in the call, with a seed"
            )
    return probes


def _with_true_chance(make: Arguments) -> Arguments:
    def arguments() -> Any:
        with true_chance():
            return make()

    return arguments


def _same(one: Any, other: Any) -> bool:
    """Say whether two lots of arguments are the same, generators in them too."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(
            one, other, equal_nan=one.dtype.kind in "fc"
        )
    if isinstance(one, np.random.Generator) and isinstance(other, np.random.Generator):
        return _same(one.bit_generator.state, other.bit_generator.state)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, partial) and isinstance(other, partial):
        return one.func is other.func and _same(one.args, other.args)
    return bool(one == other or (one != one and other != other))


def as_computed(values: Array, probe: Probe | None) -> Array:
    """Return values in the precision that they were computed in, as far as it holds everywhere.

    The last digits of float32 differ from processor to processor, so who compares two golden files
    has to know which arithmetic was used: the file says it by the type of its arrays. It is float32
    where an argument is, and where a function cast its result to it.

    Parameters
    ----------
    values : ndarray
        Of a feature.
    probe : Probe or None
        That it was seen by.

    Returns
    -------
    ndarray
        As float32; or as float64, rounded to seven places.

    Examples
    --------
    >>> as_computed(np.array([0.1, 1 / 3]), None)
    array([0.1      , 0.3333333])
    >>> as_computed(np.array([0.1, 1 / 3], dtype=np.float32).astype(float), None).dtype
    dtype('float32')
    """
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    if np.array_equal(single, values, equal_nan=True):
        return single
    if probe is not None and any(map(_is_single, probe.arguments())):
        return single
    return values.round(7)


def _is_single(argument: Any) -> bool:
    if isinstance(argument, Mapping):
        return any(map(_is_single, argument.values()))
    if isinstance(argument, tuple):
        return any(map(_is_single, argument))
    return getattr(argument, "dtype", None) == np.float32


def write_banks(stem: Path, banks: Mapping[str, Bank]) -> list[Path]:
    """Write the golden file of a lesson, and the arrays beside it."""
    known: dict[str, Any] = {}
    arrays: dict[str, Array] = {}

    def note(function_name: str, owner: str, found: Mapping[str, Feature]) -> dict[str, str]:
        probes = {probe.key: probe for probe in probes_of(function_name)}
        for key, feature in found.items():
            name = array_name(function_name, owner, key)
            if feature.values is not None:
                arrays[name] = as_computed(feature.values, probes.get(key))
            if feature.shares is not None:
                arrays[name + SHARES] = feature.shares.round(7)
        return {key: to_text(feature) for key, feature in found.items()}

    for function_name, bank in banks.items():
        known[function_name] = {
            "right": note(function_name, "right", bank.right),
            "mistakes": [
                {
                    "name": one.name,
                    "sentence": one.sentence,
                    "features": note(function_name, one.name, one.features),
                }
                for one in bank.mistakes
            ],
        }
        for cell, slips in bank.slips.items():
            cells = known[function_name].setdefault("cells", {})
            cells[cell] = {
                "probes": list(slips.values),
                "slips": list(zip(slips.names, slips.sentences, strict=True)),
            }
            for key, values in slips.values.items():
                arrays[array_name(function_name, OF_SLIPS, key)] = values
    stem.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(known, indent=1, ensure_ascii=False) + "\n"
    stem.with_suffix(".json").write_text(text, encoding="utf-8", newline="\n")
    write_npz(stem.with_suffix(".npz"), arrays)
    return [stem.with_suffix(".json"), stem.with_suffix(".npz")]


def write_npz(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write arrays as `numpy.savez_compressed` does, but the same bytes each time."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(arrays):
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(arrays[name], order="C"))
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.getvalue())
