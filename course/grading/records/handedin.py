"""What lies in students' folders: who handed something in, and the files of one submission.

A folder may hold anything: links, pipes, files that nobody may read, names that are no text. Each
costs its owner at most, and is told by name; nothing here waits, follows a link or changes a file.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

from course.grading.faults import CannotRead

#: A submission's files beside its notebooks are taken up to this many bytes; the judge takes less.
MOST_BESIDE = 256 * 2**20
#: nbgrader's own files in a submission: no student's code needs them, so a grade does not either.
NOT_NEEDED = ("timestamp.txt", "submission_secret.txt")
#: What opening says of a link, or of something else, in the place of what was looked at.
_SWAPPED = (errno.ELOOP, errno.ENOTDIR, errno.ENXIO)
_PIECE = 2**20


def cannot_read(error: OSError, path: Path | str) -> CannotRead:
    """Say in words that a file or folder cannot be read, and what helps."""
    remedies = {
        errno.EACCES: "make it readable for whoever grades: its owner or root can, with "
        "`chmod -R u+rX,go+rX`",
        errno.EMFILE: "raise the limit on open files (`ulimit -n`)",
        errno.ENFILE: "end programs that keep files open",
        errno.EIO: "see that its disk is whole",
        errno.ENOMEM: "make room in memory",
    }
    remedies[errno.EPERM] = remedies[errno.EACCES]
    why = error.strerror or type(error).__name__
    remedy = remedies.get(error.errno or 0, "see that its disk is there and can be read")
    return CannotRead(
        f"{path} could not be read ({why}), which is not the student's doing: {remedy}, and grade "
        f"again"
    )


def students_in(folder: Path, lesson_id: str) -> dict[str, str]:
    """Find who has a folder for a lesson.

    Parameters
    ----------
    folder : Path
        ``submitted/``, or another one of students' folders.
    lesson_id : str
        The lesson.

    Returns
    -------
    dict of str to str
        By student why the folder cannot be looked into, ``""`` where it can.
    """
    found: dict[str, str] = {}
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return found
    for name in names:
        place = folder / name / lesson_id
        try:
            if stat.S_ISDIR(place.stat().st_mode):
                os.scandir(place).close()
                found[name] = ""
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if error.errno != errno.ELOOP:  # a link to itself is no folder
                found[name] = str(cannot_read(error, place))
    return found


def is_ignored(path: str | Path, patterns: Iterable[str] | None) -> bool:
    """Say whether a course leaves a file out: by its name alone, wherever it lies."""
    name = Path(path).name
    return any(fnmatch(name, pattern) for pattern in patterns or ())


def files_in(
    folder: Path, ignore: Iterable[str] | None, odd: Callable[[Path, str], None]
) -> Iterator[Path]:
    """Yield the plain files of a submission, in order of their names.

    Parameters
    ----------
    folder : Path
        ``submitted/STUDENT/LESSON``.
    ignore : iterable of str
        Patterns of names that the course leaves out.
    odd : callable
        Told of each link, pipe, socket and device, which are left out, and what it is.

    Raises
    ------
    CannotRead
        Where a folder in it cannot be looked into.
    """

    def stop(error: OSError) -> None:
        if error.errno != errno.ENAMETOOLONG:
            raise cannot_read(error, error.filename or folder)
        odd(folder, "nested too deeply in places")  # the path itself has thousands of signs

    for place, folders, names in os.walk(folder, onerror=stop):
        here = Path(place)
        for name in [one for one in folders if os.path.islink(here / one)]:  # noqa: PTH114 - never raises
            folders.remove(name)
            odd(here / name, "a link")
        folders[:] = sorted(one for one in folders if not is_ignored(one, ignore))
        for path in (here / name for name in sorted(names)):
            if is_ignored(path, ignore):
                continue
            try:
                mode = path.lstat().st_mode
            except OSError as error:
                stop(error)
                continue
            if stat.S_ISREG(mode):
                yield path
            else:
                odd(path, "a link" if stat.S_ISLNK(mode) else "a pipe, a socket or a device")


def read_file(path: Path) -> bytes:
    """Return a plain file's bytes.

    Raises
    ------
    CannotRead
        Where it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise cannot_read(error, path) from error


def see_that_it_can_be_read(path: Path) -> None:
    """Open a plain file and close it; raise `CannotRead` where that is not possible."""
    try:
        path.open("rb").close()
    except OSError as error:
        raise cannot_read(error, path) from error


def copy_files_beside(
    source: Path,
    target: Path,
    ignore: Iterable[str],
    odd: Callable[[Path, str], None],
    *,
    may_be_link: bool = True,
    owner: int | None = None,
) -> None:
    """Copy a submission's plain files; say of others what they are.

    Parameters
    ----------
    source, target : Path
        Folders.
    ignore : iterable of str
        Patterns of names to leave out.
    odd : callable
        Told of each file that is left out, and what is the matter with it.
    may_be_link : bool, optional
        Whether the source itself may be a link. What is in it never is followed, whatever its owner
        lays there while it is copied.
    owner : int, optional
        Whose files alone are copied: another name of somebody else's file is one of its kind.

    Raises
    ------
    CannotRead
        Where a file cannot be read that the student's code may need.
    """
    left = MOST_BESIDE
    for path in files_in(source, ignore, odd):
        left -= path.lstat().st_size
        if left < 0:
            odd(path, f"beyond the {MOST_BESIDE >> 20} MiB that are taken")
            continue
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        try:
            file = _opened(source, path, may_be_link)
        except OSError as error:
            if error.errno in _SWAPPED:
                odd(path, "another thing than it was")
            elif path.name in NOT_NEEDED:
                odd(path, "not readable")
            else:
                raise cannot_read(error, path) from error
            continue
        with file:
            about = os.fstat(file.fileno())
            if owner not in (None, about.st_uid):
                odd(path, "another's file")
                continue
            with copy.open("wb") as new:  # what fails from here on is the copy
                for _ in range(0, about.st_size, _PIECE):  # no more, though it should grow
                    new.write(file.read(min(_PIECE, about.st_size - new.tell())))
        copy.chmod(about.st_mode & 0o777)


def _opened(source: Path, path: Path, may_be_link: bool) -> BinaryIO:
    """Open a plain file of a submission; fail where it, or a folder on the way, is another thing.

    Between a look at a path and its opening, its owner may lay a link there.
    """
    if os.open not in os.supports_dir_fd:
        return path.open("rb")
    *folders, name = path.relative_to(source).parts
    with ExitStack() as on_the_way:

        def step(name: str | Path, kind: int, where: int | None) -> int:
            number = os.open(name, os.O_RDONLY | os.O_CLOEXEC | kind, dir_fd=where)
            on_the_way.callback(os.close, number)
            return number

        here = step(source, os.O_DIRECTORY | (0 if may_be_link else os.O_NOFOLLOW), None)
        for folder in folders:
            here = step(folder, os.O_DIRECTORY | os.O_NOFOLLOW, here)
        number = step(name, os.O_NOFOLLOW | os.O_NONBLOCK, here)
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        return os.fdopen(os.dup(number), "rb")


def cannot_be_named(student: str) -> str:
    r"""Say why nbgrader cannot work with a student of this name, ``""`` where it can.

    >>> cannot_be_named("ann\n"), cannot_be_named("*[ann]")
    ('has a line break', '')
    """
    if "\n" in student:
        return "has a line break"
    if student.startswith("."):
        return "begins with a dot"
    if student != student.encode("utf-8", "replace").decode():
        return "is no text"
    return ""
