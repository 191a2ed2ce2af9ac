"""docs/contributing.md and docs/house.md name files and commands that there are."""

from __future__ import annotations

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from course.__main__ import COMMANDS
from course.maintain.build import TARGETS

ROOT = Path(__file__).resolve().parents[2]
GUIDES = {
    name: (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("contributing.md", "house.md")
}
CONTRIBUTING = GUIDES["contributing.md"]
#: What a walk of the page makes, and where the tests have it.
MADE_UP = {
    "source/08_temperature": "tests/added/09_temperature/source",
    "course/lessons/08_temperature": "tests/added/09_temperature/course",
    "tests/lessons/08_temperature": "tests/added/09_temperature/tests",
    "course/tasks/echo.py": "tests/study/programs/echo.py",
    "course/labs/heads.py": "tests/labs/made_up/heads.py",
}
#: As `build` makes it, or as it is called in general.
NOT_YET = re.compile(r"NN|weights_echo|^(osc|echo)/gru|^work/")

every_guide = pytest.mark.parametrize("guide", GUIDES)


def paths(text: str) -> list[str]:
    """Return what looks like a path: in backticks, with a slash, of a name's signs alone."""
    prose = re.sub(r"^( *)```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    named = re.findall(r"`([\w.*]+/[\w./*]*)`", prose)
    return [path for path in named if not NOT_YET.search(path)]


def is_there(path: str) -> bool:
    """Look from the repository, and in any room of the package or the tests."""
    for made, kept in MADE_UP.items():
        path = path.replace(made, kept)
    path = path.rstrip("/")
    return any(any(ROOT.glob(f"{room}{path}")) for room in ("", "course/**/", "tests/**/"))


@every_guide
def test_every_path_is_there(guide: str) -> None:
    named = paths(GUIDES[guide])
    assert len(named) > 20
    assert [path for path in named if not is_there(path)] == []


def test_a_path_that_is_not_there_would_be_found() -> None:
    text = "See `course/nowhere.py`, `course/labs/`.\n```sh\nls `x/y`\n```\n"
    assert [path for path in paths(text) if not is_there(path)] == ["course/nowhere.py"]


@every_guide
def test_every_link_has_its_file_and_heading(guide: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", re.sub(r"`[^`]*`", "", GUIDES[guide])):
        name, _, anchor = link.partition("#")
        target = ROOT / "docs" / (name or guide)
        assert target.is_file(), link
        headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), flags=re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}
        assert not anchor or anchor in slugs, link


def commands(text: str) -> list[list[str]]:
    """Return the words behind ``python3 -m course``, also where a table's head says it for all."""
    said = re.findall(r"python3 -m course (\w.*?)(?:`| #|  |$)", text, flags=re.MULTILINE)
    said += re.findall(r"`((?:build|test|demo) [^`]+)`", text)
    return [one.split() for one in said]


@every_guide
def test_every_command_is_one_and_makes_what_there_is(guide: str) -> None:
    for name, *arguments in commands(GUIDES[guide]):
        assert name in {command.name for command in COMMANDS}, name
        if name == "build":
            assert {*arguments} <= {"--check", *(target.name for target in TARGETS)}, arguments
        if name == "test":
            named = [one for one in arguments if one.startswith("tests/")]
            assert [path for path in named if not is_there(path)] == []


@every_guide
def test_every_module_that_is_run_is_there(guide: str) -> None:
    for module in re.findall(r"python3? -m (course\.[\w.]+)", GUIDES[guide]):
        assert find_spec(module), module


def test_the_walks_begin_with_what_tests_add() -> None:
    copied = dict(re.findall(r"^cp (?:-r )?(\S+) (\S+)$", CONTRIBUTING, flags=re.MULTILINE))
    assert copied == {kept: made for made, kept in MADE_UP.items()}
    assert all((ROOT / kept).exists() for kept in copied)


def test_every_marker_is_listed() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        markers = tomllib.load(file)["tool"]["pytest"]["ini_options"]["markers"]
    tests = CONTRIBUTING.partition("\n## Tests\n")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", tests, flags=re.MULTILINE)
    assert sorted(listed) == sorted(re.match(r"\w+", marker)[0] for marker in markers)
