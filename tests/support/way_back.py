"""The way back through a plain RNN, in which single lines can be other ones."""

import numpy as np
from answers import rnn_cell_step


def way_back(
    step=rnn_cell_step,
    first=lambda context: context,
    rows=lambda d_logits: d_logits,
    total=lambda own, after, T: own + after,
    slope=lambda new, old: 1 - new**2,
    handed=lambda W_hh, d_a: W_hh.T @ d_a,
    keeps=lambda t, T: True,
    begins=lambda T: 0,
    made=lambda array: array,
    **parts,
):
    """Return a way back that is right, but for what is given.

    Parameters
    ----------
    step, first, rows : callable, optional
        Make the next state, the first one of the context, and what comes in of ``d_logits``.
    total, slope, handed : callable, optional
        Make the error of a state, the slope of tanh there, and what is handed to the state before.
    keeps, begins : callable, optional
        Say whether what is handed to step t of T is heard, and which step is the last to be told.
    made : callable, optional
        Makes each gradient of the right one.
    **parts : callable
        By the name of a gradient, what makes it of d_a, d_h, h, fed, d_logits and parameters.
    """

    def rnn_decoder_backward(context_vector, fed, decoder_params, d_logits):
        W_xh, W_hh, W_hy = (decoder_params[key] for key in ("W_xh", "W_hh", "W_hy"))
        T, H = len(fed), len(context_vector)
        fed = np.reshape(fed, (T, W_xh.shape[1]))
        h = [first(context_vector)]
        for x in fed:
            h.append(step(x, h[-1], decoder_params))
        h, d_logits = np.array(h), rows(np.array(d_logits))
        d_logits[: begins(T)] = 0
        d_a, d_h, after = np.zeros((T, H)), np.zeros((T, H)), np.zeros(H)
        for t in reversed(range(begins(T), T)):
            d_h[t] = total(W_hy.T @ d_logits[t], after * keeps(t, T), T)
            d_a[t] = d_h[t] * slope(h[t + 1], h[t])
            after = handed(W_hh, d_a[t])
        found = {
            "W_xh": d_a.T @ fed,
            "W_hh": d_a.T @ h[:-1],
            "b_xh": d_a.sum(0),
            "b_hh": d_a.sum(0),
            "W_hy": d_logits.T @ h[1:],
            "b_y": d_logits.sum(0),
            "x_start": W_xh.T @ d_a[:1].sum(0),
        }
        for key in parts if T else ():
            found[key] = parts[key](d_a, d_h, h, fed, d_logits, decoder_params)
        return {key: made(array) for key, array in found.items()}, after

    return rnn_decoder_backward
