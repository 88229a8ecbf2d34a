"""How words are said."""

from __future__ import annotations

import importlib.util

import pytest

from convai_rasa.nlu.vocabulary import pronunciation
from convai_rasa.nlu.vocabulary.pronunciation import Pronunciation, spoken_form

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Twenty-ounce", "en", "twenty ounce"),
        ("20oz.", "en", "twenty oz"),
        ("22", "de", "zweiundzwanzig"),
        ("007", "en", "007"),
        ("5551234567", "en", "5551234567"),
        ("7", "xx", "7"),
        ("Café  Crème!", "fr", "cafe creme"),
        ("😀 …", "en", ""),
    ],
)
def test_numbers_are_words_and_signs_are_none(text: str, language: str, said: str) -> None:
    assert spoken_form(text, language) == said


def test_what_sounds_alike_is_alike() -> None:
    english = Pronunciation("en")
    assert english.sounds("light") == english.sounds("lite") == ("l", "aɪ", "t")
    assert Pronunciation("de").sounds("milch") != english.sounds("milch")


def test_a_word_in_other_letters_is_its_letters() -> None:
    assert Pronunciation("en").sounds("да milk") == ("д", "а", "m", "ɪ", "l", "k")


@pytest.fixture
def without_gruut(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name.startswith("gruut") else real(name))
    monkeypatch.setattr(pronunciation, "_gruut", pronunciation._gruut.__wrapped__)  # which remembers that it is there


def test_without_gruut_letters_stand_for_sounds(without_gruut: None) -> None:
    assert Pronunciation("en").sounds("light") == tuple("light")
