"""The house keeps its rooms apart: an import runs down, never up, and never in a circle."""

from __future__ import annotations

import re
import sys
from itertools import dropwhile, takewhile
from pathlib import Path

import pytest
from arrows import Package, classes, imported_names

ROOT = Path(__file__).resolve().parents[1] / "course"


def rooms(heading: str) -> list[str]:
    """Return the rooms that a table of the map lists, from the top down."""
    lines = iter((ROOT.parent / "docs" / "house.md").read_text(encoding="utf-8").splitlines())
    rows = takewhile(bool, dropwhile(lambda line: not line.startswith(heading), lines))
    cells = [row.split("|")[1] for row in list(rows)[2:]]
    return [name for cell in cells for name in re.findall(r"`(\w+)(?:/|\.py)`", cell)]


#: Rooms with floors of their own, which the map leaves to them.
INSIDE = {
    "course.grading": ("export", *rooms("| Room | What"), ""),
    "course.checks": ("", "dashboard", "known", "cells"),
}
#: The rooms from the top floor down. An import may only point to a room further down.
FLOORS = [
    *(
        f"{room}.{inner}".rstrip(".")
        for room in (f"course.{name}" for name in rooms("| Room in"))
        for inner in INSIDE.get(room, ("",))
    ),
    "course",
]
#: Within the engine, too, from the top down.
ENGINE = (
    *(
        f"transformer.{name}"
        for name in ("prompted", "training", "generation", "passes", "tape", "shape")
    ),
    *("training", "decoder", "feeding", "optim", "parameters", "cells", "layout", "numerics"),
)


@pytest.fixture(scope="module")
def course() -> Package:
    return Package(ROOT)


def made_up(folder: Path, **modules: str) -> Package:
    """Write a package of modules that import each other, and read it."""
    for name, text in modules.items():
        path = folder / "house" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Package(folder / "house")


def test_a_circle_is_found_though_an_import_stands_in_a_function(tmp_path: Path) -> None:
    house = made_up(
        tmp_path,
        roof="from house.floor import wall",
        floor__wall="import house.cellar",
        cellar="def f():\n    from house import roof",
    )
    assert set(house.circle()) == {"house.roof", "house.floor.wall", "house.cellar"}


def test_modules_that_share_a_third_are_no_circle(tmp_path: Path) -> None:
    house = made_up(tmp_path, roof="from house import wall, cellar", wall="import house.cellar")
    assert house.circle() == []


def test_an_arrow_that_runs_up_is_found(tmp_path: Path) -> None:
    house = made_up(
        tmp_path, roof="import house.wall", wall="x = 1", cellar="from house import wall"
    )
    floors = ["house.roof", "house.wall", "house.cellar"]
    assert house.running_up(floors) == ["house.cellar -> house.wall"]


def test_a_module_in_no_room_is_found(tmp_path: Path) -> None:
    house = made_up(tmp_path, roof="import house.shed", shed="")
    with pytest.raises(LookupError, match=r"house\.shed is in no room"):
        house.running_up(["house.roof"])


def test_no_modules_import_each_other_in_a_circle(course: Package) -> None:
    assert course.circle() == []


def test_a_class_that_stands_twice_is_found(tmp_path: Path) -> None:
    text = "class Book: pass\nclass _Page: pass"
    house = made_up(tmp_path, roof=text, cellar=f"class Shelf: pass\n{text}")
    assert classes(house) == {"Shelf": ["house.cellar"], "Book": ["house.cellar", "house.roof"]}


def test_a_class_name_stands_once(course: Package) -> None:
    assert {name: where for name, where in classes(course).items() if len(where) > 1} == {}


def test_the_map_has_every_room_and_no_other(course: Package) -> None:
    depth = {"course.grading": 3, "course.checks": 3}
    names = (name.split(".") for name in course.paths)
    found = {".".join(name[: depth.get(".".join(name[:2]), 2)]) for name in names}
    assert set(FLOORS) == found


def test_every_import_runs_down(course: Package) -> None:
    assert course.running_up(FLOORS) == []


def test_the_engine_is_built_from_below(course: Package) -> None:
    engine = [f"course.engine.{name}" for name in ENGINE]
    inside = {name: others for name, others in course.arrows.items() if name in engine}
    up = [
        f"{name} -> {other}"
        for name, others in inside.items()
        for other in others
        if other in engine and engine.index(other) < engine.index(name)
    ]
    assert up == []


@pytest.mark.parametrize("room", ["student", "checks", "figures", "lessons"])
def test_what_runs_beside_a_students_code_knows_nothing_of_the_judge(
    course: Package, room: str
) -> None:
    for name, others in course.arrows.items():
        if name.startswith(f"course.{room}"):
            assert not [other for other in others if other.startswith("course.grading")], name


def test_the_way_in_needs_nothing_but_the_standard_library() -> None:
    for path in [ROOT / "__main__.py", *(ROOT / "bootstrap").rglob("*.py")]:
        packages = {name.split(".")[0] for name in imported_names(path)} - {"course"}
        assert packages <= sys.stdlib_module_names, path


def test_the_judges_process_knows_nothing_of_nbgrader() -> None:
    for path in (ROOT / "grading" / "judge").rglob("*.py"):
        packages = {name.split(".")[0] for name in imported_names(path)}
        assert not packages & {"nbgrader", "nbconvert", "sqlalchemy"}, path
