"""Nobody speaks: counted in the caller's own sound, so that a client without a microphone is never silent."""

from __future__ import annotations

from typing import Optional

MOST = 3  # "are you still there?", once more, goodbye; then the bot has said all there is to say


class SilenceCounter:
    """Counts silence.

    Args:
        silence_s: how long a silence is worth a word; 0 means never.
    """

    def __init__(self, silence_s: float) -> None:
        self._limit_ms = silence_s * 1000
        self._silent_ms = 0.0
        self._times = 0

    def heard(self, milliseconds: float, somebody_speaks: bool) -> Optional[int]:
        """Take so much of the caller's sound.

        Args:
            milliseconds: its length.
            somebody_speaks: the person does, the bot does, or it thinks.

        Returns:
            1, 2, 3 when it is the first, second, third silence in a row; otherwise None.
        """
        self._silent_ms = 0.0 if somebody_speaks else self._silent_ms + milliseconds
        if not self._limit_ms or self._silent_ms < self._limit_ms or self._times >= MOST:
            return None
        self._silent_ms = 0.0
        self._times += 1
        return self._times

    def broken(self) -> None:
        """The person did something: the next silence is the first again."""
        self._silent_ms, self._times = 0.0, 0
