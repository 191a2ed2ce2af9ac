"""Tell of results of several parts, a loss and a dict of gradients: which part is wrong, and how.

Not of a cell's two states, of which `pairs` tells.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.asserts import difference
from course.checks.cells.examples import Array
from course.checks.known.answer import Answer
from course.checks.known.bank import aspect_of
from course.checks.known.features import (
    VARIES,
    VARIES_AT_ONCE,
    Feature,
    describe,
    due,
    equal,
    is_raised,
)
from course.checks.known.probes import Probe, parts_named, probes_of
from course.checks.known.properties.attentions import of_attentions
from course.checks.known.properties.backward import of_way_back
from course.checks.known.properties.batches import of_batches
from course.checks.known.properties.differences import of_differences
from course.checks.known.properties.experts import of_experts
from course.checks.known.properties.failures import explained
from course.checks.known.properties.intervals import of_intervals
from course.checks.known.properties.losses import of_loss
from course.checks.known.properties.manners import of_the_rest
from course.checks.known.properties.norms import of_norms
from course.checks.known.properties.scales import NO_FINITE_NUMBER, ZERO, relation
from course.checks.known.properties.slopes import of_slopes
from course.checks.known.properties.steps import Moved, of_steps
from course.checks.known.structured import form_of
from course.checks.known.told import Told, listed

#: Arguments that have a row or a number for each step.
_OF_STEPS = ("fed", "logits", "tokens", "student_logits")


def has_parts(answer: Answer) -> bool:
    """Say whether a right answer returns several parts, and is no cell."""
    due_kinds = {one.kind for key, one in answer.bank.right.items() if "/values/" in key}
    return "h_prev" not in answer.names and any(
        kind.startswith(("tuple", "dict")) for kind in due_kinds
    )


def of_parts(answer: Answer, group: str, aspect: str) -> Told | None:
    """Tell of a group's aspect what its first wrong call shows.

    None where numbers differ in no known way: a claim's own hint says more then.
    """
    wrong = [
        probe
        for probe in probes_of(answer.function_name)
        if aspect_of(probe.key) == f"{group}/{aspect}"
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
        order = _another_order(answer, seen, right)
        if order:
            return order
        finding = difference(form_of(seen.raw), form_of(due(right)))
        return Told(
            "returns_another_form",
            "What comes back is not put together as the docstring says, below Returns: "
            f"{finding}{'' if finding.endswith('?') else '.'}",
        )
    return (
        _measured(answer, aspect, wrong[0])
        or _of_half_widths(answer, wrong)
        or _of_steps(answer, wrong)
        or _of_numbers(answer, wrong)
        or _known_in_parts(answer, [probe.key for probe in wrong])
        or _by_another_rule(answer, group, aspect)
        or _changes_its_arguments(answer, group)
    )


def _another_order(answer: Answer, seen: Feature, right: Feature) -> Told | None:
    """Tell of parts that are put together as is asked for, but for their order."""
    names = parts_named(answer.function_name)
    if not isinstance(seen.raw, tuple) or len(seen.raw) != len(names):
        return None
    for order in itertools.permutations(range(len(names))):
        if describe(tuple(seen.raw[i] for i in order)).kind == right.kind:
            came = [names[order.index(i)] for i in range(len(names))]
            return Told(
                "returns_its_parts_in_another_order",
                f"What comes back looks like {listed(came)}, in this order; return "
                f"{listed(names)}.",
            )
    return None


def _changes_its_arguments(answer: Answer, group: str) -> Told | None:
    """Tell of arguments that are others after a call: numbers that are made of them are too."""
    seen = answer.seen.get(f"{group}/keeps/arguments")
    if seen is None or not seen.kind.startswith("changed"):
        return None
    return of_the_rest(answer, group, "keeps")


def _measured(answer: Answer, aspect: str, wrong: Probe) -> Told | None:
    """Tell what further calls show of a loss, or of a way back."""
    calls, right = answer.calls(wrong), answer.bank.right[wrong.key]
    if answer.names[:2] == ("logits", "tokens"):
        return next(of_loss(calls, aspect, due(right)), None)
    if "d_logits" in answer.names and right.values is not None:
        return next(of_slopes(calls, right.values), None)
    if "gradients" in answer.names:
        return _of_errors(answer, aspect) or next(of_differences(calls), None)
    return None


def _is_alike(seen: Feature, right: Feature) -> bool:
    """Say whether a result is put together as the right one is: as many parts, of the same shapes.

    Parts of one shape are an array, whose first axis they are.
    """
    if seen.kind != right.kind or seen.values is None or right.values is None:
        return False
    return seen.values.shape == right.values.shape


def _of_steps(answer: Answer, wrong: list[Probe]) -> Told | None:
    """Tell of training steps that leave nothing to chance."""
    if "learning_rate" not in answer.names:
        return None
    moved = []
    for probe in answer.beside(wrong[0]):
        (seen, right), given = answer.look(probe.key), answer.calls(probe).given
        if not _is_alike(seen, right) or given["sampling_prob"] not in (0, 1):
            return None
        params, loss = due(seen)
        if given["learning_rate"] and len(given["tokens"]):
            moved.append(Moved(given, params, float(loss)))
    return next(of_steps(moved), None) if moved else None


def _of_half_widths(answer: Answer, wrong: list[Probe]) -> Told | None:
    """Tell of intervals whose mean is right, or right but for the sign."""
    if answer.names != ("a", "b"):
        return None
    looks = [
        (answer.look(probe.key)[0].values, answer.calls(probe).given)
        for probe in answer.beside(wrong[0])
    ]
    pairs = [(seen, given) for seen, given in looks if seen is not None and seen.size == 2]
    return next(of_intervals(pairs), None) if len(pairs) == len(looks) else None


def _by_another_rule(answer: Answer, group: str, aspect: str) -> Told | None:
    """Tell by which other formulas all gradients come, or all rows, in the calls of an aspect."""
    of = {
        "cache": _of_a_cache,
        "d_logits": of_way_back,
        "sequences": of_batches,
        "teacher_logits": of_experts,
    }
    teller = next((teller for name, teller in of.items() if name in answer.names), None)
    calls = _calls_of(answer, f"{group}/{aspect}") if teller else None
    return next(teller(calls), None) if teller and calls else None


def _of_a_cache(calls: list[tuple[dict[str, Array], Mapping[str, Any]]]) -> Iterator[Told]:
    """Tell by which other formula one row of attention comes, from what is kept."""
    yield from of_attentions(
        [
            (seen["y_t"][None], given["x_t"][None], given["cache"], given["block"])
            for seen, given in calls
        ]
    )


def _of_errors(answer: Answer, aspect: str) -> Told | None:
    """Tell by which other formula the errors of a gradient check come."""
    calls = _calls_of(answer, f"/{aspect}")
    return next(of_norms(calls), None) if calls else None


def _calls_of(
    answer: Answer, aspect: str
) -> list[tuple[dict[str, Array], Mapping[str, Any]]] | None:
    """Return all results of an aspect, by part, and the arguments; None where one is no result."""
    calls: list[tuple[dict[str, Array], Mapping[str, Any]]] = []
    for probe in probes_of(answer.function_name):
        if aspect_of(probe.key) == aspect and probe.key in answer.seen:
            seen, right = answer.look(probe.key)
            if not _is_alike(seen, right):
                return None
            calls.append((_named(answer, seen), answer.calls(probe).given))
    return calls


def _of_numbers(answer: Answer, wrong: list[Probe]) -> Told | None:
    """Tell which parts are right, and how each other one is made of what is right."""
    by_part: dict[str, list[tuple[Array, Array, int]]] = {}
    for probe in wrong:
        seen, right = answer.look(probe.key)
        if _is_alike(seen, right):
            found, expected = _named(answer, seen), _named(answer, right)
            for part, good in expected.items():
                n = steps_in(answer.calls(probe).given)
                by_part.setdefault(part, []).append((found[part], good, n))
    differ = {
        part: [(one, other, n) for one, other, n in pairs if not equal(one, other)]
        for part, pairs in by_part.items()
    }
    fine = [part for part, pairs in differ.items() if not pairs]
    how = {part: relation(pairs) for part, pairs in differ.items() if pairs}
    if NO_FINITE_NUMBER in how.values():  # which is to be mended first, whatever the others are
        how = {part: words for part, words in how.items() if words == NO_FINITE_NUMBER}
    if not how or not all(how.values()):
        return None
    said: dict[str, list[str]] = {}
    for part, how_made in how.items():
        said.setdefault(how_made, []).append(part)
    words = "; ".join(f"{listed(parts)}, {how_made}" for how_made, parts in said.items())
    others = f" Right: {listed(fine)}." if fine else ""
    if said.keys() == {ZERO} and not fine:
        others = (
            " Is every position skipped, is it returned before it is written, or is something "
            "compared with itself?"
        )
    return Told("gives_parts_that_are_scaled", f"Wrong: {words}.{others}")


def _known_in_parts(answer: Answer, keys: list[str]) -> Told | None:
    """Tell of known mistakes in whose way some parts are wrong: one beside another slip, or two.

    A part may hear of two slips, and is then wrong as neither alone would have it. No mistake is
    told that would get a part wrong which is right, and none where two could be meant.
    """
    looks = [answer.look(key) for key in keys]
    if not parts_named(answer.function_name) or not all(_is_alike(*look) for look in looks):
        return None
    seen, right = ([_named(answer, look[i]) for look in looks] for i in (0, 1))
    wrong = _apart(seen, right)
    found: list[_Partly] = []
    for mistake in answer.bank.mistakes:
        features = {k: f for k, f in mistake.features.items() if aspect_of(k) == aspect_of(keys[0])}
        alike = all(_is_alike(one, answer.bank.right[key]) for key, one in features.items())
        if features and alike and features.keys() <= set(keys):
            known = [_named(answer, features.get(key, answer.bank.right[key])) for key in keys]
            would = _apart(known, right)
            one = _Partly(mistake.sentence, would - _apart(known, seen), would)
            if one.parts and one.would <= wrong:
                found.append(one)
    told = {
        (len(one.parts | other.parts), _of_two(one, other, list(right[0])))
        for i, one in enumerate(found)
        for other in found[i + 1 :]
        if one.would | other.would == wrong and one.is_beside(other) and other.is_beside(one)
    } or {
        (len(one.parts), _of_two(one, None, list(right[0])))
        for one in found
        if one.parts < one.would == wrong and 2 * len(one.parts) > len(wrong)
    }
    most = max((n for n, _ in told), default=0)
    sentences = [sentence for n, sentence in told if n == most]
    return Told("makes_two_slips", sentences[0]) if len(sentences) == 1 else None


class _Partly(NamedTuple):
    """A known mistake, the parts that are wrong in its way, and all that it would get wrong."""

    sentence: str
    parts: frozenset[str]
    would: frozenset[str]

    def is_beside(self, other: _Partly) -> bool:
        """Say whether what the other leaves right is wrong in this one's way, and something is."""
        alone = self.would - other.would
        return bool(alone) and alone <= self.parts


def _apart(some: list[dict[str, Array]], others: list[dict[str, Array]]) -> frozenset[str]:
    """Return the parts in which one of several results differs."""
    return frozenset(
        part
        for one, other in zip(some, others, strict=True)
        for part in one
        if not equal(one[part], other[part])
    )


def _of_two(one: _Partly, other: _Partly | None, order: list[str]) -> str:
    """Say which parts show which slip, in the order of the result."""

    def in_order(parts: frozenset[str]) -> list[str]:
        return [part for part in order if part in parts]

    both = [one] if other is None else [one, other]
    both.sort(key=lambda x: order.index(in_order(x.parts)[0]))
    said = [f"{listed(in_order(x.parts))}: {x.sentence}" for x in both]
    if other is None:
        rest = in_order(one.would - one.parts)
        said.append(f"{listed(rest)} {'differ' if len(rest) > 1 else 'differs'} in another way.")
    return " ".join(said)


def _named(answer: Answer, feature: Feature) -> dict[str, Array]:
    """Return the arrays of a result of several parts, by what they are called."""
    names = parts_named(answer.function_name)
    return dict(_leaves(due(feature) if feature.raw is None else feature.raw, names))


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


def steps_in(given: Mapping[str, Any]) -> int:
    """Return the number of steps of a call; 0 where it has none."""
    return next((len(given[name]) for name in _OF_STEPS if name in given), 0)
