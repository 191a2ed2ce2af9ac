"""How well a claim tells strong submissions from weak ones."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

#: With fewer submissions the number says more of chance than of the claim.
LEAST = 10


def discrimination(points: Sequence[float], totals: Sequence[float]) -> float | None:
    r"""Return the corrected item-total correlation of a claim.

    Pearson's correlation of the points of the claim, x_i, with those of all other claims,
    y_i = total_i - x_i, over the submissions i:

    .. math:: r = \frac{\sum (x_i - \bar x)(y_i - \bar y)}
                       {\sqrt{\sum (x_i - \bar x)^2 \sum (y_i - \bar y)^2}}

    Parameters
    ----------
    points : sequence of float
        What each submission has earned for the claim.
    totals : sequence of float
        What it has earned for all claims, this one included.

    Returns
    -------
    float or None
        From -1 to 1; None for fewer than `LEAST` submissions, and where all have the same points
        of the claim, or of the others.

    Examples
    --------
    >>> strong, weak = [1.0] * 5, [0.0] * 5
    >>> discrimination(strong + weak, [9.0] * 5 + [2.0] * 5)
    1.0
    >>> discrimination(strong, [9.0] * 5) is None
    True
    """
    if len(points) < LEAST:
        return None
    others = [total - own for own, total in zip(points, totals, strict=True)]
    if min(statistics.pstdev(points), statistics.pstdev(others)) < 1e-9:
        return None
    return max(-1.0, min(1.0, statistics.correlation(points, others)))
