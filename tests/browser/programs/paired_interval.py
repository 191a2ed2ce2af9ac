import numpy as np

T_QUANTILE = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}


def paired_interval(a, b):
    differences = np.subtract(b, a)
    n = len(differences)
    return differences.mean(), T_QUANTILE[n - 1] * differences.std(ddof=1) / n**0.5
