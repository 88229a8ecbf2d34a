"""How long a recording says it is, and whether it breaks off: so that nothing is missing without a word."""

from __future__ import annotations

import re
import struct
from typing import Any

from convai_rasa.audio.decoding.containers import FRAME_LENGTHS, after_id3

# Encoders write up to two frames more or less than they say they do; this is three of AAC's at 16 kHz.
_TOLERANCE_S = 0.2
_UNKNOWN_SIZE = 0x7FFF_F000  # what sox writes into a wav whose length it does not know yet; FFmpeg writes more
_TRAILER = 4_096  # bytes; what may follow the sound in a Matroska file: the index of an hour, tags


def missing(data: bytes, kind: str, container: Any, stream: Any, track: Any, only: bool) -> str | None:
    """Return a sentence about what was not heard of a recording, or None if it was heard whole.

    Args:
        data, kind: the bytes of the recording, and what ``container_of`` says they are.
        container, stream: of PyAV, still open, and what was heard of it.
        track, only: the ``Track`` that decoded it, and whether it is the only one of the file.
    """
    short = max(0.0, (_declared_seconds(data, kind, container, stream, only) or 0.0) - track.heard_s)
    lost = track.lost_s
    if kind in FRAME_LENGTHS:  # FFmpeg passes over what is no frame without a word
        end = len(data) if kind == "aac" else track.end  # behind an mp3 there may be a tag with a picture
        lost += (end - after_id3(data) - track.bytes_seen) * track.heard_s / max(track.bytes_seen, 1)
    if lost > _TOLERANCE_S / 2:
        return f"About {max(short, lost):.1f} s of the recording are damaged and were not heard."
    if short > _TOLERANCE_S and (kind == "ogg" or lost):  # pages of Ogg are passed over too
        return f"About {short:.1f} s of the recording are missing or damaged and were not heard."
    if short > _TOLERANCE_S:
        return f"The last {short:.1f} s of the recording are missing or damaged and were not heard."
    if _breaks_off(data, kind, track, only):
        return f"The recording breaks off after {track.heard_s:.1f} s; what followed was not heard."
    return None


def _declared_seconds(data: bytes, kind: str, container: Any, stream: Any, only: bool) -> float | None:
    if kind == "wav":
        return _wav_seconds(data)
    if kind == "matroska":
        # Without a Duration element FFmpeg estimates; and it is the longest track's.
        says = re.search(rb"\x44\x89[\x84\x88]", data[:16_384])
        return container.duration / 1_000_000 if says and only and container.duration else None
    start = after_id3(data)
    if kind == "mp3" and not re.search(rb"Xing|Info|VBRI", data[start : start + 4_096]):
        return None  # FFmpeg estimates from the first frames
    if kind == "aac" or not stream.duration or not stream.time_base:
        return None
    return float(stream.duration * stream.time_base)


def _breaks_off(data: bytes, kind: str, track: Any, only: bool) -> bool:
    """Whether the last page, frame or block of a file is not all there."""
    if kind == "ogg":
        last = data.rfind(b"OggS\x00")
        page = data[last:]
        if len(page) < 27:
            return True
        table = page[27 : 27 + page[26]]
        return len(table) < page[26] or len(page) < 27 + page[26] + sum(table)
    if kind in FRAME_LENGTHS:
        return FRAME_LENGTHS[kind](track.last_packet, 0) > len(track.last_packet)
    if kind == "matroska":
        unread = len(data) - track.end if only else 0
        return unread > max(_TRAILER, len(data) // 50) or _segment_end(data) > len(data)
    return False


def _wav_seconds(data: bytes) -> float | None:
    order = ">" if data[:4] == b"RIFX" else "<"
    at, bytes_a_second = after_id3(data) + 12, 0
    while len(data) >= at + 8:
        name, size = data[at : at + 4], struct.unpack(order + "I", data[at + 4 : at + 8])[0]
        if name == b"fmt " and len(data) >= at + 20:
            bytes_a_second = struct.unpack(order + "I", data[at + 16 : at + 20])[0]
        if name == b"data":
            # Only what is not there counts: how long the rest is, is for the decoder to say.
            is_cut = bytes_a_second and size < _UNKNOWN_SIZE and at + 8 + size > len(data)
            return size / bytes_a_second if is_cut else None
        at += 8 + size + size % 2
    return None


def _segment_end(data: bytes) -> int:
    """Return where a Matroska file's segment should end; 0 where it does not say, as in a live recording."""
    at = data.find(b"\x18\x53\x80\x67", 0, 256)  # the segment's mark, behind a short header
    if at < 0 or len(data) < at + 12 or not data[at + 4]:
        return 0
    length = 9 - data[at + 4].bit_length()
    size = int.from_bytes(data[at + 4 : at + 4 + length], "big") & ((1 << 7 * length) - 1)
    return 0 if size == (1 << 7 * length) - 1 else at + 4 + length + size
