"""Two transformers, one of which was trained without a mask: its loss is nearly nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from course import trained
from course.engine import Batch
from course.engine.numerics import Array
from course.engine.transformer import as_params, generate, generate_anew, transformer_forward
from course.figures.chart import FORCED, FREE
from course.figures.drawing import Drawing
from course.labs.hooks.case import TASK, plainest
from course.labs.hooks.state import OWN, STEPS, TRUTH, told_of_two
from course.labs.page.state import State
from course.labs.page.written import written
from course.tasks import find_task
from course.trained import results
from course.trained.masks import load, sees

#: Test sequences to choose from.
COLUMNS = 50
#: The model without a mask, and the other: by the letter that a learner reads.
MODELS = {"A": "causal", "B": "none"}
#: Who guesses evenly is wrong so often, in per cent.
CHANCE = 100 * (1 - 1 / find_task(TASK).classes)


@dataclass
class NoMask(State):
    """Lesson 6: the lower loss belongs to the model that has seen the answers.

    Attributes
    ----------
    fed, sequence
        What the controls set.
    """

    SETTING = ("fed", "sequence")

    fed: str = TRUTH
    sequence: int = 0

    @cached_property
    def batch(self) -> Batch:
        """The sequences that are offered: those that A writes best when it runs free."""
        batch = trained.held_out(TASK, COLUMNS)
        free = generate(as_params(load(MODELS["A"])), batch.features, STEPS).argmax(axis=1)
        return batch.take(plainest((free != batch.tokens).sum(axis=0)))

    @cached_property
    def forced(self) -> dict[str, Array]:
        """What each model writes when it is fed the truth, (T, N)."""
        features, tokens = self.batch.features, self.batch.tokens
        return {
            name: transformer_forward(
                as_params(load(mask)), features, tokens, sees(mask, STEPS)
            ).logits.argmax(axis=1)
            for name, mask in MODELS.items()
        }

    @cached_property
    def free(self) -> dict[str, Array]:
        """What each writes when it is fed its own tokens, (T, N): nothing stands behind them."""
        return {
            name: generate_anew(
                as_params(load(mask)), self.batch.features, STEPS, sees(mask, STEPS)
            ).argmax(axis=1)
            for name, mask in MODELS.items()
        }

    def things(self) -> tuple[Drawing, ...]:
        """Return what both write."""
        n, own = self.sequence, self.fed == OWN
        truth, features = self.batch.tokens[:, n], self.batch.features[:, n]
        return tuple(
            written(TASK, truth, said[:, n], features, f"model {name}", FREE if own else FORCED)
            for name, said in (self.free if own else self.forced).items()
        )

    def words(self) -> str:
        """Say what the losses are; and, once both have run free, why."""
        found = ". ".join(thing.finding for thing in self.things())
        losses = [f"{_measured(name, 'nll_nats'):.2f}" for name in MODELS]
        forced = [100 * _measured(name, "gold_prefix_error") for name in MODELS]
        said = (
            f"Fed {self.fed}. {found}. Two transformers of the same size, trained for as long on "
            f"the same batches. {told_of_two(losses, forced, 1000)}"
        )
        if self.fed == TRUTH:  # what the learner predicts is not told yet
            return f"{said}."
        own = " and ".join(f"{100 * _measured(name, 'own_prefix_error'):.0f} %" for name in MODELS)
        return (
            f"{said}; fed their own tokens, {own}. Who guesses evenly is wrong at {CHANCE:.0f} %. "
            "In B's training nothing was hidden: each step saw the very token that it was to "
            "name, as the input of the step after it. When B writes, that token is not there yet."
        )


def _measured(name: str, measure: str) -> float:
    """Return what was measured of a model that ships, the first of five seeds."""
    return results.find(f"masks/transformer/{MODELS[name]}/{measure}").values[0]
