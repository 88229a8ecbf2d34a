"""Where the time of one turn goes, as the caller lived it."""

from __future__ import annotations

import collections
import itertools
import time
from typing import Callable, Deque, Optional

from convai_rasa.audio import FRAME_MS
from convai_rasa.voice.wire import TurnMetrics

_REMEMBERED_MS = 4_000  # sound; longer than the longest pause that a turn may end with
_COMPARED_FRAMES = 62  # two seconds before the end of speech: long enough for a frame that nothing kept waiting
_CLIENT_PAUSED_S = 1.0  # nothing came although we were ready: what comes next was spoken later


class SoundClock:
    """Tells when sound was spoken from when it came in.

    Sound in real time may be late, kept by the network, by a busy process or by a verdict that is waited for, but it
    is never early. So the frame that waited least shows when each of those around it was spoken, in monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ready_at: Optional[float] = None
        self._heard_s = 0.0
        self._began: Deque[float] = collections.deque(maxlen=_REMEMBERED_MS // FRAME_MS)  # of the stream, by each frame

    def came(self) -> float:
        """Sound has come in; returns when."""
        now = self._clock()
        if self._ready_at is not None and now - self._ready_at > _CLIENT_PAUSED_S:
            self._began.clear()
        return now

    def ready(self) -> None:
        """All that came has been dealt with."""
        self._ready_at = self._clock()

    def frame(self, came_at: float) -> None:
        """One more frame is complete, since the sound of this moment."""
        self._heard_s += FRAME_MS / 1000
        self._began.append(came_at - self._heard_s)

    def spoken_at(self, ago_ms: int) -> float:
        """Return when, by the clock, the sound was spoken that lies so far behind the last frame."""
        newer = min(ago_ms // FRAME_MS, len(self._began) - 1)
        if newer < 0:
            return self._clock()
        known = itertools.islice(reversed(self._began), newer, newer + _COMPARED_FRAMES)
        return min(min(known) + self._heard_s - ago_ms / 1000, self._clock())

    def forget(self) -> None:
        """What comes next does not follow what came."""
        self._began.clear()


class TurnTimer:
    """Notes when each part of a turn was done, in monotonic seconds; created when the turn was seen to be over.

    The person had stopped at ``spoken_at``, None if they typed; of ``left_out_ms`` only others spoke.
    """

    def __init__(
        self, spoken_at: Optional[float] = None, clock: Callable[[], float] = time.monotonic, left_out_ms: int = 0
    ) -> None:
        self._clock = clock
        self._at = {"spoken": spoken_at, "over": clock()}
        self._left_out_ms = left_out_ms
        self._readings_s = 0.0

    @property
    def answered(self) -> bool:
        """Whether the bot has produced a message."""
        return "message" in self._at

    def words_known(self, readings_s: float = 0.0) -> None:
        """The words are there and go to the bot; so many seconds were spent on other readings of them."""
        self._at["words"] = self._clock()
        self._readings_s = readings_s

    def bot_answered(self) -> None:
        """The bot produced a message, or was done without one; the first time counts."""
        self._at.setdefault("message", self._clock())

    def sound_sent(self) -> None:
        """Sound of a reply goes out; the first time counts."""
        self._at.setdefault("sound", self._clock())

    def metrics(self) -> TurnMetrics:
        """Return the parts in ms."""
        return TurnMetrics(
            endpoint=self._ms("spoken", "over"),
            asr=self._ms("over", "words") if self._at["spoken"] is not None else None,
            readings=round(self._readings_s * 1000, 1) if self._readings_s else None,
            rasa=self._ms("words", "message"),
            tts_first_audio=self._ms("message", "sound"),
            response=self._ms("spoken", "sound"),
            left_out=self._left_out_ms or None,
        )

    def _ms(self, earlier: str, later: str) -> Optional[float]:
        began, ended = self._at.get(earlier), self._at.get(later)
        return None if began is None or ended is None else round((ended - began) * 1000, 1)
