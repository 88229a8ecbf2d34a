"""A genuine strategy in its smallest form, as somebody else's package would bring it: few words, a short wait."""

from __future__ import annotations

from convai_rasa.voice.ears import Pause
from convai_rasa.voice.options import TurnOptions


class TinyEnding:
    """Waits for as long as there are words. One word does what code of others does on a bad day: ``fail``."""

    asks_bot = False

    def __init__(self, turn: TurnOptions, per_word_ms: int = 160) -> None:
        self.patience_ms = turn.late_ms
        self._per_word_ms = per_word_ms

    async def silence_to_wait(self, pause: Pause) -> int:
        if pause.words == "fail":
            raise RuntimeError("this pause cannot be judged")
        return min(self._per_word_ms * (1 + len(pause.words.split())), self.patience_ms)
