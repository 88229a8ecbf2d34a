"""The same voices by several engines: the first that works speaks, and the next goes on where it fails."""

from __future__ import annotations

import contextlib
from typing import Any, Generator, Optional, Sequence, Tuple

from convai_rasa.audio import Sound
from convai_rasa.errors import ConvaiError, SynthesisError
from convai_rasa.remote import Roster, all_failed
from convai_rasa.tts.text import Pause, Sentence, script
from convai_rasa.tts.voices import Voices


class SeveralVoices:
    """Has the face of ``Voices``. A sentence that an engine breaks off in is over; the next engine says what follows.

    Args:
        engines: with their names, in the order in which they are preferred.
    """

    def __init__(self, engines: Sequence[Tuple[str, Voices]]) -> None:
        self._engines = list(engines)
        self._roster = Roster("voice", [name for name, _ in engines], [voices.probe for _, voices in engines])

    def start(self) -> None:
        """Begin to load all voices, and return at once."""
        for _, voices in self._engines:
            voices.start()

    def wait_ready(self, timeout: Optional[float] = None) -> None:
        """Wait until all voices are loaded; see ``SharedVoice.wait_ready``."""
        for _, voices in self._engines:
            voices.wait_ready(timeout)

    def languages(self, language: Optional[str]) -> tuple[str, ...]:
        """Return what the voice that would speak a language was made for; empty where its engine does not tell."""
        return self._engines[0][1].languages(language)

    def stream(self, text: str, *, language: Optional[str] = None, speed: float = 1.0) -> Generator[Sound, None, None]:
        """Speak a text piece by piece; see ``Voices.stream``."""
        for step in self._script(text, language):
            if isinstance(step, Pause):
                yield Sound.silence(step.seconds, self._engines[0][1].sample_rate)
            else:
                yield from self._kept(step, language, speed) or self._said(step, language, speed)

    def in_memory(self, text: str, *, language: Optional[str] = None, speed: float = 1.0) -> Optional[list[Sound]]:
        """Return what ``stream`` would yield if one engine has all of it in memory, else None; waits for nothing."""
        for _, voices in self._engines:
            chunks = voices.in_memory(text, language=language, speed=speed)
            if chunks is not None:
                return chunks
        return None

    def prepare(self, text: str, *, language: Optional[str] = None, speed: float = 1.0) -> int:
        """Say a text to the cache alone, by the first engine that works; see ``CachedVoice.prepare``."""
        failures: dict[str, BaseException] = {}
        for number in self._roster.order():
            name, voices = self._engines[number]
            try:
                made = voices.prepare(text, language=language, speed=speed)
            except ConvaiError as error:
                self._roster.failed(number, error)
                failures[name] = error
                continue
            if made:
                self._roster.served(number)
            else:  # what was kept already says nothing about the engine
                self._roster.given_up(number)
            return made
        raise SynthesisError(all_failed("No engine could speak this", failures))

    def states(self) -> list[dict[str, Any]]:
        """Return how each engine is; see ``Roster.states``."""
        return self._roster.states()

    def close(self) -> None:
        """Free all models; requests in progress fail."""
        for _, voices in self._engines:
            voices.close()

    def _script(self, text: str, language: Optional[str]) -> list[Any]:
        return script(text, language or next(iter(self.languages(None)), "en"))

    def _kept(self, sentence: Sentence, language: Optional[str], speed: float) -> Optional[list[Sound]]:
        """Return a sentence that an engine has said before; whether it works at present does not matter."""
        return self.in_memory(sentence.text, language=language, speed=speed * sentence.rate)

    def _said(self, sentence: Sentence, language: Optional[str], speed: float) -> Generator[Sound, None, None]:
        failures: dict[str, BaseException] = {}
        for number in self._roster.order():
            name, voices = self._engines[number]
            has_begun, is_told = False, False
            try:
                stream = voices.stream(sentence.text, language=language, speed=speed * sentence.rate)
                with contextlib.closing(stream):
                    for chunk in stream:
                        has_begun = True
                        yield chunk
                self._roster.served(number)
                is_told = True
                return
            except ConvaiError as error:
                self._roster.failed(number, error)
                is_told = True
                failures[name] = error
                if has_begun:  # said twice, it would be understood worse than cut short
                    return
            finally:
                if not is_told:
                    self._roster.given_up(number)
        raise SynthesisError(all_failed("No engine could speak this", failures))
