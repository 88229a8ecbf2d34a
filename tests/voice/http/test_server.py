"""Whom the server lets in; what goes on afterwards is tested with a real Rasa in test_channel.py and its neighbours."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, List, Optional

import pytest

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.call import Host
from convai_rasa.voice.call.call import Call
from convai_rasa.voice.ears.ending import load_turn_ending
from convai_rasa.voice.engines.admission import Load
from convai_rasa.voice.http.entrance import Arrival
from convai_rasa.voice.http.refusals import Busy
from convai_rasa.voice.http.server import VoiceServer
from convai_rasa.voice.http.switchboard import KEPT_STRANGERS
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.wire import messages as m


class _Socket:
    async def close(self, code: int, reason: str) -> None:
        self.closed = code


class Room:
    """A server without models, ready for callers."""

    def __init__(self, **options: Any) -> None:
        self.load = Load()
        self.log: List[str] = []
        engines: Any = SimpleNamespace(load=self.load, close=lambda: self.log.append("engines closed"))
        self.forgotten: List[str] = []
        bot: Any = SimpleNamespace(forget=self.forgotten.append, words_for=lambda occasion: "Goodbye.")
        channel = VoiceOptions(**options)
        self.server = VoiceServer(Host(channel, engines, bot, load_turn_ending(channel.turn)))
        self.server._reception.open()

    def call(self, name: str, *, connected: bool = True) -> Call:
        async def finish(farewell: str) -> None:
            self.log.append(f"{name}: {farewell}")

        session: Any = SimpleNamespace(finish=finish)
        ready = m.Ready(session_id=name, sender_id=name, sample_rate=16_000, resume_s=30.0)
        call = Call(ready, lambda emit: session)
        call.present = connected
        if connected:
            call.line.socket = _Socket()
        self.server._calls.add(call)
        return call


def test_nobody_but_a_telephone_says_that_they_call() -> None:
    request: Any = SimpleNamespace()
    with pytest.raises(ProtocolError, match=r"metadata\.call"):
        Room().server._entrance._caller(request, m.Start(metadata={"call": {"from": "+441632960001"}}), None)


@pytest.mark.parametrize(
    ("name", "stranger"),
    [(None, True), ("call:CA0123", True), ("ann", False), ("+441632960001", False)],
    ids=["no name", "a telephone call without a number", "the client's own name", "a proven number"],
)
def test_only_who_has_no_name_to_come_back_under_is_a_stranger(name: Optional[str], stranger: bool) -> None:
    room = Room()
    with room.server._switchboard.perhaps_a_stranger("caller", name):
        pass
    for other in range(KEPT_STRANGERS):
        with room.server._switchboard.perhaps_a_stranger(str(other), None):
            assert room.forgotten == []
    assert room.forgotten == (["caller"] if stranger else [])


async def test_a_server_that_drains_waits_for_those_who_are_here_and_those_who_may_come_back() -> None:
    room = Room(call={"drain_s": 60})
    calls = [room.call("ann"), room.call("bob", connected=False)]
    draining = asyncio.ensure_future(room.server.departure.drain())
    await asyncio.sleep(0.01)
    assert room.server._reception.state == "draining"
    for call in calls:
        assert not draining.done()
        room.server._calls.remove(call)
        await asyncio.sleep(0.1)
    assert draining.done()
    await room.server.close()
    assert room.log == ["engines closed"]


async def test_who_is_still_here_after_that_hears_goodbye() -> None:
    room = Room(call={"drain_s": 0.05})
    socket = room.call("ann").line.socket
    await asyncio.wait_for(room.server.departure.drain(), 5)
    assert room.log == []
    await room.server.close()
    assert room.log == ["ann: Goodbye.", "engines closed"]
    assert socket.closed == 1001


@pytest.mark.parametrize("options", [{"drain_s": 0}, {"drain_s": 60}])
async def test_where_nobody_is_a_server_is_drained_at_once(options: Any) -> None:
    room = Room(call=options)
    if not options["drain_s"]:
        room.call("ann")
    await asyncio.wait_for(room.server.departure.drain(), 5)
    assert room.server._reception.state == "draining"


async def test_in_a_hurry_nobody_is_waited_for() -> None:
    room = Room(call={"drain_s": 60, "goodbye_s": 60})
    room.call("ann")
    draining = asyncio.ensure_future(room.server.departure.drain())
    await asyncio.sleep(0.01)
    room.server.departure.hurry()
    await asyncio.wait_for(draining, 5)
    await room.server.close()
    assert room.log == ["engines closed"]


async def test_while_it_drains_a_lost_caller_comes_back_and_nobody_new_comes() -> None:
    room = Room()
    ann = room.call("ann", connected=False)
    room.server._reception.close()
    served: List[str] = []

    async def serve(*_: Any) -> None:
        served.append("ann")

    ann.serve = serve  # type: ignore[method-assign]
    nobody: Any = None

    async def comes(name: str) -> None:
        arrival = Arrival("ann", None, False, nobody, nobody, m.Start(session_id=name), [])
        await room.server._switchboard.converse(arrival)

    await comes("ann")
    assert served == ["ann"]
    with pytest.raises(Busy, match="is stopping"):
        await comes("bob")
    await room.server.close()  # there is no time to say goodbye to somebody else
    with pytest.raises(Busy, match="is stopping"):
        await comes("ann")
