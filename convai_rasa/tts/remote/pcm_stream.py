"""Bytes of sound as servers send them, cut anywhere, become samples of one rate."""

from __future__ import annotations

import struct
from typing import Optional

import numpy as np

from convai_rasa.audio import StreamResampler

_FIRST_S = 0.02  # of sound, at least, before any is handed on: a trickle is none
_LONGEST_HEAD = 64 * 1024  # bytes of a wav file before its samples
_PCM = 1  # wave format
_EXTENSIBLE = 0xFFFE
_OTHER_FORMATS = {b"ID3": "MP3", b"\xff\xfb": "MP3", b"\xff\xf3": "MP3", b"OggS": "Ogg", b"fLaC": "FLAC"}


class NotPcm(Exception):
    """The bytes are something else, which the message names."""


class PcmStream:
    """Reads 16-bit little-endian mono PCM, with or without the head of a wav file before it.

    Args:
        sample_rate: wanted, in Hz.
        source_rate: of the bytes, where it is known beforehand; the head of a wav file overrules it.

    Attributes:
        source_rate: of the bytes in Hz.
    """

    def __init__(self, sample_rate: int, source_rate: Optional[int] = None) -> None:
        self._sample_rate = sample_rate
        self.source_rate = source_rate or sample_rate
        self._resampler: Optional[StreamResampler] = None
        self._held = bytearray()

    def take(self, data: bytes) -> Optional[np.ndarray]:
        """Take the next bytes; none at all means the end.

        Returns:
            int16 of shape (n,) at the wanted rate; None while they are too few.

        Raises:
            NotPcm: they are no such sound.
        """
        self._held += data
        resampler = self._resampler or self._begin(at_end=not data)
        if resampler is None:
            return None
        least = 0 if not data else int(_FIRST_S * self.source_rate) * 2
        whole = len(self._held) - len(self._held) % 2
        if whole < max(2, least) and data:
            return None
        samples = np.frombuffer(bytes(self._held[:whole]), "<i2").astype(np.int16)
        del self._held[:whole]
        sound = resampler.push(samples)
        if not data:
            sound = np.concatenate([sound, resampler.flush()])
        return sound if len(sound) else None

    def _begin(self, *, at_end: bool) -> Optional[StreamResampler]:
        """Read the head, if there is one; None while it is not whole."""
        if len(self._held) < 12 and not at_end:
            return None
        for start, name in _OTHER_FORMATS.items():
            if self._held.startswith(start):
                raise NotPcm(name)
        if self._held.startswith(b"RIFF") and self._held[8:12] == b"WAVE" and not self._read_head(at_end=at_end):
            return None
        self._resampler = StreamResampler(self.source_rate, self._sample_rate)
        return self._resampler

    def _read_head(self, *, at_end: bool) -> bool:
        place = 12
        while len(self._held) >= place + 8:
            name, size = struct.unpack_from("<4sI", self._held, place)
            place += 8
            if name == b"data":  # its size is made up where a server streams
                del self._held[:place]
                return True
            if name == b"fmt " and len(self._held) >= place + 16:
                self._read_form(place)
            place += size + size % 2
        if at_end or place > _LONGEST_HEAD:
            raise NotPcm("a wav file without samples")
        return False

    def _read_form(self, place: int) -> None:
        form, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", self._held, place)
        if form not in (_PCM, _EXTENSIBLE) or channels != 1 or bits != 16:
            raise NotPcm(f"a wav file of {channels} channels and {bits} bits in format {form}")
        self.source_rate = rate
