"""Sound that knows its rate, so that nobody has to look it up beside the samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Optional

import numpy as np

from convai_rasa.audio.frames import SAMPLE_RATE
from convai_rasa.audio.resampling import StreamResampler, resample


@dataclass(frozen=True, eq=False)
class Sound:
    """Mono sound, a whole one or a piece of a stream."""

    samples: np.ndarray  # int16, or float32 in [-1, 1], of shape (n,)
    rate: int  # in Hz

    @classmethod
    def silence(cls, seconds: float, rate: int) -> Sound:
        """Return int16 silence."""
        return cls(np.zeros(int(seconds * rate), np.int16), rate)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate

    def at(self, rate: int) -> Sound:
        """Return a whole sound at another rate; for the pieces of a stream see ``AtRate``.

        Raises:
            AudioError: a rate is not between 8 and 192 kHz.
        """
        return Sound(resample(self.samples, self.rate, rate), rate)


class AtRate:
    """Brings the pieces of a stream to one rate, as they come; pieces of different voices may have different rates."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._resampler: Optional[StreamResampler] = None

    def push(self, sound: Sound) -> np.ndarray:
        """Take the next piece, int16, and return all samples that it completes, int16 of shape (n,).

        Raises:
            AudioError: a rate is not between 8 and 192 kHz.
        """
        before = np.zeros(0, np.int16)
        if self._resampler is None or self._resampler.source_rate != sound.rate:
            before = self.flush()
            self._resampler = StreamResampler(sound.rate, self._rate)
        samples = self._resampler.push(sound.samples)
        return np.concatenate([before, samples]) if len(before) else samples

    def flush(self) -> np.ndarray:
        """End the stream and return the rest of it, int16 of shape (n,)."""
        return np.zeros(0, np.int16) if self._resampler is None else self._resampler.flush()


def joined(sounds: Iterable[Sound]) -> Sound:
    """Return int16 sounds as one, each where the one before ends, at the rate of the first; 16 kHz if there is none."""
    pieces = list(sounds)
    rate = pieces[0].rate if pieces else SAMPLE_RATE
    at_rate = AtRate(rate)
    return Sound(np.concatenate([*map(at_rate.push, pieces), at_rate.flush()]), rate)
