"""A WebSocket client whose every byte is written by hand, and which knows what a server may answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct

import hostile_frames as frames
import hostile_requests
from attacked_site import ANSWER_S, Site

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.wire import messages as m, native

JOB_S = 40.0  # for one connection
# ``docs/protocol.md`` lists them.
ERRORS = {
    "bad_message", "unknown_type", "frame_too_large", "already_started", "recognition_failed", "bot_failed",
    "synthesis_failed", "unauthorized", "forbidden_origin", "forbidden_host", "forbidden_machine", "forbidden_name",
    "forbidden_payload", "busy", "starting", "no_start",
}  # fmt: skip
FAILURES = {"recognition_failed", "bot_failed", "synthesis_failed"}  # documented, but nothing here may cause them
# 1011 is missing: a session failed.
CLOSE_CODES = {1000, 1002, 1003, 1007, 1009, 1013, 4400, 4401, 4403}


class Socket:
    """A WebSocket written by hand.

    Args:
        site: where it leads.
        kind: of the inputs sent over it.
        name: for what goes wrong.
    """

    def __init__(self, site: Site, kind: str, name: str) -> None:
        self._site = site
        self._kind = kind
        self._name = name
        self._listening: asyncio.Future[None] | None = None

    async def open(self, path: str, *, listen: bool = True, too_early: bytes = b"") -> bool:
        """Shake hands; False when there is no socket at that path for us.

        Args:
            path: of the server.
            listen: whether to read what it says.
            too_early: sent behind the handshake without waiting for its answer.
        """
        reader, self._writer = await self._site.connect()
        self._writer.write(hostile_requests.handshake(self._site.netloc, path) + too_early)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), ANSWER_S)
        if head[9:12] != b"101":
            self._note(head[9:12].decode())
            self._writer.close()
            return False
        if listen:
            self._listening = asyncio.ensure_future(self._listen(reader))
        return True

    @property
    def ended(self) -> bool:
        """Whether the server has ended it."""
        return self._writer.is_closing() or (self._listening is not None and self._listening.done())

    async def send(self, data: bytes, inputs: int = 1) -> bool:
        """Write bytes; False when nobody is there to read them."""
        if self.ended:
            return False
        self._writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()
        self._site.tally.sent[self._kind] += inputs
        return True

    async def finish(self, timeout_s: float = JOB_S, *, must: bool = True) -> None:
        """Wait for the server to end it.

        Args:
            timeout_s: how long.
            must: whether it has to.
        """
        if self._listening is not None:
            done, _ = await asyncio.wait({self._listening}, timeout=timeout_s)
            if not done and must:
                self._site.tally.wrong.append(f"{self._name}: the server did not end it within {timeout_s:g} s")
        self.leave()

    def leave(self, *, rudely: bool = False) -> None:
        """Go without a word."""
        connection = self._writer.get_extra_info("socket")  # none, or closed, where the server was faster
        if rudely and connection is not None:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()
        self._writer.close()
        if self._listening is not None:
            self._listening.cancel()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readexactly(2)
                size = head[1] & 0x7F
                if size > 125:
                    size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
                payload = await reader.readexactly(size)
                opcode = head[0] & 0x0F
                if opcode == frames.CLOSE:
                    self._closed(payload)
                    self._writer.write(frames.frame(frames.CLOSE, payload[:2]))
                    await asyncio.wait_for(reader.read(), 5)
                    return
                if opcode == frames.TEXT:
                    self._heard(payload.decode())
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.TimeoutError):
            self._note("gone")

    def _closed(self, payload: bytes) -> None:
        code = int.from_bytes(payload[:2], "big") if payload else 1000
        self._note(f"close {code}")
        if code not in CLOSE_CODES and code < 4000:
            self._site.tally.wrong.append(f"{self._name}: closed with {payload!r}")

    def _heard(self, text: str) -> None:
        if self._kind == "events":
            event = json.loads(text)["event"]
            if event not in ("media", "mark", "clear"):
                self._site.tally.wrong.append(f"{self._name}: Twilio knows no {text!r}")
            return
        try:
            message = native.decode_server(text)
        except ProtocolError as error:
            self._site.tally.wrong.append(f"{self._name}: {error} in {text!r}")
            return
        if isinstance(message, m.Error):
            self._note(message.code)
            if message.code not in ERRORS or message.code in FAILURES:
                self._site.tally.wrong.append(f"{self._name}: {text!r}")
        elif isinstance(message, (m.Ready, m.BotMessage)):
            self._note(message.type)

    def _note(self, what: str) -> None:
        self._site.tally.answers[self._kind, what] += 1
