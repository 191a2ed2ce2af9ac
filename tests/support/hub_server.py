"""JupyterHub of a test's own: with accounts that it makes and removes, on free ports."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import leftovers
import pytest
from hub_place import link, make_environment, python_for_all
from tiny import LESSON_ID, tiny_lesson

from course.lessons import course_root

ROOT = course_root()
CONFIGURATION = ROOT / "docs" / "hub"
PROXY = "configurable-http-proxy"
#: What the hub says once users can log in.
READY = "JupyterHub is now running"
#: Without which the hub cannot be started here, and what brings it.
PROGRAMS = {
    PROXY: "apt install npm; npm install -g configurable-http-proxy",
    "useradd": "apt install passwd",
    "chpasswd": "apt install passwd",
    "bwrap": "apt install bubblewrap",
}


def why_not() -> str:
    """Say why no hub can be started here, ``""`` where one can."""
    if os.geteuid() != 0:
        return "only root can make accounts, and a hub starts servers for other users"
    for program, remedy in PROGRAMS.items():
        if shutil.which(program) is None:
            return f"there is no {program}: {remedy}"
    if not Path("/etc/pam.d/login").is_file():
        return "there is no PAM service `login`: apt install login"
    if not python_for_all():
        return "no Python of this version can be started by all users: apt install python3-venv"
    return ""


@dataclass
class Hub:
    """A running JupyterHub.

    Attributes
    ----------
    folder : Path
        What site.toml calls so.
    address : str
        Where people log in.
    names : dict of str to str
        Accounts, by what the tests call them.
    passwords : dict of str to str
        Their passwords, by the same.
    """

    folder: Path
    gradebook: str
    address: str = ""
    names: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def home(self, who: str) -> Path:
        """Return somebody's home folder."""
        return self.folder / "home" / self.names[who]

    @property
    def course(self) -> Path:
        """The teacher's folder of the course."""
        return self.home("teacher") / "course"

    @property
    def exchanged(self) -> Path:
        """The course in the exchange."""
        return self.folder / "exchange" / "teacher_forcing"

    def account(self, who: str) -> None:
        """Make an account whose home nobody else can read."""
        name = f"hub-{who}-{secrets.token_hex(3)}"
        leftovers.note_account(self.folder, name)
        make = ["useradd", "--home-dir", self.folder / "home" / name, "--create-home"]
        subprocess.run([*make, "--key", "HOME_MODE=0700", name], check=True, capture_output=True)
        self.names[who], self.passwords[who] = name, secrets.token_urlsafe(12)
        told = f"{name}:{self.passwords[who]}"
        subprocess.run(["chpasswd"], input=told, text=True, check=True, capture_output=True)

    def lay_out(self) -> None:
        """Put everything where docs/hub.md says that it goes."""
        make_environment(self.folder / "env", python_for_all())
        settings = self.folder / "env" / "etc" / "jupyter"
        settings.mkdir(parents=True, exist_ok=True)
        shutil.copy(CONFIGURATION / "nbgrader_config.py", settings)
        shutil.copy(CONFIGURATION / "jupyterhub_config.py", self.folder)
        programs = self.folder / "proxy" / "node_modules" / ".bin"
        programs.mkdir(parents=True)
        (programs / PROXY).symlink_to(str(shutil.which(PROXY)))
        (self.folder / "run").mkdir(mode=0o700)
        (self.folder / "home").mkdir()
        (self.folder / "exchange").mkdir()
        (self.folder / "exchange").chmod(0o1777)

    def give_course(self) -> None:
        """Put a clone of the course, with the tiny lesson in it, into the teacher's home."""
        self.course.mkdir(mode=0o700)
        shutil.copytree(ROOT / "course", self.course / "course", copy_function=link)
        source = self.course / "source" / LESSON_ID
        source.mkdir(parents=True)
        (source / "decoder_cells.ipynb").write_text(json.dumps(tiny_lesson()), encoding="utf-8")
        for name in ("nbgrader_config.py", "pyproject.toml", "requirements.txt"):
            shutil.copy(ROOT / name, self.course)
        # Not what is in the package: links are the checkout's own files.
        for path in (self.course, *self.course.glob("*"), *self.course.glob("source/**/*")):
            shutil.chown(path, self.names["teacher"])

    def write_site(self) -> Path:
        """Say in site.toml what differs from one site to the next."""
        ports = _free_ports(3)
        site = self.folder / "site.toml"
        text = (CONFIGURATION / "site.toml").read_text()
        for default, ours in {
            "/srv/course": self.folder,
            "/home/teacher/course": self.course,
            '"teacher"': f'"{self.names["teacher"]}"',
            "postgresql://course:PASSWORD@127.0.0.1/teacher_forcing": self.gradebook,
            **dict(zip((":8000", ":8081", ":8001"), (f":{port}" for port in ports), strict=True)),
        }.items():
            assert default in text, f"docs/hub/site.toml says nothing of {default}"
            text = text.replace(default, str(ours))
        site.touch(mode=0o600)
        site.write_text(text)
        self.address = f"http://127.0.0.1:{ports[0]}"
        return site


@contextmanager
def a_hub(gradebook: str) -> Iterator[Hub]:
    """Start a hub with a teacher, Ann and Bob, whose course keeps its marks in a database."""
    hub = Hub(leftovers.begin("hub"), gradebook)
    try:
        hub.folder.chmod(0o755)
        hub.lay_out()
        for who in ("teacher", "ann", "bob"):
            hub.account(who)
        hub.give_course()
        with _running(hub, hub.write_site()):
            yield hub
    finally:
        leftovers.remove(hub.folder)


@contextmanager
def _running(hub: Hub, site: Path) -> Iterator[None]:
    programs = f"{hub.folder / 'env' / 'bin'}:{os.environ['PATH']}"
    process = subprocess.Popen(
        [hub.folder / "env/bin/jupyterhub", "-f", hub.folder / "jupyterhub_config.py"],
        cwd=hub.folder / "run",
        env={"PATH": programs, "HOME": str(hub.folder / "run"), "COURSE_SITE": str(site)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: list[str] = []
    told = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                said.append(line)
                if READY in line:
                    told.set()
        told.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        told.wait()
        if not any(READY in line for line in said):
            pytest.fail("JupyterHub did not start:\n" + "".join(said))
        yield
    finally:
        process.send_signal(signal.SIGTERM)  # ends the servers that it started, and the proxy
        process.wait()
        listener.join()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
