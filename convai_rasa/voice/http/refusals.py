"""How somebody is told that they may not come in, or not now: the same on the socket and over HTTP."""

from __future__ import annotations

import contextlib
import math
from typing import Dict, Optional

from sanic import response
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse
from websockets.exceptions import ConnectionClosed

from convai_rasa.errors import AudioError, ConvaiError, ProtocolError
from convai_rasa.voice.http.connection import Connection
from convai_rasa.voice.wire import Wire, messages as m

_ANSWERS = {  # by code: what closes a socket, and the status of a request
    "bad_message": (4400, 400),
    "unauthorized": (4401, 401),
    "forbidden_origin": (4403, 403),
    "forbidden_host": (4403, 403),
    "forbidden_machine": (4403, 403),
    "forbidden_name": (4403, 403),
    "timeout": (4400, 408),
    "too_large": (4400, 413),
    "busy": (1013, 503),
    "starting": (1013, 503),
    "stopping": (1013, 503),
}


class Busy(ProtocolError):
    """There is no room at the moment; ``retry_after_s`` says when to try again."""

    def __init__(self, code: str, message: str, retry_after_s: float) -> None:
        super().__init__(code, message)
        self.retry_after_s = retry_after_s


async def refuse(connection: Connection, wire: Wire, error: ProtocolError) -> None:
    """Say why on the socket, and close it."""
    message = m.Error(code=error.code, message=str(error), retry_after_s=_retry_after_s(error))
    with contextlib.suppress(ConnectionClosed, SanicException):  # who has hung up needs no explanation
        for frame in wire.send(message):
            await connection.send(frame)
        await connection.close(_ANSWERS.get(error.code, (4400, 400))[0], error.code)


def error_response(error: ConvaiError) -> HTTPResponse:
    """Return the answer to a request that failed."""
    code = error.code if isinstance(error, ProtocolError) else _code(error)
    _, status = _ANSWERS.get(code, (4400, 400 if isinstance(error, AudioError) else 500))
    said = {"error": {"code": code, "message": str(error)}}
    return response.json(said, status=status, headers=retry_after(error))


def retry_after(error: ConvaiError) -> Optional[Dict[str, str]]:
    """Return the headers that say when to come back, where that helps."""
    seconds = _retry_after_s(error)
    return None if seconds is None else {"Retry-After": str(math.ceil(seconds))}


def _retry_after_s(error: ConvaiError) -> Optional[float]:
    return error.retry_after_s if isinstance(error, Busy) else None


def _code(error: ConvaiError) -> str:
    """``RecognitionError`` → ``recognition_failed``; the same codes as on the socket."""
    return type(error).__name__.replace("Error", "").lower() + "_failed"
