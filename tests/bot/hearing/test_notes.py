"""What is said in passing: which words are about somebody of the party, and what is kept of them."""

from __future__ import annotations

import pytest
from actions.hearing.notes import find_notes, is_question, revised_notes, say_noted, say_revised

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


REVISED: dict[str, list[str] | None] = {
    "actually forget the highchair the baby stays with granny": ["nut allergy"],
    "we don't need the high chair any more": ["nut allergy"],
    "no sorry it's not nuts it's sesame": ["high chair", "sesame allergy"],
    "he's not allergic to nuts he's allergic to fish": ["high chair", "fish allergy"],
    "forget the nut allergy": ["high chair"],
    "he isn't allergic after all": ["high chair"],
    "and please no nuts in anything": None,
    "not sesame, nuts": None,
    "is the cake not for people with a nut allergy?": None,
    "no high chair for us, but a nut-free dessert": ["nut allergy"],
}


@pytest.mark.parametrize("said", REVISED)
def test_a_note_is_taken_back_or_replaced_and_never_by_a_wish_for_safety(said: str) -> None:
    noted = ["high chair", "nut allergy"]
    found = revised_notes(said, noted)
    assert (sorted(found) if found else found) == (sorted(REVISED[said]) if REVISED[said] else REVISED[said])


def test_a_revision_is_acknowledged() -> None:
    assert (
        say_revised(["nut allergy"], ["sesame allergy"])
        == "I've taken the nut allergy off and noted the sesame allergy."
    )
    assert say_revised(["dog"], []) == "I've taken the dog off."


def test_what_is_not_wanted_is_no_wish() -> None:
    assert find_notes("no high chair, thanks", wishes=True) == []
