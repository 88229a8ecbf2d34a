"""Calls to the running bot, over the telephone."""

from __future__ import annotations

import asyncio
import json
from typing import AsyncIterator

import numpy as np
import pytest
from twilio_simulator import SimulatedCall, Tunnel
from websockets.exceptions import ConnectionClosed

from convai_rasa.asr import Recognizer
from convai_rasa.audio import float_to_pcm16, mulaw, pcm16_to_float, resample
from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice

pytestmark = [pytest.mark.e2e, pytest.mark.models]

PUBLIC = "https://bot.example.com/webhooks/voice/twilio"


@pytest.fixture
def tunnel(running_bot: RunningBot, twilio_auth_token: str) -> Tunnel:
    return Tunnel(running_bot.server, twilio_auth_token)


@pytest.fixture
async def call(tunnel: Tunnel) -> AsyncIterator[SimulatedCall]:
    async with SimulatedCall(tunnel, f"{PUBLIC}/answer") as call:
        yield call


class Ear:
    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    def words(self, sound: bytes) -> str:
        samples = pcm16_to_float(np.frombuffer(mulaw.decode(sound), "<i2"))
        return self._recognizer.transcribe(resample(samples, 8_000, 16_000), language="en").text.lower()


@pytest.fixture
def ear(recognizer: Recognizer) -> Ear:
    return Ear(recognizer)


def over_the_telephone(voice: SharedVoice, text: str) -> bytes:
    samples = resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, 8_000)
    return mulaw.encode(float_to_pcm16(samples).tobytes())


async def test_a_caller_is_greeted_asks_and_is_answered(call: SimulatedCall, voice: SharedVoice, ear: Ear) -> None:
    assert "how can i help you" in ear.words(await call.heard())
    assert not call.events("clear")

    before = len(call.played)
    call.say(over_the_telephone(voice, "Are you open on Monday?"))
    answer = ear.words(await call.heard(after=before))
    assert "closed" in answer
    assert "monday" in answer


async def test_whoever_speaks_over_the_bot_silences_it(call: SimulatedCall, voice: SharedVoice, ear: Ear) -> None:
    await call.heard()
    before = len(call.played)
    call.say(over_the_telephone(voice, "What are your opening hours?"))
    await call.until(lambda: bytes(call.played[before:]).strip(b"\xff"))
    call.say(over_the_telephone(voice, "What desserts do you have?"))
    await call.until(lambda: call.events("clear"))
    await call.until(lambda: not call.speaking)
    answer = ear.words(await call.heard(after=len(call.played)))
    everything = ear.words(bytes(call.played[before:]))
    assert "cake" in answer, everything
    assert "open" not in answer


async def test_key_0_puts_the_caller_through(call: SimulatedCall, ear: Ear) -> None:
    await call.heard()
    before = len(call.played)
    await call.press("0")
    after = await call.finished()
    assert [number.text for number in after.iterfind("Dial/Number")] == ["5550142"]
    assert "through to our staff" in ear.words(bytes(call.played[before:])), "the stream was closed before its end"


async def test_a_caller_who_hangs_up_is_gone(tunnel: Tunnel, running_bot: RunningBot) -> None:
    async with SimulatedCall(tunnel, f"{PUBLIC}/answer") as call:
        await call.until(lambda: call.events("media"))
        await call.hang_up()
        after = await call.finished()
    assert [element.tag for element in after] == ["Hangup"]


@pytest.mark.parametrize("route", ["answer", "after"])
async def test_nobody_but_twilio_gets_an_answer(tunnel: Tunnel, route: str) -> None:
    status, text = await tunnel.post(f"{PUBLIC}/{route}", {"CallSid": "CA1"}, secret="another")
    assert status == 403
    assert "<" not in text


async def test_a_stream_without_its_token_is_not_served(tunnel: Tunnel) -> None:
    socket = await tunnel.open("wss://bot.example.com/webhooks/voice/twilio", signed=False)
    await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
    await socket.send(json.dumps({"event": "start", "start": {"streamSid": "MZ1", "callSid": "CA1"}}))
    with pytest.raises(ConnectionClosed) as closed:
        await asyncio.wait_for(socket.recv(), 10)
    assert closed.value.code == 4401
