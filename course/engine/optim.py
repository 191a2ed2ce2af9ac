r"""Clipping by the global norm, and Adam, on one vector of parameters.

Sources: Pascanu, Mikolov and Bengio 2013 for clipping; Kingma and Ba 2015, algorithm 1, for Adam.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from course.engine.numerics import Array


def clip_by_norm(gradient: Array, max_norm: float) -> float:
    r"""Scale a gradient in place so that its norm is at most `max_norm`.

    Parameters
    ----------
    gradient : array (P,)
        Multiplied by :math:`\min(1, m / (\lVert g \rVert + 10^{-6}))`, as in PyTorch.
    max_norm : float
        :math:`m`.

    Returns
    -------
    float
        The norm before.

    Examples
    --------
    >>> gradient = np.array([3.0, 4.0])
    >>> clip_by_norm(gradient, 1.0), gradient.round(3)
    (5.0, array([0.6, 0.8]))
    """
    norm = float(np.sqrt(gradient @ gradient))
    scale = max_norm / (norm + 1e-6)
    if scale < 1:
        gradient *= scale
    return norm


@dataclass
class Adam:
    r"""The moments that Adam keeps of one vector of parameters.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
              \theta \leftarrow \theta - \eta \frac{m / (1 - \beta_1^i)}
              {\sqrt{v / (1 - \beta_2^i)} + \varepsilon}

    Attributes
    ----------
    size : int
        P.
    beta1, beta2, epsilon : float
    dtype : numpy dtype
    """

    size: int
    dtype: np.dtype = field(default_factory=lambda: np.dtype(np.float32))
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    updates: int = 0

    def __post_init__(self) -> None:
        self.mean, self.square, self._spare = np.zeros((3, self.size), self.dtype)

    def update(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Move `parameters` (P,) in place, against `gradient` (P,)."""
        self.updates += 1
        spare = self._spare
        self.mean *= self.beta1
        self.mean += np.multiply(gradient, 1 - self.beta1, out=spare)
        self.square *= self.beta2
        np.multiply(gradient, gradient, out=spare)
        spare *= 1 - self.beta2
        self.square += spare
        np.sqrt(self.square, out=spare)
        spare /= float(np.sqrt(1 - self.beta2**self.updates))
        spare += self.epsilon
        np.divide(self.mean, spare, out=spare)
        spare *= learning_rate / (1 - self.beta1**self.updates)
        parameters -= spare
