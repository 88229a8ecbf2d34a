"""Written German, Spanish, French, Italian, Portuguese and Dutch in words, and the numbers of other languages."""

from __future__ import annotations

import csv
import importlib
import pathlib

import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.tts import normalise
from convai_rasa.tts.text.others import language_of, languages_known

pytestmark = pytest.mark.needs("num2words")

with (pathlib.Path(__file__).parent / "cases" / "other_languages.tsv").open(encoding="utf-8", newline="") as _file:
    CASES = list(csv.reader(_file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}: {case[1]}")
def test_written_text_is_read_in_its_language(case: list[str]) -> None:
    language, written, alternatives = case
    spoken = normalise(written, language)
    assert spoken in alternatives.split("|")
    assert normalise(spoken, language) == spoken


def test_no_language_of_num2words_fails_at_a_number_or_a_price() -> None:
    languages = [code for code in importlib.import_module("num2words").CONVERTER_CLASSES if "_" not in code]
    assert {"am", "cs", "kn", "ro", "vi"} < set(languages)
    for language in languages:
        for written in (
            "-5",
            "12,5",
            "1.234.567",
            "123.456.789.012.345",
            "10:30",
            "+49 30 1234567",
            "€ 5,20",
            "$3",
            "€9.876.543.210",
        ):
            assert normalise(written, language), (language, written)


@pytest.mark.parametrize(("language", "written"), [("hi", "नमस्ते दुनिया"), ("bn", "পাঁচ"), ("th", "ห้า"), ("ar", "مرحبًا")])
def test_vowels_and_tones_beside_their_letters_stay(language: str, written: str) -> None:
    assert normalise(f"{written} 👍\ufe0f", language) == written


@pytest.mark.parametrize(("language", "spoken"), [("cs", "mínus pět"), ("pl", "minus pięć"), ("tr", "eksi beş")])
def test_what_is_below_zero_says_so(language: str, spoken: str) -> None:
    assert normalise("-5", language) == spoken


@pytest.mark.parametrize("language", sorted(languages_known()))
def test_a_language_has_all_that_is_needed(language: str) -> None:
    known = language_of(language)
    assert known
    assert len(known.months) == 12
    assert len(set(known.days.values())) == 7
    assert len(known.letters.split()) == 26
    assert {"%", "&", "+", "=", "@", "°", "×"} <= set(known.signs)


_PIECES = (
    "z.B.|Dr.|5|12|2026|1/2|19:30|19h30|€|$|%|-|–|.|,|:|/|#|@|&|+|=|<|>|×|km|°C|IV|A|Mo-Fr|1.000|0,5|½|²|1er|3º|n°|é|ł"
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(_PIECES.split("|")), st.sampled_from(["", " "])), max_size=10).map(
        lambda pieces: "".join(piece + space for piece, space in pieces)
    ),
    st.sampled_from([*sorted(languages_known()), "sv", "ru", "tr"]),
)
def test_whatever_is_written_becomes_words(text: str, language: str) -> None:
    spoken = normalise(text, language)
    assert not any(character.isdecimal() for character in spoken)
    assert not set(spoken) & set("$€£%@#&+=<>×/\\|*_^~")


def test_a_language_without_words_for_numbers_leaves_them_to_the_voice() -> None:
    assert normalise("**5** things", "xx") == "5 things"
