"""A yes or no with more words around it."""

from __future__ import annotations

import pytest
from actions.hearing.yes_no import begins_with_answer, plain_answer


@pytest.mark.parametrize("said", ["yes please take it out", "that's right take it off", "yeah cancel that one for me"])
def test_a_yes_with_more_words_is_one(said: str) -> None:
    assert plain_answer(said) is None
    assert begins_with_answer(said) == "affirm"


@pytest.mark.parametrize(
    "said",
    [
        "yes but make it five",
        "yes only if there's parking",
        "right what about the wine",
        "yes no wait",
        "sure if it's free",
        "ok i'll let you know",
        "yes i might",
        "okay maybe later",
        "right let me check",
    ],
)
def test_a_yes_that_is_taken_back_is_none(said: str) -> None:
    assert begins_with_answer(said) is None


def test_a_no_with_more_words_is_one() -> None:
    assert begins_with_answer("no leave it alone please") == "deny"
