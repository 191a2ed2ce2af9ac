"""What a hub needs where its users can read it: an environment like the suite's, made of links.

Users may not be able to reach the suite's Python, its environment or the checkout, which can all
lie below a folder of root's. A second installation would take minutes, and 800 MB.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from course.lessons import course_root

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
NOBODY = 65534


def python_for_all() -> str:
    """Return a Python of this version that any user can start, ``""`` where there is none."""
    base = getattr(sys, "_base_executable", sys.executable)
    for one in (base, f"/usr/bin/{VERSION}", f"/usr/local/bin/{VERSION}"):
        command = [one, "-I", "-c", "import ensurepip, sqlite3, ssl, venv"]
        try:
            if not subprocess.run(
                command, user=NOBODY, capture_output=True, check=False
            ).returncode:
                return one
        except OSError:
            continue
    return ""


def make_environment(venv: Path, python: str) -> None:
    """Make an environment that holds the course with its extra `hub`, as pip would install it.

    Parameters
    ----------
    venv : Path
        Where; its files are links to the suite's, or copies on another file system.
    python : str
        What `python_for_all` returns.
    """
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", venv], check=True)
    ours = Path(sys.prefix).resolve()
    for distribution in _closure("course", "hub"):
        for file in distribution.files or ():
            there = Path(str(distribution.locate_file(file))).resolve()
            if not there.is_relative_to(ours) or not there.is_file() or "__editable__" in str(file):
                continue
            inside = there.relative_to(ours)
            if inside.parts[0] == "bin":
                _script(there, venv / inside)
            else:
                link(there, venv / inside)
    packages = venv / "lib" / VERSION / "site-packages"
    shutil.copytree(course_root() / "course", packages / "course")


def _closure(name: str, *extras: str) -> Iterator[importlib.metadata.Distribution]:
    """Yield a distribution and all that it requires, each once."""
    waiting, seen = [(name, extra) for extra in ("", *extras)], set()
    given: set[str] = set()
    while waiting:
        name, extra = one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        distribution = importlib.metadata.distribution(name)
        for line in distribution.requires or ():
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                waiting += [(wanted.name, more) for more in ("", *wanted.extras)]
        if name not in given:
            given.add(name)
            yield distribution


def link(there: str | Path, here: str | Path) -> None:
    """Make a second name of a file, or a copy on another file system."""
    here = Path(here)
    here.parent.mkdir(parents=True, exist_ok=True)
    if here.exists():
        return
    try:
        os.link(there, here)
    except OSError:
        shutil.copy2(there, here)


def _script(there: Path, here: Path) -> None:
    """Copy a program, for the Python of its new environment."""
    text = there.read_bytes()
    first, _, rest = text.partition(b"\n")
    if first.startswith(b"#!") and b"python" in first:
        text = f"#!{here.with_name('python')}\n".encode() + rest
    here.write_bytes(text)
    here.chmod(0o755)
