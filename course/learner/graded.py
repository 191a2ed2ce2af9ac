"""A notebook of ``work/`` graded with the hidden tests, and what is kept of that."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course.bootstrap.files import write_whole
from course.grading.confinement.forking import close_nursery
from course.learner import progress
from course.learner.notebooks import feedback_page, own_notebook, rivals
from course.learner.work import content_digest
from course.lessons import LessonError, lesson_name, read_lesson

if TYPE_CHECKING:  # takes a second to import
    from course.grading.classes.alone import GradedAlone


@dataclass(frozen=True)
class GradedHere:
    """What a notebook earned.

    Attributes
    ----------
    lesson_id : str
        Of which lesson it is.
    notebook, page : Path
        What was graded, and its feedback page.
    earned : GradedAlone
        Points, claims and mistakes.
    notes : list of str
        What else the learner may want to know.
    """

    lesson_id: str
    notebook: Path
    page: Path
    earned: GradedAlone
    notes: list[str]


def grade(root: Path, lesson_id: str, notebook: Path) -> GradedHere:
    """Grade a notebook, and keep its points and its feedback page in ``work/``.

    Parameters
    ----------
    root : Path
        The course.
    lesson_id : str
        Which lesson's tests.
    notebook : Path
        The file.

    Raises
    ------
    LessonError
        Where it cannot be graded, and that is not the learner's doing.
    OSError
        Where a file cannot be read or written.
    """
    work = root / "work"
    content = notebook.read_bytes()
    source = root / "source" / lesson_id / f"{lesson_name(lesson_id)}.ipynb"
    if not source.is_file():
        raise no_hidden_tests(source)
    from course.grading.classes.start import begin

    try:
        begin()
        from course.grading.classes.alone import grade_alone
        from course.grading.classes.workers.handle import sweep_up

        sweep_up()
        earned = grade_alone(root, source, content)
    finally:
        close_nursery()
    page = feedback_page(work, notebook)
    write_whole(page, earned.page.encode())
    if not earned.report.get("unreadable"):
        digest = content_digest(notebook, content)
        progress.record(work, lesson_id, earned.points, earned.max_points, notebook, digest)
    return GradedHere(lesson_id, notebook, page, earned, _notes(root, lesson_id, notebook))


def no_hidden_tests(missing: Path) -> LessonError:
    """Return what is said where a learner has the lessons and not their hidden tests."""
    return LessonError(
        f"the hidden tests are not on this machine (there is no {missing}): in a class your "
        f"instructor has them. The checks and Validate run what you can see; hand the notebook in "
        f"to be graded"
    )


def _notes(root: Path, lesson_id: str, graded: Path) -> list[str]:
    """Name the notebooks beside the one that was graded in which the learner may have gone on."""
    own = own_notebook(root / "work", lesson_id)
    if graded != own:
        return []
    with contextlib.suppress(LessonError):  # without a release nothing can be compared
        released = read_lesson(root / "release" / lesson_id / own.name)
        return [
            f"{one.path.relative_to(root)} was not checked, and {one.told(own)}"
            for one in rivals(released, root / "work")
        ]
    return []
