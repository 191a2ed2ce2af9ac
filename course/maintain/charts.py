"""Draw the charts of measured results that lessons show."""

from __future__ import annotations

import numpy as np

from course.figures.chart import Chart, Dots, Line, Panel, role_of
from course.figures.sheet import charts_sheet
from course.trained.regimes import find_regime
from course.trained.results import find

#: What is compared: a task and a cell of the results, and what the axis calls them.
_CASES = {
    "osc/gru": "oscillation, GRU",
    "osc/lstm": "oscillation, LSTM",
    "osc/rnn": "oscillation, RNN",
    "digits/gru": "digits",
    "runs/gru": "symbols to frames",
    "ring_measured/gru": "ring, misread",
}
_OWN_TOKENS = "Own tokens in training help much in some tasks, and not at all in others"
_WAYS = {"p0.50": "half", "p1.00": "all"}


def charts() -> dict[str, str]:
    """Return every chart's SVG by its name: a lesson shows it as ``images/NAME.svg``."""
    return {"own_tokens": charts_sheet(_OWN_TOKENS, [own_tokens()])}


def own_tokens() -> Chart:
    """Draw the change of the error on the own prefix against teacher forcing, seed by seed."""
    at = np.arange(float(len(_CASES)))
    marks: list[Line | Dots] = [Line(np.array([-0.5, at[-1] + 0.5]), np.zeros(2), "reference")]
    told = []
    for shift, (way, share) in zip((-0.1, 0.1), _WAYS.items(), strict=True):
        role = role_of(find_regime(way).sampling_prob)
        found = [find(f"{case}/{way}-vs-p0.00/own_prefix_error") for case in _CASES]
        mean, half = (
            100 * np.array([getattr(one, name) for one in found]) for name in ("mean", "half")
        )
        marks.append(Dots(at + shift, mean, role, low=mean - half, high=mean + half))
        marks.append(Line(at[-1:] + 0.5, mean[-1:], role, f"{share} own\ntokens"))
        told += [
            f"{share}: {name} {value:+.1f}"
            for name, value in zip(_CASES.values(), mean, strict=True)
        ]
    names = tuple(zip(at, _CASES.values(), strict=True))
    panel = Panel(
        "task and cell",
        "change (percentage points)",
        (-0.5, at[-1] + 0.5),
        (-36, 6),
        width=880,
        height=300,
        labels_px=92,
        x_names=names,
    )
    said = "Wrong tokens on the own prefix, against teacher forcing (95 % intervals)"
    alt = f"Chart of intervals by task and cell, in percentage points: {'; '.join(told)}."
    return Chart(said, panel, marks, alt)
