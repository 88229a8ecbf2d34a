"""A channel with a token and one place: who gets in, and what the others are told."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Iterator

import pytest
import requests
import yaml
from websockets.client import connect
from websockets.exceptions import ConnectionClosed

from convai_rasa.errors import ConvaiError
from convai_rasa.launch import RunningBot
from convai_rasa.voice import messages as m
from convai_rasa.voice.client import VoiceClient
from convai_rasa.voice.protocols import native

pytestmark = pytest.mark.e2e

BOT = Path(__file__).parents[2] / "bot"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBot]:
    folder = tmp_path_factory.mktemp("guarded")
    channel = {"token": "open sesame", "max_sessions": 1, "asr": {"model": "whisper/tiny.en"}}
    credentials = folder / "credentials.yml"
    credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": channel}))
    environment = {"RESTAURANT_DB": str(folder / "bookings.db")}
    with RunningBot(BOT, port=0, actions_port=0, credentials=credentials, environment=environment) as bot:
        yield bot


async def refusal(bot: RunningBot, start: m.Start, **options: Any) -> tuple[m.Error, int]:
    url = bot.url.replace("http", "ws", 1) + "stream"
    async with connect(url, **options) as socket:
        with contextlib.suppress(ConnectionClosed):  # the server need not wait for it to refuse
            await socket.send(native.encode(start))
        error = native.decode_server(await asyncio.wait_for(socket.recv(), 30))
        assert isinstance(error, m.Error)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 30)
        return error, closed.value.code


@pytest.mark.parametrize("token", [None, "open barley"])
async def test_without_the_token_nobody_gets_in(guarded: RunningBot, token: str | None) -> None:
    error, code = await refusal(guarded, m.Start(token=token))
    assert (error.code, code) == ("unauthorized", 4401)
    assert "credentials.yml" in error.message


async def test_with_the_token_one_caller_gets_in_and_the_next_is_told_to_wait(guarded: RunningBot) -> None:
    async with VoiceClient(guarded.url, m.Start(token="open sesame")) as client:
        assert (await client.type("hello")).text
        error, code = await refusal(guarded, m.Start(token="open sesame"))
        assert (error.code, code) == ("busy", 1013)
        with pytest.raises(ConvaiError, match="places are taken"):
            async with VoiceClient(guarded.url, m.Start(token="open sesame")):
                pass
    for _ in range(50):  # the place is free as soon as the server has noticed
        if requests.get(guarded.url, timeout=10).json()["sessions"] == 0:
            break
        await asyncio.sleep(0.1)
    async with VoiceClient(guarded.url, m.Start(token="open sesame")) as client:
        assert (await client.type("hello")).text


def test_a_voice_note_needs_the_token_too(guarded: RunningBot) -> None:
    files = {"audio": ("note.wav", b"RIFF")}
    assert requests.post(guarded.url + "message", files=files, timeout=30).status_code == 401
    headers = {"Authorization": "Bearer open sesame"}
    assert requests.post(guarded.url + "message", files=files, headers=headers, timeout=30).status_code == 400


def test_whoever_looks_after_the_server_needs_no_token(guarded: RunningBot) -> None:
    assert requests.get(guarded.url, timeout=10).json()["ready"]


def test_the_log_says_when_people_may_talk(guarded: RunningBot) -> None:
    assert "The voice channel is ready: open /webhooks/voice/talk" in (guarded.logs / "rasa.log").read_text()
