"""Right answers as learners write them, not as the lessons do; a wrong one changes some lines."""

CELLS = '''
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
'''

STEPS = (
    CELLS
    + """

rnn_cell_step = rnn
lstm_cell_step = lstm
gru_cell_step = gru
"""
)

FORCED = (
    CELLS
    + '''

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
'''
)

FREE = (
    CELLS
    + '''

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
'''
)

DIVERGENCE = '''
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
'''

SOURCES = {
    "rnn_cell_step": STEPS,
    "lstm_cell_step": STEPS,
    "gru_cell_step": STEPS,
    "decoder_forward_teacher_forcing": FORCED,
    "decoder_forward_free_running": FREE,
    "divergence_by_step": DIVERGENCE,
}
