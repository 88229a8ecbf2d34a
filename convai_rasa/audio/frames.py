"""PCM bytes from a wire, as the fixed frames that voice activity detection and recognition eat."""

from __future__ import annotations

import numpy as np

from convai_rasa.audio.pcm import pcm16_to_float
from convai_rasa.audio.resampling import StreamResampler

SAMPLE_RATE = 16_000  # Hz; what Whisper and Silero were trained on
FRAME_SAMPLES = 512  # the only frame length Silero v6 takes
FRAME_MS = 1000 * FRAME_SAMPLES // SAMPLE_RATE  # 32


class Framer:
    """Cuts a stream of PCM16 little-endian mono bytes into 512-sample frames at 16 kHz.

    Messages may end anywhere, even in the middle of a sample: the rest waits for the next one, and
    any way of cutting the same bytes gives the same frames.

    Raises:
        AudioError: ``source_rate``, in Hz, cannot be resampled to 16 kHz.
    """

    def __init__(self, source_rate: int = SAMPLE_RATE) -> None:
        self._resampler = StreamResampler(source_rate, SAMPLE_RATE)
        self._odd_byte = b""
        self._rest = np.zeros(0, np.float32)

    def push(self, data: bytes) -> list[np.ndarray]:
        """Take the next bytes, any number; return the frames now complete, each float32 of shape (512,)."""
        data = self._odd_byte + data
        whole = len(data) - len(data) % 2
        self._odd_byte = data[whole:]
        return self._cut(self._resampler.push(pcm16_to_float(data[:whole])))

    def flush(self) -> list[np.ndarray]:
        """End the stream: return what is still held back, the last frame filled up with silence.

        A lone odd byte is dropped. The framer is then ready for a new stream.
        """
        frames = self._cut(self._resampler.flush())
        if len(self._rest):
            frames.append(np.pad(self._rest, (0, FRAME_SAMPLES - len(self._rest))))
        self._odd_byte, self._rest = b"", self._rest[:0]
        return frames

    def _cut(self, samples: np.ndarray) -> list[np.ndarray]:
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) - len(samples) % FRAME_SAMPLES
        self._rest = samples[whole:]
        return list(samples[:whole].reshape(-1, FRAME_SAMPLES))
