"""Recognitions that wait together are decoded together.

An idle recognizer never waits for company: the first request is begun at once, and what comes while batches run is the
next batch. Only right after a batch of several does a worker wait a moment, in which those who were served come back
with what they have next. So batches grow by themselves with what there is to do.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from convai_rasa.asr import Outcome, Recognizer, Request, Transcript, recognize_together, settle
from convai_rasa.audio import SAMPLE_RATE
from convai_rasa.errors import RecognitionError
from convai_rasa.speech.openai_errors import too_busy

_ALIKE_S = 14.0  # of sound; longer recordings would keep commands waiting
_SMOOTHED = 0.2  # weight of the newest batch in the mean time of a recognition
_MOMENT = 0.05  # of a batch's time: so long, at most, is company waited for right after a batch of several
_STOPPING = "The service is stopping; nothing is recognized anymore."


@dataclass(frozen=True)
class Load:
    """How much waits for a recognizer."""

    waiting: int = 0  # requests
    wait_s: float = 0.0  # how long the next one would wait, judged by how long the last ones took
    is_full: bool = False  # no more should be let in; those that have been are still served


@dataclass(eq=False)
class _Job:
    request: Request
    asked_at: float
    result: Future[Transcript] = field(default_factory=Future)


class Batches:
    """Recognizes in threads of its own.

    Args:
        recognizer: threads may share it.
        alone: the same on more threads, for a request that comes while nothing else is to be done; None: the same one.
        workers: batches that are recognized at the same time.
        together: requests of a batch, at most; 0: as many as the recognizer takes.
        most: requests that may wait; the next one is refused.
        max_wait_s: so long may the next request wait before this is full.
        observe: told how many are recognized together, and how long in s the first has waited; in any thread.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        *,
        alone: Recognizer | None = None,
        workers: int = 1,
        together: int = 0,
        most: int = 64,
        max_wait_s: float = math.inf,
        observe: Callable[[int, float], None] = lambda size, waited_s: None,
    ) -> None:
        self._recognizer = recognizer
        self._alone = alone or recognizer
        self._together = min(together or recognizer.capabilities.together, recognizer.capabilities.together)
        self._most = most
        self._max_wait_s = max_wait_s
        self._observe = observe
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="convai-speech")
        self._lock = threading.Condition()
        self._waiting: list[_Job] = []
        self._busy = 0  # workers
        self._company = 0  # who was served just now,
        self._company_until = 0.0  # and how long it is waited for what they have next
        self._each_s: float | None = None  # between two recognitions that are done, while there is enough to do
        self._closed = False

    @property
    def load(self) -> Load:
        """How much waits."""
        waiting = len(self._waiting)
        wait_s = waiting * (self._each_s or 0.0)
        return Load(waiting, wait_s, is_full=waiting >= self._most or wait_s > self._max_wait_s)

    async def recognize(self, request: Request) -> Transcript:
        """Recognize one utterance; cancelling gives its place away, and what has begun is given up.

        Raises:
            Refusal: too many wait.
            ConvaiError: it could not be recognized.
        """
        job = _Job(request, time.monotonic())
        job.request = replace(request, wanted=lambda: not job.result.cancelled())
        with self._lock:
            if self._closed:
                raise RecognitionError(_STOPPING)
            if len(self._waiting) >= self._most:
                raise too_busy(f"{len(self._waiting)} recordings wait already; try again later.", self.load.wait_s)
            self._waiting.append(job)
            self._lock.notify_all()
            self._pool.submit(self._work)
        return await asyncio.wrap_future(job.result)

    def close(self) -> None:
        """Stop the threads and free the recognizers; what waits is given up."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
            self._lock.notify_all()
        for job in waiting:
            settle(job.result, RecognitionError(_STOPPING))
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._recognizer.close()
        if self._alone is not self._recognizer:
            self._alone.close()

    def _work(self) -> None:
        """Recognize those whose turn it is; called once for each that came, of whom some were taken together."""
        jobs = self._next()
        if not jobs:
            return
        began = time.monotonic()
        self._observe(len(jobs), began - jobs[0].asked_at)
        is_alone = len(jobs) == 1 and self._busy == 1 and not self._waiting
        recognizer = self._alone if is_alone else self._recognizer
        outcomes = recognize_together(recognizer, [job.request for job in jobs])
        with self._lock:
            now = time.monotonic()
            took_s = now - began
            self._company = len(jobs) + (self._company if self._company_until > now else 0)
            self._company_until = now + _MOMENT * took_s
            each_s = took_s / len(jobs) / self._busy
            self._each_s = each_s if self._each_s is None else self._each_s + _SMOOTHED * (each_s - self._each_s)
            self._busy -= 1
        for job, outcome in zip(jobs, outcomes, strict=True):
            settle(job.result, outcome)

    def _next(self) -> list[_Job]:
        """Take the one that waits longest, and of those like it as many as leave other free workers their share."""
        with self._lock:
            while not self._closed and 0 < len(self._waiting) < self._company:
                left_s = self._company_until - time.monotonic()
                if left_s <= 0:
                    break
                self._lock.wait(left_s)
            self._waiting = [job for job in self._waiting if job.request.wanted()]
            if not self._waiting:
                return []
            first = kind_of(self._waiting[0].request)
            alike = [job for job in self._waiting if kind_of(job.request) == first]
            share = math.ceil(len(alike) / (self._workers - self._busy))
            jobs = alike[: min(share, self._together)]
            taken = set(map(id, jobs))
            self._waiting = [job for job in self._waiting if id(job) not in taken]
            self._busy += 1
        return jobs


def kind_of(request: Request) -> tuple[str | None, int, int]:
    """Return what has to be the same of requests that are to be decoded together.

    The language; the prompt's length in powers of two, because Whisper would cut them all to the shortest; and roughly
    the sound's length, because nobody has words before all have.
    """
    words = len((request.prompt or "").split())
    lengths = math.ceil(len(request.samples) / SAMPLE_RATE / _ALIKE_S)
    return request.language, words.bit_length(), max(1, lengths)


def recognize_in_kinds(recognizer: Recognizer, requests: Sequence[Request]) -> list[Outcome]:
    """Recognize requests of any kinds, each kind together; see ``recognize_together``."""
    outcomes: list[Outcome] = [None] * len(requests)
    kinds: dict[tuple[str | None, int, int], list[int]] = {}
    for number, request in enumerate(requests):
        kinds.setdefault(kind_of(request), []).append(number)
    for numbers in kinds.values():
        together = recognize_together(recognizer, [requests[number] for number in numbers])
        for number, outcome in zip(numbers, together, strict=True):
            outcomes[number] = outcome
    return outcomes
