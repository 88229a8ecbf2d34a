"""A spelling in words that was heard twice: with all words to choose from, and with few."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from convai_rasa.capture import agreed, is_in_words, read, words_of_alphabet

SURE = 0.9


@dataclass
class Closed:
    """What was heard with few words to choose from."""

    text: str
    confidence: float


def value(kind: str, text: str, closed: str, confidence: float = SURE, language: str = "en") -> str | None:
    words = agreed(kind, text, Closed(closed, confidence), language)
    found = read(kind, words, language=language) if words is not None else None
    return found.value if found is not None else None


@pytest.mark.parametrize(
    ("text", "closed", "name"),
    [
        ("Sierra, India, Climac, Uniform, India", "Sierra, India, Quebec, Uniform, India", "Siqui"),
        ("No, Kilo, Echo, Lima, Lima, Echo, Romeo", "No, Kilo, Echo, Lima, Echo, Romeo", "Keller"),  # one left out
        ("Kilo, Echo, Lima, Echo, Romeo", "Kilo, Echo, Lima, Lima, Echo, Romeo", "Keller"),
        ("Delta, Echo, Mike, Romeo, Romeo", "Delta, Echo, Mike, Romeo", "Demr"),  # one invented
        ("Victor-E-C-O-L-M-Alpha-C-H-R-C-R", "Victor, Echo, Lima, Alpha, Sierra", "Velas"),
        ("Delta, Oscar, Oscar, Romeo", "Delta, Oscar, Oscar, Romeo", "Door"),
    ],
)
def test_few_words_tell_which_letters_they_are(text: str, closed: str, name: str) -> None:
    assert value("name", text, closed) == name


@pytest.mark.parametrize(
    ("text", "closed", "confidence"),
    [
        ("Kilo, Oscar, Whiskey", "Kilo, Oscar, Whiskey", 0.6),  # doubtful
        ("Kilo, Oscar, Whiskey", "Kilo, T, L, Oscar, Whiskey", SURE),  # made of pieces of words
        ("Kilo, Oscar, Whiskey, Alpha, Lima, Charlie", "Kilo, Oscar, Whiskey", SURE),  # half of it is lost
        ("Mike Oscar", "Mike, Oscar", SURE),  # who is called so
        ("Kilo, Oscar, Whiskey", "Kilo, Oscar, Whiskey, dash, at, at", SURE),  # no name
        ("", "", 0.0),
    ],
)
def test_a_hearing_with_few_words_may_be_no_help(text: str, closed: str, confidence: float) -> None:
    assert value("name", text, closed, confidence) is None


@pytest.mark.parametrize(
    ("text", "closed", "address"),
    [
        # a domain that few words do not have, one that sounds like a provider, and one of the prompt's that went on
        ("Alpha, Kilo, Nash, Lena at acme dot org", "Alpha, Kilo, dash, Lima, at aol dot com", "ak-l@acme.org"),
        ("Alpha, Kilo, Lima, at yaddu dot com", "Alpha, Kilo, Lima, at yahoo dot com", "akl@yahoo.com"),
        (
            "Alpha, Kilo, Lima at gmx dot net, at uk, at yahoo dot com, at kilo",
            "Alpha, Kilo, Lima, at gmx dot net",
            "akl@gmx.net",
        ),
        # figures that are the same are invented rather than left out
        ("Alpha, Kilo, Lima, 9, 9, 9, at gmx dot net", "Alpha, Kilo, Lima, 9, 9, at gmx dot net", "akl99@gmx.net"),
        ("Alpha, Kilo, and, Lima", "Alpha, Kilo, Lima, at aol dot com", "akl@aol.com"),
    ],
)
def test_an_address_has_the_letters_of_one_and_the_domain_of_the_other(text: str, closed: str, address: str) -> None:
    assert value("email", text, closed) == address


@pytest.mark.parametrize(
    ("text", "in_words"),
    [
        ("Kilo, Oscar, Whiskey", True),
        ("Victor-E-C-O-L-M-Alpha", True),
        ("K for Kilo, O for Oscar", False),  # it is said with more than the words
        ("It's Mike.", False),
        ("K-O-W", False),
        ("", False),
    ],
)
def test_words_alone_are_heard_once_more(text: str, in_words: bool) -> None:
    assert is_in_words(text, "en") is in_words


def test_the_words_are_those_of_the_language() -> None:
    assert {"Kilo", "Xray", "dash", "No"} <= words_of_alphabet("name", "en")
    assert "gmail" in words_of_alphabet("email", "en") - words_of_alphabet("name", "en")
    assert words_of_alphabet("name", "de").isdisjoint({"Kilo", "Foxtrot"})
    assert words_of_alphabet("name", "fr") == words_of_alphabet("name", None) == frozenset()
