"""A Jupyter server with Formgrader alone, on a class's folder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import programs
from saying import Saying

FORMGRADER = "nbgrader.server_extensions.formgrader"
TOKEN = "t"


@contextmanager
def formgrader_of(folder: Path) -> Iterator[str]:
    """Serve a class's folder for as long as the body runs; give the server's address."""
    options: dict[str, Any] = {"token": TOKEN, "open_browser": False, "allow_root": True}
    others = ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook_shim", "nbgrader")
    options["jpserver_extensions"] = dict.fromkeys(others, False) | {FORMGRADER: True}
    (folder / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": options}))
    environment = {**os.environ, "HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder)}
    environment |= {"PYTHONWARNINGS": "ignore", "JUPYTER_RUNTIME_DIR": str(folder / "runtime")}
    command = [sys.executable, programs.place("formgraders_server")]
    server = Saying(command, cwd=folder, env=environment)
    try:
        yield server.until(r"^http://127\.0\.0\.1:\d+$")[0]
    finally:
        server.process.terminate()
        server.wait()
