"""A class of odd folders: what may lie in one student's, and the command to grade it as a user."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import warm
from tiny import LESSON_ID, solved

from course.grading.classes.temporary import Classroom

NOTEBOOK = "decoder_cells.ipynb"
#: Root may read everything, unless it gives that right away.
OURS = {
    "grade": "course.grading.classes.command",
    "report": "course.grading.report",
    "check": "course.learner.check",
}
_RIGHTS = "-dac_override,-dac_read_search"
AS_A_USER = ("setpriv", f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}")


def can_be_a_user() -> bool:
    """Say whether a command can be run that may not read everything."""
    return sys.platform != "win32" and (os.geteuid() != 0 or bool(shutil.which("setpriv")))


def run(room: Classroom, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of nbgrader's, or of the course's, as somebody who may not read everything."""
    program = ["-m", "nbgrader", *command]
    if module := OURS.get(command[0]):
        main = f"import sys; from {module} import main; sys.exit(main(sys.argv[1:]))"
        program = ["-c", main, *command[1:]]
    prefix = AS_A_USER if os.geteuid() == 0 else ()
    environment = {**os.environ, "COURSE_ROOT": str(room.folder)}
    return warm.run(*program, cwd=room.folder, env=environment, prefix=prefix)


def put(path: Path, kind: str) -> None:
    """Put something odd in the place of a file."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    makers: dict[str, Callable[[], object]] = {
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "socket": lambda: _socket(path),
        "dangling": lambda: path.symlink_to("nowhere"),
        "loop": lambda: path.symlink_to(path.name),
        "device": lambda: path.symlink_to("/dev/zero"),
        "huge": lambda: _huge(path),
        "deep": lambda: _deep(path),
        "closed": lambda: (path.write_bytes(b"closed"), path.chmod(0)),
        "bytes": lambda: path.write_bytes(bytes(range(256))),
        "empty": lambda: path.write_bytes(b""),
    }
    makers[kind]()


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's name may have 107 characters at most
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _deep(path: Path) -> None:
    """Nest folders until no path leads to the innermost."""
    path.mkdir()
    inside = os.open(path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=inside)
        outside, inside = inside, os.open("d" * 250, os.O_RDONLY, dir_fd=inside)
        os.close(outside)
    os.close(inside)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**33)


def hand_in(room: Classroom, student: str) -> Path:
    """Hand in a right answer; return its folder."""
    return room.hand_in(student, json.dumps(solved(room))).parent


def folder_of(room: Classroom, student: str) -> Path:
    return room.folder / "submitted" / student / LESSON_ID
