"""From a caller's sound to utterances: frames, voice detection, turn-taking and the samples in between."""

from __future__ import annotations

import collections
import time
from dataclasses import dataclass
from typing import Callable, Deque, Iterator, List, NamedTuple, Optional

import numpy as np

from convai_rasa.audio import FRAME_MS, Framer, NoiseFloor, VadStream
from convai_rasa.voice.ears.caller import Caller
from convai_rasa.voice.ears.own_voice import OwnVoice
from convai_rasa.voice.ears.turn import TurnEvent, TurnEventKind, TurnTaker
from convai_rasa.voice.options import TurnOptions
from convai_rasa.voice.watch import SoundClock

LEAD_IN_MS = 320  # sound kept from before speech was noticed: the first consonant is quiet


@dataclass(frozen=True)
class Heard:
    """A change of who is speaking, with the sound it concerns."""

    kind: TurnEventKind
    samples: np.ndarray  # float32 of shape (n,) at 16 kHz, the utterance so far where its words matter; else empty
    spoken_at: Optional[float] = None  # when the person had stopped speaking, by the listener's clock, at a turn's end
    left_out_ms: int = 0  # of sound at both ends in which only others spoke; it is not in the samples


class _Frame(NamedTuple):
    samples: np.ndarray
    level_db: float
    spoken: bool  # by anybody but the bot


_NO_SAMPLES = np.zeros(0, np.float32)
_WITH_SAMPLES = (TurnEventKind.CONTINUED, TurnEventKind.PAUSED, TurnEventKind.ENDED)


class Listener:
    """Listens to one caller. Turns are counted in sound received, so a client may stream at any speed.

    Args:
        patience_ms: the silence that ends a turn where there is no verdict.
        sample_rate: of the sound that comes in, in Hz.
        own_voice: what the bot says; None: it may interrupt itself.
        clock: monotonic seconds; only tells when a turn's last word was spoken.
    """

    def __init__(
        self,
        voice: VadStream,
        options: TurnOptions,
        patience_ms: int,
        sample_rate: int,
        own_voice: Optional[OwnVoice] = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sound = SoundClock(clock)
        self._framer = Framer(sample_rate)
        self._voice = voice
        self._floor = NoiseFloor(options.threshold)
        self._own_voice = own_voice
        self._caller = Caller(options.threshold) if options.leave_out_others else None
        self._threshold = options.threshold
        self._turns = TurnTaker(options, patience_ms)
        self._lead_in: Deque[_Frame] = collections.deque(maxlen=(LEAD_IN_MS + options.start_ms) // FRAME_MS)
        self._utterance: List[_Frame] = []

    @property
    def somebody_speaks(self) -> bool:
        """Whether the person is in the middle of an utterance."""
        return self._turns.speaking

    def forget(self) -> None:
        """Drop what was heard so far: the connection was lost, and what comes next does not follow it."""
        self._framer.flush()
        self._sound.forget()
        self._turns.end()
        self._voice.reset()
        self._lead_in.clear()
        self._utterance = []

    def wait_until(self, silence_ms: int) -> Optional[Heard]:
        """Let the present pause end the turn at this length; see :meth:`TurnTaker.wait_until`."""
        return self._with_samples(self._turns.wait_until(silence_ms))

    def push(self, pcm: bytes) -> Iterator[Optional[Heard]]:
        """Take PCM16 little-endian mono bytes, cut anywhere; yield what changed with each 32 ms frame, or None."""
        came_at = self._sound.came()
        for frame in self._framer.push(pcm):
            yield self._hear(frame, came_at)
        self._sound.ready()

    def finish(self) -> Iterator[Optional[Heard]]:
        """End the utterance now: the person has let go of the talk button."""
        came_at = self._sound.came()
        for frame in self._framer.flush():
            yield self._hear(frame, came_at)
        if self._own_voice is not None:
            self._own_voice.paused()
        yield self._with_samples(self._turns.end())
        self._sound.forget()

    def _hear(self, samples: np.ndarray, came_at: float) -> Optional[Heard]:
        self._sound.frame(came_at)
        probability = self._voice.probability(samples)
        if self._own_voice is not None and self._own_voice.hears_itself(samples):
            probability = 0.0
        likely = self._floor.probability(samples, probability)
        frame = _Frame(samples, self._floor.level_db, probability >= self._threshold)
        if self._caller is not None:
            likely = self._caller.probability(frame.level_db, likely)
        event = self._turns.push(likely)
        if event is not None and event.kind is TurnEventKind.STARTED:
            self._utterance = [*self._lead_in, frame]
            self._lead_in.clear()
        elif event is not None or self._turns.speaking:
            self._utterance.append(frame)
        else:
            self._lead_in.append(frame)
        if self._caller is not None and self._utterance and self._caller.looks(len(self._utterance)):
            self._callers_part()  # it may be over, and only others speak
        return self._with_samples(event)

    def _with_samples(self, event: Optional[TurnEvent]) -> Optional[Heard]:
        if event is None:
            return None
        part = self._callers_part() if event.kind in _WITH_SAMPLES else []
        left_out_ms = (len(self._utterance) - len(part)) * FRAME_MS if part else 0
        samples = np.concatenate([_NO_SAMPLES, *(frame.samples for frame in part)])
        spoken_at = None
        if event.kind in (TurnEventKind.ENDED, TurnEventKind.DISMISSED):
            self._utterance = []
            spoken_at = self._sound.spoken_at(event.silence_ms)
        return Heard(event.kind, samples, spoken_at, left_out_ms)

    def _callers_part(self) -> List[_Frame]:
        """Return the utterance so far, without what others say before and after the caller's own words."""
        if self._caller is None:
            return self._utterance
        found = self._caller.part(
            [frame.level_db for frame in self._utterance], [frame.spoken for frame in self._utterance]
        )
        return self._utterance if found is None else self._utterance[slice(*found)]
