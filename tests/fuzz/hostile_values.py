"""Values that honest clients do not send, as texts and as JSON."""

from __future__ import annotations

import json
import random
from typing import Any, Callable

FORGED = "2026-01-01 00:00:00 ERROR    forged  - FORGED"  # a line of the log that nobody but a client has written

_RAW = "\x02raw:"  # begins a text that stands in JSON as it is, without quotes
RAW_NUMBERS = [
    "1e999",
    "-1e999",
    "NaN",
    "-Infinity",
    "9" * 5_000,
    "1" + "0" * 4_400,
    "0." + "3" * 4_000,
    "1E-9999",
    "-0",
]

TEXTS = [
    "",
    " ",
    "hello",
    "a\x00b",
    "\x1b[2J\x1b]0;title\x07",
    f"ann\n{FORGED}",
    f"ann\r{FORGED}",
    f"ann\x85{FORGED}",
    f"ann\u2028{FORGED}",
    "\ud800",
    "ok \udfff no",
    "\u202eevil",
    "\ufeff",
    "e" + "\u0301" * 300,
    "😀" * 50,
    "١٢٣",
    "①②⑦",
    "%s%n%(name)s{0}{self.__class__}",
    "../../../../etc/passwd",
    "'; drop table bookings; --",
    "<script>alert(1)</script>",
    "<speak><break time='9999s'/></speak>",
    "&lol9;" * 20,
    "/restart",
    '/inform{"name": "x"}',
    '/session_start{"a": {"b": [1]}}',
    "/" + "a" * 500,
    "  /stop",
    "/ask_hours@1.0{",
    "+441632960001",
    "tel:+441632960001",
    "sip:bot@example.com",
    "sips:a@b",
    "client:ann",
    "call:CA123",
    "guest:ann",
    "None",
    "true",
    "auto",
    "xx",
    "en\n",
]


def text(chance: random.Random) -> str:
    """Return a text: odd, long, or both."""
    if chance.random() < 0.15:
        return chance.choice(["a", "é", "\u200b", "#", "\\", '"', "a b "]) * chance.choice([33, 129, 4_001, 20_000])
    if chance.random() < 0.2:
        return "".join(chr(chance.choice([chance.randrange(32), chance.randrange(0x3000), 0xD800])) for _ in range(9))
    return chance.choice(TEXTS)


def number(chance: random.Random) -> Any:
    """Return a number, some of them only possible in JSON."""
    if chance.random() < 0.4:
        return _RAW + chance.choice(RAW_NUMBERS)
    return chance.choice(
        [0, 1, -1, 0.5, 2.0, 1e308, -1e-308, 7_999, 8_000, 48_000, 48_001, 2**31, 2**63, 2**64, 10**30]
    )


def value(chance: random.Random, depth: int = 0) -> Any:
    """Return any value that JSON can hold."""
    kinds: list[Callable[[], Any]] = [
        lambda: None,
        lambda: chance.random() < 0.5,
        lambda: number(chance),
        lambda: text(chance),
        lambda: text(chance),
    ]
    if depth < 3:
        kinds += [
            lambda: [value(chance, depth + 1) for _ in range(chance.randrange(4))],
            lambda: {text(chance): value(chance, depth + 1) for _ in range(chance.randrange(4))},
            lambda: nested(chance.choice([7, 8, 9, 40]), chance.random() < 0.5),
        ]
    return chance.choice(kinds)()


def nested(depth: int, as_list: bool) -> Any:
    """Return lists or objects in each other."""
    inner: Any = "inside"
    for _ in range(depth):
        inner = [inner] if as_list else {"call": inner}
    return inner


def as_json(what: Any, chance: random.Random) -> str:
    """Write a value as JSON; half characters become what ``JSON.stringify`` makes of them."""
    written = json.dumps(what, ensure_ascii=chance.random() < 0.7, allow_nan=True)
    if not written.isascii():
        written = "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in written)
    for raw in RAW_NUMBERS:
        written = written.replace(json.dumps(_RAW + raw), raw)
    return written


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return bytes with a few of them changed, lost, doubled or moved."""
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        at = chance.randrange(len(changed) + 1)
        size = chance.choice([1, 1, 2, 4, 64])
        how = chance.randrange(6)
        if how == 0 and at < len(changed):
            changed[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            changed[at : at + size] = chance.choice([b"\x00", b"\xff"]) * size
        elif how == 2:
            del changed[at : at + size]
        elif how == 3:
            changed[at:at] = changed[at : at + size]
        elif how == 4:
            changed[at:at] = chance.randbytes(size)
        elif chance.random() < 0.3:
            del changed[at:]
    return bytes(changed)
