"""What grading costs on more machines: a model fitted to measurements on this one.

``python benchmarks/scale_model.py FILE... [--submissions 100000]`` reads what
``benchmarks/grading.py --json`` and ``benchmarks/scale_writer.py --json`` printed, fits the model

    T(N, k) = s + N max(c / k, (c + d) / p, d)

and prints it, how well it fits, and what follows for a department. N submissions, k workers on p
cores; s seconds to start, c core-seconds of a worker and d seconds of the one writer a submission.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
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


def read(paths: Sequence[Path]) -> tuple[list[Run], dict[str, float], list[str]]:
    """Return the runs, the writer's seconds by database, and what each was measured on."""
    runs, writers, machines = [], {}, []
    for path in paths:
        measured = json.loads(path.read_text(encoding="utf-8"))
        about = measured["machine"]
        machines.append(
            f"{path.name}: {about['cpu']}, {about['cores']} cores, load {about['load_before']} "
            f"before"
        )
        for one in measured.get("results", ()):
            if one["name"].startswith("course grade"):
                workers = int(one["name"].split(",")[1].split()[0])
                runs.append(Run(one["submissions"], workers, about["cores"], one["seconds"]))
        for one in measured.get("writer", ()):
            writers[one["database"]] = one["each_s"]
    return runs, writers, machines


def told(runs: Sequence[Run], database: str, model: Model, submissions: int) -> str:
    """Return the model and what follows from it, as people read it."""
    lines = [
        f"With {database}: start {model.start_s:.1f} s; a submission "
        f"{1000 * model.worker_s:.0f} ms of a worker's core, {1000 * model.writer_s:.1f} ms of the "
        f"writer",
        f"{'measured':>24}{'s':>9}{'model':>9}{'off':>7}",
    ]
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
    asked = parser.parse_args()
    runs, writers, machines = read(asked.files)
    if not runs or not writers:
        parser.error("runs of benchmarks/grading.py and of benchmarks/scale_writer.py are needed")
    print("\n".join(machines))
    for database, writer_s in writers.items():
        print()
        print(told(runs, database, fit(runs, writer_s), asked.submissions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
