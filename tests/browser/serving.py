"""Run JupyterLab as a learner or an instructor does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from saying import Saying

#: When a test no longer waits for a notebook to have run: what ends a test of something that hangs.
RUN_LIMIT_MS = 600_000
#: What a user may have set up for another purpose, and the course must survive.
USERS_CONFIGURATION = """
c = get_config()
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.base_url = "/elsewhere/"
c.IdentityProvider.token = ""
c.ServerApp.root_dir = "/"
"""


_NUMBERS = count()


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab.

    Attributes
    ----------
    root : Path
        The copy of the course that it serves; a learner's sees ``root / "work"`` alone.
    address, token : str
        Where it listens, and what it lets in.
    """

    root: Path
    address: str
    token: str

    def url(self, path: str) -> str:
        """Return an address that opens a file, relative to the folder served, and nothing else.

        Each is a workspace of its own, so that no test finds the tabs of another.
        """
        workspace = f"test-{next(_NUMBERS)}"
        return f"{self.address}/lab/workspaces/{workspace}/tree/{path}?token={self.token}"


@contextmanager
def serve(root: Path, home: Path, *arguments: str) -> Iterator[Lab]:
    """Run ``course lab`` of a copy in this Python, with a home folder of its own."""
    config = home / ".jupyter" / "jupyter_server_config.py"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(USERS_CONFIGURATION)
    script = "import sys; from course.learner import lab; sys.exit(lab.main(sys.argv[1:]))"
    with _running(root, home, "-c", script, "--no-browser", *arguments) as running:
        yield running


@contextmanager
def serve_plainly(root: Path, home: Path) -> Iterator[Lab]:
    """Run a JupyterLab of which the course knows nothing, on the folder ``root / "work"``."""
    with _running(root, home, *_plainly(root, home)) as running:
        yield running


@contextmanager
def serve_as_a_hub(root: Path, home: Path, settings: Path) -> Iterator[Lab]:
    """Run a JupyterLab as docs/hub/jupyterhub_config.py has a student's, on ``root / "work"``."""
    role = str(settings / "student")
    options = (f"--LabApp.app_settings_dir={role}",)
    options += (f"--LabApp.extra_labextensions_path={settings / 'labextensions'}",)
    command = (*_plainly(root, home), *options)
    with _running(root, home, *command, JUPYTER_CONFIG_PATH=role) as running:
        yield running


def _plainly(root: Path, home: Path) -> tuple[str, ...]:
    """Return what starts a JupyterLab on the folder ``root / "work"``; make the home folder."""
    home.mkdir(parents=True, exist_ok=True)
    program = str(Path(__file__).parent / "programs" / "plain_lab.py")
    options = ("--no-browser", "--allow-root", "--Application.log_level=ERROR")
    return (
        *(program, *options),
        *("--IdentityProvider.token=plain", f"--ServerApp.root_dir={root / 'work'}"),
    )


@contextmanager
def _running(root: Path, home: Path, *command: str, **surroundings: str) -> Iterator[Lab]:
    jupyters = {name: value for name, value in os.environ.items() if "JUPYTER" not in name}
    server = Saying(
        [sys.executable, "-X", "faulthandler", *command],
        cwd=root,
        env={**jupyters, "HOME": str(home), "PYTHONPATH": str(root), **surroundings},
    )
    try:
        found = server.until(r"(http://\S+)/lab(?:/tree/\S+)?\?token=(\S+)\n")
        yield Lab(root, found[1], found[2])
    finally:
        server.process.terminate()
        try:
            server.process.wait(timeout=300)
        except subprocess.TimeoutExpired:
            server.process.send_signal(signal.SIGABRT)  # what it is doing is among what it says
            server.wait()
            pytest.fail("JupyterLab did not stop:\n" + server.said())
