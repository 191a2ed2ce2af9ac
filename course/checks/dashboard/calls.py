"""Show the call that stopped, or gave nothing: what it was called with, and what it printed."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course.checks.known import features
from course.checks.known.answer import Answer
from course.checks.known.bank import aspect_of
from course.checks.known.probes import Probe, probes_of

#: Ways to observe that make one call, with the arguments of the probe, or one call for each number.
_PLAIN = (features.value, features.steady_value, features.refusal, features.keeping)
_CURVES = (features.curve, features.silent_curve)

#: How much of what was printed is shown.
_MOST = 200


def failing_call(answer: Answer, group: str, aspect: str) -> str:
    """Describe the first call of an aspect that stops or gives nothing; ``""`` where none does.

    Parameters
    ----------
    answer : Answer
        Of the function.
    group, aspect : str
        Of the probes.
    """
    for probe in probes_of(answer.function_name):
        seen = answer.seen.get(probe.key)
        if aspect_of(probe.key) != f"{group}/{aspect}" or seen is None:
            continue
        if not features.is_raised(seen) and seen.kind != "nothing":
            continue
        for given in _calls(probe):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                again = features.value(answer.function, lambda given=given: given)  # type: ignore[misc]
            if features.is_raised(again) or again.kind == "nothing":
                call = _written(answer, given)
                return f"\nThe call: {call}{_printed(printed.getvalue())}"
    return ""


def _calls(probe: Probe) -> Iterator[tuple[Any, ...]]:
    if probe.observe in _PLAIN:
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
            is_long = isinstance(value, Mapping) or callable(value)
            arguments.append(name if is_long else f"{name}={value!r}")
    return f"{answer.function_name}({', '.join(arguments)})"


def _printed(text: str) -> str:
    shown = text.strip()
    if not shown:
        return ""
    cut = shown if len(shown) <= _MOST else f"{shown[:_MOST]} ..."
    return f"\nIt printed: {cut}"
