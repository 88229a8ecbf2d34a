"""What the service asks of its engines, and the engines of this process."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Optional, Protocol

from convai_rasa.asr import Recognizer, Request, Transcript, load_recognizer, quicker_alone
from convai_rasa.audio import Sound
from convai_rasa.hardware import cores
from convai_rasa.speech.batches import Batches, Load
from convai_rasa.speech.options import SpeechOptions
from convai_rasa.speech.prometheus import Metrics
from convai_rasa.tts import SharedVoice, pulled

PIECES_AT_ONCE = 2  # of a long recording: it may not fill the batches of others


class SpeechEngines(Protocol):
    """A recognizer and voices, in this process or on other machines."""

    @property
    def load(self) -> Load:
        """How many recognitions wait."""

    async def recognize(self, request: Request) -> Transcript:
        """Recognize one utterance; cancelling gives it up.

        Raises:
            Refusal: too many wait.
            ConvaiError: it could not be recognized.
        """

    def speak(self, text: str, *, voice: str, speed: float, language: str | None) -> AsyncGenerator[Sound, None]:
        """Speak a text; closing the generator gives the rest up.

        Args:
            text, speed, language: as in ``forms.Speech``.
            voice: its model.

        Yields:
            Sound of int16 samples; the first as early as the voice allows.

        Raises:
            SynthesisError: the text could not be spoken.
        """

    async def languages(self) -> dict[str, Sequence[str]]:
        """Return the codes of the languages that each model knows, by its name; none where it does not tell."""

    def close(self) -> None:
        """Free the models; what is in progress fails."""


class LocalEngines:
    """Models in this process: loaded here and now, as the options say; the metrics are told of batches.

    Raises:
        ConvaiError: a model or an optional dependency is missing or broken.
    """

    def __init__(self, options: SpeechOptions, metrics: Metrics) -> None:
        self._asr = options.asr
        self._recognizer: Optional[Recognizer] = None
        self._batches: Optional[Batches] = None
        self._voices = VoicePool(options)
        try:
            if options.asr is not None:
                self._recognizer = load_recognition(options)
            self._voices.wait_ready()  # what is timed now is not kept waiting by it
            if self._recognizer is not None:
                self._batches = Batches(
                    self._recognizer,
                    alone=_load_alone(options, self._recognizer),
                    workers=_workers_of(options),
                    together=options.batch,
                    most=PIECES_AT_ONCE * options.queue,  # a long recording may have several pieces there
                    max_wait_s=options.max_wait_s,
                    observe=metrics.batch,
                )
        except BaseException:
            self._voices.close()
            raise

    @property
    def load(self) -> Load:
        """How many recognitions wait."""
        return self._batches.load if self._batches is not None else Load()

    async def recognize(self, request: Request) -> Transcript:
        """Recognize one utterance; see ``SpeechEngines.recognize``."""
        assert self._batches is not None  # else its name is none of ours
        return await self._batches.recognize(request)

    def speak(self, text: str, *, voice: str, speed: float, language: str | None) -> AsyncGenerator[Sound, None]:
        """Speak a text; see ``SpeechEngines.speak``."""
        return self._voices.speak(text, voice=voice, speed=speed, language=language)

    async def languages(self) -> dict[str, Sequence[str]]:
        """Return the codes of the languages that each model knows; see ``SpeechEngines.languages``."""
        known = self._voices.languages()
        if self._recognizer is not None and self._asr is not None:
            known[self._asr] = self._recognizer.capabilities.languages
        return known

    def close(self) -> None:
        """Free the models; what is in progress fails."""
        if self._batches is not None:
            self._batches.close()
        self._voices.close()


class VoicePool:
    """Voices by their models, which begin to load here."""

    def __init__(self, options: SpeechOptions) -> None:
        self._voices = {name: SharedVoice(options.tts_engine, name) for name in options.tts}
        for voice in self._voices.values():
            voice.start()
        # They only wait for the voice, which speaks to several callers in turns.
        self._pool = ThreadPoolExecutor(options.queue, thread_name_prefix="convai-speech-voice")
        self._closed = threading.Event()

    def wait_ready(self) -> None:
        """Wait until all are loaded; see ``SharedVoice.wait_ready``."""
        for voice in self._voices.values():
            voice.wait_ready()

    def languages(self) -> dict[str, Sequence[str]]:
        """Return the codes of the languages that each knows."""
        return {name: voice.capabilities.languages for name, voice in self._voices.items()}

    async def speak(self, text: str, *, voice: str, speed: float, language: str | None) -> AsyncGenerator[Sound, None]:
        """Speak a text; see ``SpeechEngines.speak``. A chunk is made when it is asked for."""
        speaking = self._voices[voice]
        chunks = pulled(speaking.stream(text, speed=speed, language=language), self._pool, self._closed)
        async with contextlib.aclosing(chunks):
            async for chunk in chunks:
                yield Sound(chunk, speaking.sample_rate)

    def close(self) -> None:
        """Free the models; texts in progress fail."""
        self._closed.set()
        for voice in self._voices.values():
            with contextlib.suppress(RuntimeError):
                voice.close()
        self._pool.shutdown(wait=False, cancel_futures=True)


def load_recognition(options: SpeechOptions, alone_on: int = 0) -> Recognizer:
    """Load the recognizer with its share of this machine, or for one request on so many threads."""
    workers = 1 if alone_on else _workers_of(options)
    threads = alone_on or options.threads or max(1, cores() // workers)
    return load_recognizer(options.asr_engine, options.asr, workers=workers, threads=threads, language=options.language)


def _load_alone(options: SpeechOptions, each: Recognizer) -> Optional[Recognizer]:
    """Load the recognizer once more, with all cores for one request, where that is quicker."""
    if options.threads or _workers_of(options) < 2:
        return None
    return quicker_alone(str(options.asr), each, lambda threads: load_recognition(options, alone_on=threads))


def _workers_of(options: SpeechOptions) -> int:
    return options.workers or min(64, cores())
