"""What can go wrong before a command runs, each with one message that ends in the remedy."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path


class EnvironmentProblem(Exception):
    """The environment cannot be made or used; the message says what to do."""


#: What pip or venv printed, and what it means; the first that fits counts. A full disk or rules
#: that cannot be met come before the network, since pip warns of retries that then succeeded.
CAUSES = (
    (r"No space left on device|not enough space on the disk|Errno 28\b", "full"),
    (r"ensurepip is not available|No module named '?ensurepip", "no_venv"),
    (
        r"ResolutionImpossible|require a different python version|requires a different Python",
        "unresolved",
    ),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError", "certificate"),
    (
        r"Failed to establish a new connection|NewConnectionError|NameResolutionError|"
        r"Temporary failure in name resolution|getaddrinfo failed|nodename nor servname|"
        r"Network is unreachable|Connection refused|ConnectTimeout|Read timed out|ReadTimeout|"
        r"ProxyError|Connection aborted|Connection reset|Max retries exceeded|"
        # A package of which the index knows no version at all: pip did not say why.
        r"from versions: none",
        "network",
    ),
    (r"No matching distribution found|Requires-Python", "unresolved"),
    (r"Read-only file system|Permission denied|Access is denied|Errno 13\b", "read_only"),
    (r"subprocess-exited-with-error|Failed to build|Failed building wheel", "build"),
)

#: What the system says where there is no room, and where one may not.
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)

AGAIN = "then run the same command again; it goes on where it stopped."

NO_VENV = (
    "This Python has no venv module. On Debian and Ubuntu: `sudo apt install python3-venv`; "
    "elsewhere install Python from python.org. Then run the same command again."
)


def from_output(output: str, venv: Path, log: Path) -> EnvironmentProblem:
    """Tell what made venv or pip fail.

    Parameters
    ----------
    output : str
        All that it printed.
    venv, log : Path
        The environment that was being made, and where the output is kept.
    """
    for pattern, cause in CAUSES:
        if re.search(pattern, output):
            return _problem(cause, venv, log, _last_error(output))
    return _problem("unknown", venv, log, _last_error(output))


def from_os_error(error: OSError, venv: Path) -> EnvironmentProblem:
    """Tell what the operating system refused."""
    log = Path(error.filename or venv)
    if error.errno in _FULL:
        return _problem("full", venv, log, "")
    if error.errno in _CLOSED:
        return _problem("read_only", venv, log, "")
    return _problem("unknown", venv, log, str(error))


def cannot_write(error: OSError, root: Path) -> str:
    """Tell that the course's folder cannot be written, or what else the system refused."""
    return f"{refused(error, root) or f'{error}: mend that'}, {AGAIN}"


def refused(error: OSError, place: Path | str) -> str:
    """Say what the system refuses for lack of room or of rights, and what to do; else ``""``.

    Parameters
    ----------
    error : OSError
        What was raised.
    place : Path or str
        What is named where the error names no file.
    """
    path, why = Path(error.filename or place), error.strerror
    if error.errno in _FULL:
        return f"{path} ({why}): the disk is full; make room"
    if error.errno not in _CLOSED:
        return ""
    if path.is_file() and not os.access(path, os.R_OK):
        return f"{path} cannot be read ({why}): make it readable for you"
    while path.is_absolute() and not path.exists():
        path = path.parent  # in which it was to be made
    return (
        f"{path} cannot be written ({why}): what is in the course's folder has to be writable for "
        f"you; make it so, or copy the course to a folder of your own"
    )


def not_an_environment(venv: Path) -> EnvironmentProblem:
    """Tell that something else lies where the environment belongs."""
    return EnvironmentProblem(
        f"{venv} is there, but it is no Python environment. Move it away, or name another place "
        f"in the variable COURSE_VENV, then run the same command again."
    )


def broken(venv: Path) -> EnvironmentProblem:
    """Tell that an environment which the course did not make does not work."""
    return EnvironmentProblem(
        f"The Python in {venv} does not start: the one it was made with may be gone. The course "
        f"did not make it and leaves it alone. Delete that folder, or name another place in the "
        f"variable COURSE_VENV, then run the same command again."
    )


def too_old(venv: Path, version: str, oldest: str) -> EnvironmentProblem:
    """Tell that an environment which the course did not make has an old Python."""
    return EnvironmentProblem(
        f"{venv} holds Python {version}, and the course needs {oldest} or newer. Delete that "
        f"folder, or name another place in the variable COURSE_VENV, then run the same command "
        f"again."
    )


def _problem(cause: str, venv: Path, log: Path, detail: str) -> EnvironmentProblem:
    texts = {
        "full": f"The disk is full. The environment in {venv} takes about 800 MB: make room, "
        f"{AGAIN}",
        "no_venv": NO_VENV,
        "certificate": "The package index could not be trusted, as happens behind a proxy that "
        "reads all traffic. Ask for its certificate, set PIP_CERT to the file, " + AGAIN,
        "network": "The package index could not be reached. Connect to the network (behind a "
        "proxy, set HTTPS_PROXY), " + AGAIN,
        "unresolved": f"No set of packages satisfies requirements.txt with this Python: {detail} "
        f"Get the newest version of the course or use another Python from 3.11 on, {AGAIN}",
        "read_only": f"{venv} cannot be written. Copy the course to a folder of your own, or "
        f"name another place in the variable COURSE_VENV, {AGAIN} Where others keep that "
        f"environment for you, have them install the course in it (docs/hub.md): then it is used "
        f"as it stands.",
        "build": f"A package has no ready-made build for this machine: {detail} Use Python 3.12 "
        f"or 3.13, which have one for every common system. All that was printed: {log}",
        "unknown": f"The environment in {venv} could not be made: {detail} "
        f"All that was printed: {log}",
    }
    return EnvironmentProblem(texts[cause])


def _last_error(output: str) -> str:
    """Return the last line that names an error, ended by a full stop."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines
    line = re.sub(r"^(ERROR|error): ", "", errors[-1]) if errors else "it printed nothing"
    return line if line.endswith(".") else f"{line}."
