"""How a way back may make its states again, and the slope of tanh there: rightly, and otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Made(NamedTuple):
    """One way of making a part, and what to say of it where it is not due."""

    words: str
    make: Callable[..., Any]


#: The slope of tanh, by the new state and the one before.
SLOPES = (
    Made("", lambda new, old: 1 - new**2),
    Made("the slope of tanh is taken at h[t], and h[t+1] is due", lambda new, old: 1 - old**2),
    Made("the slope of tanh is 1 - h, and 1 - h**2 is due", lambda new, old: 1 - new),
    Made("the slope of tanh is (1 - h)**2, and 1 - h**2 is due: the square is of h alone",
          lambda new, old: (1 - new) ** 2),
    Made("the slope is h * (1 - h), a sigmoid's, and 1 - h**2 is due",
          lambda new, old: new * (1 - new)),
    Made("the slope of tanh, 1 - h**2, is left out", lambda new, old: 0 * new + 1),
    Made("the slope of tanh is 1 - |h|, and 1 - h**2 is due", lambda new, old: 1 - np.abs(new)),
    Made("the slope of tanh is 1 + h**2, and 1 - h**2 is due", lambda new, old: 1 + new**2),
    Made("the slope of tanh is h**2, and 1 - h**2 is due", lambda new, old: new**2),
    Made("the slope of tanh is -h**2, and 1 - h**2 is due", lambda new, old: -(new**2)),
    Made("the slope of tanh is h**2 - 1, and 1 - h**2 is due", lambda new, old: new**2 - 1),
    Made("the slope of tanh is multiplied twice", lambda new, old: (1 - new**2) ** 2),
    Made("the slope is that of the tanh of h, and h is that tanh already: 1 - h**2",
          lambda new, old: 1 - np.tanh(new) ** 2),
)  # fmt: skip

#: How the states are run again, which no other slip is tried beside.
STATES = tuple(
    Made(f"the states are run again {words}", make)
    for words, make in (
        ("without b_hh", lambda a, u, x, h, params: np.tanh(a + params["W_hh"] @ h)),
        ("without b_xh", lambda a, u, x, h, params: np.tanh(params["W_xh"] @ x + u)),
        ("without a bias", lambda a, u, x, h, params: np.tanh(
            params["W_xh"] @ x + params["W_hh"] @ h)),
        ("without the state before, W_hh @ h", lambda a, u, x, h, params: np.tanh(a)),
        ("without tanh", lambda a, u, x, h, params: a + u),
        ("with the sigmoid in place of tanh", lambda a, u, x, h, params: 1 / (1 + np.exp(-a - u))),
        ("without the input, W_xh @ fed[t] + b_xh", lambda a, u, x, h, params: np.tanh(u)),
        ("with arctan in place of tanh", lambda a, u, x, h, params: np.arctan(a + u)),
        ("with a sine in place of tanh", lambda a, u, x, h, params: np.sin(a + u)),
        ("with the product of the two sums in place of theirs", lambda a, u, x, h, params: np.tanh(
            a * u)),
        ("with W_hh transposed", lambda a, u, x, h, params: np.tanh(
            a + params["W_hh"].T @ h + params["b_hh"])),
    )
)  # fmt: skip
