"""A conversation with a bot that is a list of events."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, AsyncIterator, List

import numpy as np
import pytest
from standing_clock import Clock
from websockets.exceptions import ConnectionClosedOK

from convai_rasa.errors import ProtocolError
from convai_rasa.terminal import exchange
from convai_rasa.terminal.exchange import NOTICE_S, QUIET_S, Conversation, lines
from convai_rasa.terminal.player import Player
from convai_rasa.voice.wire import messages as m


class Client:
    def __init__(self, *events: Any, stays: bool = False) -> None:
        self.sent: List[Any] = []
        self._events, self._stays = events, stays

    async def events(self) -> AsyncIterator[Any]:
        for event in self._events:
            if isinstance(event, Exception):
                raise event
            yield event
        if self._stays:
            await asyncio.Event().wait()

    async def send_sound(self, pcm: bytes) -> None:
        self.sent.append(pcm)

    async def send(self, message: Any) -> None:
        self.sent.append(message)


class Pieces:
    """Says ten pieces while 10 ms are played with each, then leaves; or never leaves."""

    def __init__(self, player: Player, leaves: bool = True) -> None:
        self._player, self._leaves = player, leaves

    async def heard(self, conversation: Conversation) -> AsyncIterator[bytes]:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for number in range(10):
            self._player.pull(160)
            yield bytes([number])
        while not self._leaves:
            await asyncio.sleep(0.01)
            yield b"on"


async def hold(client: Client, leaves: bool = True) -> tuple[List[str], Player]:
    shown: List[str] = []
    player = Player(16_000)
    conversation = Conversation(client, player, shown.append)  # type: ignore[arg-type]  # the part of a client it uses
    await asyncio.wait_for(conversation.hold(Pieces(player, leaves)), 10)
    return shown, player


def pcm(milliseconds: int) -> bytes:
    return np.full(16 * milliseconds, 7, "<i2").tobytes()


def reply(milliseconds: int) -> List[Any]:
    return [m.AudioStart(id="r1", text="Hi", sample_rate=16_000), pcm(milliseconds), m.AudioEnd(id="r1")]


async def test_what_is_said_goes_to_the_bot_and_what_was_played_is_reported() -> None:
    client = Client(*reply(80), stays=True)
    await hold(client)
    assert [item for item in client.sent if isinstance(item, bytes)] == [bytes([number]) for number in range(10)]
    reports = [item for item in client.sent if isinstance(item, m.PlaybackReport)]
    assert reports == [m.PlaybackReport(id="r1", played_ms=50), m.PlaybackReport(id="r1", played_ms=80)]


async def test_an_interruption_stops_the_sound() -> None:
    _, player = await hold(Client(*reply(900), m.Interrupted(id="r1", heard_text="Hi"), stays=True))
    assert player.waiting == 0


async def test_the_bot_may_end_the_conversation() -> None:
    shown, _ = await hold(Client(m.BotMessage(id="r1", text="Goodbye."), m.Hangup()), leaves=False)
    assert shown == ["bot: Goodbye.", "bot: (hangs up)"]


@pytest.mark.parametrize("events", [(m.Hangup(),), (ProtocolError("closed", "The connection to the bot was lost."),)])
async def test_a_socket_that_closes_while_the_person_speaks_ends_as_the_bot_meant_it(events: Any) -> None:
    class Closed(Client):
        async def send_sound(self, pcm: bytes) -> None:
            raise ConnectionClosedOK(None, None)

        async def events(self) -> AsyncIterator[Any]:
            await asyncio.sleep(0.05)  # the sender notices first
            async for event in super().events():
                yield event

    if isinstance(events[0], ProtocolError):
        with pytest.raises(ProtocolError, match="lost"):
            await hold(Closed(*events))
    else:
        assert (await hold(Closed(*events)))[0] == ["bot: (hangs up)"]


async def test_a_lost_connection_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="lost"):
        await hold(Client(ProtocolError("closed", "The connection to the bot was lost.")), leaves=False)


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (m.TranscriptFinal(text="two coffees", confidence=0.9), ["you: two coffees"]),
        (m.TranscriptFinal(text="", confidence=0.0), []),
        (m.TranscriptPartial(text="two"), []),
        (m.BotMessage(id="1", text="Sure?", buttons=[{"title": "Yes"}]), ["bot: Sure?", "bot: [Yes]"]),
        (m.BotMessage(id="1", image="https://example.com/menu.png"), ["bot: https://example.com/menu.png"]),
        (m.Error(code="bot_failed", message="The bot failed."), ["bot: (The bot failed.)"]),
        (m.Transfer(to="tel:+441632960000"), ["bot: (puts you through to tel:+441632960000)"]),
        (b"\x00\x00", []),
    ],
)
def test_who_reads_along_sees_the_words(event: Any, shown: List[str]) -> None:
    assert lines(event) == shown


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(exchange, "time", SimpleNamespace(monotonic=clock))
    return clock


async def test_a_turn_is_over_when_the_bot_has_said_all_and_it_was_played(clock: Clock) -> None:
    player = Player(16_000)
    conversation = Conversation(Client(), player, lambda line: None)  # type: ignore[arg-type]  # as above
    said: List[bool] = []

    def after(seconds: float, *events: Any) -> None:
        clock.now += seconds
        for event in events:
            conversation._last_event = clock.now
            conversation._take(event)
        said.append(conversation.settled)

    after(QUIET_S + 0.1)
    await conversation.end_turn()
    after(QUIET_S + 0.1)  # the server has not even noticed
    after(0.1, m.SpeechStarted())
    after(30.0)
    after(0.1, m.SpeechStopped())
    after(QUIET_S + 0.1)  # the words are on their way
    after(0.1, m.TranscriptFinal(text="two coffees", confidence=0.9))
    after(30.0)
    after(0.1, *reply(100), m.TurnEnd(metrics=m.TurnMetrics()))
    after(QUIET_S + 0.1)
    player.pull(1_600)
    after(0.0)
    assert said == [True, *[False] * 9, True]


async def test_nobody_waits_for_an_answer_to_what_was_no_speech(clock: Clock) -> None:
    conversation = Conversation(Client(), Player(16_000), lambda line: None)  # type: ignore[arg-type]  # as above
    clock.now += 1.0
    await conversation.end_turn()
    clock.now += NOTICE_S + 0.1
    assert conversation.settled


async def test_nobody_waits_for_an_answer_to_a_cough(clock: Clock) -> None:
    conversation = Conversation(Client(), Player(16_000), lambda line: None)  # type: ignore[arg-type]  # as above
    for event in (m.SpeechStarted(), m.SpeechStopped()):
        clock.now += 0.1
        conversation._last_event = clock.now
        conversation._take(event)
    assert not conversation.settled
    clock.now += NOTICE_S + 0.1
    assert conversation.settled
