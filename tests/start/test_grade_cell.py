"""``learner.grade()``: which notebook it grades, and that it is the one on the screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from course.learner import asking, grade, here

MINE = "def decode():\n    return 1"
Learner = Callable[..., Path]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Collect what is asked for in place of running it."""
    found: list[Path] = []

    def ask(_: str, notebook: Path) -> dict[str, str]:
        found.append(notebook)
        return {"text": "5 of 5 points", "html": "<b>5 of 5</b>"}

    monkeypatch.setattr(asking, "ask", ask)
    return found


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts of the cells that this process is taken to have run."""
    texts: list[str] = []
    history = SimpleNamespace(input_hist_raw=texts)
    shell = SimpleNamespace(history_manager=history, user_ns={})
    monkeypatch.setattr(here, "_shell", lambda: shell)
    return texts


@pytest.fixture
def notebook(
    root: Path, work: Path, learner: Learner, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A saved answer, in the notebook that JupyterLab says this is."""
    path = learner(code=MINE)
    monkeypatch.setenv("COURSE_ROOT", str(root))
    monkeypatch.setenv("JPY_SESSION_NAME", path.relative_to(work).as_posix())
    return path


def test_the_notebook_of_the_session_is_graded(notebook: Path, asked: list[Path]) -> None:
    answer = grade()
    assert asked == [notebook.resolve()]
    assert repr(answer) == "5 of 5 points"
    assert answer._repr_html_() == "<b>5 of 5</b>"


def test_an_answer_that_was_run_and_not_saved_is_named(
    notebook: Path, asked: list[Path], ran: list[str]
) -> None:
    ran += [MINE, "x = 1", MINE.replace("1", "2"), "decode()"]
    said = repr(grade())
    assert (
        "has another decode than the one that you ran last. Save the notebook (Ctrl+S), or" in said
    )
    assert "run its cell again where you have deleted the one that you ran" in said
    assert asked == []


@pytest.mark.parametrize(
    ("above", "inside"),
    [("%%time\n", ""), ("%%capture\n%%time\n\n", ""), ("", "    !ls\n"), ("", "    %time 1\n")],
)
def test_magics_in_an_answers_cell_hide_nothing(
    notebook: Path,
    learner: Learner,
    asked: list[Path],
    ran: list[str],
    above: str,
    inside: str,
) -> None:
    written = f"{above}def decode():\n{inside}    return 1"
    learner(code=written)
    ran += [written]
    grade()
    assert asked == [notebook.resolve()]
    ran += [written.replace("return 1", "return 2")]
    assert "has another decode" in repr(grade())
    assert len(asked) == 1


@pytest.mark.parametrize("text", ["[" * 100_000, "-" * 100_000 + "1", "%%time", "decode = ("])
def test_what_is_too_deep_or_no_python_defines_nothing(
    notebook: Path, learner: Learner, asked: list[Path], ran: list[str], text: str
) -> None:
    ran += [text]
    grade()
    learner(code=text)
    grade()
    assert asked == [notebook.resolve()] * 2


def test_what_was_run_and_saved_is_graded(
    notebook: Path, asked: list[Path], ran: list[str]
) -> None:
    ran += [MINE.replace("1", "2"), f"{MINE}\n", "%matplotlib inline", "x = ("]
    grade()
    assert asked == [notebook.resolve()]


def test_it_does_nothing_where_the_notebook_is_validated(
    notebook: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert "Not graded here" in repr(grade())
    assert asked == []


def test_where_no_notebook_is_known_it_says_the_command(
    notebook: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME")
    monkeypatch.chdir(tmp_path)
    assert "`python3 -m course check FILE.ipynb` grades it" in repr(grade())
    monkeypatch.setattr(sys, "platform", "win32")
    assert "`py -m course check FILE.ipynb` grades it" in repr(grade())


def test_the_only_notebook_of_a_folder_is_taken(
    notebook: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME")
    monkeypatch.chdir(notebook.parent)
    grade()
    assert asked == [notebook.resolve()]


def test_vs_code_says_it_in_the_namespace(
    notebook: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME")
    here._shell().user_ns["__vsc_ipynb_file__"] = str(notebook)
    grade()
    assert asked == [notebook.resolve()]


@pytest.mark.parametrize("named", ["{path}", "{path.name}", "{path.parent.name}/{path.name}"])
def test_the_notebook_of_the_kernels_folder_is_graded_wherever_it_lies(
    notebook: Path,
    asked: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    named: str,
) -> None:
    mine = tmp_path / "elsewhere" / notebook.parent.name / notebook.name
    mine.parent.mkdir(parents=True)
    for other in (mine, mine.parents[1] / mine.name, notebook.parents[1] / mine.name):
        other.write_bytes(notebook.read_bytes())
    monkeypatch.chdir(mine.parent)
    monkeypatch.setenv("JPY_SESSION_NAME", named.format(path=mine))
    grade()
    assert asked == [mine.resolve()]


def test_vs_codes_word_counts_before_a_variable_that_was_handed_down(
    notebook: Path, asked: list[Path], tmp_path: Path
) -> None:
    mine = tmp_path / notebook.name
    mine.write_bytes(notebook.read_bytes())
    here._shell().user_ns["__vsc_ipynb_file__"] = str(mine)
    grade()
    mine.unlink()
    grade()
    assert asked == [mine.resolve(), notebook.resolve()]


@pytest.mark.parametrize(
    ("said", "complaints", "expected"),
    [
        (json.dumps({"text": "no", "more": 1}), "", {"text": "no"}),
        ("", "Traceback\nMemoryError", {"text": "This could not be graded: MemoryError"}),
        ("[1", "", {"text": "This could not be graded: it said nothing"}),
        ("[" * 100_000, "", {"text": "This could not be graded: it said nothing"}),
    ],
)
def test_what_a_command_answers_is_read(
    said: str, complaints: str, expected: dict[str, str]
) -> None:
    assert asking.answer_of(said, complaints) == expected
