"""What is told of a function from what was measured, where no known mistake explains it.

A mistake without a name of its own still gets one for the class report, of its kind, and the
sentence with the numbers: which input was fed, how the coins fell, what a schedule gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from course.checks.known.coins.sampling import UNREADABLE, Reading
from course.checks.known.features import VARIES, Feature
from course.checks.known.inputs import carried
from course.checks.known.schedules.formulas import RIGHT_WORDS
from course.checks.known.schedules.tables import CURVE_STEPS, NOT_AS_DUE, Table, as_numbers
from course.checks.known.schedules.words import finding


class Told(NamedTuple):
    """What was measured: as a `Diagnosis`, for some cell types or schedules."""

    name: str
    sentence: str
    groups: tuple[str, ...]
    aspects: frozenset[str]


#: Names for the class report, by how the kind of a reading's first part begins.
_NAMES = {
    "step 0 is": "feeds_another_vector_at_step_0",
    "truth is": "feeds_another_vector_for_the_truth",
    "own is": "feeds_another_vector_for_its_own_token",
    "input is": "feeds_neither_the_truth_nor_its_own_token",
    "rate": "throws_coins_of_another_rate",
    "another rate": "throws_coins_of_another_rate",
    "share ": "changes_the_rate_along_the_sequence",
    "odd steps": "throws_other_coins_at_some_steps",
    "all alike": "throws_no_coins",
    "by confidence": "lets_the_logits_decide",
    "where both": "lets_the_truth_decide",
    "at some steps": "throws_coins_at_some_steps_only",
    "truth first": "has_a_pattern_in_place_of_coins",
    "own first": "has_a_pattern_in_place_of_coins",
    "periodic": "has_a_pattern_in_place_of_coins",
    "evenly": "has_a_pattern_in_place_of_coins",
    "same in each call": "has_the_same_coins_in_every_call",
    "fails at": "fails_at_zero_or_one",
}
_DEPENDENT = "throws_coins_that_hang_together"


def of_sampling(features: Mapping[str, Feature], unexplained: set[str]) -> Iterator[Told]:
    """Tell what a decoder feeds and how its coins fall, once for all cell types that are alike."""
    by_kind: dict[str, list[str]] = {}
    for key, seen in features.items():
        group, aspect, _ = key.split("/")
        if aspect == "coins" and isinstance(seen.raw, Reading) and seen.raw.parts:
            by_kind.setdefault(seen.kind, []).append(group)
    for kind, groups in by_kind.items():
        read: Reading = features[f"{groups[0]}/coins/inputs"].raw
        aspects = {f"{group}/coins" for group in groups}
        # It is why teacher forcing or free running do not come out.
        if read.wrong_at or read.inputs_wrong:
            aspects |= {
                f"{group}/{what}"
                for group in groups
                for what in ("values", "float32", "equals", "forgets")
            }
            aspects |= {"/default"}
        aspects &= unexplained
        if any(aspect.endswith(("/coins", "/values")) for aspect in aspects):
            name = next((n for start, n in _NAMES.items() if kind.startswith(start)), _DEPENDENT)
            yield Told(name, read.said, tuple(groups), frozenset(aspects))
    states: dict[str, list[str]] = {}
    for key, seen in features.items():
        if key.split("/")[1] == "mixed" and seen.kind.startswith("from "):
            states.setdefault(seen.kind, []).append(key.split("/")[0])
    for kind, groups in states.items():
        aspects = {f"{group}/mixed" for group in groups} & unexplained
        if aspects:
            # Free running then goes on from there too.
            numbers = {f"{group}/{what}" for group in groups for what in ("values", "equals")}
            aspects |= numbers & unexplained
            name = "goes_on_from_another_state"
            yield Told(name, carried.said(kind), tuple(groups), frozenset(aspects))


#: Kinds of coins of which a few more or less decide: the cell with the most of them speaks for all.
_SHARES = ("fair", "rate", "another rate", "share ", "odd steps", "fails at", "counts")

#: Which probes are calls with sampling_prob 0, and with 1.
_AT_THE_ENDS = {
    0.0: ("values/four steps", "values/p = 0", "float32/five steps", "forgets/calls"),
    1.0: ("values/p = 1", "equals/four steps"),
}


def settled(features: dict[str, Feature]) -> dict[str, Feature]:
    """Return the features, those that hang on chance as it shows in many calls.

    A coin that fails once in a hundred times shows in four calls or does not: the reading of many
    coins says whether the same call may give another result. A name is then the same each time.
    """
    settled = dict(features)
    rnn = features.get("rnn/coins/inputs")
    for key, seen in features.items():
        group, aspect, _ = key.split("/")
        if aspect != "coins" or seen.kind == UNREADABLE or not isinstance(seen.raw, Reading):
            continue
        if (
            rnn is not None
            and isinstance(rnn.raw, Reading)
            and seen.kind != rnn.kind
            and seen.kind.startswith(_SHARES)
            and rnn.kind.startswith(_SHARES)
        ):
            settled[key] = rnn
        raw: Reading = settled[key].raw
        for p, probes in _AT_THE_ENDS.items():
            for probe in probes:
                if p in raw.chance_at and f"{group}/{probe}" in features:
                    settled[f"{group}/{probe}"] = Feature(VARIES)
        if group == "rnn" and 0.0 in raw.chance_at and "/default/cell_type" in features:
            settled["/default/cell_type"] = Feature(VARIES)
        if f"{group}/mixed/state" in features and (raw.inputs_wrong or 0.0 in raw.wrong_at):
            settled[f"{group}/mixed/state"] = Feature(UNREADABLE)
    return settled


#: What of a schedule a table explains.
_OF_A_TABLE = ("values", "clips", "floor", "far")


def of_schedules(features: Mapping[str, Feature], unexplained: set[str]) -> Iterator[Told]:
    """Tell in which way each schedule is wrong; once for those of which the same is to be said."""
    said: dict[str, list[str]] = {}
    always = _one_number(features)
    if always:
        everything = frozenset(one for one in unexplained if one.partition("/")[2] in _OF_A_TABLE)
        if everything:
            yield Told("gives_other_numbers", always, tuple(RIGHT_WORDS), everything)
        return
    for key, seen in features.items():
        if isinstance(seen.raw, Table) and seen.kind == NOT_AS_DUE:
            group = key.split("/")[0]
            sentence = _since(features, group, seen.raw) or finding(seen.raw)
            said.setdefault(sentence.replace(f"For {group!r} ", "", 1), []).append(group)
    for sentence, groups in said.items():
        aspects = {f"{group}/{what}" for group in groups for what in _OF_A_TABLE} & unexplained
        if sentence and aspects:
            names = " and ".join(repr(group) for group in groups)
            yield Told(
                "gives_other_numbers", f"For {names} {sentence}.", tuple(groups), frozenset(aspects)
            )


def _one_number(features: Mapping[str, Feature]) -> str:
    """Say that all calls of all schedules gave the same number; ``""`` where they did not."""
    tables = {
        key.partition("/")[0]: seen.raw
        for key, seen in features.items()
        if isinstance(seen.raw, Table)
    }
    came = [as_numbers(one) for seen in tables.values() for one in (seen.came, seen.again)]
    if len(tables) < 2 or any(one is None for one in came):
        return ""
    if any(_since(features, group, seen) for group, seen in tables.items()):
        return ""  # they gave others before
    numbers = {float(one) for each in came if each is not None for one in each}
    if len(numbers) != 1:
        return ""
    return (
        f"All calls gave the same number, {numbers.pop():.4g}, for all schedules. Either it is not "
        "computed from the arguments, or a result of an earlier call is kept between calls, in a "
        "variable outside the function or in a default argument: nothing may survive a call."
    )


#: Curves that are asked first, by what the table asks again later: k, c, eps_min.
_ASKED_BEFORE = {
    "linear": ("from one", (1.0, 0.01, 0.0)),
    "exponential": ("slow", (0.98, 0.0, 0.0)),
    "inverse_sigmoid": ("slow", (12.0, 0.0, 0.0)),
}


def _since(features: Mapping[str, Feature], group: str, seen: Table) -> str:
    """Say that a schedule gives now what it did not give before, for equal arguments."""
    name, numbers = _ASKED_BEFORE[group]
    before = features.get(f"{group}/values/{name}")
    if before is None or before.values is None or before.values.shape != (len(CURVE_STEPS),):
        return ""
    return seen.changed_since(dict(zip(CURVE_STEPS, before.values.tolist(), strict=True)), numbers)
