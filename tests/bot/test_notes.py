"""What is said in passing: which words are about somebody of the party, and what is kept of them."""

from __future__ import annotations

import pytest
from actions.notes import find_notes, is_question, say_noted

PASSING = {
    "four people, one of us is allergic to nuts": ["nut allergy"],
    "my daughter has a peanut allergy": ["peanut allergy"],
    "I'm coeliac": ["gluten intolerance"],
    "my husband is lactose intolerant and I can't have eggs": ["milk intolerance", "egg intolerance"],
    "we have somebody who can't eat shellfish with us": ["shellfish allergy"],
    "I have a kiwi allergy": ["kiwi allergy"],
    "two of us are vegan": ["vegan diet"],
    "I'm a vegetarian": ["vegetarian diet"],
    "is the cake safe for my son, he is allergic to sesame": ["sesame allergy"],
}
NOTHING = [
    "can someone with a nut allergy eat the cake",
    "is the soup ok for a vegan",
    "we have no allergies",
    "none of us has any allergies",
    "do you cater for allergies",
    "a table for two at eight",
]


@pytest.mark.parametrize(("said", "noted"), PASSING.items())
def test_what_one_of_the_party_cannot_eat_is_noted(said: str, noted: list[str]) -> None:
    assert find_notes(said) == noted


@pytest.mark.parametrize("said", NOTHING)
def test_allergies_in_general_are_not(said: str) -> None:
    assert find_notes(said) == []


def test_wishes_are_noted_with_a_booking_only() -> None:
    said = "we need a high chair, and it's my wife's birthday"
    assert find_notes(said, wishes=True) == ["high chair", "birthday"]
    assert find_notes(said) == []


def test_a_statement_is_no_question() -> None:
    assert not is_question("one of us is allergic to nuts")
    assert is_question("I'm allergic to nuts, can I have the cake")
    assert is_question("and what about nuts")


def test_notes_are_acknowledged() -> None:
    assert say_noted(["nut allergy", "high chair"]) == "I've noted the nut allergy and high chair."
