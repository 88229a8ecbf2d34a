"""The way from Rasa to the action server, on which anything may happen: normally it hands on, else it misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import Callable, Coroutine

from convai_rasa.launch import HOST

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


class ActionGate:
    """A real server on the port that Rasa knows; use as a context manager.

    Args:
        port: that Rasa knows.
        behind: port of the real action server.
    """

    def __init__(self, port: int, behind: int) -> None:
        self.port, self._behind = port, behind
        self._answer: Answer = self.hand_on
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="action gate", daemon=True)
        self._server: asyncio.AbstractServer | None = None

    def __enter__(self) -> ActionGate:
        self._thread.start()
        self._do(self._open())
        return self

    def __exit__(self, *error: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextlib.contextmanager
    def answering(self, answer: Answer) -> Iterator[None]:
        """Answer like this, until the end of the block."""
        self._answer = answer
        try:
            yield
        finally:
            self._answer = self.hand_on

    @contextlib.contextmanager
    def shut(self) -> Iterator[None]:
        """With nobody on the port, until the end of the block."""
        self._do(self._close())
        try:
            yield
        finally:
            self._do(self._open())

    def _do(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)

    async def _close(self) -> None:
        assert self._server
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()

    async def hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let the real action server answer."""
        there, back = await asyncio.open_connection(HOST, self._behind)
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            back.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(1 << 16):
        writer.write(piece)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one HTTP request, and return its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
    return await reader.readexactly(length)


def http(status: str, body: bytes, kind: str = "application/json", declared: int | None = None) -> Answer:
    """Answer every request with the same.

    Args:
        status: for example ``500 Internal Server Error``.
        body: sent.
        kind: its media type.
        declared: length in the header, if it is to differ from the body's.
    """
    length = len(body) if declared is None else declared

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return answer
