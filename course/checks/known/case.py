"""A wrong function, with all that was seen of it and all that is right."""

from __future__ import annotations

from dataclasses import dataclass

from course.checks.known.bank import Bank, aspect_of
from course.checks.known.features import Feature, Function
from course.checks.known.probes import Probe, arguments_of, probes_of
from course.checks.known.properties.arguments import Calls
from course.checks.known.spread import agrees
from course.checks.known.told import Pair


@dataclass(frozen=True)
class Case:
    """A wrong function with all that was seen of it; no call of it is made after `end`."""

    function: Function
    function_name: str
    seen: dict[str, Feature]
    bank: Bank
    end: float = float("inf")

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments' names."""
        return arguments_of(self.function_name)

    def probes(self, group: str, aspect: str) -> list[Probe]:
        """Return the probes of an aspect that show one result, and were made."""
        return [
            probe
            for probe in probes_of(self.function_name)
            if aspect_of(probe.key) == f"{group}/{aspect}"
            and probe.key in self.seen
            and self.bank.right[probe.key].kind in ("array", "tuple")
        ]

    def is_right(self, probe: Probe) -> bool:
        """Say whether a probe shows what it should."""
        right = self.bank.right[probe.key]
        return agrees(self.seen[probe.key], right, right)

    def calls(self, probe: Probe) -> Calls:
        """Return the function with the arguments of a probe."""
        return Calls(self.function, probe, self.names, self.end)

    def pair(self, probe: Probe) -> Pair | None:
        """Return what came, what is right, and the arguments; None where there are no numbers."""
        seen, right = self.seen[probe.key], self.bank.right[probe.key]
        if seen.values is None or right.values is None or seen.kind not in ("array", "tuple"):
            return None
        given = self.calls(probe).given
        return seen.values, right.values, {**given, **given.get("decoder_params", {})}
