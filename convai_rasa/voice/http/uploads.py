"""The body of a request, read by whoever has decided to read it: bounded in size and in time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from sanic.exceptions import SanicException
from sanic.request import Request

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.limits import MEGABYTE, UNPROVEN_BYTES, UPLOAD_IDLE_S, UPLOAD_S
from convai_rasa.voice.patience import within

LINGER_S = 1.0


async def read_body(request: Request, *, max_bytes: int, timeout_s: float = UPLOAD_S) -> bytes:
    """Read a request's body, which its route has to stream.

    Raises ``ProtocolError`` with the code ``too_large`` above ``max_bytes``, or ``timeout`` where it comes too slowly.
    """
    if request.stream is None or not request.stream.request_body:
        return b""
    if (request.stream.request_bytes or 0) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    give_up_at = time.monotonic() + timeout_s
    try:
        while (piece := await within(_left_s(give_up_at), request.stream.read())) is not None:
            body += piece
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
    except asyncio.TimeoutError as error:
        sentence = f"The upload took longer than {timeout_s:g} s, or stalled for {UPLOAD_IDLE_S:g} s."
        raise ProtocolError("timeout", sentence) from error
    return bytes(body)


def _left_s(give_up_at: float) -> float:
    return min(UPLOAD_IDLE_S, give_up_at - time.monotonic())


async def leave_unread(request: Request) -> None:
    """Let the server close the connection instead of reading the rest of a body that nobody wants.

    A short rest is read and thrown away: a client that is still sending when the connection closes does not see why.
    """
    if request.stream is None or not request.stream.request_body:
        return
    with contextlib.suppress(asyncio.TimeoutError, SanicException):
        await within(LINGER_S, _throw_away(request.stream))
    request.stream.request_body = None
    request.stream.keep_alive = False


async def _throw_away(stream: Any) -> None:
    left = UNPROVEN_BYTES
    while left > 0 and (piece := await stream.read()) is not None:
        left -= len(piece)


def _too_large(max_bytes: int) -> ProtocolError:
    return ProtocolError("too_large", f"The request has more than the {max_bytes / MEGABYTE:.3g} MB allowed.")
