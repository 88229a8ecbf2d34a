"""How words are said."""

from __future__ import annotations

import importlib.util

import pytest
from num2words import CONVERTER_CLASSES

from convai_rasa.nlu.vocabulary import pronunciation
from convai_rasa.nlu.vocabulary.pronunciation import sounds_of, spoken_form

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


@pytest.mark.parametrize("number", ["0", "21", "1999", "999999"])
def test_no_language_of_num2words_fails_at_a_number(number: str) -> None:
    for language in CONVERTER_CLASSES:
        assert spoken_form(number, language), language


def test_what_sounds_alike_is_alike() -> None:
    assert sounds_of("light", "en") == sounds_of("lite", "en") == ("l", "aɪ", "t")
    assert sounds_of("milch", "de") != sounds_of("milch", "en")


def test_a_word_in_other_letters_is_its_letters() -> None:
    assert sounds_of("да milk", "en") == ("д", "а", "m", "ɪ", "l", "k")


@pytest.fixture
def without_gruut(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name.startswith("gruut") else real(name))
    # these remember that it is there
    monkeypatch.setattr(pronunciation, "_gruut", pronunciation._gruut.__wrapped__)
    monkeypatch.setattr(pronunciation, "_sounds_of_word", pronunciation._sounds_of_word.__wrapped__)


def test_without_gruut_letters_stand_for_sounds(without_gruut: None) -> None:
    assert sounds_of("light", "en") == tuple("light")
