"""Find by which number wrong arrays are multiplied, or off: a mean, a sum, a sign, a logarithm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.properties.relations import nearly
from course.checks.known.told import Pair, Told, listed

#: Said of numbers that are nearly right.
_FEW_DIGITS = "right to two or three digits and no further (float16, or a small number added?)"


#: Said of numbers that are all 0.
ZERO = "zero throughout"

#: Said of numbers of which none is finite.
NO_FINITE_NUMBER = (
    "no finite number (is something divided by 0, larger than a float, or the logarithm or root "
    "of a negative number?)"
)

#: Factors that say by themselves where they come from.
_FACTORS = (
    (1 / np.log(2), ", which is 1 / log(2): in bits, by np.log2, and nats by np.log are due"),
    (1 / np.log(10), ", which is 1 / log(10): by np.log10, and np.log is due"),
)


def relation(pairs: Sequence[tuple[Array, Array, int]]) -> str:
    """Say in words how wrong arrays are made of the right ones; ``""`` where that is not seen.

    Parameters
    ----------
    pairs : sequence of (ndarray, ndarray, int)
        What came, what is right, and how many steps the call has; 0 where it has none.
    """
    finite = [bool(np.isfinite(seen).all()) for seen, _, _ in pairs]
    if not any(finite):
        return NO_FINITE_NUMBER
    if not all(finite):
        return ""
    if all(not seen.any() for seen, _, _ in pairs):
        return ZERO
    if all(seen.ndim == 2 and equal(seen.T, right) for seen, right, _ in pairs):
        return "transposed"
    # A few numbers may have one or two decimals by accident.
    for decimals in range(1 if sum(right.size for _, right, _ in pairs) > 3 else 3, 6):
        if all(_is_rounded(seen, right, decimals) for seen, right, _ in pairs):
            return f"rounded to {decimals} decimals"
    few = _FEW_DIGITS if nearly([(seen, right, {}) for seen, right, _ in pairs]) else ""
    by_norm = [equal(seen, right / (np.linalg.norm(right) or 1.0)) for seen, right, _ in pairs]
    if all(by_norm) and sum(right.size for _, right, _ in pairs) > len(pairs):
        return "divided by its own norm"
    # Any number is some multiple of any other.
    if sum(right.size for _, right, _ in pairs) < 2 or not all(
        right.any() for _, right, _ in pairs
    ):
        return few
    factors = np.array([(seen * right).sum() / (right**2).sum() for seen, right, _ in pairs])
    added = np.concatenate([(seen - right).ravel() for seen, right, _ in pairs])
    steps = np.array([n for _, _, n in pairs], dtype=float)
    for shares, each in ((np.ones(len(pairs)), ""), (steps, ", once for each step")):
        sizes = np.repeat(shares, [right.size for _, right, _ in pairs])
        c = float(added @ sizes / (sizes @ sizes)) if sizes.any() else 0.0
        if equal(added, c * sizes):
            return f"{abs(c):.4g} too {'large' if c > 0 else 'small'} everywhere{each}"
    if not all(equal(seen, k * right) for k, (seen, right, _) in zip(factors, pairs, strict=True)):
        return few
    if np.allclose(factors, factors[0], 1e-3):
        k = float(factors[0])
        if np.isclose(k, -1):
            return "right but for the sign"
        known = next((words for x, words in _FACTORS if np.isclose(abs(k), x, 1e-4)), "")
        return f"{k:.4g} times what is right{known}"
    turned = "of the wrong sign, and " * bool((factors < 0).all())
    if np.allclose(np.abs(factors), steps, 1e-3):
        return f"{turned}as many times too large as there are steps (a sum in place of a mean?)"
    for by, words in ((1, "T + 1"), (-1, "T - 1")):
        if np.allclose(np.abs(factors) * (steps + by), steps, 1e-3):
            return f"{turned}T / ({words}) times what is right, T being the number of steps"
    if np.allclose(np.abs(factors) * steps, 1, 1e-3):
        return f"{turned}as many times too small as there are steps (is it divided once too often?)"
    tokens = np.array([right.shape[-1] if right.ndim == 2 else 0 for _, right, _ in pairs])
    if np.allclose(np.abs(factors) * tokens, 1, 1e-3):
        return f"{turned}as many times too small as a row has numbers (a mean over these as well?)"
    return ""


def _is_rounded(seen: Array, right: Array, decimals: int) -> bool:
    """Say whether an array has so many decimals, and is the right one but for that."""
    half = 0.5 * 10.0**-decimals
    return np.allclose(seen, seen.round(decimals), 0, 1e-9) and np.allclose(
        seen, right, 1e-6, 1.001 * half
    )


def rows_unlike_each_other(pairs: Sequence[Pair]) -> Told | None:
    """Find rows that are the right ones, each times a number of its own."""
    shares = []
    for seen, right, _ in pairs:
        if seen.ndim != 2 or seen.shape != right.shape or not np.isfinite(seen).all():
            return None
        sizes = (right**2).sum(axis=1)
        if not sizes.all():
            return None
        share = (seen * right).sum(axis=1) / sizes
        if not equal(seen, share[:, None] * right):
            return None
        if len(share) > 1:
            shares.append(share)
    if not shares or any(np.allclose(share, share[0], 1e-3) for share in shares):
        return None
    numbers = [f"{x:.4g}" for x in shares[0][:5].round(6) + 0.0]
    more = " and so on" * (len(shares[0]) > 5)
    return Told(
        "multiplies_rows_by_different_numbers",
        "Your rows are the right ones, each times a number of its own: in one call "
        f"{listed(numbers)}{more}; multiply all rows by the same.",
    )
