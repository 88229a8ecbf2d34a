"""Where the time of one turn goes."""

from __future__ import annotations

import time
from typing import Callable, Optional

from convai_rasa.voice.messages import TurnMetrics


class TurnTimer:
    """Notes when each part of a turn was done; created at the moment the turn was seen to be over.

    Args:
        endpoint_ms: how long before that the person had stopped speaking, in the caller's own time;
            None for a typed turn.
        clock: monotonic seconds.
    """

    def __init__(self, endpoint_ms: Optional[float] = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._endpoint_ms = endpoint_ms
        self._clock = clock
        self._over_at = clock()
        self._words_at: Optional[float] = None
        self._message_at: Optional[float] = None
        self._sound_at: Optional[float] = None

    @property
    def answered(self) -> bool:
        """Whether the bot has produced a message."""
        return self._message_at is not None

    def words_known(self) -> None:
        """The words are there and go to the bot."""
        self._words_at = self._clock()

    def bot_answered(self) -> None:
        """The bot produced a message, or was done without one; the first time counts."""
        if self._message_at is None:
            self._message_at = self._clock()

    def sound_sent(self) -> None:
        """Sound of a reply goes out; the first time counts."""
        if self._sound_at is None:
            self._sound_at = self._clock()

    def metrics(self) -> TurnMetrics:
        """Return the parts in ms."""
        spoken = self._endpoint_ms is not None
        until_sound = _ms(self._over_at, self._sound_at)
        return TurnMetrics(
            endpoint=self._endpoint_ms,
            asr=_ms(self._over_at, self._words_at) if spoken else None,
            rasa=_ms(self._words_at, self._message_at),
            tts_first_audio=_ms(self._message_at, self._sound_at),
            response=round(self._endpoint_ms + until_sound, 1)
            if self._endpoint_ms is not None and until_sound is not None
            else None,
        )


def _ms(earlier: Optional[float], later: Optional[float]) -> Optional[float]:
    return None if earlier is None or later is None else round((later - earlier) * 1000, 1)
