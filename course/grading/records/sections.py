"""Which section a student is in: nbgrader's table of students has no place for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nbgrader.api import Gradebook
from sqlalchemy import delete, insert, select

from course.grading.records.kept import SECTIONS, is_there, make
from course.lessons import LessonError


def read_sections(gradebook: Gradebook) -> dict[str, str]:
    """Return the section of each student who is in one."""
    if not is_there(gradebook, SECTIONS):
        return {}
    rows = select(SECTIONS.c.student, SECTIONS.c.section).order_by(SECTIONS.c.student)
    return dict(gradebook.db.execute(rows).all())


def put(gradebook: Gradebook, sections: Mapping[str, str]) -> None:
    """Put students into sections, or out of theirs where that is ``""``; commits.

    They need not be in the gradebook yet.
    """
    make(gradebook, SECTIONS)
    for student, section in sections.items():
        gradebook.db.execute(delete(SECTIONS).where(SECTIONS.c.student == student))
        if section:
            gradebook.db.execute(insert(SECTIONS).values(student=student, section=section))
    gradebook.db.commit()


def students_of(sections: Mapping[str, str], wanted: Collection[str]) -> set[str]:
    """Return who is in one of some sections, named in any case of letters.

    Raises
    ------
    LessonError
        Where nobody is in one of them.
    """
    known = {section.casefold() for section in sections.values()}
    if missing := [one for one in wanted if one.casefold() not in known]:
        there = ", ".join(sorted(set(sections.values()))) or "none"
        raise LessonError(f"nobody is in the section {', '.join(missing)}; there are: {there}")
    folded = {one.casefold() for one in wanted}
    return {student for student, section in sections.items() if section.casefold() in folded}
