"""Who can get at what on a server with accounts: read off owners and modes."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: nbgrader's folders of a course in the exchange, and the modes that keep students apart in them.
EXCHANGED = {"inbound": 0o733, "outbound": 0o755, "feedback": 0o711}
#: The mode of the exchange: all may make a folder in it, none may take away another's.
SHARED = 0o1777
#: How many homes a finding names.
_NAMED = 5


@dataclass(frozen=True)
class Inspected:
    """One thing that was looked at.

    Attributes
    ----------
    what : str
        What was found, good or bad.
    remedy : str
        What to do about it, ``""`` where nothing is to be done.
    """

    what: str
    remedy: str = ""


def of_exchange(root: Path, course_id: str, owner: int) -> Iterator[Inspected]:
    """Look at the exchange.

    Parameters
    ----------
    root : Path
        Its folder.
    course_id : str
        The course's name in it.
    owner : int
        The number of the account that releases and collects.
    """
    if not root.is_dir():
        yield Inspected(f"there is no exchange at {root}", f"sudo install -d -m 1777 {root}")
        return
    if _mode(root) != SHARED:
        yield Inspected(
            f"the exchange {root} has mode {_mode(root):o}: students need to write in it, and must "
            f"not rename or remove what is another's",
            f"sudo chmod 1777 {root}",
        )
    else:
        yield Inspected(f"the exchange is {root}")
    place = root / course_id
    if not place.is_dir():
        yield Inspected(f"nothing of {course_id} has been released yet")
        return
    if place.stat().st_uid != owner:
        yield Inspected(
            f"{place} is not of the account that owns the course: whoever made it can read and "
            f"change all that is handed in",
            f"sudo mv {place} {place}.old, and release again",
        )
    for name, wanted in EXCHANGED.items():
        folder = place / name
        if folder.is_dir() and _mode(folder) & 0o777 != wanted:
            yield Inspected(
                f"{folder} has mode {_mode(folder) & 0o777:o} in place of {wanted:o}",
                f"chmod {wanted:o} {folder}",
            )


def of_course(root: Path) -> Iterator[Inspected]:
    """Look whether others can get at the course: hidden tests, submissions, and marks."""
    if is_open(root):
        yield Inspected(
            f"others can look into {root}, where hidden tests, submissions and marks are",
            f"chmod 700 {root}",
        )
    else:
        yield Inspected(f"{root} is closed to others")


def of_homes(homes: Iterable[Path]) -> Iterator[Inspected]:
    """Look whether people can read each other's homes, and with them each other's answers."""
    homes = [home for home in homes if _is_seen(home)]
    read = [home for home in homes if _mode(home) & 0o077]
    if read:
        more = f" and {len(read) - _NAMED} more" if len(read) > _NAMED else ""
        named = " ".join(map(str, read[:_NAMED]))
        yield Inspected(
            f"others can look into {named}{more}, where students' answers are",
            "sudo chmod 700 of each; for new accounts `HOME_MODE 0700` in /etc/login.defs and "
            "`DIR_MODE=0700` in /etc/adduser.conf",
        )
    else:
        yield Inspected(f"{len(homes)} homes are closed to others")


def of_environment(prefix: Path) -> Iterator[Inspected]:
    """Look whether anybody may change the programs that all run."""
    if _mode(prefix) & stat.S_IWOTH:
        yield Inspected(
            f"anybody may change the environment {prefix}, which all run",
            f"sudo chmod -R go-w {prefix}",
        )
    else:
        yield Inspected(f"the environment is {prefix}")


def is_open(folder: Path) -> bool:
    """Say whether others than a folder's owner and group can look into it, from the root on."""
    way = [folder, *folder.parents]
    return bool(_mode(folder) & 0o005) and all(_mode(one) & stat.S_IXOTH for one in way[1:])


def _is_seen(folder: Path) -> bool:
    """Say whether a folder is there, and in none that one may not even look into."""
    try:
        return folder.is_dir()
    except PermissionError:
        return False


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
