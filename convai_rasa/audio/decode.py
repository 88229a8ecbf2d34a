"""Any recording a browser, a phone or an editor makes, as samples."""

from __future__ import annotations

import io
from typing import Any, Iterator

import numpy as np

from convai_rasa.audio.frames import SAMPLE_RATE, pcm16_to_float
from convai_rasa.errors import AudioError, require

_KINDS = "wav, ogg, webm, mp3, m4a or flac"


def decode_audio(data: bytes, *, max_seconds: float) -> np.ndarray:
    """Decode a recording in any container that FFmpeg knows (wav, ogg, webm, mp3, m4a, flac, …).

    Channels are mixed down to one. Decoding stops as soon as the limit is passed, so that a small file that
    unpacks to hours of silence costs no more memory than ``max_seconds`` of sound.

    Args:
        data: the bytes of the file.
        max_seconds: the longest recording accepted.

    Returns:
        float32 array of shape (n,) at 16 kHz in [-1, 1], never empty.

    Raises:
        AudioError: the bytes are not a recording, hold no sound, or last longer than ``max_seconds``.
        MissingExtra: PyAV is not installed.
    """
    if not data:
        raise AudioError(f"The recording is empty; send the bytes of a {_KINDS} file.")
    av = require("av", extra="voice")
    pieces: list[np.ndarray] = []
    received, limit = 0, int(max_seconds * SAMPLE_RATE)
    try:
        for piece in _decoded_pieces(av, data):
            pieces.append(piece)
            received += len(piece)
            if received > limit:
                raise AudioError(f"The recording is longer than {max_seconds:g} seconds; send a shorter one.")
    except AudioError:
        raise
    except MemoryError as error:
        raise AudioError("The recording needs too much memory to decode; send a shorter one.") from error
    # PyAV reports bad input with its own errors, ValueError, IndexError and others: all mean the same here.
    except Exception as error:
        if not received:
            raise AudioError(f"The bytes are not a recording that can be decoded ({error}); send {_KINDS}.") from error
    if not received:
        raise AudioError(f"The recording holds no sound; send a {_KINDS} file of at least one word.")
    return pcm16_to_float(np.concatenate(pieces))


def _decoded_pieces(av: Any, data: bytes) -> Iterator[np.ndarray]:
    """Yield int16 mono 16 kHz arrays; packets that cannot be decoded are skipped."""
    resampler = av.audio.resampler.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(io.BytesIO(data), mode="r", metadata_errors="ignore") as container:
        if not container.streams.audio:
            raise AudioError(f"The file holds no audio track; send {_KINDS}.")
        for packet in container.demux(container.streams.audio[0]):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in frames:
                frame.pts = None  # time stamps with gaps would make the resampler fail
                for part in resampler.resample(frame):
                    yield part.to_ndarray().reshape(-1)
        for part in resampler.resample(None):
            yield part.to_ndarray().reshape(-1)
