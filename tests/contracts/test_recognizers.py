"""What every recogniser must do; a new engine is added to the list."""

from __future__ import annotations

import concurrent.futures
import contextlib
from typing import Callable, Iterator

import numpy as np
import pytest
from openai_server import openai_server

from convai_rasa.asr import Recognizer, Request, load_recognizer
from convai_rasa.asr.remote.openai_recognizer import OpenAiRecognizer
from convai_rasa.asr.remote.remote_recognizer import RefusedRecognition
from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.errors import AudioError, ConfigurationError, RecognitionError
from convai_rasa.tts import TTSSynthesizer

RECOGNIZERS: dict[str, Callable[[], Recognizer]] = {
    "whisper tiny.en": lambda: load_recognizer("whisper", "whisper/tiny.en", threads=1),
    "whisper base": lambda: load_recognizer("whisper", "whisper/base", threads=1),
    "whisper tiny.en behind OpenAI's API": lambda: BehindApi("whisper/tiny.en"),
}
SENTENCES = ["I would like to book a table.", "What is on the menu today?", "Thank you very much."]


class BehindApi(OpenAiRecognizer):
    """With the server around it."""

    def __init__(self, model: str) -> None:
        self._around = contextlib.ExitStack()
        server = self._around.enter_context(openai_server(asr=model))
        super().__init__(base_url=server.base_url, timeout_s=60)

    def close(self) -> None:
        super().close()
        self._around.close()


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.models) for name in RECOGNIZERS])
def recognizer(request: pytest.FixtureRequest) -> Iterator[Recognizer]:
    engine = RECOGNIZERS[request.param]()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def spoken() -> dict[str, np.ndarray]:
    voice = TTSSynthesizer("tts/vits-joe")
    return {
        text: resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, SAMPLE_RATE) for text in SENTENCES
    }


def wrong_language(recognizer: Recognizer) -> type[Exception]:
    """An engine that does not tell which languages it knows finds out by asking."""
    return ConfigurationError if recognizer.capabilities.languages else RefusedRecognition


def sounds_without_speech() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    time = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
    return {
        "nothing": np.zeros(0, np.float32),
        "a moment": np.zeros(100, np.float32),
        "silence": np.zeros(5 * SAMPLE_RATE, np.float32),
        "faint noise": random.standard_normal(len(time)).astype(np.float32) * 0.003,
        "noise": random.standard_normal(len(time)).astype(np.float32) * 0.1,
        "hum": (0.2 * np.sin(2 * np.pi * 50 * time) + 0.05 * np.sin(2 * np.pi * 150 * time)).astype(np.float32),
        "beep": (0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32),
        "clicks": ((random.random(len(time)) < 5e-4) * 0.8).astype(np.float32),
    }


def test_words_are_heard(recognizer: Recognizer, spoken: dict[str, np.ndarray]) -> None:
    assert isinstance(recognizer, Recognizer)
    assert "en" in (recognizer.capabilities.languages or ["en"])  # none: it does not tell
    for text, samples in spoken.items():
        heard = recognizer.transcribe(samples, language="en")
        assert heard.text == text
        assert 0.5 < heard.confidence <= 1.0
        assert heard.language == "en"
        assert heard.duration_s == pytest.approx(len(samples) / SAMPLE_RATE)
        assert 0.0 <= heard.no_speech_probability < 0.5


def test_silence_and_noise_give_no_words(recognizer: Recognizer) -> None:
    for prompt in (None, "I want a large latte with oat milk. Can I have an espresso?"):
        for name, samples in sounds_without_speech().items():
            heard = recognizer.transcribe(samples, prompt=prompt)
            assert (heard.text, heard.confidence) == ("", 0.0), name


def test_nothing_of_a_long_recording_is_lost(recognizer: Recognizer) -> None:
    names = ["London", "Paris", "Berlin", "Madrid", "Rome", "Vienna", "Moscow", "Tokyo", "Boston", "Chicago"]
    voice = TTSSynthesizer("tts/vits-joe")
    sound = [
        resample(
            pcm16_to_float(voice.synthesize(f"Friend number {number} lives in the city of {name}.")),
            voice.sample_rate,
            SAMPLE_RATE,
        )
        for number, name in enumerate(names, 1)
    ]
    pause = np.zeros(6 * SAMPLE_RATE, np.float32)
    recording = np.concatenate([pause, *sound[:8], pause, *sound[8:], pause])
    assert len(recording) > 35 * SAMPLE_RATE
    heard = recognizer.transcribe(recording, language="en").text
    assert [name for name in names if name in heard] == names
    assert all(heard.count(name) == 1 for name in names)


def test_threads_may_share_it(recognizer: Recognizer, spoken: dict[str, np.ndarray]) -> None:
    jobs = list(spoken) * 3
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda text: recognizer.transcribe(spoken[text], language="en").text, jobs))
    assert heard == jobs


def test_together_they_are_heard_as_alone(recognizer: Recognizer, spoken: dict[str, np.ndarray]) -> None:
    if recognizer.capabilities.together == 1:
        pytest.skip("this engine takes one at a time")
    prompts = [None, "Can I have a table?", "Is there a menu for today? I would like to book a table for two."]
    requests = [
        *(Request(samples, "en", prompt) for samples, prompt in zip(spoken.values(), prompts, strict=True)),
        Request(np.zeros(SAMPLE_RATE, np.float32), "en"),
    ]
    heard = recognizer.transcribe_together(requests)  # type: ignore[attr-defined]  # as its capabilities say
    assert [one.text for one in heard] == [*spoken, ""]


def test_what_nobody_wants_is_given_up_and_a_wrong_request_harms_nobody(
    recognizer: Recognizer, spoken: dict[str, np.ndarray]
) -> None:
    if recognizer.capabilities.together == 1:
        pytest.skip("this engine takes one at a time")
    text, samples = next(iter(spoken.items()))
    heard = recognizer.transcribe_together(  # type: ignore[attr-defined]  # as its capabilities say
        [Request(samples, "en"), Request(samples.astype(np.int16)), Request(samples, "klingon")]
    )
    assert heard[0].text == text
    assert [type(one) for one in heard[1:]] == [AudioError, wrong_language(recognizer)]
    unwanted = Request(samples, "en", wanted=lambda: False)
    assert recognizer.transcribe_together([unwanted]) == [None]  # type: ignore[attr-defined]  # likewise


def test_a_very_long_prompt_does_no_harm(recognizer: Recognizer, spoken: dict[str, np.ndarray]) -> None:
    prompt = " ".join(f"Table {number} is free." for number in range(500))
    text, samples = next(iter(spoken.items()))
    assert recognizer.transcribe(samples, language="en", prompt=prompt).text == text


def test_wrong_input_is_refused_and_the_next_caller_served(
    recognizer: Recognizer, spoken: dict[str, np.ndarray]
) -> None:
    text, samples = next(iter(spoken.items()))
    with pytest.raises(AudioError):
        recognizer.transcribe(np.zeros(16000, np.int16))
    with pytest.raises(AudioError):
        recognizer.transcribe(np.zeros((2, 16000), np.float32))
    with pytest.raises(AudioError):
        recognizer.transcribe(np.full(16000, np.nan, np.float32))
    with pytest.raises(wrong_language(recognizer), match="does not know the language 'klingon'"):
        recognizer.transcribe(samples, language="klingon")
    assert recognizer.transcribe(samples).text == text


@pytest.mark.models
def test_an_english_model_says_that_it_knows_english_only() -> None:
    with pytest.raises(ConfigurationError, match="understands English only"):
        load_recognizer(model="whisper/tiny.en", language="de")


@pytest.mark.models
def test_a_closed_recognizer_says_so() -> None:
    recognizer = load_recognizer(model="whisper/tiny.en", vad_threshold=0.0)
    recognizer.close()
    with pytest.raises(RecognitionError, match="closed"):
        recognizer.transcribe(np.ones(16000, np.float32) * 0.1)
