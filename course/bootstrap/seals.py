"""Say whether generated files still belong to the code that makes them, without making them.

A digest is of what definitions of the course say, and of all that they use of its code and data:
not of comments, docstrings and layout, nor of the files that it stands in, so that what is moved,
renamed or split keeps its digest.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

PACKAGE = "course"
#: Under which a file keeps the digest of all else in it.
SEAL = "content_sha256"
#: What may name a file of data, relative to the module that says it.
_FILE = re.compile(r"[\w./-]{1,99}\.\w+")

Entry = str | Callable[..., Any]


@dataclass
class _Module:
    """One file of code: what each of its names is bound to.

    `bound` are statements of its own, those that bind nothing under ""; `imported` are a module
    and a name in it, or "" for the module itself.
    """

    name: str
    path: Path
    bound: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in ast.parse(self.path.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                self.bound.setdefault(statement.name, []).append(statement)
                continue
            self.imported |= dict(self.imports_in(statement))
            if not (isinstance(statement, ast.Import | ast.ImportFrom) or _is_docstring(statement)):
                for name in set(_binds(statement)) or {""}:
                    self.bound.setdefault(name, []).append(statement)

    def imports_in(self, statement: ast.stmt) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield each name that is imported, and what it stands for."""
        package = self.name if self.path.stem == "__init__" else self.name.rpartition(".")[0]
        for node in ast.walk(statement):
            if isinstance(node, ast.ImportFrom):
                origin = resolve_name("." * node.level + (node.module or ""), package)
                for alias in node.names:
                    yield alias.asname or alias.name, (origin, alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.asname or alias.name.partition(".")[0], (alias.name, "")

    def names(self) -> set[str]:
        """Return all that its code can mean by a name."""
        return {*self.bound, *self.imported} - {""}

    def says(self, name: str) -> str:
        """Write down what a name is bound to, by this file's own statements."""
        if name not in self._said:
            parts = [_said(statement, self.path.parent) for statement in self.bound[name]]
            self._said[name] = ";".join(parts)
        return self._said[name]


class Code:
    """What the package below a folder says, read definition by definition, each once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read = cache(self._module)
        self._look = cache(self._definition)

    def digest(self, *entries: Entry) -> str:
        """Return the digest of definitions, and of all of the package that they use.

        Parameters
        ----------
        *entries : str or callable
            As ``"course.tasks.osc:TASK"``; a function or class stands for its own name.
        """
        return _of_text("\n".join(sorted(set(self.reached(*entries).values()))))

    def reached(self, *entries: Entry) -> dict[tuple[str, str], str]:
        """Return what is said by each definition, by module and name, that these use.

        Raises
        ------
        ValueError
            Where there is no such definition.
        """
        said: dict[tuple[str, str], str] = {}
        left: list[tuple[str, str]] = []
        for entry in entries:
            text = entry if isinstance(entry, str) else f"{entry.__module__}:{entry.__qualname__}"
            module, _, name = text.partition(":")
            found = self._stands_for(module, name)[1] if self._read(module) else ()
            if not found:
                raise ValueError(f"{module} in {self._root} defines no {name!r}")
            left += found
        while left:
            one = left.pop()
            if one not in said:
                said[one], uses = self._look(*one)
                left += uses
        return said

    def _module(self, name: str) -> _Module | None:
        if _is_ours(name):
            place = self._root.joinpath(*name.split("."))
            for path in (place / "__init__.py", place.with_suffix(".py")):
                if path.is_file():
                    return _Module(name, path)
        return None

    def _definition(self, module: str, name: str) -> tuple[str, list[tuple[str, str]]]:
        """Return what a definition says, and the definitions that it uses."""
        found = self._read(module)
        assert found is not None
        origins = {"": (module, "")} if name and "" in found.bound else {}
        for statement in found.bound[name]:
            used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
            origins |= {one: (module, one) for one in used & found.names()}
            origins |= dict(found.imports_in(statement))
        stands = {local: self._stands_for(*origin) for local, origin in sorted(origins.items())}
        # two functions of one name in different files are told apart by what they say
        links = {local: _of_text(text) for local, (text, _) in stands.items()}
        uses = [one for _, definitions in stands.values() for one in definitions]
        return found.says(name) + json.dumps(links), uses

    def _stands_for(self, module: str, name: str) -> tuple[str, list[tuple[str, str]]]:
        """Return what a name in a module says, and its definitions: of a module, all there are."""
        found = self._read(module)
        if found is None:  # not of the package
            return f"{module}.{name}", []
        if name in found.imported:
            return self._stands_for(*found.imported[name])
        if name in found.bound:
            return found.says(name), [(module, name)]
        whole = self._read(f"{module}.{name}") if name else found
        parts = (
            [self._stands_for(whole.name, one) for one in sorted(whole.names())] if whole else []
        )
        return ";".join(text for text, _ in parts), [one for _, ones in parts for one in ones]


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _binds(statement: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds where it stands."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
    else:
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.stmt):
                yield from _binds(child)


def _said(node: object, folder: Path) -> str:
    """Write a syntax tree down, without docstrings, positions, places and empty fields."""
    if isinstance(node, list):
        return "[" + ",".join(_said(item, folder) for item in node) + "]"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        named = folder / node.value if _FILE.fullmatch(node.value) else None
        return f"file {of_file(named)}" if named and named.is_file() else repr(node.value)
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = {name: value for name, value in ast.iter_fields(node) if value not in (None, [])}
    if isinstance(node, ast.ImportFrom) and (node.level or _is_ours(node.module or "")):
        fields = {"names": node.names}
    elif isinstance(node, ast.Import):
        fields = {"names": [alias for alias in node.names if not _is_ours(alias.name)]}
    body = fields.get("body")
    if isinstance(node, ast.ClassDef | ast.FunctionDef) and _is_docstring(node.body[0]):
        fields["body"] = body[1:]  # type: ignore[index]
    inside = ",".join(f"{name}={_said(value, folder)}" for name, value in fields.items())
    return f"{type(node).__name__}({inside})"


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE


def _of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def of_file(path: Path) -> str:
    """Return the digest of a file's bytes, nothing where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def of_content(said: Any) -> str:
    """Return the digest of what can be written as JSON."""
    return _of_text(json.dumps(said, sort_keys=True))


def sealed(said: dict[str, Any]) -> dict[str, Any]:
    """Add the digest of what a file says, so that a change by hand is found.

    >>> is_sealed(sealed({"loss": 1.0})), is_sealed(sealed({"loss": 1.0}) | {"loss": 2.0})
    (True, False)
    """
    return said | {SEAL: _of_all_else(said)}


def is_sealed(said: dict[str, Any]) -> bool:
    """Say whether a file still says what it said when it was made."""
    return bool(said.get(SEAL) == _of_all_else(said))


def _of_all_else(said: dict[str, Any]) -> str:
    return of_content({name: value for name, value in said.items() if name != SEAL})


def read_sealed(path: Path) -> tuple[dict[str, Any], str]:
    """Return what a sealed file says, and why it is not to be believed: missing, or changed."""
    if not path.exists():
        return {}, f"{path.name} is missing"
    said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return said, "" if is_sealed(said) else f"{path.name} was changed by hand"
