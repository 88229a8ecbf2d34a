"""Numbers said digit by digit."""

from __future__ import annotations

import numpy as np
import pytest

from convai_rasa.asr.digit_strings import is_number_in_digits, runs_away, says_other_than_figures
from convai_rasa.asr.recognizer import Recognizer
from convai_rasa.audio import pcm16_to_float, resample
from convai_rasa.tts import SharedVoice


@pytest.mark.parametrize(
    ("text", "language", "is_one"),
    [
        ("5 5 5, 0123.", "en", True),
        ("Five double oh one.", "en", True),
        ("My number is 0 7 7 7 5 5 5 0 1 2", "en", True),
        ("null eins sieben drei", "de", True),
        ("cero uno dos tres", "es", True),
        ("0 1 7 3", "xx", True),
        ("null eins sieben drei", "xx", False),
        ("A table for two at seven thirty.", "en", False),
        ("One, two, three.", "en", False),
        ("", "en", False),
    ],
)
def test_it_is_told_by_its_words(text: str, language: str, is_one: bool) -> None:
    assert is_number_in_digits(text, language) is is_one


@pytest.mark.parametrize(
    ("text", "speech_s", "has_run_away"),
    [
        ("5 5 5 0 1 2 3 4 5 6", 4.0, False),
        ("5 5 5 0 1 2 3 4 5 6", 1.0, True),  # nobody is so fast
        ("5 5 5 0 1 2 3 4 5 6 5 5 0 1 2 3 4 5 6 5 0 1 2 3 4", 9.0, True),
        ("0 2 7 5 0 7 1 0 2 7 5 0 7 1 1 0 2 7 5", 9.0, True),  # its copies vary
        ("0 0 0 0 0 0", 3.0, False),
        ("I'd like a latte.", 0.2, False),
    ],
)
def test_more_than_can_have_been_said_has_run_away(text: str, speech_s: float, has_run_away: bool) -> None:
    assert runs_away(text, "en", speech_s) is has_run_away


@pytest.mark.parametrize(
    ("text", "log_probability", "other"),
    [
        ("I don't know it by heart.", -0.04, True),
        ("For two people at eight.", -0.08, True),
        ("I don't know it by heart.", -0.6, False),  # doubtful
        ("Six.", -0.2, False),
        ("Nice.", -0.2, False),  # one word is soon misheard
        ("My number is 0 7 7 7 5 5 5 0 1 2", -0.1, False),
    ],
)
def test_an_answer_without_a_number_is_one(text: str, log_probability: float, other: bool) -> None:
    assert says_other_than_figures(text, log_probability, "en") is other


@pytest.mark.models
def test_a_number_is_heard_whatever_sentences_the_prompt_has(voice: SharedVoice, recognizer: Recognizer) -> None:
    said = ["five", "five", "five", "zero", "one", "two", "three", "four", "five", "six"]
    digits = {word: pcm16_to_float(voice.synthesize(word)) for word in set(said)}
    gap = np.zeros(voice.sample_rate // 10, np.float32)
    sound = resample(np.concatenate([part for word in said for part in (digits[word], gap)]), voice.sample_rate, 16_000)
    prompt = (
        "A table for two tomorrow at eight. Do you have parking? I'd like to book a table. What desserts do you have?"
    )
    heard = recognizer.transcribe(sound, language="en", prompt=prompt)
    figures = {word: figure for figure, word in enumerate(("zero", "one", "two", "three", "four", "five", "six"))}
    words = heard.text.lower().replace(",", " ").replace(".", " ").replace("-", " ").split()
    assert "".join(str(figures.get(word, word)) for word in words) == "5550123456"
