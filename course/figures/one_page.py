"""The course on one page: where prefix and answer come from, and what each lesson found."""

from __future__ import annotations

from course.figures import svg
from course.figures.svg import COIN, INK, OWN, TRUTH

_WIDTH, _MARGIN = 940, 24
#: So that its smallest letters, of 13, are shown of 12 pixels.
_SCALE = 12 / 13
_LABEL, _CELL, _GAP = 106, 252, 14
_ROW, _BETWEEN = 104, 34
_DASHED, _DOTTED = "7 4", "2 4"

_COLUMNS = ("the data", "an expert, asked here", "a reward for the whole")
#: By the prefix of a row: its colour and dashes, and for each column a name, lessons, and lines.
_ROWS = (
    (
        "the data",
        TRUTH,
        "",
        (
            (
                "Teacher forcing",
                "lesson 2",
                "all positions at once,",
                "no mistake of its own",
            ),
            (
                "Distillation on data",
                "lesson 7",
                "a fresh answer each time,",
                "and a whole distribution",
            ),
            (
                "Weighing given texts",
                "lesson 7",
                "each by how good it is",
            ),
        ),
    ),
    (
        "the model",
        OWN,
        _DASHED,
        (
            (
                "Scheduled sampling",
                "lessons 3, 4 and 6",
                "may help, and harms where",
                "the prefix matters",
            ),
            (
                "On-policy distillation",
                "lesson 7",
                "and DAgger: the right answer",
                "after its own mistakes",
            ),
            (
                "Reinforcement learning",
                "lesson 7",
                "only a judge is needed; which",
                "token earned it, nobody says",
            ),
        ),
    ),
)
_LESSONS = (
    ("Decoder cells", "The state is all that is kept of the past."),
    ("Teacher forcing", "The truth is fed, and the loss is the exact likelihood."),
    ("Scheduled sampling", "A coin chooses what is fed; the loss still asks for the truth."),
    ("Exposure bias", "The likelihood does not see it."),
    ("Training", "A falling loss proves nothing: check the gradient."),
    ("Transformers", "Shift and mask are the teacher."),
    ("Beyond the teacher", "A true prefix can give the answer away."),
)
_QUESTIONS = (
    "Where do prefix and answer come from?",
    "How large is the error by position, on true and on own prefixes?",
    "What was predicted, and on how many paired seeds?",
)


def one_page_svg() -> str:
    """Draw the summary of the course that a learner keeps.

    Returns
    -------
    str
        An SVG document, the same bytes each time.
    """
    body = [
        svg.text(_MARGIN, 40, "The course on one page", 22, anchor="start", bold=True),
        *_sentence(58),
    ]
    top = 208
    body += _table(top)
    top += 16 + 2 * _ROW + _BETWEEN + 80
    body += _heading(top, "What each lesson found")
    for number, (title, found) in enumerate(_LESSONS, 1):
        y = top + 4 + 26 * number
        body.append(svg.text(_MARGIN, y, f"{number}  {title}", 14.5, anchor="start", bold=True))
        body.append(svg.text(_MARGIN + 206, y, found, 14.5, anchor="start"))
    top += 4 + 26 * len(_LESSONS) + 42
    body += _heading(top, "Ask of any new way of training")
    for number, question in enumerate(_QUESTIONS, 1):
        words = f"{number}.  {question}"
        body.append(svg.text(_MARGIN, top + 4 + 26 * number, words, 14.5, anchor="start"))
    height = top + 4 + 26 * len(_QUESTIONS) + 24
    cells = "; ".join(
        f"with {prefix} prefix {', '.join(cell[0] for cell in row)}" for prefix, _, _, row in _ROWS
    )
    description = (
        "A loss needs a prefix to stand on and an answer to compare with. A table says where the "
        f"two come from, with the columns {', '.join(_COLUMNS)}: {cells}. Below, what each of the "
        "seven lessons found, and three questions to any new way of training."
    )
    return svg.document(_WIDTH, height, "The course on one page", description, body, _SCALE)


def _heading(y: float, words: str) -> list[str]:
    return [svg.text(_MARGIN, y, words, 16.5, anchor="start", bold=True)]


def _sentence(top: float) -> list[str]:
    """Draw the one sentence of the course: a prefix goes in, and an answer is compared with."""
    parts = [
        svg.text(
            _MARGIN,
            top + 14,
            "A loss needs two things at every step: a prefix to stand on, and an answer to compare "
            "with.",
            15,
            anchor="start",
        )
    ]
    y, height = top + 36, 46
    middle = y + height / 2
    boxes = (
        (_MARGIN, 190, "prefix", "whose tokens are fed?", INK),
        (_MARGIN + 264, 130, "model", "one step", INK),
        (_MARGIN + 468, 130, "prediction", "logits[t]", INK),
        (_MARGIN + 702, 190, "answer", "who says what is right?", COIN),
    )
    for left, width, name, below, colour in boxes:
        parts.append(svg.box(left, y, width, height, colour))
        parts.append(svg.text(left + width / 2, y + 20, name, 15, colour, bold=True))
        parts.append(svg.text(left + width / 2, y + 38, below, 13))
    ends = [left + width for left, width, *_ in boxes]
    parts += [
        svg.arrow([(ends[0], middle), (boxes[1][0] - 2, middle)]),
        svg.arrow([(ends[1], middle), (boxes[2][0] - 2, middle)]),
        svg.arrow([(ends[2], middle), (boxes[3][0], middle)], dashes=_DOTTED, head=False),
        svg.text((ends[2] + boxes[3][0]) / 2, middle - 8, "the loss", 13),
    ]
    return parts


def _table(top: float) -> list[str]:
    """Draw the ways of training by their prefix and their answer."""
    parts = [svg.text(_MARGIN, top, "prefix from", 14.5, anchor="start", bold=True)]
    over = _MARGIN + _LABEL + (3 * _CELL + 2 * _GAP) / 2
    parts.append(svg.text(over, top - 24, "answer from", 14.5, COIN, bold=True))
    lefts = [_MARGIN + _LABEL + k * (_CELL + _GAP) for k in range(len(_COLUMNS))]
    for left, name in zip(lefts, _COLUMNS, strict=True):
        parts.append(svg.text(left + _CELL / 2, top, name, 14.5, COIN, bold=True))
    for k, (prefix, colour, dashes, cells) in enumerate(_ROWS):
        y = top + 16 + k * (_ROW + _BETWEEN)
        parts.append(svg.text(_MARGIN, y + _ROW / 2, prefix, 14.5, colour, "start", bold=True))
        for left, (name, lesson, *said) in zip(lefts, cells, strict=True):
            middle = left + _CELL / 2
            parts.append(svg.box(left, y, _CELL, _ROW, colour, dashes))
            parts.append(svg.text(middle, y + 25, name, 14.5, colour, bold=True))
            parts.append(svg.text(middle, y + 44, lesson, 13))
            for line, words in enumerate(said):
                parts.append(svg.text(middle, y + 69 + 18 * line, words, 14))
    below = top + 16 + _ROW
    parts.append(svg.arrow([(_MARGIN + 20, below - 34), (_MARGIN + 20, below + 68)], OWN, 2))
    parts.append(
        svg.text(
            lefts[0],
            below + 22,
            "Down: the prefix has to be written, token after token.",
            13.5,
            anchor="start",
        )
    )
    end = top + 16 + 2 * _ROW + _BETWEEN + 28
    parts.append(svg.arrow([(lefts[0], end - 5), (lefts[0] + 60, end - 5)], COIN, 2))
    parts.append(
        svg.text(
            lefts[0] + 72,
            end,
            "Right: somebody to ask, then one number for the whole.",
            13.5,
            anchor="start",
        )
    )
    return parts
