"""A function, with all that was seen of it and all that is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from course.checks.known.asking import Calls
from course.checks.known.bank import Bank, aspect_of
from course.checks.known.clock import Clock
from course.checks.known.features import NOT_ASKED, Feature, Function, agrees, is_raised
from course.checks.known.fingerprint import UNWRITTEN, Fingerprint
from course.checks.known.probes import Probe, arguments_of, probes_of
from course.checks.known.told import Finding, Pair, Told

#: The aspect of numbers where all tokens are own, and those that are wrong where these are.
OWN, OF_OWN_TOKENS = "own", ("tossed", "float32", "single")


@dataclass(frozen=True)
class Answer:
    """A function with all that was seen of it; no call of it is made once `clock` is over."""

    function: Function
    found: Fingerprint
    bank: Bank
    clock: Clock = field(default_factory=Clock)

    @property
    def function_name(self) -> str:
        """Which exercise it answers."""
        return self.found.function_name

    @property
    def seen(self) -> dict[str, Feature]:
        """What the probes showed."""
        return self.found.features

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments' names."""
        return arguments_of(self.function_name)

    @cached_property
    def wrong(self) -> frozenset[str]:
        """What is not as in the right answer: ``"lstm/values"`` and the like."""
        return frozenset(
            aspect_of(key)
            for key, feature in self.seen.items()
            if key in self.bank.right and not self._is_right(key)
        )

    @cached_property
    def keys(self) -> Mapping[str, list[str]]:
        """The probes that were made, by the aspect that they show."""
        keys: dict[str, list[str]] = {}
        for key in self.seen:
            keys.setdefault(aspect_of(key), []).append(key)
        return keys

    def _is_right(self, key: str) -> bool:
        return agrees(self.seen[key], self.bank.right[key], self.bank.right[key])

    @property
    def is_unwritten(self) -> bool:
        """Whether all that should give numbers says that it is not written."""
        return {feature.kind for feature in self._due_numbers()} <= {UNWRITTEN}

    @property
    def waits_for(self) -> str:
        """Another exercise, which this one calls and which is not written; ``""`` for none."""
        stopped = {one.unwritten for one in self._due_numbers()} - {self.function_name}
        return next((name for name in sorted(stopped) if arguments_of(name)), "")

    @property
    def gives_nothing(self) -> bool:
        """Whether no numbers ever come back where they should: None, a generator, a text."""
        return all(
            one.values is None and not is_raised(one) and not one.kind.startswith("varies")
            for one in self._due_numbers()
        )

    def _due_numbers(self) -> list[Feature]:
        right = self.bank.right
        return [
            seen
            for key, seen in self.seen.items()
            if key in right and right[key].values is not None
        ]

    def look(self, key: str) -> tuple[Feature, Feature]:
        """Return what was seen at a probe and what is right there."""
        return self.seen.get(key, Feature(NOT_ASKED)), self.bank.right[key]

    def fits(self, group: str) -> bool:
        """Say whether a group's numbers have the right shape in one call at least, if any asks."""
        looks = [self.look(probe.key) for probe in self.probes(group, "values")]
        return not looks or any(
            seen.values is not None
            and right.values is not None
            and seen.values.shape == right.values.shape
            for seen, right in looks
        )

    def left(self, told: Iterable[Finding]) -> set[str]:
        """Return what is wrong and not explained by what is told."""
        return set(self.wrong).difference(*(one.aspects for one in told))

    def finding(
        self, told: Told, aspects: Iterable[str], groups: tuple[str, ...] | None = None
    ) -> Finding:
        """Return what is told, and where: nowhere in particular if in all that is wrong."""
        groups = groups_of(aspects) if groups is None else groups
        where = () if set(groups) >= set(groups_of(self.wrong)) else groups
        return Finding(*told, self.function_name, where, frozenset(aspects))

    def probes(self, group: str, aspect: str) -> list[Probe]:
        """Return the probes of an aspect that show one result, and were made."""
        return [
            probe
            for probe in probes_of(self.function_name)
            if aspect_of(probe.key) == f"{group}/{aspect}"
            and probe.key in self.seen
            and self.bank.right[probe.key].kind in ("array", "tuple")
        ]

    def beside(self, probe: Probe) -> list[Probe]:
        """Return the probes of the same aspect that were made, this one among them."""
        return [
            one
            for one in probes_of(self.function_name)
            if aspect_of(one.key) == aspect_of(probe.key) and one.key in self.seen
        ]

    def is_right(self, probe: Probe) -> bool:
        """Say whether a probe shows what it should."""
        return self._is_right(probe.key)

    def calls(self, probe: Probe) -> Calls:
        """Return the function with the arguments of a probe."""
        return Calls(self.function, probe, self.names, self.clock)

    def pair(self, probe: Probe) -> Pair | None:
        """Return what came, what is right, and the arguments; None where there are no numbers."""
        seen, right = self.look(probe.key)
        if seen.values is None or right.values is None or seen.kind not in ("array", "tuple"):
            return None
        given = self.calls(probe).given
        return seen.values, right.values, {**given, **given.get("decoder_params", {})}


def groups_of(aspects: Iterable[str]) -> tuple[str, ...]:
    """Return the cell types or schedules among aspects."""
    return tuple(sorted({aspect.partition("/")[0] for aspect in aspects} - {""}))
