"""Tell in which way a schedule's numbers are wrong, where no known mistake explains them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from course.checks.known.answer import Answer, groups_of
from course.checks.known.features import Feature
from course.checks.known.schedules.tables import (
    CURVE_STEPS,
    NOT_AS_DUE,
    ScheduleTable,
    as_numbers,
    tables_of,
)
from course.checks.known.schedules.words import BY_CHANCE, words_of
from course.checks.known.told import Finding, Told, listed

#: What of a schedule a table explains.
_OF_A_TABLE = ("values", "clips", "floor", "far")

#: What the class report counts.
_NAME = "gives_other_numbers"


def of_schedules(answer: Answer, told: list[Finding]) -> Iterator[Finding]:
    """Tell in which way each schedule is wrong; once for those of which the same is to be said."""
    features = answer.seen
    left = {one for one in answer.left(told) if one.partition("/")[2] in _OF_A_TABLE}
    always = _one_number(features)
    if always:
        if left:
            yield answer.finding(Told(_NAME, always), left, groups_of(answer.wrong))
        return
    said: dict[str, list[str]] = {}
    tables = tables_of(features)
    for group, seen in tables.items():
        if features[f"{group}/values/table"].kind == NOT_AS_DUE:
            words = words_of(seen, list(tables.values()))
            since = "" if words == BY_CHANCE else _since(features, group, seen)
            said.setdefault(since or words, []).append(group)
    for sentence, groups in said.items():
        aspects = {one for one in left if one.partition("/")[0] in groups}
        if sentence and aspects:
            names = listed([repr(group) for group in groups])
            if sentence.startswith("At "):
                sentence = f"a{sentence[1:]}"
            end = "" if sentence[-1] in ".?" else "."
            yield answer.finding(
                Told(_NAME, f"For {names} {sentence}{end}"), aspects, tuple(groups)
            )


def _one_number(features: Mapping[str, Feature]) -> str:
    """Say that all calls of all schedules gave the same number; ``""`` where they did not."""
    tables = tables_of(features)
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


def _since(features: Mapping[str, Feature], group: str, seen: ScheduleTable) -> str:
    """Say that a schedule gives now what it did not give before, for equal arguments."""
    name, numbers = _ASKED_BEFORE[group]
    before = features.get(f"{group}/values/{name}")
    if before is None or before.values is None or before.values.shape != (len(CURVE_STEPS),):
        return ""
    return seen.changed_since(dict(zip(CURVE_STEPS, before.values.tolist(), strict=True)), numbers)
