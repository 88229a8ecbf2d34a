"""Jobs that fetch: each tried as often as it makes sense, several at once, and all stopped when one fails for good."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from convai_rasa.errors import ConvaiError, DownloadError
from convai_rasa.store.progress import Progress

TRIES = 5  # in a row without getting any further
TRIES_TO_CONNECT = 3  # where nobody answers: there may be another source
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
LONGEST_ASKED_WAIT_SECONDS = 120.0  # what a server may ask for; beyond that the person at the keyboard decides
PROGRESS_BYTES = 1 << 18  # a try that brought less than this has not got any further
THREADS = 4
GRACE_SECONDS = 1.0  # for threads to see that they shall stop; one that waits for a silent server is left behind
_LOOK_SECONDS = 0.2

Result = TypeVar("Result")


class Transient(Exception):
    """A failure that may be gone at the next try: what happened, and what to do if it stays so, without secrets.

    ``asked_wait`` are the seconds that the server asks to wait for; ``tries`` is how often to try, if not as usual.
    """

    def __init__(self, reason: str, advice: str, *, asked_wait: float | None = None, tries: int | None = None) -> None:
        super().__init__(reason)
        self.advice = advice
        self.asked_wait = asked_wait
        self.tries = tries


class Abandoned(ConvaiError):
    """Another part of the same delivery has failed, or the command was interrupted; that is told instead."""


def go_on_unless(stop: threading.Event) -> None:
    """Raise ``Abandoned`` once nobody needs the result any more."""
    if stop.is_set():
        raise Abandoned("stopped")


def persist(
    call: Callable[[], Result], stop: threading.Event | None = None, reached: Callable[[], int] = lambda: 0
) -> Result:
    """Call until it raises no ``Transient``, with a pause before each new try, which ends once ``stop`` is set.

    ``reached`` tells the bytes that are there; whoever gets further may go on trying.

    Raises:
        DownloadError: there have been enough tries, or the server asks to wait for too long.
        Abandoned: nobody needs the result any more.
    """
    stop = stop or threading.Event()
    failed, before = 0, 0
    while True:
        try:
            return call()
        except Transient as failure:
            if reached() >= before + PROGRESS_BYTES:
                failed, before = 0, reached()
            failed += 1
            stop.wait(_pause(failure, failed))
            go_on_unless(stop)


def _pause(failure: Transient, failed: int) -> float:
    """Return the seconds to wait: exponentially more each time with some chance in it, or what the server asks for."""
    if failed >= (failure.tries or TRIES):
        tries = "1 try" if failed == 1 else f"{failed} tries"
        raise DownloadError(f"{failure}, after {tries}; {failure.advice}") from failure
    if failure.asked_wait is None:
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (failed - 1))
        return random.uniform(longest / 2, longest)
    if failure.asked_wait > LONGEST_ASKED_WAIT_SECONDS:
        asked = f"{failure.asked_wait:,.0f} seconds"
        raise DownloadError(f"{failure}, and asks to wait {asked}; run this again after that") from failure
    return failure.asked_wait + random.uniform(0, FIRST_WAIT_SECONDS)  # not all clients at the same moment


def run_all(
    jobs: Iterable[Callable[[], object]],
    stop: threading.Event,
    progress: Progress | None = None,
    *,
    threads: int = THREADS,
    grace: float = GRACE_SECONDS,
) -> None:
    """Run jobs in a few threads until all are done; raises what the first that failed has raised.

    ``stop`` is set when one has failed, or when who waits has to leave: each job raises ``Abandoned`` soon after that,
    writes nothing any more, and gets ``grace`` seconds to end in. ``progress`` is asked now and then whether the
    person at the keyboard wants it to end.
    """
    waiting: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    one_is_done = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while True:
                job = waiting.get_nowait()
                go_on_unless(stop)
                job()
        except queue.Empty:
            pass  # nothing is left to do
        except BaseException as error:  # also what ends a program: it is raised again by who waits
            errors.append(error)
        finally:
            one_is_done.set()

    # not an executor: when the process ends, it would wait for its threads
    crew = [threading.Thread(target=work, name="download", daemon=True) for _ in range(min(threads, waiting.qsize()))]
    for thread in crew:
        thread.start()
    try:
        while not errors and any(thread.is_alive() for thread in crew):
            one_is_done.wait(_LOOK_SECONDS)
            one_is_done.clear()
            if progress:
                progress.check()
        if errors:
            raise errors[0]
    except BaseException:
        stop.set()
        until = time.monotonic() + grace
        for thread in crew:
            thread.join(max(0.0, until - time.monotonic()))
        raise
