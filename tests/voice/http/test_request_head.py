"""Heads of requests that Sanic itself stumbles over; ``test_guarded_channel.py`` sends them to a real Rasa."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sanic.exceptions import InvalidUsage

from convai_rasa.voice.http.request_head import check_handshake, check_head


def head(line: str = "GET / HTTP/1.1", *headers: str) -> bytes:
    return "\r\n".join([line, "Host: 127.0.0.1", *headers]).encode("latin-1")


@pytest.mark.parametrize(
    "sane",
    [
        head(),
        head("POST /webhooks/voice/message?token=a%20b HTTP/1.0", "Content-Length: 123"),
        head("POST / HTTP/1.1", "Transfer-Encoding: chunked"),
        head("OPTIONS * HTTP/1.1"),
        head("GET http://127.0.0.1:5005/webhooks/voice/talk HTTP/1.1", "Accept: */*", "Empty:"),
        "GET / HTTP/1.1\r\nX-Name: Zoë".encode(),
    ],
)
def test_a_head_that_makes_sense_passes(sane: bytes) -> None:
    check_head(sane)


@pytest.mark.parametrize(
    "odd",
    [
        head("GET / HTTP/1.1", "Content-Length: -5"),
        head("GET / HTTP/1.1", "Content-Length: ten"),
        head("GET / HTTP/1.1", "Content-Length: " + "9" * 5_000),
        head("GET / HTTP/1.1", "Content-Length: 1", "Content-Length: 2"),
        head("GET / HTTP/1.1", "Content-Length: 1", "Transfer-Encoding: chunked"),
        head("GET / HTTP/1.1", "Transfer-Encoding: gzip"),
        head("GET / HTTP/1.1", "Content-Length:"),
        head("GET /\x7f HTTP/1.1"),
        head("GET /\xff HTTP/1.1"),
        head("GET http://[::1 HTTP/1.1"),
        head("GET  HTTP/1.1"),
        head("GET / HTTP/2.0"),
        head("GET /"),
        head("GET / HTTP/1.1", "X: \xff"),
        head("GET / HTTP/1.1", ": no name"),
        head("GET / HTTP/1.1", "a name: x"),
        head("GET / HTTP/1.1", "Accept: */*;q=" + "9" * 5_000),
        b"",
    ],
)
def test_one_that_makes_none_is_refused(odd: bytes) -> None:
    with pytest.raises(InvalidUsage):
        check_head(odd)


def handshake(**changes: str) -> Any:
    headers = {
        "connection": "keep-alive, Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    return SimpleNamespace(headers={name: value for name, value in {**headers, **changed}.items() if value})


def test_a_handshake_passes() -> None:
    check_handshake(handshake())


@pytest.mark.parametrize(
    "changes",
    [
        {"sec_websocket_key": ""},
        {"sec_websocket_key": "short=="},
        {"sec_websocket_key": "\udcff" * 22 + "=="},
        {"sec_websocket_version": "8"},
        {"connection": "close"},
        {"upgrade": ""},
    ],
)
def test_one_that_is_none_is_refused(changes: Any) -> None:
    with pytest.raises(InvalidUsage):
        check_handshake(handshake(**changes))
