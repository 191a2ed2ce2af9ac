"""What crosses between the judge's process and the student's: data, and nothing else.

A message is a JSON header and the bytes of its arrays. These values travel: ``None``, `bool`,
`int`, `float`, `complex`, `str`, `bytes`, `list`, `tuple`, `dict`, plain numeric arrays and NumPy
numbers (by dtype and bytes), and a `numpy.random.Generator` (by its state). Everything is rebuilt
as a base type, so nothing that a sender's subclass could do survives. Nothing is ever unpickled.

Where the judge passes a callable it is a `functools.partial` of a function that both sides have: a
name, and data. Only what goes to the student's process may hold one, and only of functions that
both ends list; what comes from there is never callable.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

#: Largest message that is read, in bytes: far more than a lesson's arrays, far less than memory.
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
#: Of these, for all that is not bytes of arrays: read as JSON it takes many times its length.
MAX_HEADER_BYTES = 16 * 1024 * 1024
#: Deepest nesting of containers.
MAX_DEPTH = 32
#: Of calls that are asked for together, this many seconds' worth and bytes are answered at once;
#: the judge asks for the rest, so that time and size are limited as they are call by call.
TOGETHER_S, TOGETHER_BYTES = 0.25, 2**20

#: Functions by the names that travel.
Functions = Mapping[str, Callable[..., Any]]
_NO_FUNCTIONS: Functions = MappingProxyType({})

_PREFIX = struct.Struct(">II")
_NUMERIC = re.compile(r"[<>|=][biufc]\d{1,2}")
_SMALL_INT = 2**63
_SPECIAL_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
#: Those whose whole state is whole numbers: no state that is sent can lead outside an array.
_BIT_GENERATORS = ("PCG64", "PCG64DXSM")
#: Nearly all arrays have one of these dtypes; by the names that travel.
_USUAL = {
    np.dtype(kind).str: np.dtype(kind) for kind in ("float64", "float32", "int64", "int32", "bool")
}
#: Made once: what a student's cell makes of the module `json` is then its own loss.
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode
_DECODE = json.JSONDecoder().decode


class WireError(Exception):
    """A value cannot travel, or what came is not a message."""


class TooLarge(WireError):
    """What came is larger, or nested deeper, than is accepted."""


class Packer:
    """Turns values into JSON, putting the bytes of arrays aside.

    Parameters
    ----------
    max_depth : int, optional
        Deepest nesting of containers.
    functions : mapping of str to callable, optional
        Those of which a `functools.partial` may be sent.

    Attributes
    ----------
    blobs : list of bytes
        What was put aside, in order.
    """

    def __init__(self, max_depth: int = MAX_DEPTH, functions: Functions = _NO_FUNCTIONS) -> None:
        self.blobs: list[bytes] = []
        self._max_depth = max_depth
        self._functions = functions

    def pack(self, value: Any, depth: int = 0) -> Any:
        """Return the JSON form of one value.

        Raises
        ------
        WireError
            Where the value is none that travels, or nests deeper than `max_depth`.
        """
        if value is None or value is True or value is False:
            return value
        if depth > self._max_depth:
            raise WireError(f"a value nested deeper than {self._max_depth} levels cannot be sent")
        kind = type(value)
        if kind is str or (kind is int and -_SMALL_INT <= value < _SMALL_INT):
            return value
        if isinstance(value, np.ndarray):
            return self._pack_array(value)
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            return int(value) if -_SMALL_INT <= value < _SMALL_INT else ["int", hex(value)]
        if isinstance(value, float):
            number = float(value)
            return number if math.isfinite(number) else ["float", repr(number)]
        if isinstance(value, list | tuple):
            name = "list" if isinstance(value, list) else "tuple"
            return [name, [self.pack(item, depth + 1) for item in value]]
        if isinstance(value, dict):
            items = value.items()
            return ["dict", [[self.pack(k, depth + 1), self.pack(v, depth + 1)] for k, v in items]]
        return self._pack_rarer(value, depth)

    def _pack_rarer(self, value: Any, depth: int) -> Any:
        if isinstance(value, complex):
            number = complex(value)
            return ["complex", self.pack(number.real), self.pack(number.imag)]
        if isinstance(value, bytes | bytearray):
            return ["bytes", self._put(bytes(value))]
        if isinstance(value, np.bool_):
            return bool(value)
        if isinstance(value, np.number):
            array = np.asarray(value)
            return ["number", _numeric_dtype(array), self._put(array.tobytes())]
        if isinstance(value, np.random.Generator):
            return ["generator", self.pack(value.bit_generator.state)]
        if type(value) is partial and not value.keywords:
            for name, function in self._functions.items():
                if value.func is function:
                    return ["partial", name, self.pack(value.args, depth + 1)]
        raise WireError(
            f"a value of type {type(value).__name__} cannot be sent: only numbers, text, lists, "
            f"tuples, dictionaries, numeric arrays and random generators can"
        )

    def _pack_array(self, array: np.ndarray) -> list[Any]:
        plain = array if type(array) is np.ndarray else np.asarray(array).view(np.ndarray)
        return ["array", _numeric_dtype(plain), list(plain.shape), self._put(plain.tobytes())]

    def _put(self, blob: bytes) -> int:
        self.blobs.append(blob)
        return len(self.blobs) - 1


def _numeric_dtype(array: np.ndarray) -> str:
    """Return the dtype's name; `WireError` where it is not a plain number's."""
    name = array.dtype.str
    if name not in _USUAL and not _NUMERIC.fullmatch(name):
        raise WireError(f"an array of dtype {array.dtype} cannot be sent: only numbers can")
    return name


class Unpacker:
    """Rebuilds values from JSON and the bytes beside it, believing nothing.

    Parameters
    ----------
    blobs : list of bytes
        As a `Packer` put them aside.
    max_depth : int, optional
        Deepest nesting of containers.
    functions : mapping of str to callable, optional
        Those that a name may stand for.
    """

    def __init__(
        self,
        blobs: list[bytes],
        max_depth: int = MAX_DEPTH,
        functions: Functions = _NO_FUNCTIONS,
    ) -> None:
        self._max_depth = max_depth
        self._functions = functions
        self._blobs = dict(enumerate(blobs))
        self._rebuild: dict[str, Callable[..., Any]] = {
            "list": self._list,
            "tuple": lambda depth, items: tuple(self._list(depth, items)),
            "dict": self._dict,
            "array": self._array,
            "number": lambda depth, dtype, blob: self._array(depth, dtype, [], blob)[()],
            "int": lambda depth, digits: int(digits, 16),
            "float": lambda depth, name: _SPECIAL_FLOATS[name],
            "complex": self._complex,
            "bytes": lambda depth, blob: self._blob(blob),
            "generator": self._generator,
            "partial": self._partial,
        }

    def unpack(self, packed: Any, depth: int = 0) -> Any:
        """Return the value that `packed` stands for.

        Raises
        ------
        WireError
            Where it stands for none.
        """
        if not isinstance(packed, list):
            if isinstance(packed, dict):
                raise WireError("a bare JSON object stands for no value")
            return _printable(packed) if isinstance(packed, str) else packed
        if depth > self._max_depth:
            raise TooLarge(f"a value nested deeper than {self._max_depth} levels is not accepted")
        try:
            kind, *parts = packed
            return self._rebuild[kind](depth, *parts)
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
            raise WireError(f"a malformed value came: {error}") from error

    def _list(self, depth: int, items: Any) -> list[Any]:
        if not isinstance(items, list):
            raise WireError("a list's items are missing")
        return [self.unpack(item, depth + 1) for item in items]

    def _dict(self, depth: int, items: Any) -> dict[Any, Any]:
        return {self.unpack(k, depth + 1): self.unpack(v, depth + 1) for k, v in items}

    def _array(self, depth: int, dtype: Any, shape: Any, blob: Any) -> Any:
        if not (isinstance(dtype, str) and (dtype in _USUAL or _NUMERIC.fullmatch(dtype))):
            raise WireError("an array of no numeric dtype came")
        for size in shape:
            if type(size) is not int or size < 0:
                raise WireError("an array of no possible shape came")
        kind = _USUAL.get(dtype) or np.dtype(dtype)
        array = np.frombuffer(self._blob(blob), dtype=kind).reshape(shape).copy()
        if array.dtype.kind == "b":  # another byte than 0 and 1 would count for more than one
            np.not_equal(array.view(np.uint8), 0, out=array)
        return array

    def _complex(self, depth: int, real: Any, imag: Any) -> complex:
        return complex(float(self.unpack(real)), float(self.unpack(imag)))

    def _blob(self, place: Any) -> bytes:
        # Each once: else a short message could stand for more than memory holds.
        if type(place) is not int or place not in self._blobs:
            raise WireError("bytes are spoken of that were not sent, or more than once")
        return self._blobs.pop(place)

    def _generator(self, depth: int, packed: Any) -> np.random.Generator:
        state = self.unpack(packed, depth + 1)
        if not isinstance(state, dict) or state.get("bit_generator") not in _BIT_GENERATORS:
            raise WireError("the state of no known random generator came")
        bits: np.random.BitGenerator = getattr(np.random, state["bit_generator"])()
        bits.state = state
        return np.random.Generator(bits)

    def _partial(self, depth: int, name: Any, packed: Any) -> Callable[..., Any]:
        arguments = self.unpack(packed, depth + 1)
        if not isinstance(name, str) or name not in self._functions or type(arguments) is not tuple:
            raise WireError("a callable came that is none of those which travel")
        return partial(self._functions[name], *arguments)


def _printable(text: str) -> str:
    """Return text that can be written to a file: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def pack(
    message: dict[str, Any], max_depth: int = MAX_DEPTH, functions: Functions = _NO_FUNCTIONS
) -> bytes:
    """Return a message's bytes: lengths, JSON header, the bytes of its arrays.

    Parameters
    ----------
    message : dict
        Field names to values that travel.
    max_depth : int, optional
        Deepest nesting of containers in a value.
    functions : mapping of str to callable, optional
        Those of which a `functools.partial` may be sent.

    Raises
    ------
    WireError
        Where a value cannot travel.

    Examples
    --------
    >>> unpack(pack({"x": np.arange(3.0)}))["x"]
    array([0., 1., 2.])
    """
    packer = Packer(max_depth, functions)
    fields = {name: packer.pack(value) for name, value in message.items()}
    sizes = [len(blob) for blob in packer.blobs]
    header = _ENCODE([fields, sizes]).encode("utf-8", "surrogatepass")
    body = b"".join(packer.blobs)
    return _PREFIX.pack(len(header), len(body)) + header + body


def unpack(
    data: bytes, max_depth: int = MAX_DEPTH, functions: Functions = _NO_FUNCTIONS
) -> dict[str, Any]:
    """Return the message that some bytes hold.

    Parameters
    ----------
    data : bytes
        As `pack` made them, or any others.
    max_depth : int, optional
        Deepest nesting of containers that is accepted.
    functions : mapping of str to callable, optional
        Those that a name may stand for.

    Raises
    ------
    WireError
        Where they hold none; no bytes raise anything else.
    """
    if len(data) < _PREFIX.size:
        raise WireError("a message was cut short")
    header_size, body_size = _PREFIX.unpack_from(data)
    if len(data) != _PREFIX.size + header_size + body_size:
        raise WireError("a message's length is not what it says")
    start = _PREFIX.size + header_size
    try:
        fields, sizes = _DECODE(data[_PREFIX.size : start].decode("utf-8", "surrogatepass"))
        if not isinstance(fields, dict) or not isinstance(sizes, list):
            raise WireError("a message without fields came")
        unpacker = Unpacker(_cut(data[start:], sizes), max_depth, functions)
        return {name: unpacker.unpack(value) for name, value in fields.items()}
    except WireError:
        raise
    except (ValueError, TypeError, RecursionError, OverflowError, MemoryError) as error:
        raise WireError(f"what came is no message: {type(error).__name__}: {error}") from error


def _cut(body: bytes, sizes: list[Any]) -> list[bytes]:
    """Cut the body into its arrays' bytes."""
    blobs, place = [], 0
    for size in sizes:
        if type(size) is not int or size < 0 or place + size > len(body):
            raise WireError("a message's arrays are not as long as it says")
        blobs.append(body[place : place + size])
        place += size
    return blobs


class Readable(Protocol):
    """What messages are read from."""

    def read(self, size: int, /) -> bytes:
        """Return this many bytes, fewer at the end."""


def read_message(stream: Readable, max_bytes: int = MAX_MESSAGE_BYTES) -> bytes | None:
    """Read one message's bytes; ``None`` at the stream's end.

    Raises
    ------
    WireError
        Where the stream ends within a message, or announces one that is too large.
    """
    prefix = stream.read(_PREFIX.size)
    if not prefix:
        return None
    if len(prefix) < _PREFIX.size:
        raise WireError("a message was cut short")
    header_size, body_size = _PREFIX.unpack(prefix)
    if header_size > MAX_HEADER_BYTES:
        raise TooLarge(f"a message with {header_size:,} bytes of text and lists came")
    size = header_size + body_size
    if size > max_bytes:
        raise TooLarge(f"a message of {size:,} bytes came; at most {max_bytes:,} are accepted")
    rest = stream.read(size)
    if len(rest) < size:
        raise WireError("a message was cut short")
    return prefix + rest
