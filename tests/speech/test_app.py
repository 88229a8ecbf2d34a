"""OpenAI's audio API over a real socket, in front of engines of a few lines."""

from __future__ import annotations

import json
import logging
import random
import socket
import threading
import time
from typing import Any

import httpx
import numpy as np
import pytest
from scripted_speech import START_S, Serve, Served, tone

from convai_rasa.asr import Alternative, Transcript
from convai_rasa.audio import decode_audio, wav_bytes
from convai_rasa.errors import ConfigurationError, RecognitionError, SynthesisError

for module in ("starlette", "uvicorn", "prometheus_client", "wyoming"):
    pytest.importorskip(module)

from convai_rasa.speech.batches import Load  # noqa: E402 - it needs them
from convai_rasa.speech.desk import plain_samples  # noqa: E402 - it needs them

pytestmark = pytest.mark.slow

HEAR, SAY = "/v1/audio/transcriptions", "/v1/audio/speech"
TOKEN = "0123456789abcdef-token"


def hear(served: Served, wav: bytes, **fields: Any) -> httpx.Response:
    with served.client() as client:
        return client.post(HEAR, files={"file": ("a.wav", wav)}, data={"model": "whisper-1", **fields})


def say(served: Served, text: Any = "Hello.", **fields: Any) -> httpx.Response:
    with served.client() as client:
        return client.post(SAY, json={"model": "tts-1", "voice": "alloy", "input": text, **fields})


def refusal(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    message: str = error["message"]
    assert message.endswith(".")
    assert "Traceback" not in message
    return message


def test_a_recording_is_recognized_in_every_form(serve: Serve, wav: bytes) -> None:
    served = serve()
    heard = hear(served, wav, language="en-GB", prompt="A table? ")
    assert (heard.status_code, heard.json()) == (200, {"text": "A table for two."})
    request = served.engines.requests[0]
    assert (request.language, request.prompt, request.expected) == ("en", "A table?", None)
    assert len(request.samples) == pytest.approx(16_000, abs=2)
    assert hear(served, wav, response_format="text").text == "A table for two.\n"
    other = Alternative("A cable for two.", -3.0)
    served.engines.outcome = Transcript("A table for two.", 0.5, "en", 1.0, 0.1, -2.5, (other,), 0.2)
    verbose = hear(served, wav, response_format="verbose_json", alternatives="true").json()
    assert served.engines.requests[-1].expected is not None
    assert (verbose["text"], verbose["language"], verbose["duration"]) == ("A table for two.", "en", 1.0)
    assert (verbose["confidence"], verbose["log_probability"]) == (0.5, -2.5)
    assert verbose["alternatives"] == [{"text": "A cable for two.", "log_probability": -3.0}]
    (segment,) = verbose["segments"]
    assert segment["avg_logprob"] == pytest.approx(np.log(0.5))
    assert (segment["start"], segment["end"], segment["no_speech_prob"]) == (0.0, 1.0, 0.1)


@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_a_plain_wav_file_needs_no_decoder(rate: int) -> None:
    pcm = tone(1.0, rate).samples
    samples = plain_samples(wav_bytes(pcm, rate))
    assert samples is not None
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(16_000, abs=2)
    assert np.abs(samples[4_000:12_000]).max() == pytest.approx(9_000 / 32_768, rel=0.02)
    whole = wav_bytes(pcm, rate)
    stereo = whole[:22] + b"\x02" + whole[23:]
    for other in (b"", b"RIFF", whole[:-100], stereo, whole[:40] + b"\xff\xff\xff\xff" + whole[44:], b"ID3" + whole):
        assert plain_samples(other) is None


def test_nothing_heard_is_an_answer_without_segments(serve: Serve, wav: bytes) -> None:
    served = serve()
    served.engines.outcome = Transcript("", 0.0, "en", 1.0, 1.0)
    verbose = hear(served, wav, response_format="verbose_json").json()
    assert (verbose["text"], verbose["segments"], verbose["confidence"]) == ("", [], 0.0)


def test_a_long_recording_is_recognized_in_pieces_of_one_language(serve: Serve) -> None:
    served = serve()
    served.engines.outcome = Transcript("And so on.", 0.9, "de", 25.0, 0.0)
    verbose = hear(served, wav_bytes(tone(70.0, 8_000).samples, 8_000), response_format="verbose_json").json()
    assert verbose["text"] == "And so on. And so on. And so on."
    assert [segment["start"] for segment in verbose["segments"]] == [0.0, 25.0, 50.0]
    assert [request.language for request in served.engines.requests] == [None, "de", "de"]


def test_speech_is_sent_while_it_is_made(serve: Serve) -> None:
    served = serve()
    served.engines.go.clear()
    with served.client() as client:
        wanted = {"model": "tts-1", "voice": "other", "input": "Hi.", "response_format": "pcm", "speed": 1.5}
        with client.stream("POST", SAY, json={**wanted, "language": "en_US"}) as response:
            parts = response.iter_bytes()
            first = next(parts)  # the second piece waits
            served.engines.go.set()
            rest = b"".join(parts)
    assert len(first) / 48_000 == pytest.approx(0.2, abs=0.01)
    assert len(first + rest) / 48_000 == pytest.approx(0.5, abs=0.01)
    assert served.engines.spoken == [("Hi.", "tts/other", 1.5, "en-us")]


def test_without_a_form_it_is_mp3_and_the_first_voice(serve: Serve) -> None:
    served = serve()
    spoken = say(served)
    assert spoken.headers["content-type"] == "audio/mpeg"
    assert len(decode_audio(spoken.content, max_seconds=5)) / 16_000 == pytest.approx(0.5, abs=0.1)
    assert served.engines.spoken == [("Hello.", "tts/vits-joe", 1.0, None)]


def test_models_are_listed(serve: Serve) -> None:
    with serve().client() as client:
        listed = client.get("/v1/models").json()
        assert [model["id"] for model in listed["data"]] == ["whisper/base", "tts/vits-joe", "tts/other"]
        assert client.get("/v1/models/whisper/base").json()["object"] == "model"
        assert "There is no such model" in refusal(client.get("/v1/models/whisper-9"), 404)


@pytest.mark.parametrize(
    ("wanted", "status", "message"),
    [
        ({"voice": "joe"}, 404, "There is no voice 'joe' here; ask for vits-joe or other."),
        ({"model": "tts/none", "voice": ""}, 404, "There is no model 'tts/none' here"),
        ({"response_format": "midi"}, 400, "response_format may be mp3, opus, aac, flac, wav or pcm."),
        ({"speed": 5}, 400, "'speed' must be a number from 0.25 to 4."),
        ({"speed": True}, 400, "'speed' must be a number"),
        ({"input": 3}, 400, "'input' must be the text"),
        ({"input": "x" * 4097}, 400, "'input' has 4097 characters; send at most 4096."),
        ({"input": "a\x00b"}, 400, "'input' contains a control character"),
        ({"language": "?"}, 400, "'language' must be a code like 'en'."),
        ({"stream_format": "sse"}, 400, "stream_format may be audio"),
    ],
)
def test_what_cannot_be_spoken_is_refused(serve: Serve, wanted: dict[str, Any], status: int, message: str) -> None:
    served = serve()
    assert message in refusal(say(served, **{"text": "Hello.", **wanted} if "input" not in wanted else wanted), status)
    assert served.engines.spoken == []


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"response_format": "srt"}, 400, "response_format may be json, text or verbose_json."),
        ({"model": "whisper/huge"}, 404, "There is no model 'whisper/huge' here; ask for whisper/base."),
        ({"language": "English"}, 400, "'language' must be a code like 'en'."),
        ({"prompt": "x" * 20_000}, 400, "'prompt' has 20000 characters"),
    ],
)
def test_what_cannot_be_recognized_is_refused(
    serve: Serve, wav: bytes, fields: dict[str, Any], status: int, message: str
) -> None:
    assert message in refusal(hear(serve(), wav, **fields), status)


def test_what_is_no_recording_or_too_much_of_one_is_refused(serve: Serve, wav: bytes) -> None:
    served = serve(max_mb=0.1, max_s=2.0)
    assert "not a recording that can be decoded" in refusal(hear(served, b"no sound"), 400)
    assert "more than the" in refusal(hear(served, bytes(1 << 20)), 413)
    long = wav_bytes(np.zeros(24_000, np.int16), 8_000)
    assert "2 s" in refusal(hear(served, long), 400)
    with served.client() as client:
        assert "field 'file'" in refusal(client.post(HEAR, content=b"x"), 400)
        assert "field 'file'" in refusal(client.post(HEAR, files={"sound": wav}), 400)
        assert "not JSON" in refusal(client.post(SAY, content=b"{"), 400)
        assert "must be a JSON object" in refusal(client.post(SAY, content=b"[]"), 400)
        assert "more than the" in refusal(client.post(SAY, content=b" " * 300_000), 413)
        assert "no such address" in refusal(client.get("/v2"), 404)
        assert "does not take GET" in refusal(client.get(SAY), 405)
    assert hear(served, wav).status_code == 200


def test_the_engines_errors_are_sentences(serve: Serve, wav: bytes, caplog: pytest.LogCaptureFixture) -> None:
    served = serve()
    served.engines.outcome = ConfigurationError("The model base does not know the language 'xx'.")
    assert "does not know the language" in refusal(hear(served, wav), 400)
    served.engines.outcome = RecognitionError("Whisper could not transcribe 1.0 s of sound: no memory.")
    assert "no memory" in refusal(hear(served, wav), 500)
    served.engines.outcome = ZeroDivisionError("secret")
    with caplog.at_level(logging.ERROR):
        assert refusal(hear(served, wav), 500) == "The service failed; its log says why."
    assert "secret" in caplog.text
    served.engines.sounds = [SynthesisError("The voice hangs.")]
    assert "The voice hangs" in refusal(say(served), 500)


def test_speech_that_breaks_off_is_no_whole_answer(serve: Serve) -> None:
    served = serve()
    served.engines.sounds = [tone(0.3), SynthesisError("The voice hangs.")]
    with pytest.raises(httpx.RemoteProtocolError):
        say(served, response_format="pcm")


def test_whoever_has_no_token_gets_nothing(serve: Serve, wav: bytes) -> None:
    served = serve(tokens=("another-token-0123456", TOKEN))
    with served.client() as client:
        for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}):
            for path in ("/v1/models", "/metrics"):
                answer = client.get(path, headers=header)
                assert "no valid token" in refusal(answer, 401)
                assert answer.headers["www-authenticate"] == "Bearer"
        assert "no valid token" in refusal(client.post(HEAR, files={"file": wav}), 401)
        assert client.get("/v1/models", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        assert client.get("/health").status_code == client.get("/ready").status_code == 200
    assert served.engines.requests == []


def test_a_page_in_a_browser_needs_a_token(serve: Serve, wav: bytes) -> None:
    page = {"Origin": "https://elsewhere.example"}
    with serve().client(headers=page) as client:
        assert "need a token" in refusal(client.post(HEAR, files={"file": wav}), 403)
    with serve(tokens=(TOKEN,)).client(headers={**page, "Authorization": f"Bearer {TOKEN}"}) as client:
        assert client.get("/v1/models").status_code == 200


def test_a_full_service_says_when_to_come_back(serve: Serve, wav: bytes) -> None:
    served = serve(queue=2)
    served.engines.go.clear()
    threads = [threading.Thread(target=hear, args=(served, wav)) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: len(served.engines.requests) == 2)
    answer = hear(served, wav)
    assert "2 requests are in work already" in refusal(answer, 429)
    assert int(answer.headers["retry-after"]) >= 1
    with served.client() as client:
        full = client.get("/ready")
        assert (full.status_code, full.json()["state"]) == (503, "full")
    served.engines.go.set()
    for thread in threads:
        thread.join(START_S)
    served.engines.load = Load(wait_s=7.2, is_full=True)
    answer = hear(served, wav)
    assert "wait already" in refusal(answer, 429)
    assert answer.headers["retry-after"] == "8"  # what the next would wait, rounded up
    assert say(served, response_format="pcm").status_code == 200


def test_whoever_hangs_up_is_given_up(serve: Serve, wav: bytes) -> None:
    served = serve()
    hear(served, wav)  # what decodes recordings has started
    served.engines.go.clear()
    soon = httpx.Timeout(START_S, read=1.0)
    for request in (
        lambda client: client.post(HEAR, files={"file": wav}, timeout=soon),
        lambda client: client.post(SAY, json={"input": "Hi.", "voice": "alloy"}, timeout=soon),
    ):
        served.engines.begun.clear()
        served.engines.given_up.clear()
        with served.client() as client, pytest.raises(httpx.ReadTimeout):
            request(client)
        assert served.engines.begun.wait(START_S)
        assert served.engines.given_up.wait(START_S)
        until(lambda: served.desk.in_work == 0)


def test_a_recognition_has_its_time(serve: Serve, wav: bytes) -> None:
    served = serve(timeout_s=0.2)
    served.engines.go.clear()
    answer = hear(served, wav)
    assert "was not recognized within 0.2 seconds" in refusal(answer, 503)
    assert "retry-after" in answer.headers
    assert served.engines.given_up.wait(START_S)


def test_before_it_is_loaded_and_while_it_stops_it_takes_nothing(serve: Serve, wav: bytes) -> None:
    served = serve(opened=False)
    with served.client() as client:
        assert client.get("/ready").json()["state"] == "starting"
        assert client.get("/health").status_code == 200
        assert "still being loaded" in refusal(client.post(HEAR, files={"file": wav}), 503)
    served.desk.open(served.engines)
    served.engines.go.clear()
    answers: list[httpx.Response] = []
    finishing = threading.Thread(target=lambda: answers.append(hear(served, wav)))
    finishing.start()
    until(lambda: served.engines.requests)
    assert not served.run(served.desk.drain(0.05))  # somebody still waits
    with served.client() as client:
        draining = client.get("/ready")
        assert (draining.status_code, draining.json()) == (503, {"state": "draining", "waiting": 0, "in_work": 1})
        assert "is stopping" in refusal(client.post(HEAR, files={"file": wav}), 503)
    served.engines.go.set()
    assert served.run(served.desk.drain(START_S))
    finishing.join(START_S)
    assert answers[0].json() == {"text": "A table for two."}


def test_a_request_that_comes_too_slowly_is_refused(serve: Serve) -> None:
    served = serve(upload_s=0.2)
    host, _, port = served.url.rpartition("//")[2].partition(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(f"POST {SAY} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{{".encode())
        slow.settimeout(START_S)
        assert slow.recv(4_096).startswith(b"HTTP/1.1 408")


def test_metrics_count_what_was_done(serve: Serve, wav: bytes) -> None:
    served = serve()
    hear(served, wav)
    hear(served, b"?")
    say(served)
    with served.client() as client:
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    for line in (
        'convai_speech_requests_total{kind="transcription",status="200"} 1.0',
        'convai_speech_requests_total{kind="transcription",status="400"} 1.0',
        'convai_speech_requests_total{kind="speech",status="200"} 1.0',
        "convai_speech_recognition_seconds_count 1.0",
        "convai_speech_first_sound_seconds_count 1.0",
        "convai_speech_waiting 0.0",
        "convai_speech_ready 1.0",
    ):
        assert line in answer.text.splitlines()


def test_whatever_is_sent_is_answered_with_a_sentence(serve: Serve, wav: bytes) -> None:
    """A seeded handful of broken requests: heads of wav files, forms and JSON with bytes changed, cut and doubled."""
    served = serve()
    dice = random.Random(19)
    form = httpx.Request("POST", served.url, files={"file": ("a.wav", wav[:2_000])}, data={"language": "en"})
    form.read()
    text = json.dumps({"input": "Hi.", "voice": "alloy", "speed": 1.0, "response_format": "pcm"}).encode()
    with served.client() as client:
        for number in range(60):
            path, body, kind = (HEAR, form.content, form.headers["content-type"]) if number % 2 else (SAY, text, "")
            broken = bytearray(body)
            for _ in range(dice.randint(1, 8)):
                place = dice.randrange(len(broken))
                broken[place : place + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 4))
            answer = client.post(path, content=bytes(broken), headers={"Content-Type": kind})
            if answer.status_code != 200:
                assert answer.status_code in (400, 404, 413)
                refusal(answer, answer.status_code)
    assert hear(served, wav).status_code == 200


def until(condition: Any) -> None:
    give_up_at = time.monotonic() + START_S
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.005)
