"""Sentences of each language: which have to go on, which are complete, and which only show attention."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from convai_rasa.languages import lexicon_of
from convai_rasa.voice.bot import Expectation
from convai_rasa.voice.ears.by_dialogue import breaks_off, digits_growing
from convai_rasa.voice.ears.floor import is_back_channel

SENTENCES = {
    path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (Path(__file__).parent / "sentences").glob("*.yml")
}


def of_kind(kind: str) -> list[tuple[str, str]]:
    return [(language, words) for language, given in SENTENCES.items() for words in given[kind]]


@pytest.mark.parametrize(("language", "words"), of_kind("open"))
def test_a_sentence_that_has_to_go_on_is_waited_for(language: str, words: str) -> None:
    turns = lexicon_of(language).turns
    assert turns is not None
    assert breaks_off(words, turns)


@pytest.mark.parametrize(("language", "words"), of_kind("done"))
def test_a_complete_one_is_not(language: str, words: str) -> None:
    turns = lexicon_of(language).turns
    assert turns is not None
    assert not breaks_off(words, turns)


@pytest.mark.parametrize(("language", "words"), of_kind("back_channels"))
def test_who_only_shows_attention_does_not_want_to_speak(language: str, words: str) -> None:
    assert is_back_channel(words, language)


@pytest.mark.parametrize(("language", "words"), of_kind("more"))
def test_who_wants_to_speak_says_more(language: str, words: str) -> None:
    assert not is_back_channel(words, language)


@pytest.mark.parametrize(
    ("language", "words", "slot", "growing"),
    [(language, *case) for language, given in SENTENCES.items() for case in given["digits"]],
)
def test_a_number_said_digit_by_digit_may_go_on(language: str, words: str, slot: str | None, growing: bool) -> None:
    turns = lexicon_of(language).turns
    assert turns is not None
    assert digits_growing(words, Expectation(slot), turns) is growing
