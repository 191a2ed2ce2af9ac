"""A watched class on a small disk of its own, which is filled: run as `full_disk` is.

``unshare -Urm python watch_full_disk.py CLASS DISK LESSON STUDENT`` tells as JSON what was said,
and what is known of the student's submission on the full disk, and when there is room again.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from full_disk import DISK_KIB, fill, mount
from nbgrader.api import Gradebook

from course.grading.classes.command import settings
from course.grading.classes.setting_up import HowGraded
from course.grading.classes.watching.watch import Watch
from course.grading.records.tries import read_tries

#: KiB left free: for nothing, for what was fetched, for some of what comes of it.
ROOMS = (0, 16, 48, 96)


def known(folder: Path, lesson_id: str, student: str) -> dict[str, Any]:
    """Return points and what is known of a student's one submission."""
    course = settings(folder)[1]
    with Gradebook(course.db_url, course.course_id) as book:
        marks = {one.student_id: one.score for one in book.assignment_submissions(lesson_id)}
        [one] = read_tries(book.db, lesson_id)[student] or [None]
    return {"score": marks.get(student), "points": one and one.points, "told": one and one.told}


def main(source: Path, disk: Path, lesson_id: str, student: str) -> dict[str, Any]:
    mount("-t", "tmpfs", "-o", f"size={DISK_KIB}k", "none", str(disk))
    folder = disk / "class"
    shutil.copytree(source, folder)
    said: list[str] = []
    watch = Watch(folder, lesson_id, None, said.append, HowGraded(1))
    watch.begin()
    told: dict[str, Any] = {"full": []}
    try:
        for room in ROOMS:
            fill(disk, room)
            watch.catch_up()
            watch.close()  # begun again, it waits no minute before it tries again
            told["full"].append(known(folder, lesson_id, student))
        (disk / "ballast").unlink()
        watch.catch_up()
    finally:
        watch.close()
    told |= {"after": known(folder, lesson_id, student), "said": said}
    told["pages"] = len([*folder.glob("exchange/*/feedback/*.html")])
    return told


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])))
