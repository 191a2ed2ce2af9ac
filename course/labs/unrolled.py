"""The decoder unrolled, step by step: what it was fed, and what it said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import InitVar, dataclass
from typing import Any

import numpy as np

from course.engine import Batch, Parameters, context_from, forward, one_hot, scheduled_sampling
from course.engine.numerics import Array
from course.figures import cards
from course.figures.drawing import Drawing, figure_html
from course.figures.sheet import cards_sheet
from course.labs.calling.feeds import read_feeds
from course.labs.calling.functions import LearnersFunction, Unfinished
from course.labs.calling.stand_in import decoder_forward_scheduled_sampling
from course.labs.page.controls import button, slider
from course.labs.page.models import Models, TaskView, heading, shipped
from course.labs.page.state import State
from course.labs.page.view import LabView
from course.labs.page.written import token_names, written
from course.tasks import find_task

__all__ = ["unrolled"]

SOLVED = {"unrolled": decoder_forward_scheduled_sampling}

SEQUENCES = 20
PLAY_S = 0.7


@dataclass(frozen=True)
class UnrolledRun:
    """One run of the learner's function.

    Attributes
    ----------
    truth, said : int array (T,)
        The right tokens, and the argmax of each row of logits.
    fed : str
        A letter for each step: S start, T truth, O the model's own, = where both are the same
        token and nobody can tell, ? neither.
    asked : str
        T or O for each step whose input is known beforehand, and = for the others.
    confidence : array (T,)
        Probability that the model gave to what it said.
    """

    truth: Array
    said: Array
    fed: str
    asked: str
    confidence: Array


@dataclass
class Unrolled(State):
    """The learner's function on one sequence, shown up to a step.

    Attributes
    ----------
    function : callable
        ``decoder_forward_scheduled_sampling``, or ``decoder_forward_teacher_forcing``: then the
        lab throws the coins and feeds the function, step by step, what they say.
    load : callable
        From a task's name and a cell type to a trained model.
    task, cell, sampling_prob, sequence, coins, step
        What the controls set; `step` counts the steps that are shown.
    """

    SETTING = ("step", "sampling_prob", "cell", "task", "sequence", "coins")

    function: InitVar[Callable[..., Any]]
    load: Callable[[str, str], Parameters]
    task: str = "osc"
    cell: str = "gru"
    sampling_prob: float = 0.5
    sequence: int = 0
    coins: int = 0
    step: int = 0

    def __post_init__(self, function: Callable[..., Any]) -> None:
        self._function = LearnersFunction(function)
        self._kept: dict[tuple[Any, ...], UnrolledRun | str] = {}

    @property
    def only_forces(self) -> bool:
        """Whether the learner's function knows nothing of coins."""
        return "teacher_forcing" in self._function.name

    @property
    def steps(self) -> int:
        """How many steps the sequence has."""
        return find_task(self.task).steps

    def _sequence(self) -> Batch:
        batch = find_task(self.task).draw_test(SEQUENCES, np.random.default_rng(2015))
        return batch.take(np.array([self.sequence]))

    def _setting(self) -> tuple[Any, ...]:
        return (self.task, self.cell, self.sampling_prob, self.sequence, self.coins)

    def run(self) -> UnrolledRun | str:
        """Return the run of the present setting, or what is wrong with the function."""
        at = self._setting()
        if at not in self._kept:
            while len(self._kept) >= 100:
                self._kept.pop(next(iter(self._kept)))
            try:
                self._kept[at] = self._made()
            except Unfinished as error:
                self._kept[at] = str(error)
        return self._kept[at]

    def _made(self) -> UnrolledRun:
        given = self.load(self.task, self.cell)
        parameters = Parameters(given.shape, given.flat.astype(np.float64))
        batch = self._sequence()
        context, truth = context_from(parameters, batch.features), batch.tokens
        target = one_hot(truth, given.shape.output_dim)[:, :, 0]
        rng = np.random.default_rng([self.coins, self.sequence])
        coins = {0.0: "T", 1.0: "O"}.get(self.sampling_prob, "=") * len(target)
        if self.only_forces:
            coins = "".join(np.where(rng.random(len(target)) < self.sampling_prob, "O", "T"))
            logits = self._forced(context[:, 0], target, parameters.decoder_params(), coins)
        else:
            logits = self._function(
                target.shape,
                context[:, 0],
                target,
                parameters.decoder_params(),
                self.sampling_prob,
                self.cell,
                rng=rng,
            )
        probability = np.exp(logits - logits.max(axis=1, keepdims=True))
        probability /= probability.sum(axis=1, keepdims=True)
        [fed] = read_feeds(logits[:, :, None], parameters, context, truth)
        fed = "".join(
            coin if letter == "=" else letter for letter, coin in zip(fed, coins, strict=True)
        )
        return UnrolledRun(truth[:, 0], logits.argmax(axis=1), fed, coins, probability.max(axis=1))

    def _forced(self, context: Array, target: Array, params: dict[str, Array], coins: str) -> Array:
        """Have the learner's function feed what the lab's coins say."""
        shape, fed = target.shape, target.copy()
        logits = self._function(shape, context, fed, params, self.cell)
        for t in range(1, len(target)):
            if coins[t] == "O":
                fed[t - 1] = np.eye(shape[1])[logits[t - 1].argmax()]
                logits = self._function(shape, context, fed, params, self.cell)
        return logits

    def advance(self, budget_s: float) -> bool:
        """Make the run; a single one is quick."""
        if self._function.renew():
            self._kept.clear()
        self.step = min(max(self.step, 0), self.steps - 1)
        self.run()
        return False

    def message(self) -> str:
        """Say what is wrong with the learner's function."""
        run = self.run()
        if isinstance(run, str):
            return run
        more = f"checks.check({self._function.name}) says more."
        if "?" in run.fed:
            step = run.fed.index("?")
            return (
                f"Step {step} was fed neither target_seq[{step - 1}] nor the model's own token, "
                f"or its row is not W_hy @ h + b_y: {more}"
                if step
                else "Row 0 is not what the context and x_start give: is x_start fed, is the "
                f"context the first h, is the row W_hy @ h + b_y? {more}"
            )
        step = next((t for t in range(1, self.steps) if {run.fed[t], run.asked[t]} == {*"TO"}), 0)
        if step == 0:
            return ""
        if self.only_forces:
            return (
                f"Step {step} was fed the model's own token, not the row of target_seq that the "
                f"function was given: {more}"
                if run.fed[step] == "O"
                else f"Step {step} was not fed the row of target_seq that the function was given: "
                f"{more}"
            )
        tokens = {"T": "the truth", "O": "the model's own token"}
        return (
            f"At sampling_prob = {self.sampling_prob:g} every step after the first is fed "
            f"{tokens[run.asked[step]]}; step {step} was fed {tokens[run.fed[step]]}: {more}"
        )

    def words(self) -> str:
        """Say what happened at the step, and up to it."""
        run = self.run()
        if isinstance(run, str):
            return "The picture shows the true tokens alone."
        t, names = self.step, token_names(self.task)
        fed = {
            "S": "x_start, as always",
            "T": f"the truth, {names[run.truth[t - 1]]}",
            "O": f"its own token, {names[run.said[t - 1]]}"
            + (" (which is the truth)" if run.said[t - 1] == run.truth[t - 1] else ""),
            "=": f"{names[run.truth[t - 1]]}, the truth and its own token alike",
            "?": "something that cannot be told"
            if "?" in run.fed[:t]
            else "neither the truth nor its own token",
        }[run.fed[t]]
        right = run.said[t] == run.truth[t]
        verdict = "which is right" if right else f"but the truth is {names[run.truth[t]]}"
        wrong = int((run.said[: t + 1] != run.truth[: t + 1]).sum())
        return (
            f"Step {t} of {self.steps - 1}: fed {fed}. It predicts {names[run.said[t]]} with "
            f"probability {run.confidence[t]:.2f}, {verdict}. So far {_counted(run.fed[: t + 1])}"
            f"{wrong} of {t + 1} predictions are wrong."
        )

    def things(self) -> tuple[Drawing, ...]:
        """Return what was written up to the present step."""
        run, batch = self.run(), self._sequence()
        shown = self.steps if isinstance(run, str) else self.step + 1
        said = None if isinstance(run, str) else run.said[:shown]
        return (written(self.task, batch.tokens[:shown, 0], said, batch.features[:, 0]),)

    def picture(self) -> str:
        """Draw what was written up to the present step, and below it a card for each step."""
        run, names = self.run(), token_names(self.task)
        thing = "".join(map(figure_html, self.things()))
        if isinstance(run, str):
            truth = [names[token] for token in self._sequence().tokens[:, 0]]
            return thing + cards.unrolled(truth, None, None, len(truth) - 1)
        truth, said = ([names[token] for token in tokens] for tokens in (run.truth, run.said))
        return thing + cards.unrolled(truth, said, run.fed, self.step)


def _counted(fed: str) -> str:
    """Say how many inputs were the model's own, as far as that can be told."""
    if "?" in fed:
        return ""
    own, alike = fed.count("O"), fed.count("=")
    either = f"{alike} were truth and own token alike, " if alike else ""
    return f"{own} of {len(fed) - 1} inputs were its own, {either}and "


class UnrolledView(TaskView):
    """The lab with its buttons: play, step, back, new coins."""

    state: Unrolled

    def __init__(self, models: Models, state: Unrolled, *given: Any) -> None:
        self.play = button("Play", "Show one step after another")
        self.back = button("Back", "One step back")
        self.forth = button("Step", "One step on")
        self.throw = button("New coins", "Toss the coins again")
        self._playing, self._plays = False, 0
        buttons = (self.back, self.forth, self.play, self.throw)
        super().__init__(models, state, *given, buttons)
        for pressed, call in (
            (self.play, self._toggle),
            (self.back, lambda: self._go(-1)),
            (self.forth, lambda: self._go(1)),
            (self.throw, self._throw),
        ):
            pressed.on_click(lambda _, call=call: self.guarded(call))
        self.controls["task"].observe(lambda _: self.guarded(self._fit), "value")

    def _fit(self) -> None:
        """Make the slider of steps as long as the sequence."""
        slide, last = self.controls["step"], self.state.steps - 1
        slide.value, slide.max = min(slide.value, last), last

    def _go(self, by: int) -> None:
        slide = self.controls["step"]
        slide.value = min(max(slide.value + by, 0), slide.max)

    def _throw(self) -> None:
        self.set(coins=self.state.coins + 1)

    def _toggle(self) -> None:
        self._playing = not self._playing
        self.play.description = "Pause" if self._playing else "Play"
        slide = self.controls["step"]
        if self._playing:
            if slide.value == slide.max:
                slide.value = 0
            self._plays += 1
            self._one_on_later(self._plays)

    def _one_on_later(self, play: int) -> None:
        self.turns.later(PLAY_S, lambda: self.guarded(lambda: self._one_on(play)))

    def _one_on(self, play: int) -> None:
        """Go one step on, unless Pause was pressed since, or Pause and then Play again."""
        slide = self.controls["step"]
        if not self._playing or play != self._plays:
            return
        self._go(1)
        if slide.value == slide.max:
            self._toggle()
        else:
            self._one_on_later(play)


def unrolled(
    function: Callable[..., Any], prediction: str | None = None, *, models: Models | None = None
) -> LabView:
    """Open the lab on the learner's own function.

    Parameters
    ----------
    function : callable
        ``decoder_forward_teacher_forcing`` or ``decoder_forward_scheduled_sampling``.
    prediction : str, optional
        What the learner wrote down before.
    models : Models, optional
        Others than those that come with the course.
    """
    models = models or shipped()
    state = Unrolled(function, models.load, *models.first())
    if state.only_forces:  # the lab opens on what the lesson is about
        state.sampling_prob = 0.0
    controls = {
        "step": slider("step", 0, 0, state.steps - 1, 1),
        "sampling_prob": slider("sampling_prob (0 to 1)", state.sampling_prob, 0.0, 1.0, 0.05),
        **models.choosers(state.task, state.cell),
        "sequence": slider("sequence (number)", 0, 0, SEQUENCES - 1, 1),
    }
    return UnrolledView(models, state, controls, prediction)


def still() -> str:
    """Draw the lab as it is after its last step."""
    task, cell, sampling_prob = "osc", "gru", 0.5
    parameters = shipped().load(task, cell)
    batch = find_task(task).draw_test(1, np.random.default_rng(2015))
    T = len(batch.tokens)
    feed = scheduled_sampling(T, 1, sampling_prob, "argmax", np.random.default_rng(4))
    context = context_from(parameters, batch.features)
    logits = forward(cell, parameters, context, batch.tokens, feed).logits
    names, said = token_names(task), logits.argmax(axis=1)
    truth, said = ([names[token] for token in one[:, 0]] for one in (batch.tokens, said))
    title = f"{heading(task, cell)} at {sampling_prob}: T was fed the truth, O its own"
    fed = "S" + "".join("O" if own else "T" for own in feed.own[1:, 0])
    return cards_sheet(title, truth, said, fed, T - 1)
