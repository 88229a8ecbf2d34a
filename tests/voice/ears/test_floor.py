from __future__ import annotations

import pytest

from convai_rasa.voice.ears.floor import is_back_channel, words_in


@pytest.mark.parametrize(
    "words",
    ["mhm", "Mm-hmm.", "Uh-huh", "OK", "okay okay", "Right.", "Yeah, I see.", "Got it!", "all right", "that’s great"],
)
def test_who_only_shows_attention_does_not_want_to_speak(words: str) -> None:
    assert is_back_channel(words)
    assert words_in(words) == 0


@pytest.mark.parametrize(
    "words",
    ["no", "stop", "wait", "okay but not today", "yes please book it", "right turn", "hello", "", "good " * 5],
)
def test_who_wants_to_speak_says_more(words: str) -> None:
    assert not is_back_channel(words)


def test_words_are_counted() -> None:
    assert words_in("I don't want that.") == 4
    assert words_in("") == 0
