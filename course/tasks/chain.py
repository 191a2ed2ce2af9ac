"""Two tokens, the second the same as the first: the example of Huszar 2015."""

from __future__ import annotations

import numpy as np

from course.engine import Batch
from course.engine.feeding import Choice
from course.engine.numerics import Array
from course.engine.training import Source
from course.tasks.task import Shown, Task, without_features


def pairs(probability_of_one: float) -> Source:
    """Draw pairs of equal tokens: 1, 1 with this probability, else 0, 0."""

    def draw(columns: int, rng: np.random.Generator) -> Batch:
        first = (rng.random(columns) < probability_of_one).astype(int)
        return without_features(np.stack([first, first]))

    return draw


def closed_form_repeat(
    p: Array, of_one: float = 0.5, choice: Choice = "sample", token: int = 1
) -> Array:
    r"""Return the probability q(token | token) that training finds at best (Huszar 2015).

    Fed a sample with probability p: :math:`q(x|x) = (1-p) + p P(x)`. Fed the argmax, which is 1
    where a > 1/2: :math:`q(1|1) = a / ((1-p) a + p)`, and 0 is only ever fed by the truth, so that
    :math:`q(0|0) = 1`, or nothing is known at p = 1.

    Parameters
    ----------
    p : array
        `sampling_prob`.
    of_one : float, optional
        a, the probability of a first 1.
    choice : {"sample", "argmax"}, optional
    token : {0, 1}, optional

    Examples
    --------
    >>> closed_form_repeat(np.array([0.0, 0.5, 1.0]))
    array([1.  , 0.75, 0.5 ])
    """
    repeat: Array
    if choice == "sample":
        repeat = (1 - p) + p * (of_one if token else 1 - of_one)
    elif token:
        repeat = of_one / ((1 - p) * of_one + p)
    else:
        repeat = np.where(p < 1, 1.0, np.nan)
    return repeat


def closed_form_kl(p: Array, of_one: float = 0.5, choice: Choice = "sample") -> Array:
    r"""Return :math:`KL(data \| model) = -\sum_x P(x) \log q(x | x)` in nats.

    >>> closed_form_kl(np.array([0.5, 1.0])).round(4)
    array([0.2877, 0.6931])
    """
    of_zero, of_a_one = (np.log(closed_form_repeat(p, of_one, choice, token)) for token in (0, 1))
    kl: Array = -of_one * of_a_one - (1 - of_one) * of_zero
    kl += 0.0  # -0 becomes 0
    return kl


TASK = Task(
    "chain",
    "Two tokens, the second the same as the first",
    feature_dim=0,
    classes=2,
    steps=2,
    draw=pairs(0.5),
    prefix_matters=True,
    varied=lambda probability_of_one: pairs(float(probability_of_one)),
)

SHOWN = Shown("symbols", "two tokens")
