"""What pretends to be Twilio, and what Twilio passes on from strangers: requests and a stream's events."""

from __future__ import annotations

import base64
import copy
import random
from typing import Any
from urllib.parse import urlencode

import hostile_values as values
from hostile_requests import Request, as_bytes
from twilio.request_validator import RequestValidator

HOST = "bot.example.com"  # where Twilio reaches the server, through a tunnel
_FORM = {
    "CallSid": "CA" + "0" * 32,
    "AccountSid": "AC" + "0" * 32,
    "From": "+441632960001",
    "To": "+441632960002",
    "Direction": "inbound",
    "CallStatus": "ringing",
    "CallerCity": "",
}
_EVENTS: dict[str, dict[str, Any]] = {
    "connected": {"protocol": "Call", "version": "1.0.0"},
    "start": {
        "start": {
            "streamSid": "MZ1",
            "callSid": "CA1",
            "accountSid": "AC1",
            "customParameters": {"from": "+441632960001", "token": "0.0"},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }
    },
    "media": {"media": {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": "/" * 40}},
    "dtmf": {"dtmf": {"track": "inbound_track", "digit": "4"}},
    "mark": {"mark": {"name": "0/100.0/abc-1"}},
    "stop": {"stop": {"accountSid": "AC1", "callSid": "CA1"}},
}


def signed(form: dict[str, str], path: str, secret: str, host: str = HOST) -> bytes:
    """Write a request as Twilio does."""
    signature = RequestValidator(secret).compute_signature(f"https://{host}{path}", form)
    return _post(path, host, urlencode(form, errors="replace").encode(), f"X-Twilio-Signature: {signature}\r\n")


def answer(call: str, secret: str) -> bytes:
    """Write the request with which a call begins."""
    return signed({**_FORM, "CallSid": call}, "/webhooks/voice/twilio/answer", secret)


def request(secret: str, chance: random.Random) -> Request:
    """Return a request for ``/twilio/answer`` or ``/twilio/after``."""
    path = "/webhooks/voice/twilio/" + chance.choice(
        ["answer", "answer", "after", "answer?language=en", "answer?a=b&a=c"]
    )
    form = dict(_FORM)
    for _ in range(chance.choice([0, 1, 1, 2])):
        name = chance.choice([*form, values.text(chance)])
        form[name] = chance.choice([values.text(chance), values.text(chance), "c" * 30_000])
    if chance.random() < 0.1:
        form |= {f"f{number}": "" for number in range(chance.choice([199, 201, 5_000]))}
    if chance.random() < 0.55:
        clean = {k.encode(errors="replace").decode(): v.encode(errors="replace").decode() for k, v in form.items()}
        return Request([signed(clean, path, secret)])
    body = urlencode(form, errors="surrogatepass").encode()
    if chance.random() < 0.3:
        body = values.damaged(body, chance)
    host = chance.choice([HOST, HOST, "[", "[::1", "\udcff", "a@b", "", "x" * 3_000])
    signature = chance.choice(["", "abc", "\udcff", "A" * 4_000, base64.b64encode(b"x" * 20).decode(), None])
    extra = "" if signature is None else f"X-Twilio-Signature: {signature}\r\n"
    return Request([_post(path, host, body, extra)])


def event(chance: random.Random) -> str:
    """Return one frame of a stream."""
    if chance.random() < 0.06:
        return chance.choice(
            ["", "null", "[]", "{}", '{"event": 7}', "[" * 5_000, values.as_json(values.value(chance), chance)]
        )
    kind = chance.choice(["media", "media", "media", "dtmf", "mark", "connected", "start", "mark"])
    if chance.random() < 0.02:
        kind = "stop"  # seldom: nobody reads what follows
    whole: dict[str, Any] = {"event": kind, "sequenceNumber": "1", "streamSid": "MZ1", **copy.deepcopy(_EVENTS[kind])}
    for _ in range(chance.choice([0, 1, 1, 2])):
        _change(whole, kind, chance)
    written = values.as_json(whole, chance)
    return values.damaged(written.encode(), chance).decode(errors="replace") if chance.random() < 0.06 else written


def opening(call: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Return the event that starts a stream as it should be."""
    whole: dict[str, Any] = {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": "MZ1",
        **copy.deepcopy(_EVENTS["start"]),
    }
    whole["start"] |= {"callSid": call, "customParameters": parameters}
    return whole


def change_opening(whole: dict[str, Any], chance: random.Random) -> None:
    """Break the event that starts a stream somewhere, or what a caller may have chosen of it."""
    start = whole["start"]
    where = chance.choice([start, start["customParameters"], start["customParameters"], start["mediaFormat"]])
    name = chance.choice([*where, "from", "language", values.text(chance)])
    where[name] = chance.choice([values.value(chance), values.text(chance), "l" * 60_000])


def _change(whole: dict[str, Any], kind: str, chance: random.Random) -> None:
    part = whole.get(kind)
    if not isinstance(part, dict) or chance.random() < 0.15:
        whole[chance.choice(["event", kind, "streamSid", values.text(chance)])] = values.value(chance)
        return
    name = chance.choice([*part, values.text(chance)])
    part[name] = chance.choice(
        [
            values.value(chance),
            values.text(chance),
            "####",
            "1" * 64,
            "A" * 60_000,
            "not base64!",
            base64.b64encode(chance.randbytes(chance.choice([1, 160, 8_000]))).decode(),
            "0/" + chance.choice(["nan", "inf", "-1", "1e999", "9" * 90, "", "\ud800"]) + "/x",
        ]
    )


def _post(path: str, host: str, body: bytes, extra: str) -> bytes:
    return (
        as_bytes(
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Connection: close\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        )
        + body
    )
