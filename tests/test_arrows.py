"""Who may import whom in the package: the house keeps its rooms apart."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "course"

#: Room to the rooms that it may import from, itself aside.
ALLOWED = {
    "__init__": set(),
    "__main__": {"bootstrap"},
    "bootstrap": {"__main__"},
    "lessons": set(),
    "a lesson": {"checks"},
    "learner": {"bootstrap", "grading", "lessons"},
    "maintain": {"bootstrap", "checks", "figures", "grading", "labs", "lessons", "trained"},
    "student": set(),
    "figures": set(),
    "checks": {"figures"},
    "grading": {"bootstrap", "checks", "figures", "lessons", "student"},
    "engine": set(),
    "data": set(),
    "tasks": {"engine", "data"},
    "exposure": {"engine", "tasks"},
    "trained": {"engine", "exposure", "tasks"},
    "labs": {"bootstrap", "engine", "exposure", "figures", "tasks", "trained"},
}
#: Within the engine an arrow only points down this list.
ENGINE = ("training", "decoder", "feeding", "optim", "parameters", "cells", "numerics")


def room_of(path: Path) -> str:
    room, *rest = path.relative_to(PACKAGE).with_suffix("").parts
    # Of a lesson's own folder nobody imports by name: checks find it.
    return "a lesson" if room == "lessons" and rest[0][0].isdigit() else room


def imported(path: Path) -> set[str]:
    """Return what of the course a module imports, wherever in it, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("course.")}


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_from_the_rooms_it_may(path: Path) -> None:
    rooms = {name.split(".")[1] for name in imported(path)}
    known = {room for room in rooms if room in ALLOWED}
    assert known - {room_of(path)} <= ALLOWED[room_of(path)]


@pytest.mark.parametrize("name", ENGINE)
def test_the_engine_is_built_from_below(name: str) -> None:
    below = set(ENGINE[ENGINE.index(name) + 1 :])
    used = {full.split(".")[2] for full in imported(PACKAGE / "engine" / f"{name}.py")}
    assert used & set(ENGINE) <= below | {name}


@pytest.mark.parametrize("name", ["student", "checks", "figures"])
def test_what_runs_beside_a_students_code_knows_nothing_of_the_judge(name: str) -> None:
    for path in (PACKAGE / name).rglob("*.py"):
        assert not [full for full in imported(path) if full.startswith("course.grading")], path
