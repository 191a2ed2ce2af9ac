"""`course hub-check` names what is open that should not be, and the command that closes it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

import course
from course.hub import command, permissions
from course.hub.permissions import Inspected, of_course, of_environment, of_exchange, of_homes

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of files are POSIX's")


def remedies(found: list[Inspected]) -> list[str]:
    return [one.remedy for one in found if one.remedy]


@pytest.fixture
def exchange(tmp_path: Path) -> Path:
    """An exchange as it has to be, in which a lesson was released and feedback too."""
    root = tmp_path / "exchange"
    for name, mode in permissions.EXCHANGED.items():
        (root / "teacher_forcing" / name).mkdir(parents=True)
        (root / "teacher_forcing" / name).chmod(mode)
    root.chmod(permissions.SHARED)
    return root


def look(exchange: Path, owner: int | None = None) -> list[str]:
    owner = os.getuid() if owner is None else owner
    return remedies(list(of_exchange(exchange, "teacher_forcing", owner)))


def test_an_exchange_as_it_has_to_be_is_well(exchange: Path) -> None:
    assert look(exchange) == []


def test_an_exchange_that_is_missing_is_made(tmp_path: Path) -> None:
    assert look(tmp_path / "none") == [f"sudo install -d -m 1777 {tmp_path / 'none'}"]


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o1770])
def test_an_exchange_where_students_cannot_write_or_can_rename_is_wrong(
    exchange: Path, mode: int
) -> None:
    exchange.chmod(mode)
    assert look(exchange) == [f"sudo chmod 1777 {exchange}"]


@pytest.mark.parametrize(("name", "mode"), [("inbound", 0o777), ("feedback", 0o755)])
def test_a_folder_of_the_course_that_students_can_list_is_wrong(
    exchange: Path, name: str, mode: int
) -> None:
    folder = exchange / "teacher_forcing" / name
    folder.chmod(mode)
    assert look(exchange) == [f"chmod {permissions.EXCHANGED[name]:o} {folder}"]


def test_a_course_in_the_exchange_that_is_another_accounts_is_wrong(exchange: Path) -> None:
    place = exchange / "teacher_forcing"
    [remedy] = look(exchange, owner=os.getuid() + 1)
    assert remedy.startswith(f"sudo mv {place} {place}.old")


def test_nothing_released_yet_is_well(tmp_path: Path) -> None:
    tmp_path.chmod(permissions.SHARED)
    assert look(tmp_path) == []


@pytest.fixture
def reachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of which all that is above it is open to others, as above homes."""
    closed = {one for one in tmp_path.parents if not one.stat().st_mode & 0o001}
    really = permissions._mode
    monkeypatch.setattr(permissions, "_mode", lambda p: 0o755 if p in closed else really(p))
    return tmp_path


def test_a_course_that_others_can_look_into_is_wrong(reachable: Path) -> None:
    course = reachable / "course"
    reachable.chmod(0o755)
    course.mkdir(mode=0o755)
    assert remedies(list(of_course(course))) == [f"chmod 700 {course}"]
    reachable.chmod(0o700)  # a home that is closed closes what is in it
    assert remedies(list(of_course(course))) == []
    reachable.chmod(0o755)
    course.chmod(0o700)
    assert remedies(list(of_course(course))) == []


def test_homes_that_others_can_look_into_are_named(tmp_path: Path) -> None:
    homes = [tmp_path / name for name in ("ann", "bob", "gone")]
    for home in homes[:2]:
        home.mkdir(mode=0o700)
    assert remedies(list(of_homes(homes))) == []
    homes[1].chmod(0o755)
    [found] = of_homes(homes)
    assert str(homes[1]) in found.what
    assert str(homes[0]) not in found.what
    assert "HOME_MODE 0700" in found.remedy


def test_an_environment_that_anybody_may_change_is_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert remedies(list(of_environment(tmp_path))) == []
    tmp_path.chmod(0o777)
    assert remedies(list(of_environment(tmp_path))) == [f"sudo chmod -R go-w {tmp_path}"]


def test_a_package_that_is_older_than_the_course_is_wrong(tmp_path: Path) -> None:
    installed = Path(course.__file__).parent
    checkout = tmp_path / "course"
    assert list(command.of_package(installed, checkout)) == []
    shutil.copytree(installed / "bootstrap", checkout / "bootstrap")
    shutil.copy(installed / "__init__.py", checkout)
    assert list(command.of_package(installed, checkout)) == []
    (checkout / "bootstrap" / "words.py").write_text("# newer\n")
    [found] = command.of_package(installed, checkout)
    assert "bootstrap/words.py" in found.what
    assert f"pip install --force-reinstall --no-deps {tmp_path}" in found.remedy


def test_a_database_that_does_not_answer_is_wrong() -> None:
    [found] = command.of_gradebook("postgresql+psycopg2://course:secret@127.0.0.1:9/none")
    assert found.remedy
    assert "secret" not in found.what + found.remedy


def test_the_command_says_what_is_wrong_and_its_status_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Inspected("the moon is up"), Inspected("the door is open", "close it")]
    monkeypatch.setattr(command, "findings", lambda root: found)
    assert command.main([]) == 1
    assert capsys.readouterr().out == "well: the moon is up\nwrong: the door is open: close it\n"
    found.pop()
    assert command.main([]) == 0


def test_where_there_is_no_course_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert command.main([]) == 2
    assert "is this the course's folder?" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore")  # nbgrader's own
def test_what_the_servers_settings_say_of_the_exchange_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course_folder, settings = tmp_path / "course", tmp_path / "settings"
    for folder in (course_folder, settings):
        folder.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course_folder)
    monkeypatch.setattr(command, "homes", list)
    monkeypatch.setattr(command, "why_no_sandbox", lambda: "it is away")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(settings))
    monkeypatch.setenv("JUPYTERHUB_API_URL", "http://127.0.0.1:9/hub/api")
    said = [one.what for one in command.findings(course_folder)]
    assert f"there is no exchange at {course_folder / 'exchange'}" in said
    assert "there is no sandbox, and nothing is graded without one" in said
    shutil.copy(ROOT / "docs" / "hub" / "nbgrader_config.py", settings)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    place = tmp_path / "exchange"
    (tmp_path / "env").mkdir()
    said = [one.what for one in command.findings(course_folder)]
    assert f"there is no exchange at {place}" in said
