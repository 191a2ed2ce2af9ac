"""What tests make outside of pytest's folders, written down: it goes, though its run is killed.

A record lies in each such folder. It says which process made the folder, and which accounts. The
next run removes what a run that is dead has left, and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

RECORD = "made-by.json"
#: Names that tests give to accounts.
ACCOUNT = re.compile(r"hub-\w+-[0-9a-f]{6}")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
#: The folders of this process.
_ours: set[Path] = set()


def begin(prefix: str) -> Path:
    """Make a folder for something that outlives a killed run; remove what dead runs have left.

    It is removed by `remove`, by SIGTERM or SIGHUP to this process, or by the next run.
    """
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"course-{prefix}-"))
    maker = {"boot": _boot(), "space": _space(), "pid": os.getpid()}
    _write(folder, maker | {"started": psutil.Process().create_time(), "accounts": []})
    if not _ours:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _end_by)
    _ours.add(folder)
    return folder


def note_account(folder: Path, name: str) -> None:
    """Write down an account that is about to be made, whose home is in the folder."""
    record = _read(folder)
    assert record is not None
    _write(folder, record | {"accounts": [*record["accounts"], name]})


def remove(folder: Path) -> None:
    """Remove a folder, its accounts, and all that runs in it or in their names."""
    record = _read(folder) or {"accounts": []}
    accounts = {name: _number(name, folder) for name in record["accounts"]}
    theirs = {number for number in accounts.values() if number is not None}
    while running := [*_at_work(folder, theirs)]:
        for process in running:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(running, timeout=0.1)  # a zombie stays until its parent looks at it
    for name, number in accounts.items():
        if number is not None:
            subprocess.run(["userdel", "--force", name], check=False, capture_output=True)
    for path in folder.glob("*"):
        if path.name != RECORD:  # which goes last: what is killed here goes on next time
            shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    _ours.discard(folder)


def remove_leftovers() -> None:
    """Remove what dead runs have left."""
    for path in Path(tempfile.gettempdir()).glob(f"course-*/{RECORD}"):
        record = _read(path.parent)
        if record and _is_dead(record):
            remove(path.parent)


def _is_dead(record: dict[str, Any]) -> bool:
    """Say whether the process that made something has ended; where nobody can say, it has not."""
    if record["boot"] != _boot():
        return True
    if record["space"] != _space():
        return False
    try:
        return bool(psutil.Process(record["pid"]).create_time() != record["started"])
    except psutil.NoSuchProcess:
        return True


def _at_work(folder: Path, accounts: set[int]) -> Iterator[psutil.Process]:
    """Yield what runs in one of some accounts' names, or has its working directory in a folder."""
    for process in psutil.process_iter(["uids", "cwd", "status"]):
        told = process.info
        if told["status"] == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
            continue
        inside = told["cwd"] and Path(told["cwd"].removesuffix(" (deleted)")).is_relative_to(folder)
        if inside or (told["uids"] and told["uids"].real in accounts):
            yield process


def _number(name: str, folder: Path) -> int | None:
    """Return the number of an account that tests have made for a folder, None where it is none."""
    from pwd import getpwnam  # POSIX's; this file is read elsewhere, too

    try:
        account = getpwnam(name)
    except KeyError:
        return None
    ours = ACCOUNT.fullmatch(name) and Path(account.pw_dir).is_relative_to(folder)
    return account.pw_uid if ours else None


def _end_by(number: int, _: FrameType | None) -> None:
    """Remove what this process has made, then end by the signal; a fork of it has made nothing."""
    for folder in [*_ours]:
        record = _read(folder)
        if record and record["pid"] == os.getpid():
            remove(folder)
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _read(folder: Path) -> dict[str, Any] | None:
    """Return the record in a folder, None where there is none of this user's."""
    path = folder / RECORD
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as file:
            mine = os.fstat(file.fileno()).st_uid == os.geteuid()
            return dict(json.load(file)) if mine else None
    except (OSError, ValueError):
        return None


def _write(folder: Path, record: dict[str, Any]) -> None:
    new = folder / f"{RECORD}.new"
    new.write_text(json.dumps(record), encoding="utf-8")
    new.replace(folder / RECORD)


def _boot() -> str:
    return _BOOT.read_text() if _BOOT.is_file() else ""


def _space() -> str:
    """Return in which space of process numbers this is: in another, ours mean something else."""
    return str(Path("/proc/self/ns/pid").readlink()) if _BOOT.is_file() else ""
