"""A run of tests that is killed leaves accounts and a hub behind: the next one removes them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from pwd import getpwall

import leftovers
import programs
import psutil
import pytest
from hub_place import NOBODY
from hub_server import Hub

SUPPORT = Path(leftovers.__file__).parent

pytestmark = [pytest.mark.hub, pytest.mark.slow(seconds=15)]


class Run:
    """Another run of tests, which has made a hub, or an account alone, and waits."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, programs.place("hub_to_be_killed"), *arguments],
            env={**os.environ, "PYTHONPATH": str(SUPPORT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self.folder, self.names = Path(told["folder"]), told["names"]

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        with self.process:  # closes its pipes, and waits
            pass

    def left(self) -> tuple[bool, set[str], set[str]]:
        """Return whether its folder is there, its accounts, and the programs that it started."""
        accounts = {one.pw_name: one.pw_uid for one in getpwall() if one.pw_name in self.names}
        at_work = [*leftovers._at_work(self.folder, set(accounts.values()))]
        return self.folder.is_dir(), {*accounts}, {process.name() for process in at_work}


@pytest.fixture
def ended(hub: Hub) -> Iterator[list[Run]]:
    """Runs that a test has started, ended after it; ours goes on beside them."""
    runs: list[Run] = []
    yield runs
    for run in runs:
        run.end(signal.SIGKILL)
    leftovers.remove_leftovers()


def test_the_next_run_removes_what_a_killed_one_left(hub: Hub, ended: list[Run]) -> None:
    run = Run()
    ended.append(run)
    leftovers.remove_leftovers()
    alive = run.left()
    run.end(signal.SIGKILL)
    assert run.left() == alive, "something else removes what a killed run leaves"
    there, accounts, at_work = alive
    assert there
    assert accounts == set(run.names)
    assert {"jupyterhub", "node", "sleep"} <= at_work
    leftovers.remove_leftovers()
    assert run.left() == (False, set(), set())
    assert hub.folder.is_dir()
    assert {*hub.names.values()} <= {one.pw_name for one in getpwall()}
    assert [one for one in leftovers._at_work(hub.folder, set()) if one.name() == "jupyterhub"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_removes_what_it_made(
    number: signal.Signals, ended: list[Run]
) -> None:
    run = Run("an account")
    ended.append(run)
    assert run.left() == (True, set(run.names), {"sleep"})
    run.end(number)
    assert run.process.returncode == -number
    assert run.left() == (False, set(), set())


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The record of a dead run in a folder for temporary files of a test's own."""
    monkeypatch.setattr(leftovers.tempfile, "gettempdir", lambda: str(tmp_path))
    folder = tmp_path / "course-hub-test"
    folder.mkdir()
    with subprocess.Popen(["true"]) as process:
        started = psutil.Process(process.pid).create_time()
    dead = {"boot": leftovers._boot(), "space": leftovers._space(), "pid": process.pid}
    leftovers._write(folder, dead | {"started": started, "accounts": []})
    return folder / leftovers.RECORD


def test_what_a_dead_run_left_goes(record: Path) -> None:
    leftovers.remove_leftovers()
    assert not record.parent.exists()


@pytest.mark.parametrize("said", [{"pid": os.getpid()}, {"space": "pid:[1]"}])
def test_what_may_be_a_live_runs_stays(record: Path, said: dict[str, object]) -> None:
    told = json.loads(record.read_text()) | said
    if "pid" in said:
        told["started"] = psutil.Process().create_time()
    record.write_text(json.dumps(told))
    leftovers.remove_leftovers()
    assert record.exists()


def test_accounts_that_no_test_made_stay(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record.write_text(json.dumps(json.loads(record.read_text()) | {"accounts": ["root", "nobody"]}))
    ended: list[object] = []
    monkeypatch.setattr(leftovers.subprocess, "run", lambda *told, **_: ended.append(told))
    leftovers.remove_leftovers()
    assert not record.exists()
    assert ended == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_record_that_another_user_wrote_is_not_believed(record: Path) -> None:
    os.chown(record, NOBODY, -1)
    leftovers.remove_leftovers()
    assert record.exists()
