"""``python3 -m course build results``, the part for lesson 7, in ``beyond.json``.

Path-star, delay or failure, an expert that can be asked, and a reward for the whole, each of five
seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from course.study import delay, experts, make_experiments, path_star, rewards
from course.study.make_experiments import Study

FILE = "course/trained/beyond.json"
STUDIES = (
    Study(
        f"{delay.SETTING.task}/{delay.SETTING.cell}",
        delay.TITLES,
        delay.measured,
        (delay.measured, f"course.tasks.{delay.SETTING.task}:TASK"),
        pairs=delay.PAIRS,
        measures=delay.MEASURES,
    ),
    Study(
        f"{experts.SETTING.task}/{experts.SETTING.cell}",
        experts.TITLES,
        experts.measured,
        (experts.measured, f"course.tasks.{experts.SETTING.task}:TASK"),
        pairs=experts.PAIRS,
    ),
    Study(
        f"{rewards.SETTING.task}/{rewards.SETTING.cell}",
        rewards.TITLES,
        rewards.measured,
        (rewards.measured, f"course.tasks.{rewards.SETTING.task}:TASK"),
        pairs=rewards.PAIRS,
        measures=rewards.MEASURES,
    ),
    *path_star.STUDIES,
)


def stale(root: Path, studies: Iterable[Study] = STUDIES) -> dict[str, str]:
    """Return the studies whose numbers in a repository are stale, and why."""
    return make_experiments.stale(root, studies, FILE)


def why_stale(root: Path, studies: Iterable[Study] = STUDIES) -> str:
    """Say why the numbers of a repository are stale; nothing where they are fresh."""
    return make_experiments.why_stale(root, studies, FILE)


def generate(
    root: Path, out: Path, studies: Iterable[Study] = STUDIES, told: TextIO = sys.stderr
) -> None:
    """Measure what is stale, in as many processes as there are cores, and write it all."""
    make_experiments.generate(root, out, studies, told, FILE)
