"""``python3 -m course test``: the course's tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from course.bootstrap.environment import checkout

#: A file of tests stays with one worker, so that what its tests share is made once.
SPREAD = ("--dist", "loadfile", "--no-loadscope-reorder")
#: Workers more than cores: many slow tests wait for processes. Without those hardly any does, and
#: each worker finds all tests before it begins.
MORE = 2


def main(argv: list[str]) -> int:
    """Run pytest in the course's folder with these arguments; return its exit status.

    Where they name no file or folder, the tests are spread over all cores; ``-n 0`` leaves them in
    one process.
    """
    import pytest

    os.chdir(checkout())
    _keep_bytecode()
    # Threads of the matrix library would wait for each other where all cores are busy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return int(pytest.main([*spread(argv), *argv]))


def _keep_bytecode() -> None:
    """Let Python keep what it compiles, whatever the shell says.

    The tests start many processes; each worker would also rewrite the asserts of all tests anew.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def spread(argv: list[str]) -> tuple[str, ...]:
    """Return the options for that, none where a file is named, or how to run."""
    told = any(
        argument.startswith(("-n", "--numprocesses", "--pdb", "-p"))
        or Path(argument.partition("::")[0]).exists()
        for argument in argv
    )
    more = 0 if any("not slow" in argument for argument in argv) else MORE
    return () if told else ("-n", str((os.cpu_count() or 1) + more), *SPREAD)
