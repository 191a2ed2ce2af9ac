"""What a command prints changes nothing of what it does, wherever it is printed to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course.lessons import course_root

#: Prints what most encodings do not have, and notes that it went on to its end.
PROGRAM = """
import sys
from pathlib import Path
from course.bootstrap.streams import make_patient
make_patient()
print("✓ 3 → 4 “so” 你好 \\udcff")
print("✗", file=sys.stderr)
for _ in range(3):
    print("x" * 10_000, flush=True)
Path(sys.argv[1]).write_text("done")
sys.exit(7)
"""


def start(tmp_path: Path, **settings: object) -> subprocess.CompletedProcess[bytes]:
    variables = {"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(course_root())}
    env = {**os.environ, **variables, **settings.pop("env", {})}  # type: ignore[dict-item]
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(program), str(tmp_path / "noted")]
    done = subprocess.run(command, env=env, timeout=60, check=False, **settings)  # type: ignore[call-overload]
    assert done.returncode == 7, done.stderr
    assert (tmp_path / "noted").read_text() == "done"
    return done  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "✓ 3 → 4 “so” 你好 \\udcff"),
        ("cp1252", "+ 3 -> 4 “so” \\u4f60\\u597d \\udcff"),
        ("latin-1", '+ 3 -> 4 "so" \\u4f60\\u597d \\udcff'),
        ("ascii", '+ 3 -> 4 "so" \\u4f60\\u597d \\udcff'),
    ],
)
def test_any_text_can_be_printed_in_any_encoding(tmp_path: Path, encoding: str, shown: str) -> None:
    done = start(tmp_path, env={"PYTHONIOENCODING": encoding})
    assert done.stdout.decode(encoding).splitlines()[0] == shown
    assert done.stderr.decode(encoding).strip() == ("✗" if encoding == "utf-8" else "x")


def test_in_the_locale_c_too(tmp_path: Path) -> None:
    plain = {"PYTHONIOENCODING": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = start(tmp_path, env={**plain, "LC_ALL": "C"})
    assert done.stdout.startswith(b"+ 3 -> 4")


@pytest.mark.skipif(sys.platform == "win32", reason="closes descriptors as POSIX does")
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (1, 2), (0, 1, 2)])
def test_closed_streams_are_no_error(tmp_path: Path, closed: tuple[int, ...]) -> None:
    def close() -> None:
        for number in closed:
            os.close(number)

    start(tmp_path, preexec_fn=close)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_the_output_is_told_and_the_work_is_done(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = start(tmp_path, stdout=full)
    assert b"What is printed could not be written: No space left on device" in done.stderr


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = start(tmp_path, stdout=writing)
    finally:
        os.close(writing)
    assert b"Error" not in done.stderr
