"""How JupyterLab is run: alone on this machine, with a token, whatever the user's settings say."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from traitlets.utils.importstring import import_item

from course.learner import lab, server
from course.lessons import LessonError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def options(root: Path, instructor: bool = False) -> dict[str, str]:
    argv = server.arguments(root, 8888, "secret", False, instructor)
    return dict(option.removeprefix("--").split("=", 1) for option in argv)


def test_a_free_port_is_taken_as_it_is(taken: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    assert server.free_port(port) == port


def test_a_port_in_use_is_answered_by_the_next_free_one(taken: int) -> None:
    assert taken < server.free_port(taken) <= taken + server.NEIGHBOURS


def test_only_this_machine_is_served_and_with_a_token(tmp_path: Path) -> None:
    given = options(tmp_path)
    assert given["ServerApp.ip"] == "127.0.0.1"
    assert given["IdentityProvider.token"] == "secret"


def test_a_learner_opens_work_on_the_start_page(tmp_path: Path) -> None:
    given = options(tmp_path)
    assert given["ServerApp.root_dir"] == str(tmp_path / "work")
    assert given["ServerApp.default_url"] == "/lab/tree/START.md"


def test_an_instructor_opens_the_course(tmp_path: Path) -> None:
    given = options(tmp_path, instructor=True)
    assert given["ServerApp.root_dir"] == str(tmp_path)
    assert given["ServerApp.default_url"] == "/lab/tree/README.md"


@pytest.mark.parametrize("instructor", [False, True])
def test_no_news_no_updates_and_no_builds_are_asked_for(tmp_path: Path, instructor: bool) -> None:
    given = options(tmp_path, instructor)
    assert given["LabApp.news_url"] == "None"
    assert given["LabApp.check_for_updates_class"].endswith("NeverCheckForUpdate")
    folder = Path(given["LabApp.app_settings_dir"])
    page_config = json.loads((folder / "page_config.json").read_text())
    assert "@jupyterlab/apputils-extension:announcements" in page_config["disabledExtensions"]
    assert page_config["buildCheck"] is False  # each page that opens would start Node


def test_a_kernels_short_messages_are_not_held_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = options(tmp_path)["ServerApp.kernel_websocket_connection_class"]
    connection = import_item(given)
    monkeypatch.setattr(connection.__base__, "connect", lambda self: "connected")
    asked: list[bool] = []
    handler = SimpleNamespace(set_nodelay=asked.append)
    monkeypatch.setattr(connection, "websocket_handler", handler)
    assert connection.__new__(connection).connect() == "connected"
    assert asked == [True]


@pytest.mark.parametrize(("instructor", "expected"), [(False, 1), (True, 4)])
def test_learners_have_validate_and_instructors_all_of_nbgrader(
    instructor: bool, expected: int
) -> None:
    path = server.settings_folder(instructor) / "jupyter_server_config.json"
    extensions = json.loads(path.read_text())["ServerApp"]["jpserver_extensions"]
    assert extensions["nbgrader.server_extensions.validate_assignment"] is True
    assert sum(on for name, on in extensions.items() if "nbgrader" in name) == expected
    assert extensions.get("course.learner.extension", False) is not instructor


def test_the_users_jupyter_configuration_is_not_read(tmp_path: Path) -> None:
    set_ = server.surroundings({"JUPYTER_CONFIG_PATH": "theirs"}, ROOT, tmp_path, False)
    assert Path(set_["JUPYTER_CONFIG_DIR"]).is_relative_to(sys.prefix)
    assert set_["JUPYTER_CONFIG_PATH"] == str(server.settings_folder(False))


def test_a_kernel_multiplies_its_small_matrices_in_one_thread(tmp_path: Path) -> None:
    assert server.surroundings({}, ROOT, tmp_path, False)["OPENBLAS_NUM_THREADS"] == "1"
    users = server.surroundings({"OPENBLAS_NUM_THREADS": "4"}, ROOT, tmp_path, False)
    assert users["OPENBLAS_NUM_THREADS"] == "4"


def test_what_a_user_set_in_jupyterlab_is_kept(tmp_path: Path) -> None:
    default = server.surroundings({}, ROOT, tmp_path, False)
    assert default["JUPYTERLAB_SETTINGS_DIR"] == str(tmp_path / "lab" / "user-settings")
    chosen = server.surroundings({"JUPYTERLAB_SETTINGS_DIR": "mine"}, ROOT, tmp_path, False)
    assert chosen["JUPYTERLAB_SETTINGS_DIR"] == "mine"


def test_the_environments_own_kernel_wins_over_any_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "share" / "kernels" / "python3"
    theirs.mkdir(parents=True)
    spec = {"argv": ["/elsewhere/python"], "display_name": "theirs", "language": "python"}
    (theirs / "kernel.json").write_text(json.dumps(spec))
    environ = {"JUPYTER_PATH": str(tmp_path / "share"), "PATH": os.environ["PATH"]}
    for name, value in server.surroundings(environ, ROOT, tmp_path, False).items():
        monkeypatch.setenv(name, value)
    from jupyter_client.kernelspec import KernelSpecManager

    found = KernelSpecManager().get_kernel_spec("python3")
    assert found.display_name != "theirs"
    assert Path(found.resource_dir).is_relative_to(sys.prefix)


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "firefox"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_no_browser_is_opened_inside_a_terminal(
    environ: dict[str, str], platform: str, expected: bool
) -> None:
    assert server.has_browser(environ, platform) is expected


def test_without_a_browser_the_address_and_the_way_to_it_are_told() -> None:
    said = server.welcome(8890, "secret", browser_opens=False, instructor=False)
    assert "http://127.0.0.1:8890/lab/tree/START.md?token=secret" in said
    assert "ssh -L 8890:127.0.0.1:8890" in said
    assert "ssh" not in server.welcome(8890, "secret", browser_opens=True, instructor=False)


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", ""])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        lab.parser().parse_args(["--port", port])
    assert "a number from 1 to 65535" in capsys.readouterr().err


def test_a_course_without_a_release_is_told_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match=r"git restore release.*build release"):
        lab.prepare(tmp_path, tmp_path / "work")


def test_a_folder_that_cannot_be_written_is_told_of(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(root / "work"))

    monkeypatch.setenv("COURSE_ROOT", str(root))
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert lab.main(["--no-browser"]) == 2
    said = capsys.readouterr().err
    assert f"{root} cannot be written (" in said
    assert "or copy the course to a folder of your own, then run the same command again" in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="terminals are POSIX's")
def test_ctrl_c_ends_the_server_without_a_question(root: Path) -> None:
    import pty

    # On a terminal Jupyter would ask whether it is meant.
    controller, terminal = pty.openpty()
    script = "import sys; from course.learner import lab; sys.exit(lab.main(['--no-browser']))"
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "COURSE_ROOT": str(root)},
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        while "Ctrl-C ends it" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=600)
    finally:
        process.kill()
        os.close(controller)
        os.close(terminal)
    assert process.returncode == 0
    assert said.splitlines()[-1] == "JupyterLab has stopped. Your work is in work/."
    assert "Traceback" not in said
    assert "?" not in said
