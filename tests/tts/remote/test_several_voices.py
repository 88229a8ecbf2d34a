"""Several engines that speak for each other, the first of them on loopback."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence

import numpy as np
import pytest
from unreliable_server import NEVER, Step, UnreliableServer, answer, streamed, unreliable_server

from convai_rasa.audio import joined
from convai_rasa.errors import SynthesisError
from convai_rasa.tts.cache import SoundCache
from convai_rasa.tts.remote.several_voices import SeveralVoices
from convai_rasa.tts.voices import Voices

pytestmark = pytest.mark.slow

RATE = 16_000
TONE = (np.sin(np.arange(RATE // 2) / 12) * 9_000).astype(np.int16)
BYTES = TONE.astype("<i2").tobytes()
THREE = "One table. Two more. That is all."


@pytest.fixture
def server() -> Iterator[UnreliableServer]:
    with unreliable_server() as server:
        yield server


@contextlib.contextmanager
def several(
    server: UnreliableServer, monkeypatch: pytest.MonkeyPatch, cache: Optional[SoundCache] = None, **options: Any
) -> Iterator[SeveralVoices]:
    """The voice of the server at 16 kHz, and then the tiny one, which beeps at 8."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "contracts" / "plugin"))
    keys = {"base_url": server.base_url, "timeout_s": 0.5, "retries": 0, "sample_rate": RATE, "language": "en"}
    first = Voices("openai", "", {}, {**keys, **options}, cache)
    second = Voices("tiny", "", {}, {}, cache)
    with contextlib.closing(SeveralVoices([("far", first), ("near", second)])) as voices:
        voices.start()
        voices.wait_ready()
        yield voices


def said(voices: SeveralVoices, text: str) -> np.ndarray:
    return joined(voices.stream(text)).at(RATE).samples


def tones(sound: np.ndarray) -> int:
    """Return how often the server's whole tone is in a sound."""
    return sum(np.array_equal(sound[start : start + len(TONE)], TONE) for start in np.flatnonzero(sound == TONE[1]) - 1)


def beeps(sound: np.ndarray) -> float:
    """Return for how many seconds the tiny voice is heard: its tones are higher than the server's."""
    crossings = np.diff(np.signbit(sound).astype(int)) != 0
    per_20_ms = np.add.reduceat(crossings, np.arange(0, len(crossings), RATE // 50))
    return float((per_20_ms > 20).sum() / 50)


def states(voices: SeveralVoices) -> list[str]:
    return [one["state"] for one in voices.states()]


def test_the_first_that_works_speaks(server: UnreliableServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.will_answer(streamed(BYTES))
    with several(server, monkeypatch) as voices:
        spoken = list(voices.stream(THREE))
        assert {one.rate for one in spoken} == {RATE}
        sound = joined(spoken).samples
        assert (tones(sound), beeps(sound)) == (3, 0.0)
        assert [one["served"] for one in voices.states()] == [3, 0]


@pytest.mark.parametrize("wrong", [answer(500), [], [NEVER], answer(200, b"<html>", "text/html"), answer(429)])
def test_a_sentence_that_one_could_not_begin_is_said_by_the_next(
    server: UnreliableServer, monkeypatch: pytest.MonkeyPatch, wrong: Sequence[Step]
) -> None:
    server.will_answer(streamed(BYTES), wrong)
    with several(server, monkeypatch) as voices:
        began = time.monotonic()
        sound = said(voices, THREE)
        assert time.monotonic() - began < 3.0  # one wait with its bound: it is not asked for the third sentence
        assert tones(sound) == 1
        assert beeps(sound) > 0.5
        assert states(voices) == ["left out", "ok"]
        assert voices.states()[1]["served"] == 2


def test_a_sentence_that_one_breaks_off_in_is_over_and_the_next_one_goes_on(
    server: UnreliableServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.will_answer(streamed(BYTES), streamed(BYTES[: len(BYTES) // 2], whole=False))
    with several(server, monkeypatch) as voices:
        sound = said(voices, THREE)
        assert tones(sound) == 1
        assert [(one["served"], one["failed"]) for one in voices.states()] == [(1, 1), (1, 0)]
        near = beeps(sound)
        assert near == pytest.approx(beeps(said(voices, "That is all.")), abs=0.1)


def test_where_none_can_speak_the_sentence_names_all(server: UnreliableServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.will_answer(answer(500))
    with several(server, monkeypatch) as voices:
        with pytest.raises(
            SynthesisError, match=r"No engine could speak this \(far: The speech server .*near: The voice"
        ):
            said(voices, "fail")
        assert beeps(said(voices, "Still here.")) > 0


def test_what_one_has_said_before_is_there_though_it_is_away(
    server: UnreliableServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.will_answer(streamed(BYTES))
    cache = SoundCache(tmp_path, memory_mb=10, disk_mb=10)
    with several(server, monkeypatch, cache) as voices:
        before = said(voices, "One table.")
        asked = len(server.requests)
        server.will_answer(answer(500))
        assert beeps(said(voices, "Two more.")) > 0
        np.testing.assert_array_equal(said(voices, "One table."), before)
        assert voices.in_memory("One table. Two more.") is None  # not by one and the same
        kept = voices.in_memory("Two more.")
        assert kept is not None
        assert {one.rate for one in kept} == {8_000}  # of whom has it
        assert joined(kept).seconds == len(said(voices, "Two more.")) / RATE
    assert len(server.requests) == asked + 1


def test_replies_are_made_ahead_by_the_first_that_works(
    server: UnreliableServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache = SoundCache(tmp_path, memory_mb=10, disk_mb=10)
    server.will_answer(answer(500))
    with several(server, monkeypatch, cache) as voices:
        assert voices.prepare(THREE) == 3
        assert states(voices) == ["left out", "ok"]
        assert voices.prepare(THREE) == 0
        assert voices.in_memory(THREE) is not None


def test_it_speaks_again_as_soon_as_it_is_there(server: UnreliableServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.will_answer(answer(503))
    with several(server, monkeypatch) as voices:
        assert beeps(said(voices, "One table.")) > 0
        server.will_answer(streamed(BYTES))
        give_up_at = time.monotonic() + 20
        while not tones(said(voices, "One table.")):
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
        assert any(request.startswith(b"GET /v1/models") for request in server.requests)


def test_who_stops_listening_says_nothing_about_the_engine(
    server: UnreliableServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.will_answer(streamed(BYTES, NEVER))
    with several(server, monkeypatch, timeout_s=60) as voices:
        stream = voices.stream("One table.")
        next(stream)
        stream.close()
        assert [(one["state"], one["served"], one["failed"]) for one in voices.states()] == [("ok", 0, 0)] * 2
