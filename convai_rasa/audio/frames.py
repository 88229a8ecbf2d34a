"""PCM bytes from a wire, as the fixed frames that voice activity detection and recognition eat."""

from __future__ import annotations

from typing import Union

import numpy as np

from convai_rasa.audio.resample import StreamResampler

SAMPLE_RATE = 16_000  # Hz; what Whisper and Silero were trained on
FRAME_SAMPLES = 512  # the only frame length Silero v6 takes
FRAME_MS = 1000 * FRAME_SAMPLES // SAMPLE_RATE  # 32

_FULL_SCALE = 32768.0


def pcm16_to_float(pcm: Union[bytes, bytearray, memoryview, np.ndarray]) -> np.ndarray:
    """Turn 16-bit PCM into samples.

    Args:
        pcm: little-endian bytes of even length, or an int16 array of shape (n,).

    Returns:
        float32 array of shape (n,) in [-1, 1).
    """
    values = pcm if isinstance(pcm, np.ndarray) else np.frombuffer(pcm, dtype="<i2")
    return values.astype(np.float32) / np.float32(_FULL_SCALE)


def float_to_pcm16(samples: np.ndarray) -> np.ndarray:
    """Turn samples into 16-bit PCM; what is beyond [-1, 1] is clipped, not wrapped around.

    Args:
        samples: float array of shape (n,).

    Returns:
        int16 array of shape (n,).
    """
    return np.clip(np.rint(samples * _FULL_SCALE), -32768, 32767).astype(np.int16)


class Framer:
    """Cuts a stream of PCM16 little-endian mono bytes into 512-sample frames at 16 kHz.

    Messages may end anywhere, even in the middle of a sample: the rest waits for the next one, and
    any way of cutting the same bytes gives the same frames.

    Args:
        source_rate: sample rate of the bytes in Hz.

    Raises:
        AudioError: the rate cannot be resampled to 16 kHz.
    """

    def __init__(self, source_rate: int = SAMPLE_RATE) -> None:
        self.source_rate = source_rate
        self._resampler = None if source_rate == SAMPLE_RATE else StreamResampler(source_rate, SAMPLE_RATE)
        self._odd_byte = b""
        self._rest = np.zeros(0, np.float32)

    def push(self, data: bytes) -> list[np.ndarray]:
        """Take the next bytes.

        Args:
            data: any number of bytes, an odd number included.

        Returns:
            The frames that are now complete, each float32 of shape (512,); often none.
        """
        data = self._odd_byte + data
        whole = len(data) - len(data) % 2
        self._odd_byte = data[whole:]
        samples = pcm16_to_float(data[:whole])
        return self._cut(samples if self._resampler is None else self._resampler.push(samples))

    def flush(self) -> list[np.ndarray]:
        """End the stream: return what is still held back, the last frame filled up with silence.

        A lone odd byte is dropped. The framer is then ready for a new stream.
        """
        frames = [] if self._resampler is None else self._cut(self._resampler.flush())
        if len(self._rest):
            frames.append(np.pad(self._rest, (0, FRAME_SAMPLES - len(self._rest))))
        self._odd_byte, self._rest = b"", self._rest[:0]
        return frames

    def _cut(self, samples: np.ndarray) -> list[np.ndarray]:
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        self._rest = samples[whole:]
        return list(samples[:whole].reshape(-1, FRAME_SAMPLES))
