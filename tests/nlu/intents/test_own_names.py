from __future__ import annotations

from typing import Sequence

import numpy as np
import pytest

from convai_rasa.nlu.intents.own_names import name_as_words, speaking_names


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("card_arrival", "card arrival"),
        ("bookTable", "book table"),
        ("faq/ask-hours", "faq ask hours"),
        ("PIN_blocked?", "pin blocked"),
        ("größe_ändern", "größe ändern"),
        ("___", ""),
    ],
)
def test_a_name_as_words(name: str, words: str) -> None:
    assert name_as_words(name) == words


EXAMPLES = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [0.6, 0.8]])
CLASSES = np.array([0, 0, 1, 1])


@pytest.mark.parametrize(
    ("directions", "speaking"),
    [
        ({"one": [0.9, 0.436], "two": [0.436, 0.9]}, [0, 1]),
        ({"one": [0.0, 1.0], "two": [0.436, 0.9]}, [1]),  # the first is nearer to the other intent
        ({"one": [0.7, -0.714], "two": [-1.0, 0.0]}, []),  # nearest to their own, but farther than any example
    ],
)
def test_a_name_counts_when_it_is_as_near_as_an_example(
    directions: dict[str, list[float]], speaking: list[int]
) -> None:
    def encode(texts: Sequence[str]) -> np.ndarray:
        return np.array([directions[text] for text in texts])

    assert speaking_names(["one", "two"], EXAMPLES, CLASSES, encode) == speaking


def test_intents_without_examples_or_words_are_passed_over() -> None:
    def encode(texts: Sequence[str]) -> np.ndarray:
        assert texts == ["one"]
        return np.array([[0.9, 0.436]])

    assert speaking_names(["one", "__", "silent"], EXAMPLES, CLASSES, encode) == [0]
    assert speaking_names(["__", "-"], EXAMPLES, CLASSES, encode) == []
