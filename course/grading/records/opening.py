"""The gradebook: opened where it is one, and what to do where it cannot be read or written."""

from __future__ import annotations

import functools
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import nbgrader
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Column, MetaData, String, Table, create_engine, inspect, make_url
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from course.bootstrap.problems import refused
from course.grading.faults import GradebookTrouble
from course.lessons import LessonError, course_root

#: What a database that is asked again would answer again, and what to do about it.
_REMEDIES = {
    "disk is full": "the disk is full; make room",
    "readonly database": "the course's folder and its gradebook have to be writable for you",
    "file is not a database": "",
    "malformed": "",
    "no such column": "an older nbgrader made it: run `nbgrader db upgrade`, which keeps a copy",
    "no such table": "an older nbgrader made it: run `nbgrader db upgrade`, which keeps a copy",
    r"(column|relation) \S+ does not exist": "an older nbgrader made it: run `pg_dump` to keep a "
    "copy, then `nbgrader db upgrade`",
    "database is locked": "another program is writing it: let that end, and run this again",
}
_DAMAGED = (
    "the gradebook is damaged; nothing in it was changed. Move it aside, lay a copy of an earlier "
    "day in its place, or save what can be read: `sqlite3 gradebook.db .recover`. Points and "
    "comments given by hand are nowhere else"
)


class NotGenerated(LessonError):
    """A lesson is not in the gradebook.

    Parameters
    ----------
    lesson : str
        Which one.
    file : Path, optional
        Where there is no gradebook at all.
    """

    def __init__(self, lesson: str, file: Path | None = None) -> None:
        none = f", and there is none at {file}" if file else ""
        super().__init__(
            f"{lesson} is not in the gradebook yet{none}: run `nbgrader generate_assignment "
            f"{lesson}` first"
        )


def look_for_gradebook(course: CourseDirectory) -> None:
    """See that there is a gradebook, as opening a file that is not there would make an empty one.

    Raises
    ------
    LessonError
        Where it is a file, and that is missing.
    """
    file = file_of(course.db_url)
    if file is None or file.is_file():
        return
    lesson = course.assignment_id or "LESSON"
    graded = Path(course.root, course.autograded_directory)
    if graded.is_dir() and any(path.is_dir() for path in graded.iterdir()):
        raise LessonError(
            f"there is no gradebook at {file}, though submissions were graded: lay it back there, "
            f"as points and comments given by hand are in it. Where it is lost, run `nbgrader "
            f"generate_assignment {lesson}` and grade again"
        )
    raise NotGenerated(lesson, file)


def gradebook_file(path: Path) -> str:
    """Return the address of a gradebook in a file, which may have ``?`` and ``%`` in its name.

    >>> gradebook_file(Path("/course/gradebook.db"))
    'sqlite:////course/gradebook.db'
    """
    place = str(path)
    for text in (place, place.replace("%", "%25").replace("?", "%3F")):
        if make_url(f"sqlite:///{text}").database == place:
            return f"sqlite:///{text}"
    return f"sqlite:///file:{quote(place)}?uri=true"  # SQLAlchemy before 2.1 unquotes nothing


def gradebook_of(root: Path) -> str:
    """Return the address of a course's gradebook: ``COURSE_GRADEBOOK``, else a file in its folder.

    A copy of a course, as `course demo` makes one, never gets at the database that the variable
    names. Where the package is installed apart from any course and ``COURSE_ROOT`` names none,
    there is nothing that `root` could be a copy of: it is the course.

    Parameters
    ----------
    root : Path
        The folder whose ``nbgrader_config.py`` asks.
    """
    named, known = os.environ.get("COURSE_GRADEBOOK", ""), course_root()
    if named and (root == known or not (known / "nbgrader_config.py").is_file()):
        return re.sub("^postgres(ql)?:", "postgresql+psycopg2:", named)
    return gradebook_file(root / "gradebook.db")


def file_of(url: str) -> Path | None:
    """Return the file that a gradebook's address leads to, None where it is in no file.

    >>> file_of(gradebook_file(Path("/50%/what?/gradebook.db"))).as_posix()
    '/50%/what?/gradebook.db'
    """
    address = make_url(url)
    file = address.database or ""
    if address.get_backend_name() != "sqlite" or not file:
        return None
    return Path(unquote(file.removeprefix("file:")) if file.startswith("file:") else file)


def begin_gradebook(url: str) -> None:
    """Say in a new gradebook which version its tables have, before nbgrader makes them.

    nbgrader would start a program, for longer than all the rest takes, to ask for it.

    Parameters
    ----------
    url : str
        The gradebook's address.
    """
    engine = create_engine(url)
    if not inspect(engine).get_table_names():
        version = Table("alembic_version", MetaData(), Column("version_num", String(32)))
        with engine.begin() as connection:
            version.create(connection)
            connection.execute(version.insert().values(version_num=schema_version()))
    engine.dispose()


@functools.cache
def schema_version() -> str:
    """Return the version of the gradebook's tables, as ``alembic heads`` does."""
    from alembic.script import ScriptDirectory  # of which only a new gradebook has need

    scripts = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic"))
    return str(scripts.get_current_head())


@contextmanager
def opened(course: CourseDirectory) -> Iterator[Gradebook]:
    """Open the course's gradebook for as long as the body runs.

    Raises
    ------
    LessonError
        Where it is not there.
    GradebookTrouble
        Where it cannot be read or written.
    """
    look_for_gradebook(course)
    gradebook = None
    try:
        with warnings.catch_warnings():
            quiet()
            gradebook = Gradebook(course.db_url, course.course_id)
            yield gradebook
    except (SQLAlchemyError, InvalidEntry) as error:
        raise GradebookTrouble(f"the gradebook: {remedy(cause_of(error))}") from error
    finally:
        if gradebook is not None:
            gradebook.close()


def remedy(error: Exception) -> str:
    """Say what kept something from being read or written, and what to do about it.

    Parameters
    ----------
    error : OSError or SQLAlchemyError
        What was raised.
    """
    said = " ".join(str(getattr(error, "orig", None) or error).split())[:800]
    if isinstance(error, OSError) and (what := refused(error, "the course's folder")):
        return what
    if isinstance(error, SQLAlchemyError):
        known = (what for sign, what in _REMEDIES.items() if re.search(sign, said))
        advice = next(known, "see that the database runs and can be reached")
        return f"{said}: {advice or _DAMAGED}"
    return f"{type(error).__name__}: {said}"


def lasts(error: Exception) -> bool:
    """Say whether a database that is asked again would answer the same."""
    return any(re.search(sign, str(error)) for sign in _REMEDIES if sign != "database is locked")


def cause_of(error: Exception) -> Exception:
    """Return what a database said where nbgrader passes it on as an entry that is not valid."""
    said = error.__context__ if isinstance(error, InvalidEntry | MissingEntry) else None
    return said if isinstance(said, DatabaseError) else error


def quiet() -> None:
    """Take no notice of what nbgrader's own mappings make SQLAlchemy 2 say."""
    warnings.filterwarnings("ignore", message="Object of type <Submitted")
    # Another grader, which began at the same time, was faster.
    warnings.filterwarnings("ignore", message="DELETE statement on table '\\w+' expected to delete")
