"""Files in a student's process: what was handed in can be read, and stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from cells import show

from course.grading.confinement.limits import Limits
from course.grading.confinement.sandbox import has_sandbox
from course.grading.confinement.student_process import StudentProcess
from course.lessons import course_root, lesson_ids

pytestmark = pytest.mark.usefixtures("nursery")

LIMITS = Limits(call_s=20, cell_s=20)


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    folder = tmp_path / "handed in"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.txt").write_text("given")
    (folder / "mine.py").write_text("x = 5")
    (folder / "other.ipynb").write_text("{}")
    (folder / "link.txt").symlink_to("/etc/hostname")
    (folder / "all").symlink_to("/")
    shadows = ["numpy", "json", "random", "statistics", "matplotlib", "sitecustomize", "runpy"]
    for name in [*shadows, "usercustomize", "IPython", "course", "colorsys"]:
        (folder / f"{name}.py").write_text("raise RuntimeError('shadowed')")
    (folder / "pyvenv.cfg").write_text("home = /nowhere")
    return folder


@pytest.mark.parametrize("in_sandbox", [True, False])
def test_files_handed_in_can_be_read_and_imported(handed_in: Path, in_sandbox: bool) -> None:
    if in_sandbox and not has_sandbox():
        pytest.skip("no bubblewrap here")
    with StudentProcess(LIMITS, handed_in, in_sandbox) as student:
        assert show(student, "import mine; mine.x") == "5"
        assert show(student, "print(open('data/a.txt').read())") == "given\n"
        there = show(student, "import os; print(*os.listdir())").split()
        assert "mine.py" in there
        assert not {"link.txt", "all", "other.ipynb"} & set(there), "links and notebooks"


@pytest.mark.parametrize("in_sandbox", [True, False])
def test_files_handed_in_shadow_no_library(handed_in: Path, in_sandbox: bool) -> None:
    if in_sandbox and not has_sandbox():
        pytest.skip("no bubblewrap here")
    with StudentProcess(LIMITS, handed_in, in_sandbox) as student:
        names = "numpy, json, random, statistics, matplotlib, course.checks, colorsys"
        failures, outputs = student.run_cell(f"import {names}")
        assert not failures, outputs


def test_what_is_written_stays_out_of_what_was_handed_in(handed_in: Path) -> None:
    before = sorted(handed_in.rglob("*.*"))
    for in_sandbox in {has_sandbox(), False}:
        with StudentProcess(LIMITS, handed_in, in_sandbox) as student:
            student.run_cell("for p in ('new.txt', 'data/a.txt', 'mine.py'): open(p, 'w')")
    assert sorted(handed_in.rglob("*.*")) == before
    assert (handed_in / "mine.py").read_text() == "x = 5"


def test_the_folder_of_a_process_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for in_sandbox in {has_sandbox(), False}:
        with StudentProcess(LIMITS, None, in_sandbox) as student:
            student.run_cell("import os, tempfile; open(tempfile.mkdtemp() + '/x', 'w')")
            assert list(tmp_path.iterdir())
        assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not has_sandbox(), reason="no bubblewrap here")
def test_of_the_lessons_the_sandbox_has_what_checks_need_and_nothing_more(tmp_path: Path) -> None:
    look = (
        "import os\n"
        "tops = '/libraries/course', '/libraries/course/lessons'\n"
        "print(*(os.path.join(top, d)[len('/libraries/course/'):] for top in tops "
        "for d in sorted(os.listdir(top)) if d != '__pycache__'))\n"
        "print(*sorted({f for _, _, names in os.walk(tops[1]) for f in names if f[-4:] != '.pyc'}))"
    )
    check = (
        "from course import checks\ndef gru_cell_step(x_t, h_prev, params):\n    return h_prev\n"
        "checks.check(gru_cell_step)"
    )
    with StudentProcess(LIMITS, tmp_path, in_sandbox=True) as student:
        places, files = (line.split() for line in show(student, look).splitlines())
        assert "agrees on a small example" in show(student, check)
    folders = [f"lessons/{name}" for name in lesson_ids(course_root() / "source")]
    assert places == ["__init__.py", "checks", "figures", "lessons", "student", *folders]
    assert files == ["claims.py", "golden.json", "golden.npz", "probes.py"]
