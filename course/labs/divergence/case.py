"""A trained decoder on test sequences, and what the right answer does there."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from course.engine import (
    Parameters,
    context_from,
    forward,
    free_running,
    log_softmax,
    one_hot,
    scheduled_sampling,
)
from course.exposure import kl_by_step
from course.labs.calling.functions import Array
from course.tasks import find_task

MAX_ROLLOUTS = 100
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


@dataclass
class Case:
    """One model, its test sequences, and what the right answer does on them.

    Attributes
    ----------
    contexts : array (H, N)
    tokens : int array (T, N)
    targets : array (N, T, O)
        The same, one-hot.
    true_logits : array (T, O, N)
        On the gold prefix; log_p are its log probabilities.
    wrong_true, wrong_own : array (T, N)
        Errors on the gold prefix and free running.
    kl_own : array (T, N)
        Divergence of free running, nats.
    expected : dict
        What the right answer does, by `sampling_prob`.
    """

    parameters: Parameters
    params: dict[str, Array]
    contexts: Array
    tokens: Array
    targets: Array
    true_logits: Array
    log_p: Array
    own_logits: Array
    wrong_true: Array
    wrong_own: Array
    kl_own: Array
    expected: dict[float, Expected] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know both ends, where there are no coins to throw."""
        for end, kl, wrong in (
            (0.0, 0 * self.kl_own, self.wrong_true),
            (1.0, self.kl_own, self.wrong_own),
        ):
            self.expected[end] = Expected(*self.tokens.shape)
            for _ in range(THROWS):
                self.expected[end].add(kl, wrong)

    def knows(self, sampling_prob: float) -> bool:
        """Say whether the coins were thrown often enough at this probability."""
        return sampling_prob in self.expected and self.expected[sampling_prob].throws >= THROWS

    def expect(self, sampling_prob: float) -> None:
        """Throw the coins once more for the right answer at this probability."""
        T, N = self.tokens.shape
        expected = self.expected.setdefault(sampling_prob, Expected(T, N))
        # The same throw at every probability, so that the curve between them is smooth.
        rng = np.random.default_rng([0, expected.throws])
        feed = scheduled_sampling(T, N, sampling_prob, "argmax", rng)
        cell_type = self.parameters.shape.cell_type
        logits = forward(cell_type, self.parameters, self.contexts, self.tokens, feed).logits
        expected.add(
            kl_by_step(self.log_p, log_softmax(logits)), logits.argmax(axis=1) != self.tokens
        )


def make_case(parameters: Parameters, task: str, columns: int = MAX_ROLLOUTS) -> Case:
    """Draw test sequences, the same each time, and run the model on them."""
    parameters = Parameters(parameters.shape, parameters.flat.astype(np.float64))
    batch = find_task(task).draw_test(columns, np.random.default_rng(2015))
    contexts = context_from(parameters, batch.features)
    cell_type, (T, N) = parameters.shape.cell_type, batch.tokens.shape
    true = forward(cell_type, parameters, contexts, batch.tokens).logits
    own = forward(cell_type, parameters, contexts, batch.tokens, free_running(T, N)).logits
    log_p = log_softmax(true)
    targets = one_hot(batch.tokens, parameters.shape.output_dim).transpose(2, 0, 1)
    wrong_true = true.argmax(axis=1) != batch.tokens
    wrong_own = own.argmax(axis=1) != batch.tokens
    kl_own = kl_by_step(log_p, log_softmax(own))
    return Case(
        parameters=parameters,
        params=parameters.decoder_params(),
        contexts=contexts,
        tokens=batch.tokens,
        targets=np.ascontiguousarray(targets),
        true_logits=true,
        log_p=log_p,
        own_logits=own,
        wrong_true=wrong_true,
        wrong_own=wrong_own,
        kl_own=kl_own,
    )
