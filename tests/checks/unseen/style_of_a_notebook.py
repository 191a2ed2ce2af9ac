"""A notebook of all functions, in another hand than the other styles."""

# ruff: noqa: E501
# fmt: off
import numpy as np


def sig(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def sums(x, h, w):
    from_input = w["W_xh"].dot(x) + w["b_xh"]
    from_state = w["W_hh"].dot(h) + w["b_hh"]
    return from_input, from_state


def rnn_cell_step(x_t, h_prev, params):
    """Carries what was read so far into the next step of training."""
    a, u = sums(x_t, h_prev, params)
    return np.tanh(a + u)


def lstm_cell_step(x_t, h_prev, c_prev, params):
    """Carries two memories from step to step of training."""
    a, u = sums(x_t, h_prev, params)
    i, f, g, o = np.split(a + u, 4)
    c = sig(f) * c_prev + sig(i) * np.tanh(g)
    h = sig(o) * np.tanh(c)
    return h, c


def gru_cell_step(x_t, h_prev, params):
    """Carries one gated memory from step to step of training."""
    a, u = sums(x_t, h_prev, params)
    a_r, a_z, a_n = np.split(a, 3)
    u_r, u_z, u_n = np.split(u, 3)
    reset, update = sig(a_r + u_r), sig(a_z + u_z)
    candidate = np.tanh(a_n + reset * u_n)
    return candidate + update * (h_prev - candidate)


def start(context, cell_type):
    if cell_type == "lstm":
        return (context, np.zeros(len(context)))
    if cell_type in ("rnn", "gru"):
        return (context,)
    raise ValueError(cell_type)


def advance(x, state, w, cell_type):
    if cell_type == "rnn":
        return (rnn_cell_step(x, state[0], w),)
    if cell_type == "gru":
        return (gru_cell_step(x, state[0], w),)
    return lstm_cell_step(x, state[0], state[1], w)


def decoder_forward_teacher_forcing(context_vector, target_seq, decoder_params, cell_type="rnn"):
    """Gives the loss something to compare with the truth in training."""
    w = decoder_params
    state = start(context_vector, cell_type)
    inputs = [w["x_start"]] + list(target_seq[:-1])
    rows = []
    for x in inputs[: len(target_seq)]:
        state = advance(x, state, w, cell_type)
        rows.append(w["W_hy"].dot(state[0]) + w["b_y"])
    return np.array(rows).reshape(len(target_seq), len(w["b_y"]))


def decoder_forward_scheduled_sampling(context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn", rng=None):
    """Makes training look a little more like use."""
    w = decoder_params
    if not (0 <= sampling_prob <= 1):
        raise ValueError("not a probability")
    rng = rng or np.random.default_rng()
    state = start(context_vector, cell_type)
    T, O = len(target_seq), len(w["b_y"])
    coins = rng.random(T) < sampling_prob
    out = np.zeros((T, O))
    x = w["x_start"]
    for t in range(T):
        if t > 0:
            own = np.zeros(O)
            own[out[t - 1].argmax()] = 1.0
            x = own if coins[t] else target_seq[t - 1]
        state = advance(x, state, w, cell_type)
        out[t] = w["W_hy"].dot(state[0]) + w["b_y"]
    return out


def scheduled_sampling_prob(step, schedule, k, c=0.0, eps_min=0.0):
    """Tells training how often to trust the model's own word."""
    def linear():
        return max(k - c * step, eps_min)

    def exponential():
        return k ** step

    def inverse_sigmoid():
        return k / (k + np.exp(np.minimum(step / k, 600)))

    chosen = {"linear": linear, "exponential": exponential, "inverse_sigmoid": inverse_sigmoid}
    if schedule not in chosen:
        raise ValueError("no such schedule")
    eps = chosen[schedule]()
    eps = float(np.clip(eps, 0, 1))
    return 1 - eps


def decoder_forward_free_running(context_vector, seq_len, decoder_params, cell_type="rnn"):
    """Lets the trained model write on its own as it must in use."""
    w = decoder_params
    state = start(context_vector, cell_type)
    out = np.zeros((seq_len, len(w["b_y"])))
    x = w["x_start"]
    for t in range(seq_len):
        state = advance(x, state, w, cell_type)
        out[t] = w["W_hy"].dot(state[0]) + w["b_y"]
        x = np.zeros(len(w["b_y"]))
        x[np.argmax(out[t])] = 1
    return out


def log_probs(z):
    top = z.max(axis=1, keepdims=True)
    return z - top - np.log(np.sum(np.exp(z - top), axis=1, keepdims=True))


def divergence_by_step(logits_true, logits_own):
    """Shows how far own words lead the model away after training."""
    lp, lq = log_probs(logits_true), log_probs(logits_own)
    return np.einsum("to,to->t", np.exp(lp), lp - lq)
