"""The channel inside a real `rasa run`, spoken to over its socket."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import wave
from typing import Any, List

import numpy as np
import pytest
import requests
from websockets.client import connect
from websockets.exceptions import ConnectionClosed

from convai_rasa.asr import Recognizer
from convai_rasa.audio import pcm16_to_float, resample, wav_bytes
from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice, normalise
from convai_rasa.voice.wire import messages as m, native
from convai_rasa.voice.wire.client import VoiceClient

pytestmark = pytest.mark.e2e


def words(text: str) -> List[str]:
    """Words as they sound: numbers and times spelled out, no case, no punctuation."""
    return re.findall(r"[a-z']+", normalise(text).lower().replace("-", " "))


def word_errors(reference: List[str], heard: List[str]) -> int:
    """Insertions, deletions and substitutions between two lists of words (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(reference, start=1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def socket_url(bot: RunningBot) -> str:
    return bot.url.replace("http", "ws", 1) + "stream"


async def one_turn_works(bot: RunningBot) -> None:
    async with VoiceClient(bot.url) as client:
        turn = await client.type("what are your opening hours")
        assert turn.text
        assert len(turn.sound)


async def error_of(socket: Any) -> m.Error:
    while True:
        event = native.decode_server(await asyncio.wait_for(socket.recv(), 30))
        if isinstance(event, m.Error):
            return event


def test_health_says_that_the_bot_is_warm(running_bot: RunningBot) -> None:
    state = requests.get(running_bot.url, timeout=10).json()
    assert state["status"] == "ok"
    assert state["ready"] is True
    assert state["longest_stall_ms"] >= 0


async def test_what_the_bot_says_aloud_is_what_it_wrote(running_bot: RunningBot, recognizer: Recognizer) -> None:
    async with VoiceClient(running_bot.url, m.Start(output_sample_rate=16_000)) as client:
        turn = await client.type("what are your opening hours")
        for message in turn.messages:
            if message.text:
                heard = recognizer.transcribe(pcm16_to_float(turn.audio[message.id]), language="en").text
                expected = words(message.text)
                assert word_errors(expected, words(heard)) <= 0.2 * len(expected), (message.text, heard)


async def test_a_microphone_at_its_own_pace_is_answered(running_bot: RunningBot, voice: SharedVoice) -> None:
    question = voice.synthesize("Are you open on Sunday?")
    async with VoiceClient(running_bot.url, m.Start(sample_rate=voice.sample_rate)) as client:
        turn = await client.say(question, real_time=True)
    assert turn.transcript is not None
    assert "sunday" in turn.transcript.lower()
    assert turn.metrics is not None
    assert turn.metrics.endpoint is not None
    assert turn.metrics.endpoint >= 224  # the shortest silence that ends a turn, less a frame
    assert turn.metrics.response is not None
    parts = (turn.metrics.endpoint, turn.metrics.asr, turn.metrics.rasa, turn.metrics.tts_first_audio)
    assert turn.metrics.response == pytest.approx(sum(part for part in parts if part is not None), abs=1.0)


async def test_a_client_of_sound_alone_is_served(running_bot: RunningBot, voice: SharedVoice) -> None:
    """No start, no JSON: PCM16 at 16 kHz in, PCM16 at 16 kHz out."""
    question = resample(pcm16_to_float(voice.synthesize("What are your opening hours?")), voice.sample_rate, 16_000)
    pcm = (question * 32767).astype("<i2").tobytes() + bytes(32_000)
    sound = 0
    async with connect(socket_url(running_bot)) as socket:
        await socket.send(pcm)
        while True:
            event = native.decode_server(await asyncio.wait_for(socket.recv(), 60))
            sound += len(event) if isinstance(event, bytes) else 0
            if isinstance(event, m.TurnEnd):
                break
    assert sound > 32_000


async def test_noise_is_not_answered(running_bot: RunningBot) -> None:
    noise = (np.random.default_rng(0).normal(0, 3000, 3 * 16_000)).astype(np.int16)
    async with VoiceClient(running_bot.url) as client:
        for chunk in (noise, np.zeros(16_000, np.int16)):
            await client.send_sound(chunk.tobytes())
        turn = await client.type("hello")
    assert turn.transcript in (None, "")
    assert turn.messages


async def test_two_callers_do_not_hear_each_other(running_bot: RunningBot) -> None:
    async with VoiceClient(running_bot.url) as ann, VoiceClient(running_bot.url) as bob:
        first, second = await asyncio.gather(ann.type("what are your opening hours"), bob.type("goodbye"))
    assert first.text != second.text
    assert first.messages[0].id != second.messages[0].id


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("this is no JSON", "bad_message"),
        ('{"type": "strat"}', "unknown_type"),
        ('{"type": "start"}', "already_started"),
        (b"\x00" * 5_000_000, "frame_too_large"),
    ],
    ids=["no json", "unknown type", "second start", "5 MB frame"],
)
async def test_a_wrong_frame_gets_a_sentence_and_the_call_goes_on(
    running_bot: RunningBot, frame: Any, code: str
) -> None:
    async with connect(socket_url(running_bot), max_size=None) as socket:
        await socket.send('{"type": "start"}')
        await socket.send(frame)
        error = await error_of(socket)
        assert error.code == code
        assert error.message.endswith((".", "?"))
        await socket.send(native.encode(m.Text(text="hello")))
        while not isinstance(native.decode_server(await asyncio.wait_for(socket.recv(), 60)), m.TurnEnd):
            pass


async def test_an_odd_byte_shifts_nothing(running_bot: RunningBot, voice: SharedVoice) -> None:
    pcm = voice.synthesize("What are your opening hours?").tobytes()
    async with VoiceClient(running_bot.url, m.Start(sample_rate=voice.sample_rate)) as client:
        for i in range(0, len(pcm), 999):
            await client.send_sound(pcm[i : i + 999])
        await client.send(m.Stop())
        turn = await client.turn()
    assert words(turn.transcript or "") == words("What are your opening hours?")


async def test_the_next_caller_is_served_after_a_socket_was_cut_mid_word(
    running_bot: RunningBot, voice: SharedVoice
) -> None:
    pcm = voice.synthesize("What are your opening hours?").tobytes()
    socket = await connect(socket_url(running_bot))
    await socket.send(native.encode(m.Start(sample_rate=voice.sample_rate)))
    await socket.send(pcm[: len(pcm) // 2])
    socket.transport.abort()  # no closing handshake: the cable was pulled
    await one_turn_works(running_bot)
    for _ in range(50):  # the server notices as soon as its loop comes round
        if requests.get(running_bot.url, timeout=10).json()["sessions"] == 0:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the caller who was cut off still has a place")


async def test_a_page_of_another_site_is_refused(running_bot: RunningBot) -> None:
    async with connect(socket_url(running_bot), origin="http://elsewhere.example") as socket:  # type: ignore[arg-type]
        error = await error_of(socket)
        assert error.code == "forbidden_origin"
        assert "allowed_origins" in error.message
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 10)
        assert closed.value.code == 4403
    await one_turn_works(running_bot)


def post_note(bot: RunningBot, data: bytes, accept: str = "application/json") -> requests.Response:
    files = {"audio": ("note.wav", data)}
    return requests.post(
        bot.url + "message", files=files, data={"sender": "ann"}, headers={"Accept": accept}, timeout=60
    )


def a_note(voice: SharedVoice) -> bytes:
    return wav_bytes(voice.synthesize("What are your opening hours?"), voice.sample_rate)


def test_a_voice_note_is_answered_with_words_and_sound(running_bot: RunningBot, voice: SharedVoice) -> None:
    reply = post_note(running_bot, a_note(voice)).json()
    assert words(reply["transcript"]) == words("What are your opening hours?")
    assert reply["messages"][0]["text"]
    with wave.open(io.BytesIO(base64.b64decode(reply["audio"]))) as sound:
        assert sound.getnframes() > sound.getframerate()


def test_a_voice_note_can_be_answered_with_sound_alone(running_bot: RunningBot, voice: SharedVoice) -> None:
    reply = post_note(running_bot, a_note(voice), accept="audio/wav")
    assert reply.headers["Content-Type"] == "audio/wav"
    with wave.open(io.BytesIO(reply.content)) as sound:
        assert sound.getnframes() > sound.getframerate()


@pytest.mark.parametrize("data", [b"This is a text file.\n" * 50, b""], ids=["text", "nothing"])
def test_a_file_that_is_no_recording_gets_a_sentence(running_bot: RunningBot, data: bytes) -> None:
    reply = post_note(running_bot, data)
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "audio_failed"
    assert "recording" in reply.json()["error"]["message"]


def test_a_note_without_a_recording_gets_a_sentence(running_bot: RunningBot) -> None:
    reply = requests.post(running_bot.url + "message", data={"sender": "ann"}, timeout=30)
    assert reply.status_code == 400
    assert "form field 'audio'" in reply.json()["error"]["message"]


async def test_responses_written_for_the_voice_are_chosen(running_bot: RunningBot) -> None:
    """The same intent over REST and over the voice channel: Rasa picks the variant by the channel's name."""
    async with VoiceClient(running_bot.url) as client:
        spoken = (await client.type("what is on the menu")).text
    written = requests.post(
        f"{running_bot.server}/webhooks/rest/webhook",
        json={"sender": "reader", "message": "what is on the menu"},
        timeout=60,
    ).json()
    assert spoken
    assert spoken != " ".join(message.get("text", "") for message in written)


async def test_the_warm_up_leaves_no_conversation_behind(running_bot: RunningBot) -> None:
    tracker = requests.get(f"{running_bot.server}/conversations/warm-up/tracker", timeout=30).json()
    texts = [event.get("text") for event in tracker["events"] if event["event"] == "user"]
    assert texts == []


async def test_the_conversation_knows_how_it_was_heard(running_bot: RunningBot, voice: SharedVoice) -> None:
    start = m.Start(sender_id="metadata", sample_rate=voice.sample_rate, metadata={"table": 7})
    async with VoiceClient(running_bot.url, start) as client:
        await client.say(voice.synthesize("What are your opening hours?"))
    tracker = requests.get(f"{running_bot.server}/conversations/metadata/tracker", timeout=30).json()
    metadata = [event["metadata"] for event in tracker["events"] if event["event"] == "user"][-1]
    assert metadata["table"] == 7
    assert 0 < metadata["voice"]["confidence"] <= 1
    assert json.dumps(metadata)


@pytest.mark.parametrize("path", ["", "/", "/talk", "/talk/", "/?inspect", "/talk/?inspect"])
def test_every_address_of_the_channel_leads_a_browser_to_the_page(running_bot: RunningBot, path: str) -> None:
    address = running_bot.url.rstrip("/")
    answer = requests.get(address + path, headers={"Accept": "text/html,*/*;q=0.8"}, timeout=10)
    assert answer.url == f"{address}/talk{'?inspect' if 'inspect' in path else ''}"
    assert "<title>Talk</title>" in answer.text


@pytest.mark.parametrize("path", ["", "/"])
def test_a_program_that_asks_there_learns_how_the_channel_is(running_bot: RunningBot, path: str) -> None:
    assert requests.get(running_bot.url.rstrip("/") + path, timeout=10).json()["status"] == "ok"


def test_no_file_but_the_pages_own_is_served(running_bot: RunningBot) -> None:
    assert requests.get(running_bot.url + "talk/texts/de.js", timeout=10).headers["content-type"] == "text/javascript"
    for name in ("../page.py", "..%2Fpage.py", "texts", "nothing.js"):
        assert requests.get(running_bot.url + f"talk/{name}", timeout=10).status_code == 404


async def test_a_developer_sees_what_the_bot_made_of_a_turn(running_bot: RunningBot) -> None:
    seen: List[m.Inspect] = []

    async def note(event: Any) -> None:
        if isinstance(event, m.Inspect):
            seen.append(event)

    async with VoiceClient(running_bot.url, m.Start(inspect=True)) as client:
        await client.send(m.Text(text="what are your opening hours"))
        await client.turn(note)
    assert seen[-1].text == "what are your opening hours"
    assert seen[-1].intent is not None
    assert seen[-1].intent["name"] == seen[-1].intent_ranking[0]["name"] == "ask_hours"
    assert [action["name"] for action in seen[-1].actions][-1] == "action_listen"
    assert {event["event"] for event in seen[-1].events} >= {"user", "action", "bot"}


async def test_a_client_is_told_what_the_bot_speaks_and_what_to_ask_it(running_bot: RunningBot) -> None:
    async with connect(running_bot.url.replace("http", "ws") + "stream") as socket:
        await socket.send(json.dumps({"type": "start"}))
        ready = json.loads(await socket.recv())
    assert ready["languages"] == ["en"]
    assert len(ready["suggestions"]) == 3
    assert len(ready["page"]) == 12
    assert ready["inspect"] is True
