"""How arrays lie in memory, as far as it decides how fast they are worked on."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import DTypeLike

from course.engine.numerics import Array

#: Bytes that come into the cache together.
LINE = 64

#: Two matrices and the place of their product: the arguments of ``np.matmul``.
Product = tuple[Array, Array, Array]

#: What NumPy found out about the processor.
_SIMD = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
#: With AVX-512 OpenBLAS multiplies matrices as they lie, without copying them into another order
#: first, where their three sizes multiplied are at most this; without it, it always copies.
SMALL = 10**6 if {"X86_V4", "AVX512_SKX"} & set(_SIMD) else math.inf


def aligned_zeros(dtype: DTypeLike, **shapes: tuple[int, ...]) -> dict[str, Array]:
    """Return zeros of these shapes that begin where a line of the processor's cache does.

    NumPy's own begin at any multiple of 16 bytes. Then every read of 64 bytes touches two lines,
    and a pass over arrays takes up to twice as long. All are parts of one array, as the system
    maps those of 4 MiB and more by large pages.

    Examples
    --------
    >>> room = aligned_zeros(np.float32, h=(3, 5), c=(2,))
    >>> [(name, array.shape, array.ctypes.data % 64) for name, array in room.items()]
    [('h', (3, 5), 0), ('c', (2,), 0)]
    """
    dtype = np.dtype(dtype)
    sizes = {name: math.prod(shape) * dtype.itemsize for name, shape in shapes.items()}
    whole = np.zeros(sum(sizes.values()) + LINE * len(sizes), np.uint8)
    room, start = {}, -whole.ctypes.data % LINE
    for name, size in sizes.items():
        room[name] = whole[start : start + size].view(dtype).reshape(shapes[name])
        start += size + -size % LINE
    return room


@cache
def _parts(M: int, K: int, N: int) -> int:
    few = (n for n in range(1, 17) if M % n == 0)
    return next((n for n in few if M // n * K * N <= SMALL), 1)


def in_parts(a: Array, b: Array, out: Array) -> Product:
    """Cut the rows of `a` (M, K) and `out` (M, N) into equal parts whose products are small.

    Where that takes no more than 16 parts; else there is a single one.

    Examples
    --------
    >>> a, b, out = in_parts(np.ones((256, 81)), np.ones((81, 64)), np.empty((256, 64)))
    >>> np.matmul(a, b, out=out).sum()
    np.float64(1327104.0)
    """
    (M, K), N = a.shape, b.shape[1]
    n = _parts(M, K, N)
    return a.reshape(n, M // n, K), b, out.reshape(n, M // n, N)
