"""What makes the frames that sound is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Iterator

import numpy as np

from convai_rasa.tts.export import VoiceFile
from convai_rasa.tts.graphs.sessions import Session


class Frames(ABC):
    """Makes frames of symbols.

    Args:
        voice: how to speak it.
        text: the first graph, which takes the symbols.
    """

    def __init__(self, voice: VoiceFile, text: Session) -> None:
        self._voice = voice
        self._text = text

    @abstractmethod
    def frames(
        self, ids: list[int], *, speed: float, rng: np.random.Generator, speaker: np.ndarray, first: int
    ) -> Iterator[np.ndarray]:
        """Yield frames of shape (1, channels, n) as they become known.

        Args:
            ids: symbol numbers.
            speed: 1.0 is the voice's own pace.
            rng: for whatever a model leaves to chance.
            speaker: int64 of shape (1,).
            first: how many frames the first piece has, where the voice can have them early.
        """
