"""The engine's way back in the place of a learner's, under the exercise's name."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.engine import backward, forward


def rnn_decoder_backward(
    context_vector: Any, fed: Any, decoder_params: Any, d_logits: Any
) -> tuple[dict[str, Any], Any]:
    """Go back through the engine's RNN: the inputs are its truth, a step later than they are fed.

    Parameters and result are the exercise's; there is one step at least.
    """
    params = {**decoder_params, "x_start": fed[0]}
    target = np.concatenate([fed[1:], fed[:1]])[:, :, None]  # the last is never fed
    tape = forward("rnn", params, context_vector[:, None], target)
    gradients = {name: np.zeros_like(array) for name, array in decoder_params.items()}
    return gradients, backward(params, tape, d_logits[:, :, None], gradients)[:, 0]
