"""The engine that hears and speaks is a process on loopback, and is killed in the middle of a turn."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Iterator

import numpy as np
import pytest
import requests
import yaml
from openai_server import OpenAiServer, openai_server

from convai_rasa.asr import Recognizer
from convai_rasa.audio import SAMPLE_RATE, joined, pcm16_to_float, resample
from convai_rasa.launch import RunningBot
from convai_rasa.options import parse_options
from convai_rasa.tts import SharedVoice
from convai_rasa.voice.engines.shared import Engines
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import VoiceClient

BOT = Path(__file__).parents[3] / "bot"
QUESTION = "What are your opening hours?"
HEARING = "/v1/audio/transcriptions"
ANSWER = "We are open every day. The kitchen closes at half past nine. Thank you for calling."

pytestmark = pytest.mark.models


@pytest.fixture
def far() -> Iterator[OpenAiServer]:
    """Waits a second before each answer in words, and before all sound but the first, so that it dies meanwhile."""
    with openai_server(asr="whisper/tiny.en", tts="tts/vits-joe", wait_s=1.0) as server:
        yield server


def channel(far: OpenAiServer) -> dict[str, Any]:
    """The engines of the server, and then those of this process."""
    there = {"engine": "openai", "base_url": far.base_url}
    return {
        "asr": {"language": "en", "engines": [there, {"engine": "whisper", "model": "whisper/tiny.en"}]},
        "tts": {
            "cache": False,
            "warm": False,
            "engines": [{**there, "sample_rate": 22_050, "language": "en"}, "coqui"],
        },
    }


def question(voice: SharedVoice) -> np.ndarray:
    """The question, int16 of shape (n,) at 16 kHz, and half a second of silence."""
    sound = resample(pcm16_to_float(voice.synthesize(QUESTION)), voice.sample_rate, SAMPLE_RATE)
    return np.concatenate([sound, np.zeros(SAMPLE_RATE // 2, np.float32)])


def states(engines: dict[str, list[dict[str, Any]]]) -> dict[str, list[tuple[str, str]]]:
    return {work: [(one["name"], one["state"]) for one in each] for work, each in engines.items()}


async def test_words_on_their_way_are_heard_by_the_next_and_speech_goes_on_at_the_next_sentence(
    far: OpenAiServer, voice: SharedVoice, recognizer: Recognizer
) -> None:
    with contextlib.closing(Engines(parse_options(VoiceOptions, channel(far), where="test"))) as engines:
        await engines.wait_ready()
        speech = engines.speak(ANSWER)
        spoken = [await speech.__anext__()]  # the first sound of the first sentence
        hearing = asyncio.ensure_future(engines.recognise(question(voice), prompt="Can I have a table?"))
        await asyncio.to_thread(far.wait_for, HEARING)
        assert not hearing.done()
        far.kill()
        assert (await hearing).text.rstrip("?.") == QUESTION.rstrip("?")
        spoken += [chunk async for chunk in speech]
        assert states(engines.states()) == {
            "recognition": [("openai", "left out"), ("whisper", "ok")],
            "synthesis": [("openai", "left out"), ("coqui", "ok")],
        }
    sound = pcm16_to_float(joined(spoken).at(SAMPLE_RATE).samples)
    heard = recognizer.transcribe(sound, language="en").text
    assert "kitchen closes at half past nine" in heard
    assert "Thank you for calling" in heard


@pytest.mark.e2e
async def test_a_turn_at_a_running_bot_loses_no_word(far: OpenAiServer, voice: SharedVoice, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials.yml"
    credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": channel(far)}))
    environment = {"RESTAURANT_DB": str(tmp_path / "bookings.db"), "CONVAI_MODELS_DIR": str(BOT.parent / "models")}
    pcm = (question(voice) * 32_767).astype("<i2").tobytes()

    def kill_it_while_it_hears() -> None:
        far.wait_for(HEARING)
        far.kill()

    with RunningBot(BOT, port=0, actions_port=0, credentials=credentials, environment=environment) as bot:
        async with VoiceClient(bot.url) as client:
            killing = asyncio.ensure_future(asyncio.to_thread(kill_it_while_it_hears))
            await client.send_sound(pcm)
            await client.send(m.Stop())
            turn = await client.turn()
            await killing
        health = requests.get(bot.url, timeout=30).json()
    assert turn.transcript.rstrip("?.") == QUESTION.rstrip("?")  # whisper/base is not sure of the mark
    assert turn.errors == []
    assert len(turn.sound) > client.sample_rate
    assert states(health["engines"]) == {
        "recognition": [("openai", "left out"), ("whisper", "ok")],
        "synthesis": [("openai", "left out"), ("coqui", "ok")],
    }
