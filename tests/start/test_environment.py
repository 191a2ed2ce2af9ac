"""How the environment is made, found again and mended; a stand-in plays venv and pip."""

from __future__ import annotations

import errno
import sys
import threading
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from course.bootstrap import environment, problems
from course.bootstrap.environment import EnvironmentProblem, ensure, is_ready
from course.bootstrap.live import LiveLine

PROJECT = '[project]\nname = "course"\nrequires-python = ">=3.11"\n'


class FakeTools:
    """Plays `python -m venv`, `python -m ensurepip` and `python -m pip`.

    Its environments hold a Python that starts, and no packages.
    """

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.answer: Callable[[str], tuple[int, str]] = lambda tool: (0, "")

    def follow(self, command: list[str], *_: Any, **kwargs: Any) -> tuple[int, str]:
        tool = command[command.index("-m") + 1]
        self.calls.append(command)
        if tool == "venv":
            make_venv(Path(command[-1]))
        return self.answer(tool)

    @property
    def used(self) -> list[str]:
        return [command[command.index("-m") + 1] for command in self.calls]


def make_venv(folder: Path, python: str = f'exec "{sys.executable}" "$@"') -> Path:
    """Make a folder that looks like an environment, with this shell line as its Python."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "pyvenv.cfg").touch()
    executable = folder / "bin" / "python"
    executable.write_text(f"#!/bin/sh\n{python}\n")
    executable.chmod(0o755)
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "a course für dich"
    made.mkdir()
    (made / "requirements.txt").write_text("numpy\n")
    (made / "pyproject.toml").write_text(PROJECT)
    monkeypatch.delenv("COURSE_VENV", raising=False)
    return made


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    if sys.platform == "win32":
        pytest.skip("the stand-in is a shell script")
    fake = FakeTools()
    monkeypatch.setattr(environment, "follow", fake.follow)
    monkeypatch.setattr(environment, "has_pip", lambda root: True)
    return fake


def prepare(root: Path, *extras: str) -> bool:
    return ensure(extras, root, LiveLine(StringIO()))


def test_an_environment_is_made_with_one_call_of_pip(root: Path, tools: FakeTools) -> None:
    assert prepare(root, "dev") is True
    assert tools.used == ["venv", "pip"]
    assert tools.calls[1][-4:] == ["-r", "requirements.txt", "-e", ".[dev]"]


def test_a_complete_environment_is_left_alone(root: Path, tools: FakeTools) -> None:
    prepare(root)
    assert prepare(root) is False
    assert tools.used == ["venv", "pip"]


def test_new_requirements_are_installed_into_it(root: Path, tools: FakeTools) -> None:
    prepare(root)
    (root / "requirements.txt").write_text("numpy>=2\n")
    assert prepare(root) is True
    assert tools.used == ["venv", "pip", "pip"]


def test_a_pyproject_that_asks_for_the_same_changes_nothing(root: Path, tools: FakeTools) -> None:
    prepare(root)
    (root / "pyproject.toml").write_text(PROJECT + "[tool.ruff]\nline-length = 100\n")
    assert prepare(root) is False


def test_an_extra_is_added_and_stays(root: Path, tools: FakeTools) -> None:
    prepare(root)
    prepare(root, "dev")
    (root / "requirements.txt").write_text("numpy>=2\n")
    prepare(root)
    packages = [command[-1] for command in tools.calls if "pip" in command]
    assert packages == [".", ".[dev]", ".[dev]"]


def test_an_interrupted_installation_is_finished_next_time(root: Path, tools: FakeTools) -> None:
    def interrupted(tool: str) -> tuple[int, str]:
        if tool == "pip":
            raise KeyboardInterrupt
        return 0, ""

    tools.answer = interrupted
    with pytest.raises(KeyboardInterrupt):
        prepare(root)
    assert not is_ready((), root)
    tools.answer = lambda tool: (0, "")
    assert prepare(root) is True
    assert tools.used == ["venv", "pip", "pip"]
    assert is_ready((), root)


def test_an_environment_without_pip_gets_it(
    root: Path, tools: FakeTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "has_pip", lambda root: False)
    prepare(root)
    assert tools.used == ["venv", "ensurepip", "pip"]


def test_an_environment_whose_python_went_away_is_made_again(root: Path, tools: FakeTools) -> None:
    prepare(root)
    python = environment.python(root)
    python.unlink()
    python.symlink_to(root / "gone")
    assert prepare(root) is True
    assert tools.used == ["venv", "pip", "venv", "pip"]


def test_an_environment_is_made_again_where_the_course_was_moved(
    root: Path, tools: FakeTools
) -> None:
    prepare(root)
    (root / ".venv" / "left over").touch()
    moved = root.rename(root.with_name("elsewhere"))
    assert prepare(moved) is True
    assert tools.used == ["venv", "pip", "venv", "pip"]
    assert not (moved / ".venv" / "left over").exists()


def test_an_environment_is_made_again_for_another_python(root: Path, tools: FakeTools) -> None:
    prepare(root)
    make_venv(root / ".venv", "echo 3.99")
    prepare(root)
    assert tools.used == ["venv", "pip", "venv", "pip"]


def test_checkouts_may_share_the_environment_that_course_venv_names(
    root: Path, tools: FakeTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_VENV", str(tmp_path / "shared"))
    prepare(root)
    other = root.rename(root.with_name("other"))
    assert prepare(other) is False
    assert not (other / ".venv").exists()
    assert environment.python(other).is_relative_to(tmp_path / "shared")


def test_an_environment_that_somebody_made_is_completed(root: Path, tools: FakeTools) -> None:
    make_venv(root / ".venv")
    assert prepare(root) is True
    assert tools.used == ["pip"]
    assert is_ready((), root)


def test_a_broken_environment_that_somebody_made_is_left_alone(
    root: Path, tools: FakeTools
) -> None:
    make_venv(root / ".venv", "exit 1")
    with pytest.raises(EnvironmentProblem, match=r"does not start.*Delete that folder"):
        prepare(root)
    assert (root / ".venv" / "bin" / "python").is_file()
    assert tools.used == []


def test_an_old_environment_that_somebody_made_is_left_alone(root: Path, tools: FakeTools) -> None:
    make_venv(root / ".venv", "echo 3.9")
    with pytest.raises(EnvironmentProblem, match=r"holds Python 3\.9, .* 3\.11 or newer"):
        prepare(root)
    assert tools.used == []


def test_a_folder_that_is_no_environment_is_left_alone(root: Path, tools: FakeTools) -> None:
    (root / ".venv").mkdir()
    (root / ".venv" / "notes.txt").touch()
    with pytest.raises(EnvironmentProblem, match=r"no Python environment\. Move it away"):
        prepare(root)
    assert [path.name for path in (root / ".venv").iterdir()] == ["notes.txt"]


def test_a_lock_laid_down_while_we_look_is_no_foreign_folder(
    root: Path, tools: FakeTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = root / ".venv" / environment.LOCK
    lock.parent.mkdir()
    really_exists = Path.exists

    def exists(path: Path, **how: bool) -> bool:
        found = really_exists(path, **how)
        if path == lock:
            lock.touch()
        return found

    monkeypatch.setattr(Path, "exists", exists)
    assert prepare(root) is True


def test_two_commands_at_once_make_one_environment(root: Path, tools: FakeTools) -> None:
    def slow(tool: str) -> tuple[int, str]:
        time.sleep(0.15)
        return 0, ""

    tools.answer = slow
    commands = [threading.Thread(target=prepare, args=(root,)) for _ in range(2)]
    for command in commands:
        command.start()
    for command in commands:
        command.join()
    assert tools.used == ["venv", "pip"]
    assert is_ready((), root)


def test_a_python_without_venv_is_told_what_to_install(
    root: Path, tools: FakeTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentProblem, match="sudo apt install python3-venv"):
        prepare(root)
    assert tools.used == []


OUTPUTS = {
    "NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in "
    "name resolution\nERROR: No matching distribution found for numpy": "could not be reached",
    "ERROR: Could not find a version that satisfies the requirement numpy>=99\nERROR: No matching "
    "distribution found for numpy>=99": "numpy>=99",
    "ERROR: Could not find a version that satisfies the requirement numpy (from versions: none)\n"
    "ERROR: No matching distribution found for numpy": "could not be reached",
    "ERROR: Ignored the following versions that require a different python version: 2.4.0\nERROR: "
    "Could not find a version that satisfies the requirement numpy (from versions: none)": (
        "No set of packages satisfies"
    ),
    "ERROR: ResolutionImpossible: for help visit": "No set of packages satisfies",
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device": (
        "disk is full"
    ),
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]": "PIP_CERT",
    "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'": (
        "cannot be written"
    ),
    "error: subprocess-exited-with-error\nERROR: Failed to build 'pyzmq'": "pyzmq",
    "The virtual environment was not created successfully because ensurepip is not available.": (
        "apt install python3-venv"
    ),
    "ERROR: the sky fell": "the sky fell.*course-install.log",
}


@pytest.mark.parametrize(("output", "expected"), OUTPUTS.items())
def test_what_pip_says_becomes_one_message_with_the_remedy(
    root: Path, tools: FakeTools, output: str, expected: str
) -> None:
    tools.answer = lambda tool: (1, output) if tool == "pip" else (0, "")
    with pytest.raises(EnvironmentProblem, match=expected) as problem:
        prepare(root)
    assert "\n" not in str(problem.value)
    assert (root / ".venv" / environment.LOG).read_text(encoding="utf-8") == output


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.EROFS, "cannot be written. Copy the course to a folder of your own"),
        (errno.EACCES, "cannot be written. Copy the course to a folder of your own"),
        (errno.ENOSPC, "The disk is full"),
    ],
)
def test_what_the_system_refuses_becomes_one_message_with_the_remedy(
    root: Path, tools: FakeTools, monkeypatch: pytest.MonkeyPatch, code: int, expected: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, "refused")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(EnvironmentProblem, match=expected):
        prepare(root)


def test_a_full_disk_rules_over_earlier_trouble_with_the_network(tmp_path: Path) -> None:
    output = "WARNING: Retrying after Connection refused\nOSError: [Errno 28] No space left"
    assert "disk is full" in str(problems.from_output(output, tmp_path, tmp_path / "log"))


def test_no_network_is_told_while_pip_tries_again() -> None:
    progress = environment.PipProgress()
    progress.hear("WARNING: Retrying (Retry(total=4, connect=None, read=None)) after ...")
    assert "no answer" in progress.text
