"""A PostgreSQL server of a test's own, from the system's packages, on a free port."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import leftovers
import warm
from saying import Saying
from sqlalchemy import create_engine, make_url, text
from tiny import LESSON_ID

from course.grading.classes.temporary import Classroom


def programs() -> Path | None:
    """Return the folder with `initdb` and `postgres`, the newest that is installed, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[-3])
    return newest[-1].parent if newest else None


#: What the log says at last.
READY = "database system is ready to accept connections"


class Server:
    """A server that can be ended, and started again on the same port with the same data."""

    def __init__(self, command: list[Any], folder: Path, as_user: dict[str, Any]) -> None:
        self._command, self._folder, self._as_user = command, folder, as_user
        self.address = ""
        self.start()

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self._running = Saying(self._command, cwd=self._folder, **self._as_user)
        self._running.until(READY)

    def end(self, number: signal.Signals) -> None:
        """End it by a signal, and wait until its children have followed it, however it ended."""
        self._running.process.send_signal(number)
        try:
            self._running.process.wait(300)
        except subprocess.TimeoutExpired:
            self._running.process.kill()
        self._running.wait()

    def another(self, name: str) -> str:
        """Make a user with a database of its own; return the database's address."""
        password = secrets.token_urlsafe(12)
        address = make_url(self.address).set(drivername="postgresql+psycopg2")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE USER {name} PASSWORD '{password}'"))
            connection.execute(text(f"CREATE DATABASE {name} OWNER {name}"))
        engine.dispose()
        return f"postgresql://{name}:{password}@127.0.0.1:{address.port}/{name}"

    @property
    def has_ended(self) -> bool:
        return self._running.process.poll() is not None


@contextmanager
def a_server() -> Iterator[Server]:
    """Start a server with an empty database that a test may end and start again."""
    bin_folder = programs()
    assert bin_folder is not None
    folder = leftovers.begin("postgres")
    made = None
    try:
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(folder, "nobody")
            as_user = {"user": "nobody", "extra_groups": []}
        password = secrets.token_urlsafe(12)
        (folder / "password").write_text(password)
        (folder / "password").chmod(0o644)
        about = ["--username=course", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        subprocess.run(
            [bin_folder / "initdb", "-D", folder / "data", *about, "--encoding=UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=folder,
            **as_user,
        )
        port = _free_port()
        settings = ["listen_addresses=127.0.0.1", "lc_messages=C"]
        settings += [f"unix_socket_directories={folder}"]
        settings += ["fsync=off"]  # what is killed here is the server, never the machine
        command = [bin_folder / "postgres", "-D", folder / "data", "-p", str(port)]
        command += [one for setting in settings for one in ("-c", setting)]
        made = Server(command, folder, as_user)
        address = f"//course:{password}@127.0.0.1:{port}"
        empty = f"postgresql+psycopg2:{address}/postgres"
        engine = create_engine(empty, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE gradebook"))
        engine.dispose()
        made.address = f"postgresql:{address}/gradebook"
        yield made
    finally:
        if made is not None:
            made.end(signal.SIGINT)  # ends whoever is connected, then the server
        leftovers.remove(folder)


class Department:
    """A course whose gradebook is a server's, and several processes work on."""

    def __init__(self, root: Path, folder: Path, address: str) -> None:
        self.room = Classroom(root, LESSON_ID, folder)
        self.folder = folder
        # As somebody who runs the course would set it.
        self.env = {**os.environ, "COURSE_ROOT": str(folder), "COURSE_GRADEBOOK": address}
        self.env |= {"PYTHONWARNINGS": "ignore", "HOME": str(folder)}
        self.run("nbgrader", "generate_assignment", LESSON_ID)

    def start(self, *command: str) -> warm.Started:
        """Start a command of the department's."""
        return warm.start("-m", *command, cwd=self.folder, env=self.env, is_one=True)

    def run(self, *command: str, status: int = 0) -> str:
        """Run a command to its end; return what it said."""
        done = self.start(*command)
        said, _ = done.communicate(timeout=600)
        assert done.returncode == status, said
        return said


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
