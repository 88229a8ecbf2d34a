"""One client's socket: read as fast as its frames are dealt with, and no faster.

Sanic hands every piece that arrives to a task of its own and keeps what nobody asks for, without a bound; a text frame
that is not UTF-8 ends in one of those tasks, unseen; and it cancels whoever reads when a client leaves, with the frames
that had come before. So its reader is replaced by this one, on the same ``websockets`` protocol.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
from typing import Any, Callable, Deque, Optional

from websockets.connection import OPEN
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from convai_rasa.voice import limits
from convai_rasa.voice.patience import within
from convai_rasa.voice.wire import Frame as Content

logger = logging.getLogger(__name__)

PING_S = 20.0
CLOSE_S = 2.0  # for the client to agree that the connection ends
MAX_PARTS = 1_024  # frames of one message; they may be empty, and so are counted
SLICE_BYTES = 8 * 1024  # parsed in one round of the event loop: a thousand tiny frames, 20 ms of Python


class Connection:
    """A client's socket, Sanic's ``websocket`` that was just opened, from its handshake to its end.

    While more than ``limits.INBOX_BYTES`` wait to be dealt with, nothing is read, so that the client's own sending
    waits. What was read is kept, even if the client leaves. Before :meth:`trust`, no more than an ``allowance`` of
    bytes is dealt with, if there is one.
    """

    def __init__(self, websocket: Any, allowance: Optional[int] = None) -> None:
        self._socket = websocket
        self._protocol = websocket.connection  # of the websockets package
        self._transport = websocket.io_proto.transport
        self._loop = asyncio.get_running_loop()
        self._allowance = allowance
        self._unparsed = bytearray()
        self._parsing = False
        self._parts: list[bytes] = []  # of a message that came in several frames
        self._is_text = False
        self._frames: Deque[Content] = collections.deque()
        self._kept_bytes = 0  # read and not returned, with what keeping them costs
        self._paused = False
        self._over = False  # no frame will be added
        self.on_end: Callable[[], None] = lambda: None  # the client is gone; frames of it may still be waiting
        self._news = asyncio.Event()
        self._heard_at = self._loop.time()
        self._take_over()

    async def recv(self) -> Content:
        """Return the next frame; raises ``ConnectionClosed`` once the client is gone and all was returned."""
        while not self._frames:
            if self._over:
                raise ConnectionClosed(self._protocol.close_rcvd, self._protocol.close_sent)
            self._news.clear()
            await self._news.wait()
        frame = self._frames.popleft()
        self._kept_bytes -= _cost(frame)
        self._read_on()
        return frame

    async def send(self, frame: Content) -> None:
        """Send a frame; waits while the client's machine does not take what was sent before."""
        await self._socket.send(frame)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection; what comes now is not read."""
        self._end()
        self._loop.call_later(CLOSE_S, self._transport.abort)  # whoever does not agree, or does not even read
        with contextlib.suppress(asyncio.TimeoutError):
            await within(CLOSE_S, self._socket.close(code, reason))

    def trust(self) -> None:
        """The client has said who it is: what it sends is bounded by what is dealt with alone."""
        self._allowance = None
        self._read_on()

    # ---------------------------------------------------------------- in the place of Sanic's reader

    def _take_over(self) -> None:
        lost, ended = self._socket.connection_lost, self._socket.eof_received

        def connection_lost(error: Optional[Exception]) -> None:
            if self._unparsed:
                self._feed(bytes(self._unparsed))
            self._end()
            lost(error)

        def eof_received() -> Optional[bool]:
            self._end()
            return bool(ended())

        receive = self._protocol.recv_frame

        def recv_frame(frame: Frame) -> None:
            # websockets 10 answers a ping after its own close frame, and fails over it.
            if frame.opcode is not Opcode.PING or self._protocol.state is OPEN:
                receive(frame)

        self._protocol.recv_frame = recv_frame
        self._socket.connection_lost, self._socket.eof_received = connection_lost, eof_received
        self._socket.data_received = self._data_received
        self._socket.assembler = self  # for what came while the handshake was being answered
        # Sanic's own pings end a connection whose answer waits behind sound that is not read yet.
        if self._socket.keepalive_ping_task is not None:
            self._socket.keepalive_ping_task.cancel()
        self._next_ping = self._loop.call_later(PING_S, self._keep_alive)

    async def put(self, frame: Frame) -> None:
        """Take a frame that Sanic has read."""
        self._take(frame)

    def _data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._unparsed += data
        if not self._parsing:
            self._parse()

    def _parse(self) -> None:
        """Read one slice of what came; the next one follows when everybody else has had a turn."""
        self._parsing = False
        if self._unparsed and not self._full:
            piece = bytes(self._unparsed[:SLICE_BYTES])
            del self._unparsed[:SLICE_BYTES]
            if self._allowance is not None:
                self._allowance -= len(piece)
            self._feed(piece)
            if self._unparsed and not self._full:
                self._parsing = True
                self._loop.call_soon(self._parse)
        self._flow()

    def _feed(self, piece: bytes) -> None:
        self._protocol.receive_data(piece)
        self._answer()
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
        if self._protocol.state is not OPEN:  # a frame made no sense, or was the last one
            self._end()

    def _take(self, frame: Frame) -> None:
        if self._over or frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        self._parts.append(frame.data)
        if len(self._parts) > MAX_PARTS:
            self._fail(1009, f"A message may come in at most {MAX_PARTS:,} frames.")
        elif frame.fin:
            content, self._parts = b"".join(self._parts), []
            self._keep(content)

    def _keep(self, content: bytes) -> None:
        try:
            frame: Content = content.decode() if self._is_text else content
        except UnicodeDecodeError:
            self._fail(1007, "A text frame must be UTF-8.")
            return
        self._frames.append(frame)
        self._kept_bytes += _cost(frame)
        self._news.set()

    @property
    def _full(self) -> bool:
        used_up = self._allowance is not None and self._allowance <= 0
        return (used_up or self._kept_bytes > limits.INBOX_BYTES) and not self._over

    def _flow(self) -> None:
        """Let the client's sending wait while there is more than is dealt with."""
        wait = bool(self._unparsed) or self._full
        if wait != self._paused and not self._transport.is_closing():
            self._paused = wait
            (self._transport.pause_reading if wait else self._transport.resume_reading)()

    def _read_on(self) -> None:
        if not self._parsing and self._kept_bytes < limits.INBOX_BYTES // 2 and (self._paused or self._unparsed):
            self._heard_at = self._loop.time()  # who was not listened to could not be heard
            self._parse()

    def _answer(self) -> None:
        """Send what the protocol itself answers: to a ping, and to a close."""
        out = self._protocol.data_to_send()
        if not all(out):  # an empty piece asks for the connection's end, which Sanic looks after
            self._ending = asyncio.ensure_future(self._socket.send_data(out))
        elif self._transport.get_write_buffer_size() > limits.UNSENT_BYTES:
            self._end()
            self._transport.abort()
        elif not self._transport.is_closing():
            for piece in out:
                self._transport.write(piece)

    def _keep_alive(self) -> None:
        if self._over or self._protocol.state is not OPEN:
            return
        if not self._paused and self._loop.time() - self._heard_at > limits.SILENT_S:
            self._fail(1011, "Nothing was heard for too long.")
            return
        self._protocol.send_ping(b"")
        self._answer()
        self._next_ping = self._loop.call_later(PING_S, self._keep_alive)

    def _fail(self, code: int, reason: str) -> None:
        logger.info("A connection was closed (%d): %s", code, reason)
        self._end()
        self._socket.fail_connection(code, reason)
        self._loop.call_later(CLOSE_S, self._transport.abort)

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._next_ping.cancel()
            self._news.set()
            tell, self.on_end = self.on_end, lambda: None  # what it holds is a whole conversation
            tell()


def _cost(frame: Content) -> int:
    return len(frame) + limits.FRAME_OVERHEAD_BYTES
