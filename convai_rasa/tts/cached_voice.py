"""A voice that keeps what it has said."""

from __future__ import annotations

import contextlib
from typing import Generator, Iterator, Optional, Union

import numpy as np

from convai_rasa.tts.cache import SoundCache, sound_key
from convai_rasa.tts.scheduler import Urgency
from convai_rasa.tts.shared_voice import SharedVoice
from convai_rasa.tts.synthesizer import join_chunks
from convai_rasa.tts.text import Pause, Sentence, read_as, script

_CHUNK_S = 0.5  # of a kept sound: about as long as the first chunk of a voice


class CachedVoice:
    """Speaks sentence by sentence: from the cache where it was said before, else by the voice.

    Only whole sentences are kept: whoever gives up early leaves nothing behind.

    Args:
        shared: the voice.
        cache: None keeps nothing.
    """

    def __init__(self, shared: SharedVoice, cache: Optional[SoundCache]) -> None:
        self.shared = shared
        self._cache = cache

    def stream(
        self, text: str, *, speed: float = 1.0, language: Optional[str] = None
    ) -> Generator[np.ndarray, None, None]:
        """Speak a text piece by piece; see ``SharedVoice.stream``."""
        urgency: Urgency = "first"
        for step, key, code in self._steps(text, speed, language):
            if isinstance(step, Pause):
                yield step.sound(self.shared.sample_rate)
                continue
            kept = self._cache.get(key) if self._cache and key else None
            if kept is not None:
                yield from self._pieces(kept)
            else:
                yield from self._spoken(step, speed, code, key, urgency)
            urgency = "more"

    def in_memory(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Optional[list[np.ndarray]]:
        """Return what ``stream`` would yield if all of it is in memory, else None; waits for nothing."""
        if self._cache is None or not self.shared.ready():
            return None
        chunks: list[np.ndarray] = []
        for step, key, _ in self._steps(text, speed, language):
            if isinstance(step, Pause):
                chunks.append(step.sound(self.shared.sample_rate))
                continue
            kept = self._cache.recall(key) if key else None
            if kept is None:
                return None
            chunks += self._pieces(kept)
        return chunks

    def prepare(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> int:
        """Make the sentences of a text that are not kept yet, when the voice has nothing else to do.

        Returns:
            How many were made.

        Raises:
            SynthesisError: one could not be spoken.
        """
        made = 0
        for step, key, code in self._steps(text, speed, language):
            if isinstance(step, Pause) or self._cache is None:
                continue
            if key is not None and self._cache.get(key) is None:
                join_chunks(self._spoken(step, speed, code, key, "idle"))
                made += 1
        return made

    def _steps(
        self, text: str, speed: float, language: Optional[str]
    ) -> Iterator[tuple[Union[Sentence, Pause], Optional[str], str]]:
        """Yield the sentences and pauses of a text, under which key each is kept, and the language it is in."""
        reading = read_as(language, self.shared.capabilities.languages)
        code = reading.partition("-")[0]
        for step in script(text, reading):
            identity = self.shared.capabilities.identity
            if isinstance(step, Pause) or not identity:
                yield step, None, code
                continue
            rate = self.shared.sample_rate
            yield step, sound_key(identity, step.text, speed=speed * step.rate, language=code, sample_rate=rate), code

    def _spoken(
        self, sentence: Sentence, speed: float, language: str, key: Optional[str], urgency: Urgency
    ) -> Generator[np.ndarray, None, None]:
        chunks = []
        stream = self.shared.stream(sentence.text, speed=speed * sentence.rate, language=language, urgency=urgency)
        with contextlib.closing(stream):
            for chunk in stream:
                chunks.append(chunk)
                yield chunk
        if self._cache is not None and key is not None:
            self._cache.put(key, join_chunks(chunks))

    def _pieces(self, sound: np.ndarray) -> Generator[np.ndarray, None, None]:
        length = int(_CHUNK_S * self.shared.sample_rate)
        for start in range(0, len(sound), length):
            yield sound[start : start + length]
