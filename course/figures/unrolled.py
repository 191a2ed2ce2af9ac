"""Diagrams of the decoder: unrolled over its steps, and one step of each cell."""

from __future__ import annotations

from course.figures import svg
from course.figures.svg import COIN, FAINT, INK, OWN, TRUTH

_LEFT, _PITCH, _BOX = 118, 198, 132
_GUTTER = _PITCH - _BOX
_SOLID, _DASHED, _DOTTED = "", "7 4", "2 4"


def unrolled_svg(
    fed: str, heading: str, description: str, targets: bool = True, coins: bool = False
) -> str:
    """Draw which token each step of a decoder is fed.

    Parameters
    ----------
    fed : str
        A letter for each step after the first: ``T`` where the truth is fed, ``O`` where the
        model's own token is.
    heading : str
        Stands above the drawing and is its title.
    description : str
        What it shows, for those who cannot see it.
    targets : bool
        Draw the true tokens, which exist in training only.
    coins : bool
        Draw the coin that chooses, and faintly the input that it did not choose.

    Returns
    -------
    str
        An SVG document, the same bytes each time.
    """
    panel, height = _panel(fed, heading, 0, targets, coins)
    notes = [_NOTES["T"]] if "T" in fed else []
    notes += [_NOTES["O"]] if "O" in fed else []
    notes += [_NOTES["loss"]] if targets else []
    legend, height = _legend(notes, height)
    return svg.document(_width(fed), height, heading, description, panel + legend)


def two_unrolled_svg(title: str, description: str, first: str, second: str) -> str:
    """Draw training with teacher forcing above generation by free running.

    Parameters
    ----------
    title, description : str
        For those who cannot see the drawing.
    first, second : str
        The headings of the two.
    """
    above, middle = _panel("TTT", first, 0, targets=True, coins=False)
    below, height = _panel("OOO", second, middle + 14, targets=False, coins=False)
    legend, height = _legend([_NOTES["T"], _NOTES["O"], _NOTES["loss"]], height)
    return svg.document(_width("TTT"), height, title, description, above + below + legend)


_NOTES = {
    "T": ("T", TRUTH, _SOLID, "the truth, target_seq[t-1]"),
    "O": ("O", OWN, _DASHED, "its own, one-hot of argmax(logits[t-1])"),
    "loss": ("", INK, _DOTTED, "compared by the loss"),
}


def _width(fed: str) -> float:
    return _LEFT + (len(fed) + 1) * _PITCH - _GUTTER + 34


def _panel(
    fed: str, heading: str, top: float, targets: bool, coins: bool
) -> tuple[list[str], float]:
    """Draw one unrolled decoder below `top`; return it and where it ends."""
    y_target = top + 52
    y_logits = y_target + (74 if targets else 0)
    y_cell, y_input = y_logits + 74, y_logits + 74 + (122 if coins else 96)
    parts = [svg.text(20, top + 32, heading, 17, anchor="start", bold=True)]
    for t, letter in enumerate("S" + fed):
        left = _LEFT + t * _PITCH
        middle = left + _BOX / 2
        state_y = y_cell + 23
        begin = left - _GUTTER if t else left - 40
        parts.append(svg.arrow([(begin, state_y), (left - 2, state_y)]))
        if t == 0:
            parts.append(svg.text(begin - 6, state_y - 2, "context", 12.5, anchor="end"))
            parts.append(svg.text(begin - 6, state_y + 14, "vector", 12.5, anchor="end"))
        parts.append(svg.arrow([(middle, y_input), (middle, y_cell + 48)]))
        parts.append(svg.arrow([(middle, y_cell), (middle, y_logits + 40)]))
        if targets:
            parts += _named_box(left, y_target, f"target_seq[{t}]", 38)
            ends = [(middle, y_target + 38), (middle, y_logits)]
            parts.append(svg.arrow(ends, dashes=_DOTTED, head=False))
        parts += _named_box(left, y_logits, f"logits[{t}]", 38)
        parts.append(svg.box(left, y_cell, _BOX, 46))
        parts.append(svg.text(middle, y_cell + 20, "cell", 14, bold=True))
        parts.append(svg.text(middle, y_cell + 37, f"step {t}", 12.5))
        parts += _input_box(left, y_input, t, letter)
        if t:
            rows = {"T": y_target + 19, "O": y_logits + 19}
            parts += _feed(letter, left, rows, y_input + 23, coins)
    return parts, y_input + 46 + 16


def _named_box(left: float, y: float, name: str, height: float) -> list[str]:
    return [
        svg.box(left, y, _BOX, height),
        svg.text(left + _BOX / 2, y + height / 2 + 4.5, name, 12.5, code=True),
    ]


def _input_box(left: float, y: float, t: int, letter: str) -> list[str]:
    colour, dashes, said, name = {
        "S": (INK, _SOLID, "start", "x_start"),
        "T": (TRUTH, _SOLID, "T  the truth", f"target_seq[{t - 1}]"),
        "O": (OWN, _DASHED, "O  its own", f"argmax(logits[{t - 1}])"),
    }[letter]
    return [
        svg.box(left, y, _BOX, 46, colour, dashes),
        svg.text(left + _BOX / 2, y + 19, said, 12.5, colour, bold=True),
        svg.text(left + _BOX / 2, y + 36, name, 12, code=True),
    ]


def _feed(letter: str, left: float, rows: dict[str, float], y_end: float, coins: bool) -> list[str]:
    """Draw the way from the column before into the input box that begins at `left`."""
    styles = {"T": (TRUTH, _SOLID), "O": (OWN, _DASHED)}
    begin, gutter = left - _GUTTER, left - _GUTTER / 2
    colour, dashes = styles[letter]
    if not coins:
        points = [(begin, rows[letter]), (gutter, rows[letter]), (gutter, y_end), (left - 2, y_end)]
        return [svg.arrow(points, colour, 2.4, dashes)]
    parts, y_coin = [], y_end - 44
    for other, lane in (("O", gutter - 11), ("T", gutter + 11)):
        chosen = other == letter
        stroke, dash = (styles[other][0] if chosen else FAINT), styles[other][1]
        points = [(begin, rows[other]), (lane, rows[other]), (lane, y_coin - 12)]
        parts.append(svg.arrow(points, stroke, 2.4 if chosen else 1.2, dash, head=False))
    out = [(gutter, y_coin + 16), (gutter, y_end), (left - 2, y_end)]
    parts.append(svg.arrow(out, colour, 2.4, dashes))
    parts.append(
        f'<circle cx="{gutter:g}" cy="{y_coin:g}" r="16" fill="#e9f5f0" stroke="{COIN}" '
        f'stroke-width="2" stroke-dasharray="9 3 2 3"/>'
    )
    parts.append(svg.text(gutter, y_coin + 5.5, letter, 15, colour, bold=True))
    return parts


def _legend(notes: list[tuple[str, str, str, str]], top: float) -> tuple[list[str], float]:
    """Draw the legend in one line below `top`; return it and the height of the document."""
    parts, x, y = [], 20.0, top + 16
    for letter, colour, dashes, said in notes:
        parts.append(svg.arrow([(x, y), (x + 30, y)], colour, 2.2, dashes, head=False))
        words = f"{letter}  {said}".strip()
        parts.append(svg.text(x + 38, y + 4.5, words, 12.5, colour, anchor="start"))
        x += 62 + 6.9 * len(words)
    return parts, top + 40


def cells_svg() -> str:
    """Draw one step of each cell: what goes in, what comes out, and the formula between."""
    panels = (
        ("rnn_cell_step", False, ("h = tanh(a + u)",)),
        (
            "lstm_cell_step",
            True,
            ("i, f, o = sigmoid(a + u)", "g = tanh(a + u)", "c = f * c + i * g", "h = o * tanh(c)"),
        ),
        (
            "gru_cell_step",
            False,
            ("r, z = sigmoid(a + u)", "n = tanh(a + r * u)", "h = (1 - z) * n + z * h"),
        ),
    )
    parts = [svg.text(20, 32, "One step of each cell", 17, anchor="start", bold=True)]
    for i, (name, has_memory, formulas) in enumerate(panels):
        parts += _cell(20 + i * 312, 58, name, has_memory, formulas)
    notes = ("a = W_xh @ x + b_xh", "u = W_hh @ h + b_hh", "each cut into one block per gate")
    for i, note in enumerate(notes):
        parts.append(svg.text(20 + 200 * i, 286, note, 12.5, anchor="start", code=i < 2))
    description = (
        "Three boxes side by side. Each takes x_t from below and h_prev from the left and gives h "
        "to the right. The LSTM alone has a second state, c_prev in and c out."
    )
    return svg.document(956, 306, "One step of each decoder cell", description, parts)


def _cell(
    left: float, top: float, name: str, has_memory: bool, formulas: tuple[str, ...]
) -> list[str]:
    x, width, height = left + 56, 186, 142
    middle = x + width / 2
    parts = [
        svg.box(x, top, width, height),
        svg.text(middle, top + 24, name, 13, bold=True, code=True),
    ]
    first = top + 86 - 10 * (len(formulas) - 1)
    for i, formula in enumerate(formulas):
        parts.append(svg.text(middle, first + 20 * i, formula, 12, code=True))
    states = [("h_prev", "h", top + 112, INK, _SOLID)]
    if has_memory:
        states.append(("c_prev", "c", top + 46, COIN, "9 3 2 3"))
    for before, after, y, colour, dashes in states:
        parts.append(svg.arrow([(left + 8, y), (x - 2, y)], colour, 2, dashes))
        parts.append(svg.text(left + 27, y - 8, before, 12, colour, code=True))
        parts.append(svg.arrow([(x + width, y), (x + width + 44, y)], colour, 2, dashes))
        parts.append(svg.text(x + width + 20, y - 8, after, 12, colour, code=True))
    parts.append(svg.arrow([(middle, top + height + 40), (middle, top + height + 2)], TRUTH, 2.2))
    parts.append(svg.text(middle + 12, top + height + 30, "x_t", 12.5, TRUTH, "start", code=True))
    return parts
