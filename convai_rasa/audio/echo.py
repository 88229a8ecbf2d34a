"""Tells the bot's own voice, come back through the microphone, from a person's.

The server knows what it sent. How that comes back is unknown: later by network, buffers and air, weaker, colored by
loudspeaker and room, drawn out by reverberation, half removed by the browser's own canceller. A canceller on samples
needs all of that to be linear; here only *power* is explained, in twenty bands of a hop of 16 ms:

    microphone[t, band]  ≤  gain[band] · drawn_out(sent)[t - delay, band] + noise[band]

The delay is where the two logarithmic spectrograms correlate best; the gains are high quantiles, tracked for every
delay at once. What is much louder than explained, in enough of the frame, is a person.
"""

from __future__ import annotations

import functools

import numpy as np

from convai_rasa.audio.frames import FRAME_SAMPLES, SAMPLE_RATE
from convai_rasa.errors import AudioError

_HOP = 256  # 16 ms
_WINDOW = 2 * _HOP
_BANDS = 20
_LOWEST_HZ, _HIGHEST_HZ = 120.0, 7_000.0
_FLOOR_DB = -95.0  # of a band, relative to full scale
_SILENCE_DB = -65.0  # what is played below this level is not heard
_DELAYS = 51  # hops, up to 800 ms
_REACH_HOPS = _DELAYS + 38  # and 0.6 s of reverberation
_DECAY_DB = 60.0 / 0.6 * _HOP / SAMPLE_RATE  # a hop, at a reverberation time of 0.6 s
_STILL_PLAYED_S = 0.5  # a client that was told to stop needs a moment

_COLD_HOPS = 75  # 1.2 s of sound, whose echo may come 0.8 s late: until then all that is much quieter than it is echo
_COLD_GAIN_DB = -20.0
_FIRST_GAIN_DB = 3.0
_FORGET = 1 / 94  # a hop: 1.5 s
_LOCKED = 0.4  # likeness from which the delay is believed
_ALIKE = 0.75
_UNLIKE = 0.15
_EARLIER_HOPS = 4  # 64 ms: how much sooner a client may play one sentence than the one before
_QUIETEST_DB = -75.0
_QUANTILE = 0.85
_GAIN_STEP_DB = 0.4
_FIRST_STEP_DB = 8.0
_WEIGHT = 40.0  # the fourth root of power: loudness, roughly
_NOISE_RISE_DB = 0.03  # a hop: 2 dB a second
_MARGIN_DB = 3.0
_ABOVE_NOISE_DB = 10.0
_UNLOCKED_DB = 3.0
_CLEAR_DB = 9.0
_OWN = 0.65


class EchoGate:
    """Follows one caller's microphone and what is sent to them; knows no clock, time is the frames it was shown."""

    def __init__(self) -> None:
        self._microphone = np.zeros(_HOP, np.float32)
        self._reference = np.zeros(_HOP, np.float32)  # what was sent, from one hop ago on
        self._end = _HOP  # where in it the next sound goes: now, or later
        self._quiet_hops = _REACH_HOPS  # since sound was played
        self._loud_hops = 0  # in which sound was played, up to now
        self._drawn_out = np.full((_DELAYS, _BANDS), _FLOOR_DB, np.float32)  # row d was played d hops ago
        self._model = _Path()

    def sent(self, samples: np.ndarray) -> None:
        """Take sound of the bot that was just sent; it is played from now on, or after what was sent before.

        Raises:
            AudioError: it is not float of shape (n,), at 16 kHz.
        """
        if samples.ndim != 1 or not np.issubdtype(samples.dtype, np.floating):
            raise AudioError(f"The echo gate takes float samples of shape (n,), not {samples.dtype} {samples.shape}.")
        start, self._end = self._end, self._end + len(samples)
        missing = max(0, self._end - len(self._reference))
        self._reference = np.concatenate([self._reference, np.zeros(missing, np.float32)])
        self._reference[start : self._end] += samples  # over what a dropped sound may still fill

    def dropped(self) -> None:
        """The client was told to throw away what it has not played yet; the next half second may still be heard."""
        self._reference = self._reference[: _HOP + int(_STILL_PLAYED_S * SAMPLE_RATE)].copy()
        self._end = _HOP

    def skipped(self, samples: int) -> None:
        """The microphone was not listened to for a while, in samples at 16 kHz; what was sent was played meanwhile."""
        unseen = max(0, samples - _REACH_HOPS * _HOP) // _HOP * _HOP  # too long ago to echo
        self._reference = np.concatenate([self._reference[unseen:], np.zeros(_HOP, np.float32)])
        self._end = max(_HOP, self._end - unseen)
        for _ in range((samples - unseen) // _HOP):
            self._advance()

    def hears_itself(self, frame: np.ndarray) -> bool:
        """Take the next frame of the microphone, and say whether the bot's own sound explains it; see ``share``."""
        return self.share(frame) >= _OWN

    def share(self, frame: np.ndarray) -> float:
        """Take the next frame of the microphone, float32 of shape (512,) at 16 kHz.

        Returns:
            The share of it that the bot's own sound explains, in [0, 1].

        Raises:
            AudioError: the frame has another shape.
        """
        if frame.shape != (FRAME_SAMPLES,):
            raise AudioError(f"A frame for the echo gate has {FRAME_SAMPLES} samples, not shape {frame.shape}.")
        heard = np.concatenate([self._microphone, frame])
        self._microphone = heard[FRAME_SAMPLES:]
        if len(self._reference) == _HOP and self._quiet_hops >= _REACH_HOPS:
            return 0.0
        shares = [self._hop(heard[at : at + _WINDOW]) for at in range(0, FRAME_SAMPLES, _HOP)]
        return float(np.mean(shares))

    def _hop(self, heard: np.ndarray) -> float:
        self._advance()
        self._loud_hops += self._quiet_hops == 0
        if self._quiet_hops >= _REACH_HOPS:
            return 0.0
        return self._model.explain(_band_levels(heard), self._drawn_out, cold=self._loud_hops < _COLD_HOPS)

    def _advance(self) -> None:
        level = _band_levels(self._next_played())
        self._quiet_hops = 0 if np.max(level) > _SILENCE_DB else self._quiet_hops + 1
        drawn_out = np.maximum(level, self._drawn_out[0] - _DECAY_DB)
        self._drawn_out = np.concatenate([drawn_out[None], self._drawn_out[:-1]])

    def _next_played(self) -> np.ndarray:
        known = self._reference[:_WINDOW]
        window = np.pad(known, (0, _WINDOW - len(known)))
        self._reference = self._reference[_HOP:] if len(self._reference) > 2 * _HOP else window[_HOP:]
        self._end = max(_HOP, self._end - _HOP)
        return window


class _Path:
    """The way from loudspeaker to microphone, as far as it is known."""

    def __init__(self) -> None:
        self._played_mean = np.full(_BANDS, -50.0, np.float32)
        self._heard_mean = np.full(_BANDS, -60.0, np.float32)
        self._hops = 0
        self._cross = np.zeros(_DELAYS, np.float32)
        self._played_energy = np.full(_DELAYS, 1.0, np.float32)
        self._heard_energy = 1.0
        self._gain = np.full((_DELAYS + 1, _BANDS), _FIRST_GAIN_DB, np.float32)  # last row: whatever the delay
        self._learned = np.zeros((_DELAYS + 1, _BANDS), np.float32)  # hops
        self._noise = np.full(_BANDS, -60.0, np.float32)
        self.delay = 0
        self.likeness = 0.0
        self.locked = False

    def explain(self, heard: np.ndarray, played: np.ndarray, *, cold: bool) -> float:
        """Return the share of a hop that is explained, and learn from it."""
        self._hops += 1
        fallen = np.maximum(heard, np.maximum(self._noise - 3.0, _QUIETEST_DB))
        self._noise = np.minimum(self._noise + _NOISE_RISE_DB, fallen)
        likeness = self._correlate(np.maximum(heard, self._noise + _ABOVE_NOISE_DB), np.maximum(played, _SILENCE_DB))
        reach = np.concatenate([played, np.max(played, axis=0, keepdims=True)])
        if self.locked:
            near = played[max(0, self.delay - _EARLIER_HOPS) : self.delay + 2]
            share = self._share(heard, np.max(near, axis=0) + self._gain[self.delay])
        else:
            gain = _COLD_GAIN_DB if cold else self._gain[-1] + _UNLOCKED_DB
            share = self._share(heard, reach[-1] + gain)
        own = share >= _OWN
        if (own or cold) and self._hops > 20:
            self._settle(likeness)
        self._learn(heard, reach, trusted=own or self.likeness > _ALIKE)
        return share

    def _share(self, heard: np.ndarray, expected: np.ndarray) -> float:
        weight = np.where(heard > self._noise + _ABOVE_NOISE_DB, 10 ** (heard / _WEIGHT), 0.0)
        total = float(np.sum(weight))
        if total <= 0.0:
            return 1.0
        beyond = np.clip((heard - expected - _MARGIN_DB) / (_CLEAR_DB - _MARGIN_DB), 0.0, 1.0)
        return 1.0 - float(np.sum(weight * beyond)) / total

    def _correlate(self, heard: np.ndarray, played: np.ndarray) -> np.ndarray:
        keep = max(_FORGET, 1.0 / self._hops)
        self._played_mean += keep * (played[0] - self._played_mean)
        self._heard_mean += keep * (heard - self._heard_mean)
        here, there = heard - self._heard_mean, played - self._played_mean
        self._cross += _FORGET * (there @ here - self._cross)
        self._played_energy += _FORGET * (np.sum(there**2, axis=1) - self._played_energy)
        self._heard_energy += _FORGET * (float(here @ here) - self._heard_energy)
        return self._cross / np.sqrt(self._played_energy * self._heard_energy + 1e-6)

    def _settle(self, likeness: np.ndarray) -> None:
        best = int(np.argmax(likeness))
        if self.locked and likeness[self.delay] < _UNLIKE:
            self.locked = False
        if likeness[best] > _LOCKED and (not self.locked or likeness[best] > likeness[self.delay] + 0.1):
            self.delay, self.locked = best, True
        self.likeness = float(likeness[self.delay])

    def _learn(self, heard: np.ndarray, reach: np.ndarray, *, trusted: bool) -> None:
        audible = reach > _SILENCE_DB
        audible[-1] &= audible[-2]
        self._learned += audible
        above = heard - reach - self._gain
        step = _GAIN_STEP_DB + _FIRST_STEP_DB * np.exp(-self._learned / 25.0)
        up = _QUANTILE * step if trusted else 0.02
        noisy = heard < self._noise + _ABOVE_NOISE_DB
        change = np.where(above > 0, np.where(noisy, 0.0, np.minimum(up, above)), -(1 - _QUANTILE) * step)
        self._gain = np.where(audible, self._gain + change, self._gain).astype(np.float32)


def _band_levels(window: np.ndarray) -> np.ndarray:
    """Return the power of 512 samples in each band, float32 of shape (bands,) in dB of full scale."""
    spectrum = np.fft.rfft(window * _hann())
    power = (spectrum.real**2 + spectrum.imag**2) @ _filters()
    return (10.0 * np.log10(power + 10 ** (_FLOOR_DB / 10))).astype(np.float32)


@functools.lru_cache(maxsize=1)
def _hann() -> np.ndarray:
    return np.hanning(_WINDOW).astype(np.float32)


@functools.lru_cache(maxsize=1)
def _filters() -> np.ndarray:
    """Return triangles on the mel scale, float64 of shape (257, bands)."""
    lowest, highest = (2595.0 * float(np.log10(1.0 + hertz / 700.0)) for hertz in (_LOWEST_HZ, _HIGHEST_HZ))
    edges = 700.0 * (10 ** (np.linspace(lowest, highest, _BANDS + 2) / 2595.0) - 1.0)
    bins = np.arange(_WINDOW // 2 + 1) * SAMPLE_RATE / _WINDOW
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    triangles = np.clip(np.minimum(rising, falling), 0.0, None)
    return triangles / (np.sum(_hann() ** 2) * _WINDOW / 2)
