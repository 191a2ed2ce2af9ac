"""Tell what a decoder feeds and how its coins fall, where no known mistake explains it.

A mistake without a name of its own still gets one for the class report, of its kind, and the
sentence with the numbers: which input was fed, how the coins fall.
"""

from __future__ import annotations

from collections.abc import Iterator

from course.checks.known.answer import Answer
from course.checks.known.coins.sampling import Reading
from course.checks.known.features import equal
from course.checks.known.inputs import carried
from course.checks.known.told import Finding, Told

#: Names for the class report, by how the kind of a reading's first part begins.
_NAMES = {
    "step 0 is": "feeds_another_vector_at_step_0",
    "truth is": "feeds_another_vector_for_the_truth",
    "own is": "feeds_another_vector_for_its_own_token",
    "input is": "feeds_neither_the_truth_nor_its_own_token",
    "rate": "tosses_coins_of_another_rate",
    "another rate": "tosses_coins_of_another_rate",
    "share ": "changes_the_rate_along_the_sequence",
    "odd steps": "tosses_other_coins_at_some_steps",
    "all alike": "tosses_no_coins",
    "by confidence": "lets_the_logits_decide",
    "where both": "lets_the_truth_decide",
    "at some steps": "tosses_coins_at_some_steps_only",
    "truth first": "has_a_pattern_in_place_of_coins",
    "own first": "has_a_pattern_in_place_of_coins",
    "periodic": "has_a_pattern_in_place_of_coins",
    "evenly": "has_a_pattern_in_place_of_coins",
    "same in each call": "has_the_same_coins_in_every_call",
    "fails at": "fails_at_zero_or_one",
}
_DEPENDENT = "tosses_coins_that_hang_together"


def of_coins(answer: Answer, told: list[Finding]) -> Iterator[Finding]:
    """Tell what a decoder feeds and how its coins fall, once for all cell types that are alike."""
    # Inputs are read off by the right cell: of one with a slip in it nothing can be read.
    known = {mistake.name for mistake in answer.bank.mistakes}
    slips = [one for one in told if one.name not in known]
    slipped = {aspect.partition("/")[0] for one in slips for aspect in one.aspects}
    left = {one for one in answer.left(told) if one.partition("/")[0] not in slipped - {""}}
    by_kind: dict[tuple[str, str], list[str]] = {}
    for key, seen in answer.seen.items():
        group, aspect, _ = key.split("/")
        read = isinstance(seen.raw, Reading) and seen.raw.parts
        if (aspect == "coins" and read) or (aspect == "mixed" and seen.kind.startswith("from ")):
            by_kind.setdefault((aspect, seen.kind), []).append(group)
    for (aspect, kind), groups in sorted(by_kind.items(), key=lambda one: one[0][0]):
        aspects = {f"{group}/{aspect}" for group in groups}
        if aspect == "coins":
            reading: Reading = answer.seen[f"{groups[0]}/coins/inputs"].raw
            # It is why teacher forcing or free running do not come out.
            if reading.wrong_at or reading.inputs_wrong:
                others = ("values", "float32", "equals", "forgets")
                of_it = [one for one in groups if _may_come_of_it(answer, one, reading)]
                aspects |= {f"{group}/{what}" for group in of_it for what in others}
                aspects |= {"/default"} if of_it else set()
            aspects &= left
            if any(one.endswith(("/coins", "/values")) for one in aspects):
                names = (name for start, name in _NAMES.items() if kind.startswith(start))
                said = Told(next(names, _DEPENDENT), reading.said)
                yield answer.finding(said, aspects, tuple(groups))
        elif aspects & left:
            # Free running then goes on from there too.
            aspects |= {f"{group}/{what}" for group in groups for what in ("values", "equals")}
            goes_on = Told("goes_on_from_another_state", carried.said(kind))
            yield answer.finding(goes_on, aspects & left, tuple(groups))


def _may_come_of_it(answer: Answer, group: str, reading: Reading) -> bool:
    """Say whether wrong rows may come of what is fed and tossed: not row 0, before any coin."""
    if any(part.kind.startswith("step 0 is") for part in reading.parts):
        return True
    pairs = [pair for probe in answer.probes(group, "values") if (pair := answer.pair(probe))]
    return all(seen.shape != right.shape or equal(seen[:1], right[:1]) for seen, right, _ in pairs)
