"""JupyterLab as the course runs it: on this machine alone, with a token, and nothing in the way."""

from __future__ import annotations

import errno
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from course.learner.page import NAME as START_PAGE

#: How many ports after the wanted one are tried.
NEIGHBOURS = 50


def run(root: Path, wanted_port: int, open_browser: bool, instructor: bool) -> NoReturn:
    """Serve JupyterLab until it is stopped, and end the process with it.

    Parameters
    ----------
    root : Path
        The course's folder.
    wanted_port : int
        Where to listen; the next free port is taken where it is in use.
    open_browser : bool
        Whether to open a browser, where there is one.
    instructor : bool
        Open the course's folder and nbgrader's tools instead of ``work/``.
    """
    from jupyter_core.paths import jupyter_config_dir

    port = free_port(wanted_port)
    if port != wanted_port:
        print(f"Port {wanted_port} is in use; taking {port}.")
    open_browser = open_browser and has_browser(os.environ, sys.platform)
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24)
    os.environ.update(surroundings(os.environ, root, Path(jupyter_config_dir()), instructor))
    os.environ.pop("JUPYTER_TOKEN", None)
    # Not work/: nbgrader's extensions put the folder they start in on sys.path, where a learner's
    # random.py would be imported in place of Python's.
    os.chdir(root)
    # Jupyter reads some of its paths on import, so not before they are set.
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    argv = arguments(root, port, token, open_browser, instructor)
    server = LabApp.initialize_server(argv=argv)
    # Once the loop runs, and behind the call by which it listens: an address that is said answers.
    server.io_loop.add_callback(
        lambda: print(welcome(server.port, token, open_browser, instructor), flush=True)
    )
    server.start()
    print("JupyterLab has stopped." + ("" if instructor else " Your work is in work/."), flush=True)
    # Everything is closed by now but, at times, a thread in which the server read files: it waits
    # for the event loop that is gone, and Python's ordinary end would wait for that thread.
    os._exit(0)


def free_port(wanted: int) -> int:
    """Return the wanted port of this machine, or the next one that is free.

    Raises
    ------
    OSError
        Where there is none.
    """
    for port in range(wanted, min(wanted + NEIGHBOURS, 65536)):
        with socket.socket() as candidate:
            if os.name == "posix":  # on Windows the option would share a port that is in use
                candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
            else:
                return port
    raise OSError(f"No port from {wanted} on is free; name another with --port")


def has_browser(environ: Mapping[str, str], platform: str) -> bool:
    """Say whether a browser with a window of its own can be opened.

    Python would otherwise open one inside the terminal, where JupyterLab cannot work.
    """
    names = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    return platform in ("darwin", "win32") or any(environ.get(name) for name in names)


def settings_folder(instructor: bool) -> Path:
    """Return the folder of the course's own settings for Jupyter."""
    return Path(__file__).parent / "jupyter" / ("instructor" if instructor else "learner")


def surroundings(
    environ: Mapping[str, str], root: Path, users_config: Path, instructor: bool
) -> dict[str, str]:
    """Return the environment variables that Jupyter, its kernels and terminals get.

    A user's own Jupyter configuration may name another root folder, address, password, kernel, or
    another nbgrader course, each of which would break this one. So the server does not read it: it
    gets an empty configuration folder inside the environment. What a user set in JupyterLab itself,
    such as theme and shortcuts, harms nothing, and is kept in its usual place.

    Parameters
    ----------
    environ : mapping
        The variables now.
    root : Path
        The course's folder.
    users_config : Path
        Where the user's Jupyter configuration lies.
    instructor : bool
        Which of the two settings folders to use.
    """
    here = Path(sys.prefix)

    def first(name: str, folder: Path) -> str:
        return os.pathsep.join(filter(None, [str(folder), environ.get(name, "")]))

    return {
        "JUPYTER_CONFIG_DIR": str(here / "etc" / "jupyter-course"),
        "JUPYTER_CONFIG_PATH": str(settings_folder(instructor)),
        "JUPYTERLAB_SETTINGS_DIR": environ.get("JUPYTERLAB_SETTINGS_DIR")
        or str(users_config / "lab" / "user-settings"),
        # The kernel `python3` of this environment wins over any of that name elsewhere.
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_PATH": first("JUPYTER_PATH", here / "share" / "jupyter"),
        # `nbgrader` and `python` in Lab's terminals are the course's, as is what kernels import,
        # even where several checkouts share an environment.
        "PATH": first("PATH", Path(sys.executable).parent),
        "VIRTUAL_ENV": str(here),
        "PYTHONPATH": first("PYTHONPATH", root),
        # Matrices here are small: two threads that wait for each other on busy cores were measured
        # 25 times slower than one, and a slider feels it.
        "OPENBLAS_NUM_THREADS": environ.get("OPENBLAS_NUM_THREADS") or "1",
    }


def arguments(root: Path, port: int, token: str, open_browser: bool, instructor: bool) -> list[str]:
    """Return JupyterLab's options; these rule over every configuration file."""
    folder = root if instructor else root / "work"
    page = "README.md" if instructor else START_PAGE
    # Open tabs are remembered apart from those of the user's other projects.
    workspaces = root / "work" / ".workspaces" / ("instructor" if instructor else "learner")
    options = {
        "ServerApp.root_dir": folder,
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "IdentityProvider.token": token,
        "ServerApp.open_browser": open_browser,
        "ServerApp.default_url": f"/lab/tree/{page}",
        "ServerApp.answer_yes": True,  # Ctrl-C ends it without a question
        "Application.log_level": "ERROR",
        "LabApp.app_settings_dir": settings_folder(instructor),
        "LabApp.workspaces_dir": workspaces,
        "LabApp.news_url": "None",
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "ServerApp.kernel_websocket_connection_class": "course.learner.prompt.PromptConnection",
    }
    if not instructor:
        options["LabApp.extra_labextensions_path"] = settings_folder(instructor).with_name(
            "labextensions"
        )
    if has_encryption():
        options["KernelManager.transport_encryption"] = "auto"  # else each kernel warns
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options["ServerApp.allow_root"] = True  # as in containers, where root is all there is
    return [f"--{name}={value}" for name, value in options.items()]


def has_encryption() -> bool:
    """Say whether this Jupyter can keep other users of the machine from listening to kernels."""
    from jupyter_client.manager import KernelManager

    return "transport_encryption" in KernelManager.class_traits()


def welcome(port: int, token: str, browser_opens: bool, instructor: bool) -> str:
    """Return what the terminal says once the server listens."""
    page = "README.md" if instructor else START_PAGE
    address = f"http://127.0.0.1:{port}/lab/tree/{page}?token={token}"
    lines = ["", "The course is open at", f"  {address}"]
    if not browser_opens:
        lines.append("Open this address in a browser on this machine. From another one, first run")
        lines.append(f"  ssh -L {port}:127.0.0.1:{port} NAME-OF-THIS-MACHINE")
    return "\n".join([*lines, "Ctrl-C ends it.", ""])
