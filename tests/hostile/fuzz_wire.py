"""A coverage-guided fuzzer over the wire, run by hand: see `docs/contributing.md`.

    pip install atheris    # in an environment of its own: a learner's machine does not need it
    python tests/hostile/fuzz_wire.py -max_total_time=300 -rss_limit_mb=1500

Whatever bytes come from a student's process, reading them gives base types or a `WireError`, and
what was read can be sent on. Anything else stops the fuzzer, with the bytes in a file.
"""

from __future__ import annotations

import io
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["course.student.wire"]):
    from course.student.wire import WireError, pack, read_message, unpack

MOST_BYTES = 2**20
DEPTH = 16
#: Whatever arrives is one of these, and no subclass of one.
BASES = {
    *(type(None), bool, int, float, complex, str, bytes, list, tuple, dict),
    *(np.ndarray, np.random.Generator),
}
SEEDS: tuple[dict[str, Any], ...] = (
    {"number": 1, "failures": [], "outputs": [{"output_type": "stream", "text": "a"}]},
    {"number": 2, "value": np.arange(6.0).reshape(2, 3), "changed": {0: np.zeros(2, np.float32)}},
    {"number": 3, "value": (1, 2.5, 3j, b"x", None, [{"k": (True,)}], float("nan"), 2**80)},
    {"number": 4, "value": np.random.default_rng(5), "changed_results": {7: np.int8(3)}},
    {"number": 5, "error": {"class": "ValueError", "name": "E", "message": "m", "place": ""}},
)


def kinds_in(value: Any) -> set[type]:
    """Return the types of a value and of all that it holds."""
    kinds = {type(value)}
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple):
        for item in value:
            kinds |= kinds_in(item)
    return kinds


def framed(data: bytes) -> bytes:
    """Return bytes as a message whose lengths are right, or else few changes would get past them.

    The header ends at the first zero byte. What begins with one is taken as it is.
    """
    if data[:1] == b"\0":
        return data[1:]
    header, _, body = data.partition(b"\0")
    return struct.pack(">II", len(header), len(body)) + header + body


def unframed(message: bytes) -> bytes:
    """Return the bytes of which `framed` makes a message."""
    (length,) = struct.unpack_from(">I", message)
    return message[8 : 8 + length] + b"\0" + message[8 + length :]


def one(data: bytes) -> None:
    """Read bytes as a student's reply is read; then send on what came."""
    try:
        came = read_message(io.BytesIO(framed(data)), MOST_BYTES)
        if came is None:
            return
        value = unpack(came, DEPTH)
    except WireError:
        return
    strange = {kind for kind in kinds_in(value) if kind not in BASES}
    if any(not issubclass(kind, np.number) for kind in strange):
        raise AssertionError(f"these arrived: {strange}")
    unpack(_body(pack(value, DEPTH + 1)), DEPTH + 1)


def _body(message: bytes) -> bytes:
    body = read_message(io.BytesIO(message))
    assert body is not None
    return body


def main() -> None:
    """Fuzz, beginning with replies as they should be."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS):
            (Path(folder) / f"seed{number}").write_bytes(unframed(pack(seed)))
        atheris.Setup([*sys.argv, folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
