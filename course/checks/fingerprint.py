"""Know a function by its outputs: whether it is right, and which known mistake it makes."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from course.checks import told
from course.checks.bank import Bank, Mistake, aspect_of, load_bank
from course.checks.features import VARIES, Feature, Function
from course.checks.probes import Probe, probes_of
from course.checks.spread import agrees


@dataclass(frozen=True)
class Fingerprint:
    """What the probes showed of a function, by their keys; a probe not made is not there."""

    function_name: str
    features: Mapping[str, Feature]


@dataclass(frozen=True)
class Diagnosis:
    """A known mistake that a function's outputs show.

    Attributes
    ----------
    name, sentence : str
        Of the misconception: what the class report counts by, and what the learner reads.
    function : str
        The function that makes it.
    where : tuple of str
        The cell types or schedules that show it; empty where it shows in all that were wrong.
    aspects : frozenset of str
        What it explains: ``"lstm/values"`` and the like.
    """

    name: str
    sentence: str
    function: str
    where: tuple[str, ...] = ()
    aspects: frozenset[str] = frozenset()


def diagnose(
    function: Function, function_name: str, lesson_id: str | None = None
) -> list[Diagnosis]:
    """Return the known mistakes that a function makes, most specific first.

    Parameters
    ----------
    function : callable
        The learner's function, or a stand-in for it.
    function_name : str
        Which exercise it answers.
    lesson_id : str, optional
        The lesson, ``"02_teacher_forcing"``.

    Returns
    -------
    list of Diagnosis
        Empty where the function is right, and where what is wrong is not known.
    """
    bank = load_bank(function_name, lesson_id)
    return match(fingerprint(function, function_name), bank) if bank else []


def fingerprint(
    function: Function,
    function_name: str,
    budget_s: float = 15.0,
    probes: tuple[Probe, ...] | None = None,
) -> Fingerprint:
    """Make the probes of an exercise.

    Parameters
    ----------
    function : callable
        Called as the exercise says; no generator is passed.
    function_name : str
        Which exercise.
    budget_s : float
        No further probe is made once this is spent.
    probes : tuple of Probe, optional
        Others than those of the exercise.
    """
    end = time.perf_counter() + budget_s
    features: dict[str, Feature] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for probe in probes_of(function_name) if probes is None else probes:
            seen = features[probe.key] = probe.observe(function, probe.arguments)
            unwritten = len(features) == 1 and seen.kind == UNWRITTEN
            if unwritten or time.perf_counter() > end:
                break
    return Fingerprint(function_name, told.settled(features))


UNWRITTEN = "raised NotImplementedError"


def is_unwritten(found: Fingerprint, bank: Bank) -> bool:
    """Say whether all that should give numbers gives nothing, or says that it is not written."""
    kinds = {
        feature.kind
        for key, feature in found.features.items()
        if key in bank.right and bank.right[key].values is not None
    }
    return kinds <= {"nothing", UNWRITTEN}


def match(found: Fingerprint, bank: Bank) -> list[Diagnosis]:
    """Return the known mistakes that explain a fingerprint, most specific first.

    A mistake that explains all that is wrong comes before one that explains a part, a cell type
    for instance; one that explains nothing new is left out, unless it is as good as another.
    """
    if is_unwritten(found, bank):
        return []
    wrong = wrong_aspects(found, bank)
    ranked = []
    for mistake in bank.mistakes:
        fits = {aspect for aspect in mistake.aspects & wrong if _fits(found, aspect, mistake, bank)}
        # Where its values would be wrong in its way and are not, it is another mistake.
        missed = {aspect for aspect in mistake.aspects - fits if aspect.endswith("/values")}
        fits = {aspect for aspect in fits if f"{aspect.partition('/')[0]}/values" not in missed}
        if missed == {aspect for aspect in mistake.aspects if aspect.endswith("/values")} != set():
            # What is of no cell type does not make up for values that are wrong in another way.
            fits = {aspect for aspect in fits if not aspect.startswith("/")}
        if fits and not _contradicted(found, mistake, bank):
            unexplained = len(mistake.aspects - fits)
            rank = (-len(fits), unexplained)
            ranked.append((rank, mistake, fits))
    ranked.sort(key=lambda entry: entry[0])
    wrong_groups = _groups(wrong)
    chosen: list[Diagnosis] = []
    explained: set[str] = set()
    last = None
    for rank, mistake, fits in ranked:
        if fits <= explained and rank != last:
            continue
        last = rank
        explained |= fits
        where = () if _groups(fits) == wrong_groups else _groups(fits)
        name, sentence = mistake.name, mistake.sentence
        chosen.append(Diagnosis(name, sentence, found.function_name, where, frozenset(fits)))
    return [*chosen, *_told(found, wrong, wrong - explained)]


def _told(found: Fingerprint, wrong: set[str], unexplained: set[str]) -> list[Diagnosis]:
    """Return what was measured of what no known mistake explains."""
    return [
        Diagnosis(
            one.name,
            one.sentence,
            found.function_name,
            () if set(one.groups) >= set(_groups(wrong)) else one.groups,
            one.aspects,
        )
        for say in (told.of_sampling, told.of_schedules)
        for one in say(found.features, unexplained)
    ]


def _groups(aspects: set[str]) -> tuple[str, ...]:
    """Return the cell types or schedules among aspects."""
    return tuple(sorted({aspect.partition("/")[0] for aspect in aspects} - {""}))


def wrong_aspects(found: Fingerprint, bank: Bank) -> set[str]:
    """Return what is not as in the right answer: ``"lstm/values"`` and the like."""
    wrong = {
        aspect_of(key)
        for key, feature in found.features.items()
        if key in bank.right and not agrees(feature, bank.right[key], bank.right[key])
    }
    return wrong


def _fits(found: Fingerprint, aspect: str, mistake: Mistake, bank: Bank) -> bool:
    """Say whether all that was seen of an aspect is as the mistake has it."""
    for key, seen in found.features.items():
        if aspect_of(key) == aspect and key in bank.right:
            right = bank.right[key]
            known = mistake.features.get(key, right)
            same_by_chance = (known.kind, right.kind, seen.kind) == (VARIES, VARIES, "array")
            if not same_by_chance and not agrees(seen, known, right):
                return False
    return True


def _contradicted(found: Fingerprint, mistake: Mistake, bank: Bank) -> bool:
    """Say whether coins fall, or inputs are, as a mistake cannot have them, in any cell.

    The coin is one line of code for all cells: a mistake in it shows in all or in none.
    """
    return any(
        not agrees(found.features[key], known, bank.right[key])
        for key, known in mistake.features.items()
        if aspect_of(key).endswith("/coins") and key in found.features
    )
