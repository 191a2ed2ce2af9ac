"""Draw the diagrams that lessons and README show: a lesson gets what its notebook links to.

It gets the charts of `course.maintain.charts` in the same way.
"""

from __future__ import annotations

import re
from pathlib import Path

from course.figures.one_page import one_page_svg
from course.figures.unrolled import cells_svg, two_unrolled_svg, unrolled_svg
from course.lessons import find_lessons
from course.maintain.charts import charts


def diagrams() -> dict[str, str]:
    """Return every diagram's SVG by its name: a lesson shows it as ``images/NAME.svg``."""
    return {
        "decoder_cells": cells_svg(),
        "course_on_one_page": one_page_svg(),
        "teacher_forcing": unrolled_svg(
            "TTT",
            "Teacher forcing: every step is fed the true token before it",
            "A decoder unrolled over four steps. Step 0 is fed x_start; each later step t is fed "
            "target_seq[t-1], whatever the model said. Each step's logits are compared with "
            "target_seq[t].",
        ),
        "free_running": unrolled_svg(
            "OOO",
            "Free running: every step is fed the model's own token",
            "A decoder unrolled over four steps. Step 0 is fed x_start; each later step t is fed "
            "the one-hot vector of argmax(logits[t-1]). There are no true tokens.",
            targets=False,
        ),
        "scheduled_sampling": unrolled_svg(
            "OTO",
            "Scheduled sampling: at every step a coin chooses",
            "A decoder unrolled over four steps. Before each step after the first a coin chooses "
            "between target_seq[t-1] and the one-hot vector of argmax(logits[t-1]). Here the coins "
            "gave own, truth, own.",
            coins=True,
        ),
        "two_prefixes": two_unrolled_svg(
            "One decoder on two prefixes",
            "Two decoders unrolled over four steps, with the same weights. Above, on the true "
            "prefix, each step is fed the true token before it, and the loss compares its logits "
            "with the truth. Below, on its own prefix, each step is fed its own token.",
            "On the true prefix: what the training loss sees",
            "On its own prefix: what happens in use",
        ),
        "unrolled": two_unrolled_svg(
            "What a decoder is fed in training and in generation",
            "Two decoders unrolled over four steps. Above, teacher forcing: each step is fed the "
            "true token before it. Below, free running: each step is fed the model's own token.",
            "Training with teacher forcing: the truth is fed",
            "Generation by free running: the model's own tokens are fed",
        ),
    }


#: What the README shows, not a lesson.
_OF_README = "unrolled"
_SHOWN = re.compile(r"\(images/(\w+)\.svg\)")


def generate(root: Path, out: Path) -> list[Path]:
    """Write the diagrams and charts of a repository below a folder; return what was written."""
    drawn = diagrams() | charts()
    places = {Path("docs/images") / f"{_OF_README}.svg": drawn[_OF_README]}
    for lesson in find_lessons(root / "source"):
        images = lesson.path.parent.relative_to(root) / "images"
        shown = set(_SHOWN.findall(lesson.path.read_text(encoding="utf-8")))
        places |= {images / f"{name}.svg": drawn[name] for name in sorted(shown & drawn.keys())}
    for place, drawing in places.items():
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        (out / place).write_text(drawing, encoding="utf-8", newline="\n")
    return [out / place for place in places]
