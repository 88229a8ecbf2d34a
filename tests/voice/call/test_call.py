"""Conversations and their connections, with sockets made of queues."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, Callable, List, Optional, Union

import pytest
from sanic.exceptions import ServerError
from websockets.exceptions import ConnectionClosed

from convai_rasa.voice.call.call import Call, Calls, Line
from convai_rasa.voice.wire import messages as m, native


class Socket:
    """A client: what it sends is put in, what it gets is kept."""

    on_end: Callable[[], None]

    def __init__(self) -> None:
        self.frames: asyncio.Queue[Union[str, bytes, None]] = asyncio.Queue()
        self.got: List[Any] = []
        self.closed: Optional[int] = None

    async def recv(self) -> Union[str, bytes]:
        frame = await self.frames.get()
        if frame is None:
            raise ConnectionClosed(None, None)
        return frame

    async def send(self, frame: Union[str, bytes]) -> None:
        if self.closed is not None:
            raise ConnectionClosed(None, None)
        self.got.append(native.decode_server(frame))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed = code
        self.frames.put_nowait(None)

    def says(self, message: m.ClientMessage) -> None:
        self.frames.put_nowait(native.encode(message))

    def breaks(self) -> None:
        self.closed = 1006
        self.frames.put_nowait(None)

    @property
    def types(self) -> List[str]:
        return [item.type for item in self.got]


class Talk:
    """The part of a session that a call uses."""

    call: Call
    first: Optional[m.ServerMessage] = None  # said before the caller says anything

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.log: List[str] = []
        self.fails = asyncio.Event()
        self.may_hear = asyncio.Event()
        self.may_hear.set()

    async def run(self) -> None:
        if self.first is not None:
            await self.call.line.send(self.first)
        await self.fails.wait()
        raise RuntimeError("A bug.")

    async def end(self) -> None:
        self.log.append("end")

    async def hear(self, pcm: bytes) -> None:
        await self.may_hear.wait()
        self.log.append(f"{len(pcm)} bytes")

    async def receive(self, message: Any) -> None:
        self.log.append(message.type)

    async def lost(self) -> None:
        self.log.append("lost")

    def hold_back(self) -> None:
        self.log.append("hold back")

    async def found(self) -> None:
        self.log.append("found")


class Running:
    """A call that runs."""

    def __init__(self, resume_s: float = 30.0) -> None:
        self.talk = Talk()
        session_on: Callable[[Any], Any] = lambda emit: self.talk  # noqa: E731 - the whole of it
        ready = m.Ready(session_id="session-1", sender_id="ann", sample_rate=16_000, resume_s=resume_s)
        self.call = self.talk.call = Call(ready, session_on)
        self.task = asyncio.ensure_future(self.call.run())
        self.connections: List[asyncio.Future[None]] = []

    async def connect(self, *, resumed: bool = False) -> Socket:
        socket = Socket()
        serving = self.call.serve(socket, native.NativeWire(), [], resumed)
        self.connections.append(asyncio.ensure_future(serving))
        await settle()
        return socket

    async def ends(self) -> None:
        await asyncio.wait_for(self.task, 5)
        await asyncio.wait_for(asyncio.gather(*self.connections), 5)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_client_that_says_goodbye_cannot_come_back() -> None:
    running = Running()
    socket = await running.connect()
    socket.frames.put_nowait(b"1234")
    socket.says(m.Text(text="hello"))
    socket.says(m.Bye())
    await running.ends()
    assert running.talk.log == ["4 bytes", "text", "hold back", "lost", "end"]


async def test_a_lost_client_comes_back_to_the_same_session() -> None:
    running = Running()
    first = await running.connect()
    first.breaks()
    await settle()
    await running.call.line.send(m.BotMessage(id="1", text="while you were away"))
    second = await running.connect(resumed=True)
    assert second.types == ["ready", "bot.message"]
    assert second.got[0].resumed
    assert second.got[0].resume_s == 30
    assert running.talk.log == ["hold back", "lost", "found"]
    second.says(m.Bye())
    await running.ends()


async def test_a_lost_client_that_stays_away_is_gone() -> None:
    running = Running(resume_s=0.05)
    socket = await running.connect()
    socket.breaks()
    await running.ends()
    assert running.talk.log == ["hold back", "lost", "end"]


async def test_a_goodbye_that_is_read_after_the_connection_has_ended_counts() -> None:
    running = Running(resume_s=30)
    socket = await running.connect()
    socket.on_end()
    socket.says(m.Bye())
    await running.ends()
    assert running.talk.log[-1] == "end"


async def test_one_that_is_lost_again_at_once_may_still_come_back() -> None:
    """The time to come back starts anew with each loss, however fast they follow each other."""
    running = Running(resume_s=30)
    for resumed in (False, True, True):
        (await running.connect(resumed=resumed)).breaks()
    await asyncio.sleep(0.05)
    assert not running.task.done()
    back = await running.connect(resumed=True)
    assert back.types == ["ready"]
    back.says(m.Bye())
    await running.ends()


async def test_what_a_client_sent_before_it_was_lost_is_dealt_with() -> None:
    running = Running()
    socket = await running.connect()
    for number in range(5):
        socket.frames.put_nowait(bytes(number))
    socket.closed = 1006
    socket.on_end()  # the connection is gone, and the frames are not read yet
    socket.frames.put_nowait(None)
    await settle()
    assert running.call.line.socket is None
    assert running.talk.log == ["hold back", *(f"{number} bytes" for number in range(5)), "lost"]
    running.call.leave()
    await running.ends()


async def test_what_was_sent_before_the_connection_was_lost_comes_before_what_is_sent_on_the_next() -> None:
    running = Running()
    first = await running.connect()
    running.talk.may_hear.clear()
    first.frames.put_nowait(b"1")
    first.frames.put_nowait(b"22")
    await settle()
    first.closed = 1006
    first.on_end()
    first.frames.put_nowait(None)
    second = await running.connect(resumed=True)
    second.frames.put_nowait(b"333")
    await settle()
    running.talk.may_hear.set()
    await settle()
    heard = [entry for entry in running.talk.log if entry.endswith("bytes")]
    assert heard == ["1 bytes", "2 bytes", "3 bytes"]
    second.says(m.Bye())
    await running.ends()


async def test_a_reader_that_waits_for_a_dead_session_ends_with_it() -> None:
    running = Running(resume_s=0.05)
    socket = await running.connect()
    running.talk.may_hear.clear()
    socket.frames.put_nowait(b"1")
    await settle()
    socket.on_end()
    await running.ends()


async def test_a_second_connection_takes_the_place_of_the_first() -> None:
    running = Running()
    first = await running.connect()
    second = await running.connect(resumed=True)
    assert first.closed == 4409
    await running.call.line.send(m.SpeechStarted())
    assert second.types == ["ready", "speech.started"]
    assert running.talk.log == ["lost", "found"], "what the first had to play, the second gets"
    second.says(m.Bye())
    await running.ends()


async def test_when_the_bot_has_ended_it_the_connection_is_closed() -> None:
    running = Running()
    socket = await running.connect()
    running.talk.over.set()
    await running.ends()
    assert socket.closed == 1000
    assert "end" in running.talk.log


async def test_a_bug_closes_the_connection_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    running = Running()
    socket = await running.connect()
    running.talk.fails.set()
    await running.ends()
    assert socket.closed == 1011
    assert "A bug." in caplog.text


async def test_a_message_that_makes_no_sense_is_answered_and_the_conversation_goes_on() -> None:
    running = Running()
    socket = await running.connect()
    socket.frames.put_nowait("no json")
    socket.says(m.Text(text="hello"))
    socket.says(m.Bye())
    await running.ends()
    assert [item.code for item in socket.got if isinstance(item, m.Error)] == ["bad_message"]
    assert "text" in running.talk.log


async def test_sound_does_not_wait_for_a_lost_client() -> None:
    line = Line()
    await line.send(b"1234")
    await line.send(m.AudioStart(id="1", text="hello", sample_rate=16_000))
    await line.send(m.TranscriptFinal(text="hello", confidence=1.0))
    socket = Socket()
    ready = m.Ready(session_id="s", sender_id="a", sample_rate=16_000)
    await line.connect(socket, native.NativeWire(), ready)
    assert socket.types == ["ready", "transcript.final"]


@pytest.mark.parametrize("error", [asyncio.CancelledError(), ConnectionClosed(None, None), ServerError("It is over.")])
async def test_a_connection_that_breaks_while_something_is_sent_is_lost_and_no_more(error: BaseException) -> None:
    class Breaking(Socket):
        async def send(self, frame: Union[str, bytes]) -> None:
            raise error

    line, ready = Line(), m.Ready(session_id="s", sender_id="a", sample_rate=16_000)
    await line.connect(Breaking(), native.NativeWire(), ready)
    await line.send(m.SpeechStarted())
    await line.send(b"sound")
    back = Socket()
    await line.connect(back, native.NativeWire(), ready)
    assert "speech.started" in back.types


async def test_what_cannot_be_sent_any_more_after_its_sender_is_gone_is_no_surprise(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Slow(Socket):
        async def send(self, frame: Union[str, bytes]) -> None:
            await asyncio.sleep(0.02)
            raise ServerError("It is over.")

    line, ready = Line(), m.Ready(session_id="s", sender_id="a", sample_rate=16_000)
    sending = asyncio.ensure_future(line.connect(Slow(), native.NativeWire(), ready))
    await asyncio.sleep(0.01)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    del sending
    await asyncio.sleep(0.05)
    gc.collect()
    await asyncio.sleep(0)
    assert "never retrieved" not in caplog.text


async def test_who_was_lost_first_makes_room() -> None:
    calls = Calls()
    running = [Running(), Running()]
    for number, one in enumerate(running):
        one.call.session_id = f"session-{number}"
        calls.add(one.call)
        (await one.connect()).breaks()
    await settle()
    calls.make_room(3)
    await settle()
    assert not any(one.task.done() for one in running)
    calls.make_room(2)
    await running[0].ends()
    assert not running[1].task.done()
    assert calls.find("session-1", None) is running[1].call
    assert calls.find("session-1", "somebody else") is None
    assert calls.find(None, None) is None
    running[1].call.leave()
    await running[1].ends()


async def test_what_is_said_at_once_comes_after_ready() -> None:
    running = Running()
    running.talk.first = m.BotMessage(id="1")
    assert (await running.connect()).types == ["ready", "bot.message"]
    running.call.leave()
    await running.ends()


async def test_what_was_never_held_here_began_elsewhere() -> None:
    calls, running = Calls(), Running()
    calls.add(running.call)
    assert calls.began_elsewhere("session-2")
    assert not calls.began_elsewhere("session-1")
    assert not calls.began_elsewhere(None)
    calls.remove(running.call)
    assert not calls.began_elsewhere("session-1"), "it came to its end here"
    running.call.leave()
    await running.ends()


async def test_nobody_there_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    await Calls().push("nobody", {"text": "hello"})
    assert "Nobody is connected as nobody" in caplog.text
