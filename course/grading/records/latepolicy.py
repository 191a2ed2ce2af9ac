"""What lateness costs, as an instructor says it: ``10 % a day, 3 days grace``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta

from nbgrader.api import Gradebook

from course.grading.records.kept import keep_setting, setting
from course.grading.records.moments import LENGTH, UNIT, UNITS, lasting, length, unit_called

EXAMPLES = (
    "10 % a day",
    "10 % a day, 3 days grace",
    "5 % per hour, at most 50 %",
    "20 %, 15 minutes grace, no points after 7 days",
    "no points",
    "none",
)
_NAME = "late policy"
_NUMBER = r"(\d+(?:[.,]\d+)?)\s*(?:%|per\s?cent)"
_RATE = re.compile(rf"{_NUMBER}(?:\s*(?:an?|per|each|every|for each|/)\s*({UNIT}))?")
_MOST = re.compile(rf"(?:at most|up to|max(?:imum|\.)?)\s*{_NUMBER}")
_GRACE = re.compile(rf"({LENGTH})(?:of )?grace|grace(?: of|:)?\s*({LENGTH})")
_NOTHING = r"(?:no points|zero|nothing)"
_END = re.compile(rf"{_NOTHING}(?: at all)? after\s*({LENGTH})")


@dataclass(frozen=True)
class LatePolicy:
    """What is taken of the points that a late submission earned.

    Attributes
    ----------
    share : float
        Of the points, 0 to 1: for each `unit` begun, or once where there is no unit.
    unit : timedelta or None
        Counted from the end of `grace`.
    grace : timedelta
        From the due date on: up to then lateness costs nothing.
    most : float
        Of the points, 0 to 1: more is not taken.
    end : timedelta or None
        From the due date on: after that no points are left.
    """

    share: float = 0.0
    unit: timedelta | None = None
    grace: timedelta = timedelta()
    most: float = 1.0
    end: timedelta | None = None

    def cost(self, points: float, seconds_late: float) -> float:
        """Return the points that lateness takes.

        >>> parse_policy("10 % a day, 3 days grace").cost(8.0, 3.5 * 86400)
        0.8
        """
        late = timedelta(seconds=seconds_late)
        if self.end is not None and late > self.end:
            return points
        if late <= self.grace:
            return 0.0
        times = math.ceil((late - self.grace) / self.unit) if self.unit else 1
        return round(points * min(self.share * times, self.most), 6)

    def __str__(self) -> str:
        """Return the policy as `parse_policy` reads it."""
        if self.share == 1 and self.unit is None:
            said = ["no points"]
        elif self.share:
            said = [f"{_percent(self.share)}{f' per {_unit(self.unit)}' if self.unit else ''}"]
        else:
            said = ["none"] if self.end is None else []
        if self.grace and self.share:
            said.append(f"{_whole(self.grace)} grace")
        if self.most < 1:
            said.append(f"at most {_percent(self.most)}")
        if self.end is not None:
            said.append(f"no points after {_whole(self.end)}")
        return ", ".join(said)

    def told(self) -> str:
        """Return what it means, in sentences.

        >>> print(parse_policy("10 % a day, 3 days grace").told())
        Up to 3 days after the due date, nothing is taken. After that, 10 % of the points that \
were earned, for each day begun.
        """
        if not self.share and self.end is None:
            return "Lateness takes no points."
        said = []
        if self.grace and self.share:
            said.append(f"Up to {_whole(self.grace)} after the due date, nothing is taken.")
        if self.share:
            begin = "After that" if said else "After the due date"
            each = f", for each {_unit(self.unit)} begun" if self.unit else ""
            most = f", at most {_percent(self.most)}" if self.most < 1 else ""
            share = "all" if self.share == 1 else _percent(self.share)
            said.append(f"{begin}, {share} of the points that were earned{each}{most}.")
        if self.end is not None:
            said.append(f"More than {_whole(self.end)} late, no points are left.")
        return " ".join(said)


def parse_policy(text: str) -> LatePolicy:
    """Read a policy.

    Raises
    ------
    ValueError
        Where a part of it is not understood; the message has examples.

    Examples
    --------
    >>> parse_policy("10% per day and 3 days grace") == parse_policy("10 % a day, 3 days grace")
    True
    """
    said = " ".join(text.lower().split())
    if said in ("none", "off", "no penalty"):
        return LatePolicy()
    found: dict[str, object] = {}
    for part in re.split(r"\s*(?:,(?!\d)|;|\band\b)\s*", said):
        new = _part(part)
        if not new or set(new) & set(found):
            what = "says the same thing twice" if new else f"{part!r} is not understood"
            raise ValueError(f"{text!r}: {what}. Write for instance: {'; '.join(EXAMPLES)}")
        found |= new
    policy = LatePolicy(**found)  # type: ignore[arg-type]
    if not 0 <= policy.share <= 1 or not 0 <= policy.most <= 1:
        raise ValueError(f"{text!r}: more than 100 % cannot be taken")
    if not policy.share and policy.end is None:
        raise ValueError(f"{text!r} does not say what is taken: {'; '.join(EXAMPLES)}")
    return policy


def read_policy(gradebook: Gradebook) -> LatePolicy | None:
    """Return the course's policy, None where none was set by command."""
    said = setting(gradebook, _NAME)
    return parse_policy(said) if said else None


def keep_policy(gradebook: Gradebook, policy: LatePolicy) -> None:
    """Keep the course's policy in place of another; commits."""
    keep_setting(gradebook, _NAME, str(policy))
    gradebook.db.commit()


def _part(part: str) -> dict[str, object]:
    """Return which attributes a part of a policy sets, none where it is not understood."""
    if re.fullmatch(_NOTHING, part):
        return {"share": 1.0}
    if found := _END.fullmatch(part):
        return {"end": length(found[1])}
    if found := _GRACE.fullmatch(part):
        return {"grace": length(found[1] or found[2])}
    if found := _MOST.fullmatch(part):
        return {"most": _share(found[1])}
    if found := _RATE.fullmatch(part):
        return {"share": _share(found[1]), "unit": unit_called(found[2]) if found[2] else None}
    return {}


def _share(number: str) -> float:
    return float(number.replace(",", ".")) / 100


def _percent(share: float) -> str:
    return f"{100 * share:.10g} %"


def _unit(time: timedelta | None) -> str:
    return next(name for name, long in UNITS.items() if long == time)


def _whole(time: timedelta) -> str:
    return lasting(time, most=len(UNITS))
