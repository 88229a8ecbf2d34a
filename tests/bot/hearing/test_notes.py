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
    "do you do anything vegetarian",
    "is there something without meat for a start",
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


REACTIONS = {
    "one of the girls comes out in hives from prawns and crab": ["shellfish allergy"],
    "my son gets a rash from eggs": ["egg allergy"],
    "her face swells when she eats peanuts": ["peanut allergy"],
    "shellfish makes me ill": ["shellfish allergy"],
    "my husband can't go near sesame": ["sesame allergy"],
    "i react to mustard": ["mustard allergy"],
    "nuts set off my asthma": ["nut allergy"],
    "celery sets my wife off": ["celery allergy"],
    "milk doesn't agree with him": ["milk allergy"],
    "my daughter broke out in spots from soya once": ["soy allergy"],
    "is your cake all right, my son gets hives from nuts": ["nut allergy"],
    "my lad carries an epipen because of nuts": ["nut allergy"],
    "one of us comes out in a rash from nuts, and we'd like the garlic prawns": ["nut allergy"],
}
NO_REACTION = [
    "your prawns made my wife ill last night",
    "we can't go near the window",
    "we set off for the fish place at six",
    "the noise makes me ill",
    "my boss reacts to everything",
    "i won't have the prawns thanks",
    "which of them would set off a nut allergy",
    "we break out the champagne at nine",
    "it makes us happy to come back",
]
DIETS = {
    "my girlfriend doesn't eat meat": ["vegetarian diet"],
    "my partner is not a meat eater": ["vegetarian diet"],
    "two of us never touch meat": ["vegetarian diet"],
    "my aunt won't eat any meat": ["vegetarian diet"],
    "my dad doesn't eat fish": ["fish-free diet"],
    "we don't eat pork": ["pork-free diet"],
    "she doesn't eat dairy": ["milk-free diet"],
    "he never touches fish": ["fish-free diet"],
    "my wife can't eat fish": ["fish allergy"],
    "she's allergic to fish, so she doesn't eat it": ["fish allergy"],
    "yes we all eat meat": [],
    "i don't have a table yet": [],
    "we don't do eight": [],
}
NO_FOOD = {
    "she's allergic to nuts is there anything she'd be able to eat": ["nut allergy"],
    "he can't have milk is there something he'd like": ["milk allergy"],
    "i'm allergic to eggs is there much i'd manage": ["egg allergy"],
    "my son is allergic to fish are there things he's allowed": ["fish allergy"],
    "i have a really nasty allergy": [],
    "my wife's allergic is there anything that'd suit her": [],
    "i have a latex allergy": ["latex allergy"],
}


@pytest.mark.parametrize(("said", "noted"), [*REACTIONS.items(), *DIETS.items(), *NO_FOOD.items()])
def test_reactions_and_diets_are_noted_by_their_food_and_by_nothing_else(said: str, noted: list[str]) -> None:
    assert find_notes(said) == noted


@pytest.mark.parametrize("said", NO_REACTION)
def test_what_makes_nobody_ill_is_not_noted(said: str) -> None:
    assert find_notes(said) == []


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


@pytest.mark.parametrize(
    ("said", "noted"),
    [
        ("can i get a table for two tomorrow at eight and do you do a vegan main", []),
        ("i wondered is there a vegetarian option", []),
        ("can you do a vegan dessert for my wife", ["vegan diet"]),
        ("one of us is vegan do you have a vegan main", ["vegan diet"]),
        ("my sister's gone vegan", ["vegan diet"]),
    ],
)
def test_a_dish_asked_about_says_of_nobody_what_they_eat(said: str, noted: list[str]) -> None:
    assert find_notes(said) == noted
