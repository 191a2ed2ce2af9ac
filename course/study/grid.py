"""What is trained for labs and tables: tasks, cells, regimes and seeds.

All runs of one seed in an experiment start from the same weights and meet the same batches, so that
regimes can be compared seed by seed. Settings that all share are `TrainingPlan`'s own: Adam from
3e-3 to 3e-4, batches of 64, gradients clipped at norm 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from course.engine import ModelShape, TrainingPlan
from course.engine.training import Source
from course.tasks import find_task
from course.trained.regimes import CONSTANT, SCHEDULED, find_regime


@dataclass(frozen=True)
class Experiment:
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
        Tells it from another experiment on the same task and cell that trains for another time.
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
        return find_task(self.task).source(self.variant)


@dataclass(frozen=True)
class TrainingRun:
    """One model to be trained."""

    experiment: Experiment
    regime: str
    seed: int

    @property
    def name(self) -> str:
        """How results and the manifest call it."""
        return f"{self.experiment.name}/{self.regime}/{self.seed}"

    def plan(self) -> TrainingPlan:
        """Return how it is trained."""
        regime, updates = find_regime(self.regime), self.experiment.updates
        return TrainingPlan(
            steps=updates,
            schedule=regime.schedule(updates),
            choice=regime.choice,
            coin=regime.coin,
            evaluate_every=self.experiment.evaluate_every,
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
EXPERIMENTS = (
    Experiment("osc", "gru", 32, 2000, MAIN, 5, ships=True),
    Experiment("osc", "gru", 32, 2000, SCHEDULED[1:], 5, ships=True),
    Experiment("osc", "rnn", 32, 2000, MAIN, 5, ships=True),
    Experiment("osc", "lstm", 32, 2000, MAIN, 5, ships=True),
    Experiment("digits", "gru", 32, 1500, FEW, 5, ships=True),
    Experiment("chain", "gru", 8, 1500, sampled(CONSTANT), 5, ships=True),
    Experiment("names", "gru", 64, 1500, sampled(CONSTANT), 5, ships=True),
    Experiment("ring_measured", "gru", 32, 4000, FEW, 5, ships=True),
    Experiment("ring_process", "gru", 32, 4000, FEW, 5, ships=True),
    Experiment("runs", "gru", 32, 1500, FEW, 5, ships=True),
    Experiment("ring", "gru", 32, 2000, ENDS, 5, evaluate_every=250),
    Experiment("osc", "gru", 32, 2000, NOT_ARGMAX, 5),
    Experiment("osc", "gru", 32, 6000, FEW[:3], 5, label="long"),
    Experiment("chain", "gru", 8, 1500, CONSTANT[:4], 5, variant="0.7"),
    Experiment("momentum", "gru", 32, 1000, (*sampled(FEW[:3]), "p0.50"), 5, variant="2000"),
    Experiment("momentum", "gru", 32, 1000, sampled(FEW[:3]), 5, variant="50"),
)


def runs(experiments: Iterable[Experiment] = EXPERIMENTS) -> Iterator[TrainingRun]:
    """Yield every run, experiment by experiment, all regimes of a seed together."""
    for experiment in experiments:
        for seed in range(experiment.seeds):
            for regime in experiment.regimes:
                yield TrainingRun(experiment, regime, seed)


def by_task(experiments: Iterable[Experiment]) -> dict[str, list[Experiment]]:
    """Sort experiments by what they are about, in the order of training."""
    found: dict[str, list[Experiment]] = {}
    for experiment in experiments:
        found.setdefault(experiment.task, []).append(experiment)
    return found
