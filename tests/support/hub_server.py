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

from course.lessons import course_root, lesson_name

ROOT = course_root()
CONFIGURATION = ROOT / "docs" / "hub"
PROXY = "configurable-http-proxy"
COURSE, OTHER_COURSE = "teacher_forcing", "other_course"
#: The second lesson of each course: what happens to it is no concern of the first one's tests.
WATCHED = "03_scheduled_sampling"
#: Who shares the teacher's course.
INSTRUCTORS = ("ira", "ivo")
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
    gradebook, other_gradebook : str
        Databases of the teacher's course, and of Olga's.
    address, proxy : str
        Where people log in, and where the hub tells its proxy what leads where.
    names : dict of str to str
        Accounts, by what the tests call them.
    passwords : dict of str to str
        Their passwords, by the same.
    """

    folder: Path
    gradebook: str
    other_gradebook: str = ""
    address: str = ""
    proxy: str = ""
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
        return self.folder / "exchange" / COURSE

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

    def give_course(self, owner: str, name: str) -> None:
        """Put a clone of the course, with the tiny lesson in it twice, into somebody's home."""
        place = self.home(owner) / "course"
        place.mkdir(mode=0o700)
        shutil.copytree(ROOT / "course", place / "course", copy_function=link)
        for lesson in (LESSON_ID, WATCHED):
            source = place / "source" / lesson / f"{lesson_name(lesson)}.ipynb"
            source.parent.mkdir(parents=True)
            source.write_text(json.dumps(tiny_lesson()), encoding="utf-8")
        for file in ("pyproject.toml", "requirements.txt"):
            shutil.copy(ROOT / file, place)
        settings = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
        assert f'course_id = "{COURSE}"' in settings
        settings = settings.replace(f'course_id = "{COURSE}"', f'course_id = "{name}"')
        (place / "nbgrader_config.py").write_text(settings, encoding="utf-8")
        # Not what is in the package: links are the checkout's own files.
        for path in (place, *place.glob("*"), *place.glob("source/**/*")):
            shutil.chown(path, self.names[owner])

    def write_site(self) -> Path:
        """Say in site.toml what differs from one site to the next."""
        ports = _free_ports(5)
        text = (CONFIGURATION / "site.toml").read_text()
        table = text.index("[[courses]]")
        courses = [
            ("teacher", COURSE, self.gradebook, INSTRUCTORS, ("ann", "bob", "cleo")),
            ("olga", OTHER_COURSE, self.other_gradebook, (), ("cleo",)),
        ]
        told = _in_place_of(
            text[:table],
            {
                "/srv/course": str(self.folder),
                **dict(zip((":8000", ":8081", ":8001"), (f":{p}" for p in ports), strict=False)),
            },
        )
        for port, (owner, name, gradebook, *people) in zip(ports[3:], courses, strict=True):
            instructors, students = (json.dumps([self.names[who] for who in p]) for p in people)
            told += _in_place_of(
                text[table:],
                {
                    "/home/teacher/course": str(self.home(owner) / "course"),
                    '"teacher"': f'"{self.names[owner]}"',
                    "postgresql://course:PASSWORD@127.0.0.1/teacher_forcing": gradebook,
                    f'name = "{COURSE}"': f'name = "{name}"',
                    ":9001": f":{port}",
                    "instructors = []": f"instructors = {instructors}",
                    "students = []": f"students = {students}",
                },
            )
        site = self.folder / "site.toml"
        site.touch(mode=0o600)
        site.write_text(told)
        self.address, self.proxy = (f"http://127.0.0.1:{ports[one]}" for one in (0, 2))
        return site


def _in_place_of(text: str, changes: dict[str, str]) -> str:
    """Return a part of site.toml in which each default has given way to ours."""
    for default, ours in changes.items():
        assert default in text, f"docs/hub/site.toml says nothing of {default}"
        text = text.replace(default, ours)
    return text


@contextmanager
def a_hub(gradebook: str, other_gradebook: str) -> Iterator[Hub]:
    """Start a hub with two courses, whose marks are in databases.

    Ann, Bob and Cleo are in the teacher's course, which Ira and Ivo share; Cleo is in Olga's too.
    """
    hub = Hub(leftovers.begin("hub"), gradebook, other_gradebook)
    try:
        hub.folder.chmod(0o755)
        hub.lay_out()
        for who in ("teacher", "olga", *INSTRUCTORS, "ann", "bob", "cleo"):
            hub.account(who)
        hub.give_course("teacher", COURSE)
        hub.give_course("olga", OTHER_COURSE)
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
