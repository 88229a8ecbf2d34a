"""A voice with OpenAI's audio API, against a server on loopback that does as it is told."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import time
import wave
from typing import Any, Iterator, Sequence

import numpy as np
import pytest
from unreliable_server import BOUND_S, NEVER, SLACK_S, Step, UnreliableServer, answer, fails_in_time, in_json, streamed

from convai_rasa.audio import wav_bytes
from convai_rasa.errors import SynthesisError
from convai_rasa.tts import SharedVoice, Synthesizer, load_synthesizer

pytestmark = pytest.mark.slow

RATE = 24_000
TONE = (np.sin(np.arange(RATE) / 12) * 9_000).astype(np.int16)  # one second
BYTES = TONE.astype("<i2").tobytes()


@contextlib.contextmanager
def voice(server: UnreliableServer, **options: Any) -> Iterator[Any]:
    keys = {"base_url": server.base_url, "timeout_s": BOUND_S, "retries": 0, "language": "en", **options}
    with contextlib.closing(load_synthesizer("openai", **keys)) as engine:
        yield engine


def test_the_request_is_the_apis(server: UnreliableServer) -> None:
    server.will_answer(streamed(BYTES))
    with voice(
        server, model_path="tts", voice="nova", speed=1.5, instructions="Whisper.", api_key="sk-secret"
    ) as engine:
        assert isinstance(engine, Synthesizer)
        np.testing.assert_array_equal(engine.synthesize("Table **4** is free.", speed=2.0), TONE)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/audio/speech HTTP/1.1")
    assert b"Authorization: Bearer sk-secret" in head
    assert json.loads(body) == {
        "model": "tts",
        "voice": "nova",
        "input": "Table four is free.",
        "instructions": "Whisper.",
        "response_format": "pcm",
        "speed": 3.0,
    }


def test_sound_is_handed_on_as_it_comes(server: UnreliableServer) -> None:
    server.will_answer(streamed(BYTES[:9_601], 0.4, BYTES[9_601:20_000], 0.4, BYTES[20_000:]))
    with voice(server) as engine:
        began = time.monotonic()
        stream = engine.stream("Hello there.")
        first = next(stream)
        assert time.monotonic() - began < 0.4
        assert len(first) == 4_800  # half a sample has to wait
        np.testing.assert_array_equal(np.concatenate([first, *stream]), TONE)


def test_who_stops_listening_takes_the_connection_away(server: UnreliableServer) -> None:
    server.will_answer(streamed(BYTES, NEVER))
    with voice(server, timeout_s=60) as engine:
        stream = engine.stream("Hello there.")
        next(stream)
        began = time.monotonic()
        stream.close()
        assert time.monotonic() - began < SLACK_S


def test_nothing_is_asked_for_where_there_is_nothing_to_say(server: UnreliableServer) -> None:
    with voice(server) as engine:
        for nothing in ("", "   ", "...", "🙂", "***"):
            assert engine.synthesize(nothing).shape == (0,)
    assert server.requests == []


def wav(rate: int, channels: int = 1, width: int = 2) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(b"\0" * width * channels * rate)
    return buffer.getvalue()


@pytest.mark.parametrize("cut", [1, 11, 30, 44, 45, 9_999])
def test_the_head_of_a_wav_file_is_no_sound_however_it_is_cut(server: UnreliableServer, cut: int) -> None:
    file = wav_bytes(TONE, RATE)
    extra = file[:36] + b"LIST\x05\0\0\0words\0" + file[36:40] + b"\xff\xff\xff\xff" + file[44:]  # as streams are
    for data in (file, extra):
        server.will_answer(streamed(data[:cut], data[cut:], kind="audio/wav"))
        with voice(server) as engine:
            np.testing.assert_array_equal(engine.synthesize("Hello."), TONE)


@pytest.mark.parametrize("told", ["audio/pcm;rate=16000", "audio/L16; rate=16000; channels=1", "audio/wav"])
def test_sound_at_another_rate_is_brought_to_ours_and_the_log_says_what_to_set(
    server: UnreliableServer, caplog: pytest.LogCaptureFixture, told: str
) -> None:
    caplog.set_level(logging.WARNING)
    slow = (np.sin(np.arange(16_000) / 8) * 9_000).astype(np.int16)  # the same tone
    data = wav_bytes(slow, 16_000) if told == "audio/wav" else slow.astype("<i2").tobytes()
    server.will_answer(streamed(data[:5_001], data[5_001:], kind=told))
    with voice(server) as engine:
        for _ in range(2):
            sound = engine.synthesize("Hello.")
            assert len(sound) == pytest.approx(RATE, abs=2)
            middle = slice(2_000, 22_000)
            assert np.abs(sound[middle].astype(int) - TONE[middle]).max() < 50
    assert [record.getMessage() for record in caplog.records] == [
        f"The speech server {server.base_url} sends sound at 16000 Hz, which is brought to 24000; set sample_rate: "
        "16000."
    ]


BAD: dict[str, tuple[Sequence[Step], str]] = {
    "slow": ([2 * BOUND_S, *streamed(BYTES)], "sent nothing within 0.6 seconds; check its load, or raise timeout_s"),
    "never": ([NEVER], "sent nothing within 0.6 seconds"),
    "a head and nothing more": (streamed(NEVER), "sent nothing within 0.6 seconds"),
    "a trickle": (streamed(*[b"\0\0", 0.2] * 30), "sent nothing within 0.6 seconds"),
    "no sound": (streamed(), "no sound at all, not with 16-bit mono PCM"),
    "a page": (answer(200, b"<html>", "text/html"), "answered with text/html, not with 16-bit mono PCM"),
    "JSON": (in_json({"audio": "…"}), "answered with application/json, not with 16-bit mono PCM; name a model"),
    "MP3": (answer(200, b"ID3" + BYTES, "audio/mpeg"), "answered with audio/mpeg, not"),
    "MP3 by another name": (streamed(b"ID3" + BYTES, kind="audio/pcm"), "answered with MP3, not"),
    "Ogg by no name": (streamed(b"OggS" + BYTES, kind=""), "answered with Ogg, not"),
    "stereo": (answer(200, wav(RATE, channels=2), "audio/wav"), "a wav file of 2 channels and 16 bits"),
    "8 bits": (answer(200, wav(RATE, width=1), "audio/wav"), "a wav file of 1 channels and 8 bits"),
    "a wav file without samples": (answer(200, wav(RATE)[:40], "audio/wav"), "a wav file without samples"),
    "an impossible rate": (streamed(BYTES, kind="audio/pcm;rate=3"), "answered with sound at 3 Hz, not"),
    "401": (in_json({"error": {"message": "bad key"}}, 401), r"wants a key \(401: bad key\); set api_key"),
    "404": (answer(404), r"no /audio/speech or no model 'tts-1' \(404\); correct base_url"),
    "413": (answer(413), r"takes no request as large as this one"),
    "422": (in_json({"detail": [{"msg": "wrong"}]}, 422), r"does not take the request \(422: wrong\)"),
    "429": (answer(429, Retry_After="30"), r"has too many requests \(429\)"),
    "500": (answer(500), r"failed \(500\)"),
    "closed at once": ([], "gave no whole answer"),
}


@pytest.mark.parametrize("case", BAD)
def test_whatever_it_answers_is_a_sentence_in_time(server: UnreliableServer, case: str) -> None:
    steps, sentence = BAD[case]
    server.will_answer(steps)
    with voice(server) as engine:
        with fails_in_time(SynthesisError, sentence, f"The speech server {server.base_url}"):
            engine.synthesize("Hello there.")
        server.will_answer(streamed(BYTES))
        np.testing.assert_array_equal(engine.synthesize("Hello there."), TONE)  # the next one is another one


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (streamed(BYTES, whole=False), "broke off in the middle of an answer"),
        (streamed(BYTES, NEVER), "sent nothing within 0.6 seconds"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", BYTES], "broke off in the middle of an answer"),
    ],
)
def test_half_a_stream_is_half_a_sentence_and_an_error(
    server: UnreliableServer, steps: Sequence[Step], sentence: str
) -> None:
    server.will_answer(steps)
    with voice(server) as engine:
        stream = engine.stream("Hello there.")
        assert len(next(stream))
        with pytest.raises(SynthesisError, match=sentence):
            list(stream)


def test_nobody_waits_for_another_callers_sentence(server: UnreliableServer) -> None:
    server.will_answer(streamed(BYTES, NEVER), streamed(BYTES))
    with contextlib.closing(SharedVoice("openai", base_url=server.base_url, timeout_s=60, language="en")) as shared:
        slow = shared.stream("This one is slow.")
        next(slow)
        began = time.monotonic()
        np.testing.assert_array_equal(shared.synthesize("This one is not."), TONE)
        assert time.monotonic() - began < SLACK_S
        slow.close()


def test_two_voices_that_may_sound_different_are_never_taken_for_each_other(server: UnreliableServer) -> None:
    identities = set()
    for options in ({}, {"voice": "nova"}, {"model_path": "other"}, {"instructions": "Sing."}, {"speed": 1.2}):
        with voice(server, **options) as engine:
            identities.add(engine.capabilities.identity)
    with voice(server, api_key="another") as engine:
        identities.add(engine.capabilities.identity)
    assert len(identities) == 5
