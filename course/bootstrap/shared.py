"""An environment in which the course is installed for many: used as it stands, never changed.

On a server people share one environment that they may not write to. The course's package in it does
all the work, as judges and workers import that one whatever folder a command is given in; the
folder of a course has the lessons alone. Standard library only.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import sys
from pathlib import Path

from course.bootstrap.problems import EnvironmentProblem

#: The settings that make a folder a course's.
SETTINGS = "nbgrader_config.py"


def package_in(venv: Path) -> Path | None:
    """Return the course's package where it is installed in an environment, as no checkout's is."""
    folders = [venv / "Lib" / "site-packages", *sorted(venv.glob("lib/python3*/site-packages"))]
    return next((one / "course" for one in folders if (one / "course/__main__.py").is_file()), None)


def environment_for(root: Path) -> Path | None:
    """Return the environment for many that a checkout's commands are to run in, None for its own.

    It is the one that ``COURSE_VENV`` names, or where the checkout has none the one that runs; and
    somebody else's. One's own is kept up to date with the checkout instead.

    Parameters
    ----------
    root : Path
        The checkout.
    """
    named = os.environ.get("COURSE_VENV")
    if not named and (root / ".venv").exists():
        return None
    venv = Path(named).expanduser().absolute() if named else Path(sys.prefix)
    return venv if package_in(venv) and _is_anothers(venv) else None


def _is_anothers(folder: Path) -> bool:
    return os.name == "posix" and folder.stat().st_uid != os.getuid()


def is_apart(root: Path) -> bool:
    """Say whether the package in a folder is installed, and in no checkout."""
    return not (root / "pyproject.toml").is_file()


def choose_course(extras: tuple[str, ...] = ()) -> None:
    """Have an installed package work on the course that ``COURSE_ROOT`` names, or this folder.

    Parameters
    ----------
    extras : tuple of str
        Optional groups of requirements that the command wants.

    Raises
    ------
    EnvironmentProblem
        Where neither is a course's folder, or the environment lacks something.
    """
    named = os.environ.get("COURSE_ROOT")
    folder = Path(named).expanduser().absolute() if named else Path.cwd()
    if not (folder / SETTINGS).is_file():
        said = f"COURSE_ROOT names {folder}, which" if named else f"This folder, {folder},"
        raise EnvironmentProblem(
            f"{said} holds no {SETTINGS}, so it is no course. Run the command in the course's "
            f"folder, or name that in the variable COURSE_ROOT."
        )
    os.environ["COURSE_ROOT"] = str(folder)
    if lacking := [name for extra in extras for name in _lacking(extra)]:
        raise EnvironmentProblem(
            f"{sys.prefix} lacks {', '.join(lacking)}. Whoever keeps that environment adds it: "
            f"`{sys.executable} -m pip install '{folder}[{','.join(extras)}]'`."
        )


def _lacking(extra: str) -> list[str]:
    """List the packages of an optional group that are not installed."""
    wanted = importlib.metadata.requires("course") or []
    marks = (f'extra == "{extra}"', f"extra == '{extra}'")
    names = [re.split(r"[^\w.-]", one)[0] for one in wanted if one.endswith(marks)]
    return [name for name in names if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
