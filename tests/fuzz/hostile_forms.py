"""Multipart forms for ``POST /message``, whole, damaged, and wrongly framed."""

from __future__ import annotations

import random

import hostile_values as values
from hostile_requests import Request, as_bytes

_BOUNDARY = "limit-of-the-parts"
_WAV = (
    b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00data"
)


def part(name: str, content: bytes, *, filename: str = "", head: str = "") -> bytes:
    """Write one part of a form."""
    file = f'; filename="{filename}"' if filename else ""
    about = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{head}\r\n'
    return as_bytes(about) + content + b"\r\n"


def whole(recording: bytes, sender: str | None = None) -> tuple[str, bytes]:
    """Write the form of a voice note as it should be; returns its content type and its body."""
    parts = [part("audio", recording, filename="note.wav")]
    if sender is not None:
        parts.append(part("sender", as_bytes(sender)))
    return f"multipart/form-data; boundary={_BOUNDARY}", b"".join(parts) + as_bytes(f"--{_BOUNDARY}--\r\n")


def form(chance: random.Random) -> tuple[str, bytes]:
    """Return a content type and a body."""
    kind, body = whole(_WAV, values.text(chance) if chance.random() < 0.5 else None)
    if chance.random() < 0.35:
        return kind, values.damaged(body, chance)
    if chance.random() < 0.5:
        return chance.choice(_content_types(chance)), body
    return kind, chance.choice(_bodies(chance))


def _content_types(chance: random.Random) -> list[str]:
    return [
        "",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 71,
        "multipart/form-data; boundary=" + "b" * 9_000,
        f'multipart/form-data; boundary="{_BOUNDARY}',
        f"multipart/form-data; boundary={_BOUNDARY}; boundary=other",
        f"multipart/form-data; boundary*0={_BOUNDARY}; boundary*1=x",
        f"multipart/form-data; boundary*=utf-8''{_BOUNDARY}",
        f"multipart/form-data; boundary*=klingon''{_BOUNDARY}",
        f"multipart/mixed; boundary={_BOUNDARY}",
        "multipart/form-data; boundary=--",
        "multipart/form-data; boundary=é\udcff",
        "multipart/form-data; " + "a=b; " * 1_500 + f"boundary={_BOUNDARY}",
        'multipart/form-data; boundary="' + "\\" * 4_000,
        "application/x-www-form-urlencoded",
        "application/json",
        values.text(chance).replace("\r", " ").replace("\n", " ")[:200],
    ]


def _bodies(chance: random.Random) -> list[bytes]:
    end = as_bytes(f"--{_BOUNDARY}--\r\n")
    limit = as_bytes(f"--{_BOUNDARY}")
    audio = part("audio", _WAV, filename="a.wav")
    return [
        b"",
        end,
        limit,
        limit * 3_000,
        (limit + b"\r\n") * 3_000,
        b"\r\n" * 20_000,
        b"-" * 30_000 + end,
        audio,  # no end
        audio.replace(b"\r\n", b"\n") + end,
        audio * 30 + end,
        part("audio", b"text, no file") + end,
        part("sender", b"s" * 20_000) + audio + end,
        part("sender", b"\xff\xfe\x00") + audio + end,
        part("sender", as_bytes(f"ann\n{values.FORGED}")) + audio + end,
        part("sender", values.text(chance).encode("utf-8", "surrogatepass")) + audio + end,
        part("a" * 20_000, b"") + audio + end,
        part("audio", _WAV, filename="../../../tmp/owned\x00.wav") + end,
        part("audio", _WAV, filename="a.wav", head="Content-Transfer-Encoding: base64\r\n") + end,
        part("audio", _WAV, filename="a.wav", head="Content-Type: text/plain; charset=klingon\r\n") + end,
        part("sender", b"a", head="Content-Type: text/plain; charset=utf-7\r\n") + audio + end,
        part("sender", b"a", head="Content-Type: text/plain; charset=idna\r\n") + audio + end,
        part("audio", _WAV, filename="a.wav", head="Content-Length: 9999999\r\n") + end,
        part("audio", _WAV, filename="a.wav", head="X: y\r\n" * 3_000) + end,
        part("audio", _WAV, filename="a.wav", head="X" * 9_000 + "\r\n") + end,
        part("audio", _WAV, filename="a.wav", head="no colon\r\n continued\r\n") + end,
        limit + b"\r\nContent-Disposition: form-data; name*=utf-8''audio; filename*=utf-16''x\r\n\r\na\r\n" + end,
        limit + b"\r\nContent-Disposition: attachment\r\n\r\na\r\n" + end,
        limit + b"\r\n\r\n\r\n" + end,
        b"".join(part(f"f{number}", b"") for number in range(chance.choice([15, 16, 17, 400]))) + end,
        part("audio", part("audio", _WAV, filename="b.wav") + end, filename="a.wav") + end,
    ]


def request(head: str, kind: str, body: bytes, chance: random.Random) -> Request:
    """Frame a form as a request: mostly as it should be.

    Args:
        head: the first line and the headers before those of the body, each with its end.
        kind: content type.
        body: the form.
        chance: the seeded one.
    """
    about = as_bytes(f"{head}Content-Type: {kind}\r\n")
    size = len(body)
    if chance.random() < 0.75:
        return Request([about + as_bytes(f"Content-Length: {size}\r\n\r\n") + body])
    chunked = about + b"Transfer-Encoding: chunked\r\n\r\n"
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:100], body[100:]) if p) + b"0\r\n\r\n"
    made = [
        Request([chunked + pieces]),
        Request([chunked + pieces.replace(b"\r\n", b";a=b\r\n", 1)]),
        Request([chunked + b"xyz\r\n" + body]),
        Request([chunked + b"-5\r\nabc\r\n"]),
        Request([chunked + b"f" * 40 + b"\r\n" + body]),
        Request([chunked + b"5\r\nabcdefghijk\r\n0\r\n\r\n"]),
        Request([chunked + b"\r\n\r\n\r\n"]),
        Request([chunked, b"5\r\n", b"ab"], complete=False),
        Request([about + b"\r\n"]),
        Request([about + as_bytes(f"Content-Length: {size + 50}\r\n\r\n") + body], complete=False),
        Request([about + as_bytes(f"Content-Length: {max(size - 50, 0)}\r\n\r\n") + body]),
        Request([about + b"Content-Length: -1\r\n\r\n" + body]),
        Request([about + b"Content-Length: ten\r\n\r\n" + body]),
        Request([about + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n" + body]),
        Request([about + b"Content-Length: 99999999999\r\n\r\n" + body]),
        Request([about + as_bytes(f"Content-Length: {size}\r\nContent-Length: 0\r\n\r\n") + body]),
        Request([about + as_bytes(f"Content-Length: {size}\r\nTransfer-Encoding: chunked\r\n\r\n") + pieces]),
        Request([about + as_bytes(f"Content-Length: {size}\r\nTransfer-Encoding: gzip\r\n\r\n") + body]),
        Request([about + b"Transfer-Encoding: gzip\r\n\r\n" + body]),
        Request([about + as_bytes(f"Expect: 100-continue\r\nContent-Length: {size}\r\n\r\n"), body]),
        Request([about + as_bytes(f"Expect: a miracle\r\nContent-Length: {size}\r\n\r\n") + body]),
        Request(
            [about + as_bytes(f"Content-Length: {size}\r\n\r\n"), *(body[i : i + 9] for i in range(0, 90, 9))], False
        ),
    ]
    return chance.choice(made)
