"""A class on a small disk of its own: run under ``unshare``, it fills that disk for real.

``unshare -Urm python full_disk.py CLASS DISK LESSON``: mounts a small file system at DISK, which
nobody else sees and which ends with this process, and tells as JSON what became of the class there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import warm

from course.grading.classes.grader import ClassGrader
from course.grading.classes.publish import agrees
from course.grading.classes.setting_up import cores, settings
from course.grading.classes.workers.local import LocalPool

DISK_KIB = 4096
#: KiB left free, one after the other: for nothing, for parts of a graded folder, for some of them.
ROOMS = (0, 8, 16, 32, 64, 96)


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def fill(disk: Path, left_kib: int) -> None:
    """Leave so much room on the disk and no more."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    about = os.statvfs(disk)
    size = about.f_bavail * about.f_frsize - left_kib * 1024
    with ballast.open("wb") as file, suppress(OSError):
        os.posix_fallocate(file.fileno(), 0, max(size, 1))


def whole(grader: ClassGrader, students: list[str]) -> dict[str, bool]:
    """Say of each graded folder whether it is whole and its rows say the same."""
    found = {}
    for student in students:
        folder = grader.publisher.place(student)
        if folder.is_dir():
            for path in folder.glob("*.ipynb"):
                json.loads(path.read_text(encoding="utf-8"))
                record = grader.publisher.record(student, path.stem)
                rows = grader.book.rows(student).get(path.stem, ({}, {}))
                found[student] = agrees(record, *rows)
            found.setdefault(student, False)
    return found


def command(folder: Path, *arguments: str, **variables: str) -> dict[str, Any]:
    """Run `course grade`; return its status and what it said."""
    environment = {**os.environ, "COURSE_ROOT": str(folder), **variables}
    module = "course.grading.classes.command"
    done = warm.run("-m", module, *arguments, cwd=Path.cwd(), env=environment)
    return {"status": done.returncode, "said": done.stdout + done.stderr}


def main(source: Path, disk: Path, lesson_id: str) -> dict[str, Any]:
    mount("-t", "tmpfs", "-o", f"size={DISK_KIB}k", "none", str(disk))
    folder = disk / "class"
    told: dict[str, Any] = {}
    shutil.copytree(source, folder)
    config, course = settings(folder)
    grader = ClassGrader(course, config, lesson_id)
    students = grader.students()[:2]  # fewer than failures after which a class is given up
    pool = LocalPool(grader.lesson.data, cores())
    told["rooms"] = []
    try:
        for regrade in (False, True):
            for room in ROOMS:
                fill(disk, room)
                grader.run(pool, students, regrade)
                told["rooms"].append(
                    {"regrade": regrade, "whole": whole(grader, students)}
                    | {"graded": len(grader.tally.graded), "faults": dict(grader.tally.faults)}
                )
            if not regrade:
                fill(disk, 0)
                told["full"] = command(folder, lesson_id)
            (disk / "ballast").unlink()
            grader.run(pool, students)
            told["in the end"] = whole(grader, students)
    finally:
        pool.close()
        grader.close()
    (disk / "tmp").mkdir()
    fill(disk, 0)
    told["full /tmp"] = command(folder, lesson_id, "--regrade", TMPDIR=str(disk / "tmp"))
    (disk / "ballast").unlink()
    mount("-o", "remount,ro", str(disk))
    told["read-only"] = command(folder, lesson_id)
    return told


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
