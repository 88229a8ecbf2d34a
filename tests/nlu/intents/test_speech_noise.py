from __future__ import annotations

import random

import numpy as np
import pytest

from convai_rasa.nlu.intents.speech_noise import add_speech_noise, as_recognised, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("No, never mind.", "no never mind"),
        ("I'd like 2 lattes!", "i'd like two lattes"),
        ("It’s the 'special' menu", "it's the special menu"),
        ("book for 7:30pm on the 23rd", "book for seven thirty pm on the twenty third"),
        ("that's $12.50, or 1,000 yen", "that's twelve point five dollars or one thousand yen"),
        ("call 555123", "call five five five one two three"),
        ("10% off & more", "ten percent off and more"),
        ("don't_know", "don't know"),
        ("東京へ 😀", "東京へ"),
        ("?!", ""),
    ],
)
def test_plain_words(text: str, words: str) -> None:
    assert plain_words(text).replace("-", " ") == words


def test_words_are_confused_with_their_sound_alikes_and_function_words_dropped() -> None:
    chance = random.Random(0)
    heard = {as_recognised("I want to know the hour", chance) for _ in range(200)}
    words = {word for text in heard for word in text.split()}
    assert {"too", "two", "no", "our"} <= words
    assert any("the" not in text.split() for text in heard)
    assert words <= {"i", "want", "won't", "to", "too", "two", "know", "no", "the", "hour", "our"}


def test_something_is_always_left() -> None:
    assert all(as_recognised("to the", random.Random(seed)) for seed in range(200))


def test_so_many_examples_get_a_copy_of_their_class_and_the_rest_stays() -> None:
    texts = [f"Brew coffee {chr(97 + number // 26)}{chr(97 + number % 26)}q!" for number in range(100)]
    classes = np.arange(100)
    noisy, numbers = add_speech_noise(texts, classes, share=0.3, seed=1)
    assert noisy[:100] == texts
    assert len(noisy) == len(numbers) == 130
    assert all(text.startswith("brew coffee") and "!" not in text for text in noisy[100:])
    assert (numbers[:100] == classes).all()
    again = add_speech_noise(texts, classes, share=0.3, seed=1)
    assert again[0] == noisy
    assert add_speech_noise(texts, classes, share=0.3, seed=2)[0] != noisy
    assert [plain_words(texts[number]) for number in numbers[100:130]] == noisy[100:]


def test_a_copy_that_comes_out_unchanged_or_empty_is_left_out() -> None:
    texts, classes = add_speech_noise(["brew coffee", "?!"], np.array([0, 1]), share=1.0, seed=0)
    assert texts == ["brew coffee", "?!"]
    assert classes.tolist() == [0, 1]
