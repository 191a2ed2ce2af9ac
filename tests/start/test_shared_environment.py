"""An environment that others keep, in which the course is installed: used as it stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course import __main__ as commands
from course.bootstrap import environment, shared
from course.bootstrap.environment import EnvironmentProblem

ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its Python is a shell script")


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody else's environment with the course in it, whose Python says how it was called."""
    monkeypatch.setattr(shared, "_is_anothers", lambda folder: True)
    made = tmp_path / "srv" / "env"
    package = made / "lib" / "python3.11" / "site-packages" / "course"
    package.mkdir(parents=True)
    (package / "__main__.py").touch()
    (made / "bin").mkdir()
    (made / "bin" / "python").write_text('#!/bin/sh\necho "$COURSE_ROOT" "$@"\nexit 7\n')
    (made / "bin" / "python").chmod(0o755)
    return made


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone that no command was run in."""
    made = tmp_path / "a clone"
    shutil.copytree(ROOT / "course" / "bootstrap", made / "course" / "bootstrap")
    for name in ("course/__init__.py", "course/__main__.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, made / name)
    return made


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "course", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not IS_ROOT, reason="only root can give a folder to another account")
def test_a_checkouts_command_runs_in_it_on_the_checkouts_lessons_and_makes_nothing(
    venv: Path, checkout: Path
) -> None:
    os.chown(venv, 65534, -1)
    before = sorted(venv.rglob("*"))
    done = run(checkout, "grade", "2", COURSE_VENV=str(venv))
    assert done.stdout == f"{checkout} -I -m course grade 2\n"
    assert done.returncode == 7
    assert sorted(venv.rglob("*")) == before
    assert not (checkout / ".venv").exists()


def test_it_is_that_which_runs_where_the_checkout_has_none_of_its_own(
    venv: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_VENV", raising=False)
    monkeypatch.setattr(sys, "prefix", str(venv))
    assert shared.environment_for(checkout) == venv
    (checkout / ".venv").mkdir()
    assert shared.environment_for(checkout) is None


def test_ones_own_environment_is_kept_up_to_date_instead(
    venv: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("COURSE_VENV", str(venv))
    assert shared.package_in(venv)
    assert shared.environment_for(checkout) is None


def test_an_environment_with_the_checkout_itself_in_it_is_no_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_VENV", str(tmp_path))
    (tmp_path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    assert shared.environment_for(ROOT) is None


def test_tests_and_builds_keep_the_checkouts_own(
    venv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_VENV", str(venv))

    def refuse(extras: tuple[str, ...]) -> bool:
        raise EnvironmentProblem(f"wanted {extras}")

    monkeypatch.setattr(environment, "ensure", refuse)
    assert commands.main(["build"]) == 2
    assert "wanted ('dev'" in capsys.readouterr().err


def test_an_installed_package_works_on_the_course_in_whose_folder_it_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvironmentProblem, match=r"This folder, .*Run the command in the course's"):
        shared.choose_course()
    (tmp_path / shared.SETTINGS).touch()
    monkeypatch.setenv("COURSE_ROOT", "")
    shared.choose_course()
    assert os.environ["COURSE_ROOT"] == str(tmp_path)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path / "gone"))
    with pytest.raises(EnvironmentProblem, match=r"COURSE_ROOT names .*gone, which holds no"):
        shared.choose_course()


def test_what_it_lacks_is_told_with_the_command_that_adds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / shared.SETTINGS).touch()
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    wanted = ["numpy>=2", 'made-up-one>=1; extra == "dev"', 'numpy<9; extra == "dev"']
    monkeypatch.setattr(shared.importlib.metadata, "requires", lambda name: wanted)
    shared.choose_course(("scale",))
    with pytest.raises(EnvironmentProblem, match=r"lacks made-up-one\. .*pip install '.*\[dev\]'"):
        shared.choose_course(("dev",))
