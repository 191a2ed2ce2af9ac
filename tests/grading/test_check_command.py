"""`course check`: which notebook it looks at, and what it says where that is not there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import programs
import pytest
from tiny import LESSON_ID, SECOND, SOLUTION

from course.grading.confinement.forking import FOLDERS
from course.grading.confinement.sandbox import has_sandbox
from course.learner.check import main

NAME = "decoder_cells.ipynb"


@pytest.fixture
def root(
    tiny_course: Path, released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A course of the tiny lesson with its release, and nothing in ``work/``."""
    root = tmp_path / "course"
    shutil.copytree(tiny_course, root)
    shutil.copytree(released / "release", root / "release")
    monkeypatch.setenv("COURSE_ROOT", str(root))
    return root


def written(root: Path) -> str:
    """Return the released notebook with right answers."""
    notebook = json.loads((root / "release" / LESSON_ID / NAME).read_text(encoding="utf-8"))
    texts = {"write_double": SOLUTION, "write_total": SECOND}
    for cell in notebook["cells"]:
        cell["source"] = texts.get(cell["id"], cell["source"])
    return json.dumps(notebook)


def lay(root: Path, name: str, text: str) -> Path:
    path = root / "work" / LESSON_ID / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join("".join(capsys.readouterr()).split())


def test_without_a_folder_it_says_what_makes_one(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([LESSON_ID]) == 2
    assert f"there is no folder {root / 'work' / LESSON_ID}: `python3 -m course lab`" in said(
        capsys
    )


def test_in_an_empty_folder_too(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lay(root, "notes.txt", "mine")
    assert main([LESSON_ID]) == 2
    wanted = root / "work" / LESSON_ID / NAME
    assert f"there is no {wanted}: `python3 -m course lab` puts" in said(capsys)


@pytest.mark.parametrize("name", ["decoder_cells_ann.ipynb", "deeper/decoder_cells.ipynb"])
@pytest.mark.parametrize("arguments", [[LESSON_ID], []])
def test_a_notebook_of_another_name_is_named_with_what_to_do(
    root: Path, capsys: pytest.CaptureFixture[str], name: str, arguments: list[str]
) -> None:
    lay(root, name, written(root))
    assert main(arguments) == 2
    text = said(capsys)
    assert "Errno" not in text
    assert (
        f"there is '{name}': if that is it, move it to {root / 'work' / LESSON_ID / NAME}" in text
    )


@pytest.mark.slow
def test_a_notebook_beside_in_which_more_is_written_is_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(root, NAME, (root / "release" / LESSON_ID / NAME).read_text(encoding="utf-8"))
    lay(root, "decoder_cells_ann.ipynb", written(root))
    assert main([LESSON_ID]) == 1
    text = said(capsys)
    assert "0 of 5 points" in text
    assert f"work/{LESSON_ID}/decoder_cells_ann.ipynb was not checked, and more is written" in text
    assert f"move it to work/{LESSON_ID}/{NAME}" in text


@pytest.mark.slow
def test_a_file_is_graded_whatever_it_is_called_and_shown_in_the_notebook(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lay(root, "my_answers.ipynb", written(root))
    assert main(["--json", str(path)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "5 of 5 points" in answer["text"]
    assert "<b>5 of 5 points</b>" in answer["html"]
    page = f"../feedback/{LESSON_ID}/my_answers.html"
    assert f'<a href="{page}">Feedback page</a>' in answer["html"]
    assert (path.parent / page).is_file()
    noted = json.loads((root / "work" / ".progress.json").read_text(encoding="utf-8"))
    assert noted[LESSON_ID]["notebook"] == f"{LESSON_ID}/my_answers.ipynb"


@pytest.mark.slow
def test_notebooks_of_one_name_have_feedback_pages_of_their_own_named_where_no_link_leads_there(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = lay(root, NAME, written(root))
    other = tmp_path / "elsewhere" / NAME
    other.parent.mkdir()
    other.write_text(written(root).replace("2 * x", "3 * x"), encoding="utf-8")
    said = []
    for path in (own, other):
        main(["--json", str(path)])
        said.append(json.loads(capsys.readouterr().out))
    [link] = re.findall('href="([^"]*)"', said[0]["html"])
    [place] = re.findall("Feedback page: <code>([^<]*)</code>", said[1]["html"])
    assert f"Feedback page: {place}\n" in f"{said[1]['text']}\n"
    pages = [file.read_text(encoding="utf-8") for file in (own.parent / link, Path(place))]
    assert ["5 of 5 by tests" in page for page in pages] == [True, False]


@pytest.mark.slow
@pytest.mark.skipif(not has_sandbox(), reason="needs bubblewrap")
def test_what_a_killed_check_left_behind_is_removed_by_the_next(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, left = lay(root, NAME, written(root)), tmp_path / "temporary"
    mine = left / f"{FOLDERS}{os.getpid()}-kept"
    mine.mkdir(parents=True)
    killed = subprocess.Popen(
        [sys.executable, programs.place("grading_to_be_killed"), root, LESSON_ID, path],
        env={**os.environ, "TMPDIR": str(left), "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "begun\n"
        killed.kill()
    assert [*left.glob(f"{FOLDERS}{killed.pid}-*")]
    monkeypatch.setattr(tempfile, "tempdir", str(left))
    assert main(["--json", str(path)]) == 0
    assert [*left.iterdir()] == [mine]


@pytest.mark.slow
def test_what_a_learner_wrote_is_text_in_what_the_notebook_shows(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = SOLUTION.replace("return 2 * x", "raise ValueError('<img src=x onerror=alert(1)>')")
    path = lay(root, NAME, written(root).replace(json.dumps(SOLUTION), json.dumps(evil)))
    assert main(["--json", str(path)]) == 1
    shown = json.loads(capsys.readouterr().out)["html"]
    assert "<img" not in shown
    assert "&lt;img src=x" in shown


def test_without_the_hidden_tests_it_says_who_has_them(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lay(root, NAME, written(root))
    shutil.rmtree(root / "source")
    assert main(["--json", str(path)]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert "hidden tests are not on this machine" in answer["text"]
    assert "your instructor has them" in answer["text"]


def test_a_notebook_of_no_lesson_is_told(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = lay(root, "notes.ipynb", json.dumps({"cells": []}))
    assert main([str(path)]) == 2
    assert "notes.ipynb is no lesson's notebook" in said(capsys)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "redirect"),
    [("cp1252", ""), ("ascii", ""), ("utf-8", ">&-"), ("ascii", ">/dev/full")],
)
@pytest.mark.skipif(sys.platform == "win32", reason="redirects as a POSIX shell does")
def test_where_the_marks_are_printed_to_changes_neither_status_nor_progress(
    root: Path, encoding: str, redirect: str
) -> None:
    lay(root, NAME, written(root))
    program = (
        "import sys; from course.bootstrap.streams import make_patient; make_patient(); "
        "from course.learner.check import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-c", program, LESSON_ID],
        env={
            **os.environ,
            "COURSE_ROOT": str(root),
            "PYTHONIOENCODING": encoding,
            "PYTHONWARNINGS": "ignore",
        },
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    noted = json.loads((root / "work" / ".progress.json").read_text(encoding="utf-8"))
    assert noted[LESSON_ID]["points"] == 5.0
    if not redirect:
        assert "+    2 / 2   Every number is doubled." in done.stdout.decode(encoding)
