"""The engine in the place of a learner's function, under its name: for still pictures and tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.engine import Feed, forward


def decoder_forward_scheduled_sampling(
    context_vector: Any,
    target_seq: Any,
    decoder_params: Any,
    sampling_prob: float,
    cell_type: str = "rnn",
    rng: np.random.Generator | None = None,
) -> Any:
    """Run the engine's decoder as a learner's, with coins as a solution throws them."""
    rng = np.random.default_rng() if rng is None else rng
    own = np.array([t > 0 and rng.random() < sampling_prob for t in range(len(target_seq))])
    context, target = context_vector[:, None], target_seq[:, :, None]
    return forward(cell_type, decoder_params, context, target, Feed(own[:, None])).logits[:, :, 0]
