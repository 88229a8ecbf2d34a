"""Sound as the bytes that a caller asked for, piece by piece."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from convai_rasa.audio import AtRate, Sound
from convai_rasa.errors import require

PCM_RATE = 24_000  # Hz, of OpenAI's API, where no header tells it; codecs take it too, the voices' own they may not

_UNKNOWN_LENGTH = 0xFFFFFFFF  # of a wav file that is still being made


@dataclass(frozen=True)
class Format:
    """A kind of file: its media type, and FFmpeg's codec (None: plain samples), container, and options of that."""

    media_type: str
    codec: str | None = None
    container: str = ""
    options: tuple[tuple[str, str], ...] = ()


FORMATS = {
    "mp3": Format("audio/mpeg", "libmp3lame", "mp3"),
    "opus": Format("audio/ogg", "libopus", "ogg", (("page_duration", "100000"),)),  # µs; else a second is held back
    "aac": Format("audio/aac", "aac", "adts"),
    "flac": Format("audio/flac", "flac", "flac"),
    "wav": Format("audio/wav"),
    "pcm": Format(f"audio/pcm;rate={PCM_RATE}"),
}


class Encoder:
    """Turns sound into the bytes of a file in one of ``FORMATS`` while it comes.

    Raises:
        MissingExtra: PyAV is not installed and the format needs it.
    """

    def __init__(self, form: str) -> None:
        self._form = form
        self._at_rate = AtRate(PCM_RATE)
        self._begun = False
        self._compressed = _Compressed(FORMATS[form]) if FORMATS[form].codec else None

    def push(self, sound: Sound) -> bytes:
        """Take the next sound and return what it makes; codecs hold some of it back."""
        if self._form == "wav":  # its head tells the rate
            return self._head(sound.rate) + _pcm(sound.samples)
        samples = self._at_rate.push(sound)
        return self._compressed.push(samples) if self._compressed else _pcm(samples)

    def finish(self) -> bytes:
        """Return the end of the file."""
        if self._form == "wav":
            return self._head(PCM_RATE)
        rest = self._at_rate.flush()
        return self._compressed.finish(rest) if self._compressed else _pcm(rest)

    def _head(self, rate: int) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
        length = struct.pack("<I", _UNKNOWN_LENGTH)
        return b"RIFF" + length + b"WAVE" + form + b"data" + length


class _Compressed:
    """A file that FFmpeg writes, of our own samples."""

    def __init__(self, form: Format) -> None:
        self._av = require("av", extra="speech")
        self._written = _Written()
        self._file = self._av.open(self._written, "w", format=form.container, options=dict(form.options))
        self._stream: Any = self._file.add_stream(form.codec, rate=PCM_RATE, layout="mono")

    def push(self, samples: np.ndarray) -> bytes:
        if len(samples):
            frame = self._av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
            frame.sample_rate = PCM_RATE
            self._mux(frame)
        return self._written.taken()

    def finish(self, samples: np.ndarray) -> bytes:
        written = self.push(samples)
        self._mux(None)
        self._file.close()
        return written + self._written.taken()

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            self._file.mux(packet)


class _Written:
    """Where FFmpeg writes; it cannot go back, as what was written has been sent."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def taken(self) -> bytes:
        data = bytes(self._data)
        self._data.clear()
        return data


def _pcm(samples: np.ndarray) -> bytes:
    return samples.astype("<i2").tobytes()
