"""``python3 -m course``: what it says, and which Python runs a command."""

from __future__ import annotations

import ast
import errno
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from course import __main__ as commands
from course.bootstrap import environment, streams
from course.bootstrap.environment import EnvironmentProblem
from course.maintain import suite

ROOT = Path(__file__).resolve().parents[2]
OLD = "import sys; sys.version_info = (3, 9, 18, 'final', 0); sys.argv = ['course', 'lab']; "
RUN = "import runpy; runpy.run_module('course', run_name='__main__', alter_sys=True)"


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that is there, and that this process runs in."""
    monkeypatch.setattr(environment, "ensure", lambda extras: False)
    monkeypatch.setattr(environment, "is_ready", lambda extras: True)
    monkeypatch.setattr(environment, "is_active", lambda: True)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The argument lists that `lab` was run with."""
    calls: list[list[str]] = []

    def main(argv: list[str]) -> int:
        calls.append(argv)
        return 5

    monkeypatch.setattr(commands.importlib, "import_module", lambda _: SimpleNamespace(main=main))
    return calls


def test_whatever_a_command_prints_any_stream_can_take_it(
    monkeypatch: pytest.MonkeyPatch, ready: None, lab: list[list[str]]
) -> None:
    made: list[int] = []
    monkeypatch.setattr(streams, "make_patient", lambda: made.append(len(lab)))
    assert commands.main(["lab"]) == 5
    assert made == [0], "before the command begins"


def test_what_the_system_refuses_a_command_is_said_with_the_remedy_and_other_faults_are_shown(
    monkeypatch: pytest.MonkeyPatch, ready: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    error = OSError(errno.EROFS, "Read-only file system", str(tmp_path / "none" / "file"))

    def main(argv: list[str]) -> int:
        raise error

    monkeypatch.setattr(commands.importlib, "import_module", lambda _: SimpleNamespace(main=main))
    assert commands.main(["report", "2"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path} cannot be written (Read-only file system): ")
    assert "or copy the course to a folder of your own, then run the same command again" in said
    error = OSError(errno.EBADF, "Bad file descriptor")
    with pytest.raises(OSError, match="Bad file descriptor"):
        commands.main(["report", "2"])


def test_python_3_6_can_read_the_commands() -> None:
    for name in ("__main__.py", "__init__.py"):
        ast.parse((ROOT / "course" / name).read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_old_python_prints_one_message_with_the_remedy() -> None:
    said = subprocess.run(
        [sys.executable, "-c", OLD + RUN], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr.startswith("This course needs Python 3.11 or newer, and this is 3.9: ")
    assert said.stderr.count("\n") == 1
    assert "-m course lab" in said.stderr


def test_an_old_python_names_a_newer_one_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.shutil, "which", lambda name: name if name == "python3.12" else "")
    monkeypatch.setattr(commands, "works", lambda python: True)
    assert commands.too_old((3, 8), ["check", "2"]).endswith("run `python3.12 -m course check 2`.")


def test_a_newer_python_that_does_not_start_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands.shutil, "which", lambda name: name)
    monkeypatch.setattr(commands, "works", lambda python: False)
    assert "install a newer one" in commands.too_old((3, 8), [])


def test_the_oldest_python_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert commands.OLDEST == environment.OLDEST
    assert project["requires-python"] == f">={commands.dotted(commands.OLDEST)}"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["--help"]) == 0
    said = capsys.readouterr().out
    for command in commands.COMMANDS:
        assert f"  {commands.usage(command)}\n      {command.summary}\n" in said


def test_tests_are_spread_over_the_cores_where_no_file_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert suite.spread([]) == suite.spread(["-k", "late"]) == ("-n", "5", *suite.SPREAD)
    assert suite.spread(["-m", "not slow"]) == ("-n", "3", *suite.SPREAD)
    for told in (
        ["tests/start", "-x"],
        ["-k", "late", "tests/test_arrows.py::test_x"],
        ["-n", "0"],
    ):
        assert suite.spread(told) == ()


def test_no_command_is_asked_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main([]) == 0
    assert "usage: python3 -m course COMMAND" in capsys.readouterr().out


def test_on_windows_help_says_the_command_that_windows_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    said = commands.overview()
    assert said.startswith("usage: py -m course COMMAND")
    assert "python3" not in said


def test_an_unknown_command_is_answered_by_what_there_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.main(["labb"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("There is no command `labb`.")
    assert "lab [--no-browser]" in said


def test_help_of_a_command_makes_no_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "is_ready", lambda extras: False)
    monkeypatch.setattr(environment, "ensure", lambda extras: pytest.fail("made one"))
    assert commands.main(["lab", "--help"]) == 0
    assert "--no-browser" in capsys.readouterr().out


@pytest.mark.usefixtures("ready")
def test_arguments_and_exit_status_are_passed_on(lab: list[list[str]]) -> None:
    assert commands.main(["lab", "--port", "9000"]) == 5
    assert lab == [["--port", "9000"]]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(("changed", "active"), [(True, True), (False, False)])
def test_another_python_or_new_packages_start_the_command_afresh(
    monkeypatch: pytest.MonkeyPatch, lab: list[list[str]], changed: bool, active: bool
) -> None:
    handed: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(environment, "ensure", lambda extras: changed)
    monkeypatch.setattr(environment, "is_active", lambda: active)
    monkeypatch.setattr(commands, "hand_over", lambda *call: handed.append(call) or 3)
    assert commands.main(["lab", "--no-browser"]) == 3
    assert handed == [(str(environment.python()), ["lab", "--no-browser"])]
    assert lab == []


def test_handing_over_passes_the_exit_status_on(tmp_path: Path) -> None:
    script = (
        "import os, sys; from course import __main__ as m; os.chdir(sys.argv[1]);"
        "sys.exit(m.hand_over(sys.executable, ['x']))"
    )
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "__main__.py").write_text("raise SystemExit(41)")
    (tmp_path / "course" / "__init__.py").touch()
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)
    assert ended.returncode == 41


@pytest.mark.usefixtures("ready")
def test_ctrl_c_is_one_line_and_status_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(extras: tuple[str, ...]) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "ensure", interrupted)
    assert commands.main(["lab"]) == 130
    assert capsys.readouterr().err.strip() == "Interrupted. Run the same command again to go on."


def test_a_problem_is_its_message_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def problem(extras: tuple[str, ...]) -> bool:
        raise EnvironmentProblem("No network. Connect, then run it again.")

    monkeypatch.setattr(environment, "ensure", problem)
    assert commands.main(["check"]) == 2
    assert capsys.readouterr().err == "No network. Connect, then run it again.\n"
