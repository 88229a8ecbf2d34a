"""Sample-rate conversion: soxr for whole recordings, a short polyphase filter for live streams.

Why not soxr for streams too: it works in blocks and holds sound back, and whatever is held back is
added to every answer. Fed with 20 ms messages it lagged by up to 20 ms (LQ), 41 ms (MQ) and 40 ms (HQ)
from 44.1 kHz to 16 kHz, and by 61, 118 and 115 ms from 8 kHz; only QQ is immediate, and it does not
filter aliases at all (a tone at 8.5 kHz comes through at -3 to 0 dB). The filter here lags by 2 ms
from 44.1 or 48 kHz and by 4 ms from 8 kHz, with aliases below -75 dB (``tests/audio/test_resampling.py``).
"""

from __future__ import annotations

import functools
import math

import numpy as np

from convai_rasa.audio.pcm import float_to_pcm16, pcm16_to_float
from convai_rasa.errors import AudioError, require

MIN_RATE, MAX_RATE = 8_000, 192_000  # Hz; from telephones to studio sound

# Half the filter's length, in samples of the lower of the two rates. With 80 dB of attenuation a Kaiser
# window needs a transition band of 0.16 of the lower Nyquist frequency for it: 6.7 to 8 kHz at 16 kHz.
_HALF_LENGTH = 32
_ATTENUATION_DB = 80.0


def resample(samples: np.ndarray, source_rate: int, target_rate: int) -> np.ndarray:
    """Resample a whole recording, float32 or int16 of shape (n,).

    Returns:
        array of the same type and of shape (n * target_rate / source_rate,); at equal rates the array itself.

    Raises:
        AudioError: a rate is not between 8 and 192 kHz.
    """
    _check_rate(source_rate)
    _check_rate(target_rate)
    if source_rate == target_rate or not len(samples):
        return samples
    soxr = require("soxr", extra="voice")
    if samples.dtype == np.int16:
        return float_to_pcm16(soxr.resample(pcm16_to_float(samples), source_rate, target_rate))
    return np.asarray(soxr.resample(np.asarray(samples, np.float32), source_rate, target_rate))


class StreamResampler:
    """Resamples a stream of samples piece by piece; every way of cutting the stream gives the same result.

    What is int16 stays int16, and at equal rates everything passes through as it is. Other sound goes through a
    windowed-sinc polyphase filter (Smith, "Digital Audio Resampling", CCRMA Stanford), with a Kaiser window.

    Args:
        source_rate, target_rate: in Hz.

    Raises:
        AudioError: a rate is not a whole number between 8 and 192 kHz.
    """

    def __init__(self, source_rate: int, target_rate: int) -> None:
        _check_rate(source_rate)
        _check_rate(target_rate)
        self.source_rate = source_rate
        self._same_rate = source_rate == target_rate
        self._int16 = False
        common = math.gcd(source_rate, target_rate)
        self._up, self._down = target_rate // common, source_rate // common
        self._taps = _polyphase_taps(self._up, self._down)
        self._held = self._silence_before()
        self._held_start = 0  # filter position of the first sample held
        self._next = 0  # number of the next output sample
        self._received = 0

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Take the next samples, float32 or int16 of shape (n,), and return all output that they complete."""
        self._int16 = samples.dtype == np.int16
        if self._same_rate:
            return samples
        return self._as_given(self._filtered(pcm16_to_float(samples) if self._int16 else samples))

    def flush(self) -> np.ndarray:
        """End the stream: return the rest of its sound, and be ready for a new stream."""
        if self._same_rate:
            return self._as_given(np.zeros(0, np.float32))
        total = -(-self._received * self._up // self._down)
        rest = self._filtered(np.zeros(self._taps.shape[1], np.float32))
        excess = self._next - total
        self._held, self._held_start, self._next, self._received = self._silence_before(), 0, 0, 0
        return self._as_given(rest[: len(rest) - excess] if excess > 0 else rest)

    def _as_given(self, samples: np.ndarray) -> np.ndarray:
        return float_to_pcm16(samples) if self._int16 else samples

    def _filtered(self, samples: np.ndarray) -> np.ndarray:
        self._received += len(samples)
        self._held = np.concatenate([self._held, np.asarray(samples, dtype=np.float32)])
        length = self._taps.shape[1]
        # Output i lies at position i * down / up of the input.
        ready = len(self._held) - length + self._held_start  # the last position with all its neighbors here
        count = max(0, (ready * self._up + self._up - 1) // self._down + 1 - self._next)
        positions = (self._next + np.arange(count, dtype=np.int64)) * self._down
        first, phase = positions // self._up - self._held_start, positions % self._up
        if count:
            windows = np.lib.stride_tricks.sliding_window_view(self._held, length)
            output = np.einsum("nk,nk->n", windows[first], self._taps[phase])
        else:
            output = np.zeros(0, np.float32)
        self._next += count
        done = min(self._next * self._down // self._up - self._held_start, len(self._held))
        self._held, self._held_start = self._held[done:].copy(), self._held_start + done
        return output

    def _silence_before(self) -> np.ndarray:
        # The filter looks at as much sound before a moment as after it; before the stream there is silence.
        return np.zeros(self._taps.shape[1] // 2 - 1, np.float32)


@functools.lru_cache(maxsize=16)
def _polyphase_taps(up: int, down: int) -> np.ndarray:
    """Return the filter as float32 of shape (up, k): row p is for outputs p / up of a sample after an input."""
    slower = min(1.0, up / down)  # the lower of the two rates, as a share of the source rate
    half = math.ceil(_HALF_LENGTH / slower)
    beta = 0.1102 * (_ATTENUATION_DB - 8.7)
    transition = (_ATTENUATION_DB - 7.95) / 14.36 / (2 * half)  # cycles per input sample
    cutoff = 0.5 * slower - transition / 2
    offset = np.arange(1 - half, half + 1)[None, :] - np.arange(up)[:, None] / up  # of each tap from the output
    window = np.i0(beta * np.sqrt(np.clip(1 - (offset / half) ** 2, 0, None))) / np.i0(beta)
    taps = 2 * cutoff * np.sinc(2 * cutoff * offset) * window
    return (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)


def _check_rate(rate: int) -> None:
    if not isinstance(rate, int) or isinstance(rate, bool) or not MIN_RATE <= rate <= MAX_RATE:
        raise AudioError(
            f"Sample rate {rate!r} is impossible; give a whole number of Hz from {MIN_RATE} to {MAX_RATE}."
        )
