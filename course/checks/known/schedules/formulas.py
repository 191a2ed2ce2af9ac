"""Formulas that learners write for a schedule in place of the right one, and for its result.

Each is a function of arrays of step, k, c and eps_min that gives epsilon, the probability of the
truth, before it is clipped; with words that say what it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course.checks.cells.examples import Array

Formula = Callable[[Array, Array, Array, Array], Array]

#: The right ones, as the lesson has them.
RIGHT_WORDS = {
    "linear": "epsilon = max(eps_min, k - c * step)",
    "exponential": "epsilon = k**step",
    "inverse_sigmoid": "epsilon = k / (k + exp(step / k))",
}


def _exp(x: Array) -> Array:
    powers: Array = np.exp(np.clip(x, -700, 700))
    return powers


def _power(base: Array | float, exponent: Array) -> Array:
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        result: Array = np.power(base, exponent)
    return result


RIGHT: dict[str, Formula] = {
    "linear": lambda i, k, c, e: np.maximum(e, k - c * i),
    "exponential": lambda i, k, c, e: _power(k, i),
    "inverse_sigmoid": lambda i, k, c, e: k / (k + _exp(i / k)),
}

_LINEAR: dict[str, Formula] = {
    "k - c * step: eps_min is left out": lambda i, k, c, e: k - c * i,
    "min(eps_min, k - c * step): eps_min is the smallest epsilon, so take the max": (
        lambda i, k, c, e: np.minimum(e, k - c * i)
    ),
    "max(eps_min, k + c * step): it rises, where it falls by c a step": (
        lambda i, k, c, e: np.maximum(e, k + c * i)
    ),
    "max(eps_min, 1 - c * step): k is left out": lambda i, k, c, e: np.maximum(e, 1 - c * i),
    "1 - c * step: k and eps_min are left out": lambda i, k, c, e: 1 - c * i,
    "max(eps_min, k - step): c is left out": lambda i, k, c, e: np.maximum(e, k - i),
    "max(eps_min, 1 - k * step): k is where c belongs": lambda i, k, c, e: np.maximum(e, 1 - k * i),
    "max(eps_min, c - k * step): k and c are exchanged": lambda i, k, c, e: np.maximum(
        e, c - k * i
    ),
    "max(eps_min, k - step / c): it divides by c, where c is a factor": (
        lambda i, k, c, e: np.maximum(e, k - i / np.where(c == 0, np.inf, c))
    ),
    "max(eps_min, k * (1 - c * step)): k multiplies the slope too": (
        lambda i, k, c, e: np.maximum(e, k * (1 - c * i))
    ),
    "max(eps_min, (k - c) * step)": lambda i, k, c, e: np.maximum(e, (k - c) * i),
    "max(eps_min, k * c * step)": lambda i, k, c, e: np.maximum(e, k * c * i),
    "max(eps_min, c * step): k minus it is missing": lambda i, k, c, e: np.maximum(e, c * i),
    "max(eps_min, c * step - k): the sign is turned": lambda i, k, c, e: np.maximum(e, c * i - k),
    "eps_min + k - c * step: eps_min is added, where it is the smallest value": (
        lambda i, k, c, e: e + k - c * i
    ),
    "max(0, k - c * step - eps_min): eps_min is taken off, where it is the smallest value": (
        lambda i, k, c, e: np.maximum(0, k - c * i - e)
    ),
    "k - c * step while it is positive, then eps_min: take the larger of the two at every step": (
        lambda i, k, c, e: np.where(k - c * i > 0, k - c * i, e)
    ),
    "eps_min + (k - eps_min) * (1 - c * step): the slope is c, whatever k and eps_min are": (
        lambda i, k, c, e: e + (k - e) * np.maximum(0, 1 - c * i)
    ),
    "max(eps_min, k * (1 - c)**step): it is a straight line, no power": (
        lambda i, k, c, e: np.maximum(e, k * _power(1 - c, i))
    ),
    "max(eps_min, k * exp(-c * step)): it is a straight line": (
        lambda i, k, c, e: np.maximum(e, k * _exp(-c * i))
    ),
    "max(eps_min, k - c**step): it is a product, no power": (
        lambda i, k, c, e: np.maximum(e, k - _power(c, i))
    ),
    "max(eps_min, k - c): step is left out": lambda i, k, c, e: np.maximum(e, k - c),
    "max(eps_min, k): c and step are left out": lambda i, k, c, e: np.maximum(e, k),
    "k at every step: c, step and eps_min are left out": lambda i, k, c, e: k + 0 * i,
    "max(1 - eps_min, k - c * step): the bound is 1 - eps_min": (
        lambda i, k, c, e: np.maximum(1 - e, k - c * i)
    ),
    "min(1 - eps_min, k - c * step): eps_min bounds the result, not epsilon": (
        lambda i, k, c, e: np.minimum(1 - e, k - c * i)
    ),
    "max(eps_min, k - whole part of c * step): c * step is cut to a whole number": (
        lambda i, k, c, e: np.maximum(e, k - np.floor(c * i))
    ),
    "max(eps_min, k - c * step, 0.01): there is a floor of its own": (
        lambda i, k, c, e: np.maximum(np.maximum(e, k - c * i), 0.01)
    ),
}
_EXPONENTIAL: dict[str, Formula] = {
    "k * step: it is k to the power of step": lambda i, k, c, e: k * i,
    "step**k: base and power are exchanged": lambda i, k, c, e: _power(1.0 * i, k),
    "k**-step: the sign of the power is turned, so it grows": lambda i, k, c, e: _power(
        k, -1.0 * i
    ),
    "exp(-k * step): the base is k itself, k**step": lambda i, k, c, e: _exp(-k * i),
    "exp(-step / k): the base is k itself, k**step": lambda i, k, c, e: _exp(-i / k),
    "exp(-step): k is left out": lambda i, k, c, e: _exp(-1.0 * i),
    "exp(k * step): the base is k itself, k**step": lambda i, k, c, e: _exp(k * i),
    "exp(-c * step): c belongs to 'linear', the base is k": lambda i, k, c, e: _exp(-c * i),
    "k * exp(-step): the base is k itself, k**step": lambda i, k, c, e: k * _exp(-1.0 * i),
    "k * exp(-c * step): c belongs to 'linear', the base is k": lambda i, k, c, e: k * _exp(-c * i),
    "2**-step: k is left out": lambda i, k, c, e: _power(2.0, -1.0 * i),
    "2**(-step / k): the base is k itself": lambda i, k, c, e: _power(2.0, -i / k),
    "2**(-step * k): the base is k itself": lambda i, k, c, e: _power(2.0, -i * k),
    "(1 - k)**step: the base is k, not 1 - k": lambda i, k, c, e: _power(1 - k, i),
    "k**(c * step): c belongs to 'linear' alone": lambda i, k, c, e: _power(k, c * i),
    "k**(step / 2): half the step": lambda i, k, c, e: _power(k, i / 2),
    "k**c: step is left out, c belongs to 'linear'": lambda i, k, c, e: _power(k, c),
    "k, whatever the step: step is left out": lambda i, k, c, e: k + 0 * i,
    "1 - k * step: that is a line, where it is k**step": lambda i, k, c, e: 1 - k * i,
    "k / (step + 1): it is k to the power of step": lambda i, k, c, e: k / (i + 1),
    "1 - log(1 + k * step)": lambda i, k, c, e: 1 - np.log1p(k * i),
    "log(1 + k * step): it is k to the power of step": lambda i, k, c, e: np.log1p(k * i),
    "k**(step**2)": lambda i, k, c, e: _power(k, 1.0 * i**2),
    "k**step, not below eps_min: eps_min belongs to 'linear' alone": (
        lambda i, k, c, e: np.maximum(e, _power(k, i))
    ),
    "eps_min + (1 - eps_min) * k**step: eps_min belongs to 'linear' alone": (
        lambda i, k, c, e: e + (1 - e) * _power(k, i)
    ),
    "k**step - c * step: c belongs to 'linear' alone": lambda i, k, c, e: _power(k, i) - c * i,
}
_SIGMOID: dict[str, Formula] = {
    "1 / (1 + exp(step / k)), which begins at one half: k belongs into both places": (
        lambda i, k, c, e: 1 / (1 + _exp(i / k))
    ),
    "1 / (1 + exp(-step / k)): k is missing in both places, and the sign is turned": (
        lambda i, k, c, e: 1 / (1 + _exp(-i / k))
    ),
    "1 / (k + exp(step / k)): k is missing above the line": lambda i, k, c, e: (
        1 / (k + _exp(i / k))
    ),
    "k / (1 + exp(step / k)): k is missing below the line": lambda i, k, c, e: (
        k / (1 + _exp(i / k))
    ),
    "k / (k + exp(step * k)): the exponent is step / k, divide by k": (
        lambda i, k, c, e: k / (k + _exp(i * k))
    ),
    "k / (k + exp(step)): the exponent is step / k, divide by k": (
        lambda i, k, c, e: k / (k + _exp(1.0 * i))
    ),
    "k / (k + exp(k / step)): the exponent is turned upside down, it is step / k": (
        lambda i, k, c, e: k / (k + _exp(k / np.where(i == 0, 1e-300, i)))
    ),
    "k / (k + exp(-step / k)): the sign of the exponent is turned": (
        lambda i, k, c, e: k / (k + _exp(-i / k))
    ),
    "k / (k + exp(step // k)): the division is cut to whole numbers, use /": (
        lambda i, k, c, e: k / (k + _exp(np.floor(i / k)))
    ),
    "k / (k + step / k): exp is left out": lambda i, k, c, e: k / (k + i / k),
    "k / (k + step): exp is left out": lambda i, k, c, e: k / (k + i),
    "k / (k + exp(c * step)): c belongs to 'linear', the exponent is step / k": (
        lambda i, k, c, e: k / (k + _exp(c * i))
    ),
    "k / (k + exp((step - k) / k)): the step is shifted by k": (
        lambda i, k, c, e: k / (k + _exp((i - k) / k))
    ),
    "1 / (1 + exp((step - k) / k))": lambda i, k, c, e: 1 / (1 + _exp((i - k) / k)),
    "1 / (1 + exp(step - k))": lambda i, k, c, e: 1 / (1 + _exp(i - k)),
    "1 / (1 + exp(step))": lambda i, k, c, e: 1 / (1 + _exp(1.0 * i)),
    "1 / (1 + exp(k * step))": lambda i, k, c, e: 1 / (1 + _exp(i * k)),
    "k / (k + exp(2 * step / k))": lambda i, k, c, e: k / (k + _exp(2 * i / k)),
    "k / (k + exp(step / (2 * k)))": lambda i, k, c, e: k / (k + _exp(i / (2 * k))),
    "k / (k * exp(step / k)): there is a product where a sum belongs": (
        lambda i, k, c, e: k / (k * _exp(i / k))
    ),
    "k / (k + exp(step) / k): only the step is to be divided by k, inside exp": lambda i, k, c, e: (
        k / (k + _exp(1.0 * i) / k)
    ),
    "k / (k + exp(step / k) / k): the sum is divided by k nowhere": lambda i, k, c, e: (
        k / (k + _exp(i / k) / k)
    ),
    "k / (k + k * exp(step)): the exponent is step / k, and exp has no factor": (
        lambda i, k, c, e: 1 / (1 + _exp(1.0 * i))
    ),
    "k**2 / (k + exp(step / k)): above the line k has no power": lambda i, k, c, e: (
        k**2 / (k + _exp(i / k))
    ),
    "k / (k**2 + exp(step / k)): below the line k has no power": lambda i, k, c, e: (
        k / (k**2 + _exp(i / k))
    ),
    "k / (k - exp(step / k)): below the line there is a sum": lambda i, k, c, e: (
        k / (k - _exp(i / k))
    ),
    "k / (k + exp(step - k)): the exponent is step / k": lambda i, k, c, e: k / (k + _exp(i - k)),
    "k / (k + exp(1 / k)): step is left out": lambda i, k, c, e: k / (k + _exp(1 / k + 0 * i)),
    "k / (k + exp(step / k**2)): the exponent is step / k": lambda i, k, c, e: (
        k / (k + _exp(i / k**2))
    ),
    "k / (k + exp(step / 10)): the exponent is step / k": lambda i, k, c, e: k / (k + _exp(i / 10)),
    "k / (k + exp(sqrt(step / k))): the exponent is step / k": lambda i, k, c, e: (
        k / (k + _exp(np.sqrt(i / k)))
    ),
    "k / exp(step / k): the k below the line is missing": lambda i, k, c, e: k / _exp(i / k),
    "k / k + exp(step / k): brackets are missing around the sum": (
        lambda i, k, c, e: 1 + _exp(i / k)
    ),
    "k + exp(step / k) over k: it is turned upside down": lambda i, k, c, e: (k + _exp(i / k)) / k,
    "exp(step / k) / (k + exp(step / k)): k is above the line": (
        lambda i, k, c, e: _exp(i / k) / (k + _exp(i / k))
    ),
    "k / (k + 2**(step / k)): the base is e": lambda i, k, c, e: (
        k / (k + _power(2.0, np.minimum(i / k, 1000)))
    ),
    "k / (k + k**(step / k)): the base is e": lambda i, k, c, e: (
        k / (k + _power(1.0 * k, np.minimum(i / k, 200)))
    ),
    "k / (k + exp(step / k)), not below eps_min: eps_min belongs to 'linear' alone": (
        lambda i, k, c, e: np.maximum(e, k / (k + _exp(i / k)))
    ),
    "eps_min + (1 - eps_min) * k / (k + exp(step / k)): eps_min belongs to 'linear' alone": (
        lambda i, k, c, e: e + (1 - e) * k / (k + _exp(i / k))
    ),
}
#: Wrong ones by the schedule.
VARIANTS = {"linear": _LINEAR, "exponential": _EXPONENTIAL, "inverse_sigmoid": _SIGMOID}

_Arguments = tuple[Array, Array, Array, Array]

Change = Callable[[Array, Array, Array, Array], _Arguments]


def _blocks(n: int) -> Change:
    return lambda i, k, c, e: (i // n, k, c, e)


def _slower(n: int) -> Change:
    return lambda i, k, c, e: (i / n, k, c, e)


def _cut(n: int) -> Change:
    return lambda i, k, c, e: (n * (i // n), k, c, e)


def _later(n: int) -> Change:
    return lambda i, k, c, e: (np.maximum(i - n, 0), k, c, e)


#: What is done to an argument before the formula: words, and the arguments that it makes.
CHANGED: dict[str, Change] = {
    "step + 1: the first step is 0": lambda i, k, c, e: (i + 1, k, c, e),
    "step - 1: the first step is 0": lambda i, k, c, e: (i - 1, k, c, e),
    "step - 1, but 0 at step 0: the first step is 0": lambda i, k, c, e: (
        np.maximum(i - 1, 0),
        k,
        c,
        e,
    ),
    "1 in place of step 0": lambda i, k, c, e: (np.maximum(i, 1), k, c, e),
    "step + 2": lambda i, k, c, e: (i + 2, k, c, e),
    "step 0 at every step: step plays no part": lambda i, k, c, e: (0 * i, k, c, e),
    "2 * step": lambda i, k, c, e: (2 * i, k, c, e),
    "step / 2": lambda i, k, c, e: (i / 2, k, c, e),
    "the square of step": lambda i, k, c, e: (i**2, k, c, e),
    "the square root of step": lambda i, k, c, e: (np.sqrt(i), k, c, e),
    "the logarithm of step + 1": lambda i, k, c, e: (np.log1p(i), k, c, e),
    **{f"step // {n}, steps in blocks of {n}": _blocks(n) for n in (2, 5, 10, 100, 1000)},
    **{
        f"{n} * (step // {n}), steps in stairs of {n}: use / or the step itself": _cut(n)
        for n in (2, 3, 4, 5, 10, 20, 25, 50, 100)
    },
    **{f"step / {n}": _slower(n) for n in (10, 100, 1000)},
    **{
        f"step - {n}, but 0 before: a warm-up that nobody asked for": _later(n)
        for n in (2, 3, 5, 10, 20, 50, 100)
    },
    "k / 100": lambda i, k, c, e: (i, k / 100, c, e),
    "1 in place of k: k plays no part": lambda i, k, c, e: (i, 1.0 + 0 * k, c, e),
    "0.5 in place of k: k plays no part": lambda i, k, c, e: (i, 0.5 + 0 * k, c, e),
    "k squared": lambda i, k, c, e: (i, k**2, c, e),
    "the root of k": lambda i, k, c, e: (i, np.sqrt(np.abs(k)), c, e),
    "2 * k": lambda i, k, c, e: (i, 2 * k, c, e),
    "k / 2": lambda i, k, c, e: (i, k / 2, c, e),
    "1 - k in place of k": lambda i, k, c, e: (i, 1 - k, c, e),
    "1 / k in place of k": lambda i, k, c, e: (i, 1 / k, c, e),
    "k + 1": lambda i, k, c, e: (i, k + 1, c, e),
    "k - 1": lambda i, k, c, e: (i, k - 1, c, e),
    "k cut to at most 1": lambda i, k, c, e: (i, np.minimum(k, 1), c, e),
    "c squared": lambda i, k, c, e: (i, k, c**2, e),
    "0 in place of c: c plays no part": lambda i, k, c, e: (i, k, 0 * c, e),
    "2 * c": lambda i, k, c, e: (i, k, 2 * c, e),
    "c / 2": lambda i, k, c, e: (i, k, c / 2, e),
    "c / 100": lambda i, k, c, e: (i, k, c / 100, e),
    "eps_min and c exchanged": lambda i, k, c, e: (i, k, e, c),
    "k and c exchanged": lambda i, k, c, e: (i, c, k, e),
    "k and eps_min exchanged": lambda i, k, c, e: (i, e, c, k),
    "step and k exchanged": lambda i, k, c, e: (1.0 * k, np.maximum(i, 1e-300), c, e),
    "1 - eps_min in place of eps_min": lambda i, k, c, e: (i, k, c, 1 - e),
}


def _clip(epsilon: Array) -> Array:
    clipped: Array = np.clip(epsilon, 0, 1)
    return clipped


#: How epsilon becomes the result: words, and the result of epsilon and eps_min; the right way
#: first.
RESULTS: dict[str, Callable[[Array, Array], Array]] = {
    "": lambda eps, e: 1 - _clip(eps),
    "epsilon itself is returned; the result is 1 - epsilon, the probability of the model's token": (
        lambda eps, e: _clip(eps)
    ),
    "epsilon is not clipped to [0, 1], so that the result leaves it": lambda eps, e: 1 - eps,
    "epsilon is returned and not clipped to [0, 1]": lambda eps, e: eps,
    "epsilon is clipped above 1 alone: below 0 the result is above 1": (
        lambda eps, e: 1 - np.minimum(eps, 1)
    ),
    "epsilon is clipped below 0 alone: where it is above 1 the result is below 0": (
        lambda eps, e: 1 - np.maximum(eps, 0)
    ),
    "epsilon is held at eps_min or above, which belongs to 'linear' alone": (
        lambda eps, e: 1 - np.clip(np.maximum(eps, e), 0, 1)
    ),
    "the result is held at eps_min or above; eps_min is the smallest epsilon": (
        lambda eps, e: np.maximum(e, 1 - _clip(eps))
    ),
    "the result is held at eps_min or below; eps_min is the smallest epsilon": (
        lambda eps, e: np.minimum(e, 1 - _clip(eps))
    ),
    "the result is in per cent, 100 times what it has to be": lambda eps, e: 100 * (1 - _clip(eps)),
    "epsilon is returned, in per cent": lambda eps, e: 100 * _clip(eps),
    "the result is half of what it has to be": lambda eps, e: (1 - _clip(eps)) / 2,
    "the result is twice what it has to be": lambda eps, e: 2 * (1 - _clip(eps)),
    "the result is squared": lambda eps, e: (1 - _clip(eps)) ** 2,
    "epsilon is squared, or its exponent doubled": lambda eps, e: 1 - _clip(eps) ** 2,
    "the result is the square root of what it has to be": lambda eps, e: np.sqrt(1 - _clip(eps)),
    "the square root of epsilon is taken, or its exponent halved": lambda eps, e: (
        1 - np.sqrt(_clip(eps))
    ),
    "the result is negative: epsilon - 1 in place of 1 - epsilon": lambda eps, e: _clip(eps) - 1,
    "the logarithm of epsilon is returned, negative": lambda eps, e: (
        -np.log(np.maximum(_clip(eps), 1e-300))
    ),
    "one is divided by epsilon": lambda eps, e: 1 / np.maximum(_clip(eps), 1e-300),
    "epsilon * (1 - epsilon) is returned": lambda eps, e: _clip(eps) * (1 - _clip(eps)),
    "the result only says whether it is above 0.5": lambda eps, e: (1 - _clip(eps) > 0.5) * 1.0,
}
