"""What is known of each exercise: the outputs of the right answer and of the known mistakes.

A lesson's ``golden.json`` and ``golden.npz`` hold numbers and sentences, no solution.
`course.maintain.golden` makes them from the instructor's notebook.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.features import Feature, is_raised
from course.checks.known.lessons import lesson_folders
from course.checks.known.slips import Slips

#: The file in a lesson's folder; its arrays lie beside it.
NAME = "golden.json"


@dataclass(frozen=True)
class Mistake:
    """A misconception's outputs.

    Attributes
    ----------
    name, sentence : str
        Of the `Misconception`.
    features : mapping of str to Feature
        Where they are not those of the right answer.
    """

    name: str
    sentence: str
    features: Mapping[str, Feature]

    @cached_property
    def aspects(self) -> frozenset[str]:
        """What it gets wrong: ``"lstm/values"`` and the like."""
        return frozenset(map(aspect_of, self.features))


@dataclass(frozen=True)
class Bank:
    """All that is known of one function.

    Attributes
    ----------
    right : mapping of str to Feature
        The right answer's outputs, by the key of the probe.
    mistakes : tuple of Mistake
        The known wrong ones.
    slips : mapping of str to Slips
        By the cell type, what comes out where that cell alone is wrong.
    """

    right: Mapping[str, Feature]
    mistakes: tuple[Mistake, ...] = ()
    slips: Mapping[str, Slips] = field(default_factory=dict)


def aspect_of(key: str) -> str:
    """Return group and aspect of a probe's key.

    >>> aspect_of("lstm/values/four steps")
    'lstm/values'
    """
    return key.rpartition("/")[0]


def load_bank(function_name: str, lesson_id: str | None = None) -> Bank | None:
    """Return what is known of a function, or None.

    Parameters
    ----------
    function_name : str
        Of the exercise.
    lesson_id : str, optional
        The lesson whose exercise it is; any lesson where it is not given.
    """
    for folder in lesson_folders():
        if lesson_id in (None, folder.name) and (folder / NAME).is_file():
            bank = read_banks(folder / NAME).get(function_name)
            if bank:
                return bank
    return None


def known_functions() -> tuple[str, ...]:
    """List the functions of all lessons of which something is known, in the lessons' order."""
    files = [folder / NAME for folder in lesson_folders()]
    return tuple(name for file in files if file.is_file() for name in read_banks(file))


@lru_cache
def read_banks(path: Path) -> dict[str, Bank]:
    """Read a lesson's golden file and the arrays beside it, by function."""
    known = json.loads(path.read_text(encoding="utf-8"))
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
        return {name: _read_bank(name, about, arrays) for name, about in known.items()}


def _read_bank(function_name: str, about: Mapping[str, Any], arrays: Mapping[str, Any]) -> Bank:
    def read(owner: str, kinds: Mapping[str, str]) -> dict[str, Feature]:
        found = {}
        for key, kind in kinds.items():
            name = array_name(function_name, owner, key)
            values, shares = (_read_numbers(arrays, n) for n in (name, name + SHARES))
            found[key] = from_text(kind, values, shares)
        return found

    mistakes = tuple(
        Mistake(one["name"], one["sentence"], read(one["name"], one["features"]))
        for one in about["mistakes"]
    )
    slips = {
        cell: Slips(
            tuple(name for name, _ in known["slips"]),
            tuple(sentence for _, sentence in known["slips"]),
            {key: arrays[array_name(function_name, OF_SLIPS, key)] for key in known["probes"]},
        )
        for cell, known in about.get("cells", {}).items()
    }
    return Bank(read("right", about["right"]), mistakes, slips)


def _read_numbers(arrays: Mapping[str, Any], name: str) -> Array | None:
    """Return an array as float64: its type in the file says how it was computed, no more."""
    stored = arrays.get(name)
    return None if stored is None else np.asarray(stored, dtype=np.float64)


def to_text(feature: Feature) -> str:
    """Return a feature's kind, and what an exception says, as the golden files have it."""
    return f"{feature.kind}: {feature.message}" if is_raised(feature) else feature.kind


def from_text(text: str, values: Any = None, shares: Any = None) -> Feature:
    """Return the feature that `to_text` was made of, with its numbers."""
    if text.startswith("raised "):
        kind, _, message = text.partition(": ")
        return Feature(kind, values, shares, message=message)
    return Feature(text, values, shares)


#: The owner of the arrays of what wrong cells give.
OF_SLIPS = "slips in a cell"

#: Ends the name of the array that says how often each outcome came.
SHARES = " (shares)"


def array_name(function_name: str, owner: str, key: str) -> str:
    """Return the name of a feature's array in the golden file."""
    return f"{function_name}: {owner}: {key.replace('/', ', ')}"
