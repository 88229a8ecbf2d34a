"""The voices of a bot, one for each language."""

from __future__ import annotations

import contextlib
from typing import Any, Generator, Mapping, Optional

from convai_rasa.audio import Sound
from convai_rasa.languages import base_language
from convai_rasa.tts.cache import SoundCache
from convai_rasa.tts.cached_voice import CachedVoice
from convai_rasa.tts.shared_voice import SharedVoice


class Voices:
    """Chooses the voice for a language; each speaks at its own sample rate.

    Args:
        engine: name of the engine that all voices share.
        model: the default voice; empty means the engine's default.
        by_language: ISO 639-1 code to model, for languages with a voice of their own.
        options: keyword arguments of the engine's class.
        cache: keeps what was said; None keeps nothing.
    """

    def __init__(
        self,
        engine: str,
        model: str,
        by_language: Mapping[str, str],
        options: Mapping[str, Any],
        cache: Optional[SoundCache] = None,
    ) -> None:
        models = dict.fromkeys([model, *by_language.values()])
        voices = {name: CachedVoice(SharedVoice(engine, name or None, **options), cache) for name in models}
        self._default = voices[model]
        self._by_language = {base_language(language): voices[name] for language, name in by_language.items()}
        self._shared = [voice.shared for voice in voices.values()]

    def start(self) -> None:
        """Begin to load all voices, and return at once."""
        for shared in self._shared:
            shared.start()

    def wait_ready(self, timeout: Optional[float] = None) -> None:
        """Wait until all voices are loaded; see ``SharedVoice.wait_ready``."""
        for shared in self._shared:
            shared.wait_ready(timeout)

    @property
    def sample_rate(self) -> int:
        """Of the default voice, in Hz."""
        return self._default.shared.sample_rate

    def languages(self, language: Optional[str]) -> tuple[str, ...]:
        """Return what the voice that would speak a language was made for; empty where its engine does not tell."""
        return tuple(self._for(language).shared.capabilities.languages)

    def stream(self, text: str, *, language: Optional[str] = None, speed: float = 1.0) -> Generator[Sound, None, None]:
        """Speak a text piece by piece; closing the iterator early cancels the rest.

        Args:
            text: as written for the eye, with or without SSML.
            language: ISO 639-1 code, with or without a country, which decides how it is read; None, or one without a
                voice of its own: the default voice.
            speed: times the configured speed.

        Yields:
            Sound of int16 samples.

        Raises:
            SynthesisError: the text could not be spoken.
        """
        voice = self._for(language)
        with contextlib.closing(voice.stream(text, speed=speed, language=language)) as chunks:
            for chunk in chunks:
                yield Sound(chunk, voice.shared.sample_rate)

    def in_memory(self, text: str, *, language: Optional[str] = None, speed: float = 1.0) -> Optional[list[Sound]]:
        """Return what ``stream`` would yield if all of it is in memory, else None; waits for nothing."""
        voice = self._for(language)
        chunks = voice.in_memory(text, speed=speed, language=language)
        return None if chunks is None else [Sound(chunk, voice.shared.sample_rate) for chunk in chunks]

    def prepare(self, text: str, *, language: Optional[str] = None, speed: float = 1.0) -> int:
        """Say a text to the cache alone, while no voice has anything else to do; see ``CachedVoice.prepare``."""
        return self._for(language).prepare(text, speed=speed, language=language)

    def probe(self) -> None:
        """See whether the engine of the default voice is there; see ``SharedVoice.probe``."""
        self._default.shared.probe()

    def close(self) -> None:
        """Free all models; requests in progress fail."""
        for shared in self._shared:
            shared.close()

    def _for(self, language: Optional[str]) -> CachedVoice:
        return self._default if language is None else self._by_language.get(base_language(language), self._default)
