"""A socket is read as fast as its frames are dealt with: a real Sanic and a real client on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, List, Optional

import pytest
from sanic import Sanic
from sanic.request import Request
from websockets.client import WebSocketClientProtocol, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from convai_rasa.voice import limits
from convai_rasa.voice.http.connection import MAX_PARTS, Connection

pytestmark = pytest.mark.slow

Serve = Callable[[Connection], Awaitable[None]]

_app = Sanic("connections", configure_logging=False)
_serving: Dict[str, Callable[[Any], Awaitable[None]]] = {}


@_app.websocket("/<name>")
async def stream(request: Request, websocket: Any, name: str) -> None:
    await _serving[name](websocket)


@contextlib.asynccontextmanager
async def served(serve: Serve, allowance: Optional[int] = None) -> AsyncIterator[str]:
    """The address of a server that lets ``serve`` talk to each client."""
    tasks: List[asyncio.Future[None]] = []

    async def shielded(websocket: Any) -> None:
        tasks.append(asyncio.ensure_future(serve(Connection(websocket, allowance))))  # type: ignore[arg-type]  # a coroutine
        await asyncio.shield(tasks[-1])

    name = f"test-{len(_serving)}"
    _serving[name] = shielded
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = await _app.create_server(sock=listening, return_asyncio_server=True, debug=False, access_log=False)
    assert server is not None
    if len(_serving) == 1:
        await server.startup()
    await server.start_serving()
    try:
        yield f"ws://127.0.0.1:{port}/{name}"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        server.close()


async def close_code(client: WebSocketClientProtocol) -> int:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(client.recv(), 5)
    assert client.close_code is not None
    return client.close_code


class Reader:
    """Reads when it may, and keeps what it got."""

    def __init__(self) -> None:
        self.may_read = asyncio.Event()
        self.frames: List[Any] = []
        self.over = asyncio.Event()
        self.connection: Optional[Connection] = None

    async def __call__(self, connection: Connection) -> None:
        self.connection = connection
        await self.may_read.wait()
        try:
            while True:
                self.frames.append(await connection.recv())
        except ConnectionClosed:
            self.over.set()

    async def sees_the_end_of(self, client: WebSocketClientProtocol) -> None:
        await client.close()
        await asyncio.wait_for(self.over.wait(), 5)


async def test_frames_come_whole_in_order_and_of_their_kind() -> None:
    reader = Reader()
    reader.may_read.set()
    async with served(reader) as url:
        async with connect(url) as client:
            await client.send("sofort")
            await client.send(b"\x00\x01")
            await client.send(["in ", "three ", "pieces é"])
            await client.send(b"")
        await asyncio.wait_for(reader.over.wait(), 5)
    assert reader.frames == ["sofort", b"\x00\x01", "in three pieces é", b""]


async def test_who_sends_more_than_is_dealt_with_has_to_wait_and_nothing_is_lost() -> None:
    reader = Reader()
    pieces = [number.to_bytes(4, "big") * 8_000 for number in range(1_000)]  # 32 MB
    async with served(reader) as url, connect(url, ping_interval=None) as client:
        sending = asyncio.ensure_future(send_each(client, pieces))
        await asyncio.sleep(1)
        kept = reader.connection
        assert kept is not None
        assert kept._kept_bytes + len(kept._unparsed) < limits.INBOX_BYTES + limits.MAX_FRAME_BYTES
        assert not sending.done(), "the client's own sending waits"
        reader.may_read.set()
        await asyncio.wait_for(sending, 20)
        await reader.sees_the_end_of(client)
    assert reader.frames == pieces


async def test_pings_are_answered_while_messages_wait() -> None:
    reader = Reader()
    async with served(reader) as url, connect(url) as client:
        for number in range(1_000):
            await client.send(f"message {number}")
        await asyncio.wait_for(await client.ping(), 5)
        reader.may_read.set()
        await reader.sees_the_end_of(client)
    assert reader.frames == [f"message {number}" for number in range(1_000)]


async def test_what_came_before_a_connection_broke_is_returned_first() -> None:
    reader = Reader()
    ended = asyncio.Event()
    async with served(reader) as url:
        client = await connect(url)
        await client.send("before")
        await asyncio.sleep(0.1)
        assert reader.connection is not None
        reader.connection.on_end = ended.set
        client.transport.abort()
        await asyncio.wait_for(ended.wait(), 5)
        reader.may_read.set()
        await asyncio.wait_for(reader.over.wait(), 5)
    assert reader.frames == ["before"]


async def send_each(client: Any, pieces: List[bytes]) -> None:
    for piece in pieces:
        await client.send(piece)


def masked(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([masked(Opcode.TEXT, b"\xff\xfe")], 1007),
        ([masked(Opcode.TEXT, b"\xc3", False), masked(Opcode.CONT, b"\x28")], 1007),
        ([masked(Opcode.TEXT, b"", False), *[masked(Opcode.CONT, b"", False)] * (MAX_PARTS + 1)], 1009),
        ([masked(Opcode.CONT, b"of nothing")], 1002),
        ([b"\xf7\x80\x00\x00\x00\x00"], 1002),
    ],
    ids=["not UTF-8", "not UTF-8 in pieces", "empty pieces without end", "continued nothing", "reserved bits"],
)
async def test_frames_that_make_no_sense_end_the_connection_with_its_code(frames: List[bytes], code: int) -> None:
    reader = Reader()
    reader.may_read.set()
    async with served(reader) as url, connect(url) as client:
        client.transport.write(b"".join(frames))
        assert await close_code(client) == code
        await asyncio.wait_for(reader.over.wait(), 5)


async def test_before_trust_only_so_much_is_read() -> None:
    reader = Reader()
    async with served(reader, allowance=limits.UNPROVEN_BYTES) as url, connect(url) as client:
        pieces = [number.to_bytes(4, "big") * 2_500 for number in range(1_000)]
        reader.may_read.set()
        sending = asyncio.ensure_future(send_each(client, pieces))
        await asyncio.sleep(0.5)
        assert reader.connection is not None
        assert sum(map(len, reader.frames)) <= limits.UNPROVEN_BYTES + 8 * 1024, "the rest waits, and is not lost"
        assert not sending.done()
        reader.connection.trust()
        await asyncio.wait_for(sending, 10)
        await reader.sees_the_end_of(client)
    assert reader.frames == pieces


async def test_after_it_there_is_no_such_bound() -> None:
    async def trusting(connection: Connection) -> None:
        assert await connection.recv() == "the token"
        connection.trust()
        reader.may_read.set()
        await reader(connection)

    reader = Reader()
    async with served(trusting, allowance=limits.UNPROVEN_BYTES) as url, connect(url) as client:
        await client.send("the token")
        await asyncio.sleep(0.1)
        for _ in range(20):
            await client.send(bytes(10_000))
        await reader.sees_the_end_of(client)
    assert sum(map(len, reader.frames)) == 200_000


async def test_who_asks_and_does_not_read_the_answers_is_cut_off() -> None:
    """Pings without end, whose answers pile up: nothing grows beyond a bound."""
    reader = Reader()
    async with served(reader) as url:
        client = await connect(url, ping_interval=None)
        client.transport.pause_reading()
        ping = masked(Opcode.PING, bytes(125)) * 1_000
        for _ in range(300):
            if client.transport.is_closing() or reader.over.is_set():
                break
            client.transport.write(ping)
            await asyncio.sleep(0.005)
        reader.may_read.set()
        await asyncio.wait_for(reader.over.wait(), 10)
        client.transport.abort()


async def test_a_ping_behind_the_end_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    async def closing(connection: Connection) -> None:
        await connection.recv()
        await connection.close(4400, "enough")

    async with served(closing) as url:
        client = await connect(url, ping_interval=None)
        client.transport.pause_reading()  # so that it does not agree to the end yet
        await client.send("hello")
        await asyncio.sleep(0.1)
        client.transport.write(masked(Opcode.PING, b"still there?"))
        await asyncio.sleep(0.1)
        client.transport.resume_reading()
        assert await close_code(client) == 4400
    assert "parser failed" not in caplog.text


async def test_one_who_does_not_agree_to_the_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convai_rasa.voice.http.connection.CLOSE_S", 0.2)

    async def closing(connection: Connection) -> None:
        await connection.recv()
        await connection.close(4400, "enough")

    async with served(closing) as url:
        client = await connect(url, ping_interval=None, close_timeout=20)
        await client.send("hello")
        client.transport.pause_reading()  # it never sees the close frame
        for _ in range(100):
            await asyncio.sleep(0.05)
            client.transport.write(masked(Opcode.PING, b""))
            if client.transport.is_closing():
                break
        assert client.transport.is_closing()
