"""A PostgreSQL server of a test's own, from the system's packages, on a free port."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError


def programs() -> Path | None:
    """Return the folder with `initdb` and `postgres`, the newest that is installed, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[-3])
    return newest[-1].parent if newest else None


@contextmanager
def server() -> Iterator[str]:
    """Start a server; give the address of an empty database, as a department would have it."""
    bin_folder = programs()
    assert bin_folder is not None
    folder = Path(tempfile.mkdtemp(prefix="course-postgres-"))
    process = None
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
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [bin_folder / "postgres", "-D", folder / "data", "-p", str(port), *settings],
                stdout=log,
                stderr=log,
                cwd=folder,
                **as_user,
            )
        address = f"postgresql://course:{password}@127.0.0.1:{port}"
        _make_database(f"{address}/postgres", process, folder / "log")
        yield f"{address}/gradebook"
    finally:
        if process is not None:
            process.terminate()  # SIGTERM: ends once nobody is connected
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _make_database(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    engine = create_engine(
        address.replace("postgresql:", "postgresql+psycopg2:"), isolation_level="AUTOCOMMIT"
    )
    until = time.monotonic() + 30
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text("CREATE DATABASE gradebook"))
            break
        except OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
    engine.dispose()
