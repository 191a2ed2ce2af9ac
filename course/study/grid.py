"""What is trained for labs and tables: tasks, cells, regimes and seeds.

All runs of one seed in a group start from the same weights and meet the same batches, so that
regimes can be compared seed by seed. Settings that all share are `TrainingPlan`'s own: Adam from
3e-3 to 3e-4, batches of 64, gradients clipped at norm 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from course.engine import ModelShape, TrainingPlan
from course.engine.training import Source
from course.tasks import chain_source, find_task, from_pool
from course.trained.regimes import CONSTANT, SCHEDULED, find_regime

#: The seed of the sequences in a pool of a fixed size.
POOL_SEED = 1999


@dataclass(frozen=True)
class Group:
    """Runs that differ in regime and seed alone.

    Attributes
    ----------
    task, cell : str
    hidden_dim, updates : int
    regimes : tuple of str
        In the order of a slider, teacher forcing first.
    seeds : int
        Seeds 0 .. seeds - 1.
    ships : bool
        Whether the weights come with the course; else they are measured and dropped.
    variant : str
        Training data other than the task's: a number of sequences for ``momentum``, the
        probability of a 1 for ``chain``.
    evaluate_every : int
        Updates between two measurements during training; 0 for none.
    label : str
        Tells it from another group of the same task and cell that trains for another time.
    """

    task: str
    cell: str
    hidden_dim: int
    updates: int
    regimes: tuple[str, ...]
    seeds: int
    ships: bool = False
    variant: str = ""
    evaluate_every: int = 0
    label: str = ""

    @property
    def name(self) -> str:
        """How results call it."""
        data = "-".join(part for part in (self.task, self.variant, self.label) if part)
        return f"{data}/{self.cell}"

    def shape(self) -> ModelShape:
        """Return the sizes of its models."""
        return find_task(self.task).shape(self.cell, self.hidden_dim)

    def source(self) -> Source:
        """Return where its training sequences come from."""
        if not self.variant:
            return find_task(self.task).draw
        if self.task == "chain":
            return chain_source(float(self.variant))
        pool = find_task(self.task).draw(int(self.variant), np.random.default_rng(POOL_SEED))
        return from_pool(pool)


@dataclass(frozen=True)
class Run:
    """One model to be trained."""

    group: Group
    regime: str
    seed: int

    @property
    def name(self) -> str:
        """How results and the manifest call it."""
        return f"{self.group.name}/{self.regime}/{self.seed}"

    def plan(self) -> TrainingPlan:
        """Return how it is trained."""
        regime = find_regime(self.regime)
        return TrainingPlan(
            steps=self.group.updates,
            schedule=regime.schedule(self.group.updates),
            choice=regime.choice,
            coin=regime.coin,
            evaluate_every=self.group.evaluate_every,
            seed=self.seed,
        )


def sampled(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return these regimes with sampled feedback; teacher forcing feeds nothing back."""
    return tuple(name if name == "p0.00" else f"{name}-sample" for name in names)


MAIN = (*CONSTANT, "linear")
FEW = ("p0.00", "p0.50", "p1.00", "linear")
ENDS = ("p0.00", "p1.00", "linear")
NOT_ARGMAX = ("p0.50-sample", "p0.50-sequence")

#: In the order of training; of one task and cell, in the order of a slider.
GROUPS = (
    Group("osc", "gru", 32, 2000, MAIN, 5, ships=True),
    Group("osc", "gru", 32, 2000, SCHEDULED[1:], 5, ships=True),
    Group("osc", "rnn", 32, 2000, MAIN, 5, ships=True),
    Group("osc", "lstm", 32, 2000, MAIN, 5, ships=True),
    Group("digits", "gru", 32, 1500, FEW, 5, ships=True),
    Group("chain", "gru", 8, 1500, sampled(CONSTANT), 5, ships=True),
    Group("names", "gru", 64, 1500, sampled(CONSTANT), 5, ships=True),
    Group("ring_measured", "gru", 32, 4000, FEW, 5, ships=True),
    Group("ring_process", "gru", 32, 4000, FEW, 5, ships=True),
    Group("runs", "gru", 32, 1500, FEW, 5, ships=True),
    Group("ring", "gru", 32, 2000, ENDS, 5, evaluate_every=250),
    Group("osc", "gru", 32, 2000, NOT_ARGMAX, 5),
    Group("osc", "gru", 32, 6000, FEW[:3], 5, label="long"),
    Group("chain", "gru", 8, 1500, CONSTANT[:4], 5, variant="0.7"),
    Group("momentum", "gru", 32, 1000, (*sampled(FEW[:3]), "p0.50"), 5, variant="2000"),
    Group("momentum", "gru", 32, 1000, sampled(FEW[:3]), 5, variant="50"),
)


def runs(groups: tuple[Group, ...] = GROUPS) -> Iterator[Run]:
    """Yield every run, group by group, all regimes of a seed together."""
    for group in groups:
        for seed in range(group.seeds):
            for regime in group.regimes:
                yield Run(group, regime, seed)
