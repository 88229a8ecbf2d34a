"""The recogniser, the synthesiser and the voice detector that all callers of this process share.

Callers await; the work happens in bounded pools, so Rasa's event loop never waits for a model.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import AsyncGenerator, Iterable, List, Optional

import numpy as np

from convai_rasa.asr import Recognizer, Transcript, join_transcripts, load_recognizer, split_at_quiet
from convai_rasa.audio import Decoder, Recording, SileroVad, VadStream
from convai_rasa.voice.admission import Load
from convai_rasa.voice.limits import NOTES_AT_ONCE
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.voices import load_voices

logger = logging.getLogger(__name__)

LONGEST_PATIENCE_S = 20.0  # then a piece of a recording is recognised beside the callers
_QUIET_S = 0.1  # without a caller's words to recognise: the next may come with the next pause
_LOOK_EVERY_S = 0.02


class Engines:
    """Loads the models once and hands out their work.

    The recogniser loads here and now, so that a wrong model name stops the server at start; the synthesiser
    loads in its own process meanwhile.

    Attributes:
        voice_sample_rate: of :meth:`speak` in Hz, whatever the language; known once :meth:`wait_ready` has returned.
        load: how long work has waited.

    Raises:
        ConvaiError: a model or an optional dependency is missing or broken.
    """

    def __init__(self, options: VoiceOptions) -> None:
        asr, tts = options.asr, options.tts
        self.voice_sample_rate = 0
        self._voice_detector = SileroVad()
        self._closed = threading.Event()
        self._recognising = 0
        self.load = Load()
        self._voices = load_voices(tts)
        self._voices.start()
        try:
            # One worker more than callers get, so that none of them waits behind a piece of a long recording.
            keys = {**asr.for_engine(), "workers": asr.workers + 1}
            self._recognizer: Recognizer = load_recognizer(asr.engine, asr.model, **keys)
        except BaseException:
            self._voices.close()
            raise
        self._recognition = ThreadPoolExecutor(asr.workers, thread_name_prefix="convai-asr")
        self._patience = ThreadPoolExecutor(1, thread_name_prefix="convai-notes")
        # They only wait for the decoder's process: one that takes its whole time keeps no other note from being heard.
        self._decoding = ThreadPoolExecutor(NOTES_AT_ONCE, thread_name_prefix="convai-decoding")
        self._patient = asyncio.Lock()
        self._decoder = Decoder()
        self._decoder.start()
        self._warming = ThreadPoolExecutor(1, thread_name_prefix="convai-warm")
        # One for each caller: they only wait for the voice's process, which speaks to several callers in turns.
        self._synthesis = ThreadPoolExecutor(options.max_sessions, thread_name_prefix="convai-tts")

    async def wait_ready(self) -> None:
        """Wait until the synthesiser can speak.

        Raises:
            SynthesisError, ModelError: it could not be loaded.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._synthesis, self._voices.wait_ready)
        self.voice_sample_rate = self._voices.sample_rate

    def voice_detector(self) -> VadStream:
        """Return a voice activity detector for one caller."""
        return self._voice_detector.stream()

    @property
    def idle(self) -> bool:
        """Whether nobody waits for the recogniser."""
        return self._recognising == 0

    async def recognise(
        self, samples: np.ndarray, *, language: Optional[str] = None, prompt: Optional[str] = None
    ) -> Transcript:
        """Recognise one utterance; cancelling gives the place in the queue away.

        Args:
            samples: float32 of shape (n,) at 16 kHz.
            language: ISO 639-1 code, or None for the recogniser's own choice.
            prompt: words the caller is likely to say.
        """
        asked_at = time.monotonic()

        def work() -> Transcript:
            self.load.note("recognition", time.monotonic() - asked_at)
            return self._recognizer.transcribe(samples, language=language, prompt=prompt)

        self._recognising += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._recognition, work)
        finally:
            self._recognising -= 1

    async def recognise_patiently(self, samples: np.ndarray, *, prompt: Optional[str] = None) -> Transcript:
        """Recognise a recording that may be long, piece by piece; callers who speak come first.

        Args:
            samples: float32 of shape (n,) at 16 kHz.
            prompt: words that are likely to be in it.
        """
        loop = asyncio.get_running_loop()
        heard: List[Transcript] = []
        async with self._patient:
            for piece in split_at_quiet(samples):
                await self._until_idle()
                language = heard[0].language if heard else None  # one recording, one language
                heard.append(
                    await loop.run_in_executor(
                        self._patience,
                        functools.partial(self._recognizer.transcribe, piece, language=language, prompt=prompt),
                    )
                )
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

    async def decode(self, data: bytes, *, max_seconds: float) -> Recording:
        """Decode a stranger's recording in a process of its own.

        Args:
            data: the bytes of a file.
            max_seconds: the longest recording accepted.

        Raises:
            AudioError: it cannot be decoded, is too long, or takes too long.
        """
        work = functools.partial(self._decoder.decode, data, max_seconds=max_seconds)
        return await asyncio.get_running_loop().run_in_executor(self._decoding, work)

    async def speak(
        self, text: str, *, language: Optional[str] = None, speed: float = 1.0
    ) -> AsyncGenerator[np.ndarray, None]:
        """Synthesise a text.

        Args:
            text: as the bot wrote it, with or without SSML.
            language: ISO 639-1 code; None, or one without a voice of its own: the default voice.
            speed: times the configured speed, 2.0 twice as fast.

        Yields:
            int16 arrays of shape (n,) at :attr:`voice_sample_rate`, the first one as early as the voice allows.

        Raises:
            SynthesisError: this text could not be spoken; the next one may be.
        """
        kept = self._voices.in_memory(text, language=language, speed=speed)
        if kept is not None:  # a thread would hand it over only when Rasa, on its way to the next message, pauses
            for chunk in kept:
                yield chunk
            return
        loop = asyncio.get_running_loop()
        stream = self._voices.stream(text, language=language, speed=speed)
        turn = threading.Lock()  # a generator cannot be closed while it runs

        def pull() -> Optional[np.ndarray]:
            with turn:
                return next(stream, None)

        def give_up() -> None:
            with turn:
                stream.close()

        asked_at: Optional[float] = time.monotonic()
        try:
            # One chunk at a time: whoever stops listening stops the voice, which is a few seconds ahead at most.
            while (sound := await loop.run_in_executor(self._synthesis, pull)) is not None:
                if asked_at is not None:
                    self.load.note("synthesis", time.monotonic() - asked_at)
                    asked_at = None
                yield sound
        finally:
            if not self._closed.is_set():  # else the voice has ended
                self._synthesis.submit(give_up)

    def warm(self, texts: Iterable[str], *, language: Optional[str] = None) -> Future[int]:
        """Say texts to the cache alone, in the background; a live request is never kept waiting for them.

        Args:
            texts: as the bot will write them.
            language: as :meth:`speak` takes it.

        Returns:
            A future of the number of sentences that were not there before; 0 where no cache is configured.
        """
        wanted = list(dict.fromkeys(texts))
        return self._warming.submit(self._warm, wanted, language)

    def _warm(self, texts: List[str], language: Optional[str]) -> int:
        made = 0
        for text in texts:
            if self._closed.is_set():
                break
            try:
                made += self._voices.prepare(text, language=language)  # waits for a voice that has ended
            # What a bot writes may meet a fault of ours; it costs this reply, not all that are left.
            except Exception as error:
                if not self._closed.is_set():  # else it is only the voice that was closed
                    logger.warning("A reply could not be spoken ahead of time: %s", error)
        return made

    def close(self) -> None:
        """Stop the pools and the voices' processes."""
        self._closed.set()
        self._warming.shutdown(wait=False, cancel_futures=True)
        self._recognition.shutdown(wait=False, cancel_futures=True)
        self._patience.shutdown(wait=False, cancel_futures=True)
        self._decoding.shutdown(wait=False, cancel_futures=True)
        self._decoder.close()
        self._synthesis.shutdown(wait=False, cancel_futures=True)
        self._voices.close()
