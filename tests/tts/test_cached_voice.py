from __future__ import annotations

import pathlib
from typing import Any, Iterator, Optional

import numpy as np
import pytest

from convai_rasa.errors import SynthesisError
from convai_rasa.tts.cache import SoundCache
from convai_rasa.tts.cached_voice import CachedVoice
from convai_rasa.tts.synthesizer import Capabilities, join_chunks

pytestmark = pytest.mark.needs("num2words")


class Beeper:
    """A voice in this process that remembers what it was asked: 100 samples a letter."""

    sample_rate = 8000

    def __init__(self, identity: str = "beeper") -> None:
        self.capabilities = Capabilities(languages=("en",), streams=True, identity=identity)
        self.asked: list[tuple[str, float, Optional[str], str]] = []

    def ready(self) -> bool:
        return True

    def stream(
        self, text: str, *, speed: float = 1.0, language: Optional[str] = None, urgency: str = "first"
    ) -> Iterator[np.ndarray]:
        self.asked.append((text, speed, language, urgency))
        for letter in text:
            if letter == "~":
                raise SynthesisError("cannot say this")
            yield np.full(int(100 / speed), ord(letter), np.int16)

    @property
    def said(self) -> list[str]:
        return [text for text, *_ in self.asked]


@pytest.fixture
def beeper() -> Beeper:
    return Beeper()


@pytest.fixture
def cache(tmp_path: pathlib.Path) -> SoundCache:
    return SoundCache(tmp_path, memory_mb=10, disk_mb=10)


def voice_of(beeper: Any, cache: Optional[SoundCache]) -> CachedVoice:
    return CachedVoice(beeper, cache)


def test_a_sentence_is_made_once_in_whatever_reply_it_comes(beeper: Beeper, cache: SoundCache) -> None:
    voice = voice_of(beeper, cache)
    first = join_chunks(voice.stream("Good evening. We are closed."))
    assert beeper.said == ["Good evening.", "We are closed."]
    np.testing.assert_array_equal(join_chunks(voice.stream("Good evening. We are closed.")), first)
    join_chunks(voice.stream("We are **closed**. Sorry."))
    assert beeper.said == ["Good evening.", "We are closed.", "Sorry."]


def test_a_kept_sound_comes_in_pieces_of_at_most_half_a_second(beeper: Beeper, cache: SoundCache) -> None:
    voice = voice_of(beeper, cache)
    text = "A rather long sentence that lasts for more than one half of a second."
    made = list(voice.stream(text))
    kept = list(voice.stream(text))
    np.testing.assert_array_equal(np.concatenate(kept), np.concatenate(made))
    assert max(map(len, kept)) == 4000
    assert len(kept) > 1


def test_who_gives_up_early_leaves_nothing_behind(beeper: Beeper, cache: SoundCache) -> None:
    voice = voice_of(beeper, cache)
    stream = voice.stream("One sentence. Another one.")
    while len(beeper.asked) < 2:
        next(stream)
    stream.close()
    join_chunks(voice.stream("One sentence. Another one."))
    assert beeper.said == ["One sentence.", "Another one.", "Another one."]


def test_a_failure_is_not_kept(beeper: Beeper, cache: SoundCache, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = voice_of(beeper, cache)

    def broken(text: str, **_: Any) -> Iterator[np.ndarray]:
        yield np.ones(10, np.int16)
        raise SynthesisError("it broke")

    with monkeypatch.context() as patch:
        patch.setattr(beeper, "stream", broken)
        with pytest.raises(SynthesisError, match="it broke"):
            list(voice.stream("Hello."))
    assert len(join_chunks(voice.stream("Hello."))) == 600


def test_speed_language_and_voice_are_told_apart(cache: SoundCache) -> None:
    one, other = Beeper(), Beeper("another")
    for voice in (voice_of(one, cache), voice_of(other, cache)):
        for options in ({}, {"speed": 2.0}, {"language": "de"}, {}):
            join_chunks(voice.stream("Na.", **options))
    assert [asked[1:3] for asked in one.asked] == [(1.0, "en"), (2.0, "en"), (1.0, "de")]
    assert len(other.asked) == 3


def test_pace_and_pauses_of_the_mark_up_are_heard(beeper: Beeper, cache: SoundCache) -> None:
    voice = voice_of(beeper, cache)
    text = 'Hi. <break time="500ms"/> <prosody rate="50%">Slow.</prosody>'
    for _ in range(2):
        sound = join_chunks(voice.stream(text, speed=2.0))
        assert len(sound) == 3 * 50 + 4000 + 5 * 100
    assert beeper.asked == [("Hi.", 2.0, "en", "first"), ("Slow.", 1.0, "en", "more")]


@pytest.mark.parametrize("identity", ["", "beeper"])
def test_without_an_identity_or_a_cache_nothing_is_kept(cache: SoundCache, identity: str) -> None:
    beeper = Beeper(identity)
    voice = voice_of(beeper, None if identity else cache)
    for _ in range(2):
        join_chunks(voice.stream("Hello."))
    assert voice.prepare("Hello.") == 0
    assert beeper.said == ["Hello.", "Hello."]


def test_what_is_prepared_is_asked_for_at_leisure_and_only_once(beeper: Beeper, cache: SoundCache) -> None:
    voice = voice_of(beeper, cache)
    assert voice.prepare("Welcome. <break/> What would you like?") == 2
    assert voice.prepare("What would you like?") == 0
    assert {urgency for *_, urgency in beeper.asked} == {"idle"}
    assert join_chunks(voice.stream("What would you like?")).any()
    assert len(beeper.asked) == 2


def test_nothing_to_say_asks_for_nothing(beeper: Beeper, cache: SoundCache) -> None:
    voice = voice_of(beeper, cache)
    for text in ("", "🙂", "<break time='1s'/>", "***"):
        assert list(voice.stream(text)) == []
        assert voice.prepare(text) == 0
    assert beeper.asked == []


def test_what_is_in_memory_comes_without_waiting(beeper: Beeper, cache: SoundCache, tmp_path: pathlib.Path) -> None:
    voice = voice_of(beeper, cache)
    text = "One. <break time='1s'/> Two."
    assert voice.in_memory(text) is None
    streamed = list(voice.stream(text))
    assert voice.in_memory(text, speed=2.0) is None
    for kept, chunk in zip(voice.in_memory(text) or [], list(voice.stream(text)), strict=True):
        np.testing.assert_array_equal(kept, chunk)
    np.testing.assert_array_equal(join_chunks(voice.in_memory(text) or []), join_chunks(streamed))
    assert voice.in_memory("One. Three.") is None
    assert voice.in_memory("🙂") == []
    restarted = voice_of(beeper, SoundCache(tmp_path, memory_mb=10, disk_mb=10))
    assert restarted.in_memory(text) is None  # it is on disk
    assert restarted.prepare(text) == 0
    assert restarted.in_memory(text)
    assert voice_of(beeper, None).in_memory(text) is None
    assert len(beeper.asked) == 2


def test_a_voice_that_is_not_loaded_has_nothing_in_memory(
    beeper: Beeper, cache: SoundCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = voice_of(beeper, cache)
    join_chunks(voice.stream("One."))
    monkeypatch.setattr(beeper, "ready", lambda: False)
    assert voice.in_memory("One.") is None
