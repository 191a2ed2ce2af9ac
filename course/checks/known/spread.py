"""Compare what was seen of a function with what is known."""

from __future__ import annotations

from course.checks.known.coins.sampling import UNREADABLE
from course.checks.known.features import Feature, alike, is_raised


def agrees(got: Feature, known: Feature, right: Feature) -> bool:
    """Say whether a feature can be the known one, which is right's own or that of a mistake.

    Where nothing can be read, as of inputs through a cell that is wrong, nothing disagrees.
    """
    if got.kind == UNREADABLE:
        return True
    if known.kind == "array" and known.values is None:
        # Always the same, but what it is hangs on a seed.
        return got.kind == "array"
    # A right answer may say of an exception what it likes.
    return got.kind == known.kind if known is right and is_raised(got) else alike(got, known)
