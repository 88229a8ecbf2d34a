"""HTTP requests as bytes: paths, queries, headers and handshakes that browsers do not send."""

from __future__ import annotations

import random
from dataclasses import dataclass

import hostile_tokens
import hostile_values as values


@dataclass(frozen=True)
class Request:
    """What is written to a connection.

    Attributes:
        pieces: one after the other, with a moment between them.
        complete: whether an answer is due; if not, the client leaves in the middle.
    """

    pieces: list[bytes]
    complete: bool = True


def as_bytes(text: str) -> bytes:
    """Write a head; ``\\udcff`` stands for the byte 0xff, other half characters for themselves."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


_PATHS = [
    "",
    "talk",
    "talk/",
    "talk/talk.js",
    "talk/../credentials.yml",
    "talk/..%2f..%2fcredentials.yml",
    "talk/%2e%2e/%2e%2e/options.py",
    "talk/%00",
    "talk/\udcff",
    "talk/é",
    "talk/" + "a" * 7_000,
    "talk/" + "a" * 20_000,
    "%2e%2e/",
    "..;/",
    "//",
    "message",
    "message/",
    "stream",
    "stream/",
    "stream?token=a&token=b",
    "twilio",
    "twilio/answer",
    "twilio/after?" + "a=b&" * 400,
    "twilio/answer%0aX: y",
    "?" + "a" * 9_000,
    "?%ff%fe=%00&[]=[&=&&;",
    "?token=%ed%a0%80",
    "nothing",
]
_WHOLE_PATHS = [
    "*",
    "/",
    "",
    "http://127.0.0.1/webhooks/voice/",
    "http://[::1",
    "//x",
    "a b",
    "/\x7f",
    "/webhooks/voice/\t",
]
_METHODS = [
    "GET",
    "GET",
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "HEAD",
    "PATCH",
    "TRACE",
    "CONNECT",
    "get",
    "G\x00T",
]
_HOSTS = [
    "",
    "localhost",
    "LOCALHOST:80",
    "evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1:99999",
    "[",
    "[::1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::1%25lo]",
    "::1",
    "127。0。0。1",
    "\udcff\udcfe",
    "a@127.0.0.1",
    "127.0.0.1@evil.example",
    "127.0.0.1#",
    "127.0.0.1/..",
    "0x7f.1",
    "2130706433",
    "h" * 5_000,
    "℀.example",
    "127.0.0.1, evil.example",
]
_ORIGINS = [
    "null",
    "",
    "http://evil.example",
    "http://127.0.0.1",
    "http://localhost",
    "file://",
    "http://[",
    "http://\u2100",
    "\udcff",
    "o" * 5_000,
    "http://127.0.0.1\\@evil.example",
    "javascript:alert(1)",
]


def request(netloc: str, key: str, chance: random.Random) -> Request:
    """Return a request to any path.

    Args:
        netloc: the server's name and port, as ``Host`` should have it.
        key: with which genuine tokens are signed.
        chance: the seeded one.
    """
    method = chance.choice(_METHODS)
    path = "/webhooks/voice/" + chance.choice(_PATHS)
    version = "HTTP/1.1"
    if chance.random() < 0.1:
        path = chance.choice(_WHOLE_PATHS)
    if chance.random() < 0.05:
        version = chance.choice(["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "http/1.1", "", "HTTP/1.1 x"])
    if chance.random() < 0.1:
        token = hostile_tokens.token(key, chance)[:6_000]
        path += ("&" if "?" in path else "?") + "token=" + "".join(c for c in token if c.isprintable())
    headers = _headers(netloc, key, chance)
    head = f"{method} {path} {version}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
    data = as_bytes(head)
    if chance.random() < 0.08:
        data = values.damaged(data, chance)
        return Request([data], complete=b"\r\n\r\n" in data and b"ontent-length" not in data.lower())
    return Request([data], complete="content-length" not in head.lower() or "Content-Length: 0" in head)


def handshake(netloc: str, path: str, extra: str = "") -> bytes:
    """Write a WebSocket handshake as it should be."""
    return as_bytes(
        f"GET {path} HTTP/1.1\r\nHost: {netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
    )


def _headers(netloc: str, key: str, chance: random.Random) -> list[tuple[str, str]]:
    headers = [("Host", netloc if chance.random() < 0.6 else chance.choice(_HOSTS))]
    if chance.random() < 0.3:
        headers.append(("Origin", chance.choice([*_ORIGINS, f"http://{netloc}"])))
    if chance.random() < 0.3:
        bad = hostile_tokens.token(key, chance).replace("\n", " ").replace("\r", " ")
        scheme = chance.choice(["Bearer ", "Bearer ", "bearer", "Token ", "Basic ", "", "Bearer\t", "Bearer  "])
        headers.append(("Authorization", scheme + bad))
    if chance.random() < 0.4:
        headers += _upgrade(chance)
    if chance.random() < 0.2:
        headers.append(
            chance.choice(
                [
                    ("Content-Length", "0"),
                    ("Content-Length", "5"),
                    ("Expect", "100-continue"),
                    ("X-Twilio-Signature", "abc"),
                    ("X-Twilio-Signature", "\udcff"),
                    ("Accept", "audio/wav"),
                    ("Accept", "*/*;q=" + "9" * 5_000),
                    ("Cookie", "a=" + "b" * 6_000),
                    ("X-Forwarded-For", "127.0.0.1"),
                    ("X-Forwarded-Host", "evil.example"),
                    ("Forwarded", 'for="[::1"'),
                    ("Range", "bytes=-1"),
                    ("If-Modified-Since", "never"),
                    ("", "no name"),
                    ("X\x00", "\x00"),
                    ("X", "y" * 17_000),
                    ("Connection", "close"),
                ]
            )
        )
    if chance.random() < 0.03:
        headers += [(f"X-{number}", "y") for number in range(900)]
    if chance.random() < 0.05:
        headers.pop(0)
    return headers


def _upgrade(chance: random.Random) -> list[tuple[str, str]]:
    headers = [
        ("Upgrade", chance.choice(["websocket", "websocket", "websocket", "WebSocket", "h2c", "websocket, h2c", ""])),
        ("Connection", chance.choice(["Upgrade", "Upgrade", "keep-alive, Upgrade", "close", ""])),
        ("Sec-WebSocket-Key", chance.choice(["A" * 22 + "==", "A" * 22 + "==", "short", "", "\udcff", "A" * 3_000])),
        ("Sec-WebSocket-Version", chance.choice(["13", "13", "13", "8", "", "9" * 5_000])),
        ("Sec-WebSocket-Protocol", chance.choice(["voice", ",", "a" * 4_000, "\udcff"])),
        (
            "Sec-WebSocket-Extensions",
            chance.choice(["permessage-deflate", "permessage-deflate; client_max_window_bits=99", ";;=,", "x" * 4_000]),
        ),
    ]
    return [header for header in headers[: chance.choice([4, 4, 4, 5, 6])] if chance.random() < 0.93]
