"""How often to ask again, and how long to wait in between: patient with a busy server, quick to leave a dead one."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TypeVar

from convai_rasa.errors import DownloadError

TRIES = 5  # in a row without getting any further
TRIES_TO_CONNECT = 3  # where nobody answers: there may be another source
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
LONGEST_ASKED_WAIT_SECONDS = 120.0  # what a server may ask for; beyond that the person at the keyboard decides
PROGRESS_BYTES = 1 << 18  # a try that brought less than this has not got any further

Result = TypeVar("Result")


class Transient(Exception):
    """A failure that may be gone at the next try.

    Args:
        reason: what happened, in words and without secrets.
        advice: what to do if it stays so.
        asked_wait: seconds that the server asks to wait for, if it does.
        tries: how often to try; None for the usual number.
    """

    def __init__(self, reason: str, advice: str, *, asked_wait: float | None = None, tries: int | None = None) -> None:
        super().__init__(reason)
        self.advice = advice
        self.asked_wait = asked_wait
        self.tries = tries


class Stopped(DownloadError):
    """Another part of the same delivery has failed, or the command was interrupted."""


class Retries:
    """Counts the tries of one job.

    Args:
        stop: once it is set, waiting ends.
    """

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()
        self._failed = 0
        self._reached = 0

    def wait(self, failure: Transient, *, reached: int = 0) -> None:
        """Wait before the next try: exponentially longer each time with some chance in it, or what the server asks for.

        Args:
            failure: of the last try.
            reached: bytes that are there by now; whoever gets further may go on trying.

        Raises:
            DownloadError: there have been enough tries, or the server asks to wait for too long.
            Stopped: nobody needs the result any more.
        """
        if reached >= self._reached + PROGRESS_BYTES:
            self._reached, self._failed = reached, 0
        self._failed += 1
        if self._failed >= (failure.tries or TRIES):
            tries = "1 try" if self._failed == 1 else f"{self._failed} tries"
            raise DownloadError(f"{failure}, after {tries}; {failure.advice}") from failure
        if failure.asked_wait is not None and failure.asked_wait > LONGEST_ASKED_WAIT_SECONDS:
            raise DownloadError(
                f"{failure}, and asks to wait {failure.asked_wait:,.0f} seconds; run this again after that"
            ) from failure
        if self._stop.wait(self._seconds(failure)):
            raise Stopped("stopped")

    def _seconds(self, failure: Transient) -> float:
        if failure.asked_wait is not None:
            return failure.asked_wait + random.uniform(0, FIRST_WAIT_SECONDS)  # not all clients at the same moment
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (self._failed - 1))
        return random.uniform(longest / 2, longest)


def persist(call: Callable[[], Result], stop: threading.Event | None = None) -> Result:
    """Call until it succeeds, or fails for good.

    Args:
        call: raises ``Transient`` where another try may help.
        stop: once it is set, waiting ends.

    Raises:
        DownloadError: there have been enough tries.
        Stopped: nobody needs the result any more.
    """
    retries = Retries(stop)
    while True:
        try:
            return call()
        except Transient as failure:
            retries.wait(failure)
