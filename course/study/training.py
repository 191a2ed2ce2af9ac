"""Train the grid in as many processes as there are cores, and keep each finished run.

A run's result waits in a folder under the digest of all that it hangs on, so that an interrupted
build goes on where it stopped, and a change trains anew only what it changed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TextIO

import numpy as np

from course.engine import Parameters, train
from course.engine.numerics import Array
from course.study import digests
from course.study.grid import TrainingRun
from course.study.measures import watched
from course.tasks import find_task

#: Updates after which the loss is written down, to be found again by a short run.
CHECKPOINT = 20
BAR = 30


@dataclass(frozen=True)
class Finished:
    """What is kept of a run.

    Attributes
    ----------
    parameters : Parameters
        float32.
    checkpoint_nats : float
        The loss of update `CHECKPOINT`.
    last_nats : float
        Mean loss of the last 50 updates, as they were fed.
    curve : dict
        Updates, own-prefix error and exact match where the run was watched.
    seconds : float
        Of one core, however busy the machine was with other things.
    """

    parameters: Parameters
    checkpoint_nats: float
    last_nats: float
    curve: dict[str, list[float]]
    seconds: float


def train_one(run: TrainingRun, path: Path) -> str:
    """Train one model and write it to a file; return the run's name."""
    begun = time.process_time()
    task = find_task(run.experiment.task)
    evaluation = (lambda model: watched(task, model)) if run.experiment.evaluate_every else None
    trained = train(
        run.experiment.shape(), run.experiment.source(), run.plan(), evaluation=evaluation
    )
    loss = trained.history.loss_nats
    about = {
        "checkpoint_nats": float(loss[CHECKPOINT - 1]),
        "last_nats": float(loss[-50:].mean()),
        "curve": {
            name: [float(value) for value in trained.history.evaluated(name)[1]]
            for name in ("own_prefix_error", "exact_match")
            if trained.history.evaluations
        },
        "seconds": round(time.process_time() - begun, 2),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.npz")
    np.savez(temporary, flat=trained.parameters.flat, about=np.array(json.dumps(about)))
    temporary.replace(path)
    return run.name


def read_one(run: TrainingRun, path: Path) -> Finished:
    """Read what `train_one` wrote."""
    with np.load(path) as stored:
        flat: Array = stored["flat"]
        about = json.loads(str(stored["about"]))
    return Finished(Parameters(run.experiment.shape(), flat), **about)


def train_all(
    chosen: Iterable[TrainingRun],
    folder: Path,
    processes: int | None = None,
    out: TextIO = sys.stderr,
) -> dict[TrainingRun, Finished]:
    """Train what is not yet trained, with a progress bar, and return all of it.

    Parameters
    ----------
    chosen : iterable of TrainingRun
    folder : Path
        Where finished runs wait.
    processes : int, optional
        As many as there are cores, if not given.
    out : file, optional
        Where the bar goes.
    """
    paths = {run: folder / f"{name}.npz" for run, name in digests.of_each(chosen).items()}
    missing = [run for run in paths if not paths[run].exists()]
    if missing:
        bar = ProgressBar(len(paths), len(paths) - len(missing), out)
        with workers(processes) as pool:
            waiting = [pool.submit(train_one, run, paths[run]) for run in missing]
            for done in as_completed(waiting):
                bar.advance(done.result())
        bar.finish()
    return {run: read_one(run, path) for run, path in paths.items()}


@contextmanager
def workers(processes: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Give processes to train in, as many as there are cores; what waits is dropped on an error."""
    # Threads of the matrix library would only be in the way of the other processes.
    before = os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        with ProcessPoolExecutor(processes or os.cpu_count(), get_context("spawn")) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        if before is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = before


class ProgressBar:
    """A line that says how many runs are done and how long the rest may take."""

    def __init__(self, total: int, done: int, out: TextIO) -> None:
        self.total, self.done, self.out = total, done, out
        self.before, self.begun = done, time.monotonic()
        self._write("")

    def advance(self, name: str) -> None:
        """Count one run."""
        self.done += 1
        self._write(name)

    def finish(self) -> None:
        """Leave the line."""
        self.out.write("\n")

    def _write(self, name: str) -> None:
        here = self.done - self.before
        left = ""
        if here:
            seconds = (time.monotonic() - self.begun) / here * (self.total - self.done)
            left = f"{seconds / 60:.0f} min left"
        full = BAR * self.done // self.total
        bar = "#" * full + "." * (BAR - full)
        self.out.write(f"\r[{bar}] {self.done}/{self.total} {left:12} {name:45.45}")
        self.out.flush()
