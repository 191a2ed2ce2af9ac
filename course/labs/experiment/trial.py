"""One run of an experiment: what it is of, and what its thread has found so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from course.engine import Feed, Parameters, Progress, context_from, forward, free_running
from course.engine.numerics import Array
from course.labs.experiment.form import Form
from course.study.ways import Setting, Way, outcomes, train_way
from course.tasks import find_task, held_out

#: After each update, so that the kernel can do something else.
BREATH_S = 0.0005


@dataclass
class PairedTraining:
    """Two ways of training on paired seeds.

    Attributes
    ----------
    form : Form
        As it was before the run.
    setting : Setting
    ways : tuple of Way
        A and B.
    number : int
        The how manieth run under this form it is, from 1.
    values : list of (float, float)
        What was measured of A and B, a pair for each seed that both have done.
    training_s : list of (float, float)
        How long each took: time of one core.
    said : list of int array (T,)
        What both wrote on the first held-out sequence, with the last of these seeds.
    made : int
        Updates.
    """

    form: Form
    setting: Setting
    ways: tuple[Way, Way]
    number: int = 1
    values: list[tuple[float, float]] = field(default_factory=list)
    training_s: list[tuple[float, float]] = field(default_factory=list)
    said: list[Array] = field(default_factory=list)
    made: int = 0

    @property
    def total(self) -> int:
        """How many updates there are to make."""
        return self.form.seeds * sum(way.updates for way in self.ways)

    @property
    def complete(self) -> bool:
        """Whether all seeds are done."""
        return len(self.values) == self.form.seeds

    def run(self, stops: Callable[[], bool]) -> None:
        """Train seed by seed until all are done, or told to stop: half a pair does not count."""
        task = find_task(self.setting.task)

        def tell(progress: Progress) -> bool:
            self.made += 1
            time.sleep(BREATH_S)
            return stops()

        for seed in range(self.form.seeds):
            values, spent_s, said = [], [], []
            for way in self.ways:
                begun_s = time.thread_time()
                model = train_way(self.setting, way, seed, tell)
                if stops():
                    return
                spent_s.append(time.thread_time() - begun_s)
                found = outcomes(task, model, self.form.held_out, seed)
                values.append(found[self.form.measure])
                said.append(writes(model, self.setting))
            self.said = said
            self.training_s.append((spent_s[0], spent_s[1]))
            self.values.append((values[0], values[1]))

    def columns(self) -> tuple[list[float], list[float]]:
        """Return what was measured of A, and of B, by seed."""
        pairs = list(self.values)
        return [a for a, _ in pairs], [b for _, b in pairs]


def writes(model: Parameters, setting: Setting) -> Array:
    """Return what a model writes on the first held-out sequence, (T,).

    Running free; on the true prefix where the right token depends on it.
    """
    task = find_task(setting.task)
    batch = held_out(task, 1)
    feed: Feed | None = None if task.prefix_matters else free_running(*batch.tokens.shape)
    context = context_from(model, batch.features)
    logits = forward(setting.cell, model, context, batch.tokens, feed).logits
    said: Array = np.asarray(logits.argmax(axis=1)[:, 0])
    return said
