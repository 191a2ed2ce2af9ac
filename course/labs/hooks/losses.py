"""Two trainings whose losses fall alike, and one of whose gradients is wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from course.engine import (
    Batch,
    Parameters,
    Tape,
    backward,
    context_from,
    cross_entropy,
    forward,
    initial_parameters,
)
from course.engine.decoder import context_backward
from course.engine.numerics import Array
from course.engine.optim import Adam, clip_by_norm
from course.engine.parameters import DECODER_NAMES
from course.figures.chart import FORCED, Chart, Line, Panel
from course.figures.drawing import Drawing
from course.labs.hooks.case import TASK, OscillationCase, plainest
from course.labs.page.errors import PASSES, errors_chart, largest, relative_error
from course.labs.page.state import State
from course.tasks import find_task

LOSSES, CHECK = "the losses", "the gradient check"
HIDDEN_DIM, COLUMNS, UPDATES, SEED = 16, 16, 100, 0
#: The last of a loss is the mean over so many updates.
LAST = 20
#: The check: of so many elements of each array, on so many steps of one sequence.
ELEMENTS, CHECKED_STEPS, CHECK_STEP = 12, 12, 1e-5


@dataclass
class ForcedTraining:
    """One training of an RNN by teacher forcing.

    Attributes
    ----------
    learning_rate : float
    transposes : bool
        Whether its way back takes ``W_hh.T`` to the state before, as it should, or ``W_hh``.
    losses : list of float
        By update, nats per token.
    """

    learning_rate: float
    transposes: bool
    losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        shape = find_task(TASK).shape("rnn", HIDDEN_DIM)
        self.model = initial_parameters(shape, np.random.default_rng(SEED), np.float64)
        self._adam = Adam(self.model.flat.size, self.model.flat.dtype)
        self._batches = np.random.default_rng(1)
        self._tape: Tape | None = None

    def update(self) -> bool:
        """Make an update; say whether there are more."""
        batch = find_task(TASK).draw(COLUMNS, self._batches)
        loss, gradients, self._tape = self.gradient(batch, self._tape)
        clip_by_norm(gradients.flat, 1.0)
        self._adam.update(self.model.flat, gradients.flat, self.learning_rate)
        self.losses.append(loss)
        return len(self.losses) < UPDATES

    def gradient(self, batch: Batch, tape: Tape | None = None) -> tuple[float, Parameters, Tape]:
        """Return the loss, what the way back takes for its gradient, and the tape."""
        model, gradients = self.model, self.model.zeros_like()
        context = context_from(model, batch.features)
        tape = forward("rnn", model, context, batch.tokens, tape=tape)
        loss, d_logits = cross_entropy(tape.logits, batch.tokens)
        if not self.transposes:  # the way back takes the weights from the tape
            O, H = model["W_hy"].shape
            tape.weights[O:, -H:] = model["W_hh"].T
        d_context = backward(model, tape, d_logits, gradients)
        context_backward(batch.features, context, d_context, gradients)
        return loss, gradients, tape

    def last(self) -> float:
        """Return the mean loss of the last updates."""
        return float(np.mean(self.losses[-LAST:]))

    @cached_property
    def errors(self) -> dict[str, float]:
        """Relative error of each array's gradient against central differences."""
        batch = find_task(TASK).draw_test(1, np.random.default_rng(0))
        batch = Batch(batch.features, batch.tokens[:CHECKED_STEPS])
        _, gradients, tape = self.gradient(batch)
        return {name: self._error(name, gradients[name], batch, tape) for name in DECODER_NAMES}

    def _error(self, name: str, analytic: Array, batch: Batch, tape: Tape) -> float:
        flat, context = self.model[name].reshape(-1), context_from(self.model, batch.features)
        largest = np.argsort(-abs(analytic.reshape(-1)), kind="stable")[:ELEMENTS]
        numeric = np.zeros(len(largest))
        for k, element in enumerate(largest):
            kept, losses = flat[element], []
            for step in (CHECK_STEP, -CHECK_STEP):
                flat[element] = kept + step
                logits = forward("rnn", self.model, context, batch.tokens, tape=tape).logits
                losses.append(cross_entropy(logits, batch.tokens)[0])
            flat[element] = kept
            numeric[k] = (losses[0] - losses[1]) / (2 * CHECK_STEP)
        theirs = analytic.reshape(-1)[largest]
        return relative_error(numeric, theirs)


@dataclass
class TwoLosses(State):
    """Lesson 5: two losses fall alike, and a check tells whose gradient is wrong.

    Attributes
    ----------
    look, sequence
        What the controls set.
    courses : dict of str to ForcedTraining
        By a letter.
    """

    SETTING = ("look", "sequence")

    look: str = LOSSES
    sequence: int = 0
    courses: dict[str, ForcedTraining] = field(
        default_factory=lambda: {
            "A": ForcedTraining(0.015, False),
            "B": ForcedTraining(0.008, True),
        }
    )

    def _trained(self) -> bool:
        return all(len(course.losses) == UPDATES for course in self.courses.values())

    def advance(self, budget_s: float) -> bool:
        """Train both, an update of each in turn."""
        end_s = time.perf_counter() + budget_s
        while not self._trained():
            for course in self.courses.values():
                course.update()
            if time.perf_counter() > end_s:
                return True
        return False

    @cached_property
    def cases(self) -> dict[str, OscillationCase]:
        """The two models, when both are trained."""
        return {name: OscillationCase(course.model) for name, course in self.courses.items()}

    @cached_property
    def sequences(self) -> Array:
        """Those on which both are wrong as often, the least wrong first."""
        a, b = (case.wrong(case.forced) for case in self.cases.values())
        return plainest(abs(a - b) > 1, a + b)

    def things(self) -> tuple[Drawing, ...]:
        """Return what both write, fed the truth."""
        if not self._trained():
            return ()
        n = self.sequences[self.sequence]
        return tuple(
            case.thing(n, case.forced, f"model {name}", FORCED) for name, case in self.cases.items()
        )

    def words(self) -> str:
        """Say what the losses are, or what the check finds."""
        if not self._trained():
            return "Two RNNs are trained."
        rates = " and ".join(
            f"{name} at a rate of {course.learning_rate:g}" for name, course in self.courses.items()
        )
        losses = ", ".join(f"{name} {course.last():.2f}" for name, course in self.courses.items())
        wrong = ", ".join(
            f"{name} {case.percent(case.forced):.0f} %" for name, case in self.cases.items()
        )
        found = ". ".join(thing.finding for thing in self.things())
        said = (
            f"Two RNNs, trained for {UPDATES} updates on the same batches, {rates}: one of them "
            f"goes by a wrong gradient. Loss over the last {LAST} updates, in nats: {losses}. "
            f"Levels that are wrong over {self.cases['A'].columns} test sequences, fed the truth: "
            f"{wrong}. {found}."
        )
        if self.look == LOSSES:
            return said
        return f"{said} The check: {self._found()}"

    def _found(self) -> str:
        told = []
        for name, course in self.courses.items():
            worst = largest(course.errors)
            error = course.errors[worst]
            told.append(
                f"{name} passes, with relative errors below 1e-6."
                if error < PASSES
                else f"{name} fails, with a relative error of {error:.2f} in {worst}: its way back "
                "multiplies by W_hh where W_hh.T belongs."
            )
        return " ".join(told)

    def charts(self) -> tuple[Chart, ...]:
        """Return the losses by update, or the relative errors by array."""
        return (self._losses() if self.look == LOSSES else self._errors(),)

    def _losses(self) -> Chart:
        a, b = self.courses.values()
        panel = Panel("update", "loss (nats per token)", (0, UPDATES), (0, 3), width=620)
        x = np.arange(float(len(a.losses)))
        marks = [
            Line(x, np.array(b.losses), "reference", "B"),
            Line(x, np.array(a.losses), "mixed", "A"),
        ]
        said = "Two losses fall alike"
        if self._trained():
            said += f": {a.last():.2f} nats for A at last, {b.last():.2f} for B"
        return Chart(said, panel, marks, f"Line chart of two losses in nats by update. {said}.")

    def _errors(self) -> Chart:
        checked = {name: course.errors for name, course in self.courses.items()}
        wrong = [name for name, errors in checked.items() if max(errors.values()) > PASSES]
        return errors_chart(checked, f"The gradient of {' and '.join(wrong)} is wrong")
