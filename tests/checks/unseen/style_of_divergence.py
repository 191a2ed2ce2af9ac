"""A divergence as a learner writes it."""
# fmt: off

import numpy as np


def log_softmax(rows):
    rows = rows - rows.max(axis=-1, keepdims=True)
    return rows - np.log(np.exp(rows).sum(axis=-1, keepdims=True))


def divergence_by_step(logits_true, logits_own):
    """Measure how far own words lead the model astray."""
    lp = log_softmax(logits_true)
    lq = log_softmax(logits_own)
    kl = (np.exp(lp) * (lp - lq)).sum(axis=-1)
    return kl
