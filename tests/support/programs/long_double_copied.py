import numpy as np


def double(values):
    # My own way.
    n_all = []
    heavy = np.diag(np.ones(len(values))) + np.eye(len(values))

    for i in range(heavy.shape[0]):
        s = 0
        for j, v in enumerate(values):
            if 1e-12 < abs(heavy[i, j]):
                s = s + v * heavy[i, j]  # add it up
        n_all.append(s)
    answer = np.asarray(n_all, dtype=float).reshape(np.shape(values))
    return np.where(np.isfinite(answer), answer, 2 * np.asarray(values))
