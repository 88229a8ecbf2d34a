"""A network between the browser and the bot that a test can cut."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any


class SeverableLink:
    """Passes connections on to a port of this machine; use as a context manager.

    Args:
        port: where the bot is.

    Attributes:
        port: where the browser finds it.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._frozen: set[asyncio.StreamWriter] = set()
        self._up = True
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> SeverableLink:
        self._thread.start()
        self._server = self._run(self._listen())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def sever(self) -> None:
        """Break every connection, and let none through until :meth:`restore`."""
        self._run(self._sever())

    def freeze(self) -> None:
        """Let nothing more through on the present connections, without a sign; new ones work."""
        self._frozen = set(self._writers)

    def restore(self) -> None:
        """Let connections through again."""
        self._up = True

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> asyncio.AbstractServer:
        return await asyncio.start_server(self._connect, "127.0.0.1", 0)

    async def _sever(self) -> None:
        self._up = False
        for writer in self._writers:
            writer.transport.abort()

    async def _end(self) -> None:
        await self._sever()
        self._server.close()
        while self._writers:
            await asyncio.sleep(0.02)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self._up:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
                self._writers.add(far_writer)
                try:
                    await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))
                finally:
                    self._writers.discard(far_writer)
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # it was severed
            while data := await reader.read(65_536):
                if writer not in self._frozen:
                    writer.write(data)
                    await writer.drain()
        if writer not in self._frozen:
            writer.close()
