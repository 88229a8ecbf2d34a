"""Heads of requests that Sanic 21.12 itself stumbles over, refused before it reads them.

A negative ``Content-Length`` makes it loop for ever, and the whole process with it; wrong lengths, addresses that are
none and bytes that are not UTF-8 end in stack traces. The head is read by Sanic for all routes of the process, so the
check holds for Rasa's own as well.
"""

from __future__ import annotations

import re
from typing import Any

import httptools
from sanic import Sanic
from sanic.exceptions import InvalidUsage
from sanic.http import Http
from sanic.request import Request

_LENGTH = re.compile(r"[0-9]{1,12}")
_REQUEST_LINE = re.compile(r"[A-Z]{1,16} [!-~]+ HTTP/1\.[01]")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")  # of a header, RFC 9110
_WEIGHT = re.compile(r"[0-9]{20}")  # Sanic's error pages read every number there
_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")  # 16 bytes in base64, RFC 6455


def guard_heads(app: Sanic) -> None:
    """Have every head checked; to be called before the server starts, when Sanic drops the signals nobody hears."""

    async def check(head: bytes) -> None:
        check_head(head)

    app.add_signal(check, "http.lifecycle.read_head")
    Http.create_empty_request = _with_an_address_that_is_one(Http.create_empty_request)


def check_head(head: bytes) -> None:
    """Refuse a head that makes no sense, by raising ``InvalidUsage``, which Sanic answers with 400."""
    try:
        line, *headers = head.decode("utf-8").split("\r\n")
        fields = [
            (name.strip().lower(), value.strip()) for name, _, value in (header.partition(":") for header in headers)
        ]
        if not _REQUEST_LINE.fullmatch(line) or not all(_NAME.fullmatch(name) for name, _ in fields):
            raise ValueError(line)
        httptools.parse_url(line.split(" ")[1].encode())
    except (ValueError, httptools.HttpParserInvalidURLError) as error:
        raise InvalidUsage("The request is malformed.") from error
    if any(_WEIGHT.search(value) for name, value in fields if name == "accept"):
        raise InvalidUsage("The Accept header is malformed.")
    lengths = [value for name, value in fields if name == "content-length"]
    encodings = [value.lower() for name, value in fields if name == "transfer-encoding"]
    if (
        len(lengths) + len(encodings) > 1
        or not all(map(_LENGTH.fullmatch, lengths))
        or encodings not in ([], ["chunked"])
    ):
        raise InvalidUsage("The length of the request is invalid.")


def check_handshake(request: Request) -> None:
    """Refuse, likewise, a handshake that is not one of RFC 6455: the websockets package would stumble over it."""
    headers = request.headers
    upgrade = (
        "upgrade" in headers.get("connection", "").lower()
        and headers.get("upgrade", "").lower() == "websocket"
        and headers.get("sec-websocket-version") == "13"
    )
    if not upgrade or not _KEY.fullmatch(headers.get("sec-websocket-key", "")):
        raise InvalidUsage("This is not a WebSocket handshake.")


def _with_an_address_that_is_one(create: Any) -> Any:
    """Wrap Sanic's making of a request for an error's answer, which parses the same address that was the error."""
    if getattr(create, "checks_address", False):
        return create

    def create_empty_request(http: Any) -> None:
        try:
            httptools.parse_url((http.url or "*").encode())
        except (ValueError, httptools.HttpParserInvalidURLError):
            http.url = None
        create(http)

    create_empty_request.checks_address = True  # type: ignore[attr-defined]  # so that it is wrapped once a process
    return create_empty_request
