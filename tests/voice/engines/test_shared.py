from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, AsyncIterator

import numpy as np
import pytest

from convai_rasa.errors import SynthesisError
from convai_rasa.options import parse_options
from convai_rasa.tts import load_synthesizer
from convai_rasa.voice.engines import shared as engines_module
from convai_rasa.voice.engines.shared import Engines
from convai_rasa.voice.options import VoiceOptions

pytest.importorskip("num2words")


class NoRecognition:
    """Nothing is heard here."""

    languages = ("en", "de")
    language = recognise = recognise_patiently = None

    def __init__(self, *_: Any) -> None:
        pass

    def settle(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
async def engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engines]:
    """The tiny voice, with a cache; no recogniser is loaded."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "contracts" / "plugin"))
    monkeypatch.setattr(engines_module, "Recognition", NoRecognition)
    tts = {"engine": "tiny", "model": "tiny", "seconds_per_word": 0.02, "cache": {"folder": str(tmp_path)}}
    one = Engines(parse_options(VoiceOptions, {"tts": tts}, where="test"))
    with contextlib.closing(one):
        await one.wait_ready()
        yield one


async def said(engines: Engines, text: str, **options: Any) -> np.ndarray:
    return np.concatenate([sound.samples async for sound in engines.speak(text, **options)])


async def test_it_says_what_the_engine_says_and_keeps_it(engines: Engines, tmp_path: Path) -> None:
    expected = load_synthesizer("tiny").synthesize("hello there")
    np.testing.assert_array_equal(await said(engines, "hello there"), expected)
    assert len(list(tmp_path.rglob("*.pcm"))) == 1
    np.testing.assert_array_equal(await said(engines, "hello there"), expected)
    assert len(await said(engines, "hello there", speed=2.0)) == len(expected) / 2


async def test_a_text_that_fails_says_so_and_the_next_is_spoken(engines: Engines) -> None:
    with pytest.raises(SynthesisError, match="cannot be spoken"):
        await said(engines, "fail")
    assert len(await said(engines, "ok"))


async def test_who_stops_listening_stops_the_voice(engines: Engines, tmp_path: Path) -> None:
    stream = engines.speak("a " * 100)  # two seconds of work
    await stream.__anext__()
    await stream.aclose()
    assert len(await said(engines, "ok"))  # would have to wait if the other still spoke
    assert len(list(tmp_path.rglob("*.pcm"))) == 1


async def test_cancelling_while_waiting_for_sound_frees_the_voice(engines: Engines) -> None:
    waiting = asyncio.create_task(said(engines, "a " * 100))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(await said(engines, "ok"))


async def test_replies_are_made_in_the_background(engines: Engines, tmp_path: Path) -> None:
    future = engines.warm(["one two.", "three.", "one two.", "fail", "🙂"])
    assert len(await said(engines, "meanwhile"))
    assert await asyncio.wrap_future(future) == 2
    assert len(list(tmp_path.rglob("*.pcm"))) == 3
    assert await asyncio.wrap_future(engines.warm(["three."])) == 0


async def test_a_reply_that_meets_a_fault_of_ours_does_not_end_what_is_made_after_it(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = engines._voices.prepare

    def failing(text: str, **options: Any) -> int:
        return len(text) // 0 if text == "one." else prepare(text, **options)

    monkeypatch.setattr(engines._voices, "prepare", failing)
    assert await asyncio.wrap_future(engines.warm(["one.", "two."])) == 1


async def test_closing_ends_what_is_made_in_the_background(engines: Engines, caplog: pytest.LogCaptureFixture) -> None:
    future = engines.warm(["a " * 100, "b " * 100])
    engines.close()
    with contextlib.suppress(asyncio.CancelledError):
        assert await asyncio.wrap_future(future) == 0
    assert not caplog.records


async def test_a_bot_is_heard_and_spoken_in_its_own_language_unless_a_caller_asks_for_another(
    engines: Engines,
) -> None:
    assert engines._recognition.language is None
    (misfit,) = engines.suit("de-AT")
    assert "the voice tiny speaks 'en'" in misfit
    assert engines._recognition.language == "de"
    assert engines.language == "de-at"
    assert engines.warm(["zwei"]).result(timeout=10) == 1
    assert engines._with_country("de") == "de-at"  # which it is kept under
    assert engines.suit("en-GB") == []
    assert engines._with_country("en") == engines._with_country(None) == "en-gb"  # how numbers and dates are read
    assert engines.suit(None) == []
    assert engines.language == "en"  # the voice's own
