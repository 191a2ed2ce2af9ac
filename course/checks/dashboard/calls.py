"""Show the call that stopped, or gave nothing: what it was called with, and what it printed."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course.checks.known import features, stars
from course.checks.known.answer import Answer
from course.checks.known.probes import Probe, probes_of

#: Ways to observe that make one call, with the arguments of the probe, or one call for each number.
_PLAIN = (features.value, features.steady_value, features.refusal, features.keeping)
_STARS = (stars.sizes, stars.structure)
_CURVES = (features.curve, features.silent_curve)

#: How much of what was printed is shown.
_MOST = 200


def failing_call(answer: Answer, key: str) -> str:
    """Describe the call of a probe, where it stops, gives nothing, or goes on with what is bad.

    Parameters
    ----------
    answer : Answer
        Of the function.
    key : str
        Of the probe that showed it; ``""`` for none.
    """
    seen = answer.seen.get(key)
    probe = next((one for one in probes_of(answer.function_name) if one.key == key), None)
    if seen is None or probe is None or not _is_shown(seen):
        return ""
    for given in _calls(probe):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again = features.value(answer.function, lambda given=given: given)  # type: ignore[misc]
        if seen.kind == "accepted" or again.kind == seen.kind:
            return f"\nThe call: {_written(answer, given)}{_printed(printed.getvalue())}"
    return ""


def _is_shown(seen: features.Feature) -> bool:
    return features.is_raised(seen) or seen.kind in ("nothing", "accepted")


def _calls(probe: Probe) -> Iterator[tuple[Any, ...]]:
    if probe.observe in _PLAIN or getattr(probe.observe, "func", probe.observe) in _STARS:
        yield probe.arguments()
    elif probe.observe in _CURVES:
        numbers, *rest = probe.arguments()
        yield from ((number, *rest) for number in numbers)


def _written(answer: Answer, given: tuple[Any, ...]) -> str:
    """Write a call, with the shape of an array in its place."""
    arguments = []
    for name, value in zip(answer.names, given, strict=False):
        if isinstance(value, np.ndarray):
            arguments.append(f"{name} of shape {value.shape}")
        else:
            is_long = isinstance(value, Mapping | np.random.Generator) or callable(value)
            arguments.append(name if is_long else f"{name}={value!r}")
    return f"{answer.function_name}({', '.join(arguments)})"


def _printed(text: str) -> str:
    shown = text.strip()
    if not shown:
        return ""
    cut = shown if len(shown) <= _MOST else f"{shown[:_MOST]} ..."
    return f"\nIt printed: {cut}"
