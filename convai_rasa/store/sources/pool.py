"""Several downloads at once; when one fails for good, or Ctrl-C is pressed, the others stop where they are."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from convai_rasa.store.sources.retries import Stopped

if TYPE_CHECKING:
    from convai_rasa.store.progress import Progress

THREADS = 4
_GRACE_SECONDS = 1.0  # for threads to see that they shall stop; one that waits for a silent server is left behind
_LOOK_SECONDS = 0.2
Result = TypeVar("Result")
Job = Callable[[threading.Event], object]


def run_all(jobs: Iterable[Job], progress: Progress | None = None) -> None:
    """Run jobs in a few threads until all are done.

    Args:
        jobs: each is given an event, and soon raises ``Stopped`` once that is set; it writes nothing any more then.
        progress: is asked now and then whether the person at the keyboard wants it to end.

    Raises:
        Exception: that of the first job that failed.
    """
    crew = _Crew(jobs)
    try:
        crew.wait(progress)
    finally:
        crew.dismiss()
    if crew.errors:
        raise next((error for error in crew.errors if not isinstance(error, Stopped)), crew.errors[0])


def run_one(call: Callable[[threading.Event], Result], progress: Progress | None = None) -> Result:
    """Run one job like ``run_all``; returns its result."""
    results: list[Result] = []
    run_all([lambda stop: results.append(call(stop))], progress)
    return results[0]


class _Crew:
    """The threads. The process does not wait for them when it ends, as it would for those of an executor."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self.errors: list[BaseException] = []
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            self._jobs.put(job)
        self._stop, self._one_is_done = threading.Event(), threading.Event()
        count = min(THREADS, self._jobs.qsize())
        self._threads = [threading.Thread(target=self._work, name="download", daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def wait(self, progress: Progress | None) -> None:
        """Wait until all jobs are done, or one has failed."""
        while not self.errors and any(thread.is_alive() for thread in self._threads):
            self._one_is_done.wait(_LOOK_SECONDS)
            self._one_is_done.clear()
            if progress:
                progress.check()

    def dismiss(self) -> None:
        """Have every thread stop."""
        self._stop.set()
        until = time.monotonic() + _GRACE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                self._jobs.get_nowait()(self._stop)
        except queue.Empty:
            pass  # nothing is left to do
        except BaseException as error:  # also what ends a program: it is raised again by who waits
            self.errors.append(error)
        finally:
            self._one_is_done.set()
