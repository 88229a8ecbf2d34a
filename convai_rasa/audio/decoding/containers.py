"""What kind of file a recording is, told by its own bytes, so that FFmpeg never has to guess.

FFmpeg's guess is the way in for files that are scripts: playlists, ``ffconcat``, SDP. They name other files and
addresses, which FFmpeg would open. Here only kinds that carry their sound themselves are known.
"""

from __future__ import annotations

import itertools
import re
import struct
from typing import Iterator

from convai_rasa.errors import AudioError

KINDS = "wav, ogg, webm, mp3, m4a or flac"  # what people are told to send

# A radio stream saved for a day has a few hundred songs; each costs FFmpeg about a millisecond to open.
_MOST_RECORDINGS = 500
_MPEG_SEARCH = 8_192  # bytes in which the first whole MPEG frame must begin; the largest one has 2,881
_EBML = b"\x1a\x45\xdf\xa3"
_MARKS = {
    "flac": re.compile(rb"fLaC[\x00\x80]\x00\x00\x22"),  # the mark, and the header of the block that must follow
    "matroska": re.compile(re.escape(_EBML) + rb"(?=.{0,49}\x42\x82.(?:webm|matroska))", re.DOTALL),
}

_V1_KBITS = {
    1: (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    2: (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_V2_KBITS = {
    1: (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    3: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_V1_RATES = (44_100, 48_000, 32_000)  # Hz; version 2 has the halves, 2.5 the quarters


def container_of(data: bytes) -> str | None:
    """Return FFmpeg's name for the kind of a file of these bytes, or None for one that is not accepted."""
    start = after_id3(data)
    head = data[start : start + 64]
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == _EBML and (b"webm" in head or b"matroska" in head):
        return "matroska"
    # An mp4 begins with its brand; very old ones with what the brand came to be put before.
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mp4"
    return _mpeg_kind(data, start)


def recordings_in(data: bytes, kind: str) -> Iterator[bytes]:
    """Yield the recordings that a file holds one after another: nearly always one, the file itself.

    An Ogg file may be a chain, with another codec, rate or layout in each link, and people join files of other kinds
    by writing one behind the other. FFmpeg reads the first only, or fails where the second begins.

    Raises:
        AudioError: there are more than 500.
    """
    starts = {0}
    if kind in _MARKS:
        starts.update(found.start() for found in _MARKS[kind].finditer(data, after_id3(data) + 4))
    elif kind in _STARTS:
        starts.update(_STARTS[kind](data))
    if len(starts) > _MOST_RECORDINGS:
        raise AudioError(
            f"The file holds {len(starts)} recordings one after another, more than the {_MOST_RECORDINGS} allowed; "
            "send them one by one."
        )
    edges = [*sorted(starts), len(data)]
    for start, end in itertools.pairwise(edges):
        yield data if (start, end) == (0, len(data)) else data[start:end]


def after_id3(data: bytes) -> int:
    """Return where a file begins behind its ID3v2 tags, which writers put before any kind of file."""
    start = 0
    while data[start : start + 3] == b"ID3" and len(data) >= start + 10:
        a, b, c, d = data[start + 6 : start + 10]
        start += 10 + ((a & 127) << 21 | (b & 127) << 14 | (c & 127) << 7 | d & 127)
    return start


def _ogg_links(data: bytes) -> list[int]:
    """Return where the links of a chain begin: at a first page of a stream that follows other pages."""
    links, among_first_pages = [], True
    for page in re.finditer(rb"OggS\x00", data):
        header = data[page.start() : page.start() + 27]
        # Sound may hold these five bytes by chance; a first page also has position 0, and its number is 0.
        is_first = len(header) == 27 and bool(header[5] & 2) and header[6:14] == header[18:22] + bytes(4) == bytes(8)
        if is_first and not among_first_pages:
            links.append(page.start())
        among_first_pages = is_first
    return links


def _wav_files(data: bytes) -> list[int]:
    order = ">I" if data[:4] == b"RIFX" else "<I"
    files, start = [], after_id3(data)
    while len(data) >= start + 12 and data[start : start + 4] in (b"RIFF", b"RIFX"):
        files.append(start)
        (size,) = struct.unpack(order, data[start + 4 : start + 8])
        start += 8 + size + size % 2
        if data[start + 8 : start + 12] != b"WAVE":
            break
    return files[1:]


def _mp4_files(data: bytes) -> list[int]:
    files, start = [], 0
    while len(data) >= start + 8:
        size, name = struct.unpack(">I4s", data[start : start + 8])
        header = 8
        if size == 1 and len(data) >= start + 16:
            (size,) = struct.unpack(">Q", data[start + 8 : start + 16])
            header = 16
        if name == b"ftyp":
            files.append(start)
        if size < header:  # 0 means: up to the end
            break
        start += size
    return files[1:]


_STARTS = {"ogg": _ogg_links, "wav": _wav_files, "mp4": _mp4_files}


def _mpeg_kind(data: bytes, start: int) -> str | None:
    """Tell mp3 and raw AAC by two whole frames in a row; their mark of eleven bits alone is everywhere."""
    for at in range(start, min(start + _MPEG_SEARCH, len(data) - 6)):
        if data[at] != 0xFF or data[at + 1] < 0xE0:
            continue
        for kind, length_of in FRAME_LENGTHS.items():
            length = length_of(data, at)
            follows = at + length
            if length and (follows == len(data) or length_of(data, follows)):
                return kind
    return None


def _mp3_frame(data: bytes, at: int) -> int:
    """Return the length of the frame that begins there, in bytes; 0 if none does."""
    if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = data[at + 1] >> 3 & 3, 4 - (data[at + 1] >> 1 & 3)
    kbits, rate, padding = data[at + 2] >> 4, data[at + 2] >> 2 & 3, data[at + 2] >> 1 & 1
    if version == 1 or layer == 4 or not 0 < kbits < 15 or rate == 3:
        return 0
    hertz = _V1_RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    bits = (_V1_KBITS if version == 3 else _V2_KBITS)[layer][kbits - 1] * 1_000
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // hertz + padding


def _adts_frame(data: bytes, at: int) -> int:
    if len(data) < at + 7 or data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0 or data[at + 2] >> 2 & 15 > 12:
        return 0
    length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    return length if length >= 7 else 0


FRAME_LENGTHS = {"mp3": _mp3_frame, "aac": _adts_frame}
