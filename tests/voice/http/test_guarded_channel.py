"""A channel with a token and one place: who gets in, what the others are told, and what strangers try on it.

Each attack did harm once: it ended the process, took somebody's place or memory, or got what was not its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Iterator, List
from urllib.parse import urlsplit

import jwt
import numpy as np
import psutil
import pytest
import requests
import yaml
from websockets.client import WebSocketClientProtocol, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from convai_rasa.audio import float_to_pcm16, pcm16_to_float, resample, wav_bytes
from convai_rasa.errors import ConvaiError
from convai_rasa.launch import RunningBot
from convai_rasa.tts import SharedVoice
from convai_rasa.voice.limits import TURNS_AT_ONCE
from convai_rasa.voice.wire import messages as m, native
from convai_rasa.voice.wire.client import VoiceClient

pytestmark = pytest.mark.e2e

BOT = Path(__file__).parents[3] / "bot"
TOKEN = "open sesame"
JWT_KEY = "0123456789abcdef0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBot]:
    folder = tmp_path_factory.mktemp("guarded")
    channel = {
        "token": TOKEN,
        "jwt_key": JWT_KEY,
        "max_sessions": 1,
        "call": {"resume_s": 30},
        "asr": {"model": "whisper/tiny.en"},
    }
    credentials = folder / "credentials.yml"
    credentials.write_text(yaml.safe_dump({"convai_rasa.voice.VoiceInput": channel}))
    environment = {"RESTAURANT_DB": str(folder / "bookings.db"), "TWILIO_AUTH_TOKEN": "f" * 32}
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


async def place_is_free(bot: RunningBot) -> None:
    for _ in range(100):  # the server takes a moment to notice
        if requests.get(bot.url, timeout=10).json()["sessions"] == 0:
            return
        await asyncio.sleep(0.1)
    pytest.fail("The only place is still taken.")


async def opened(socket: WebSocketClientProtocol, session_id: str | None = None) -> m.Ready:
    await socket.send(native.encode(m.Start(token=TOKEN, session_id=session_id)))
    ready = native.decode_server(await asyncio.wait_for(socket.recv(), 30))
    assert isinstance(ready, m.Ready)
    return ready


@pytest.mark.parametrize("token", [None, "open barley"])
async def test_without_the_token_nobody_gets_in(guarded: RunningBot, token: str | None) -> None:
    error, code = await refusal(guarded, m.Start(token=token))
    assert (error.code, code) == ("unauthorized", 4401)
    assert "credentials.yml" in error.message


async def test_with_the_token_one_caller_gets_in_and_the_next_is_told_to_wait(guarded: RunningBot) -> None:
    async with VoiceClient(guarded.url, m.Start(token=TOKEN)) as client:
        assert (await client.type("hello")).text
        error, code = await refusal(guarded, m.Start(token=TOKEN))
        assert (error.code, code) == ("busy", 1013)
        with pytest.raises(ConvaiError, match="places are taken"):
            async with VoiceClient(guarded.url, m.Start(token=TOKEN)):
                pass
    await place_is_free(guarded)
    async with VoiceClient(guarded.url, m.Start(token=TOKEN)) as client:
        assert (await client.type("hello")).text


def test_a_voice_note_needs_the_token_too(guarded: RunningBot) -> None:
    files = {"audio": ("note.wav", b"RIFF")}
    assert requests.post(guarded.url + "message", files=files, timeout=30).status_code == 401
    assert requests.post(guarded.url + "message", files=files, headers=BEARER, timeout=30).status_code == 400


def test_whoever_looks_after_the_server_needs_no_token(guarded: RunningBot) -> None:
    assert requests.get(guarded.url, timeout=10).json()["ready"]


def test_the_log_says_when_people_may_talk(guarded: RunningBot) -> None:
    assert "The voice channel is ready: open /webhooks/voice/talk" in (guarded.logs / "rasa.log").read_text()


# ------------------------------------------------------------------ what strangers try


def socket_url(bot: RunningBot, route: str = "stream") -> str:
    return bot.url.replace("http", "ws", 1) + route


def memory_mb(bot: RunningBot) -> float:
    return float(psutil.Process(bot.processes["rasa"]).memory_info().rss) / (1 << 20)


@pytest.mark.parametrize("route", ["stream", "twilio"])
async def test_who_says_nothing_takes_nobodys_place_and_is_gone_soon(guarded: RunningBot, route: str) -> None:
    idle = [await connect(socket_url(guarded, route)) for _ in range(40)]
    await place_is_free(guarded)
    async with VoiceClient(guarded.url, m.Start(token=TOKEN)) as client:
        assert (await client.type("hello")).text
    await asyncio.wait_for(asyncio.gather(*(socket.wait_closed() for socket in idle)), 15)


def exchange(bot: RunningBot, sent: bytes, *, body: int = 0) -> tuple[bytes, int]:
    """Send raw bytes, then a body as long as it is taken; return the answer's beginning and how much was taken."""
    taken = 0
    with socket.create_connection(("127.0.0.1", urlsplit(bot.url).port), timeout=10) as connection:
        connection.sendall(sent)
        with contextlib.suppress(OSError):
            for _ in range(0, body, 4096):
                readable, _, _ = select.select([connection], [], [], 0)
                if readable:
                    break
                taken += connection.send(bytes(4096))
        with contextlib.suppress(OSError):
            return connection.recv(4096), taken
    return b"", taken


FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"
POST = b"POST /webhooks/voice/message HTTP/1.1\r\nHost: 127.0.0.1\r\n" + FORM


def test_an_upload_without_the_token_is_refused_before_it_is_read(guarded: RunningBot) -> None:
    before = memory_mb(guarded)
    for _ in range(8):
        answer, _ = exchange(guarded, POST + b"Content-Length: 94371840\r\n\r\n", body=90 << 20)
        assert answer.startswith(b"HTTP/1.1 401") or answer == b"", "the connection may be cut before it is read"
    assert memory_mb(guarded) - before < 20


def test_an_upload_that_trickles_is_given_up(guarded: RunningBot) -> None:
    bearer = f"Authorization: Bearer {TOKEN}\r\n".encode()
    answer, _ = exchange(guarded, POST + bearer + b"Content-Length: 5000\r\n\r\n--x\r\n")
    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nabc", 400),
        (b"POST /webhooks/voice/message HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ten\r\n\r\n", 400),
        (b"POST /webhooks/voice/message HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 401),
        (b"GET /webhooks/voice/talk/\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (b"GET http://[::1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (b"GET /webhooks/voice/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (b"POST /webhooks/voice/twilio/answer HTTP/1.1\r\nHost: [::1\r\nX-Twilio-Signature: a\r\n\r\n", 403),
        (b"POST /webhooks/voice/twilio/answer HTTP/1.1\r\nHost: a\r\nContent-Length: 94371840\r\n\r\n", 403),
        (b"POST /webhooks/voice/message HTTP/1.1\r\nHost: attacker.example\r\nContent-Length: 0\r\n\r\n", 403),
    ],
)
def test_a_request_that_makes_no_sense_gets_a_status(guarded: RunningBot, raw: bytes, status: int) -> None:
    answer, _ = exchange(guarded, raw)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


async def test_a_strangers_page_whose_name_was_led_here_is_refused(guarded: RunningBot) -> None:
    port = urlsplit(guarded.url).port
    odd = {"extra_headers": {"Origin": f"http://attacker.example:{port}"}}
    error, code = await refusal(guarded, m.Start(token=TOKEN), **odd)
    assert (error.code, code) == ("forbidden_origin", 4403)


@pytest.mark.parametrize("name", ["+441632960001", "sip:ann@example.com", "client:ann", "call:CA1"])
async def test_nobody_enters_a_telephone_callers_conversation(guarded: RunningBot, name: str) -> None:
    error, code = await refusal(guarded, m.Start(token=TOKEN, sender_id=name))
    assert (error.code, code) == ("forbidden_name", 4403)
    form = {"sender": name}
    reply = requests.post(guarded.url + "message", files={"audio": b"x"}, data=form, headers=BEARER, timeout=30)
    assert reply.status_code == 403


async def test_nobody_says_of_themselves_that_they_call(guarded: RunningBot) -> None:
    error, _ = await refusal(guarded, m.Start(token=TOKEN, metadata={"call": {"from": "+441632960001"}}))
    assert "metadata.call" in error.message


async def test_a_jwt_is_for_one_caller(guarded: RunningBot) -> None:
    ann = jwt.encode({"sub": "ann", "exp": time.time() + 60}, JWT_KEY, "HS256")
    async with VoiceClient(guarded.url, m.Start(token=ann)) as client:
        assert client.sender_id == "ann"
    await place_is_free(guarded)
    async with VoiceClient(guarded.url, m.Start(token=TOKEN, sender_id="ann")) as client:
        assert client.sender_id == "guest:ann"
    await place_is_free(guarded)
    error, _ = await refusal(guarded, m.Start(token=ann, sender_id="bob"))
    assert error.code == "forbidden_name"
    expired = jwt.encode({"sub": "ann", "exp": time.time() - 1}, JWT_KEY, "HS256")
    error, _ = await refusal(guarded, m.Start(token=expired))
    assert (error.code, "expired" in error.message) == ("unauthorized", True)


async def test_intents_come_from_the_bots_own_buttons_alone(guarded: RunningBot) -> None:
    async with VoiceClient(guarded.url, m.Start(token=TOKEN)) as client:
        turn = await client.type("  /restart")
        assert [error.code for error in turn.errors] == ["forbidden_payload"]
        assert (await client.type("hello")).text, "the conversation goes on"
    await place_is_free(guarded)


async def test_a_name_cannot_forge_a_line_of_the_log(guarded: RunningBot) -> None:
    error, _ = await refusal(guarded, m.Start(token=TOKEN, sender_id="ann\nERROR  forged"))
    assert error.code == "bad_message"
    assert "\nERROR  forged" not in (guarded.logs / "rasa.log").read_text()


async def test_text_that_is_not_utf_8_closes_the_connection_with_1007(guarded: RunningBot) -> None:
    async with connect(socket_url(guarded)) as client:
        client.transport.write(Frame(Opcode.TEXT, b"\xff\xfe", True).serialize(mask=True))
        await asyncio.wait_for(client.wait_closed(), 10)
        assert client.close_code == 1007


async def test_many_texts_at_once_are_all_answered_in_order(guarded: RunningBot) -> None:
    many = TURNS_AT_ONCE + 2  # each is spoken to its end
    async with VoiceClient(guarded.url, m.Start(token=TOKEN)) as client:
        for _ in range(many):
            await client.send(m.Text(text="what are your opening hours"))
        answers = [message.text for _ in range(many) for message in (await client.turn()).messages]
    assert len(answers) == many
    assert len(set(answers)) == 1
    await place_is_free(guarded)


async def test_sound_faster_than_it_is_dealt_with_is_all_heard(guarded: RunningBot, voice: SharedVoice) -> None:
    question = resample(pcm16_to_float(voice.synthesize("What are your opening hours?")), voice.sample_rate, 16_000)
    utterance = float_to_pcm16(question).tobytes() + bytes(2 * 16_000 * 2)
    heard: List[str] = []
    async with VoiceClient(guarded.url, m.Start(token=TOKEN)) as client:

        async def send() -> None:
            for start in range(0, 30 * len(utterance), 32_000):
                await client.send_sound((utterance * 30)[start : start + 32_000])

        sending = asyncio.ensure_future(send())
        while len(heard) < 30:
            event = await client.receive(60)
            if isinstance(event, m.TranscriptFinal) and event.text:
                heard.append(event.text.lower())
        await sending
    assert all("opening hours" in text for text in heard)
    await place_is_free(guarded)


async def test_one_that_reconnects_at_once_may_still_come_back_later(guarded: RunningBot) -> None:
    url = socket_url(guarded)
    first = await connect(url)
    session_id = (await opened(first)).session_id
    for _ in range(3):
        first.transport.abort()
        first = await connect(url)
        assert (await opened(first, session_id)).resumed
    first.transport.abort()
    await asyncio.sleep(6)  # it was over after five seconds, of thirty
    async with connect(url) as back:
        assert (await opened(back, session_id)).resumed
        await back.send(native.encode(m.Bye()))
    await place_is_free(guarded)


async def test_notes_beyond_a_few_are_told_when_to_come_back_and_callers_are_answered_meanwhile(
    guarded: RunningBot, voice: SharedVoice
) -> None:
    long = wav_bytes(np.tile(voice.synthesize("What are your opening hours?"), 15), voice.sample_rate)
    loop = asyncio.get_running_loop()

    def post() -> requests.Response:
        return requests.post(guarded.url + "message", files={"audio": long}, headers=BEARER, timeout=120)

    with ThreadPoolExecutor(12) as pool:
        notes = [loop.run_in_executor(pool, post) for _ in range(12)]
        async with VoiceClient(guarded.url, m.Start(token=TOKEN, sample_rate=voice.sample_rate)) as client:
            turn = await client.say(voice.synthesize("Are you open on Sunday?"))
            assert "sunday" in (turn.transcript or "").lower()
        replies = await asyncio.gather(*notes)
    statuses = [reply.status_code for reply in replies]
    assert set(statuses) == {200, 503}
    assert statuses.count(200) >= 6
    assert all(int(reply.headers["Retry-After"]) > 0 for reply in replies if reply.status_code == 503)
    assert all("opening hours" in reply.json()["transcript"].lower() for reply in replies if reply.status_code == 200)
    await place_is_free(guarded)


@pytest.mark.parametrize("bits", [(1, 0), (0xFFFF, 16)], ids=["0 bits a sample", "unknown format"])
def test_a_recording_without_a_decoder_is_refused_and_ends_nothing(guarded: RunningBot, bits: tuple[int, int]) -> None:
    kind, width = bits
    fmt = struct.pack("<HHIIHH", kind, 1, 16_000, 32_000, 2, width)
    body = b"fmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", 64) + bytes(64)
    odd = b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body
    before = guarded.processes["rasa"]
    reply = requests.post(guarded.url + "message", files={"audio": odd}, headers=BEARER, timeout=60)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"]
    assert psutil.pid_exists(before)
    assert requests.get(guarded.url, timeout=10).json()["ready"]


def test_no_fault_of_ours_stands_in_the_log_and_no_secret(guarded: RunningBot) -> None:
    log = (guarded.logs / "rasa.log").read_text()
    assert "Traceback" not in log
    assert "never retrieved" not in log
    assert TOKEN not in log
    assert JWT_KEY not in log
