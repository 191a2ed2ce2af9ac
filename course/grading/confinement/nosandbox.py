"""Why there is no sandbox on a machine, and what to do about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

#: The kernel's switches for user namespaces, which a sandbox is made of.
_DEBIAN = "/proc/sys/kernel/unprivileged_userns_clone"
_UBUNTU = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
_NUMBER = "/proc/sys/user/max_user_namespaces"
#: What a container leaves lying in its own tree.
_CONTAINERS = ("/.dockerenv", "/run/.containerenv")

NOT_LINUX = "the sandbox, bubblewrap, needs Linux: grade in a virtual machine or under WSL 2"
NOT_INSTALLED = "bubblewrap is not installed (Debian, Ubuntu: `sudo apt install bubblewrap`)"
TOO_OLD = "bubblewrap is older than 0.8: install a newer one"
FORBIDDEN_BY_SYSCTL = (
    "the kernel lets only root make user namespaces: `sudo sysctl -w "
    "kernel.unprivileged_userns_clone=1`, and the same line in /etc/sysctl.d/ for good"
)
NONE_LEFT = (
    "the kernel allows no user namespaces here: `sudo sysctl -w user.max_user_namespaces=15000`, "
    "and the same line in /etc/sysctl.d/ for good; in a container, on its host"
)
FORBIDDEN_BY_APPARMOR = (
    "AppArmor keeps bubblewrap from making user namespaces (Ubuntu since 23.10): in the course's "
    "folder `sudo install -m 644 docs/hub/bwrap.apparmor /etc/apparmor.d/bwrap`, then `sudo "
    "systemctl reload apparmor`; or allow all programs: `sudo sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0`"
)
FORBIDDEN_IN_CONTAINER = (
    "this container may not make user namespaces: start it with `docker run --security-opt "
    "seccomp=unconfined --security-opt apparmor=unconfined --security-opt "
    "systempaths=unconfined` (docs/grading.md), or grade outside of a container"
)
FORBIDDEN = (
    "bubblewrap is installed, but may not make user namespaces here: a security module or a "
    "filter of system calls forbids them to this user"
)


def consequence(cause: str) -> str:
    """Return what to tell an instructor whose machine has no sandbox, for a reason.

    Parameters
    ----------
    cause : str
        What `course.grading.confinement.sandbox.why_no_sandbox` says.
    """
    why = f": {cause}" if cause else ""
    return (
        f"no sandbox{why}. Without one, a submission's code runs as you and can read what you "
        f"can: only grade what you trust"
    )


def cause_of(
    said: str, read: Callable[[str], str] | None = None, in_container: bool | None = None
) -> str:
    """Say why bubblewrap could not make its namespaces, and what helps.

    Parameters
    ----------
    said : str
        What it wrote before it ended.
    read : callable, optional
        Returns a switch of the kernel's by its path, ``""`` where there is none.
    in_container : bool, optional
        Whether this is a container; found out where not given.
    """
    read = read or _switch
    if "nknown option" in said:
        return TOO_OLD
    if read(_NUMBER) == "0" or "ENOSPC" in said or "No space left" in said:
        return NONE_LEFT
    if read(_DEBIAN) == "0":
        return FORBIDDEN_BY_SYSCTL
    refused = "ermission" in said or "not permitted" in said
    if refused and (_is_container() if in_container is None else in_container):
        return FORBIDDEN_IN_CONTAINER
    if refused and read(_UBUNTU) == "1":
        return FORBIDDEN_BY_APPARMOR
    told = " ".join(said.split())[:300]
    return f"{FORBIDDEN} (it says: {told})" if told else FORBIDDEN


def _switch(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _is_container() -> bool:
    if sys.platform != "linux":
        return False
    marks = any(Path(path).exists() for path in _CONTAINERS)
    named = any(name in os.environ for name in ("container", "KUBERNETES_SERVICE_HOST"))
    groups = _switch("/proc/1/cgroup")
    return marks or named or any(name in groups for name in ("docker", "kubepods", "containerd"))
