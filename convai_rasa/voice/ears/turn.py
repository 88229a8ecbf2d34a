"""Turn-taking: who is speaking, decided from speech probabilities alone.

A pure state machine: one probability per audio frame in, at most one event out. It knows no clock, no audio
and no socket; time is the number of frames it was shown. What the words mean is somebody else's to judge:
:meth:`TurnTaker.wait_until` takes that verdict for the present pause.

::

    silent --start_ms of speech--> speaking --pause_ms of silence--> paused --enough silence--> silent
       STARTED, CONFIRMED             ^   PAUSED                       |          ENDED
                                      +------------- speech -----------+
                                                     RESUMED
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Optional

from convai_rasa.audio import FRAME_MS
from convai_rasa.voice.options import TurnOptions


class TurnEventKind(Enum):
    """What changed with the last frame."""

    STARTED = "started"  # somebody seems to speak
    CONFIRMED = "confirmed"  # they do: it was more than a cough
    CONTINUED = "continued"  # they have spoken for another while: a good moment to look at their words
    PAUSED = "paused"  # first guess that they may be done: recognize now, it may be right
    DUE = "due"  # most people would be done, and there is no verdict yet
    RESUMED = "resumed"  # they were not done
    ENDED = "ended"  # they are done: answer
    DISMISSED = "dismissed"  # it was too short for speech


@dataclass(frozen=True)
class TurnEvent:
    """A change of who is speaking."""

    kind: TurnEventKind
    silence_ms: int = 0  # how long nobody has spoken up to and including this frame


class _State(Enum):
    SILENT = "silent"
    SPEAKING = "speaking"
    PAUSED = "paused"


class TurnTaker:
    """Follows one caller's turns; a silence of ``patience_ms`` ends one on which there is no verdict."""

    def __init__(self, options: TurnOptions, patience_ms: int) -> None:
        self._options = options
        self._patience_ms = patience_ms
        self._reset()

    def _reset(self) -> None:
        self._state = _State.SILENT
        self._onset_ms = 0  # speech without a break, while silent
        self._voiced_ms = 0  # speech in this utterance
        self._silence_ms = 0
        self._utterance_ms = 0
        self._looked_at_ms = 0
        self._confirmed = False
        self._end_ms = self._patience_ms
        self._judged = False

    @property
    def speaking(self) -> bool:
        """Whether an utterance has started and not ended."""
        return self._state is not _State.SILENT

    def wait_until(self, silence_ms: int) -> Optional[TurnEvent]:
        """Let the present pause end the turn at this length, which it may have reached; speech makes that void."""
        if self._state is not _State.PAUSED:
            return None
        self._end_ms, self._judged = silence_ms, True
        return self.end() if self._silence_ms >= silence_ms else None

    def push(self, probability: float) -> Optional[TurnEvent]:
        """Take the probability, in [0, 1], that the next 32 ms frame holds speech; return what changed, or None."""
        voiced = probability >= self._options.threshold
        if self._state is _State.SILENT:
            return self._while_silent(voiced)
        self._utterance_ms += FRAME_MS
        self._voiced_ms += FRAME_MS if voiced else 0
        self._silence_ms = 0 if voiced else self._silence_ms + FRAME_MS
        if self._utterance_ms >= self._options.max_utterance_s * 1000:
            return self.end()
        return self._on_speech() if voiced else self._on_silence()

    def end(self) -> Optional[TurnEvent]:
        """End the utterance now, as when the person let go of the talk button; None if there is none."""
        if not self.speaking:
            self._onset_ms = 0
            return None
        kind = TurnEventKind.ENDED if self._confirmed else TurnEventKind.DISMISSED
        event = TurnEvent(kind, self._silence_ms)
        self._reset()
        return event

    def _while_silent(self, voiced: bool) -> Optional[TurnEvent]:
        self._onset_ms = self._onset_ms + FRAME_MS if voiced else 0
        if self._onset_ms < self._options.start_ms:
            return None
        self._state, self._utterance_ms, self._voiced_ms = _State.SPEAKING, self._onset_ms, self._onset_ms
        return TurnEvent(TurnEventKind.STARTED)

    def _on_speech(self) -> Optional[TurnEvent]:
        if not self._confirmed and self._voiced_ms >= self._options.min_speech_ms:
            self._confirmed = True
            self._state = _State.SPEAKING
            return TurnEvent(TurnEventKind.CONFIRMED)
        if self._state is _State.PAUSED:
            self._state, self._end_ms, self._judged = _State.SPEAKING, self._patience_ms, False
            return TurnEvent(TurnEventKind.RESUMED)
        if self._options.partial_ms and self._utterance_ms - self._looked_at_ms >= self._options.partial_ms:
            self._looked_at_ms = self._utterance_ms
            return TurnEvent(TurnEventKind.CONTINUED)
        return None

    def _on_silence(self) -> Optional[TurnEvent]:
        if self._silence_ms >= (self._end_ms if self._confirmed else self._options.end_ms):
            return self.end()
        if self._confirmed and self._state is _State.SPEAKING and self._silence_ms >= self._options.pause_ms:
            self._state = _State.PAUSED
            self._looked_at_ms = self._utterance_ms
            return TurnEvent(TurnEventKind.PAUSED, self._silence_ms)
        if self._state is _State.PAUSED and not self._judged and self._silence_ms >= self._options.end_ms:
            self._judged = True  # asked for once
            return TurnEvent(TurnEventKind.DUE, self._silence_ms)
        return None
