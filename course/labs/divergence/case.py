"""A trained decoder on test sequences, and what the right answer does there."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from course.engine import (
    Feed,
    Parameters,
    context_from,
    forward,
    free_running,
    log_softmax,
    one_hot,
    scheduled_sampling,
)
from course.engine.numerics import Array
from course.exposure import kl_by_step
from course.tasks import find_task

LEAST_ROLLOUTS, MAX_ROLLOUTS = 10, 100
#: How often the coins are thrown to know what to expect: eight sequences for each of the learner's.
THROWS = 8


class Expected:
    """What the right answer does at one `sampling_prob`, over several throws of the coins.

    Attributes
    ----------
    throws : int
        How often the coins were thrown.
    """

    def __init__(self, steps: int, columns: int) -> None:
        self.throws = 0
        self._kl, self._wrong = np.zeros((2, steps, columns))
        self._by_sequence = np.zeros((2, columns))  # sums of the errors, and of their squares

    def add(self, kl: Array, wrong: Array) -> None:
        """Add a throw: divergence in nats, and whether the token is wrong, (T, N) each."""
        self.throws += 1
        self._kl += kl
        self._wrong += wrong
        mean = wrong.mean(axis=0)
        self._by_sequence += mean, mean**2

    def kl(self, n: int) -> Array:
        """Return the mean divergence of the first n sequences, (T,), nats."""
        mean: Array = self._kl[:, :n].mean(axis=1) / self.throws
        return mean

    def wrong(self, n: int) -> Array:
        """Return the part of the first n sequences that is wrong, (T,)."""
        mean: Array = self._wrong[:, :n].mean(axis=1) / self.throws
        return mean

    def half_width(self, n: int) -> float:
        """Return how far from the mean of `wrong` 19 of 20 runs stay, of the first n sequences.

        That is twice the standard deviation that the coins alone make.
        """
        total, squares = self._by_sequence[:, :n]
        variance = (squares - total**2 / self.throws) / max(self.throws - 1, 1)
        return 2 * float(np.sqrt(np.maximum(variance, 0).sum())) / n


class DecoderCase:
    """One model, its test sequences, the same each time, and what the right answer does on them.

    Parameters
    ----------
    parameters : Parameters
    task : str
    columns : int, optional
        N.

    Attributes
    ----------
    params : dict of str to array
        The decoder's, float64, as a learner's function takes them.
    features : array (F, N)
    contexts : array (H, N)
    tokens : int array (T, N)
    targets : array (N, T, O)
        The same, one-hot.
    true_logits, own_logits : array (T, O, N)
        On the true prefix and free running; log_p are log probabilities on the true prefix.
    wrong_true, wrong_own : array (T, N)
        Errors on the true prefix and free running.
    kl_own : array (T, N)
        Divergence of free running, nats.
    expected : dict
        What the right answer does, by `sampling_prob`.
    """

    def __init__(self, parameters: Parameters, task: str, columns: int = MAX_ROLLOUTS) -> None:
        parameters = Parameters(parameters.shape, parameters.flat.astype(np.float64))
        batch = find_task(task).draw_test(columns, np.random.default_rng(2015))
        self.parameters, self.params = parameters, parameters.decoder_params()
        self.features, self.tokens = batch.features, batch.tokens
        self.contexts = context_from(parameters, batch.features)
        targets = one_hot(batch.tokens, parameters.shape.output_dim).transpose(2, 0, 1)
        self.targets = np.ascontiguousarray(targets)
        self.true_logits = self._logits()
        self.own_logits = self._logits(free_running(*self.tokens.shape))
        self.log_p = log_softmax(self.true_logits)
        kl_true, self.wrong_true = self._judged(self.true_logits)
        self.kl_own, self.wrong_own = self._judged(self.own_logits)
        self.expected: dict[float, Expected] = {}
        ends = ((0.0, kl_true, self.wrong_true), (1.0, self.kl_own, self.wrong_own))
        for end, kl, wrong in ends:  # where there are no coins to throw
            self.expected[end] = Expected(*self.tokens.shape)
            for _ in range(THROWS):
                self.expected[end].add(kl, wrong)

    def _logits(self, feed: Feed | None = None) -> Array:
        """Run the right decoder on all sequences."""
        cell_type = self.parameters.shape.cell_type
        return forward(cell_type, self.parameters, self.contexts, self.tokens, feed).logits

    def _judged(self, logits: Array) -> tuple[Array, Array]:
        """Return divergence in nats and errors, (T, N) each."""
        kl = kl_by_step(self.log_p, log_softmax(logits))
        return kl, logits.argmax(axis=1) != self.tokens

    def knows(self, sampling_prob: float) -> bool:
        """Say whether the coins were thrown often enough at this probability."""
        return sampling_prob in self.expected and self.expected[sampling_prob].throws >= THROWS

    def learn(self, positions: Iterable[float], end_s: float) -> bool:
        """Throw coins for the right answer until the clock's `end_s`; say whether all are known."""
        for position in positions:
            while not self.knows(position):
                if time.perf_counter() > end_s:
                    return False
                self._throw(position)
        return True

    def _throw(self, sampling_prob: float) -> None:
        """Throw the coins once more for the right answer at this probability."""
        T, N = self.tokens.shape
        expected = self.expected.setdefault(sampling_prob, Expected(T, N))
        # The same throw at every probability, so that the curve between them is smooth.
        rng = np.random.default_rng([0, expected.throws])
        feed = scheduled_sampling(T, N, sampling_prob, "argmax", rng)
        expected.add(*self._judged(self._logits(feed)))
