"""Workers on other machines: the same tasks on a Dask cluster.

`dask.distributed` is needed on the machines that grade and on the one that writes the gradebook,
never on a learner's: ``pip install '.[scale]'``. A Dask worker keeps one warm process beside it
(`course.grading.classes.workers.handle`), because its own has threads and may not fork, and that
process keeps the lesson. Nothing is shared but messages: no gradebook, no course folder.
"""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from course.bootstrap.words import told
from course.grading.classes.submission import Graded, Submission
from course.grading.classes.workers import serialising as frames
from course.grading.classes.workers.handle import WarmWorker
from course.grading.classes.workers.local import AHEAD, Outcome
from course.grading.faults import GradingFault, VersionsDiffer
from course.grading.steps.versions import check_versions
from course.lessons import LessonError

#: Seconds to wait for a scheduler, and for its first worker.
PATIENCE_S = 30.0
#: How many workers may vanish under one submission before it is reported.
_LOSSES = 3

_warm = threading.local()


def grade_remotely(lesson: bytes, task: bytes) -> bytes:
    """Grade one submission where Dask runs this; return a message with the result.

    Parameters
    ----------
    lesson : bytes
        `LessonPack.data`; Dask keeps it on the worker.
    task : bytes
        `Submission.to_data`.
    """
    try:
        check_versions(frames.unpack(lesson)[0]["versions"])
        return _worker(lesson).grade(task).to_data()
    except VersionsDiffer as error:
        return frames.pack({"refused": str(error)})
    except GradingFault as error:
        return frames.pack({"fault": str(error)})


def _worker(lesson: bytes) -> WarmWorker:
    """Return this thread's warm process, which knows the lesson."""
    known: dict[int, WarmWorker] = _warm.__dict__.setdefault("workers", {})
    key = hash(lesson)
    if key not in known:
        for other in known.values():
            other.close()
        known.clear()
        known[key] = WarmWorker(lesson)
        atexit.register(known[key].close)
    return known[key]


class ClusterPool:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    lesson : bytes
        `LessonPack.data`.
    address : str
        Of the scheduler.

    Raises
    ------
    LessonError
        Where `dask.distributed` is missing, or the scheduler or its workers do not answer.
    """

    def __init__(self, lesson: bytes, address: str) -> None:
        try:
            import distributed
        except ImportError:
            raise LessonError(
                "--scheduler needs dask.distributed: `pip install '.[scale]'` in the course's "
                "environment, here and on every worker"
            ) from None
        self._distributed: Any = distributed
        try:
            self._client: Any = self._distributed.Client(
                address, timeout=PATIENCE_S, set_as_default=False
            )
            self._client.wait_for_workers(1, timeout=PATIENCE_S)
        except (OSError, TimeoutError) as error:
            raise LessonError(
                f"no Dask scheduler with workers answers at {address}: {told(error)}"
            ) from error
        # A task of its own: a worker fetches it once, and Dask makes it again where the workers
        # that have it vanish, which it could not do with data that was scattered.
        self._lesson = self._client.submit(bytes, lesson)
        self._futures: dict[str, Any] = {}
        self._done: queue.Queue[Any] = queue.Queue()

    def run(self, tasks: Iterable[Submission]) -> Iterator[Outcome | None]:
        """Grade submissions; yield what became of each, ``None`` where there is nothing new.

        Raises
        ------
        VersionsDiffer
            Where a worker has other versions than this process.
        """
        coming, more = iter(tasks), True
        under_way: dict[str, tuple[Submission, int]] = {}
        while more or under_way:
            room = AHEAD * max(1, sum(self._client.nthreads().values()))
            while more and len(under_way) < room:
                task = next(coming, None)
                more = task is not None
                if task is not None:
                    under_way[self._submit(task)] = task, 1
            if not under_way:
                break
            try:
                future = self._done.get(timeout=0.5)
            except queue.Empty:
                yield None
                continue
            task, attempts = under_way.pop(future.key)
            outcome = self._outcome(future, task)
            if outcome.fault and attempts == 1:
                under_way[self._submit(task)] = task, 2
            else:
                yield outcome

    def _submit(self, task: Submission) -> str:
        """Send a task; return its name there."""
        future = self._client.submit(
            grade_remotely, self._lesson, task.to_data(), pure=False, retries=_LOSSES
        )
        self._futures[future.key] = future
        future.add_done_callback(self._done.put)
        name: str = future.key
        return name

    def _outcome(self, future: Any, task: Submission) -> Outcome:
        del self._futures[future.key]
        try:
            data: bytes = future.result()
        except Exception as error:  # a worker that vanished, again and again
            return Outcome(task, None, told(error, 1000))
        message, _ = frames.unpack(data)
        if "refused" in message:
            raise VersionsDiffer(message["refused"])
        if "fault" in message:
            return Outcome(task, None, message["fault"])
        return Outcome(task, Graded.from_message(message))

    def close(self) -> None:
        """Leave the cluster, which goes on."""
        self._client.close()
