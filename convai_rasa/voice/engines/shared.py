"""The recognizer, the synthesizer and the voice detector that all callers of this process share.

Callers await; the work happens in bounded pools, so Rasa's event loop never waits for a model.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, AsyncGenerator, Dict, Iterable, List, Optional, Union

from convai_rasa.audio import Decoder, Recording, SileroVad, Sound, VadStream
from convai_rasa.tts import SoundCache, Voices, pulled
from convai_rasa.tts.remote import SeveralVoices
from convai_rasa.voice.engines.admission import Load
from convai_rasa.voice.engines.recognition import Recognition
from convai_rasa.voice.languages import base_language, code_of, heard_language, misfits
from convai_rasa.voice.limits import NOTES_AT_ONCE
from convai_rasa.voice.options import TtsOptions, VoiceOptions

logger = logging.getLogger(__name__)


class Engines:
    """Loads the models once and hands out their work.

    The recognizer loads here and now, so that a wrong model name stops the server at start; the synthesizer
    loads in the background meanwhile.

    Raises:
        ConvaiError: a model or an optional dependency is missing or broken.
    """

    def __init__(self, options: VoiceOptions) -> None:
        # That the bot speaks where nobody asked for another: that of config.yml, with a country where that names one;
        # the default voice's own where it names none.
        self.language: Optional[str] = None
        self._options = options
        self._voice_detector = SileroVad()
        self._closed = threading.Event()
        self.load = Load()
        self._voices = load_voices(options.tts)
        self._voices.start()
        try:
            self._recognition = Recognition(options.asr, self.load)
        except BaseException:
            self._voices.close()
            raise
        self.recognise = self._recognition.recognise
        self.recognise_patiently = self._recognition.recognise_patiently
        # They only wait for the decoder's process: one that takes its whole time keeps no other note from being heard.
        self._decoding = ThreadPoolExecutor(NOTES_AT_ONCE, thread_name_prefix="convai-decoding")
        self._decoder = Decoder()
        self._decoder.start()
        self._warming = ThreadPoolExecutor(1, thread_name_prefix="convai-warm")
        # One for each caller: they only wait for the voice, which speaks to several callers in turns.
        self._synthesis = ThreadPoolExecutor(options.max_sessions, thread_name_prefix="convai-tts")

    async def wait_ready(self) -> None:
        """Wait until the synthesizer can speak, and the recognizer knows how many threads are best."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._synthesis, self._voices.wait_ready)
        await loop.run_in_executor(self._synthesis, self._recognition.settle)

    def suit(self, bots: Optional[str]) -> List[str]:
        """Hear and speak the bot's language from now on, where neither callers nor the configuration ask for another.

        Returns sentences about what does not know that language, which config.yml names.
        """
        heard, spoken = self._recognition.languages, self._voices.languages(base_language(bots))
        self.language = code_of(bots) or next(iter(spoken), None)
        self._recognition.language = heard_language(self._options, base_language(bots), heard)
        return list(misfits(self._options, bots, heard=heard, spoken=spoken))

    @property
    def languages(self) -> List[str]:
        """Codes of the languages that callers are heard and answered in, the bot's own first."""
        own = base_language(self.language) or next(map(base_language, self._voices.languages(None)), None)
        spoken = dict.fromkeys(filter(None, (own, *map(base_language, self._options.tts.voices))))
        heard = [base_language(code) for code in self._recognition.languages]
        return [code for code in spoken if not heard or code in heard]

    def voice_detector(self) -> VadStream:
        """Return a voice activity detector for one caller."""
        return self._voice_detector.stream()

    @property
    def idle(self) -> bool:
        """Whether nobody waits for the recognizer."""
        return self._recognition.idle

    def states(self) -> Dict[str, List[Dict[str, Any]]]:
        """Return how each engine is where several stand in for each other; see ``Roster.states``."""
        spoken = self._voices.states() if isinstance(self._voices, SeveralVoices) else []
        found = {"recognition": self._recognition.states(), "synthesis": spoken}
        return {work: states for work, states in found.items() if states}

    async def decode(self, data: bytes, *, max_seconds: float) -> Recording:
        """Decode a stranger's recording, the bytes of a file, in a process of its own; raises ``AudioError``."""
        work = functools.partial(self._decoder.decode, data, max_seconds=max_seconds)
        return await asyncio.get_running_loop().run_in_executor(self._decoding, work)

    async def speak(
        self, text: str, *, language: Optional[str] = None, speed: float = 1.0
    ) -> AsyncGenerator[Sound, None]:
        """Synthesize a text as the bot wrote it, with or without SSML; the first sound comes as early as the voice can.

        Args:
            language: ISO 639-1 code, with or without a country; None: the bot's. One without a voice of its own is
                spoken by the default voice.
            speed: times the configured speed, 2.0 twice as fast.

        Yields:
            Sound of int16 samples, at the rate of the voice that speaks.

        Raises:
            SynthesisError: this text could not be spoken; the next one may be.
        """
        language = self._with_country(language)
        kept = self._voices.in_memory(text, language=language, speed=speed)
        if kept is not None:  # a thread would hand it over only when Rasa, on its way to the next message, pauses
            for chunk in kept:
                yield chunk
            return
        stream = self._voices.stream(text, language=language, speed=speed)
        sounds = pulled(stream, self._synthesis, self._closed, self.load.underway("synthesis"))
        async with contextlib.aclosing(sounds):
            async for sound in sounds:
                yield sound

    def warm(self, texts: Iterable[str]) -> Future[int]:
        """Say texts to the cache alone, in the background; a live request is never kept waiting for them.

        The future gives the number of sentences that were not there before; 0 where no cache is configured.
        """
        return self._warming.submit(self._warm, list(dict.fromkeys(texts)))

    def _with_country(self, language: Optional[str]) -> Optional[str]:
        """Return the bot's own code for its own language: who hears "en" knows no country, but config.yml does."""
        is_own = language is None or base_language(language) == language.lower() == base_language(self.language)
        return self.language if is_own else language

    def _warm(self, texts: List[str]) -> int:
        made = 0
        for text in texts:
            if self._closed.is_set():
                break
            try:
                made += self._voices.prepare(text, language=self.language)
            # What a bot writes may meet a fault of ours; it costs this reply, not all that are left.
            except Exception as error:
                if not self._closed.is_set():  # else it is only the voice that was closed
                    logger.warning("A reply could not be spoken ahead of time: %s", error)
        return made

    def close(self) -> None:
        """Stop the pools and the voices."""
        self._closed.set()
        self._warming.shutdown(wait=False, cancel_futures=True)
        self._recognition.close()
        self._decoding.shutdown(wait=False, cancel_futures=True)
        self._decoder.close()
        self._synthesis.shutdown(wait=False, cancel_futures=True)
        self._voices.close()


def load_voices(options: TtsOptions) -> Union[Voices, SeveralVoices]:
    """Return the voices, not started yet; a folder of the cache is relative to the working directory."""
    kept, cache = options.cache, None
    if kept is not None:
        folder = Path(kept.folder).expanduser().absolute()
        cache = SoundCache(folder, memory_mb=kept.memory_mb, disk_mb=kept.disk_mb)
    each = [
        (name, Voices(one.engine, one.model, one.voices, one.for_engine(), cache))
        for name, one in options.each().items()
    ]
    return SeveralVoices(each) if options.engines else each[0][1]
