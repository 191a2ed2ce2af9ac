"""One training on stars, and what was measured of it on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from course.engine import Parameters, Progress, log_softmax
from course.engine.numerics import Array
from course.exposure import negative_log_likelihood
from course.study.path_star import StarTraining, says, trained_in
from course.study.stars import Order, Size, Stars, prompted

#: How often a model is measured while it learns.
EVALUATIONS = 20
#: After each update, so that the kernel can do something else.
BREATH_S = 0.0005


@dataclass(frozen=True)
class Seen:
    """What a model does after so many updates.

    Attributes
    ----------
    updates : int
    truth : int array (K, N)
        What was to be written.
    forced, used : int array (K, N)
        What was said on the true tokens, and on its own.
    nats : array (K,)
        Mean loss on the true tokens by position.
    """

    updates: int
    truth: Array
    forced: Array
    used: Array
    nats: Array

    def right(self, said: Array) -> Array:
        """Return which part is right by position, (K,)."""
        part: Array = (said == self.truth).mean(axis=1)
        return part

    def whole(self, hops: int) -> float:
        """Return in which part the last so many tokens of the free run, a path, are right."""
        return float((self.used == self.truth)[-hops:].all(axis=0).mean())


@dataclass
class Run:
    """One training.

    Attributes
    ----------
    size : Size
    order : str
    updates : int
    seed : int
    stars : Stars
        What it is measured on.
    whose : str
        Who drew them.
    made : int
        Updates so far.
    seen : list of Seen
        The latest last.
    """

    size: Size
    order: Order
    updates: int
    seed: int
    stars: Stars
    whose: str
    made: int = 0
    seen: list[Seen] = field(default_factory=list)

    def train(self, stops: Callable[[], bool]) -> None:
        """Train until all updates are made, or told to stop."""
        batch = prompted(self.stars, self.order)

        def measure(model: Parameters) -> dict[str, float]:
            forced, used = (says(model, batch, fed) for fed in ("truth", "own"))
            nats = negative_log_likelihood(log_softmax(forced), batch.tokens).mean(axis=1)
            said, own = forced.argmax(axis=1), used.argmax(axis=1)
            self.seen.append(Seen(self.made + 1, batch.tokens, said, own, nats))
            return {}

        def tell(progress: Progress) -> bool:
            self.made = progress.updates
            time.sleep(BREATH_S)
            return stops()

        trained_in(
            StarTraining(self.order, updates=self.updates),
            self.size,
            self.seed,
            evaluate_every=max(self.updates // EVALUATIONS, 1),
            evaluation=measure,
            callback=tell,
        )
