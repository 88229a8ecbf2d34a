from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterator

import numpy as np
import pytest

from convai_rasa.errors import ConfigurationError, ModelNotFound, SynthesisError
from convai_rasa.tts import SharedVoice, load_synthesizer

pytestmark = pytest.mark.slow

LETTER = 400  # samples a letter, as the tiny voice speaks

Make = Callable[..., SharedVoice]


def test_it_speaks_as_the_engine_itself(shared: Make, tiny_voice: str) -> None:
    one = shared()
    engine = load_synthesizer(tiny_voice)
    np.testing.assert_array_equal(one.synthesize("hello there"), engine.synthesize("hello there"))
    assert len(one.synthesize("hello", speed=2.0)) == 5 * LETTER / 2
    assert (one.sample_rate, one.capabilities) == (engine.sample_rate, engine.capabilities)
    assert one.ready()


def test_start_does_not_wait(shared: Make) -> None:
    one = shared(load_s=0.3)
    one.start()
    one.start()
    assert not one.ready()
    with pytest.raises(SynthesisError, match=r"not loaded within 0\.01 seconds; check the machine's load"):
        one.wait_ready(0.01)
    one.wait_ready(30)
    assert one.ready()


def test_whoever_asks_starts_it(shared: Make) -> None:
    assert shared().sample_rate == 8000
    assert len(shared(load_s=0.1).synthesize("ok")) == 2 * LETTER


def test_what_the_engine_cannot_load_is_said_in_its_own_words_to_everybody_who_asks(shared: Make) -> None:
    wrong = shared(model="wrong")
    for ask in (wrong.wait_ready, lambda: wrong.capabilities, lambda: wrong.synthesize("hello")):
        with pytest.raises(ConfigurationError, match=r"^There is no tiny model 'wrong'; use 'tiny'\.$"):
            ask()
    assert not wrong.ready()
    with pytest.raises(SynthesisError, match=r"could not be loaded .*the file is broken"):
        shared(model="broken").wait_ready(30)
    with pytest.raises(ConfigurationError, match="did you mean 'load_s'"):
        shared(load_z=1).wait_ready(30)


def test_an_unknown_engine_or_a_missing_model_is_our_own_error(tmp_path, monkeypatch) -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'coqui'"):
        SharedVoice("coki").wait_ready(30)
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # the models of this checkout are above
    with pytest.raises(ModelNotFound, match="tts/vits-joe"):
        SharedVoice("coqui", "tts/vits-joe").wait_ready(60)


@pytest.mark.parametrize("text", ["refuse", "please fail now", "some garbage"])
@pytest.mark.parametrize("urgency", ["first", "idle"])
def test_a_text_that_fails_does_not_harm_the_next(shared: Make, text: str, urgency: str) -> None:
    one = shared()
    for _ in range(5):
        with pytest.raises(SynthesisError, match=r"^The voice failed \(\w+Error: .+\)\.$"):
            list(one.stream(text, urgency=urgency))
    assert len(one.synthesize("ok")) == 2 * LETTER


def test_a_text_in_which_the_engine_hangs_is_given_up_and_others_are_spoken(
    shared: Make, hangs_no_more: threading.Event
) -> None:
    one = shared(stall_timeout_s=0.1)
    chunks = one.stream("a hang b")
    assert len(next(chunks)) == LETTER
    with ThreadPoolExecutor() as callers:
        behind = [callers.submit(one.synthesize, "ok") for _ in range(3)]
        with pytest.raises(SynthesisError, match=r"silent for 0\.1 seconds"):
            next(chunks)
        assert [len(future.result(30)) for future in behind] == [2 * LETTER] * 3
    assert next(chunks, None) is None
    hangs_no_more.set()
    assert len(one.synthesize("a hang b")) == 6 * LETTER


def finishing_order(one: SharedVoice, first: Iterator[np.ndarray], text: str) -> list[str]:
    """Speak a text while another thread listens to the rest of the first; return who was done when."""
    done: list[str] = []

    def listen() -> None:
        for _ in first:
            pass
        done.append("first")

    thread = threading.Thread(target=listen)
    thread.start()
    one.synthesize(text)
    done.append(text)
    thread.join(60)
    return done


def test_a_short_text_does_not_wait_for_a_long_one(shared: Make) -> None:
    one = shared(seconds_per_word=0.01)
    long = one.stream("a " * 60)
    next(long)
    assert finishing_order(one, long, "a b c") == ["a b c", "first"]


def test_giving_up_early_frees_the_voice(shared: Make) -> None:
    one = shared(seconds_per_word=0.02)
    given_up = one.stream("a " * 10_000)
    next(given_up)
    given_up.close()
    assert len(one.synthesize("ok")) == 2 * LETTER
    assert next(given_up, None) is None


def test_nothing_is_spoken_ahead_of_who_takes_it(shared: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = shared()
    engine = one._loaded()
    made: list[str] = []

    def speaks(text: str, **_: object) -> Iterator[np.ndarray]:
        for letter in text:
            made.append(letter)
            yield np.ones(LETTER, np.int16)

    monkeypatch.setattr(engine, "stream", speaks)
    slow = one.stream("abcdef")
    next(slow)
    next(slow)
    one.synthesize("x")
    assert made == ["a", "b", "x"]


def test_closing_ends_what_is_spoken_and_frees_the_model(shared: Make) -> None:
    one = shared(seconds_per_word=0.02)
    waiting = one.stream("a " * 100)
    next(waiting)
    engine = one._loaded()
    before = threading.active_count()
    one.close()
    assert threading.active_count() == before - 2
    assert engine.is_closed
    assert not one.ready()
    for ask in (lambda: next(waiting), one.wait_ready, lambda: one.synthesize("ok")):
        with pytest.raises(SynthesisError, match="closed"):
            ask()
    one.close()


def test_closing_does_not_wait_for_ever_for_an_engine_that_hangs(
    shared: Make, hangs_no_more: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convai_rasa.tts.scheduler.CLOSE_TIMEOUT_S", 0.05)
    one = shared()
    engine = one._loaded()
    failed: list[BaseException] = []

    def speak() -> None:
        try:
            one.synthesize("hang")
        except SynthesisError as error:
            failed.append(error)

    thread = threading.Thread(target=speak)
    thread.start()
    while one._scheduler._live.in_work is None:
        threading.Event().wait(0.005)
    one.close()
    thread.join(30)
    assert "closed" in str(failed[0])
    assert not engine.is_closed  # something still uses it


def test_a_voice_that_is_closed_while_it_loads_is_freed_when_it_is_loaded(
    shared: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    monkeypatch.setattr(
        "convai_rasa.tts.shared_voice.load_synthesizer",
        lambda *names, **options: loaded.append(load_synthesizer(*names, **options)) or loaded[0],
    )
    one = shared(load_s=0.2)
    one.start()
    with ThreadPoolExecutor() as callers:
        waiting = callers.submit(one.wait_ready)
        one.close()
        with pytest.raises(SynthesisError, match="closed"):
            waiting.result(30)
    assert loaded[0].is_closed
    never_started = shared()
    never_started.close()
    with pytest.raises(SynthesisError, match="closed"):
        never_started.wait_ready()
