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


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("that's the one yes", "affirm"),
        ("no yeah that's right", "affirm"),
        ("no no that's right", "affirm"),
        ("no go ahead", "affirm"),
        ("one hundred percent", "affirm"),
        ("right you are", "affirm"),
        ("couldn't be better", "affirm"),
        ("one sec yes that's all good", "affirm"),
        ("hang on let me see yeah that's right", "affirm"),
        ("yes hang on", None),
        ("hang on", None),
        ("hold on no", "deny"),
        ("hmm no", "deny"),
        ("not quite", "deny"),
        ("absolutely not", "deny"),
        ("that's not right", "deny"),
        ("no that's fine", "deny"),
        ("yeah no that's wrong", None),
        ("no complaints", None),
    ],
)
def test_answers_in_a_roundabout_way(said: str, answer: str | None) -> None:
    assert plain_answer(said) == answer
