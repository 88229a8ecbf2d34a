"""The sound says what the text says: letters, initials, and words with letters that English does not have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.tts import normalise
from convai_rasa.tts.text.letters import apart, in_letters_of, letter_names, named, without_accents
from convai_rasa.tts.text.phonemes import phonemes

pytestmark = [pytest.mark.needs("gruut"), pytest.mark.slow]

A_LETTER, AN_ARTICLE = "ˈeɪ", "ɐ"


@pytest.mark.parametrize(
    "sentence",
    [
        "nine A M",
        "gate A five",
        "Plan A.",
        "B A two",
        "A K A",
        "Press A or B.",
        "Q and A",
        "A, soup",
        "code: A four two",
        "A to Z",
    ],
)
def test_the_letter_a_has_its_name(sentence: str) -> None:
    assert A_LETTER in phonemes(sentence, "en-us").replace(",", "").replace(".", "").split()
    assert "eɪ" in phonemes(sentence, "en-us", as_espeak=False).replace(",", "").replace(".", "").split()


@pytest.mark.parametrize(
    "sentence",
    [
        "A nice day",
        "in a day",
        "A five minute wait",
        "Get A Table Now",
        "GET A TABLE",
        "Yes. A table is free.",
        "It's A Match",
    ],
)
def test_the_article_keeps_its_sound(sentence: str) -> None:
    words = phonemes(sentence, "en-us").replace(".", "").split()
    assert AN_ARTICLE in words
    assert A_LETTER not in words


@pytest.mark.parametrize(
    ("initials", "letters"), [("FAQ", "F A Q"), ("USA", "U S A"), ("YMCA", "Y M C A"), ("HTML", "H T M L")]
)
def test_initials_sound_like_their_letters(initials: str, letters: str) -> None:
    assert phonemes(f"the {initials} here", "en-us") == phonemes(f"the {letters} here", "en-us")


@pytest.mark.parametrize(
    ("written", "sounds_like"),
    [
        ("naïve", "naive"),
        ("café", "cafe"),
        ("crème", "crem"),
        ("brûlée", "brulay"),
        ("José", "Jose"),
        ("Łukasz", "Lukasz"),
        ("Zürich", "Zurich"),
        ("fiancée", "fiancee"),
        ("Ibrahimović", "Ibrahimovich"),
    ],
)
@pytest.mark.parametrize("as_espeak", [True, False])
def test_accented_letters_are_heard(written: str, sounds_like: str, as_espeak: bool) -> None:
    said = phonemes(f"the {written} here", "en-us", as_espeak=as_espeak)
    assert said == phonemes(f"the {sounds_like} here", "en-us", as_espeak=as_espeak)
    assert len(said.split()) == 3


def test_titles_are_pronounced() -> None:
    assert phonemes("Miz Green", "en-us").startswith("mˈɪz ")


@pytest.mark.parametrize("sentence", ["ü", "ß", "Ångström", "tête-à-tête", "Dvořák"])
def test_no_word_is_silent(sentence: str) -> None:
    assert phonemes(sentence, "en-us")


def test_a_word_of_the_lexicon_keeps_its_letters() -> None:
    lexicon = {"naïve": "na", "Straße": "ʃt"}
    assert in_letters_of("naïve Straße", "en", lambda word: lexicon.get(word, "")) == "naïve Straße"
    assert in_letters_of("naïve Łódź", "de", lambda word: "") == "naive Lodz"
    assert in_letters_of("Straße über", "de", lambda word: "") == "Straße über"
    assert in_letters_of("señor Müller", "es", lambda word: "") == "señor Müller"
    assert in_letters_of("имя", "ru", lambda word: "") == "имя"


def test_letters_are_named_in_every_language_that_has_names_for_them() -> None:
    assert named("Gate B, Plan A", "en", letter_names("en")) == "Gate bee, Plan ay"
    assert named("I am A.", "en", letter_names("en")) == "I am ay."
    assert named("Gate W", "es", letter_names("es")) == "Gate uve doble"
    assert named("Tor B", "de", letter_names("de")) == "Tor beh"
    assert letter_names("xx") == {}


def test_initials_that_are_words_stay() -> None:
    assert apart("the NASA and the BBC", lambda word: word == "NASA") == "the NASA and the B B C"
    assert apart("READ THE BBC", lambda word: False) == "READ THE BBC"


def test_accents_go_where_a_voice_has_no_such_letter() -> None:
    assert without_accents("Crème brûlée, Łukasz, Ærø, Straße") == "Creme brulee, Lukasz, Aero, Strasse"


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=40), st.booleans())
def test_no_text_is_refused(text: str, as_espeak: bool) -> None:
    phonemes(normalise(text), "en-us", as_espeak=as_espeak)
