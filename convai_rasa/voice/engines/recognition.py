"""The recognizer that all callers of this process share: who is heard next, with whom, and on how many threads.

An utterance that may be over comes before one that is still being said, and both before recordings. Whoever is alone
gets all cores, where that is quicker; several get one each; and those who have to wait are recognized together.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Dict, List, Optional, Sequence

import numpy as np

from convai_rasa.asr import (
    Expected,
    ModelChoice,
    Recognizer,
    Request,
    Transcript,
    choose_model,
    join_transcripts,
    load_recognizer,
    quicker_alone,
    recognize_together,
    settle,
    split_at_quiet,
)
from convai_rasa.asr.remote import SeveralRecognizers
from convai_rasa.errors import ConfigurationError, RecognitionError
from convai_rasa.voice.engines.admission import Load
from convai_rasa.voice.options import AUTO, AsrEngine, AsrOptions

logger = logging.getLogger(__name__)

LONGEST_PATIENCE_S = 20.0  # then a piece of a recording is recognized beside the callers
_QUIET_S = 0.1  # without a caller's words to recognize: the next may come with the next pause
_LOOK_EVERY_S = 0.02


class Urgency(IntEnum):
    """Why words are wanted; what is urgent comes first."""

    PAUSE = 0  # the person may be done: they wait
    OVERDUE = 1  # they are still speaking, and have seen none of their words for long
    GLIMPSE = 2  # they are still speaking


@dataclass(order=True)
class _Job:
    urgency: Urgency
    number: int
    request: Request = field(compare=False)
    asked_at: float = field(compare=False)
    result: Future[Transcript] = field(compare=False)


class Recognition:
    """Recognizes utterances in threads of its own; the model loads here and now.

    Raises:
        ConvaiError: the model or an optional dependency is missing or broken.
    """

    def __init__(self, options: AsrOptions, load: Load) -> None:
        self.language: Optional[str] = None  # where nobody asks for another; None: the recognizer's own choice
        self._load = load
        self._options = options
        self._models = {name: _model(one) for name, one in options.each().items()}
        # One worker more than callers get, so that none of them waits behind a piece of a long recording.
        self._each: Recognizer = self._loaded(threads=options.threads or 1, workers=options.workers + 1)
        self._alone: Optional[Recognizer] = None  # the same model on all cores
        self._lock = threading.Lock()
        self._waiting: List[_Job] = []
        self._running: List[_Job] = []
        self._numbers = itertools.count()
        self._closed = False
        self._workers = ThreadPoolExecutor(options.workers, thread_name_prefix="convai-asr")
        self._patience = ThreadPoolExecutor(1, thread_name_prefix="convai-notes")
        self._patient = asyncio.Lock()

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that the recognizer knows; empty where it does not tell."""
        return tuple(self._each.capabilities.languages)

    def settle(self) -> None:
        """See, once nothing else keeps them busy, whether one alone is quicker on all cores; takes about a second."""
        if self._options.threads:
            return
        names = ", ".join(self._models.values())
        alone = quicker_alone(names, self._each, lambda threads: self._loaded(threads=threads, workers=1))
        with self._lock:
            late = self._closed
            self._alone = None if late else alone
        if late and alone is not None:
            alone.close()

    @property
    def idle(self) -> bool:
        """Whether nobody waits for the recognizer."""
        return not self._waiting and not self._running

    async def recognise(
        self,
        samples: np.ndarray,
        *,
        language: Optional[str] = None,
        prompt: Optional[str] = None,
        urgency: Urgency = Urgency.PAUSE,
        expected: Optional[Expected] = None,
    ) -> Transcript:
        """Recognize float32 of shape (n,) at 16 kHz; cancelling gives its place away, and what has begun is given up.

        Args:
            language: ISO 639-1 code; None for that of everybody.
            prompt: words the caller is likely to say.
            urgency: why its words are wanted; a glimpse is given up for whoever may be done, and raises
                ``asyncio.CancelledError``. Where there is more than one worker, what is overdue is not, once it has
                begun; one at a time.
            expected: what decides whether the first reading is doubtful; None: no other is looked for.
        """
        result: Future[Transcript] = Future()
        wanted = functools.partial(self._is_wanted, result, urgency)
        request = Request(samples, language or self.language, prompt, wanted, expected)
        with self._lock:
            if self._closed:
                raise RecognitionError("The server is stopping; nothing is recognized anymore.")
            self._waiting.append(_Job(urgency, next(self._numbers), request, time.monotonic(), result))
            self._workers.submit(self._work)
        if urgency is not Urgency.PAUSE or self._each.capabilities.threads:
            return await asyncio.wrap_future(result)
        with self._load.underway("words"):  # computed elsewhere: our own queue is not all that it waits in
            return await asyncio.wrap_future(result)

    def _is_wanted(self, result: Future[Transcript], urgency: Urgency) -> bool:
        if result.cancelled():
            return False
        if urgency is Urgency.PAUSE or (urgency is Urgency.OVERDUE and self._options.workers > 1):
            return True
        return all(job.urgency is not Urgency.PAUSE for job in (*self._waiting, *self._running))

    def _work(self) -> None:
        """Recognize those whose turn it is; called once for each that came, of whom some were taken together."""
        jobs = self._next()
        if not jobs:
            return
        recognizer = self._alone if self._alone is not None and self._is_alone(jobs) else self._each
        for job, outcome in zip(jobs, recognize_together(recognizer, [job.request for job in jobs]), strict=True):
            settle(job.result, outcome)
        with self._lock:
            self._running = [job for job in self._running if job not in jobs]
            if self._waiting and not self._closed:
                self._workers.submit(self._work)

    def _is_alone(self, jobs: Sequence[_Job]) -> bool:
        """Whether somebody waits for this, and nobody for anything else."""
        with self._lock:
            return jobs[0].urgency is Urgency.PAUSE and len(self._running) == 1 and not self._waiting

    def _next(self) -> List[_Job]:
        with self._lock:
            for job in [job for job in self._waiting if not job.request.wanted()]:
                self._waiting.remove(job)
                job.result.cancel()
            self._waiting.sort()
            first = self._waiting[: self._each.capabilities.together]
            jobs = [job for job in first if job.urgency is first[0].urgency]
            overdue = any(job.urgency is Urgency.OVERDUE for job in self._running)
            if overdue and jobs and jobs[0].urgency is Urgency.OVERDUE:
                return []  # when that one is done; the other workers are for those who may be done
            del self._waiting[: len(jobs)]
            self._running += jobs
        now = time.monotonic()
        for job in jobs:
            self._load.note("recognition", now - job.asked_at)
        return jobs

    async def recognise_patiently(self, samples: np.ndarray, *, prompt: Optional[str] = None) -> Transcript:
        """Recognize a recording that may be long, float32 of shape (n,) at 16 kHz, piece by piece.

        Callers who speak come first. The prompt is words that are likely to be in it.
        """
        loop = asyncio.get_running_loop()
        heard: List[Transcript] = []
        async with self._patient:
            for piece in split_at_quiet(samples):
                await self._until_idle()
                language = heard[0].language if heard else self.language  # one recording, one language
                work = functools.partial(self._each.transcribe, piece, language=language, prompt=prompt)
                heard.append(await loop.run_in_executor(self._patience, work))
        return join_transcripts(heard)

    async def _until_idle(self) -> None:
        give_up_at = time.monotonic() + LONGEST_PATIENCE_S
        quiet_since = time.monotonic()
        while time.monotonic() < give_up_at:
            await asyncio.sleep(_LOOK_EVERY_S)
            if not self.idle:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since >= _QUIET_S:
                return

    def states(self) -> List[Dict[str, Any]]:
        """Return how each of several recognizers is, see ``Roster.states``; nothing where there is one."""
        return self._each.states() if isinstance(self._each, SeveralRecognizers) else []

    def _loaded(self, *, threads: int, workers: int) -> Any:
        loaded = []
        for name, one in self._options.each().items():
            keys: Dict[str, Any] = {**one.for_engine(), "threads": threads, "workers": workers}
            loaded.append((name, load_recognizer(one.engine, self._models[name] or None, **keys)))
        return SeveralRecognizers(loaded) if self._options.engines else loaded[0][1]

    def close(self) -> None:
        """Stop the threads; what waits is given up."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
        for job in waiting:
            job.result.cancel()
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._patience.shutdown(wait=False, cancel_futures=True)


def recogniser_for(options: AsrEngine) -> ModelChoice:
    """Return what ``model: auto`` means on this machine; takes about a second, and raises where there is no Whisper."""
    if options.engine != "whisper":
        raise ConfigurationError(
            f"asr: 'model: auto' chooses among Whisper's models, so name the model of the engine '{options.engine}'."
        )
    return choose_model(str(options.for_engine().get("language", AUTO)))


def _model(options: AsrEngine) -> str:
    if options.model != AUTO:
        return options.model
    chosen = recogniser_for(options)
    logger.info("Speech recognition: %s", chosen.why)
    return chosen.model
