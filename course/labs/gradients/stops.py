"""Where the gradient stops: a way back, checked on tokens that are fed, and on mixtures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import InitVar, dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from course.engine import ModelShape, cross_entropy, initial_parameters, one_hot, softmax
from course.engine.numerics import Array, central_difference
from course.figures.chart import Chart
from course.figures.drawing import Drawing, text
from course.labs.calling.functions import MEND, LearnersFunction, Unfinished
from course.labs.gradients.right import rnn_decoder_backward
from course.labs.page.errors import PASSES, errors_chart, largest, relative_error, told
from course.labs.page.state import State

#: A softmax of so many times the logits is fed; without end it is the argmax.
ALPHAS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0, np.inf)
#: What the way back takes the choice for: it ends there, or goes on through a softmax.
DATA, MIXTURE = "as data", "as a mixture"
STEPS, TOKENS, HIDDEN_DIM = 6, 5, 4
CHECK_STEP = 1e-5


#: From the state before, inputs, parameters and gradients by the logits to gradients.
WayBack = Callable[[Array, Array, dict[str, Array], Array], dict[str, Array]]


@dataclass
class Stops(State):
    """A small decoder that runs free, and its gradients checked.

    Attributes
    ----------
    function : callable
        The learner's ``rnn_decoder_backward``.
    check : callable, optional
        The learner's ``gradient_check``; the lab's own without it.
    alpha : float
        What the control sets: each step is fed ``softmax(alpha * logits)`` of the one before.
    choice : {"as data", "as a mixture"}
        How the way back treats that. Where a token is fed, and gone back through as if it had
        been ``softmax(logits)``, it is straight-through.
    """

    SETTING = ("alpha", "choice")

    function: InitVar[Callable[..., Any]]
    check: InitVar[Callable[..., Any] | None] = None
    alpha: float = np.inf
    choice: str = DATA

    def __post_init__(self, function: Callable[..., Any], check: Callable[..., Any] | None) -> None:
        self._function = LearnersFunction(function)
        self._check = LearnersFunction(check) if check else None
        self._errors: dict[tuple[float, str], dict[str, float]] = {}
        self._fault = ""

    @cached_property
    def _decoder(self) -> tuple[dict[str, Array], Array, Array]:
        """The parameters, the context and the tokens to be written."""
        rng = np.random.default_rng(5)
        shape = ModelShape("rnn", 0, TOKENS, HIDDEN_DIM, TOKENS)
        model = initial_parameters(shape, rng, np.float64)
        model.flat[...] *= 2
        model["x_start"][...] = rng.normal(size=TOKENS)
        return model.decoder_params(), rng.normal(size=HIDDEN_DIM), rng.integers(0, TOKENS, STEPS)

    def _run(self, params: dict[str, Array]) -> tuple[Array, Array, Array]:
        """Return logits (T, O) of a free run, what was fed, (T, I), and the states before it."""
        _, h, _ = self._decoder
        x, fed, logits, states = params["x_start"], [], [], []
        for _ in range(STEPS):
            fed.append(x)
            states.append(h)
            h = np.tanh(params["W_xh"] @ x + params["b_xh"] + params["W_hh"] @ h + params["b_hh"])
            logits.append(params["W_hy"] @ h + params["b_y"])
            x = chosen(logits[-1], self.alpha)
        return np.array(logits), np.array(fed), np.array(states)

    def _loss(self, params: dict[str, Array]) -> tuple[float, Array]:
        logits = self._run(params)[0][:, :, None]
        loss, d_logits = cross_entropy(logits, self._decoder[2][:, None])
        return loss, d_logits[:, :, 0]

    def advance(self, budget_s: float) -> bool:
        """Check the gradients of the present feed."""
        renewed = [one.renew() for one in (self._function, self._check) if one]
        if any(renewed):
            self._errors.clear()
            self._fault = ""
        self._checked()
        return False

    def ahead(self, budget_s: float) -> bool:
        """Check those of the others."""
        end_s, present = time.perf_counter() + budget_s, (self.alpha, self.choice)
        positions = list(product(ALPHAS, (DATA, MIXTURE)))
        try:
            for self.alpha, self.choice in positions:
                if (self.alpha, self.choice) not in self._errors:
                    self._checked()
                    if time.perf_counter() > end_s:
                        break
        finally:
            self.alpha, self.choice = present
        return len(self._errors) < len(positions)

    def _checked(self) -> dict[str, float]:
        """Return the relative error of each array's gradient."""
        at = self.alpha, self.choice
        if at not in self._errors:
            self._errors[at] = self._measured()
        return self._errors[at]

    def _gone_back(self, go_back: WayBack) -> dict[str, Array]:
        """Return the gradients by all parameters, through the choice where it is a mixture.

        A way back that begins at step t gives, as the gradient by x_start, that by what step t was
        fed. Through the softmax it goes on into the logits of step t - 1.
        """
        params, context, _ = self._decoder
        logits, fed, states = self._run(params)
        d_logits = self._loss(params)[1].copy()
        sharp = self.alpha if np.isfinite(self.alpha) else 1.0
        for t in range(STEPS - 1, 0, -1) if self.choice == MIXTURE else ():
            d_fed = go_back(states[t], fed[t:], params, d_logits[t:])["x_start"]
            p = chosen(logits[t - 1], sharp)
            d_logits[t - 1] += sharp * p * (d_fed - p @ d_fed)
        return go_back(context, fed, params, d_logits)

    def _measured(self) -> dict[str, float]:
        params, context, _ = self._decoder
        right = theirs = self._gone_back(lambda *given: rnn_decoder_backward(*given)[0])
        shapes = {name: array.shape for name, array in params.items()}
        wanted: list[Any] = [("gradients", shapes), ("d_context", context.shape)]
        try:
            theirs = self._gone_back(lambda *given: self._function(wanted, *given)[0])
        except Unfinished as error:
            self._fault = f"{error.why} The picture shows the engine's way back. {MEND}"
        if any(relative_error(theirs[name], right[name]) > PASSES for name in params):
            self._fault = (
                f"{self._function.name} differs from what is expected: it fails the check however "
                f"the decoder is fed. checks.check({self._function.name}) says more."
            )
        own = self._own_check(params, theirs)
        if self._check is None:
            return own
        try:
            errors = self._check(
                dict.fromkeys(params, ()),
                lambda params: self._loss(params)[0],
                params,
                theirs,
                CHECK_STEP,
            )
        except Unfinished as error:
            self._fault = self._fault or f"{error.why} Until then the lab checks itself. {MEND}"
            return own
        said = {name: float(errors[name]) for name in params}
        if any((said[name] < PASSES) != (own[name] < PASSES) for name in params):
            self._fault = self._fault or (
                f"{self._check.name} does not find what is expected: the picture shows what it "
                f"finds. checks.check({self._check.name}) says more."
            )
        return said

    def _own_check(self, params: dict[str, Array], theirs: dict[str, Array]) -> dict[str, float]:
        def numeric(name: str) -> Array:
            return central_difference(
                lambda array: self._loss({**params, name: array})[0], params[name], CHECK_STEP
            )

        return {name: relative_error(numeric(name), theirs[name]) for name in params}

    def message(self) -> str:
        """Say what is wrong with the learner's functions."""
        return self._fault

    def _passes(self) -> bool:
        return max(self._checked().values()) < PASSES

    def words(self) -> str:
        """Say whether the check passes, and why."""
        errors = self._checked()
        name = largest(errors)
        size = told(errors[name]) + f" in {name}" * (not self._passes())
        said = f"{_fed(self.alpha)}, and {_back(self.alpha, self.choice)}. "
        verdict = "passes" if self._passes() else "fails"
        said += f"The check {verdict}: the largest relative error is {size}."
        if self.choice == MIXTURE and self.alpha != 0:
            return (
                f"{said} What goes back through the mixture is all that the check had missed."
                if np.isfinite(self.alpha)
                else f"{said} A small change of a weight changes no token: what was sent through "
                "the choice is no part of this loss's gradient."
            )
        if not np.isfinite(self.alpha):
            return (
                f"{said} A small change of a weight changes no token, so nothing is left out where "
                "the way back sends no gradient through the choice."
            )
        if self.alpha == 0:
            return f"{said} Such a mixture is always the same, whatever the logits are."
        return (
            f"{said} A small change of a weight changes the mixture: the way back, which takes "
            "what was fed as given, leaves that part out."
        )

    def things(self) -> tuple[Drawing, ...]:
        """Return what each step is fed."""
        fed = self._run(self._decoder[0])[1]
        return (_drawn(fed[1:], _fed(self.alpha)),)

    def charts(self) -> tuple[Chart, ...]:
        """Return the relative error of each array."""
        errors = self._checked()
        passed = sum(error < PASSES for error in errors.values())
        return (errors_chart({"": errors}, f"{passed} of {len(errors)} gradients pass the check"),)


def chosen(logits: Array, alpha: float) -> Array:
    """Return what is fed after logits (O,): a mixture of tokens, or the argmax as one-hot.

    >>> chosen(np.array([0.0, np.log(3)]), 1.0), chosen(np.array([0.0, 1.0]), np.inf)
    (array([0.25, 0.75]), array([0., 1.]))
    """
    if not np.isfinite(alpha):
        return one_hot(logits[:, None].argmax(axis=0), len(logits))[:, 0]
    return softmax(alpha * logits[:, None])[:, 0]


def _fed(alpha: float) -> str:
    if not np.isfinite(alpha):
        return "Fed its argmax, a token"
    return f"Fed softmax({alpha:g} × logits), a mixture of tokens"


def _back(alpha: float, choice: str) -> str:
    if choice == DATA:
        return "taken as data on the way back"
    if np.isfinite(alpha):
        return "gone back through it"
    return "gone back as if it had been softmax(logits), which is called straight-through"


def _drawn(fed: Array, finding: str) -> Drawing:
    """Draw what is fed: a column of boxes for each step, the fuller the more of that token."""
    left, top, across, down = 98, 8, 42, 24
    parts = []
    for token in range(TOKENS):
        parts.append(text(left - 8, top + (token + 0.7) * down, f"token {token}", anchor="end"))
        for t, row in enumerate(fed):
            parts.append(
                f'<rect class="pixel" x="{left + t * across}" y="{top + token * down}" '
                f'width="{across - 4}" height="{down - 4}" style="fill-opacity:{row[token]:.2f}"/>'
            )
    bottom = top + TOKENS * down + 14
    for t in range(len(fed)):
        parts.append(text(left + t * across + 19, bottom, str(t + 1), anchor="middle"))
    parts.append(text(left - 8, bottom, "fed at step", anchor="end"))
    each = "; ".join(" ".join(f"{part:.2f}" for part in row) for row in fed)
    alt = f"Columns of boxes, how much of each token is fed at each step: {each}. {finding}."
    return Drawing(finding, alt, 620, bottom + 8, "".join(parts))
