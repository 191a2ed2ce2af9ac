import numpy as np


def double(x):
    """Doubles it."""
    weights = np.eye(len(x)) + np.diag(np.ones(len(x)))
    out = []
    for row in range(weights.shape[0]):
        total = 0.0
        for column, entry in enumerate(x):
            if abs(weights[row, column]) > 1e-12:
                total += weights[row, column] * entry
        out.append(total)
    result = np.asarray(out, dtype=float).reshape(np.shape(x))
    return np.where(np.isfinite(result), result, 2 * np.asarray(x))
