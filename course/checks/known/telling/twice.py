"""Tell of two slips at once: a known one, and something that is done to its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array
from course.checks.known.answer import Answer
from course.checks.known.bank import aspect_of
from course.checks.known.features import equal
from course.checks.known.told import Told, one_of

#: What a known slip gives, by the keys of probes, with its sentence.
_Known = tuple[str, Mapping[str, Array]]

#: What is done to rows of logits on top of a slip, and what is to be read of it.
_TO_ROWS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("You returned probabilities, the softmax of the logits; return the logits.", softmax),
    (
        "You returned log-probabilities, the log-softmax of the logits; return the logits.",
        lambda rows: np.log(softmax(rows)),
    ),
)

#: Factors that have a meaning in a divergence.
_FACTORS = {
    1 / np.log(2): "The logarithm is to base 2, which counts in bits: np.log gives nats.",
    1 / np.log(10): "The logarithm is to base 10: np.log gives nats.",
    -1.0: "The sign is turned round besides.",
}


def two_slips(answer: Answer, group: str) -> Iterator[Told]:
    """Find a known slip of whose result something more was made."""
    keys = [
        key
        for key, right in answer.bank.right.items()
        if aspect_of(key) == f"{group}/values" and right.kind == "array"
    ]
    came = {key: answer.seen[key].values for key in keys if key in answer.seen}
    seen = {key: values for key, values in came.items() if values is not None and values.size}
    if len(seen) < len(keys) or not seen:
        return
    found: list[str] = []
    if "logits_true" in answer.names:
        found = list(_by_a_factor(seen, _known(answer, group, seen)))
    elif "decoder_params" in answer.names:
        found = list(_of_rows(seen, _known(answer, group, seen)))
    if found:
        yield Told("makes_two_slips", f"There are two slips. {one_of(found)}")


def _known(answer: Answer, group: str, seen: Mapping[str, Array]) -> Iterator[_Known]:
    """Yield all known slips that have numbers of the same shapes."""
    for mistake in answer.bank.mistakes:
        features = {**answer.bank.right, **mistake.features}
        values = {key: features[key].values for key in seen}
        numbers = {key: one for key, one in values.items() if one is not None}
        if any(key in mistake.features for key in seen) and len(numbers) == len(seen):
            yield mistake.sentence, numbers
    slips = answer.bank.slips.get(group)
    if slips is not None and seen.keys() <= slips.values.keys():
        for n, sentence in enumerate(slips.sentences):
            yield sentence, {key: slips.values[key][n] for key in seen}


def _by_a_factor(seen: Mapping[str, Array], known: Iterable[_Known]) -> Iterator[str]:
    for sentence, values in known:
        if any(values[key].shape != one.shape for key, one in seen.items()):
            continue
        one, other = (
            np.concatenate([np.ravel(some[key]) for key in seen]) for some in (seen, values)
        )
        if not np.isfinite(one).all() or not np.isfinite(other).all() or not other.any():
            continue
        factor = float(one @ other / (other @ other))
        if abs(factor) < 1e-3 or abs(factor - 1) < 1e-3 or not equal(one, factor * other):
            continue
        more = next(
            (words for known_one, words in _FACTORS.items() if abs(factor - known_one) < 1e-3),
            f"Its result is multiplied by {factor:.4g} besides.",
        )
        yield f"{sentence} {more}"


def _of_rows(seen: Mapping[str, Array], known: Iterable[_Known]) -> Iterator[str]:
    done = [
        (words, function)
        for words, function in _TO_ROWS
        if all(one.ndim == 2 and _could_be(function, one) for one in seen.values())
    ]
    for sentence, values in known if done else ():
        for words, function in done:
            if all(
                values[key].shape == one.shape and equal(one, function(values[key]))
                for key, one in seen.items()
            ):
                yield f"{words} {sentence}"


def _could_be(function: Callable[[Array], Array], rows: Array) -> bool:
    """Say whether rows can be what a function gives: of its own logits it gives them again."""
    with np.errstate(all="ignore"):
        logits = np.log(rows) if function is softmax else rows
        return bool(np.isfinite(logits).all()) and equal(rows, function(logits))
