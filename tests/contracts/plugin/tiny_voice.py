"""A genuine engine in its smallest form, as somebody else's package would bring it: one tone per letter."""

from __future__ import annotations

import threading
import time
from typing import Any, Iterator, Optional

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.synthesizer import Capabilities, join_chunks

SAMPLES_PER_LETTER = 400
HANGS_NO_MORE = threading.Event()  # what ends a hang


class TinyVoice:
    """Beeps. Some words do what real engines do on a bad day: ``refuse``, ``fail``, ``garbage``, ``hang``."""

    sample_rate = 8000
    capabilities = Capabilities(languages=("en",), streams=True, identity="tiny 1.0")

    def __init__(
        self, model_path: str = "tiny", seconds_per_word: float = 0.0, load_s: float = 0.0, threads: int = 1
    ) -> None:
        if model_path == "wrong":
            raise ConfigurationError("There is no tiny model 'wrong'; use 'tiny'.")
        if model_path == "broken":
            raise ZeroDivisionError("the file is broken")
        time.sleep(load_s)
        self._seconds_per_word = seconds_per_word
        self.is_closed = False

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        if text == "refuse":
            raise ValueError("I do not speak that")
        return self._chunks(text, speed)

    def _chunks(self, text: str, speed: float) -> Iterator[Any]:
        for word in text.split():
            if word == "fail":
                raise RuntimeError("this word cannot be spoken")
            if word == "garbage":
                yield object()
            if word == "hang":
                HANGS_NO_MORE.wait(600)
            time.sleep(self._seconds_per_word)
            for letter in filter(str.isalnum, word.lower()):
                phase = (
                    2 * np.pi * (300 + 20 * ord(letter)) * np.arange(int(SAMPLES_PER_LETTER / speed)) / self.sample_rate
                )
                yield (8000 * np.sin(phase)).astype(np.int16)

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        return join_chunks(self.stream(text, speed=speed, language=language))

    def close(self) -> None:
        self.is_closed = True
