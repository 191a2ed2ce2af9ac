"""What a reward does, drawn: by update, and as it was measured of five seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from course.figures.chart import FORCED, Chart, Dots, Line, Panel, Role, ceiling
from course.study.rewards import SETTING
from course.trained import results

#: What is drawn: the measure, what stands at its axis, how often it is, and where the axis
#: ends, unless more is measured.
_DRAWN = (
    ("own_prefix_error", "wrong tokens, own prefix (%)", 100.0, 100.0),
    ("nll_nats", "loss on the true prefix (nats)", 1.0, 2.0),
)
#: How a finding says a number of each, and its unit.
_TOLD = {"own_prefix_error": ("{:.0f}", "\N{NO-BREAK SPACE}%"), "nll_nats": ("{:.2f}", " nats")}
_SAID = {"own_prefix_error": "Wrong on its own prefix", "nll_nats": "Loss on true prefixes"}
#: The ways that the still picture shows, by what stands below them.
_WAYS: dict[str, tuple[str, Role]] = {
    "before": ("reward-before", FORCED),
    "no baseline": ("reward-no_baseline", "own"),
    "baseline": ("reward-baseline", "mixed"),
}


def curves(
    courses: Sequence[tuple[str, Role, Sequence[Mapping[str, float]]]], updates: int
) -> tuple[Chart, ...]:
    """Draw both measures by update.

    Parameters
    ----------
    courses : sequence of (label, role, measurements)
        A measurement has ``updates``, ``own_prefix_error`` and ``nll_nats``.
    updates : int
        Where the axis ends.
    """
    charts = []
    for name, label, times, top in _DRAWN:
        lines, last, end = [], [], top
        for whose, role, measured in courses:
            x = np.array([one["updates"] for one in measured])
            y = times * np.array([one[name] for one in measured])
            lines.append(Line(x, y, role, whose))
            if len(y):
                end = max(end, ceiling(float(y.max(initial=0.0, where=np.isfinite(y)))))
                form, unit = _TOLD[name]
                last.append(f"{whose} {form.format(y[0])} → {form.format(y[-1])}{unit}")
        said = f"{_SAID[name]}: {', '.join(last) or 'no measurement yet'}"
        panel = Panel("update", label, (0, updates), (0, end), labels_px=84)
        charts.append(Chart(said, panel, lines, f"Line chart of {label}, by update. {said}."))
    return tuple(charts)


def measured_charts() -> tuple[Chart, ...]:
    """Draw both measures, before and after: a dotted line joins the three models of a seed."""
    charts = []
    for name, label, times, _ in _DRAWN:
        found = {
            whose: results.find(f"{SETTING.task}/{SETTING.cell}/{way}/{name}")
            for whose, (way, _) in _WAYS.items()
        }
        at, by_way = (
            np.arange(float(len(found))),
            [times * np.array(o.values) for o in found.values()],
        )
        marks: list[Line | Dots] = [
            Line(at, np.array(seed), "reference") for seed in zip(*by_way, strict=True)
        ]
        for x, (_, role), values in zip(at, _WAYS.values(), by_way, strict=True):
            marks.append(Dots(np.full(len(values), x), values, role))
        form, unit = _TOLD[name]
        told = ", ".join(
            f"{whose} {form.format(times * one.mean)}{unit}" for whose, one in found.items()
        )
        said = f"{_SAID[name]}: {told}"
        names, top = tuple(zip(at.tolist(), found, strict=True)), ceiling(float(np.max(by_way)))
        panel = Panel(
            "fine-tuned by the reward",
            label,
            (-0.5, len(found) - 0.5),
            (0, top),
            labels_px=12,
            x_names=names,
        )
        alt = f"Dot chart of {label} before and after 300 updates, five seeds, joined. {said}."
        charts.append(Chart(said, panel, marks, alt))
    return tuple(charts)
