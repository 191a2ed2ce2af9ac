"""Messages between the grader and its workers: JSON, and the bytes of files beside it."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

_PREFIX = struct.Struct(">QQ")


def pack(message: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> bytes:
    """Return a message's bytes.

    Parameters
    ----------
    message : mapping
        What JSON can hold.
    files : mapping of str to bytes, optional
        Files by name.

    Examples
    --------
    >>> unpack(pack({"student": "ada"}, {"a.txt": b"1"}))
    ({'student': 'ada'}, {'a.txt': b'1'})
    """
    files = files or {}
    sizes = [[name, len(data)] for name, data in files.items()]
    header = json.dumps([message, sizes]).encode()
    body = b"".join(files.values())
    return _PREFIX.pack(len(header), len(body)) + header + body


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the message and the files that some bytes hold."""
    header_size, _ = _PREFIX.unpack_from(data)
    place = _PREFIX.size + header_size
    message, sizes = json.loads(data[_PREFIX.size : place])
    files = {}
    for name, size in sizes:
        files[name] = data[place : place + size]
        place += size
    return message, files


def read(stream: BinaryIO) -> bytes | None:
    """Read one message's bytes; ``None`` where the stream ends before or within it."""
    prefix = stream.read(_PREFIX.size)
    if len(prefix) < _PREFIX.size:
        return None
    size = sum(_PREFIX.unpack(prefix))
    rest = stream.read(size)
    return prefix + rest if len(rest) == size else None
