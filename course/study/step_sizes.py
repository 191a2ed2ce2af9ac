"""The V of the step size: how far central differences are from the gradient, by their step.

To the right of the least error the step is too large for a straight line (truncation, as its
square); to the left too small for the digits of a loss (rounding, as its inverse).
"""

from __future__ import annotations

import numpy as np

from course.engine import (
    ModelShape,
    Parameters,
    backward,
    context_from,
    cross_entropy,
    forward,
    initial_parameters,
)
from course.engine.numerics import Array
from course.study.measures import Values

STEPS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
DTYPES = {"float64": np.float64, "float32": np.float32}
#: T, and the sizes of the RNN.
LENGTH, SHAPE = 20, ModelShape("rnn", 0, 6, 8, 6)


def named(step: float) -> str:
    """Return how results call the error of a step.

    >>> named(1e-10)
    'log10_error_at_1e-10'
    """
    return f"log10_error_at_1e-{round(-np.log10(step))}"


def relative_errors(seed: int, dtype: type) -> Array:
    """Return by step how far a random RNN's differences are from its gradient, relatively.

    Parameters
    ----------
    seed : int
        Of weights and tokens.
    dtype : type
        Of the weights, the loss, and all between.
    """
    weights_rng, tokens_rng = np.random.default_rng(seed).spawn(2)
    parameters = initial_parameters(SHAPE, weights_rng, dtype)
    tokens = tokens_rng.integers(0, SHAPE.output_dim, (LENGTH, 1))
    features: Array = np.zeros((0, 1), dtype)
    gradients = parameters.zeros_like()
    tape = forward("rnn", parameters, context_from(parameters, features), tokens)
    _, d_logits = cross_entropy(tape.logits, tokens)
    backward(parameters, tape, d_logits, gradients)
    decoder = parameters.flat.size - SHAPE.hidden_dim  # what the encoder has comes last

    def loss(model: Parameters) -> float:
        logits = forward("rnn", model, context_from(model, features), tokens, tape=tape).logits
        return float(cross_entropy(logits, tokens)[0])

    errors = []
    for step in STEPS:
        numeric = np.zeros(decoder)
        for k in range(decoder):
            here, both = parameters.flat[k], []
            for way in (step, -step):
                parameters.flat[k] = here + dtype(way)
                both.append(loss(parameters))
            parameters.flat[k] = here
            numeric[k] = (both[0] - both[1]) / (2 * step)
        analytic = gradients.flat[:decoder].astype(np.float64)
        sizes = np.linalg.norm(numeric) + np.linalg.norm(analytic)
        errors.append(float(np.linalg.norm(numeric - analytic) / sizes))
    return np.array(errors)


def measured(seed: int) -> dict[str, Values]:
    """Return for each dtype the power of ten of the relative error, by step."""
    return {
        name: {
            named(step): float(np.log10(error))
            for step, error in zip(STEPS, relative_errors(seed, dtype), strict=True)
        }
        for name, dtype in DTYPES.items()
    }
