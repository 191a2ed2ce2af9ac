"""The lessons as files: which there are, and what each cell of their notebooks is for.

Standard library only, so that the start page and the commands can list the lessons before
anything is installed. The folders ``NN_name/`` here hold what of each lesson travels with the
package; nothing here reads them: see `course.checks.known.lessons`.
"""

from course.lessons.finding import (
    asked_lesson,
    course_root,
    find_lessons,
    lesson_ids,
    not_lessons,
    pick_lesson,
)
from course.lessons.notebook import (
    ROLES,
    Cell,
    Lesson,
    LessonError,
    claim_of,
    lesson_name,
    read_lesson,
    role_of,
    source_text,
)
from course.lessons.solutions import (
    answer_names,
    answers,
    defined_names,
    solution_namespace,
)

__all__ = [
    "ROLES",
    "Cell",
    "Lesson",
    "LessonError",
    "answer_names",
    "answers",
    "asked_lesson",
    "claim_of",
    "course_root",
    "defined_names",
    "find_lessons",
    "lesson_ids",
    "lesson_name",
    "not_lessons",
    "pick_lesson",
    "read_lesson",
    "role_of",
    "solution_namespace",
    "source_text",
]
