r"""What a decoder is fed: the truth, its own predictions, or a coin's choice of the two.

``sampling_prob`` is the probability of the *model's* token, as in the lessons; the paper's
:math:`\epsilon` is that of the true token, :math:`\epsilon = 1 -` ``sampling_prob``.

Source: Bengio, Vinyals, Jaitly and Shazeer 2015, "Scheduled sampling for sequence prediction
with recurrent neural networks", section 2.4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from course.engine.numerics import Array, softmax

Choice = Literal["argmax", "sample"]
Coin = Literal["step", "sequence"]
ScheduleName = Literal["linear", "exponential", "inverse_sigmoid"]


@dataclass(frozen=True)
class Feed:
    """Which of the two inputs each step of each sequence gets, decided beforehand.

    Attributes
    ----------
    own : bool array (T, N)
        True where step t is fed the model's own prediction of step t - 1. Row 0 is of no
        account: step 0 is always fed ``x_start``.
    lots : array (T, N) or None
        Numbers in [0, 1) that draw a token from the softmax; None for the argmax.
    """

    own: Array
    lots: Array | None = None


def teacher_forcing(steps: int, columns: int) -> Feed:
    """Feed the truth at every one of T = `steps` steps of N = `columns` sequences."""
    return Feed(np.zeros((steps, columns), bool))


def free_running(
    steps: int, columns: int, choice: Choice = "argmax", rng: np.random.Generator | None = None
) -> Feed:
    """Feed the model's own prediction at every step; see `scheduled_sampling`."""
    return scheduled_sampling(steps, columns, 1.0, choice, rng)


def scheduled_sampling(
    steps: int,
    columns: int,
    sampling_prob: float,
    choice: Choice = "argmax",
    rng: np.random.Generator | None = None,
    coin: Coin = "step",
) -> Feed:
    """Throw a coin for every step of every sequence, or one for each sequence.

    Parameters
    ----------
    steps, columns : int
        T and N.
    sampling_prob : float in [0, 1]
        Probability of the model's own token.
    choice : {"argmax", "sample"}
        The most probable token, or one drawn from the softmax.
    rng : Generator, optional
        Needed where anything is left to chance. As many numbers are drawn from it whatever
        `sampling_prob` and `coin` are, so that two runs of one seed meet the same chances.
    coin : {"step", "sequence"}, optional
        With "sequence" the first coin of each sequence decides for all its steps, which the paper
        tried and found worse (footnote 2).

    Raises
    ------
    ValueError
        For a probability outside [0, 1], an unknown choice or coin, or a missing `rng`.

    Examples
    --------
    >>> scheduled_sampling(2, 3, 1.0).own
    array([[ True,  True,  True],
           [ True,  True,  True]])
    """
    if not 0 <= sampling_prob <= 1:  # also refuses NaN
        raise ValueError(f"sampling_prob must be in [0, 1], got {sampling_prob}")
    if choice not in ("argmax", "sample"):
        raise ValueError(f"choice must be 'argmax' or 'sample', got {choice!r}")
    if coin not in ("step", "sequence"):
        raise ValueError(f"coin must be 'step' or 'sequence', got {coin!r}")
    if rng is None:
        if choice == "sample" or sampling_prob not in (0, 1):
            raise ValueError("chance needs a generator: pass rng=np.random.default_rng(seed)")
        return Feed(np.full((steps, columns), sampling_prob == 1))
    coins = rng.random((steps, columns), np.float32) < sampling_prob
    if coin == "sequence":
        coins[1:] = coins[:1]
    return Feed(coins, rng.random((steps, columns), np.float32) if choice == "sample" else None)


def choose_tokens(logits: Array, lots: Array | None = None) -> Array:
    """Return a token for each column.

    Parameters
    ----------
    logits : array (O, N)
    lots : array (N,), optional
        Numbers in [0, 1). Token k is drawn where the lot lies in the k-th piece of [0, 1),
        pieces as long as the probabilities. Without lots: the argmax, the first of equals.

    Returns
    -------
    int array (N,)

    Examples
    --------
    >>> choose_tokens(np.log([[0.2, 0.2], [0.8, 0.8]]), np.array([0.1, 0.3]))
    array([0, 1])
    """
    if lots is None:
        best: Array = logits.argmax(axis=0)
        return best
    ends = softmax(logits).cumsum(axis=0)
    drawn: Array = (lots * ends[-1] >= ends[:-1]).sum(axis=0)
    return drawn


@dataclass(frozen=True)
class Schedule:
    r"""How ``sampling_prob`` grows with the training step.

    Attributes
    ----------
    name : {"linear", "exponential", "inverse_sigmoid"}
        :math:`\epsilon = \max(\epsilon_{min}, k - c i)`, :math:`\epsilon = k^i` with k < 1, or
        :math:`\epsilon = k / (k + e^{i/k})` with k >= 1, at training step i.
    k, c, eps_min : float
        The paper's constants; `c` and `eps_min` are for ``"linear"`` alone.
    """

    name: ScheduleName
    k: float
    c: float = 0.0
    eps_min: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in ("linear", "exponential", "inverse_sigmoid"):
            raise ValueError(
                f"schedule must be 'linear', 'exponential' or 'inverse_sigmoid', got {self.name!r}"
            )
        if self.name == "exponential" and not 0 <= self.k <= 1:
            raise ValueError(f"'exponential' needs k in [0, 1], got {self.k}")
        if self.name == "inverse_sigmoid" and not self.k >= 1:
            raise ValueError(f"'inverse_sigmoid' needs k >= 1, got {self.k}")

    def sampling_prob(self, step: int) -> float:
        """Return the probability of the model's own token at a training step, in [0, 1].

        >>> [round(Schedule("linear", k=1.0, c=0.25).sampling_prob(i), 2) for i in range(6)]
        [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]
        """
        if self.name == "linear":
            epsilon = max(self.eps_min, self.k - self.c * step)
        elif self.name == "exponential":
            epsilon = self.k**step
        else:  # k / (k + e^(i/k)) = sigmoid(log k - i/k), which cannot overflow
            epsilon = 0.5 * math.tanh(0.5 * (math.log(self.k) - step / self.k)) + 0.5
        return 1.0 - min(max(epsilon, 0.0), 1.0)


def constant(sampling_prob: float) -> Schedule:
    """Return the schedule that stays at one probability: 0 is teacher forcing throughout."""
    if not 0 <= sampling_prob <= 1:
        raise ValueError(f"sampling_prob must be in [0, 1], got {sampling_prob}")
    return Schedule("linear", k=1.0 - sampling_prob)


def ramp(sampling_prob: float, steps: int) -> Schedule:
    """Return the linear schedule from 0 to `sampling_prob` over the first `steps` steps.

    >>> [round(ramp(0.5, 10).sampling_prob(i), 2) for i in (0, 5, 10, 20)]
    [0.0, 0.25, 0.5, 0.5]
    """
    return Schedule("linear", k=1.0, c=sampling_prob / steps, eps_min=1.0 - sampling_prob)
