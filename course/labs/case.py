"""A trained decoder on test sequences, and what the right answer does there."""

from __future__ import annotations

from dataclasses import dataclass

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
from course.labs.learner import Array
from course.tasks import find_task

MAX_ROLLOUTS = 100


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
        By `sampling_prob`: divergence (T, N) and errors (T, N) of the right answer.
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
    expected: dict[float, tuple[Array, Array]]

    def expect(self, sampling_prob: float) -> None:
        """Run the right answer at this probability."""
        T, N = self.tokens.shape
        rng = np.random.default_rng(0)
        feed = scheduled_sampling(T, N, sampling_prob, "argmax", rng)
        cell_type = self.parameters.shape.cell_type
        logits = forward(cell_type, self.parameters, self.contexts, self.tokens, feed).logits
        self.expected[sampling_prob] = (
            kl_by_step(self.log_p, log_softmax(logits)),
            logits.argmax(axis=1) != self.tokens,
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
        expected={0.0: (np.zeros((T, N)), wrong_true), 1.0: (kl_own, wrong_own)},
    )
