"""A genuine engine in its smallest form, as somebody else's package would bring it: one tone per letter."""

from __future__ import annotations

import os
import signal
import time
from typing import Iterator, Optional

import numpy as np

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.synthesizer import Capabilities, join_chunks

SAMPLES_PER_LETTER = 400


class TinyVoice:
    """Beeps. Some words do what real engines do on a bad day: ``crash``, ``fail``, ``hang``."""

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

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        for word in text.split():
            letters = [letter for letter in word.lower() if letter.isalnum()]
            if word == "crash":
                os.abort()
            if word == "fail":
                raise RuntimeError("this word cannot be spoken")
            if word == "hang":
                time.sleep(600)
            if word == "interrupts":
                yield np.array([signal.getsignal(signal.SIGINT) == signal.SIG_IGN], np.int16)
            time.sleep(self._seconds_per_word)
            for letter in letters:
                phase = (
                    2 * np.pi * (300 + 20 * ord(letter)) * np.arange(int(SAMPLES_PER_LETTER / speed)) / self.sample_rate
                )
                yield (8000 * np.sin(phase)).astype(np.int16)

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        return join_chunks(self.stream(text, speed=speed, language=language))

    def close(self) -> None:
        """Nothing to free."""
