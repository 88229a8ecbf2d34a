"""Conversations with the real bot: interruptions, silence, keys, and connections that break."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, List

import pytest
import requests
from websockets.client import connect

from convai_rasa.audio import pcm16_to_float, resample
from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice
from convai_rasa.voice.wire import messages as m, native
from convai_rasa.voice.wire.client import VoiceClient

pytestmark = pytest.mark.e2e

RATE = 16_000


class Caller:
    """A client of bare frames, which keeps all it got."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.got: List[Any] = []

    async def send(self, message: m.ClientMessage) -> None:
        await self.socket.send(native.encode(message))

    async def until(self, kind: type, count: int = 1) -> Any:
        """Return the next event of a kind, or the last of the next few."""
        while True:
            event = native.decode_server(await asyncio.wait_for(self.socket.recv(), 60))
            self.got.append(event)
            if isinstance(event, kind):
                count -= 1
                if not count:
                    return event

    def of(self, kind: type) -> List[Any]:
        return [event for event in self.got if isinstance(event, kind)]


async def call(bot: RunningBot, **start: Any) -> Caller:
    caller = Caller(await connect(bot.url.replace("http", "ws", 1) + "stream", max_size=None))
    await caller.send(m.Start(**start))
    await caller.until(m.Ready)
    return caller


def user_events(bot: RunningBot, sender: str) -> List[Dict[str, Any]]:
    tracker = requests.get(f"{bot.server}/conversations/{sender}/tracker", timeout=30).json()
    return [event for event in tracker["events"] if event["event"] == "user"]


def spoken(voice: SharedVoice, text: str, silence_s: float = 1.5) -> bytes:
    sound = resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, RATE)
    return (sound * 32767).astype("<i2").tobytes() + bytes(2 * int(silence_s * RATE))


async def test_who_interrupts_is_heard_and_the_bot_knows_what_was_not(
    running_bot: RunningBot, voice: SharedVoice
) -> None:
    caller = await call(running_bot, sender_id="interrupts")
    await caller.send(m.Text(text="what are your opening hours"))
    started = await caller.until(m.AudioStart)
    await caller.send(m.PlaybackReport(id=started.id, played_ms=1500))
    await caller.socket.send(spoken(voice, "Please tell me what is on the menu."))
    interrupted = await caller.until(m.Interrupted)
    assert interrupted.id == started.id
    await caller.until(m.TurnEnd, 2)
    voice_data = user_events(running_bot, "interrupts")[-1]["metadata"]["voice"]
    cut = voice_data["interrupted"]
    assert started.text.startswith(cut["heard"] or "nothing was heard")
    assert f"{cut['heard']} {cut['unheard']}".startswith(started.text)
    assert "menu" in user_events(running_bot, "interrupts")[-1]["text"].lower()
    assert voice_data["latency"]["endpoint"] > 0
    await caller.socket.close()


async def test_a_cough_while_the_bot_speaks_changes_nothing(running_bot: RunningBot, voice: SharedVoice) -> None:
    caller = await call(running_bot, sender_id="coughs")
    await caller.send(m.Text(text="what are your opening hours"))
    started = await caller.until(m.AudioStart)
    await caller.socket.send(spoken(voice, "Okay."))
    again = await caller.until(m.AudioStart)
    assert again.id == started.id
    await caller.until(m.TurnEnd, 2)
    assert [event["text"] for event in user_events(running_bot, "coughs")][-1] == "what are your opening hours"
    await caller.socket.close()


async def test_a_caller_whose_connection_broke_goes_on_in_the_same_conversation(running_bot: RunningBot) -> None:
    caller = await call(running_bot, sender_id="breaks")
    session_id = caller.of(m.Ready)[0].session_id
    await caller.send(m.Text(text="what are your opening hours"))
    started = await caller.until(m.AudioStart)
    await caller.until(bytes)
    caller.socket.transport.abort()
    await asyncio.sleep(0.5)
    back = await call(running_bot, session_id=session_id)
    assert back.of(m.Ready)[0].resumed
    assert back.of(m.Ready)[0].sender_id == "breaks"
    rest = await back.until(m.AudioStart)
    assert rest.id == started.id
    await back.until(m.AudioEnd)
    rest_s = sum(len(chunk) for chunk in back.of(bytes)) / 2 / RATE
    assert rest_s > 3, "most of the answer had not been played"
    await back.send(m.Bye())
    await back.socket.wait_closed()
    elsewhere = await call(running_bot, session_id=session_id)
    assert not elsewhere.of(m.Ready)[0].resumed, "who has said goodbye cannot come back"
    await elsewhere.socket.close()


async def test_a_silent_caller_is_asked_and_at_last_hung_up_on(running_bot: RunningBot) -> None:
    caller = await call(running_bot, sender_id="silent", output_sample_rate=8000)

    async def be_silent() -> None:
        for _ in range(200):
            await caller.socket.send(bytes(2 * RATE))
            await asyncio.sleep(0.2)

    silence = asyncio.ensure_future(be_silent())
    while not caller.of(m.Hangup):
        await caller.until(m.TurnEnd)
        started = caller.of(m.AudioStart)[-1]
        await caller.send(m.PlaybackReport(id=started.id, played_ms=60_000))
    await asyncio.wait_for(caller.socket.wait_closed(), 30)
    silence.cancel()
    assert caller.socket.close_code == 1000
    assert caller.of(m.BotMessage)[0].text == "Are you still there?"
    texts = [event["text"] for event in user_events(running_bot, "silent")]
    assert texts == [f'/silence{{"count": "{times}"}}' for times in (1, 2, 3)]


async def test_a_key_leads_to_a_person(running_bot: RunningBot) -> None:
    async with VoiceClient(running_bot.url, m.Start(sender_id="keys")) as client:
        await client.send(m.Dtmf(digits="0#"))
        turn = await client.turn()
    assert isinstance(turn.farewell, m.Transfer)
    assert turn.farewell.to == "tel:5550142"


async def test_judging_unfinished_words_leaves_the_conversation_as_it_was(
    running_bot: RunningBot, voice: SharedVoice
) -> None:
    """A pause after each half: both are judged, but only the whole reaches the bot."""
    caller = await call(running_bot, sender_id="thinks")
    first, second = spoken(voice, "Is there anything for someone who", 0.5), spoken(voice, "is vegan?")
    for chunk in (first[i : i + 640] for i in range(0, len(first), 640)):
        await caller.socket.send(chunk)
        await asyncio.sleep(0.02)
    await caller.socket.send(second)
    final = await caller.until(m.TranscriptFinal)
    await caller.until(m.TurnEnd)
    assert len(caller.of(m.TranscriptPartial)) >= 2
    assert "vegan" in final.text
    said = [event["text"] for event in user_events(running_bot, "thinks") if not event["text"].startswith("/")]
    assert said == [final.text]
    await caller.socket.close()
