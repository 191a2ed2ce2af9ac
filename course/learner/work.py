"""The learner's copy of the lessons in ``work/``: kept up to date, never written over.

For every file of a release, ``work/.course.json`` remembers which release was copied and what the
copy said. From that the rules follow:

- a file that is not there is put there;
- no newer release: the learner's file stays as it is;
- a newer release, and the learner wrote nothing: it takes the file's place;
- a newer release, and the learner wrote something: it is laid beside, once, as
  ``NAME.newer.ipynb``, or with a number where the learner wrote in that file too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.bootstrap.files import read_json_object, write_json, write_whole
from course.bootstrap.lock import only_one
from course.learner.saved import saved_cells

STATE = ".course.json"
LOCK = ".course.lock"


@dataclass(frozen=True)
class Change:
    """What was done to one file of ``work/``.

    Attributes
    ----------
    path : Path
        The learner's file, relative to ``work/``.
    action : str
        ``"new"``, ``"put back"``, ``"updated"`` or ``"laid beside"``.
    beside : Path or None
        Where a newer release was laid, relative to ``work/``.
    """

    path: Path
    action: str
    beside: Path | None = None


def update(release: Path, work: Path, lesson_ids: Sequence[str]) -> list[Change]:
    """Bring ``work/`` up to date with the release.

    Parameters
    ----------
    release, work : Path
        Where lessons come from and go to.
    lesson_ids : sequence of str
        The folders to copy.

    Returns
    -------
    list of Change
        What was done, in order; empty where all was up to date.
    """
    work.mkdir(parents=True, exist_ok=True)
    with only_one(work / LOCK, on_wait=lambda: None, pause_s=0.05):
        state = read_json_object(work / STATE)
        changes = []
        for path in _released(release, lesson_ids):
            known = _known(state, path)
            change = _update_file(release / path, work, path, known)
            state[path.as_posix()] = known
            if change is not None:
                changes.append(change)
                # Kept file by file, so that an interruption forgets nothing that was done.
                write_json(work / STATE, state)
        write_json(work / STATE, state)
    return changes


def laid_beside(work: Path, lesson_id: str) -> list[Path]:
    """List the newer releases that lie beside a lesson's files, relative to ``work/``."""
    state = read_json_object(work / STATE)
    return sorted(
        Path(name).parent / beside
        for name in state
        if Path(name).parts[:1] == (lesson_id,)
        for beside in _known(state, Path(name))["beside"]
        if (work / Path(name).parent / beside).is_file()
    )


def _released(release: Path, lesson_ids: Sequence[str]) -> Iterator[Path]:
    """Yield every file of the released lessons, relative to the release."""
    for lesson_id in lesson_ids:
        for path in sorted((release / lesson_id).rglob("*")):
            inside = path.relative_to(release)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            if path.is_file() and not hidden:
                yield inside


def _known(state: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return what is remembered of a file.

    ``release`` and ``content`` are digests of the release that was copied; ``offered`` is the last
    release laid beside it; ``beside`` holds such files' names, with their contents' digests.
    """
    known = state.get(path.as_posix())
    known = known if isinstance(known, dict) else {}
    beside = known.get("beside")
    return {**known, "beside": dict(beside) if isinstance(beside, dict) else {}}


def _update_file(source: Path, work: Path, path: Path, known: dict[str, Any]) -> Change | None:
    """Apply the rules to one file, and note in `known` what was done."""
    target = work / path
    released = source.read_bytes()
    now = {"release": _digest(released), "content": content_digest(path, released)}
    if not target.exists():
        action = "put back" if "release" in known else "new"
        write_whole(target, released)
        known.update(now)
        return Change(path, action)
    theirs = content_digest(path, target.read_bytes())
    if known.get("release") == now["release"]:
        return None
    if theirs == now["content"] and "release" not in known:
        known.update(now)
        return None
    if theirs in (now["content"], known.get("content")):
        same = target.read_bytes() == released
        if not same:
            write_whole(target, released)
        known.update(now)
        return None if same else Change(path, "updated")
    if known.get("offered") == now["release"]:
        return None
    beside = _place_beside(target, known["beside"])
    write_whole(beside, released)
    known["offered"] = now["release"]
    known["beside"][beside.name] = now["content"]
    return Change(path, "laid beside", beside.relative_to(work))


def _place_beside(target: Path, laid: dict[str, str]) -> Path:
    """Choose a name for a newer release: free, or taken by one that nobody wrote in."""
    number = 1
    while True:
        mark = "newer" if number == 1 else f"newer-{number}"
        beside = target.with_name(f"{target.stem}.{mark}{target.suffix}")
        untouched = beside.exists() and laid.get(beside.name) == content_digest(
            beside, beside.read_bytes()
        )
        if untouched or not beside.exists():
            return beside
        number += 1


def content_digest(path: Path, content: bytes) -> str:
    """Return a digest of what a person can have written in a file.

    Of a notebook these are the cells' texts and attachments. Outputs and counters change when a
    notebook is only run, and running one is not writing in it.
    """
    if path.suffix == ".ipynb":
        try:
            cells = [[cell.kind, cell.source, cell.attachments] for cell in saved_cells(content)]
            return _digest(json.dumps(cells, sort_keys=True).encode())
        except (ValueError, RecursionError):
            pass  # no longer a notebook: then any byte counts
    return _digest(content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
