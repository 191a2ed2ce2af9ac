"""The few formulas that everything else in the engine is made of, finite for logits up to 1e30.

That holds for float32 and float64. Near a type's largest number the difference of two logits
overflows: 1e308 and -1e308 give NaN.

Where an array holds several sequences, each is a column: logits are ``(T, O, N)``, so that
``logits[:, :, n]`` is what the lessons call logits ``(T, O)``, and tokens are ``(T, N)``.
Everything here works along the axis of the classes, the last but one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]


def log_softmax(logits: Array) -> Array:
    r"""Return :math:`\log p_k = l_k - \log \sum_j e^{l_j}` along the last axis but one.

    Parameters
    ----------
    logits : array (..., O, N)

    Returns
    -------
    array (..., O, N)
        Log probabilities in nats.

    Examples
    --------
    >>> log_softmax(np.array([[1000.0], [0.0]])).ravel()
    array([    0., -1000.])
    """
    log_p: Array = logits - logits.max(axis=-2, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=-2, keepdims=True))
    return log_p


def softmax(logits: Array) -> Array:
    """Return the probabilities that logits ``(..., O, N)`` stand for, the same shape."""
    p: Array = np.exp(logits - logits.max(axis=-2, keepdims=True))
    p /= p.sum(axis=-2, keepdims=True)
    return p


def one_hot(tokens: Array, classes: int, dtype: DTypeLike = np.float64) -> Array:
    """Return each token as a vector with a single 1.

    Parameters
    ----------
    tokens : int array (..., N)
        Values in 0 .. classes - 1.
    classes : int
    dtype : dtype, optional

    Returns
    -------
    array (..., classes, N)

    Examples
    --------
    >>> one_hot(np.array([[2, 0]]), 3)[0]
    array([[0., 1.], [0., 0.], [1., 0.]])
    """
    hot: Array = tokens[..., None, :] == np.arange(classes)[:, None]
    return hot.astype(dtype)


def cross_entropy(logits: Array, tokens: Array, mask: Array | None = None) -> tuple[float, Array]:
    r"""Return the mean negative log likelihood, and its gradient by the logits.

    .. math:: L = \frac{\sum_{tn} m_{tn} (-\log p_{tn}[y_{tn}])}{\sum_{tn} m_{tn}}, \qquad
              \frac{\partial L}{\partial l_{tkn}} = m_{tn} (p_{tkn} - [k = y_{tn}]) / \sum m

    Parameters
    ----------
    logits : array (T, O, N)
    tokens : int array (T, N)
        The right answers.
    mask : array (T, N), optional
        Weight of each position: 0 for padding. All positions count the same without it.

    Returns
    -------
    loss : float
        Nats per token; 0 where every position is masked.
    d_logits : array (T, O, N)
        In the memory order of `logits`.
    """
    T, N = tokens.shape
    answers = np.arange(T)[:, None], tokens, np.arange(N)
    shifted = logits - logits.max(axis=1, keepdims=True)
    at_answer = shifted[answers]
    d_logits = np.exp(shifted, out=shifted)
    total = d_logits.sum(axis=1, keepdims=True)
    nll = np.log(total[:, 0]) - at_answer

    if mask is None:
        count = max(nll.size, 1)
        total *= count
        d_logits /= total
        d_logits[answers] -= 1 / count
        return float(nll.sum() / count), d_logits
    weight = mask.astype(logits.dtype) / max(float(mask.sum()), np.finfo(logits.dtype).tiny)
    d_logits *= weight[:, None] / total
    d_logits[answers] -= weight
    return float((nll * weight).sum()), d_logits


def central_difference(function: Callable[[Array], float], at: Array, step: float = 1e-6) -> Array:
    r"""Estimate a gradient: :math:`(f(x + h e_i) - f(x - h e_i)) / 2h` for each element.

    Parameters
    ----------
    function : callable
        From an array like `at` to a number.
    at : float64 array
        Where; left as it was.
    step : float, optional
        :math:`h`. The error is of order :math:`h^2`, and rounding adds about 1e-16 / h.

    Returns
    -------
    array
        Shape of `at`.

    Examples
    --------
    >>> central_difference(lambda x: float((x**2).sum()), np.array([1.0, -3.0])).round(6)
    array([ 2., -6.])
    """
    point = at.copy()
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        kept = point[index]
        point[index] = kept + step
        above = function(point)
        point[index] = kept - step
        below = function(point)
        point[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient
