"""The tiny voice of the contract tests with more of what goes wrong in engines."""

from __future__ import annotations

import os
from typing import Iterator, Optional

import numpy as np
from tiny_voice import TinyVoice

from convai_rasa.errors import SynthesisError
from convai_rasa.tts.synthesizer import Capabilities


class MoodyVoice(TinyVoice):
    """Beeps, until it meets a word that it cannot bear.

    ``nonsense`` is an error about the text, ``poison`` one that looks as if it were not, ``starve`` one after which
    every other text fails as well, and ``garbage`` is no sound.

    Args:
        moods: whether it sounds different in every process.
        **options: of the tiny voice.
    """

    def __init__(
        self, model_path: str = "tiny", seconds_per_word: float = 0.0, load_s: float = 0.0, moods: bool = False
    ) -> None:
        super().__init__(model_path, seconds_per_word, load_s)
        self._volume = os.getpid() % 1000 if moods else 0
        self._starved = False
        self.capabilities = Capabilities(languages=("en",), streams=True, identity="" if moods else "moody")

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        if "refused" in text:
            raise ValueError("I do not speak that")
        return self._chunks(text, speed)

    def _chunks(self, text: str, speed: float) -> Iterator[np.ndarray]:
        if "nonsense" in text:
            raise ValueError("no phonemes for that")
        if "poison" in text:
            raise RuntimeError("the kernel is larger than the input")
        if "garbage" in text:
            yield object()  # type: ignore[misc]  # what is no array is the point
        self._starved |= "starve" in text
        if self._starved:
            raise SynthesisError("could not speak: could not create a primitive.") from RuntimeError("no primitive")
        for chunk in super().stream(text, speed=speed):
            yield (chunk + self._volume).astype(np.int16)
