"""A server that is asked over HTTP, with a bound on every wait; httpx is imported only where one is configured."""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import itertools
import json
import logging
import os
import time
from typing import Any, AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from convai_rasa.errors import require
from convai_rasa.options import Field, SecretStr, validator
from convai_rasa.remote.background import run
from convai_rasa.remote.engine import RemoteEngine, RemoteError, ServerOptions

KEY_VARIABLE = "OPENAI_API_KEY"

_FIRST_PAUSE_S = 0.2  # before the first repetition where the server names no time, then twice as long each time
_LONGEST_PAUSE_S = 2.0  # whatever the server asks for: somebody waits in silence
_LONGEST_ANSWER = 4 << 20  # bytes that are read of an answer in words; half an hour of speech has 100 kB
_LONGEST_COMPLAINT = 200  # characters of a server's own words
_KEPT_S = 30.0  # a connection without work; one that the server has closed meanwhile is replaced
_AGAIN = (408, 429, 502, 503, 504)


class HttpOptions(ServerOptions):
    """How a server is reached."""

    model_path: str  # the model's name there
    base_url: str  # up to what the API's own paths begin with, for example http://speech.example:8000/v1
    api_key: Optional[SecretStr] = None  # a bearer token; None: the environment's OPENAI_API_KEY, without that none
    retries: int = Field(1, ge=0, le=5)  # after a failure that may pass, within timeout_s

    @validator("base_url")
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        try:
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:  # a port that is no number
            usable = False
        if not usable or parts.query or parts.fragment:
            raise ValueError(f"{value!r} is not a valid address; give one like http://speech.example:8000/v1")
        if parts.username is not None:
            raise ValueError("holds a user or password; give the key as api_key: ${NAME_OF_A_VARIABLE}")
        return value.strip().rstrip("/")

    @validator("api_key", always=True)
    def _or_environment(cls, value: Optional[SecretStr]) -> Optional[SecretStr]:
        if value is None and os.environ.get(KEY_VARIABLE):
            value = SecretStr(os.environ[KEY_VARIABLE])
        key = value.get_secret_value().strip() if value is not None else ""
        if not (key.isascii() and key.isprintable()):
            raise ValueError("holds characters that no key has; copy it again")
        return SecretStr(key) if key else None


class HttpEngine(RemoteEngine):
    """An engine behind OpenAI's API, with its connections kept open; asked on the loop of ``background``."""

    name = "openai"
    options: HttpOptions

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._httpx = require("httpx", extra="remote")
        self._client: Any = None
        # It writes a line for each request, and one with headers where everything is logged.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    async def answer_to(
        self, method: str, path: str, *, fine: Sequence[int] = (200,), **request: Any
    ) -> tuple[str, bytes]:
        """Return an answer as a whole, with its media type first.

        Args:
            method, path: for example ``POST``, and what stands behind the base URL.
            fine: statuses that are no failure.
            **request: as httpx takes it, for example ``json`` or ``data`` and ``files``.

        Raises:
            RemoteError: of its classes: there was none in time, or one that is of no use.
        """
        until = time.monotonic() + self.options.timeout_s

        async def answered() -> tuple[str, bytes]:
            async with contextlib.AsyncExitStack() as stack:
                response = await self._response(stack, method, path, request, until, fine)
                with self._translated():
                    body = await _body(response)
                if len(body) > _LONGEST_ANSWER:
                    raise self.failure(f"{self._who} answers without end; check what serves there.")
                return _media_type(response)[0], body

        answer: tuple[str, bytes] = await self._in_time(answered(), until, "did not answer")
        return answer

    async def parts_of_answer(
        self, path: str, request: Mapping[str, Any], read: Callable[[str, Mapping[str, str]], Callable[[bytes], Any]]
    ) -> AsyncGenerator[Any, None]:
        """Yield what comes of an answer while it comes.

        Args:
            path, request: as ``answer_to`` takes them.
            read: given the media type, returns what turns bytes into something to be yielded, or None where they are
                not enough for that yet; it is given no bytes at the end.

        Raises:
            RemoteError: as ``answer_to``; or what was to be yielded next did not come in time.
        """
        async with contextlib.AsyncExitStack() as stack:
            until = time.monotonic() + self.options.timeout_s
            response = await self._in_time(self._response(stack, "POST", path, request, until), until)
            parts = response.aiter_bytes()
            take = read(*_media_type(response))
            while True:
                with self._translated("broke off in the middle of an answer"):
                    part = await self._in_time(_or_end(parts), until)
                taken = take(part)
                if taken is not None:
                    yield taken
                    until = time.monotonic() + self.options.timeout_s
                if not part:
                    return

    async def see(self) -> None:
        """See whether a server with OpenAI's API answers; one that has no list of models is there all the same."""
        await self.answer_to("GET", "/models", fine=(200, 404, 405, 501))

    def close(self) -> None:
        """Close the connections; the engine cannot be used afterwards."""
        super().close()
        client, self._client = self._client, None
        if client is not None:
            run(client.aclose())

    async def _response(
        self,
        stack: contextlib.AsyncExitStack,
        method: str,
        path: str,
        request: Mapping[str, Any],
        until: float,
        fine: Sequence[int] = (200,),
    ) -> Any:
        for attempt in itertools.count():
            try:
                return await self._sent(stack, method, path, request, fine)
            except _MayPass as error:
                pause_s = _FIRST_PAUSE_S * 2**attempt if error.retry_after_s is None else error.retry_after_s
                too_long = pause_s > _LONGEST_PAUSE_S or time.monotonic() + pause_s >= until
                if too_long or attempt == self.options.retries:
                    raise self.failure(str(error), error.retry_after_s) from error
                await asyncio.sleep(pause_s)

    async def _sent(
        self, stack: contextlib.AsyncExitStack, method: str, path: str, request: Mapping[str, Any], fine: Sequence[int]
    ) -> Any:
        if self._client is None:
            self._client = self._new_client()
        dropped = (self._httpx.ReadError, self._httpx.WriteError, self._httpx.RemoteProtocolError)
        # A kept connection may have been closed by the server at this very moment; a new one says how it is.
        for let_pass in (dropped, ()):
            with contextlib.suppress(*let_pass), self._translated(may_pass=True, but=let_pass):
                address = self.options.base_url + path
                response = await stack.enter_async_context(self._client.stream(method, address, **request))
                break
        if response.status_code in fine:
            return response
        with self._translated():
            complaint = await _complaint(response)
        raise self._refused(path, response, complaint)

    def _new_client(self) -> Any:
        key = self.options.api_key
        headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
        return self._httpx.AsyncClient(
            headers=headers,
            # Without TLS there is nothing to verify, and to prepare for it takes 0.1 s.
            verify=self.options.base_url.startswith("https:"),
            # What an answer may take is bounded here; httpx would begin anew with every byte.
            timeout=self._httpx.Timeout(None, connect=self.options.connect_s),
            limits=self._httpx.Limits(max_connections=None, keepalive_expiry=_KEPT_S),
        )

    @property
    def _who(self) -> str:
        return f"The speech server {self.options.base_url}"

    async def _in_time(self, work: Any, until: float, what: str = "sent nothing") -> Any:
        try:
            return await asyncio.wait_for(work, until - time.monotonic())
        except asyncio.TimeoutError as error:
            limit = self.options.timeout_s
            raise self.failure(
                f"{self._who} {what} within {limit:g} seconds; check its load, or raise timeout_s."
            ) from error

    @contextlib.contextmanager
    def _translated(
        self, dropped: str = "gave no whole answer", *, may_pass: bool = False, but: Any = ()
    ) -> Iterator[None]:
        """Say in our own words what httpx raises."""
        failure = _MayPass if may_pass else self.failure
        try:
            yield
        except but:
            raise
        except (self._httpx.ConnectError, self._httpx.ConnectTimeout) as error:
            why = str(error) or f"no connection within {self.options.connect_s:g} seconds"
            raise failure(f"{self._who} cannot be reached ({why}); start it, or correct base_url.") from error
        except (self._httpx.HTTPError, self._httpx.InvalidURL) as error:
            why = str(error).rstrip(".") or type(error).__name__
            raise failure(f"{self._who} {dropped} ({why}); check its log, or correct base_url.") from error

    def _refused(self, path: str, response: Any, complaint: str) -> RemoteError:
        status, key = response.status_code, self.options.api_key
        if key is not None:
            complaint = complaint.replace(key.get_secret_value(), "…")
        said = f"{status}: {complaint}" if complaint else str(status)
        if status in (401, 403):
            problem = "wants a key" if key is None else "refuses the key"
            return self.failure(f"{self._who} {problem} ({said}); set api_key, or {KEY_VARIABLE} in the environment.")
        if status in (404, 405):
            return self.failure(
                f"{self._who} has no {path} or no model '{self.options.model_path}' ({said}); correct base_url, which "
                "usually ends in /v1, or model."
            )
        if status == 413:
            return self.failure(f"{self._who} takes no request as large as this one ({said}); raise its limit.")
        if status in (400, 422):
            refusal = self.refusal or self.failure
            return refusal(f"{self._who} does not take the request ({said}); correct the engine's options.")
        failure = _MayPass if status in _AGAIN else self.failure
        if status == 429:
            advice = "ask for less at once, or raise its limit"
            return failure(f"{self._who} has too many requests ({said}); {advice}.", _retry_after(response))
        return failure(f"{self._who} failed ({said}); check its log.", _retry_after(response))


class _MayPass(RemoteError):
    """What is worth a repetition; never leaves this module."""


async def _or_end(parts: AsyncIterator[bytes]) -> bytes:
    async for part in parts:
        if part:
            return part
    return b""


async def _body(response: Any) -> bytes:
    """Return all of an answer, or one that is too long up to where it is that."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > _LONGEST_ANSWER:
            break
    return bytes(body)


async def _complaint(response: Any) -> str:
    """Return what a server complains about, in one line."""
    text = (await _body(response)).decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        text = _message(json.loads(text)) or text
    if text.lstrip().startswith("<"):  # a page for people
        return ""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= _LONGEST_COMPLAINT else line[:_LONGEST_COMPLAINT] + "…"


def _message(content: Any) -> str:
    """Find the sentence in what OpenAI, vLLM and FastAPI answer with."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "; ".join(filter(None, map(_message, content)))
    if isinstance(content, dict):
        return next(
            (found for key in ("error", "message", "detail", "msg") if (found := _message(content.get(key)))), ""
        )
    return ""


def _retry_after(response: Any) -> Optional[float]:
    """Return the seconds of ``Retry-After``, which may be a date."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 12:
        return float(value)
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    return None


def _media_type(response: Any) -> tuple[str, Mapping[str, str]]:
    kind, *parameters = response.headers.get("content-type", "").split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return kind.strip().lower(), {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
