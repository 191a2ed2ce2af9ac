"""Still pictures of the labs, for a notebook that is read without a kernel.

A lesson that shows ``images/lab_NAME.svg`` has there what `course.labs.STILLS` draws by that name.
"""

from __future__ import annotations

import re
from pathlib import Path

from course import labs
from course.lessons import LessonError, find_lessons

_SHOWN = re.compile(r"\(images/lab_(\w+)\.svg\)")


def generate(root: Path, out: Path) -> list[Path]:
    """Draw what the lessons of a repository show, below a folder; return what was written.

    Raises
    ------
    LessonError
        Where a lesson shows a lab that there is not, or that draws nothing.
    """
    drawn: dict[str, str] = {}
    written = []
    for lesson in find_lessons(root / "source"):
        images = out / lesson.path.parent.relative_to(root) / "images"
        for name in sorted(set(_SHOWN.findall(lesson.path.read_text(encoding="utf-8")))):
            draw = labs.STILLS.get(name)
            if draw is None:
                raise LessonError(
                    f"{lesson.path} shows images/lab_{name}.svg, but there is no still() in "
                    f"course/labs/{name}; there are {', '.join(labs.STILLS)}"
                )
            drawn[name] = drawn.get(name) or draw()
            images.mkdir(parents=True, exist_ok=True)
            written.append(images / f"lab_{name}.svg")
            written[-1].write_text(drawn[name], encoding="utf-8", newline="\n")
    return written
