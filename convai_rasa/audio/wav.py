"""Wav files in memory."""

from __future__ import annotations

import io
import wave

import numpy as np


def wav_bytes(pcm: np.ndarray, sample_rate: int) -> bytes:
    """Return a mono 16-bit wav file.

    Args:
        pcm: int16 array of shape (n,).
        sample_rate: in Hz.
    """
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.ascontiguousarray(pcm, dtype="<i2").tobytes())
    return buffer.getvalue()
