"""Cells as a learner writes them."""
# fmt: off

import numpy as np


def sig(v):
    return 1 / (1 + np.exp(-v))


def rnn(x, h, p):
    """Step the plain cell on as in training."""
    pre = p["W_xh"] @ x + p["b_xh"] + p["W_hh"] @ h + p["b_hh"]
    return np.tanh(pre)


def lstm(x, h, c, p):
    """Step the LSTM on as in training."""
    H = h.shape[0]
    v = np.dot(p["W_xh"], x) + p["b_xh"] + np.dot(p["W_hh"], h) + p["b_hh"]
    i_g = sig(v[0:H])
    f_g = sig(v[H:2 * H])
    g_g = np.tanh(v[2 * H:3 * H])
    o_g = sig(v[3 * H:4 * H])
    c_new = f_g * c + i_g * g_g
    h_new = o_g * np.tanh(c_new)
    return h_new, c_new


def gru(x, h, p):
    """Step the GRU on as in training."""
    H = h.shape[0]
    from_x = p["W_xh"] @ x + p["b_xh"]
    from_h = p["W_hh"] @ h + p["b_hh"]
    r = sig(from_x[:H] + from_h[:H])
    z = sig(from_x[H:2 * H] + from_h[H:2 * H])
    n = np.tanh(from_x[2 * H:] + r * from_h[2 * H:])
    return (1 - z) * n + z * h


rnn_cell_step = rnn
lstm_cell_step = lstm
gru_cell_step = gru
