"""Recordings that are none, not quite, or more than they say."""

from __future__ import annotations

import functools
import random
import struct

import hostile_values as values
from made_recordings import KINDS, encoded, tone


@functools.lru_cache(maxsize=1)
def genuine() -> list[bytes]:
    """Return a short recording of each kind."""
    return [encoded(container, codec, tone(48_000, 1 / 3)) for container, codec in KINDS]


def recording(chance: random.Random) -> bytes:
    """Return a file that calls itself a recording."""
    how = chance.random()
    if how < 0.62:
        return values.damaged(chance.choice(genuine()), chance)
    if how < 0.7:
        one, other = chance.sample(genuine(), 2)
        return one[: chance.randrange(1, len(one))] + other[chance.randrange(len(other)) :]
    if how < 0.75:
        return chance.choice(genuine())[: chance.choice([1, 4, 12, 44, 100])]
    return chance.choice(_made(chance))


def _made(chance: random.Random) -> list[bytes]:
    sound = struct.pack("<100h", *range(100))
    return [
        b"",
        b"RIFF",
        chance.randbytes(500),
        _wav(sound, bits=0),
        _wav(sound, form=0xFFFF),
        _wav(sound, form=0xFFFE),
        _wav(sound, form=0x55),
        _wav(sound, form=3, bits=64),
        _wav(sound, channels=0),
        _wav(sound, channels=0xFFFF),
        _wav(sound, rate=0),
        _wav(sound, rate=1),
        _wav(sound, rate=0xFFFF_FFFF),
        _wav(sound, said=0xFFFF_FFFF),
        _wav(sound, said=0),
        _wav(b""),
        _wav(sound * 20_000),  # 125 s: longer than is taken
        b"ffconcat version 1.0\nfile bot.wav\nfile /etc/passwd\n",
        b"ffconcat version 1.0\nfile 'http://127.0.0.1:1/a.wav'\n",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 0\r\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"#EXTM3U\nhttp://127.0.0.1:1/a.ts\n",
        b"[playlist]\nFile1=http://127.0.0.1:1/\n",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><MPD>&b;</MPD>',
        b"\x1aE\xdf\xa3" + b"\xff" * 60,
        b"OggS" + b"\x00" * 300,
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + b"\xff\xfb\x90\x00" * 40,
        b"fLaC" + b"\x80\xff\xff\xff" + b"\x00" * 60,
        struct.pack(">I", 8) + b"ftyp" + struct.pack(">I", 0xFFFF_FFFF) + b"moov" * 20,
        struct.pack(">I4sQ", 1, b"ftyp", 1 << 62) + b"M4A " * 9,
        b"MThd" + b"\x00\x00\x00\x06" * 9,
        b"FORM" + b"\x00\x00\x00\x04AIFF" * 9,
        b"GIF89a" + b"\xff" * 80,
        b"%PDF-1.4\n",
        b"PK\x03\x04" + bytes(60),
        b"\x7fELF" + bytes(60),
        b"\x80\x04\x95\x00\x00cos\nsystem\n",
    ]


def _wav(
    sound: bytes, *, form: int = 1, channels: int = 1, rate: int = 16_000, bits: int = 16, said: int | None = None
) -> bytes:
    about = struct.pack("<HHIIHH", form, channels, rate, rate * 2 & 0xFFFF_FFFF, channels * bits // 8 & 0xFFFF, bits)
    length = len(sound) if said is None else said
    return (
        b"RIFF" + struct.pack("<I", (36 + length) & 0xFFFF_FFFF) + b"WAVEfmt " + struct.pack("<I", len(about)) + about
        + b"data" + struct.pack("<I", length) + sound
    )  # fmt: skip
