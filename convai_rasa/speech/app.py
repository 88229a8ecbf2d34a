"""OpenAI's audio API in front of engines, wherever these are: one ASGI application."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from convai_rasa.asr import join_transcripts
from convai_rasa.errors import ConvaiError
from convai_rasa.speech.desk import Desk
from convai_rasa.speech.encoding import FORMATS, Encoder
from convai_rasa.speech.forms import (
    Speech,
    most_bytes_of_form,
    most_bytes_of_text,
    read_body,
    read_speech,
    read_transcription,
)
from convai_rasa.speech.openai_errors import Refusal, as_refusal
from convai_rasa.speech.transcripts import transcript_verbose

logger = logging.getLogger(__name__)

_KINDS = {401: "invalid_request_error", 403: "permission_error", 429: "rate_limit_error"}  # of OpenAI's errors
_GONE = 499  # as nginx counts whoever did not wait for the answer; nobody gets to see it
_LINGER_S = 1.0
_LARGE = 256 * 1024  # bytes of a form that is taken apart beside the event loop


def make_app(desk: Desk, tokens: Sequence[str] = ()) -> Starlette:
    """Return the application for callers with one of the tokens; none: for whoever reaches it but pages in browsers."""
    api = _Api(desk, tokens)
    routes = [
        Route("/v1/audio/transcriptions", api.answered(api.transcribe, "transcription"), methods=["POST"]),
        Route("/v1/audio/speech", api.answered(api.speak, "speech"), methods=["POST"]),
        Route("/v1/models", api.answered(api.models)),
        Route("/v1/models/{name:path}", api.answered(api.model)),
        Route("/health", api.health),
        Route("/ready", api.ready),
        Route("/metrics", api.answered(api.metrics)),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _no_such_thing})


class _Api:
    def __init__(self, desk: Desk, tokens: Sequence[str]) -> None:
        self._desk = desk
        self._tokens = [token.encode() for token in tokens]

    def answered(self, serve: Callable[[Request], Awaitable[Response]], kind: str | None = None) -> Any:
        """Let in whoever may, put every error in OpenAI's words, and count the answers to a kind of request."""

        async def answering(request: Request) -> Response:
            try:
                self._check(request)
                response = await serve(request)
            except ClientDisconnect:
                response = Response(status_code=_GONE)
            except ConvaiError as error:
                response = await _refuse(request, as_refusal(error))
            # Whatever a request makes of us, its sender hears of it, and the log knows why.
            except Exception:
                logger.exception("A request failed.")
                failed = Refusal(500, "The service failed; its log says why.", code="internal_error")
                response = await _refuse(request, failed)
            if kind is not None:
                self._desk.metrics.answered(kind, response.status_code)
            return response

        return answering

    async def transcribe(self, request: Request) -> Response:
        options = self._desk.options
        most = most_bytes_of_form(options)
        declared = request.headers.get("content-length", "")
        size = min(most, int(declared)) if declared.isdecimal() else most
        with self._desk.place("transcription"), self._desk.upload(size):
            body = await read_body(request, max_bytes=most, timeout_s=options.upload_s)
            form = (request.headers.get("content-type", ""), body, options)
            is_large = len(body) > _LARGE
            wanted = await asyncio.to_thread(read_transcription, *form) if is_large else read_transcription(*form)
            async with _while_there(request):
                pieces = await self._desk.transcribe(wanted)
        if wanted.answer == "verbose_json":
            return JSONResponse(transcript_verbose(pieces))
        text = join_transcripts(pieces).text
        return PlainTextResponse(f"{text}\n") if wanted.answer == "text" else JSONResponse({"text": text})

    async def speak(self, request: Request) -> Response:
        options = self._desk.options
        with contextlib.ExitStack() as held:
            held.enter_context(self._desk.place("speech"))
            body = await read_body(request, max_bytes=most_bytes_of_text(options), timeout_s=options.upload_s)
            wanted = read_speech(body, options)
            sound = self._encoded(wanted)
            try:
                async with _while_there(request):
                    first = await anext(sound, b"")  # whatever fails before there is sound is an answer with a status
            except BaseException:
                await sound.aclose()
                raise
            return _Streamed(first, sound, held.pop_all(), FORMATS[wanted.form].media_type)

    async def _encoded(self, wanted: Speech) -> AsyncGenerator[bytes, None]:
        encoder = Encoder(wanted.form)
        async with contextlib.aclosing(self._desk.speak(wanted)) as sounds:
            async for sound in sounds:
                if encoded := encoder.push(sound):
                    yield encoded
        if encoded := encoder.finish():
            yield encoded

    async def models(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [_model(name) for name in self._desk.names.all]})

    async def model(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._desk.names.all:
            raise Refusal(404, "There is no such model here; GET /v1/models lists them.", code="model_not_found")
        return JSONResponse(_model(name))

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        body = {"state": self._desk.state, "waiting": self._desk.waiting, "in_work": self._desk.in_work}
        return JSONResponse(body) if body["state"] == "ready" else JSONResponse(body, 503, {"Retry-After": "1"})

    async def metrics(self, request: Request) -> Response:
        text, media_type = self._desk.metrics.text()
        return Response(text, media_type=media_type)

    def _check(self, request: Request) -> None:
        """Refuse whoever has no token, or is a page in somebody's browser."""
        if not self._tokens:
            # Pages of anybody may send requests to a service on the machine that shows them.
            if "origin" in request.headers:
                raise Refusal(
                    403, "Pages in a browser need a token; set CONVAI_SPEECH_TOKENS for the service.", code="no_token"
                )
            return
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        given = shown.strip().encode("utf-8", "replace")
        known = [hmac.compare_digest(token, given) for token in self._tokens]  # all, in the same time
        if scheme.lower() != "bearer" or not any(known):
            raise Refusal(
                401,
                "The request has no valid token; send 'Authorization: Bearer TOKEN' with one of the service's.",
                code="invalid_api_key",
            )


class _Streamed(StreamingResponse):
    """Sound that is sent while it is made, whose work ends with the connection."""

    def __init__(
        self, first: bytes, rest: AsyncGenerator[bytes, None], held: contextlib.ExitStack, media_type: str
    ) -> None:
        super().__init__(_all(first, rest), media_type=media_type)
        self._rest = rest
        self._held = held

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        except ConvaiError as error:  # what has been sent cannot be taken back: the connection ends in the middle
            logger.warning("Speech broke off: %s", error)
        finally:
            self._held.close()
            await self._rest.aclose()


async def _all(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    async for part in rest:
        yield part


@contextlib.asynccontextmanager
async def _while_there(request: Request) -> Any:
    """Give up what is done inside, with ``ClientDisconnect``, when the sender of a request that was read is gone."""
    working = asyncio.current_task()
    assert working is not None
    is_gone = False

    async def watch() -> None:
        nonlocal is_gone
        while (await request.receive())["type"] != "http.disconnect":
            pass
        is_gone = True
        working.cancel()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    except asyncio.CancelledError:
        if is_gone:
            raise ClientDisconnect from None
        raise
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _refuse(request: Request, refusal: Refusal) -> Response:
    """Read what is left, if that is little: a client that still sends when the connection closes does not see why."""
    if refusal.status >= 500 and refusal.retry_after_s is None:
        logger.warning("%s", refusal)
    left = _LARGE

    async def read() -> None:
        nonlocal left
        async for part in request.stream():
            left -= len(part)
            if left < 0:
                return

    with contextlib.suppress(asyncio.TimeoutError, ClientDisconnect, RuntimeError):  # it has been read
        await asyncio.wait_for(read(), _LINGER_S)
    return _refused(refusal)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "convai-rasa"}


def _refused(refusal: Refusal) -> Response:
    kind = _KINDS.get(refusal.status, "invalid_request_error" if refusal.status < 500 else "server_error")
    error = {"message": str(refusal), "type": kind, "param": refusal.param, "code": refusal.code}
    response = JSONResponse({"error": error}, refusal.status)
    if refusal.retry_after_s is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(refusal.retry_after_s)))
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


async def _no_such_thing(request: Request, error: Exception) -> Response:
    """Answer what no route takes."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        message = f"{request.url.path} does not take {request.method}; see docs/speech-service.md."
    else:
        message = "There is no such address here; the API is at /v1/audio/transcriptions and /v1/audio/speech."
    return _refused(Refusal(status, message, code="not_found"))
