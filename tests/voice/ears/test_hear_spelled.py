"""Hearing what people spell: each style of prompt is tried, and the surest value believed."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from convai_rasa.asr import Alternative, Expected, Recognizer, Request, Transcript, recognize_together
from convai_rasa.audio import SAMPLE_RATE, pcm16_to_float, resample
from convai_rasa.capture import prompts, read, words_of_alphabet
from convai_rasa.tts import SharedVoice
from convai_rasa.voice.bot import Expectation, Understanding
from convai_rasa.voice.ears.by_dialogue import silence_to_wait
from convai_rasa.voice.ears.ending import Pause
from convai_rasa.voice.ears.hear_spelled import recognise_spelled
from convai_rasa.voice.options import TurnOptions

SOUND = np.zeros(16_000, np.float32)
TURN = TurnOptions()


class Ears:
    """Hears what a prompt leads to."""

    def __init__(self, heard: dict[str | None, tuple[str, float]]) -> None:
        self._heard = heard
        self.asked: list[str | None] = []
        self.expected: list[Expected | None] = []

    async def recognise(
        self, samples: np.ndarray, *, prompt: str | None, expected: Expected | None = None, **_: Any
    ) -> Transcript:
        self.asked.append(prompt)
        self.expected.append(expected)
        key = "few words" if expected is not None and expected.only else prompt
        text, confidence = self._heard.get(key, ("", 0.0))
        return Transcript(text, confidence, "en", 1.0, 0.0, alternatives=(Alternative("Another.", -1.0),))


async def heard_by(ears: Ears, kind: str) -> str:
    heard = await recognise_spelled(ears, SOUND, kind, language="en", otherwise="A table for two.")  # type: ignore[arg-type]
    return heard.text


async def test_the_style_of_the_prompt_that_fits_is_believed() -> None:
    letters, words = prompts("name", "en")
    spelled = Ears({letters: ("K-O-W-A-L", 0.9), words: ("Kay, oh, wal.", 0.4)})
    assert await heard_by(spelled, "name") == "K-O-W-A-L"
    explained = Ears({letters: ("K-L-O-S-K-R-W-S-K", 0.8), words: ("K for Kilo, O for Oscar, W for Whiskey", 0.7)})
    assert await heard_by(explained, "name") == "K for Kilo, O for Oscar, W for Whiskey"


async def test_a_name_is_heard_as_always_too() -> None:
    letters, _ = prompts("name", "en")
    ears = Ears({letters: ("It's T-R-N.", 0.9), "A table for two.": ("It's Tran.", 0.6)})
    assert await heard_by(ears, "name") == "It's Tran."


async def test_whoever_says_something_else_is_heard_as_always() -> None:
    (digits,) = prompts("phone", "en")
    ears = Ears({digits: ("5 5 5", 0.0), "A table for two.": ("Why do you need that?", 0.9)})
    ears._heard[digits] = ("Why do you need bat?", 0.5)
    assert await heard_by(ears, "phone") == "Why do you need that?"
    assert ears.asked == [digits, "A table for two."]


async def test_the_recognizer_is_told_that_digits_were_asked_for() -> None:
    ears = Ears({prompts("phone", "en")[0]: ("555 012 3498", 0.9)})
    await heard_by(ears, "phone")
    assert ears.expected == [Expected(digits=True)]


async def test_a_spelling_in_words_is_heard_once_more_with_no_others_to_choose_from() -> None:
    _, words = prompts("name", "en")
    ears = Ears({words: ("Climac, Uniform, India", 0.8), "few words": ("Quebec, Uniform, India", 0.9)})
    assert await heard_by(ears, "name") == "Quebec, Uniform, India"
    assert [one.only for one in ears.expected if one is not None] == [words_of_alphabet("name", "en")]
    doubtful = Ears({words: ("Climac, Uniform, India, Alpha", 0.8), "few words": ("Quebec, Alpha", 0.3)})
    assert await heard_by(doubtful, "name") == "Climac, Uniform, India, Alpha"


async def test_the_bots_sentences_judge_no_reading_of_a_value() -> None:
    ears = Ears({prompts("number", "en")[0]: ("B-R-3-4-X", 0.9)})
    heard = await recognise_spelled(ears, SOUND, "number", language="en", otherwise=None)  # type: ignore[arg-type]
    assert (heard.text, heard.alternatives) == ("B-R-3-4-X", ())


@pytest.mark.models
@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        ("name", "No, Lima, Echo, Foxtrot, Echo, Bravo, Victor, Romeo, Echo", "Lefebvre"),  # "Lena", "Fox-Rot"
        ("phone", "five five five, zero one two, three four nine eight", "5550123498"),
        ("email", "Alpha, November, November, Alpha, dot, Kilo, 7, at gmail dot com", "anna.k7@gmail.com"),
    ],
)
async def test_what_is_spelled_aloud_is_heard(
    kind: str, said: str, value: str, voice: SharedVoice, recognizer: Recognizer
) -> None:
    class Engines:
        async def recognise(
            self, samples: np.ndarray, *, prompt: str | None, expected: Expected | None = None, **_: Any
        ) -> Transcript:
            request = Request(samples, "en", prompt, expected=expected)
            (heard,) = await asyncio.to_thread(recognize_together, recognizer, [request])
            assert isinstance(heard, Transcript)
            return heard

    spoken = await asyncio.to_thread(voice.synthesize, said)
    samples = resample(pcm16_to_float(spoken), voice.sample_rate, SAMPLE_RATE)
    heard = await recognise_spelled(Engines(), samples, kind, language="en", otherwise=None)  # type: ignore[arg-type]
    found = read(kind, heard.text)
    assert found is not None, heard.text
    assert found.value == value


@pytest.mark.parametrize(
    ("kind", "words", "wait_ms"),
    [
        ("email", "J-O-H-N at", TURN.spelling_ms),
        ("name", "why do you ask", (TURN.early_ms + TURN.end_ms) // 2),
        ("email", "john at gmail dot com", TURN.end_ms),
        ("phone", "555", TURN.spelling_ms),
        ("phone", "555 012 3498", TURN.end_ms),
        ("name", "K-O-W", TURN.late_ms),
        ("name", "um", TURN.late_ms),
    ],
)
def test_a_turn_waits_for_the_rest_of_a_value(kind: str, words: str, wait_ms: int) -> None:
    pause = Pause(words, "en", Understanding("inform", 0.9), Expectation("contact", spoken=kind))
    assert silence_to_wait(pause, TURN) == wait_ms


def test_the_same_words_end_a_turn_in_which_something_else_was_asked_for() -> None:
    assert silence_to_wait(Pause("K-O-W", "en", None, Expectation("guests")), TURN) < TURN.late_ms
