"""Weights in three bytes each: float32 without the last eight bits of its fraction.

float16 keeps 10 bits of a fraction, this keeps 15, so that hardly a choice between two tokens
falls otherwise than in float32. The bytes of a kind lie together: the first of each weight, sign
and exponent, repeats itself, and is what a zip file makes small.
"""

from __future__ import annotations

import numpy as np

from course.engine.numerics import Array

#: By how much a weight may differ, relative to itself.
ROUNDING = 2.0**-16


def pack(weights: Array) -> Array:
    """Return the bytes (3, ...) of finite float32 weights (...), most significant first.

    >>> unpack(pack(np.array([1.0, -0.1], np.float32))).round(4).tolist()
    [1.0, -0.10000000149011612]
    """
    bits = np.ascontiguousarray(weights, np.float32).view(np.uint32) + np.uint32(1 << 7)
    return np.stack([(bits >> shift).astype(np.uint8) for shift in (24, 16, 8)])


def unpack(packed: Array) -> Array:
    """Return the weights, float32, of what `pack` returned."""
    first, second, third = packed.astype(np.uint32)
    bits: Array = (first << 24) | (second << 16) | (third << 8)
    return bits.view(np.float32)
