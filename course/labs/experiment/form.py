"""The form that a learner fills in before an experiment: plain Python, kept in their notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, get_args

from course.study.hypotheses import Direction
from course.study.measures import MEASURES
from course.study.ways import measured_on
from course.tasks import find_task
from course.trained.results import STUDENT_T

#: As a docstring of the learner's own must have.
LETTERS = 8
#: How a text begins that nobody has written over.
PLACEHOLDER = "Write here"
SEEDS = 2, max(STUDENT_T) + 1
HELD_OUT = 100, 1000
DIRECTIONS: tuple[str, ...] = get_args(Direction)
#: Tasks that are offered, with the variant of their training data.
TASKS = {"osc": "", "ring": "", "runs": "", "momentum": "50"}
#: What may be measured, the main one first.
MEASURED = tuple(dict.fromkeys(name for task in TASKS for name in measured_on(find_task(task))))

#: What each field is, as a reader of the result sees it.
FIELDS = {
    "hypothesis": "Hypothesis",
    "direction": "Expected of B beside A",
    "measure": "Measure",
    "held_out": "Held-out sequences",
    "seeds": "Paired seeds",
    "change_my_mind": "What would change my mind",
}


class Unfilled(Exception):
    """A form that an experiment cannot begin with; the message says what is missing."""


@dataclass(frozen=True)
class Form:
    """What was written down before the run.

    Attributes
    ----------
    hypothesis : str
    direction : {"lower", "higher", "same"}
        Where B is expected, beside A.
    measure : str
        One of `MEASURED`.
    held_out : int
        How many sequences that no model was trained on.
    seeds : int
    change_my_mind : str
    """

    hypothesis: str
    direction: Direction
    measure: str
    held_out: int
    seeds: int
    change_my_mind: str

    def rows(self) -> dict[str, str]:
        """Return what stands beside each field's name."""
        what = MEASURES[self.measure][2]
        said = {name: str(getattr(self, name)) for name in FIELDS}
        return said | {"measure": f"{self.measure}: {what}"}

    def html(self) -> str:
        """Return it as it stands beside the result."""
        rows = "".join(
            f"<tr><th>{FIELDS[name]}</th><td>{escape(said)}</td></tr>"
            for name, said in self.rows().items()
        )
        return (
            '<div class="course-wide"><table class="course-table course-form">'
            f"<caption>Written down before the run</caption>{rows}</table></div>"
        )


def read_form(given: object) -> Form:
    """Return a form that is filled in.

    Parameters
    ----------
    given : object
        The learner's: a dict with the keys of `FIELDS`.

    Raises
    ------
    Unfilled
        Where a field is missing, or holds something else than it should.
    """
    if not isinstance(given, Mapping):
        raise Unfilled("There is no form: fill in the cell with `form`, and pass it, `form=form`.")
    if missing := [name for name in FIELDS if name not in given]:
        raise Unfilled(f"The form has no {' and no '.join(repr(name) for name in missing)}.")
    return Form(
        _text(given, "hypothesis", "say in a sentence what you claim, and why"),
        _one_of(given, "direction", DIRECTIONS),  # type: ignore[arg-type]
        _one_of(given, "measure", MEASURED),
        _number(given, "held_out", *HELD_OUT),
        _number(given, "seeds", *SEEDS),
        _text(given, "change_my_mind", "say which result would change your mind"),
    )


def _text(given: Mapping[str, Any], name: str, wanted: str) -> str:
    said = given[name] if isinstance(given[name], str) else ""
    if said.startswith(PLACEHOLDER) or sum(map(str.isalpha, said)) < LETTERS:
        raise Unfilled(f"The form's {name!r} is not filled in: {wanted}.")
    return said.strip()


def _one_of(given: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    said = given[name]
    if isinstance(said, str) and said in known:
        return said
    all_of_them = " or ".join(map(repr, known))
    raise Unfilled(f"The form's {name!r} must be {all_of_them}{_got(said)}.")


def _number(given: Mapping[str, Any], name: str, low: int, high: int) -> int:
    said = given[name]
    if type(said) is int and low <= said <= high:
        return said
    raise Unfilled(f"The form's {name!r} must be a whole number from {low} to {high}{_got(said)}.")


def _got(said: object) -> str:
    if isinstance(said, str | int | float) and said != "":
        return f"; got {str(said)[:80]!r}" if isinstance(said, str) else f"; got {said}"
    return ""
