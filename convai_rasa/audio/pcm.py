"""16-bit PCM: as numbers in [-1, 1] and back, and as a wav file in memory."""

from __future__ import annotations

import io
import wave
from typing import Union

import numpy as np

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
