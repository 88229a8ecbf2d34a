"""WebSocket frames, byte by byte: RFC 6455, kept and broken."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


@dataclass(frozen=True)
class Piece:
    """Bytes to be sent.

    Attributes:
        data: on the wire.
        inputs: frames in them.
        breaks: whether the other side has to end the connection, so that nothing should follow.
    """

    data: bytes
    inputs: int = 1
    breaks: bool = False


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, bits: int = 0, masked: bool = True, said: int | None = None
) -> bytes:
    """Write a frame as a client does.

    Args:
        opcode: what it is.
        payload: what is in it.
        fin: whether the message ends with it.
        bits: the three reserved ones.
        masked: clients have to.
        said: the length that its header gives; None: the true one.
    """
    length = len(payload) if said is None else said
    head = bytes([(0x80 if fin else 0) | bits << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if length < 126:
        head += bytes([mask_bit | length])
    elif length < 1 << 16:
        head += struct.pack("!BH", mask_bit | 126, length)
    else:
        head += struct.pack("!BQ", mask_bit | 127, length)
    if not masked:
        return head + payload
    mask = b"\x13\x57\x9b\xdf"
    return head + mask + _masked(payload, mask)


def text(what: str) -> bytes:
    """Write a whole text message."""
    return frame(TEXT, what.encode("utf-8", "surrogatepass"))


def _masked(payload: bytes, mask: bytes) -> bytes:
    whole = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(payload), "big")


def sound(chance: random.Random) -> bytes:
    """Return PCM of any length, odd ones too: noise, silence, clicks, full scale."""
    size = chance.choice([0, 1, 2, 3, 31, 640, 641, 1_024, 3_200, 8_193])
    how = chance.randrange(4)
    if how == 0:
        return chance.randbytes(size)
    if how == 1:
        return bytes(size)
    if how == 2:
        return (b"\xff\x7f\x00\x80" * (size // 4 + 1))[:size]
    return (b"\x00\x00" * 99 + b"\xff\x7f" * 5) * (size // 208)


def piece(chance: random.Random) -> Piece:
    """Return what a client sends next: most of it is allowed, if odd."""
    how = chance.randrange(14)
    if how == 0:
        return Piece(frame(PING, chance.randbytes(chance.choice([0, 1, 125]))))
    if how == 1:
        count = chance.choice([5, 40])
        return Piece(frame(PING, b"p" * 125) * count, count)
    if how == 2:
        return Piece(frame(PONG, b"nobody asked"))
    if how == 3:  # one message in several frames, and a ping between them
        parts = [
            frame(TEXT, b'{"type"', fin=False),
            frame(PING),
            frame(CONT, b': "stop"', fin=False),
            frame(CONT, b"}"),
        ]
        return Piece(b"".join(parts), len(parts))
    if how == 4:
        count = chance.choice([3, 30])
        return Piece(frame(BINARY, fin=False) + frame(CONT, fin=False) * count + frame(CONT), count + 2)
    if how == 5:
        return Piece(frame(BINARY))
    if how == 6:
        return Piece(frame(TEXT, chance.choice([b"", b"{}", b"null", b'{"type": 7}', b"\xc3\xa9", b"\x00"])))
    if how < 11:
        return Piece(frame(BINARY, sound(chance)))
    if how == 11:  # longer than it needs to say
        return Piece(struct.pack("!BBQ", 0x82, 0xFF, 4) + b"\0\0\0\0" + b"abcd")
    return broken(chance) if chance.random() < 0.3 else Piece(frame(BINARY, b"\x01"))


def broken(chance: random.Random) -> Piece:
    """Return bytes that make no sense, or no sense here."""
    made = [
        frame(chance.choice([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])),
        frame(TEXT, b"{}", bits=chance.randrange(1, 8)),
        frame(BINARY, b"abc", masked=False),
        frame(PING, b"p" * 126),
        frame(PING, b"p", fin=False),
        frame(CONT, b"of nothing"),
        frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"),
        frame(TEXT, chance.choice([b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b'{"type": "\xf8"}'])),
        frame(TEXT, b"\xc3", fin=False) + frame(CONT, b"(", fin=True),
        frame(CLOSE, b"\x03"),
        frame(CLOSE, struct.pack("!H", chance.choice([0, 999, 1004, 1005, 1006, 1015, 5000])) + b"x"),
        frame(CLOSE, struct.pack("!H", 1000) + b"\xff\xff"),
        frame(CLOSE),
        frame(CLOSE, struct.pack("!H", 4000) + b"bye" * 40),
        frame(BINARY, b"", said=chance.choice([(1 << 21) + 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])),
        frame(TEXT, b"", said=chance.choice([(1 << 21) + 1, 1 << 40])),
        frame(BINARY, fin=False) + frame(CONT, fin=False) * 1_100,
        b"GET / HTTP/1.1\r\n\r\n",
        chance.randbytes(chance.choice([2, 14, 200])),
    ]
    return Piece(chance.choice(made), 1, breaks=True)


def half(chance: random.Random) -> Piece:
    """Return a frame that does not end; silence follows."""
    return Piece(
        chance.choice([b"\x82", b"\x81\xfe\x01", frame(BINARY, b"abc", said=4_000), frame(TEXT, b"{", said=99)])
    )
