"""Turn-taking: who is speaking, decided from speech probabilities alone.

A pure state machine: one probability per audio frame in, at most one event out. It knows no clock, no audio
and no socket; time is the number of frames it was shown.

::

    silent --start_ms of speech--> speaking --pause_ms of silence--> paused --end_ms of silence--> silent
       STARTED                        ^   PAUSED                       |          ENDED
                                      +------------- speech -----------+
                                                     RESUMED
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional

from convai_rasa.voice.options import TurnOptions

FRAME_MS = 32  # 512 samples at 16 kHz, the frame the voice activity detector was trained on


class TurnEventKind(Enum):
    """What changed with the last frame."""

    STARTED = "started"  # the person began to speak
    PAUSED = "paused"  # first guess that they may be done: recognise now, it may be right
    RESUMED = "resumed"  # they were not done
    ENDED = "ended"  # they are done: answer


@dataclass(frozen=True)
class TurnEvent:
    """A change of who is speaking.

    Attributes:
        kind: what changed.
        silence_ms: how long nobody has spoken up to and including this frame.
    """

    kind: TurnEventKind
    silence_ms: int = 0


class _State(Enum):
    SILENT = "silent"
    SPEAKING = "speaking"
    PAUSED = "paused"


class TurnTaker:
    """Follows one caller's turns."""

    def __init__(self, options: TurnOptions) -> None:
        self._options = options
        self._state = _State.SILENT
        self._voiced_ms = 0  # speech without a break, while silent
        self._silence_ms = 0
        self._utterance_ms = 0

    @property
    def speaking(self) -> bool:
        """Whether an utterance has started and not ended."""
        return self._state is not _State.SILENT

    def push(self, probability: float) -> Optional[TurnEvent]:
        """Show the next frame's speech probability.

        Args:
            probability: that the 32 ms frame holds speech, in [0, 1].

        Returns:
            What changed with this frame, or None.
        """
        voiced = probability >= self._options.threshold
        if self._state is _State.SILENT:
            return self._while_silent(voiced)
        self._utterance_ms += FRAME_MS
        self._silence_ms = 0 if voiced else self._silence_ms + FRAME_MS
        if self._utterance_ms >= self._options.max_utterance_s * 1000:
            return self.end()
        if voiced:
            return self._on_speech()
        return self._on_silence()

    def end(self) -> Optional[TurnEvent]:
        """End the utterance now, as when the person let go of the talk button; None if there is none."""
        if not self.speaking:
            self._voiced_ms = 0
            return None
        event = TurnEvent(TurnEventKind.ENDED, self._silence_ms)
        self._state, self._voiced_ms, self._silence_ms, self._utterance_ms = _State.SILENT, 0, 0, 0
        return event

    def _while_silent(self, voiced: bool) -> Optional[TurnEvent]:
        self._voiced_ms = self._voiced_ms + FRAME_MS if voiced else 0
        if self._voiced_ms < self._options.start_ms:
            return None
        self._state, self._utterance_ms, self._silence_ms = _State.SPEAKING, self._voiced_ms, 0
        return TurnEvent(TurnEventKind.STARTED)

    def _on_speech(self) -> Optional[TurnEvent]:
        if self._state is _State.SPEAKING:
            return None
        self._state = _State.SPEAKING
        return TurnEvent(TurnEventKind.RESUMED)

    def _on_silence(self) -> Optional[TurnEvent]:
        if self._silence_ms >= self._options.end_ms:
            return self.end()
        if self._state is _State.SPEAKING and self._silence_ms >= self._options.pause_ms:
            self._state = _State.PAUSED
            return TurnEvent(TurnEventKind.PAUSED, self._silence_ms)
        return None
