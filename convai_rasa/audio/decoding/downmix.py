"""Several channels as one, with nothing lost: channels that would cancel are turned round before they are added."""

from __future__ import annotations

import numpy as np

_BLOCK = 1_600  # samples: 100 ms at 16 kHz, about a syllable, so that a change of phase midway costs no word
_RAMP = 80  # samples: 5 ms at 16 kHz over which a new weight is faded in, or the change would click
# Channels of noise or of two people correlate by less than this, in either direction, over 100 ms. Down to here the
# sum still holds 70 % of their power, so nothing needs turning round.
_OPPOSED = -0.3
_SILENT = 1e-10  # mean square: -100 dB, below the last bit of 16


class Downmix:
    """Mixes a stream of channels down to one.

    Plain averaging makes silence of two channels in opposite phase, and halves a voice that only one channel has.
    Here each block is mixed by itself: a channel that opposes those louder than it is inverted, and the sum is as
    loud as its loudest channel.
    """

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._rest = np.zeros((channels, 0), np.float32)
        self._signs = np.ones(channels, np.float32)
        self._weights: np.ndarray | None = None  # those the last block ended with

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Take the next samples, float32 of shape (channels, n), and return what is mixed: float32 of shape (m,)."""
        if self._channels == 1:
            return samples[0]
        held = np.concatenate([self._rest, samples], axis=1)
        whole = held.shape[1] - held.shape[1] % _BLOCK
        self._rest = held[:, whole:]
        return self._mixed([held[:, start : start + _BLOCK] for start in range(0, whole, _BLOCK)])

    def flush(self) -> np.ndarray:
        """End the stream: return the rest, float32 of shape (m,)."""
        rest, self._rest = self._rest, self._rest[:, :0]
        return self._mixed([rest] if rest.shape[1] else [])

    def _mixed(self, blocks: list[np.ndarray]) -> np.ndarray:
        return np.concatenate([np.zeros(0, np.float32), *(self._mix(block) for block in blocks)])

    def _mix(self, block: np.ndarray) -> np.ndarray:
        target = self._weights_of(block)
        before = target if self._weights is None else self._weights
        self._weights = target
        ramp = np.minimum(np.arange(1, block.shape[1] + 1, dtype=np.float32) / _RAMP, 1)
        weights = before[:, None] + (target - before)[:, None] * ramp
        return np.einsum("cn,cn->n", weights, block)

    def _weights_of(self, block: np.ndarray) -> np.ndarray:
        """Return one weight a channel, of shape (channels,)."""
        # Differences weigh down offsets and hum: hum that is the same in two channels must not decide about a voice.
        moving = np.diff(block, axis=1, prepend=block[:, :1])
        power = np.mean(moving**2, axis=1)
        order = np.argsort(-power, kind="stable")
        if power[order[0]] < _SILENT:  # nothing to judge by
            return self._signs / self._channels
        mix = moving[order[0]] * self._signs[order[0]]
        for channel in order[1:]:
            if power[channel] < _SILENT:
                continue
            together = float(np.mean(mix * moving[channel]))
            likeness = self._signs[channel] * together / np.sqrt(float(np.mean(mix**2)) * float(power[channel]))
            if likeness < _OPPOSED:
                self._signs[channel] = -self._signs[channel]
            mix = mix + self._signs[channel] * moving[channel]
        loudness = np.sqrt(float(power[order[0]]) / max(float(np.mean(mix**2)), _SILENT))
        return self._signs * np.float32(min(1.0, loudness))
