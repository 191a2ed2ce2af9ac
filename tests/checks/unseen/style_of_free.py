"""A decoder as a learner writes it below those cells."""
# ruff: noqa: F821
# fmt: off

import numpy as np


def decoder_forward_free_running(context_vector, seq_len, decoder_params, cell_type="rnn"):
    """Let the model write alone, as it has to after training."""
    p = decoder_params
    if cell_type not in ("rnn", "lstm", "gru"):
        raise ValueError("no such cell")
    O = p["W_hy"].shape[0]
    h = context_vector
    c = np.zeros(len(h))
    out = np.zeros((seq_len, O))
    x = p["x_start"]
    for t in range(seq_len):
        if cell_type == "rnn":
            h = rnn(x, h, p)
        elif cell_type == "lstm":
            h, c = lstm(x, h, c, p)
        else:
            h = gru(x, h, p)
        y = p["W_hy"] @ h + p["b_y"]
        out[t] = y
        k = int(np.argmax(y))
        x = np.zeros(O)
        x[k] = 1.0
    return out
