"""Know a function by its outputs: whether it is right, and which known mistake it makes."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from course.checks.cells.examples import CELL_TYPES
from course.checks.known.bank import Bank, Mistake, aspect_of, load_bank
from course.checks.known.coins import telling as measured
from course.checks.known.features import VARIES, Feature, Function, is_raised
from course.checks.known.inside.states import done_to_the_state
from course.checks.known.probes import Probe, probes_of
from course.checks.known.properties.telling import tell
from course.checks.known.spread import agrees


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
    """Return the mistakes that a function makes: the known ones, then what is told of the rest.

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
        Empty where the function is right, or not written.
    """
    bank = load_bank(function_name, lesson_id)
    return explain(function, fingerprint(function, function_name), bank) if bank else []


def explain(function: Function, found: Fingerprint, bank: Bank) -> list[Diagnosis]:
    """Return the known mistakes that explain a fingerprint, and what is told of the rest.

    What no known mistake explains is told from properties: see `course.checks.known.properties.telling`.
    """
    named = match(found, bank)
    if is_unwritten(found, bank) or _is_kept(named, bank):
        return named  # where something is kept from call to call, nothing else can be measured
    wrong = wrong_aspects(found, bank)
    if _gives_nothing(found, bank):
        wrong = {aspect for aspect in wrong if aspect.endswith("/values")}
    groups = _groups(wrong)
    rest = _unexplained(wrong, named)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = tell(function, found.function_name, dict(found.features), bank, rest, wrong)
    for (name, sentence), aspects in told:
        where = _groups(set(aspects))
        where = () if where == groups else where
        named.append(Diagnosis(name, sentence, found.function_name, where, frozenset(aspects)))
    return named


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
    return Fingerprint(function_name, measured.settled(features))


def _is_kept(named: list[Diagnosis], bank: Bank) -> bool:
    """Say whether one of the named mistakes is that calls know of each other."""
    names = {one.name for one in named}
    return any(
        aspect_of(key).endswith("/forgets") and known.kind in (*MEASURED, "repeats")
        for mistake in bank.mistakes
        if mistake.name in names
        for key, known in mistake.features.items()
    )


UNWRITTEN = "raised NotImplementedError"


def is_unwritten(found: Fingerprint, bank: Bank) -> bool:
    """Say whether all that should give numbers says that it is not written."""
    kinds = {
        feature.kind
        for key, feature in found.features.items()
        if key in bank.right and bank.right[key].values is not None
    }
    return kinds <= {UNWRITTEN}


def _gives_nothing(found: Fingerprint, bank: Bank) -> bool:
    """Say whether no numbers ever come back where they should: None, a generator, a text."""
    return all(
        feature.values is None and not is_raised(feature) and not feature.kind.startswith("varies")
        for key, feature in found.features.items()
        if key in bank.right and bank.right[key].values is not None
    )


def match(found: Fingerprint, bank: Bank) -> list[Diagnosis]:
    """Return the known mistakes that explain a fingerprint, most specific first.

    A mistake that explains all that is wrong comes before one that explains a part, a cell type
    for instance; one that explains nothing new is left out, unless it is as good as another.
    """
    if is_unwritten(found, bank) or _gives_nothing(found, bank):
        return []
    wrong = wrong_aspects(found, bank)
    named = _matching(found, bank, wrong)
    slips = _slips(found, bank, _unexplained(wrong, named), in_row_0=False)
    slips = _shared(found, bank, wrong, _unexplained(wrong, named), slips) or slips
    slips += _slips(found, bank, _unexplained(wrong, [*named, *slips]), in_row_0=True)
    named += slips
    # Inputs are read off by the right cell: of one with a slip in it nothing can be read.
    slipped = {aspect.partition("/")[0] for one in slips for aspect in one.aspects} - {""}
    left = _unexplained(wrong, named)
    readable = {aspect for aspect in left if aspect.partition("/")[0] not in slipped}
    return named + _measured(found, wrong, readable)


def _unexplained(wrong: set[str], named: list[Diagnosis]) -> set[str]:
    return wrong - {aspect for one in named for aspect in one.aspects}


def _matching(found: Fingerprint, bank: Bank, wrong: set[str]) -> list[Diagnosis]:
    """Return the mistakes whose outputs were seen."""
    ranked = []
    for mistake in bank.mistakes:
        fits = {aspect for aspect in mistake.aspects & wrong if _fits(found, aspect, mistake, bank)}
        # Where its values would be wrong in its way and are not, it is another mistake.
        missed = {aspect for aspect in mistake.aspects - fits if aspect.endswith("/values")}
        fits = {aspect for aspect in fits if f"{aspect.partition('/')[0]}/values" not in missed}
        if missed == {aspect for aspect in mistake.aspects if aspect.endswith("/values")} != set():
            # What is of no cell type does not make up for values that are wrong in another way.
            fits = {aspect for aspect in fits if not aspect.startswith("/")}
        fits = {aspect for aspect in fits if not _denied(aspect, fits, mistake, found, bank)}
        fits = _remembered(fits, mistake, wrong)
        # Where values are wrong in another way, what is seen of other calls comes from that.
        fits = {aspect for aspect in fits if _speaks(aspect, fits, wrong, found)}
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
    return chosen


def _measured(found: Fingerprint, wrong: set[str], unexplained: set[str]) -> list[Diagnosis]:
    """Return what was measured of what no known mistake explains."""
    return [
        Diagnosis(
            one.name,
            one.sentence,
            found.function_name,
            () if set(one.groups) >= set(_groups(wrong)) else one.groups,
            one.aspects,
        )
        for say in (measured.of_sampling, measured.of_schedules)
        for one in say(found.features, unexplained)
    ]


def _remembered(fits: set[str], mistake: Mistake, wrong: set[str]) -> set[str]:
    """Return what a mistake explains, where it is that calls know of each other, and they do.

    Other inputs may give what an earlier call gave, as where rows are scaled: calls that were seen
    to know nothing of each other tell that nothing is kept.
    """
    kept = {aspect.partition("/")[0] for aspect in mistake.aspects if aspect.endswith("/forgets")}
    if kept and not any(aspect.endswith(("/forgets", "/values")) for aspect in fits):
        return set()
    forgets = {
        cell for cell in kept if f"{cell}/forgets" not in wrong and f"{cell}/values" not in fits
    }
    return {one for one in fits if one.partition("/")[0] not in forgets}


def _denied(aspect: str, fits: set[str], mistake: Mistake, found: Fingerprint, bank: Bank) -> bool:
    """Say whether a mistake that would change arguments did not in a cell."""
    keeps = f"{aspect.rpartition('/')[0]}/keeps"
    return keeps not in fits and any(
        aspect_of(key) == keeps
        and not is_raised(known)
        and key in found.features
        and found.features[key].kind == bank.right[key].kind
        for key, known in mistake.features.items()
    )


def _speaks(aspect: str, fits: set[str], wrong: set[str], found: Fingerprint) -> bool:
    """Say whether an aspect tells something of its own, or only that the numbers are wrong."""
    group, _, what = aspect.rpartition("/")
    values = f"{group}/values"
    if (
        what not in ("forgets", "keeps", "float32", "empty", "equals", "long")
        or values in fits
        or values not in wrong
    ):
        return True
    if what != "forgets":
        return False
    kind = found.features[f"{aspect}/calls"].kind
    # A constant repeats itself too, and so does what is no number: they are kept from no call.
    elsewhere = any(one.endswith("/values") for one in fits)
    return kind in MEASURED or (kind == "repeats" and elsewhere)


#: What a call can show to know of another, whatever its numbers are.
MEASURED = ("remembers", "overwrites")


#: Aspects that are wrong together where the numbers are.
_OF_NUMBERS = ("values", "long", "float32", "equal", "equals", "huge")


def _shared(
    found: Fingerprint, bank: Bank, wrong: set[str], unexplained: set[str], slips: list[Diagnosis]
) -> list[Diagnosis]:
    """Return what is done to the state of every cell, where no slip of each explains it."""
    values = {f"{cell}/values" for cell in CELL_TYPES}
    if not values <= unexplained or not _unexplained(values, slips):
        return []
    told = done_to_the_state(found.function_name, found.features, bank.right)
    if told is None:
        return []
    aspects = {f"{cell}/{what}" for cell in CELL_TYPES for what in _OF_NUMBERS} | {"/default"}
    explained = frozenset(aspects & unexplained)
    return [Diagnosis(told.name, told.sentence, found.function_name, (), explained)]


def _slips(
    found: Fingerprint, bank: Bank, unexplained: set[str], in_row_0: bool
) -> list[Diagnosis]:
    """Return the slips inside cells that explain what no other mistake does.

    Where it is asked for, those that explain row 0 alone.
    """
    said: dict[str, tuple[str, list[str]]] = {}
    for slips in bank.slips.values():
        group = next(iter(slips.values)).partition("/")[0]
        told_by = {f"{group}/values"} | {aspect_of(key) for key in slips.values}
        if not told_by & unexplained:
            continue
        if _is_constant(found.features, slips.values):
            continue  # such numbers come of many slips, and of no cell at all
        place, more = None, ""
        if not in_row_0:
            place = slips.find(found.features, bank.right)
        else:
            place = slips.find_in_row_0(found.features, bank.right)
            more = " That is row 0 already; from row 1 on something else differs too."
            if place is not None and slips.names[place].endswith("_h_prev"):
                more = " It is so of the first state alone, which is context_vector."
        if place is not None:
            sentence = slips.sentences[place] + more
            said.setdefault(sentence, (slips.names[place], []))[1].append(group)
    wrong_groups = _groups(wrong_aspects(found, bank))
    diagnoses = []
    for sentence, (name, groups) in said.items():
        explained = {f"{group}/{what}" for group in groups for what in _OF_NUMBERS}
        if "rnn" in groups:
            explained.add("/default")
        where = () if tuple(sorted(filter(None, groups))) == wrong_groups else tuple(groups)
        aspects = frozenset(explained & unexplained)
        diagnoses.append(Diagnosis(name, sentence, found.function_name, where, aspects))
    return diagnoses


def _is_constant(features: Mapping[str, Feature], keys: Iterable[str]) -> bool:
    """Say whether one and the same number stands in all places of all results."""
    found = [features[key].values for key in keys if key in features]
    numbers = {float(x) for one in found if one is not None for x in np.unique(one)}
    return len(numbers) == 1


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
    numbers_fit = _numbers_fit(found, aspect.rpartition("/")[0], mistake, bank)
    for key, seen in found.features.items():
        if aspect_of(key) == aspect and key in bank.right:
            right = bank.right[key]
            known = mistake.features.get(key, right)
            same_by_chance = (known.kind, right.kind, seen.kind) == (VARIES, VARIES, "array")
            # The same mistake may stop in other words, as where np.dot stands for @.
            stops_too = numbers_fit and is_raised(seen) and is_raised(known)
            if not (same_by_chance or stops_too) and not agrees(seen, known, right):
                return False
    return True


def _numbers_fit(found: Fingerprint, group: str, mistake: Mistake, bank: Bank) -> bool:
    """Say whether wrong numbers of a cell type were seen that are those of the mistake."""
    return any(
        known.kind == "array"
        and known.values is not None
        and aspect_of(key) == f"{group}/values"
        and key in found.features
        and agrees(found.features[key], known, bank.right[key])
        for key, known in mistake.features.items()
    )


def _contradicted(found: Fingerprint, mistake: Mistake, bank: Bank) -> bool:
    """Say whether coins fall, or inputs are, as a mistake cannot have them, in any cell.

    The coin is one line of code for all cells: a mistake in it shows in all or in none.
    """
    return any(
        not agrees(found.features[key], known, bank.right[key])
        for key, known in mistake.features.items()
        if aspect_of(key).endswith("/coins") and key in found.features
    )
