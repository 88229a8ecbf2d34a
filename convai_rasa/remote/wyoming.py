"""A server that speaks the Wyoming protocol, with a bound on every wait; each request has a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any, AsyncGenerator, Iterator, Sequence
from urllib.parse import urlsplit

from convai_rasa.errors import require
from convai_rasa.options import validator
from convai_rasa.remote.engine import RemoteEngine, ServerOptions

_GOODBYE_S = 0.2  # for a server that no longer takes what was sent to it
# What the wyoming package raises where a server sends something else.
_NOT_WYOMING = (ValueError, KeyError, TypeError, AttributeError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class WyomingOptions(ServerOptions):
    """How a server is reached: ``tcp://HOST:PORT`` or ``unix:///PATH``."""

    uri: str

    @validator("uri")
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        usable: Any = parts.scheme == "unix" and parts.path and not parts.netloc
        with contextlib.suppress(ValueError):  # a port that is no number
            usable = usable or (parts.scheme == "tcp" and parts.hostname and parts.port)
        if not usable:
            raise ValueError(f"{value!r} is not a valid address; give one like tcp://speech.example:10300")
        return value.strip()


class WyomingEngine(RemoteEngine):
    """An engine behind a server that speaks the protocol."""

    name = "wyoming"
    options: WyomingOptions

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._client = require("wyoming.client", extra="remote")
        self._error = require("wyoming.error", extra="remote").Error

    async def exchange(self, events: Sequence[Any], wanted: Sequence[str]) -> AsyncGenerator[Any, None]:
        """Send events and yield what comes back; whoever has enough closes the generator.

        Args:
            events: of the wyoming package.
            wanted: types of the events that are yielded; others are passed over.

        Raises:
            RemoteError: of its class: the server is away, fails, sends something else, or nothing in time.
        """
        until = time.monotonic() + self.options.timeout_s
        connection = self._client.AsyncClient.from_uri(self.options.uri, self.options.connect_s)
        with self._translated():
            try:
                await connection.connect()
            except (asyncio.TimeoutError, OSError) as error:
                why = str(error) or f"no connection within {self.options.connect_s:g} seconds"
                raise self.failure(f"{self._who} cannot be reached ({why}); start it, or correct uri.") from error
            try:
                sending = asyncio.ensure_future(_send(connection, events))
                try:
                    while True:
                        event = await asyncio.wait_for(connection.read_event(), until - time.monotonic())
                        if event is None:
                            raise self.failure(f"{self._who} ended its answer too early; check its log.")
                        if self._error.is_type(event.type):
                            said = self._error.from_event(event).text
                            raise self.failure(f"{self._who} failed ({said}); check its log.")
                        if event.type in wanted:
                            yield event
                            until = time.monotonic() + self.options.timeout_s
                finally:
                    sending.cancel()
                    await asyncio.gather(sending, return_exceptions=True)
            finally:
                with contextlib.suppress(OSError, asyncio.TimeoutError):
                    await asyncio.wait_for(connection.disconnect(), _GOODBYE_S)

    async def see(self) -> None:
        """Ask the server what it is, which every one answers."""
        describe = require("wyoming.info", extra="remote").Describe()
        async with contextlib.aclosing(self.exchange([describe], ["info"])) as answers:
            await answers.__anext__()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Say in our own words what sockets and the package raise."""
        try:
            yield
        except asyncio.TimeoutError as error:
            limit = self.options.timeout_s
            raise self.failure(
                f"{self._who} did not answer within {limit:g} seconds; check its load, or raise timeout_s."
            ) from error
        except OSError as error:
            raise self.failure(f"{self._who} broke off ({error}); check its log.") from error
        except _NOT_WYOMING as error:
            raise self.failure(
                f"{self._who} sent something that is not Wyoming's protocol ({error}); correct uri."
            ) from error

    @property
    def _who(self) -> str:
        return f"The Wyoming server {self.options.uri}"


async def _send(connection: Any, events: Sequence[Any]) -> None:
    for event in events:
        await connection.write_event(event.event())
