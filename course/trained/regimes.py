"""Ways of training: a schedule of `sampling_prob`, how a token is chosen, and when a coin falls.

A regime is known by its name, in files, results and sliders alike: ``p0.50`` keeps
`sampling_prob` at 0.5; ``linear``, ``exponential`` and ``inverse_sigmoid`` raise it from 0 to 1
as Bengio et al. 2015 do. ``-sample`` behind it feeds a sample in place of the argmax, and
``-sequence`` tosses one coin per sequence in place of one per step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from course.engine import Schedule, constant, ramp
from course.engine.feeding import Choice, Coin

Kind = Literal["constant", "linear", "exponential", "inverse_sigmoid"]

TEACHER_FORCING = "p0.00"
CONSTANT = ("p0.00", "p0.25", "p0.50", "p0.75", "p1.00")
SCHEDULED = ("linear", "exponential", "inverse_sigmoid")

_SHORT = {"linear": "lin", "exponential": "exp", "inverse_sigmoid": "isig"}


@dataclass(frozen=True)
class Regime:
    """One way of training.

    Attributes
    ----------
    name : str
    kind : {"constant", "linear", "exponential", "inverse_sigmoid"}
    sampling_prob : float or None
        Of a constant one.
    choice : {"argmax", "sample"}
    coin : {"step", "sequence"}
    """

    name: str
    kind: Kind
    sampling_prob: float | None
    choice: Choice = "argmax"
    coin: Coin = "step"

    @property
    def title(self) -> str:
        """What a reader calls it."""
        if self.sampling_prob is None:
            said = f"{self.kind.replace('_', ' ')}, 0 to 1"
        else:
            said = f"{self.sampling_prob:g}"
            said += {0.0: " (teacher forcing)", 1.0: " (always its own)"}.get(
                self.sampling_prob, ""
            )
        said += ", sampled" if self.choice == "sample" else ""
        return said + (", a coin a sequence" if self.coin == "sequence" else "")

    @property
    def short(self) -> str:
        """What an axis has room for."""
        if self.sampling_prob is None:
            return _SHORT[self.kind]
        return f"{self.sampling_prob:g}".removeprefix("0") or "0"

    def schedule(self, updates: int) -> Schedule:
        r"""Return `sampling_prob` by training step, for a run of so many updates.

        Linear reaches 1 at 80 % of them; exponential has an :math:`\epsilon` of 0.05 there;
        inverse sigmoid has k = updates / 12.
        """
        if self.sampling_prob is not None:
            return constant(self.sampling_prob)
        if self.kind == "linear":
            return ramp(1.0, round(0.8 * updates))
        if self.kind == "exponential":
            return Schedule("exponential", k=0.05 ** (1 / (0.8 * updates)))
        return Schedule("inverse_sigmoid", k=updates / 12)


def find_regime(name: str) -> Regime:
    """Return the regime of this name.

    >>> find_regime("p0.50-sample").title
    '0.5, sampled'

    Raises
    ------
    ValueError
        Where the name means none.
    """
    main, *marks = name.split("-")
    choice: Choice = "sample" if "sample" in marks else "argmax"
    coin: Coin = "sequence" if "sequence" in marks else "step"
    if not set(marks) <= {"sample", "sequence"} or len(set(marks)) < len(marks):
        raise ValueError(f"a regime is marked '-sample' or '-sequence' alone, got {name!r}")
    for kind in ("linear", "exponential", "inverse_sigmoid"):
        if main == kind:
            return Regime(name, kind, None, choice, coin)
    try:
        probability = float(main.removeprefix("p"))
    except ValueError:
        probability = float("nan")
    if main != f"p{probability:.2f}" or not 0 <= probability <= 1:
        raise ValueError(f"a regime is called p0.00 to p1.00, {', '.join(SCHEDULED)}; got {name!r}")
    return Regime(name, "constant", probability, choice, coin)
