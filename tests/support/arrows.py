"""Who imports whom in a package, read from its source."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path


def imported_names(path: Path) -> set[str]:
    """Return the dotted names that a module imports, anywhere in it: modules, and names in them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


class Package:
    """The modules of a package, and the arrows between them: what each imports, by dotted names."""

    def __init__(self, folder: Path) -> None:
        self.paths = {_dotted(path, folder.parent): path for path in sorted(folder.rglob("*.py"))}
        self.arrows = {
            name: {module for full in imported_names(path) if (module := self._module(full))}
            - {name}
            for name, path in self.paths.items()
        }

    def _module(self, full: str) -> str:
        """Return the module that a dotted name is, or stands in; ``""`` for another package's."""
        while full and full not in self.paths:
            full = full.rpartition(".")[0]
        return full

    def circle(self) -> list[str]:
        """Return modules that import each other in a circle, none where there is no circle."""
        try:
            TopologicalSorter(self.arrows).prepare()
        except CycleError as error:
            return list(error.args[1])
        return []

    def running_up(self, floors: list[str]) -> list[str]:
        """Return the arrows between rooms that do not run down.

        A room is a module, or a folder with all that is in it; `floors` has them from the top down.
        """
        return [
            f"{name} -> {other}"
            for name, others in self.arrows.items()
            for other in sorted(others)
            if _floor(name, floors) > _floor(other, floors)
        ]


def classes(package: Package) -> dict[str, list[str]]:
    """Return the modules that define each public class, by its name."""
    found: dict[str, list[str]] = {}
    for module, path in package.paths.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(module)
    return found


def _dotted(path: Path, above: Path) -> str:
    return ".".join(path.relative_to(above).with_suffix("").parts).removesuffix(".__init__")


def _floor(name: str, floors: list[str]) -> int:
    """Return the place of a module's room in the list; `LookupError` where it is in none."""
    fitting = [room for room in floors if f"{name}.".startswith(f"{room}.")]
    if not fitting:
        raise LookupError(f"{name} is in no room of the list: add it, or move the module")
    return floors.index(max(fitting, key=len))
