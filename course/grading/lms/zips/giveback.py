"""`python3 -m course feedback`: feedback pages as one zip that Canvas or Moodle takes back.

Both know a file's student by its name. Canvas wants `..._USER_FILE_...`, the numbers of a file that
was handed in; Moodle the folder `Name_NUMBER_assignsubmission_file_`, a participant's.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from course.bootstrap.words import command, count
from course.grading.lms.zips.givennames import HandedIn, readings
from course.grading.lms.zips.lists import COLLECTED
from course.grading.records.coursefiles import open_course
from course.grading.records.csvfiles import TableError, read_table
from course.grading.records.opening import remedy
from course.lessons import LessonError, course_root, find_lessons, pick_lesson


@dataclass
class Packed:
    """What is in the zip, and who is not, with the reason."""

    pages: dict[str, Path] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)


def main(argv: list[str] | None = None) -> int:
    """Pack one lesson's feedback; return the exit status, 0, 1 or 2."""
    parser = argparse.ArgumentParser(
        prog=command("feedback"),
        description="Pack the feedback pages of a lesson that `nbgrader zip_collect` collected "
        "into a zip that Canvas (Re-Upload Submissions) or Moodle (Upload multiple feedback files "
        "in a zip) gives to each student.",
        epilog="Exit status: 0 where everybody's page is in it, 1 where some are missing, 2 where "
        "there is none.",
    )
    parser.add_argument("lesson", help="a lesson's number or name")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="by default reports/LESSON/feedback.zip"
    )
    asked = parser.parse_args(argv)
    root = course_root()
    try:
        lessons = [lesson.id for lesson in find_lessons(root / "source")]
        lesson_id = pick_lesson(asked.lesson, lessons)
        packed = pack(root, lesson_id)
        target = asked.output or root / "reports" / lesson_id / "feedback.zip"
        if packed.pages:
            write(packed, target)
    except (OSError, LessonError, TableError) as error:
        print(remedy(error) if isinstance(error, OSError) else error, file=sys.stderr)
        return 2
    for student, why in packed.left.items():
        print(f"Not in the zip: {student}: {why}", file=sys.stderr)
    if not packed.pages:
        print("There is no page to give back", file=sys.stderr)
        return 2
    print(f"{count(len(packed.pages), 'page')}: {target}")
    return 1 if packed.left else 0


def pack(root: Path, lesson_id: str) -> Packed:
    """Find the page of each submission that was collected from a zip.

    Parameters
    ----------
    root : Path
        The course.
    lesson_id : str
        Which lesson.

    Raises
    ------
    LessonError
        Where nothing of the lesson was collected.
    TableError
        Where the list of what was collected cannot be read.
    """
    listing = root / "downloaded" / lesson_id / COLLECTED
    if not listing.is_file():
        raise LessonError(
            f"there is no {listing}: this gives back what `nbgrader zip_collect {lesson_id}` "
            f"collected from a zip of Canvas's or Moodle's"
        )
    course = open_course(root)
    packed = Packed()
    for student, notebook, file in _collected(listing):
        folder = Path(course.format_path(course.feedback_directory, student, lesson_id))
        page = folder / f"{notebook}.html"
        name, why = entry_name(file, notebook)
        if not page.is_file():
            why = f"there is no {page}: run `nbgrader generate_feedback {lesson_id}`"
        if why:
            packed.left[student] = why
        else:
            packed.pages.setdefault(name, page)  # of a group one page is for all
    return packed


def _collected(listing: Path) -> Iterator[tuple[str, str, str]]:
    """Yield student, notebook and file of each line about a notebook that was collected."""
    table = read_table(listing)
    for row in table.rows:
        line = dict(zip(table.header, row, strict=True))
        if line.get("collected") == "yes" and line.get("notebook"):
            yield line["student"].removeprefix("'"), line["notebook"], line["file"]


def _read(path: str) -> list[HandedIn]:
    """Read what a collected file's place says: without the zip's own name, which says nothing."""
    place = PurePath(path.removeprefix("'"))
    below = readings(PurePath(*place.parts[1:])) if len(place.parts) > 1 else []
    return below if below and below[0].system else readings(place)


def entry_name(path: str, notebook: str) -> tuple[str, str]:
    """Return what a page is called in the zip, or why its system would not know whose it is.

    >>> entry_name("all/leeann_LATE_101_77_a-1.ipynb", "a")
    ('ofleeann_101_77_a.html', '')
    >>> entry_name("all/Ann Lee_55_assignsubmission_file_/a.ipynb", "a")
    ('Ann Lee_55_assignsubmission_file_/a.html', '')
    """
    file, *others = _read(path)
    if any(one.number != file.number for one in others):
        return "", f"{path} may be {file.number}'s or another's: give the page by hand"
    if file.system == "Canvas" and file.upload and file.number.isdigit():
        # Canvas goes by the first two numbers between underscores.
        name = f"of{file.name.replace('_', '')}"
        return f"{name}_{file.number}_{file.upload}_{notebook}.html", ""
    if file.system == "Moodle" and file.number:
        return f"{file.name}_{file.number}_assignsubmission_file_/{notebook}.html", ""
    return (
        "",
        f"{path} does not say in Canvas's or Moodle's way whose it is: give the page by hand",
    )


def write(packed: Packed, target: Path) -> None:
    """Write the zip, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.new")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, page in sorted(packed.pages.items()):
                archive.write(page, name)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
