"""Several recognizers that stand in for each other, two of them on loopback."""

from __future__ import annotations

import contextlib
import time
from typing import Any, Iterator, Sequence

import numpy as np
import pytest
from unreliable_server import NEVER, UnreliableServer, answer, in_json

from convai_rasa.asr import Capabilities, Outcome, Recognizer, Request, Transcript, load_recognizer
from convai_rasa.asr.remote.several_recognizers import SeveralRecognizers
from convai_rasa.errors import AudioError, ConfigurationError, ConvaiError, RecognitionError

pytestmark = pytest.mark.slow

SOUND = np.full(16_000, 0.1, np.float32)


class Local:
    """An engine of somebody else's, in this process."""

    capabilities = Capabilities(languages=("en",), partials=True)

    def __init__(self) -> None:
        self.heard: list[np.ndarray] = []
        self.failure: Exception | None = None

    def transcribe(self, samples: np.ndarray, *, language: str | None = None, prompt: str | None = None) -> Transcript:
        self.heard.append(samples)
        if self.failure is not None:
            raise self.failure
        if language == "xx":
            raise ConfigurationError("It does not know the language 'xx'.")
        return Transcript(f"{len(samples)} here", 0.9, "en", 1.0, 0.0)

    def close(self) -> None:
        pass


def remote(server: UnreliableServer, **options: Any) -> Recognizer:
    keys = {"base_url": server.base_url, "vad_threshold": 0.0, "timeout_s": 0.5, "retries": 0, **options}
    return load_recognizer("openai", **keys)


@contextlib.contextmanager
def several(*engines: Any) -> Iterator[SeveralRecognizers]:
    names = ["first", "second", "third"]
    with contextlib.closing(SeveralRecognizers(list(zip(names, engines)))) as made:
        yield made


def texts(outcomes: Sequence[Outcome]) -> list[Any]:
    return [one.text if isinstance(one, Transcript) else one for one in outcomes]


def test_the_first_that_works_hears(server: UnreliableServer) -> None:
    server.will_answer(in_json({"text": "Hello."}))
    local = Local()
    with several(remote(server), local) as engine:
        assert isinstance(engine, Recognizer)
        assert engine.transcribe(SOUND).text == "Hello."
        assert [one["served"] for one in engine.states()] == [1, 0]
    assert local.heard == []


@pytest.mark.parametrize("wrong", [answer(500), answer(401), [], [NEVER], answer(200, b"<html>", "text/html")])
def test_what_one_could_not_recognize_the_next_hears_in_the_same_sound(server: UnreliableServer, wrong: Any) -> None:
    server.will_answer(wrong)
    local = Local()
    with several(remote(server), local) as engine:
        assert engine.transcribe(SOUND).text == "16000 here"
        np.testing.assert_array_equal(local.heard[0], SOUND)
        began = time.monotonic()
        assert engine.transcribe(SOUND).text == "16000 here"  # the first is not asked again for a while
        assert time.monotonic() - began < 0.4
        assert [(one["name"], one["state"]) for one in engine.states()] == [("first", "left out"), ("second", "ok")]
    assert len(server.requests) <= 2  # a connection that is closed at once is tried once more


def test_of_those_that_wait_together_only_the_failed_ones_are_repeated(server: UnreliableServer) -> None:
    server.will_answer(in_json({"text": "Hello."}), answer(500), in_json({"text": "Hello."}))
    local = Local()
    with several(remote(server), local) as engine:
        heard = texts(engine.transcribe_together([Request(np.full(8_000 + n, 0.1, np.float32)) for n in range(3)]))
    assert sorted(heard, key=str)[1:] == ["Hello.", "Hello."]
    assert len(local.heard) == 1
    assert f"{len(local.heard[0])} here" in heard


def test_it_is_taken_back_as_soon_as_it_is_there(server: UnreliableServer) -> None:
    server.will_answer(answer(503))
    with several(remote(server), Local()) as engine:
        engine.transcribe(SOUND)
        server.will_answer(in_json({"text": "Back again."}))
        give_up_at = time.monotonic() + 20
        while engine.transcribe(SOUND).text != "Back again.":
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
        assert any(request.startswith(b"GET /v1/models") for request in server.requests)


def test_where_none_works_the_sentence_names_all(server: UnreliableServer) -> None:
    server.will_answer(answer(500))
    local = Local()
    local.failure = ZeroDivisionError("somebody else's bug")
    with several(remote(server), local) as engine:
        with pytest.raises(RecognitionError) as raised:
            engine.transcribe(SOUND)
        assert "No engine could recognize this (first: The speech server http://127.0.0.1" in str(raised.value)
        assert "second: The recognizer failed (ZeroDivisionError: somebody else's bug))." in str(raised.value)
        local.failure = None
        assert engine.transcribe(SOUND).text == "16000 here"  # left out as they are, they are all asked


@pytest.mark.parametrize(
    ("request_", "error"),
    [(Request(SOUND.astype(np.int16)), AudioError), (Request(SOUND, language="xx"), RecognitionError)],
)
def test_what_is_nobodys_fault_leaves_nobody_out(request_: Request, error: type[ConvaiError]) -> None:
    first, second = Local(), Local()
    first.failure = AudioError("No sound.") if error is AudioError else None
    with several(first, second) as engine:
        assert isinstance(engine.transcribe_together([request_])[0], error)
        assert [one["state"] for one in engine.states()] == ["ok", "ok"]
        assert len(second.heard) == (0 if error is AudioError else 1)


def test_what_nobody_wants_is_repeated_nowhere(server: UnreliableServer) -> None:
    server.will_answer([NEVER])
    local = Local()
    with several(remote(server, timeout_s=60), local) as engine:
        assert engine.transcribe_together([Request(SOUND, wanted=lambda: False)]) == [None]
    assert local.heard == []
