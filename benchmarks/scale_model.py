"""What grading costs on more machines: a model fitted to measurements on this one.

``python benchmarks/scale_model.py FILE... [--submissions 100000]`` reads what
``benchmarks/grading.py --json`` and ``benchmarks/scale_writer.py --json`` printed, fits the model

    T(N, k) = s + N max(c / k, (c + d) / p, d)

and prints it, how well it fits, and what follows for a department. N submissions, k workers on p
cores; s seconds to start, c core-seconds of a worker and d seconds of the one writer a submission.

On a machine that is busy with other things such times mean little. ``--cpu`` takes the CPU seconds
that the second of those programs counted for c and d, and no waiting: what it prints is the least
that grading costs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

#: Workers of the table.
WORKERS = (2, 8, 32, 128, 512)


@dataclass(frozen=True)
class Run:
    """One measured run of the class's grader."""

    submissions: int
    workers: int
    cores: int
    seconds: float


@dataclass(frozen=True)
class Model:
    """The three costs, in seconds."""

    start_s: float
    worker_s: float
    writer_s: float

    def each_s(self, workers: int, cores: int | None = None) -> float:
        """Return the seconds between two results; ``cores`` is None where they do not limit.

        >>> Model(1.0, 0.5, 0.01).each_s(10), Model(1.0, 0.5, 0.01).each_s(1000)
        (0.05, 0.01)
        """
        limits = [self.worker_s / workers, self.writer_s]
        if cores is not None:
            limits.append((self.worker_s + self.writer_s) / cores)
        return max(limits)

    def seconds(self, submissions: int, workers: int, cores: int | None = None) -> float:
        """Return how long a class takes."""
        return self.start_s + submissions * self.each_s(workers, cores)

    @property
    def saturates_at(self) -> float:
        """How many workers keep the writer busy."""
        return self.worker_s / self.writer_s


def fit(runs: Sequence[Run], writer_s: float) -> Model:
    """Fit start and worker cost to runs, the writer's cost being measured.

    What limits a run depends on the costs, so the least squares are solved until that settles.

    >>> model = Model(2.0, 0.4, 0.02)
    >>> runs = [Run(n, k, 2, model.seconds(n, k, 2)) for n in (20, 60, 200) for k in (1, 2)]
    >>> found = fit(runs, 0.02)
    >>> round(found.start_s, 6), round(found.worker_s, 6)
    (2.0, 0.4)
    """
    sizes = len({run.submissions for run in runs})
    worker_s = max(runs[0].seconds / runs[0].submissions, 1e-6)
    start_s = 0.0
    for _ in range(50):
        rows, rest = [], []
        for run in runs:
            alone, shared = worker_s / run.workers, (worker_s + writer_s) / run.cores
            if alone >= max(shared, writer_s):
                slope, fixed = 1 / run.workers, 0.0
            elif shared >= writer_s:
                slope, fixed = 1 / run.cores, writer_s / run.cores
            else:
                slope, fixed = 0.0, writer_s
            # Relative errors count, so that a long run does not drown a short one.
            rows.append(np.array([1.0, run.submissions * slope]) / run.seconds)
            rest.append((run.seconds - run.submissions * fixed) / run.seconds)
        design, target = np.array(rows), np.array(rest)
        if sizes == 1:  # one size of class cannot tell the start from the rest
            design = design[:, 1:]
        found = np.linalg.lstsq(design, target, rcond=None)[0]
        start_s, worker_s = (0.0, found[0]) if sizes == 1 else found
        if start_s < 0:
            start_s = 0.0
            worker_s = float(np.linalg.lstsq(design[:, -1:], target, rcond=None)[0][0])
    return Model(float(start_s), float(worker_s), writer_s)


@dataclass
class Measured:
    """What the files hold.

    Attributes
    ----------
    runs : list of Run
        Of the class's grader.
    writers : dict of str to (float, float)
        Seconds and CPU seconds of the writer by database.
    worker_cpu_s : float
        CPU seconds of a worker, 0 where they were not counted.
    machines : list of str
        What each file was measured on.
    """

    runs: list[Run] = field(default_factory=list)
    writers: dict[str, tuple[float, float]] = field(default_factory=dict)
    worker_cpu_s: float = 0.0
    machines: list[str] = field(default_factory=list)


def read(paths: Sequence[Path]) -> Measured:
    """Return what was measured."""
    found = Measured()
    for path in paths:
        measured = json.loads(path.read_text(encoding="utf-8"))
        about = measured["machine"]
        found.machines.append(
            f"{path.name}: {about['cpu']}, {about['cores']} cores, load {about['load_before']} "
            f"before"
        )
        for one in measured.get("results", ()):
            if one["name"].startswith("course grade"):
                workers = int(one["name"].split(",")[1].split()[0])
                found.runs.append(Run(one["submissions"], workers, about["cores"], one["seconds"]))
        for one in measured.get("writer", ()):
            found.writers[one["database"]] = one["each_s"], one["cpu_s"]
        found.worker_cpu_s = measured.get("worker_cpu_s", found.worker_cpu_s)
    return found


def told(runs: Sequence[Run], database: str, model: Model, submissions: int) -> str:
    """Return the model and what follows from it, as people read it."""
    lines = [
        f"With {database}: start {model.start_s:.1f} s; a submission "
        f"{1000 * model.worker_s:.0f} ms of a worker's core, {1000 * model.writer_s:.1f} ms of the "
        f"writer",
    ]
    if runs:
        lines.append(f"{'measured':>24}{'s':>9}{'model':>9}{'off':>7}")
    for run in runs:
        says = model.seconds(run.submissions, run.workers, run.cores)
        what = f"{run.submissions} on {run.workers} workers"
        lines.append(f"{what:>24}{run.seconds:9.1f}{says:9.1f}{says / run.seconds - 1:7.0%}")
    hours = submissions * (model.worker_s + model.writer_s) / 3600
    lines += [
        f"{submissions} submissions: {hours:.1f} core-hours; the writer saturates at "
        f"{model.saturates_at:.0f} workers, {1 / model.writer_s:.0f} submissions a second",
        f"{'workers':>24}{'hours':>9}{'writer busy':>13}",
    ]
    for workers in WORKERS:
        spent = model.seconds(submissions, workers) / 3600
        busy = submissions * model.writer_s / 3600 / spent
        lines.append(f"{workers:>24}{spent:9.2f}{busy:13.0%}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--submissions", type=int, default=100_000)
    parser.add_argument("--cpu", action="store_true", help="CPU seconds only: the least it costs")
    asked = parser.parse_args()
    found = read(asked.files)
    runs = [] if asked.cpu else found.runs
    if not found.writers or not (runs or asked.cpu):
        parser.error("what benchmarks/grading.py and benchmarks/scale_writer.py print is needed")
    print("\n".join(found.machines))
    for database, (each_s, cpu_s) in found.writers.items():
        model = Model(0.0, found.worker_cpu_s, cpu_s) if asked.cpu else fit(runs, each_s)
        print()
        print(told(runs, database, model, asked.submissions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
