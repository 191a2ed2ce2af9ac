"""Files that are written at once or not at all."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file so that whoever reads it, whenever, finds the old or the new content.

    Parameters
    ----------
    path : Path
        Where; folders are made.
    content : bytes
        What.
    mode : int, optional
        Its permissions, before the process's own mask.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.touch(mode)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def look_writable(folder: Path) -> None:
    """Raise `PermissionError` where a folder is there and nothing can be made in it."""
    if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, at once or not at all."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
    write_whole(path, f"{text}\n".encode())


def seen_from(folder: Path, path: Path) -> str:
    """Return a path as links have it: from a folder, with slashes; whole on another drive."""
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # of Windows: there is no way from one drive to another
        return path.as_posix()


def parsed(text: str | bytes) -> Any:
    """Read JSON that anybody may have written.

    Raises
    ------
    ValueError
        Where it is none, or lists lie in lists so deep that Python gives up.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def read_json_object(path: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one where the file is missing or spoilt."""
    try:
        value = parsed(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
