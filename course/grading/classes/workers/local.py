"""Workers on this machine: each is driven by a thread, and what fails is tried on another."""

from __future__ import annotations

import contextlib
import os
import queue
import random
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from course.bootstrap.words import told
from course.grading.classes.submission import Graded, Submission
from course.grading.classes.workers.handle import WarmWorker, can_fork
from course.grading.confinement.forking import close_nursery, nursery_at_hand, open_nursery
from course.grading.faults import GradingFault, VersionsDiffer

#: How often a submission is tried before a fault is reported.
ATTEMPTS = 2
#: Tasks kept ready for each worker, so that none waits for the writer.
AHEAD = 2


@dataclass(frozen=True)
class Outcome:
    """What became of one task.

    Attributes
    ----------
    task : Submission
        The task.
    graded : Graded or None
        The result.
    fault : str
        Why there is none.
    """

    task: Submission
    graded: Graded | None
    fault: str = ""


@dataclass
class _Job:
    task: Submission
    attempts: int = 0
    tried_by: int = -1


def cores_for(workers: int) -> list[int | None]:
    """Choose a core for each worker, ``None`` for all where there are more workers than cores.

    A judge and its student's process take turns, a thousand times a submission. On one core the
    next turn begins at once; on two it begins when the other has woken up, and both idle half the
    time. Which cores is left to chance, so that two graders on one large machine do not meet.
    """
    try:
        allowed = sorted(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return [None] * workers
    if workers > len(allowed):
        return [None] * workers
    return list(random.sample(allowed, workers))


class LocalPool:
    """Some workers on this machine.

    Parameters
    ----------
    lesson : bytes
        `LessonPack.data`.
    workers : int
        How many.

    Attributes
    ----------
    workers : list of WarmWorker
        The workers.
    """

    def __init__(self, lesson: bytes, workers: int) -> None:
        self.workers = [WarmWorker(lesson, core) for core in cores_for(workers)]
        self._opened = False
        if can_fork():
            self._opened = nursery_at_hand() is None
            open_nursery()
            for worker in self.workers:
                with contextlib.suppress(OSError):  # it is started when it is first asked
                    worker.fork()

    def run(self, tasks: Iterable[Submission]) -> Iterator[Outcome | None]:
        """Grade submissions; yield what became of each as it comes, ``None`` to say "still at it".

        Raises
        ------
        VersionsDiffer
            Where the package changed while it was being used.
        """
        waiting: queue.Queue[_Job | None] = queue.Queue()
        done: queue.Queue[tuple[_Job, Graded | Exception]] = queue.Queue()
        threads = [
            threading.Thread(target=self._drive, args=(i, waiting, done), daemon=True)
            for i in range(len(self.workers))
        ]
        for thread in threads:
            thread.start()
        coming, under_way, more = iter(tasks), 0, True
        try:
            while more or under_way:
                while more and under_way < AHEAD * len(self.workers):
                    task = next(coming, None)
                    more = task is not None
                    if task is not None:
                        waiting.put(_Job(task))
                        under_way += 1
                if not under_way:
                    break
                try:
                    job, result = done.get(timeout=0.2)
                except queue.Empty:
                    yield None
                    continue
                if isinstance(result, VersionsDiffer):
                    raise result
                if isinstance(result, Exception) and job.attempts < ATTEMPTS:
                    waiting.put(job)
                    continue
                under_way -= 1
                if isinstance(result, Exception):
                    yield Outcome(job.task, None, str(result))
                else:
                    yield Outcome(job.task, result)
        finally:
            with contextlib.suppress(queue.Empty):
                while True:
                    waiting.get_nowait()
            for _ in threads:
                waiting.put(None)

    def _drive(
        self,
        number: int,
        waiting: queue.Queue[_Job | None],
        done: queue.Queue[tuple[_Job, Graded | Exception]],
    ) -> None:
        worker = self.workers[number]
        while (job := waiting.get()) is not None:
            if job.tried_by == number and len(self.workers) > 1:
                waiting.put(job)  # another worker's turn
                threading.Event().wait(0.05)
                continue
            job.attempts, job.tried_by = job.attempts + 1, number
            try:
                done.put((job, worker.grade(job.task.to_data())))
            except GradingFault as error:
                done.put((job, error))
            except Exception as error:
                done.put((job, GradingFault(told(error))))

    def close(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.close()
        if self._opened:
            close_nursery()
