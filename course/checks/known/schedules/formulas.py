"""Formulas that learners write for a schedule in place of the right one, and for its result.

A formula is what a learner reads of it, up to the colon that says why it is wrong. Of arrays of
step, k, c and eps_min it gives epsilon, the probability of the truth before it is clipped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from typing import Any

import numpy as np

from course.checks.cells.examples import Array

Formula = Callable[[Array, Array, Array, Array], Array]

#: The right ones, as the lesson has them.
RIGHT_WORDS = {
    "linear": "epsilon = max(eps_min, k - c * step)",
    "exponential": "epsilon = k**step",
    "inverse_sigmoid": "epsilon = k / (k + exp(step / k))",
}

#: What formulas are made of.
_NAMES: dict[str, Any] = {
    "max": lambda *arrays: reduce(np.maximum, arrays),
    "min": lambda *arrays: reduce(np.minimum, arrays),
    "exp": lambda x: np.exp(np.clip(x, -700, 700)),
    "log": np.log,
    "e": np.e,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "round": np.round,
    "where": np.where,
    "int": np.floor,
    "clip": lambda eps: np.clip(eps, 0, 1),
    "never_0": lambda x: np.maximum(x, 1e-300),
}


@cache
def _formula(written: str, names: str = "step, k, c, eps_min") -> Callable[..., Any]:
    """Return the function of a formula as it is written in this module."""
    function: Callable[..., Any] = eval(f"lambda {names}: {written}", _NAMES)
    return function


RIGHT: dict[str, Formula] = {
    name: _formula(words.partition(" = ")[2]) for name, words in RIGHT_WORDS.items()
}

#: Wrong ones by the schedule, with what is to be said of them.
_VARIANTS = {
    "linear": (
        "k - c * step: eps_min is left out",
        "min(eps_min, k - c * step): eps_min is the smallest epsilon, so take the max",
        "max(eps_min, k + c * step): it rises, where it should fall by c a step",
        "max(eps_min, 1 - c * step): k is left out",
        "1 - c * step: k and eps_min are left out",
        "max(eps_min, k - step): c is left out",
        "max(eps_min, 1 - k * step): k is where c belongs",
        "max(eps_min, c - k * step): k and c are exchanged",
        "max(eps_min, k - step / c): it divides by c, where c is a factor",
        "max(eps_min, k * (1 - c * step)): k multiplies the slope too",
        "max(eps_min, (k - c) * step)",
        "max(eps_min, k * c * step)",
        "max(eps_min, c * step): k minus it is missing",
        "max(eps_min, c * step - k): the sign is turned",
        "eps_min + k - c * step: eps_min is added, where it is the smallest value",
        "max(0, k - c * step - eps_min): eps_min is taken off, where it is the smallest value",
        "k - c * step while it is positive, then eps_min: take the larger of the two at every step",
        "eps_min + (k - eps_min) * (1 - c * step): the slope is c, whatever k and eps_min are",
        "max(eps_min, k * (1 - c)**step): it is a straight line, no power",
        "max(eps_min, k * exp(-c * step)): it is a straight line",
        "max(eps_min, k - c**step): it is a product, no power",
        "max(eps_min, k - c): step is left out",
        "max(eps_min, k): c and step are left out",
        "k at every step: c, step and eps_min are left out",
        "max(1 - eps_min, k - c * step): the bound is 1 - eps_min",
        "min(1 - eps_min, k - c * step): eps_min bounds the result, not epsilon",
        "max(eps_min, k - whole part of c * step): c * step is cut to a whole number",
        "max(eps_min, k - c * step, 0.01): there is a floor of its own",
        "k - max(eps_min, c * step): eps_min is the least epsilon, not the least that is taken off",
        "k - c * step while it is above eps_min, then 0: take the larger of the two at every step",
        "max(eps_min, k - c) * step: brackets stand in the wrong place",
        "(k - c * step) * (1 - eps_min): eps_min is the least epsilon, and no factor",
    ),
    "exponential": (
        "k * step: it is k to the power of step",
        "step**k: base and power are exchanged",
        "k**-step: the sign of the power is turned, so it grows",
        "exp(-k * step): the base is k itself, k**step",
        "exp(-step / k): the base is k itself, k**step",
        "exp(-step): k is left out",
        "exp(k * step): the base is k itself, k**step",
        "exp(-c * step): c belongs to 'linear', the base is k",
        "k * exp(-step): the base is k itself, k**step",
        "k * exp(-c * step): c belongs to 'linear', the base is k",
        "2**-step: k is left out",
        "2**(-step / k): the base is k itself",
        "2**(-step * k): the base is k itself",
        "(1 - k)**step: the base is k, not 1 - k",
        "k**(c * step): c belongs to 'linear' alone",
        "k**(step / 2): half the step",
        "k**c: step is left out, c belongs to 'linear'",
        "k, whatever the step: step is left out",
        "1 - k * step: that is a line, where it is k**step",
        "k / (step + 1): it is k to the power of step",
        "1 - log(1 + k * step)",
        "log(1 + k * step): it is k to the power of step",
        "k**(step**2)",
        "k**step, not below eps_min: eps_min belongs to 'linear' alone",
        "eps_min + (1 - eps_min) * k**step: eps_min belongs to 'linear' alone",
        "k**step - c * step: c belongs to 'linear' alone",
        "k**step - c: c belongs to 'linear' alone",
        "eps_min + (k - eps_min)**step: eps_min belongs to 'linear' alone",
        "eps_min + k**step: eps_min belongs to 'linear' alone",
    ),
    "inverse_sigmoid": (
        "1 / (1 + exp(step / k)), which begins at one half: k belongs in both places",
        "1 / (1 + exp(-step / k)): k is missing in both places, and the sign is turned",
        "1 / (k + exp(step / k)): k is missing above the line",
        "k / (1 + exp(step / k)): k is missing below the line",
        "k / (k + exp(step * k)): the exponent is step / k, divide by k",
        "k / (k + exp(step)): the exponent is step / k, divide by k",
        "k / (k + exp(k / step)): the exponent is turned upside down, it is step / k",
        "k / (k + exp(-step / k)): the sign of the exponent is turned",
        "k / (k + exp(step // k)): the division is cut to whole numbers, use /",
        "k / (k + step / k): exp is left out",
        "k / (k + step): exp is left out",
        "k / (k + exp(c * step)): c belongs to 'linear', the exponent is step / k",
        "k / (k + exp((step - k) / k)): the step is shifted by k",
        "1 / (1 + exp((step - k) / k))",
        "1 / (1 + exp(step - k))",
        "1 / (1 + exp(step))",
        "1 / (1 + exp(k * step))",
        "k / (k + exp(2 * step / k))",
        "k / (k + exp(step / (2 * k)))",
        "k / (k * exp(step / k)): there is a product where a sum belongs",
        "k / (k + exp(step) / k): only the step is to be divided by k, inside exp",
        "k / (k + exp(step / k) / k): the sum is divided by k nowhere",
        "k / (k + k * exp(step)): the exponent is step / k, and exp has no factor",
        "k**2 / (k + exp(step / k)): above the line k has no power",
        "k / (k**2 + exp(step / k)): below the line k has no power",
        "k / (k - exp(step / k)): below the line there is a sum",
        "k / (k + exp(step - k)): the exponent is step / k",
        "k / (k + exp(1 / k)): step is left out",
        "k / (k + exp(step / int(k))): k is cut to a whole number, use step / k",
        "int(k) / (int(k) + exp(step / k)): k is cut to a whole number, use it as it is",
        "k / (k + exp(step // int(k))): the division is cut to whole numbers, use step / k",
        "k / (k + exp(step / k**2)): the exponent is step / k",
        "k / (k + exp(step / 10)): the exponent is step / k",
        "k / (k + exp(sqrt(step / k))): the exponent is step / k",
        "k / exp(step / k): the k below the line is missing",
        "k / k + exp(step / k): brackets are missing around the sum",
        "k + exp(step / k) over k: it is turned upside down",
        "exp(step / k) / (k + exp(step / k)): k is above the line",
        "k / (k + 2**(step / k)): the base is e",
        "k / (k + e * step / k): e to the power of step / k is exp(step / k)",
        "k / (k + exp(k / (step + 1))): the exponent is turned upside down, it is step / k",
        "k / (k + exp((step + 1) / k)): the first step is 0",
        "k / (k + k**(step / k)): the base is e",
        "k / (k + exp(step / k)), not below eps_min: eps_min belongs to 'linear' alone",
        "eps_min + (1 - eps_min) * k / (k + exp(step / k)): eps_min belongs to 'linear' alone",
        "eps_min + k / (k + exp(step / k)): eps_min belongs to 'linear' alone",
        "k / (k + exp(step / k)) - c: c belongs to 'linear' alone",
        "k / (k + exp(step / k)) - c * step: c belongs to 'linear' alone",
    ),
}

#: Those of which the words are not the formula.
_READ_OTHERWISE = {
    "k - c * step while it is positive, then eps_min": (
     "where(k - c * step > 0, k - c * step, eps_min)"),
    "eps_min + (k - eps_min) * (1 - c * step)": "eps_min + (k - eps_min) * max(0, 1 - c * step)",
    "k - c * step while it is above eps_min, then 0": (
     "where(k - c * step > eps_min, k - c * step, 0.0)"),
    "k at every step": "k",
    "max(eps_min, k - whole part of c * step)": "max(eps_min, k - floor(c * step))",
    "k, whatever the step": "k",
    "k**step, not below eps_min": "max(eps_min, k**step)",
    "1 / (1 + exp(step / k)), which begins at one half": "1 / (1 + exp(step / k))",
    "k + exp(step / k) over k": "(k + exp(step / k)) / k",
    "k / (k + exp(step / k)), not below eps_min": "max(eps_min, k / (k + exp(step / k)))",
}  # fmt: skip


def variants(schedule: str) -> dict[str, Formula]:
    """Return the wrong formulas of a schedule by their words."""
    written = ((words, words.partition(": ")[0]) for words in _VARIANTS[schedule])
    return {words: _formula(_READ_OTHERWISE.get(one, one)) for words, one in written}


#: What is done to an argument before the formula: words, and the arguments that it is given.
_CHANGED = {
    "step + 1: the first step is 0": "step + 1, k, c, eps_min",
    "step - 1: the first step is 0": "step - 1, k, c, eps_min",
    "step - 1, but 0 at step 0: the first step is 0": "max(step - 1, 0), k, c, eps_min",
    "1 in place of step 0": "max(step, 1), k, c, eps_min",
    "step + 2": "step + 2, k, c, eps_min",
    "step 0 at every step: step plays no part": "0 * step, k, c, eps_min",
    "2 * step": "2 * step, k, c, eps_min",
    "step / 2": "step / 2, k, c, eps_min",
    "the square of step": "step**2, k, c, eps_min",
    "the square root of step": "sqrt(step), k, c, eps_min",
    "the logarithm of step + 1": "log(1 + step), k, c, eps_min",
    **{f"step // {n}, steps in blocks of {n}": f"step // {n}, k, c, eps_min"
     for n in (2, 5, 10, 100, 1000)},
    **{f"{n} * (step // {n}), steps in stairs of {n}: use / or the step itself": (
     f"{n} * (step // {n}), k, c, eps_min") for n in (2, 3, 4, 5, 10, 20, 25, 50, 100)},
    **{f"step / {n}": f"step / {n}, k, c, eps_min" for n in (10, 100, 1000)},
    **{f"step - {n}, but 0 before: a warm-up that nobody asked for": (
     f"max(step - {n}, 0), k, c, eps_min") for n in (2, 3, 5, 10, 20, 50, 100)},
    "k / 100": "step, k / 100, c, eps_min",
    "1 in place of k: k plays no part": "step, 1.0 + 0 * k, c, eps_min",
    "0.5 in place of k: k plays no part": "step, 0.5 + 0 * k, c, eps_min",
    "k squared": "step, k**2, c, eps_min",
    "the root of k": "step, sqrt(abs(k)), c, eps_min",
    "2 * k": "step, 2 * k, c, eps_min",
    "k / 2": "step, k / 2, c, eps_min",
    "1 - k in place of k": "step, 1 - k, c, eps_min",
    "1 / k in place of k": "step, 1 / k, c, eps_min",
    "k + 1": "step, k + 1, c, eps_min",
    "k - 1": "step, k - 1, c, eps_min",
    "k cut to a whole number, as int(k) does: use k as it is": "step, floor(k), c, eps_min",
    "k rounded to a whole number: use k as it is": "step, round(k), c, eps_min",
    "min(k, 1): k is limited to 1 before the formula is used": "step, min(k, 1), c, eps_min",
    "c squared": "step, k, c**2, eps_min",
    "0 in place of c: c plays no part": "step, k, 0 * c, eps_min",
    "2 * c": "step, k, 2 * c, eps_min",
    "c / 2": "step, k, c / 2, eps_min",
    "c / 100": "step, k, c / 100, eps_min",
    "eps_min and c exchanged": "step, k, eps_min, c",
    "k and c exchanged": "step, c, k, eps_min",
    "k and eps_min exchanged": "step, eps_min, c, k",
    "step and k exchanged": "1.0 * k, never_0(step), c, eps_min",
    "1 - eps_min in place of eps_min": "step, k, c, 1 - eps_min",
}  # fmt: skip


def changes() -> dict[str, Callable[..., tuple[Array, ...]]]:
    """Return what is done to arguments by its words."""
    return {words: _formula(f"({given})") for words, given in _CHANGED.items()}


#: How epsilon wrongly becomes the result: words, and what is done.
_RESULTS = {
    "epsilon itself is returned; the result is 1 - epsilon, the probability of the model's token": (
     "clip(eps)"),
    "epsilon is not clipped to [0, 1], so that the result leaves it": "1 - eps",
    "epsilon is returned and not clipped to [0, 1]": "eps",
    "epsilon is clipped above 1 alone: below 0 the result is above 1": "1 - min(eps, 1)",
    "epsilon is clipped below 0 alone: where it is above 1 the result is below 0": (
     "1 - max(eps, 0)"),
    "epsilon is held at eps_min or above, which belongs to 'linear' alone": (
     "1 - clip(max(eps, eps_min))"),
    "the result is held at eps_min or above; eps_min is the smallest epsilon": (
     "max(eps_min, 1 - clip(eps))"),
    "the result is held at eps_min or below; eps_min is the smallest epsilon": (
     "min(eps_min, 1 - clip(eps))"),
    "the result is in per cent, 100 times what it has to be": "100 * (1 - clip(eps))",
    "epsilon is returned, in per cent": "100 * clip(eps)",
    "the result is half of what it has to be": "(1 - clip(eps)) / 2",
    "the result is twice what it has to be": "2 * (1 - clip(eps))",
    "the result is squared": "(1 - clip(eps)) ** 2",
    "epsilon is squared, or its exponent doubled": "1 - clip(eps) ** 2",
    "the result is the square root of what it has to be": "sqrt(1 - clip(eps))",
    "the square root of epsilon is taken, or its exponent halved": "1 - sqrt(clip(eps))",
    "the result is negative: epsilon - 1 in place of 1 - epsilon": "clip(eps) - 1",
    "the logarithm of epsilon is returned, negative": "-log(never_0(clip(eps)))",
    "one is divided by epsilon": "1 / never_0(clip(eps))",
    "(1 - epsilon) / epsilon is returned, the odds": "(1 - clip(eps)) / never_0(clip(eps))",
    "epsilon * (1 - epsilon) is returned": "clip(eps) * (1 - clip(eps))",
    "the result only says whether it is above 0.5": "(1 - clip(eps) > 0.5) * 1.0",
}  # fmt: skip


def finished(eps: Array) -> Array:
    """Return the result of epsilon, the right way."""
    result: Array = 1 - np.clip(eps, 0, 1)
    return result


def results() -> dict[str, Callable[[Array, Array], Array]]:
    """Return wrong ways from epsilon and eps_min to the result by their words."""
    return {words: _formula(done, "eps, eps_min") for words, done in _RESULTS.items()}
