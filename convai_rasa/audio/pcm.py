"""16-bit PCM: as numbers in [-1, 1] and back, and as a wav file in memory."""

from __future__ import annotations

import io
import wave
from typing import Union

import numpy as np

_FULL_SCALE = 32768.0


def pcm16_to_float(pcm: Union[bytes, bytearray, memoryview, np.ndarray]) -> np.ndarray:
    """Return little-endian bytes of even length, or int16 of shape (n,), as float32 of shape (n,) in [-1, 1)."""
    values = pcm if isinstance(pcm, np.ndarray) else np.frombuffer(pcm, dtype="<i2")
    return values.astype(np.float32) / np.float32(_FULL_SCALE)


def float_to_pcm16(samples: np.ndarray) -> np.ndarray:
    """Return float samples as int16, both of shape (n,); what is beyond [-1, 1] is clipped, not wrapped around."""
    return np.clip(np.rint(samples * _FULL_SCALE), -32768, 32767).astype(np.int16)


def wav_bytes(pcm: np.ndarray, sample_rate: int) -> bytes:
    """Return a mono wav file of int16 samples of shape (n,), at so many Hz."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, sample_rate, 0, "NONE", ""))
        file.writeframes(np.ascontiguousarray(pcm, dtype="<i2").tobytes())
    return buffer.getvalue()
