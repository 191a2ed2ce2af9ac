"""Where there is no sandbox, the true cause is told, and what helps against it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course.grading.confinement import nosandbox
from course.grading.confinement.nosandbox import cause_of
from course.grading.confinement.sandbox import has_sandbox

#: What bubblewrap writes: by Debian's switch or a filter, by AppArmor, with none left, too old.
BY_KERNEL = "bwrap: No permissions to create new namespace, likely because the kernel does not ..."
BY_APPARMOR = "bwrap: setting up uid map: Permission denied"
NONE_LEFT = "bwrap: Creating new namespace failed: nesting depth or ... exceeded (ENOSPC)"
TOO_OLD = "bwrap: Unknown option --disable-userns"
SWITCHES = {
    "debian": "/proc/sys/kernel/unprivileged_userns_clone",
    "ubuntu": "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "number": "/proc/sys/user/max_user_namespaces",
}
DENIES = """
import ctypes, os
from course.grading.confinement import seccomp
program = seccomp.program()
class Description(ctypes.Structure):
    _fields_ = [("n", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
held = ctypes.create_string_buffer(program, len(program))
about = Description(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(about), 0, 0) == 0
"""
TELLS = "from course.grading.confinement.sandbox import why_no_sandbox; print(why_no_sandbox())"
on_linux = pytest.mark.skipif(not has_sandbox(), reason="needs bubblewrap, to take it away")


@pytest.mark.parametrize(
    ("said", "switches", "in_container", "cause"),
    [
        (BY_KERNEL, {"debian": "0"}, False, nosandbox.FORBIDDEN_BY_SYSCTL),
        (BY_KERNEL, {"debian": "0"}, True, nosandbox.FORBIDDEN_BY_SYSCTL),
        (BY_KERNEL, {"debian": "1"}, True, nosandbox.FORBIDDEN_IN_CONTAINER),
        (BY_APPARMOR, {"ubuntu": "1"}, False, nosandbox.FORBIDDEN_BY_APPARMOR),
        (BY_APPARMOR, {"ubuntu": "1"}, True, nosandbox.FORBIDDEN_IN_CONTAINER),
        (NONE_LEFT, {"number": "0"}, False, nosandbox.NONE_LEFT),
        (NONE_LEFT, {"number": "9"}, False, nosandbox.NONE_LEFT),
        (TOO_OLD, {}, False, nosandbox.TOO_OLD),
    ],
)
def test_each_cause_is_told_with_its_own_remedy(
    said: str, switches: dict[str, str], in_container: bool, cause: str
) -> None:
    values = {SWITCHES[name]: value for name, value in switches.items()}
    assert cause_of(said, lambda path: values.get(path, ""), in_container) == cause
    assert "apt install" not in cause


def test_what_is_not_known_is_told_in_bubblewraps_words() -> None:
    cause = cause_of("bwrap: a new  trouble\n", lambda _: "", False)
    assert cause.endswith("(it says: bwrap: a new trouble)")
    assert "apt install" not in cause


def why(program: str, *before: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [*before, sys.executable, "-c", program],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@on_linux
def test_a_machine_without_bubblewrap_is_told_to_install_it(tmp_path: Path) -> None:
    assert why(TELLS, env={"PATH": str(tmp_path)}) == nosandbox.NOT_INSTALLED


@on_linux
def test_a_bubblewrap_in_a_folder_of_ones_own_will_do(tmp_path: Path) -> None:
    (tmp_path / "bwrap").symlink_to(str(shutil.which("bwrap")))
    assert why(TELLS, env={"PATH": str(tmp_path)}) == ""


@on_linux
def test_a_container_that_filters_system_calls_is_told_how_to_be_started() -> None:
    told = why(DENIES + TELLS, env={"container": "docker"})
    assert told == nosandbox.FORBIDDEN_IN_CONTAINER


@on_linux
def test_a_filter_outside_of_a_container_is_no_missing_package() -> None:
    program = DENIES + "from course.grading.confinement import nosandbox\n"
    program += "nosandbox._is_container = lambda: False\nnosandbox._switch = lambda path: ''\n"
    told = why(program + TELLS)
    assert "may not make user namespaces here" in told
    assert "apt install" not in told


@on_linux
def test_a_kernel_that_allows_no_namespaces_is_told_by_its_switch() -> None:
    shell = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    if subprocess.run(["unshare", "-Ur", "true"], capture_output=True).returncode:
        pytest.skip("no namespace of our own can be made here to set the switch in")
    assert why(TELLS, "unshare", "-Ur", "sh", "-c", shell, "sh") == nosandbox.NONE_LEFT
