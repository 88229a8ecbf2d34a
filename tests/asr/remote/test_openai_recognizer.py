"""A recognizer with OpenAI's audio API, against a server on loopback that does as it is told."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from typing import Any, Iterator, Sequence

import numpy as np
import pytest
from unreliable_server import BOUND_S, NEVER, SLACK_S, Step, UnreliableServer, answer, fails_in_time, in_json, streamed

from convai_rasa.asr import Request, Transcript, load_recognizer
from convai_rasa.errors import ConfigurationError, RecognitionError

pytestmark = pytest.mark.slow

SOUND = np.sin(np.arange(16_000) / 20).astype(np.float32) * 0.1


@contextlib.contextmanager
def recognizer(server: UnreliableServer, **options: Any) -> Iterator[Any]:
    keys = {"base_url": server.base_url, "vad_threshold": 0.0, "timeout_s": BOUND_S, "retries": 0, **options}
    with contextlib.closing(load_recognizer("openai", **keys)) as engine:
        yield engine


def heard(server: UnreliableServer, **options: Any) -> Transcript:
    with recognizer(server, **options) as engine:
        return engine.transcribe(SOUND)


def verbose(*segments: dict[str, Any], **content: Any) -> list[Step]:
    text = "".join(segment["text"] for segment in segments)
    return in_json({"task": "transcribe", "language": "english", "text": text, "segments": list(segments), **content})


def test_the_request_is_the_apis(server: UnreliableServer) -> None:
    server.will_answer(verbose({"text": " Two, please.", "avg_logprob": -0.1, "no_speech_prob": 0.01}))
    with recognizer(server, model_path="large", api_key="sk-secret") as engine:
        assert engine.transcribe(SOUND, language="en", prompt="A table?").text == "Two, please."
    request = server.requests[0]
    assert request.startswith(b"POST /v1/audio/transcriptions HTTP/1.1")
    assert b"Authorization: Bearer sk-secret" in request
    for name, value in {
        "model": "large",
        "language": "en",
        "prompt": "A table?",
        "response_format": "verbose_json",
    }.items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in request
    assert b'name="file"; filename="speech.wav"' in request
    assert b"RIFF" in request
    assert len(request) > 2 * len(SOUND)


def test_confidence_comes_from_the_log_probabilities(server: UnreliableServer) -> None:
    one = {"text": " A table", "avg_logprob": -0.1, "no_speech_prob": 0.2, "tokens": [1] * 9}
    two = {"text": " for two.", "avg_logprob": -0.4, "no_speech_prob": 0.1, "tokens": [1] * 19}
    server.will_answer(verbose(one, two))
    transcript = heard(server)
    assert transcript.text == "A table for two."
    assert transcript.confidence == pytest.approx(math.exp(-0.3))
    assert (transcript.language, transcript.duration_s, transcript.no_speech_probability) == ("en", 1.0, 0.1)


def test_what_the_server_itself_doubts_is_not_believed(server: UnreliableServer) -> None:
    server.will_answer(verbose({"text": "Thanks for watching!", "avg_logprob": -0.9, "no_speech_prob": 0.8}))
    transcript = heard(server)
    assert (transcript.text, transcript.confidence) == ("", 0.0)


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_knows_no_verbose_json_is_asked_for_json_and_then_for_text(
    server: UnreliableServer, status: int
) -> None:
    refusal = in_json({"error": {"message": "response_format 'verbose_json' is not compatible"}}, status)
    with recognizer(server) as engine:
        server.will_answer(refusal, in_json({"text": "Hello.", "logprobs": [{"logprob": -0.2}, {"logprob": -0.4}]}))
        transcript = engine.transcribe(SOUND)
        assert (transcript.text, transcript.confidence) == ("Hello.", pytest.approx(math.exp(-0.3)))
        server.will_answer(in_json({"text": "Again."}))  # the form is remembered
        assert engine.transcribe(SOUND).text == "Again."
        server.will_answer(refusal, answer(200, "Schön.\n".encode(), "text/plain; charset=utf-8"))
        transcript = engine.transcribe(SOUND)
        assert (transcript.text, transcript.confidence) == ("Schön.", 1.0)
    assert len(server.requests) == 5


def test_nothing_is_sent_where_nobody_speaks(server: UnreliableServer) -> None:
    pytest.importorskip("onnxruntime")
    with recognizer(server, vad_threshold=0.5) as engine:
        assert engine.transcribe(np.zeros(16_000, np.float32)).text == ""
        assert engine.transcribe(np.zeros(0, np.float32)).text == ""
        noise = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) * 0.003
        assert engine.transcribe(noise).text == ""
    assert server.requests == []


def test_a_connection_is_kept(server: UnreliableServer) -> None:
    server.will_answer(in_json({"text": "Hello."}))
    with recognizer(server) as engine:
        for _ in range(5):
            engine.transcribe(SOUND)
    assert (len(server.requests), server.connections) == (5, 1)


def test_a_kept_connection_that_is_gone_is_replaced(server: UnreliableServer) -> None:
    with recognizer(server) as engine:
        server.will_answer(in_json({"text": "Hello."}))
        engine.transcribe(SOUND)
        server.will_answer([], in_json({"text": "Still here."}))  # closed where the next request comes in
        assert engine.transcribe(SOUND).text == "Still here."


HTML = answer(200, b"<html>Welcome</html>", "text/html")
BAD: dict[str, tuple[Sequence[Step], str]] = {
    "slow": ([2 * BOUND_S, *in_json({"text": "late"})], "did not answer within 0.6 seconds; check its load"),
    "never": ([NEVER], "did not answer within 0.6 seconds"),
    "a head that trickles": ([b"HTTP/1.1 200 OK\r\n", *[b"X: 1\r\n", 0.3] * 20], "did not answer within 0.6"),
    "a body that trickles": (streamed(*[b'{"text"', 0.3] * 20), "did not answer within 0.6 seconds"),
    "a page": (HTML, "answered with text/html in which there is no transcript; correct base_url"),
    "sound": (answer(200, b"\0" * 100, "audio/wav"), "answered with audio/wav in which there is no transcript"),
    "no JSON": (answer(200, b"{"), "no transcript"),
    "other JSON": (in_json({"words": 3}), "no transcript"),
    "a list": (in_json([1, 2]), "no transcript"),
    "a number for a text": (in_json({"text": 3}), "no transcript"),
    "no number for a probability": (verbose({"text": "hi", "avg_logprob": "low"}), "no transcript"),
    "NaN": (verbose({"text": "hi", "avg_logprob": math.nan}), "no transcript"),
    "deep JSON": (answer(200, b"[" * 100_000), "no transcript"),
    "half an answer": (streamed(b'{"text": "Hel', whole=False), "gave no whole answer"),
    "no HTTP": ([b"220 mail.example ESMTP\r\n"], "gave no whole answer"),
    "closed at once": ([], "gave no whole answer"),
    "without end": (streamed(*[b"x" * 1_000_000] * 6), "answers without end"),
    "401": (in_json({"error": {"message": "bad key"}}, 401), r"wants a key \(401: bad key\); set api_key"),
    "403": (answer(403), r"wants a key \(403\); set api_key, or OPENAI_API_KEY"),
    "404": (
        in_json({"detail": "no model"}, 404),
        r"no /audio/transcriptions or no model 'whisper-1' \(404: no model\)",
    ),
    "413": (answer(413, b"too large", "text/plain"), r"takes no request as large as this one \(413: too large\)"),
    "422": (in_json({"detail": [{"msg": "wrong"}]}, 422), r"does not take the request \(422: wrong\)"),
    "429": (in_json({"message": "slow down"}, 429), r"has too many requests \(429: slow down\)"),
    "500": (in_json({"error": "boom"}, 500), r"failed \(500: boom\); check its log"),
    "503": (answer(503, b"<html>Bad gateway</html>", "text/html"), r"failed \(503\)"),
    "307": (answer(307, Location="/elsewhere"), r"failed \(307\)"),
}


@pytest.mark.parametrize(("steps", "sentence"), BAD.values(), ids=BAD)
def test_whatever_it_answers_is_a_sentence_in_time(
    server: UnreliableServer, steps: Sequence[Step], sentence: str
) -> None:
    server.will_answer(steps)
    with recognizer(server) as engine:
        with fails_in_time(RecognitionError, sentence, f"The speech server {server.base_url}"):
            engine.transcribe(SOUND)
        server.will_answer(in_json({"text": "Hello."}))
        assert engine.transcribe(SOUND).text == "Hello."  # the next one is another one


def test_nobody_there_is_a_sentence(server: UnreliableServer) -> None:
    server.close()
    with pytest.raises(RecognitionError, match=r"cannot be reached \(.+\); start it, or correct base_url"):
        heard(server)


def test_a_failure_that_passes_is_waited_for_as_long_as_the_server_asks(server: UnreliableServer) -> None:
    server.will_answer(answer(429, Retry_After="1"), in_json({"text": "Hello."}))
    began = time.monotonic()
    assert heard(server, retries=1, timeout_s=5).text == "Hello."
    assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("wait", ["30", "99999999", "Thu, 26 Nov 2037 12:00:00 GMT"])
def test_a_longer_wait_than_anybody_has_is_not_begun(server: UnreliableServer, wait: str) -> None:
    server.will_answer(answer(429, Retry_After=wait))
    began = time.monotonic()
    with pytest.raises(RecognitionError, match="too many requests"):
        heard(server, retries=5, timeout_s=60)
    assert time.monotonic() - began < SLACK_S
    assert len(server.requests) == 1


def test_a_repetition_helps_only_so_often(server: UnreliableServer) -> None:
    server.will_answer(answer(503))
    with pytest.raises(RecognitionError, match="failed"):
        heard(server, retries=2, timeout_s=5)
    assert len(server.requests) == 3


def test_what_nobody_wants_any_more_is_given_up(server: UnreliableServer) -> None:
    server.will_answer([NEVER])
    began = time.monotonic()
    with recognizer(server, timeout_s=60) as engine:
        requests = [Request(SOUND, wanted=lambda: time.monotonic() - began < 0.3), Request(SOUND, wanted=lambda: False)]
        assert engine.transcribe_together(requests) == [None, None]
    assert time.monotonic() - began < SLACK_S


def test_those_that_wait_together_are_sent_together(server: UnreliableServer) -> None:
    server.will_answer([0.4, *in_json({"text": "Hello."})])
    with recognizer(server, timeout_s=5) as engine:
        began = time.monotonic()
        outcomes = engine.transcribe_together([Request(SOUND)] * 4)
    assert [one.text for one in outcomes] == ["Hello."] * 4
    assert time.monotonic() - began < 1.5  # one after the other they take 1.6


def test_the_key_is_neither_shown_nor_logged(
    server: UnreliableServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    caplog.set_level(logging.DEBUG)
    server.will_answer(in_json({"error": {"message": "Incorrect API key: sk-from-the-environment"}}, 401))
    with recognizer(server) as engine:
        with pytest.raises(RecognitionError, match=r"refuses the key \(401: Incorrect API key: …\)") as raised:
            engine.transcribe(SOUND)
        assert b"Authorization: Bearer sk-from-the-environment" in server.requests[0]
        shown = [repr(engine), repr(engine.options), str(engine.options), repr(vars(engine)), str(raised.value)]
    assert not any("sk-from" in text for text in [*shown, caplog.text])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "base_url: field required"),
        ({"base_url": "localhost:8000"}, "base_url: 'localhost:8000' is not a valid address; give one like http://"),
        ({"base_url": "http://"}, "is not a valid address"),
        ({"base_url": "http://host:port/v1"}, "is not a valid address"),
        ({"base_url": "ftp://host/v1"}, "is not a valid address"),
        ({"base_url": ""}, "is not a valid address"),
        ({"base_url": "http://me:secret@host/v1"}, "holds a user or password; give the key as api_key"),
        ({"base_url": "http://host/v1", "api_key": "a\nb"}, "holds characters that no key has"),
        ({"base_url": "http://host/v1", "timeout": 3}, "unknown key 'timeout' .did you mean 'timeout_s'"),
        ({"base_url": "http://host/v1", "timeout_s": 0}, "timeout_s: "),
    ],
)
def test_impossible_options_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load_recognizer("openai", **options)
