"""Where requests come in, by whichever protocol: for whom there is room, and what is done for them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import time
import wave
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from typing import Literal, Optional

import numpy as np

from convai_rasa.asr import Expected, Request, Transcript, split_at_quiet
from convai_rasa.audio import SAMPLE_RATE, Decoder, Sound, pcm16_to_float, resample
from convai_rasa.speech.forms import MEGABYTE, Speech, Transcription
from convai_rasa.speech.local_engines import PIECES_AT_ONCE, SpeechEngines
from convai_rasa.speech.openai_errors import Refusal, bad_request, too_busy
from convai_rasa.speech.options import SpeechOptions
from convai_rasa.speech.prometheus import Metrics
from convai_rasa.speech.served_names import Names

Kind = Literal["transcription", "speech"]
State = Literal["starting", "ready", "full", "draining"]

_SLOWEST, _FASTEST = 8_000, 48_000  # Hz
_RETRY_S = 2.0  # where nothing tells how long


class Desk:
    """Takes requests while there is room, as the options say, has them done by the engines, and tells the metrics."""

    def __init__(self, options: SpeechOptions, metrics: Metrics) -> None:
        self.options = options
        self.names = Names(options.asr, tuple(options.tts))
        self.metrics = metrics
        self._engines: Optional[SpeechEngines] = None
        self._draining = False
        self._in_work: Counter[str] = Counter()
        self._upload_bytes = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._decoder = Decoder()
        metrics.watch(lambda: self.waiting, lambda: float(self.state == "ready"))

    def open(self, engines: SpeechEngines) -> None:
        """Take requests from now on."""
        self._engines = engines
        if self.names.asr is not None:
            self._decoder.start()

    async def drain(self, timeout_s: float) -> bool:
        """Take no more requests, and wait until those in work are done; says whether all were."""
        self._draining = True
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        return self._idle.is_set()

    def close(self) -> None:
        """Take no more requests; the engines are their maker's to free."""
        self._draining = True
        self._decoder.close()

    @property
    def state(self) -> State:
        """Whether requests are taken, and why not."""
        if self._draining:
            return "draining"
        if self._engines is None:
            return "starting"
        is_full = self._engines.load.is_full or max(self._in_work.values(), default=0) >= self.options.queue
        return "full" if is_full else "ready"

    @property
    def waiting(self) -> int:
        """How many recognitions wait for an engine."""
        return self._engines.load.waiting if self._engines is not None else 0

    @property
    def in_work(self) -> int:
        """How many requests are served or wait."""
        return sum(self._in_work.values())

    @property
    def engines(self) -> SpeechEngines:
        """The engines.

        Raises:
            Refusal: they are still being loaded.
        """
        if self._engines is None:
            raise Refusal(503, "The models are still being loaded; try again in a moment.", retry_after_s=_RETRY_S)
        return self._engines

    @contextlib.contextmanager
    def place(self, kind: Kind) -> Iterator[None]:
        """Take a place for a request.

        Raises:
            Refusal: there is none, or the service is starting or stopping.
        """
        if self._draining:
            raise Refusal(503, "This service is stopping; ask another one.", code="stopping", retry_after_s=_RETRY_S)
        engines = self.engines
        if self._in_work[kind] >= self.options.queue:
            raise too_busy(f"{self._in_work[kind]} requests are in work already; try again later.", _RETRY_S)
        load = engines.load
        if kind == "transcription" and load.is_full:
            raise too_busy(f"{load.waiting} recordings wait already; try again later.", load.wait_s)
        self._in_work[kind] += 1
        self._idle.clear()
        try:
            with self.metrics.in_work(kind):
                yield
        finally:
            self._in_work[kind] -= 1
            if not self.in_work:
                self._idle.set()

    @contextlib.contextmanager
    def upload(self, size: int) -> Iterator[None]:
        """Take memory for a recording of at most so many bytes.

        Raises:
            Refusal: the recordings that are being read already take too much.
        """
        if self._upload_bytes + size > max(size, self.options.max_upload_mb * MEGABYTE):
            raise too_busy("Too many recordings are being sent at the moment; try again later.", _RETRY_S)
        self._upload_bytes += size
        try:
            yield
        finally:
            self._upload_bytes -= size

    async def transcribe(self, wanted: Transcription) -> list[Transcript]:
        """Recognize a recording; returns a transcript for each of its pieces, at least one.

        Raises:
            ConvaiError: it is no recording, too long, in an unknown language, or cannot be recognized.
        """
        self.names.check_recognizer(wanted.model)
        request = await asyncio.to_thread(self._decoded, wanted)
        return await self.recognize(request)

    async def recognize(self, request: Request) -> list[Transcript]:
        """Recognize samples of any length; see ``transcribe``."""
        sound_s = len(request.samples) / SAMPLE_RATE
        if sound_s > self.options.max_s:
            raise bad_request(f"The recording is longer than {self.options.max_s:g} seconds; send a shorter one.")
        with self.metrics.recognition(sound_s):
            try:
                return await asyncio.wait_for(self._recognized(request), self.options.timeout_s)
            except asyncio.TimeoutError as error:
                late = f"The recording was not recognized within {self.options.timeout_s:g} seconds"
                raise _timeout(f"{late}; send a shorter one, or try again later.") from error

    async def speak(self, wanted: Speech) -> AsyncGenerator[Sound, None]:
        """Speak a text; see ``SpeechEngines.speak``.

        Raises:
            ConvaiError: there is no such voice, or it could not speak.
        """
        voice = self.names.voice(wanted.model, wanted.voice)
        began: Optional[float] = time.monotonic()
        speaking = self.engines.speak(wanted.text, voice=voice, speed=wanted.speed, language=wanted.language)
        async with contextlib.aclosing(speaking) as sounds:
            while True:
                try:
                    sound = await asyncio.wait_for(anext(sounds, None), self.options.timeout_s)
                except asyncio.TimeoutError as error:
                    raise _timeout("The voice does not answer; try again later.") from error
                if sound is None:
                    return
                if began is not None:
                    self.metrics.first_sound(time.monotonic() - began)
                    began = None
                self.metrics.said(sound.seconds)
                yield sound

    def _decoded(self, wanted: Transcription) -> Request:
        samples = plain_samples(wanted.recording)
        if samples is None:
            samples = self._decoder.decode(wanted.recording, max_seconds=self.options.max_s).samples
        expected = Expected() if wanted.alternatives else None
        return Request(samples, wanted.language, wanted.prompt, expected=expected)

    async def _recognized(self, request: Request) -> list[Transcript]:
        pieces = split_at_quiet(request.samples)
        first = await self._piece(request, pieces[0])
        language = first.language if first.text else request.language  # one recording, one language
        rest = dataclasses.replace(request, language=language)
        places = asyncio.Semaphore(PIECES_AT_ONCE)

        async def next_piece(samples: np.ndarray) -> Transcript:
            async with places:
                return await self._piece(rest, samples)

        tasks = [asyncio.ensure_future(next_piece(samples)) for samples in pieces[1:]]
        try:
            return [first, *await asyncio.gather(*tasks)]
        finally:
            for task in tasks:
                task.cancel()

    async def _piece(self, request: Request, samples: np.ndarray) -> Transcript:
        return await self.engines.recognize(dataclasses.replace(request, samples=samples))


def plain_samples(recording: bytes) -> Optional[np.ndarray]:
    """Return the samples of a whole wav file of 16-bit mono sound, float32 of shape (n,) at 16 kHz; None: another file.

    That is what clients send who are in a hurry. The process that decodes anything else is small, but it has the lowest
    priority, and where all cores recognize it takes as long as they do.
    """
    try:
        with wave.open(io.BytesIO(recording)) as file:
            count, rate = file.getnframes(), file.getframerate()
            is_plain = file.getnchannels() == 1 and file.getsampwidth() == 2 and _SLOWEST <= rate <= _FASTEST
            pcm = file.readframes(count) if is_plain and 2 * count <= len(recording) else b""
    except (wave.Error, EOFError, RuntimeError):
        return None
    if not pcm or len(pcm) != 2 * count:
        return None
    return resample(pcm16_to_float(pcm), rate, SAMPLE_RATE)


def _timeout(message: str) -> Refusal:
    return Refusal(503, message, code="timeout", retry_after_s=_RETRY_S)
