"""What the bot has said, for the echo gate: at its rate, and on the microphone's timeline."""

from __future__ import annotations

from typing import Callable, Optional

import numpy as np

from convai_rasa.audio import FRAME_SAMPLES, SAMPLE_RATE, EchoGate, StreamResampler, pcm16_to_float

_RECORDED_S = 0.25  # sound this far ahead of the clock was not recorded now: no microphone hears the bot in it
_STALL_S = 1.0  # a network that held sound back for so long sends it faster than it was spoken
_STALLED_S = 2.0  # a network may hold sound back for so long, and it all comes later; after more, there was none


class OwnVoice:
    """Tells the bot's own voice, sent at ``sample_rate`` Hz, in one caller's microphone.

    The gate counts in microphone sound. While a client sends none, as with a talk button, the bot's sound is played all
    the same, and only the clock, of monotonic seconds, knows how much of it.
    """

    def __init__(self, sample_rate: int, clock: Callable[[], float]) -> None:
        self._gate = EchoGate()
        self._resampler = StreamResampler(sample_rate, SAMPLE_RATE)
        self._clock = clock
        self._heard_until = clock()
        self._paused = False
        self._last_frame = clock()
        self._ahead_s = 0.0  # of sound received, of the clock

    def sent(self, sound: Optional[np.ndarray]) -> None:
        """Take sound that was just sent, int16 of shape (n,), or None when the client was told to drop it."""
        self._catch_up()
        if sound is None:
            self._gate.dropped()
        else:
            self._gate.sent(self._resampler.push(pcm16_to_float(sound)))

    def paused(self) -> None:
        """The client stops sending sound for now."""
        self._paused = True

    def hears_itself(self, frame: np.ndarray) -> bool:
        """Whether the bot's own sound explains the microphone's next frame, float32 of shape (512,) at 16 kHz."""
        now = self._catch_up()
        ahead = self._ahead_s + FRAME_SAMPLES / SAMPLE_RATE - (now - self._last_frame)
        self._ahead_s, self._last_frame = max(-_STALL_S, ahead), now
        # Never ahead of the clock, or sound sent faster than it was spoken would hide a pause after it.
        self._heard_until = min(self._heard_until + FRAME_SAMPLES / SAMPLE_RATE, now)
        self._paused = False
        own = self._gate.hears_itself(frame)
        return own and self._ahead_s < _RECORDED_S

    def _catch_up(self) -> float:
        """Let the bot's sound go on by the time for which no sound came from the microphone."""
        now = self._clock()
        missing_s = now - self._heard_until
        if self._paused or missing_s > _STALLED_S:
            self._gate.skipped(int(missing_s * SAMPLE_RATE))
            self._heard_until = now
        return now
