"""The unrolled decoder as a row of cards, one per step, that wraps where the page is narrow.

Of each step: the truth above, what was predicted below it, the cell, and what was fed. A line from
the card before shows where the fed token came from. Truth is T, solid and blue; own is O, dashed
and vermillion.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

WIDTH, HEIGHT = 62, 170
_Y = {"truth": 12, "said": 48, "cell": 90, "fed": 134}
_BOX, _LEFT = 38, 15
#: By the letter of what is fed: its colour, and the row that it comes from.
_WAYS = {"T": ("truth", "truth"), "O": ("own", "said"), "=": ("truth", "truth")}

#: Beside `course.figures.chart.STYLE`, whose colours these use.
STYLE = """
.course-cards { display: flex; flex-wrap: wrap; row-gap: 10px; width: 100%; }
.course-cards svg { display: block; flex: none; }
.course-cards .box { fill: none; stroke: var(--ink); stroke-width: 1.4; }
.course-cards .box.truth { stroke: var(--truth); fill: var(--truth); fill-opacity: 0.12;
  stroke-dasharray: none; }
.course-cards .box.own { stroke: var(--own); fill: var(--own); fill-opacity: 0.12; }
.course-cards .box.wrong { stroke: var(--wrong); fill: var(--wrong); fill-opacity: 0.16;
  stroke-width: 2.2; }
.course-cards .way { fill: none; stroke-width: 2; }
.course-cards .state { fill: none; stroke: var(--ink); stroke-width: 1.2; }
.course-cards .later { opacity: 0.18; }
.course-cards .now { fill: var(--ink); opacity: 0.1; }
.course-cards text { text-anchor: middle; }
.course-cards text.letter { font-weight: 700; }
.course-names { flex: none; }
"""


def unrolled(truth: Sequence[str], said: Sequence[str] | None, fed: str | None, step: int) -> str:
    """Return the cards of a run.

    Parameters
    ----------
    truth : sequence of str, length T
        The true tokens.
    said : sequence of str, length T, optional
        What was predicted; without it, the truth stands alone.
    fed : str, length T, optional
        S for ``x_start``, T for the truth, O for the model's own token, = for a token that is
        both, ? for neither.
    step : int
        Later cards are faint.
    """
    alt = _alt(truth, said, fed, step)
    parts = [_names()]
    parts += [_card(t, truth, said, fed, step) for t in range(len(truth))]
    return (
        f'<div class="course-cards course-chart" role="img" aria-label="{escape(alt)}">'
        f"{''.join(parts)}</div>"
    )


def _alt(truth: Sequence[str], said: Sequence[str] | None, fed: str | None, step: int) -> str:
    if said is None or fed is None:
        return f"The true tokens of a sequence of {len(truth)} steps: {' '.join(truth)}."
    wrong = int(np.sum([a != b for a, b in zip(truth[: step + 1], said[: step + 1], strict=True)]))
    return (
        f"Decoder unrolled over {len(truth)} steps, shown up to step {step}. Fed so far, T truth "
        f"and O own: {' '.join(fed[: step + 1])}. Wrong predictions so far: {wrong}."
    )


def _names() -> str:
    rows = (("truth", "truth"), ("said", "predicted"), ("cell", "cell"), ("fed", "fed"))
    words = "".join(
        f'<text x="64" y="{_Y[row] + 19}" style="text-anchor:end">{name}</text>'
        for row, name in rows
    )
    return (
        f'<svg class="course-names" width="68" height="{HEIGHT}" viewBox="0 0 68 {HEIGHT}" '
        f'aria-hidden="true">{words}</svg>'
    )


def _card(
    t: int, truth: Sequence[str], said: Sequence[str] | None, fed: str | None, step: int
) -> str:
    """Draw step t: all that is known of it, or nothing but its place."""
    middle = _LEFT + _BOX / 2
    if t > step:  # what comes is not told before it is reached
        body = f'<g class="later">{_box("cell")}{_text(middle, _Y["cell"] + 18, str(t))}</g>'
    elif said is None or fed is None:
        body = _box("truth") + _text(middle, _Y["truth"] + 18, truth[t])
        body += _box("cell") + _text(middle, _Y["cell"] + 18, str(t))
    else:
        now = f'<rect class="now" x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="6"/>'
        body = (now if t == step else "") + _reached(t, truth, said, fed, middle)
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'aria-hidden="true">{body}</svg>'
    )


def _reached(t: int, truth: Sequence[str], said: Sequence[str], fed: str, middle: float) -> str:
    letter, last = fed[t], t + 1 == len(truth)
    right = said[t] == truth[t]
    mark, kind = ("✓", "") if right else ("✗", "wrong")
    role, row = _WAYS.get(letter, ("", ""))
    token = {"S": "start", "O": f"O {said[t - 1]}", "?": "?"}.get(
        letter, f"{letter} {truth[t - 1]}"
    )
    state = _Y["cell"] + 13
    onward = "" if last else f"M{_LEFT + _BOX} {state}H{WIDTH}"
    parts = [
        f'<path class="state" d="M0 {state}H{_LEFT}{onward}M{middle} {_Y["fed"]}V{_Y["cell"] + 26}'
        f'M{middle} {_Y["cell"]}V{_Y["said"] + 26}"/>',
        _box("truth", "truth"),
        _box("said", kind),
        _box("cell"),
        _box("fed", role),
        _text(middle, _Y["truth"] + 18, truth[t]),
        _text(middle - 5, _Y["said"] + 18, said[t], kind),
        _text(middle + 11, _Y["said"] + 18, mark, kind),
        _text(middle, _Y["cell"] + 18, str(t)),
        _text(middle, _Y["fed"] + 18, token, f"letter {role}"),
    ]
    if row:
        parts.append(f'<path class="way {role}" d="M0 {_Y[row] + 13}H7V{_Y["fed"] + 13}H{_LEFT}"/>')
    if not last and fed[t + 1] in _WAYS:
        role, row = _WAYS[fed[t + 1]]
        parts.append(f'<path class="way {role}" d="M{_LEFT + _BOX} {_Y[row] + 13}H{WIDTH}"/>')
    return "".join(parts)


def _text(x: float, y: float, words: str, role: str = "") -> str:
    return f'<text class="{role}" x="{x:g}" y="{y:g}">{escape(words)}</text>'


def _box(row: str, role: str = "") -> str:
    return f'<rect class="box {role}" x="{_LEFT}" y="{_Y[row]}" width="{_BOX}" height="26" rx="4"/>'
