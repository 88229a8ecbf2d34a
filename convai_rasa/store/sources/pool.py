"""Several downloads at once; when one fails for good, or Ctrl-C is pressed, the others stop where they are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

from convai_rasa.store.sources.retries import Stopped

THREADS = 4


def run_all(jobs: Iterable[Callable[[threading.Event], object]]) -> None:
    """Run jobs in a few threads until all are done.

    Args:
        jobs: each is given an event, and soon raises ``Stopped`` once that is set.

    Raises:
        Exception: that of the first job that failed.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="download") as pool:
        futures: list[Future[object]] = [pool.submit(job, stop) for job in jobs]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
            for future in futures:
                future.cancel()
    errors = [error for future in futures if not future.cancelled() and (error := future.exception())]
    causes = [error for error in errors if not isinstance(error, Stopped)]
    if causes or errors:
        raise (causes or errors)[0]
