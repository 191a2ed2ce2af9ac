"""A decoder as a learner writes it below those cells."""
# ruff: noqa: F821
# fmt: off

import numpy as np


def decoder_forward_teacher_forcing(context_vector, target_seq, decoder_params, cell_type="rnn"):
    """Train on the truth at each step, whatever was predicted."""
    p = decoder_params
    if cell_type not in ("rnn", "lstm", "gru"):
        raise ValueError("no such cell")
    T, O = len(target_seq), p["W_hy"].shape[0]
    h = context_vector
    c = np.zeros(len(h))
    out = np.zeros((T, O))
    x = p["x_start"]
    for t in range(T):
        if cell_type == "rnn":
            h = rnn(x, h, p)
        elif cell_type == "lstm":
            h, c = lstm(x, h, c, p)
        else:
            h = gru(x, h, p)
        y = p["W_hy"] @ h + p["b_y"]
        out[t] = y
        x = target_seq[t]
    return out
