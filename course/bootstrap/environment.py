"""The course's own Python environment: made once, found again, mended where it is half made.

It lies in ``.venv``, or where the variable ``COURSE_VENV`` says, so that tests, CI and several
checkouts can share one. Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from course.bootstrap import problems
from course.bootstrap.live import LiveLine, follow
from course.bootstrap.lock import only_one
from course.bootstrap.problems import EnvironmentProblem

__all__ = ["EnvironmentProblem", "ensure", "is_active", "is_ready", "place", "python"]

OLDEST = (3, 11)

#: Says that an environment is complete, and for what; written last.
STAMP = "course-stamp.json"
#: Held while the environment is made. Also the sign that the course may make it anew.
LOCK = "course.lock"
LOG = "course-install.log"

PROBE = "import sys; print('%d.%d' % sys.version_info[:2])"


@dataclass(frozen=True)
class EnvironmentStamp:
    """What an environment was made for.

    Attributes
    ----------
    digest : str
        Of the requirements.
    python : str
        ``"3.12"``.
    root : str
        The checkout whose package is installed.
    extras : tuple of str
        Optional groups of requirements that are installed too.
    """

    digest: str
    python: str
    root: str
    extras: tuple[str, ...]


def checkout() -> Path:
    """Return the course's folder: the one that this file belongs to."""
    return Path(__file__).resolve().parents[2]


def place(root: Path | None = None) -> Path:
    """Return where the environment is or will be."""
    named = os.environ.get("COURSE_VENV")
    return Path(named).expanduser().absolute() if named else (root or checkout()) / ".venv"


def python(root: Path | None = None) -> Path:
    """Return the environment's Python, whether it is there or not."""
    return python_in(place(root))


def python_in(venv: Path) -> Path:
    """Return the Python of an environment, whether it is there or not."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def is_active(root: Path | None = None) -> bool:
    """Say whether this process runs in the environment."""
    return Path(sys.prefix).resolve() == place(root).resolve()


def is_ready(extras: tuple[str, ...] = (), root: Path | None = None) -> bool:
    """Say whether the environment is complete, up to date, and starts.

    Parameters
    ----------
    extras : tuple of str
        Optional groups of requirements, as in ``pyproject.toml``, that are wanted as well.
    root : Path, optional
        The course's folder.
    """
    root = root or checkout()
    stamp = read_stamp(place(root))
    return (
        stamp is not None
        and stamp.digest == requirements_digest(root)
        and set(extras) <= set(stamp.extras)
        and not _has_moved(stamp, root)
        and probe(root) == stamp.python
    )


def ensure(
    extras: tuple[str, ...] = (), root: Path | None = None, line: LiveLine | None = None
) -> bool:
    """Make, finish or bring up to date the environment where that is needed.

    Several processes may call this at the same time: one works, the others wait.

    Parameters
    ----------
    extras, root
        As for `is_ready`.
    line : LiveLine, optional
        Where progress is told.

    Returns
    -------
    bool
        True where something was installed, so that this process may hold old modules.

    Raises
    ------
    EnvironmentProblem
        With the remedy as its message.
    """
    root = root or checkout()
    line = line or LiveLine()
    if is_ready(extras, root):
        return False
    venv = place(root)
    # The lock is looked for last: another command may be putting it into a folder just made.
    ours = not venv.exists() or not any(venv.iterdir()) or (venv / LOCK).exists()
    if not ours and not (venv / "pyvenv.cfg").exists():
        raise problems.not_an_environment(venv)
    try:
        venv.mkdir(parents=True, exist_ok=True)
        if ours:
            (venv / LOCK).touch()
        lock = venv / LOCK if ours else venv / "course-guest.lock"
        with only_one(lock, lambda: line.say("Another command makes the environment; waiting.")):
            if not is_ready(extras, root):
                _make(root, extras, ours, line)
    except OSError as error:
        raise problems.from_os_error(error, venv) from error
    return True


def _make(root: Path, extras: tuple[str, ...], ours: bool, line: LiveLine) -> None:
    """Do the work of `ensure`, alone."""
    venv = place(root)
    line.say(f"Preparing the environment in {venv}: about 800 MB, and a minute or two, once.")
    stamp = read_stamp(venv)
    (venv / STAMP).unlink(missing_ok=True)
    found = probe(root)
    outdated = stamp is not None and (_has_moved(stamp, root) or found != stamp.python)
    if found is None or (ours and outdated):
        if not ours:
            raise problems.broken(venv)
        _create(venv, line)
        found = probe(root)
        if found is None:
            raise problems.from_output("its Python does not start", venv, venv / LOG)
    if _numbers(found) < OLDEST:
        raise problems.too_old(venv, found, ".".join(map(str, OLDEST)))
    if not has_pip(root):
        _run([str(python(root)), "-m", "ensurepip", "--default-pip"], venv, line, "Adding pip")
    wanted = tuple(sorted({*extras, *(stamp.extras if stamp else ())}))
    _install(root, wanted, line)
    write_stamp(venv, EnvironmentStamp(requirements_digest(root), found, str(root), wanted))
    line.say("The environment is ready.")


def _create(venv: Path, line: LiveLine) -> None:
    """Make an empty environment, in place of whatever is left of an old one."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise EnvironmentProblem(problems.NO_VENV)
    for entry in venv.iterdir():
        if entry.name == LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    # Inside an environment the Python it was made from is the one that outlives it.
    base = getattr(sys, "_base_executable", None) or sys.executable
    _run([base, "-m", "venv", str(venv)], venv, line, "Making an empty environment")


def _install(root: Path, extras: tuple[str, ...], line: LiveLine) -> None:
    """Install the requirements and the course itself, editable, by one call of pip."""
    package = f".[{','.join(extras)}]" if extras else "."
    command = [str(python(root)), "-m", "pip", "install", "-r", "requirements.txt", "-e", package]
    _run(command, place(root), line, "Installing packages", cwd=root)


def _run(
    command: list[str], venv: Path, line: LiveLine, phase: str, cwd: Path | None = None
) -> None:
    """Run venv or pip, showing progress; turn a failure into a problem with a remedy."""
    # A user's own pip settings may ask for --user, which no environment allows.
    env = {**os.environ, "PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    progress = PipProgress()
    status, output = follow(
        command, progress.hear, lambda: line.show(phase, progress.text), cwd=cwd, env=env
    )
    line.clear()
    log = venv / LOG
    log.write_text(output, encoding="utf-8")
    if status != 0:
        raise problems.from_output(output, venv, log)


class PipProgress:
    """What pip's lines say about how far it is."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.text = ""

    def hear(self, text: str) -> None:
        """Take in one line.

        >>> progress = PipProgress()
        >>> progress.hear("Collecting numpy<2.5,>=2.2 (from -r requirements.txt (line 2))")
        >>> progress.text
        '(1 found, numpy)'
        """
        if found := re.match(r"\s*Collecting ([\w.-]+)", text):
            self.names.add(found[1])
            self.text = f"({len(self.names)} found, {found[1]})"
        elif found := re.match(r"\s*Downloading (\S+?)-\d\S* \((.+?)\)", text):
            self.text = f"({len(self.names)} found, downloading {found[1]}, {found[2]})"
        elif found := re.match(r"Installing collected packages: (.*)", text):
            self.text = f"({found[1].count(',') + 1} packages to unpack)"
        elif "Retrying" in text:
            self.text = "(no answer from the package index, trying again)"


def probe(root: Path | None = None) -> str | None:
    """Ask the environment's Python for its version; None where it does not start."""
    if is_active(root):
        return "{}.{}".format(*sys.version_info[:2])
    return _ask([str(python(root)), "-I", "-c", PROBE])


def has_pip(root: Path | None = None) -> bool:
    """Say whether the environment has pip: one made by another tool, or half made, may not."""
    return _ask([str(python(root)), "-I", "-m", "pip", "--version"]) is not None


def _ask(command: list[str]) -> str | None:
    """Return what a program prints; None where it fails."""
    try:
        answer = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def requirements_digest(root: Path) -> str:
    """Return a digest of everything that decides what is installed."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {
        "build": project.get("build-system", {}),
        "python": project["project"].get("requires-python"),
        "extras": project["project"].get("optional-dependencies", {}),
        "scripts": project["project"].get("scripts", {}),
        "requirements": (root / "requirements.txt").read_text(encoding="utf-8").splitlines(),
    }
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()


def read_stamp(venv: Path) -> EnvironmentStamp | None:
    """Read what an environment was made for; None where it is not complete."""
    try:
        stored = json.loads((venv / STAMP).read_text(encoding="utf-8"))
        return EnvironmentStamp(**{**stored, "extras": tuple(stored["extras"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_stamp(venv: Path, stamp: EnvironmentStamp) -> None:
    """Declare an environment complete, at once or not at all."""
    unfinished = venv / f"{STAMP}.new"
    unfinished.write_text(json.dumps(asdict(stamp), indent=1) + "\n", encoding="utf-8")
    unfinished.replace(venv / STAMP)


def _has_moved(stamp: EnvironmentStamp, root: Path) -> bool:
    """Say whether the course's folder was moved since, which breaks the scripts in ``.venv``.

    An environment that COURSE_VENV names is shared by several checkouts on purpose.
    """
    return not os.environ.get("COURSE_VENV") and stamp.root != str(root)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
