"""Every lab that there is, found by looking into the folder; and one that is added."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course import labs
from course.lessons import LessonError, course_root
from course.maintain import stills

HERE = Path(labs.__file__).parent
OPENED_BY = {name: lab for lab in labs.LABS.values() for name in lab.__all__}


@pytest.mark.parametrize("name", OPENED_BY)
def test_every_lab_opens_with_labelled_controls_a_picture_and_words(name: str) -> None:
    given = [labs.SOLVED[name]] if name in labs.SOLVED else []
    view = getattr(labs, name)(*given, "It rises.")
    assert all(control.description for control in view.controls.values())
    assert "<svg" in view.picture.value
    assert "It rises." in view.prediction.value
    assert view.message.value == ""
    assert repr(view) == view.state.words() != ""
    view.close()


@pytest.mark.parametrize(("former", "name"), labs.FORMER.items())
def test_a_notebook_of_an_earlier_release_opens_its_lab_by_the_name_that_it_had(
    former: str, name: str
) -> None:
    assert getattr(labs, former) is getattr(labs, name)


def test_a_lab_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(AttributeError, match=r"no lab called derail; there are .*forced_and_free"):
        labs.derail  # noqa: B018


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.py")), ids=lambda path: path.name)
def test_no_lab_imports_another(path: Path) -> None:
    own = path.relative_to(HERE).with_suffix("").parts[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    rooms = {name.split(".")[2] for name in imported if name.startswith("course.labs.")}
    assert "course.labs" not in imported
    assert rooms & {*labs.LABS} <= {own}


@pytest.fixture
def course(tiny_course: Path, tmp_path: Path) -> Path:
    """A copy of the course with one lesson, which shows the lab that is added."""
    root = tmp_path / "course"
    shutil.copytree(tiny_course, root)
    [notebook] = root.glob("source/*/*.ipynb")
    lesson = json.loads(notebook.read_text(encoding="utf-8"))
    shown = {"cell_type": "markdown", "metadata": {}, "source": "![Heads](images/lab_heads.svg)"}
    lesson["cells"].append({**shown, "id": "lab_heads_still"})
    notebook.write_text(json.dumps(lesson), encoding="utf-8")
    return root


def opened_in(course: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """Open the lab in a copy of the package that has it in these files."""
    left = shutil.ignore_patterns("__pycache__")
    shutil.copytree(course_root() / "course", course / "course", ignore=left)
    made_up = Path(__file__).parent / "made_up"
    for name in files:
        shutil.copy(made_up / "heads.py", course / "course" / "labs" / name)
    return subprocess.run(
        [sys.executable, made_up / "open_heads.py"],
        cwd=course,
        env={"PYTHONPATH": str(course), "HOME": str(course)},
        capture_output=True,
        text=True,
    )


def test_a_lab_is_added_as_one_file_and_opens_and_has_its_still_picture(course: Path) -> None:
    ran = opened_in(course, "heads.py")
    assert ran.returncode == 0, ran.stderr
    assert "of 20 coins show heads." in ran.stdout
    [picture] = course.glob("source/*/images/lab_heads.svg")
    assert '<title id="title">Heads</title>' in picture.read_text(encoding="utf-8")


def test_a_copy_of_a_lab_that_opens_by_the_same_name_is_named(course: Path) -> None:
    ran = opened_in(course, "heads.py", "heads_copy.py")
    assert "heads_copy.py opens as count_heads, as another lab does" in ran.stderr


def test_a_still_picture_of_a_lab_that_there_is_not_names_those_that_there_are(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(labs.STILLS, "heads", raising=False)  # whoever walks the guide has it
    with pytest.raises(LessonError, match=r"shows images/lab_heads\.svg, .* there are divergence,"):
        stills.generate(course, tmp_path)
