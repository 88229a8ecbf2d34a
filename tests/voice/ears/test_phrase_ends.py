from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from convai_rasa.voice.ears.phrase_ends import PhraseEnds


def test_the_share_is_that_of_the_last_words() -> None:
    ends = PhraseEnds(["with sugar", "with sugar and milk", "no sugar", "and sugar"] * 5)
    assert ends.share("more sugar") == pytest.approx(0.75)
    assert ends.share("and milk") == 1.0
    assert ends.share("with") == 0.0


def test_longer_endings_know_better() -> None:
    ends = PhraseEnds(["a coffee with milk", "an espresso coffee", "a coffee with sugar"] * 10)
    plain, black = ends.share("a coffee"), ends.share("an espresso coffee")
    assert plain is not None
    assert black is not None
    assert plain < 0.1 < 0.9 < black


def test_unknown_and_rare_words_say_nothing() -> None:
    assert PhraseEnds().share("anything") is None
    assert PhraseEnds(["once upon a time"]).share("time") is None
    assert PhraseEnds(["a b"] * 9).share("") is None


def test_one_number_is_as_good_as_another() -> None:
    ends = PhraseEnds(["table for 2", "table for 4", "table for 6"])
    assert ends.share("a table for 8") == 1.0


@given(st.lists(st.text("ab ", max_size=12)), st.text("ab ", max_size=12))
def test_a_share_is_a_share(phrases: list[str], text: str) -> None:
    share = PhraseEnds(phrases).share(text)
    assert share is None or 0 <= share <= 1
