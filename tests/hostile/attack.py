"""One attack: what a student hands in, what it may earn, and what has to be said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tiny import SECOND, SOLUTION, submission

from course.grading.classes.temporary import Classroom
from course.grading.confinement.limits import Limits

#: Small, so that whatever has to be waited for does not take long.
LIMITS = Limits(
    call_s=1.5,
    cell_s=3.0,
    notebook_s=25.0,
    memory_mib=640,
    disk_mib=8,
    processes=32,
    answer_mib=4,
    answer_depth=16,
    output_chars=20_000,
)

DOUBLED, LEFT, SUMMED = "every_number_is_doubled", "the_argument_is_left", "the_sum_counts"
FULL = {DOUBLED: 2.0, LEFT: 1.0, SUMMED: 2.0}
NOTHING = dict.fromkeys(FULL, 0.0)
#: What the honest half of a notebook earns whose `double` is broken in every way.
HONEST_HALF = NOTHING | {SUMMED: 2.0}
#: What an answer earns that is wrong, but leaves its argument alone.
WRONG_HALF = {DOUBLED: 0.0, LEFT: 1.0, SUMMED: 2.0}

WRONG = "def double(x):\n    return 3 * x"


@dataclass(frozen=True)
class Attack:
    """What one student hands in.

    Attributes
    ----------
    name : str
        The student.
    tries : str
        One sentence.
    double, total : str
        The two answers; honest by default.
    first : str
        A cell of the student's own above them, none where empty.
    earns : dict of str to float
        Points of each test.
    says : str
        Stands somewhere in the report or among the outputs of the graded notebook; ``|`` between
        several of which one does, where it depends on the machine which limit is met first.
    hides : str
        Stands nowhere there.
    edit : callable, optional
        Changes the notebook before it is handed in.
    beside : callable, optional
        Puts files into the submitted folder.
    """

    name: str
    tries: str
    double: str = SOLUTION
    total: str = SECOND
    first: str = ""
    earns: dict[str, float] = field(default_factory=lambda: FULL)
    says: str = ""
    hides: str = ""
    edit: Callable[[dict[str, Any]], object] | None = None
    beside: Callable[[Path], object] | None = None

    def hand_in(self, room: Classroom) -> None:
        """Hand it in."""
        notebook = submission(room, write_double=self.double, write_total=self.total)
        if self.first:
            cell = {"cell_type": "code", "id": "own", "metadata": {}, "source": self.first}
            notebook["cells"].insert(2, cell | {"outputs": [], "execution_count": None})
        if self.edit:
            self.edit(notebook)
        path = room.hand_in(self.name, json.dumps(notebook))
        if self.beside:
            self.beside(path.parent)


def in_double(body: str) -> str:
    """Return an answer that does something when it is called."""
    return "def double(x):\n" + "".join(f"    {line}\n" for line in body.splitlines())
