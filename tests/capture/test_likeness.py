"""Which word of the alphabet a misheard one was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.capture.likeness import distance, nearest
from convai_rasa.languages import lexicon_of

SPELLING = lexicon_of("en").spelling
WORDS = list(SPELLING.says.values()) if SPELLING else []


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("foxtrat", "foxtrot"),
        ("fockstrut", "foxtrot"),
        ("tangle", "tango"),
        ("indie", "india"),
        ("lena", "lima"),
        ("health", "golf"),
        ("anti", "yankee"),
        ("vaker", "victor"),
        ("lispy", "whiskey"),
        ("thulu", "zulu"),
    ],
)
def test_a_misheard_word_is_the_one_that_sounds_alike(heard: str, said: str) -> None:
    found = nearest(heard, WORDS, most=0.3)
    assert found is not None
    assert found[0] == said


@pytest.mark.parametrize("word", ["been", "have", "john", "smith", "then", "novak"])
def test_other_words_sound_like_none(word: str) -> None:
    assert nearest(word, WORDS, most=0.3) is None


@settings(max_examples=100, deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=12), st.text("abcdefghijklmnopqrstuvwxyz", max_size=12))
def test_it_is_the_same_both_ways_and_nothing_between_a_word_and_itself(one: str, other: str) -> None:
    assert distance(one, one) == 0.0
    assert 0.0 <= distance(one, other) <= 1.0
    assert distance(one, other) == pytest.approx(distance(other, one))
