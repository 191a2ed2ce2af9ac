"""Make the golden files: fingerprints of the right answers and of the known mistakes.

The instructor's notebooks and each lesson's ``misconceptions.py`` are the source. The same bytes
come out each time: where a mistake throws coins, its generators are seeded meanwhile.
"""

from __future__ import annotations

import io
import json
import random
import runpy
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from course.checks import features
from course.checks.bank import OF_SLIPS, SHARES, Bank, Mistake, array_name, to_text
from course.checks.composed import add_slips, cell_slips, wrong_function
from course.checks.examples import Array
from course.checks.features import Arguments, Feature, Function, alike
from course.checks.fingerprint import fingerprint, unfairness
from course.checks.misconception import Misconception
from course.checks.probes import COIN_PROB, Probe, probes_of
from course.checks.spread import agrees, coin_sequences, coins_of, distinct
from course.lessons import Lesson, course_root, find_lessons, solution_namespace

#: Calls from which the spread of a mistake's outcomes is known, and how many outcomes are kept.
N_RUNS, N_OUTCOMES = 200, 160


def generate(out_root: Path, root: Path | None = None) -> list[Path]:
    """Write ``course/checks/golden/<lesson>.npz`` and ``.json`` for all lessons.

    Parameters
    ----------
    out_root : Path
        The repository, or a folder to compare it with.
    root : Path, optional
        The repository whose ``source/`` is read.

    Returns
    -------
    list of Path
        What was written.
    """
    written = []
    root = root or course_root()
    lessons = find_lessons(root / "source")
    wrong_cells = cell_slips(lessons)
    for lesson in lessons:
        banks = lesson_banks(lesson, read_misconceptions(lesson))
        banks = add_slips(lesson, banks, wrong_cells)
        if banks:
            stem = Path(out_root) / "course" / "checks" / "golden" / lesson.id
            written += write_banks(stem, banks)
    return written


def read_misconceptions(lesson: Lesson) -> tuple[Misconception, ...]:
    """Return what the lesson's ``misconceptions.py`` lists; nothing where there is none."""
    path = lesson.path.parent / "misconceptions.py"
    return tuple(runpy.run_path(str(path))["MISCONCEPTIONS"]) if path.is_file() else ()


def lesson_banks(lesson: Lesson, misconceptions: tuple[Misconception, ...]) -> dict[str, Bank]:
    """Return what is known of each function of a lesson that has probes."""
    banks = {}
    for name in filter(probes_of, lesson.functions):
        right = right_features(solution_namespace(lesson)[name], name)
        mistakes = [
            Mistake(
                one.name,
                one.sentence,
                wrong_features(partial(wrong_function, lesson, one), name, right),
            )
            for one in misconceptions
            if one.function == name
        ]
        # A mistake that no probe can see would be found in every right answer.
        banks[name] = Bank(right, tuple(one for one in mistakes if one.features))
    return banks


def right_features(function: Function, function_name: str) -> dict[str, Feature]:
    """Return the right answer's features; of coins every outcome there is, in their order."""
    found = {}
    for probe in probes_of(function_name):
        if probe.observe is features.outcomes:
            found[probe.key] = every_outcome(function, probe)
        else:
            found[probe.key] = probe.observe(function, probe.arguments)
    return found


def every_outcome(function: Function, probe: Probe) -> Feature:
    """Return the logits for every sequence of coins, with its probability.

    The function itself is called with ``sampling_prob = 0``: the model's own token is put into
    `target_seq` where a coin says so.
    """
    context_vector, target_seq, params, _, cell_type = probe.arguments()
    coins = coin_sequences(len(target_seq) - 1)
    runs = []
    for sequence in coins:
        fed = target_seq.copy()
        for t in np.flatnonzero(sequence):
            logits = function(context_vector, fed, params, 0.0, cell_type)
            fed[t] = np.eye(fed.shape[1])[logits[t].argmax()]
        runs.append(function(context_vector, fed, params, 0.0, cell_type))
    shares = np.prod(np.where(coins, COIN_PROB, 1 - COIN_PROB), axis=1)
    return Feature("outcomes", np.array(runs), shares)


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
        for probe in probes_of(function_name)
    }
    found = _observe(make, function_name, tuple(probes.values()))
    wrong = {}
    for key, feature in found.items():
        if agrees(feature, right[key], right[key]) and not _unfair(feature, right[key]):
            continue
        wrong[key] = _condensed(feature)
        if _may_hang_on_a_seed(feature, right[key]):
            salted = (_observe(make, function_name, (probes[key],), salt) for salt in (1, 2, 3))
            if not all(alike(feature, other[key]) for other in salted):
                # Another seed gives other coins: the outcome itself says nothing.
                wrong[key] = Feature(feature.kind)
    return wrong


def _observe(
    make: Callable[[], Function], function_name: str, probes: tuple[Probe, ...], salt: int = 0
) -> Mapping[str, Feature]:
    with seeded_chance(salt):
        return fingerprint(make(), function_name, np.inf, probes).features


def _many_outcomes(function: Function, arguments: Arguments) -> Feature:
    some = features.outcomes(function, arguments, N_RUNS, np.inf)
    if some.values is None or len(distinct(some.values)[0]) <= N_RUNS / 5:
        return some
    return features.outcomes(function, arguments, 4 * N_RUNS, np.inf)


#: How a mistake is observed where chance may be in it.
_THOROUGH: dict[Any, Any] = {
    features.outcomes: _many_outcomes,
    features.steady_value: partial(features.steady_value, n_runs=20),
}


def _may_hang_on_a_seed(feature: Feature, right: Feature) -> bool:
    """Say whether chance should be seen, and is not, though all inputs are allowed ones."""
    if right.kind == features.VARIES:
        return feature.kind == "array"
    return feature.kind == "constant" and coins_of(feature, right) is not None


def _unfair(feature: Feature, right: Feature) -> bool:
    coins = coins_of(feature, right) if right.kind == "outcomes" else None
    return coins is not None and bool(unfairness(coins))


def _condensed(feature: Feature) -> Feature:
    """Keep the outcomes that differ, with their shares, the most frequent ones."""
    if feature.values is None or feature.kind not in ("outcomes", "constant"):
        return feature
    if feature.kind == "constant":
        return Feature("constant", feature.values[:1])
    first, counts = distinct(feature.values)
    if (counts == 1).sum() > len(feature.values) / 4:
        # Hardly an outcome comes twice: they cannot be listed.
        return Feature("outcomes")
    kept = np.argsort(-counts, kind="stable")[:N_OUTCOMES]
    return Feature("outcomes", feature.values[first[kept]], counts[kept] / len(feature.values))


@contextmanager
def seeded_chance(salt: int) -> Iterator[None]:
    """Make chance repeat itself, generators made without a seed included.

    Parameters
    ----------
    salt : int
        Another one gives other numbers, also to code that seeds a generator itself.
    """
    unseeded, default_rng = count(1), np.random.default_rng
    global_seed, python_seed = np.random.seed, random.seed
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002

    def salted(seed: Any = None) -> np.random.Generator:
        if seed is None:
            return default_rng((salt, 0, next(unseeded)))
        return default_rng((salt, 1, seed) if isinstance(seed, int) else seed)

    def salted_seed(seed: int = 0) -> None:
        global_seed(seed + salt)

    def salted_python_seed(seed: int = 0) -> None:
        python_seed(seed + salt)

    np.random.default_rng = salted
    np.random.seed, random.seed = salted_seed, salted_python_seed  # type: ignore
    np.random.seed()  # noqa: NPY002
    random.seed()
    try:
        yield
    finally:
        np.random.default_rng, np.random.seed = default_rng, global_seed
        random.seed = python_seed
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


def write_banks(stem: Path, banks: Mapping[str, Bank]) -> list[Path]:
    """Write the golden file of a lesson, and the arrays beside it."""
    known: dict[str, Any] = {}
    arrays: dict[str, Array] = {}

    def note(function_name: str, owner: str, found: Mapping[str, Feature]) -> dict[str, str]:
        for key, feature in found.items():
            name = array_name(function_name, owner, key)
            if feature.values is not None:
                arrays[name] = feature.values.round(7)
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
