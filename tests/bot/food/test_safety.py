"""Every dish, allergen and diet, asked about in every way: the verdict is right, and so is each beginning of it."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from actions.food.menu import dishes_named
from actions.food.question import read_question
from actions.food.replies import doubted
from actions.food.safety import ASK_KITCHEN, answer, is_plural, the
from actions.house.restaurant import ALLERGENS, DIETS, Dish, Restaurant

ALLERGIES = {"nuts": "nut", "peanuts": "peanut", "eggs": "egg", "sulphites": "sulphite"}
# A "no" keeps the guest away from the dish …
SAFE = (
    "is {dish} safe for someone with a {allergy} allergy?",
    "can somebody with a {allergy} allergy eat {dish}",
    "could i have {dish} with my {allergy} allergy",
    "is {dish} {allergy} free?",
    "is {dish} ok for a guest with a {allergy} allergy",
    "are you sure, is {dish} made without {allergen}?",
    "I'm allergic to {allergen}, can I have {dish}?",
)
# … and here a "yes" does.
CONTAINS = (
    "does {dish} contain {allergen}?",
    "are there any {allergen} in {dish}",
    "is there {allergen} in {dish}?",
    "do you know, does {dish} have {allergen} in it",
)
# Neither may begin with yes or no.
PLAIN = (
    "what about {dish} and a {allergy} allergy",
    "{dish}, {allergen}?",
    "doesn't {dish} contain {allergen}?",
    "is there no {allergen} in {dish}?",
    "would {dish} be a problem with a {allergy} allergy?",
    "should i avoid {dish} if i can't have {allergen}",
    "is {dish} dangerous for somebody allergic to {allergen}?",
    "my son can't eat {allergen}, {dish} is fine I suppose",
)
DIET = (
    "is {dish} {diet}?",
    "is {dish} ok for a {diet}?",
    "can a {diet} eat {dish}?",
    "could my {diet} friend have {dish}",
)


def said(question: str, restaurant: Restaurant) -> str:
    return answer(read_question(question, restaurant.menu), restaurant.menu).text


def verdict(text: str) -> str:
    return text.split(".")[0]


def agrees(dish: Dish, text: str) -> bool:
    verb, wrong = ("are|contain", "is|contains") if is_plural(dish) else ("is|contains", "are|contain")
    named = re.escape(dish.name)
    return bool(re.search(rf"{named} (?:{verb})\b", text)) and not re.search(rf"{named} (?:{wrong})\b", text)


@pytest.mark.slow
@pytest.mark.parametrize("allergen", ALLERGENS)
def test_the_verdict_on_every_dish_and_allergen(restaurant: Restaurant, allergen: str) -> None:
    for dish in restaurant.menu:
        bad = allergen in dish.allergens
        for asks, forms in (("safe", SAFE), ("contains", CONTAINS), ("plain", PLAIN)):
            for form in forms:
                question = form.format(dish=the(dish), allergen=allergen, allergy=ALLERGIES.get(allergen, allergen))
                text = verdict(said(question, restaurant))
                begins = re.match(r"(Yes|No)\b", text)
                right = {"safe": "No" if bad else "Yes", "contains": "Yes" if bad else "No", "plain": None}[asks]
                assert (begins[1] if begins else None) in {right, None}, (question, text)
                assert asks == "plain" or begins, (question, text)
                assert bool(re.search(rf"contains? {allergen}", text)) == bad, (question, text)
                assert bool(re.search(rf"made without {allergen}", text)) != bad, (question, text)
                assert agrees(dish, text), (question, text)


@pytest.mark.parametrize("diet", DIETS)
def test_the_verdict_on_every_dish_and_diet(restaurant: Restaurant, diet: str) -> None:
    for dish in restaurant.menu:
        for form in DIET:
            question = form.format(dish=the(dish), diet=diet)
            text = verdict(said(question, restaurant))
            good = diet in dish.suits
            assert text.startswith("Yes, " if good else "No, "), (question, text)
            assert f"not {diet}" in text or good, (question, text)
            assert agrees(dish, text), (question, text)


@pytest.mark.slow
def test_no_beginning_of_an_answer_says_the_opposite_of_the_whole(restaurant: Restaurant) -> None:
    """Wherever an interruption cuts, a dish that must be avoided is not called safe, nor free of anything."""
    for dish in restaurant.menu:
        for allergen in dish.allergens:
            for form in (*SAFE, *CONTAINS, *PLAIN):
                question = form.format(dish=the(dish), allergen=allergen, allergy=ALLERGIES.get(allergen, allergen))
                words = said(question, restaurant).split()
                for end in range(1, len(words) + 1):
                    heard = " ".join(words[:end])
                    assert not re.search(r"\b(?:is|are) (?:safe|fine|ok|made without)\b|\bfree\b", heard), heard


def test_of_two_dishes_the_one_to_avoid_is_said_first(restaurant: Restaurant) -> None:
    for one, other in combinations(restaurant.menu, 2):
        text = said(f"are {the(one)} and {the(other)} free of milk?", restaurant)
        bad = [dish for dish in (one, other) if "milk" in dish.allergens]
        assert not re.match("Yes|No", text)
        for dish in bad:
            assert re.search(rf"{dish.name} contains? milk", text), text
        if len(bad) == 1:
            assert text.lower().startswith(the(bad[0])), text


@pytest.mark.parametrize(
    ("begins", "questions"),
    [
        (
            "I don't know what is in the ",  # a dish that is not on the menu
            [
                "is the pad thai safe for a nut allergy",
                "is the seafood risotto gluten free",
                "is the chicken curry vegan?",
                "is the beef steak gluten-free?",
                "can somebody with an egg allergy eat the chocolate mousse",
                "does the bread contain sesame?",
                "is the bread you serve gluten free",
                "is the almond tart safe with a milk allergy",
            ],
        ),
        (
            "I don't know whether the ",  # a food that the menu says nothing about
            [
                "does the curry contain kiwi",
                "is the lasagna halal?",
                "I'm allergic to strawberries, can I have the cake",
                "is the soup kosher",
                "is the sorbet sugar free?",
                "garlic makes me ill, is there any in the soup",
                "my daughter has a garlic allergy, is the risotto safe",
            ],
        ),
    ],
)
def test_what_the_menu_does_not_say_is_not_guessed(restaurant: Restaurant, begins: str, questions: list[str]) -> None:
    for question in questions:
        text = said(question, restaurant)
        assert text.startswith(begins), text
        assert text.endswith(ASK_KITCHEN), text


def test_what_the_menu_does_say_is_used(restaurant: Restaurant) -> None:
    assert said("is there pork in the lasagna?", restaurant).startswith("Yes, the lasagna contains pork")
    assert said("is there alcohol in the stew", restaurant).startswith("Yes, the beef stew contains wine")
    assert said("can I have the curry, I'm allergic to coconut", restaurant).startswith(
        "No, the chickpea curry contains coconut"
    )


@pytest.mark.parametrize(
    ("question", "listed", "left_out"),
    [
        ("what can i eat if i'm allergic to shellfish", "sea bass", "prawns"),
        ("do you have dishes without milk", "beet salad", "lasagna"),
        ("which dishes contain nuts", "beet salad", "sorbet"),
        ("does anything contain fish?", "sea bass", "stew"),
        ("what about the nuts?", "chocolate cake", "sorbet"),
        ("are the desserts nut free?", "apple tart", "cake"),
        ("is there a vegan main course", "chickpea curry", "sorbet"),
        ("anything vegan?", "lemon sorbet", "cake"),
        ("if i have to keep off gluten what's left for me of the mains", "beef stew", "lasagna"),
        ("my daughter breaks out from nuts what is there for dessert", "apple tart", "cake"),
        ("which dishes should i avoid with a fish allergy", "sea bass", "stew"),
    ],
)
def test_lists_hold_what_was_asked_for(restaurant: Restaurant, question: str, listed: str, left_out: str) -> None:
    text = said(question, restaurant)
    assert listed in text
    assert left_out not in text


def test_it_is_the_dish_talked_about_and_what_was_noted_counts(restaurant: Restaurant) -> None:
    cake = dishes_named("the cake", restaurant.menu).dishes
    assert answer(read_question("is it vegan?", restaurant.menu, cake), restaurant.menu).text.startswith("No, the choc")
    noted = read_question("can I have the cake?", restaurant.menu, noted=["nut allergy"])
    assert answer(noted, restaurant.menu).text.startswith("No, the chocolate cake contains nuts")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("the lasagne", "lasagna"),
        ("chocolate kake", "chocolate cake"),
        ("the chick pea curry", "chickpea curry"),
        ("the bass", "grilled sea bass"),
        ("sea bass", "grilled sea bass"),
        ("to start with", None),
        ("i'm allergic to garlic", None),
    ],
)
def test_dishes_are_found_as_people_say_them(restaurant: Restaurant, said: str, named: str | None) -> None:
    found = dishes_named(said, restaurant.menu).dishes
    assert (found[0].name if found else None) == named


@pytest.mark.parametrize(
    "question",
    [
        "which of your dishes would somebody with a bad nut allergy have to keep away from",
        "what must i not touch if i can't have nuts",
        "which ones shouldn't somebody with a nut allergy touch",
        "what would a guest with a nut allergy have to stay clear of",
        "which dishes are off limits with a nut allergy",
        "what can't she eat with a nut allergy",
        "which dishes aren't safe for someone with a nut allergy",
        "are there any dishes that i should leave out because of a nut allergy",
        "tell me what not to order with a nut allergy",
        "which of them would set off a nut allergy",
        "which dishes should i give a miss with a nut allergy",
    ],
)
def test_what_to_keep_away_from_is_what_contains_it(restaurant: Restaurant, question: str) -> None:
    text = said(question, restaurant)
    assert text.startswith("The beet salad and the chocolate cake contain nuts.")
    assert "sorbet" not in text


@pytest.mark.parametrize(
    "question",
    [
        "what can he have he must not have nuts",
        "what could she have she has to avoid nuts",
        "is there anything for a person who must not eat nuts",
        "which dishes don't have nuts in",
        "which ones are left for somebody who keeps away from nuts",
        "which dishes does somebody with a nut allergy not have to avoid",
        "what can i eat if i can't touch nuts",
        "what do you have that is not dangerous for a nut allergy",
        "it's nuts i have to watch out for which of your dishes can i order",
        "which ones can she order it's nuts she has to avoid",
    ],
)
def test_who_keeps_away_from_something_asks_for_what_is_left(restaurant: Restaurant, question: str) -> None:
    text = said(question, restaurant)
    assert text.startswith("Without nuts, we have tomato soup")
    assert "cake" not in text


def test_what_a_vegan_has_to_avoid_is_not_vegan(restaurant: Restaurant) -> None:
    text = said("which dishes does a vegan have to avoid", restaurant)
    assert "lasagna" in text
    assert text.split(".")[0].endswith("are not vegan")
    assert "sorbet" not in text


@pytest.mark.parametrize(
    "question",
    [
        "and the beef wellington you do is that all right with a nut allergy",
        "the chicken kiev does that have nuts in it",
        "your tiramisu would that be safe for somebody who can't have eggs",
        "the goat curry you have can somebody with a nut allergy eat it",
        "do you do a beef wellington without nuts",
        "i fancy the shepherd's pie can i have it with a milk allergy",
        "that eton mess on the menu is it ok with an egg allergy",
    ],
)
def test_a_dish_named_before_the_question_is_not_guessed_either(restaurant: Restaurant, question: str) -> None:
    assert "because I don't see it on our menu" in said(question, restaurant)


@pytest.mark.parametrize(
    "question",
    [
        "the nut allergy is that all right",
        "the kids is there anything without nuts for them",
        "the table you gave us is that fine with a nut allergy",
        "my wife would she be all right with a nut allergy",
    ],
)
def test_what_is_no_dish_is_not_looked_for_on_the_menu(restaurant: Restaurant, question: str) -> None:
    assert "on our menu" not in said(question, restaurant)


@pytest.mark.parametrize(
    "question", ["she doesn't eat meat is there much for her", "we don't eat meat", "anything for a non meat eater"]
)
def test_no_meat_is_vegetarian(restaurant: Restaurant, question: str) -> None:
    text = said(question, restaurant)
    assert text.startswith("Vegetarian, we have tomato soup")
    assert "stew" not in text


def test_without_one_meat_the_vegetarian_dishes_are_sure(restaurant: Restaurant) -> None:
    text = said("we don't eat pork is there anything for us", restaurant)
    assert text.startswith("The lasagna is made with pork. Without any meat, we have tomato soup")
    assert text.endswith(ASK_KITCHEN)


VERDICT = "so the chocolate cake will be all right for a nut allergy yeah"


@pytest.mark.parametrize(
    "doubt",
    [
        "are you certain",
        "that's funny somebody there told us it was fine last time are you certain",
        "are you quite sure about that",
        "really?",
        "your waiter said it would be okay",
        "but last time it was fine",
        "is that right",
        "you're absolutely sure",
    ],
)
def test_a_doubt_is_about_the_verdict_before(doubt: str) -> None:
    assert doubted(doubt, ["hello", VERDICT]) == VERDICT
    assert doubted(doubt, [VERDICT, "are you sure"]) == VERDICT
    assert doubted(doubt, [VERDICT, "a table for two at eight please"]) is None


@pytest.mark.parametrize("said", ["yes please", "are you sure the soup is fine", "thank you", "could you check"])
def test_what_is_no_doubt_repeats_nothing(said: str) -> None:
    assert doubted(said, [VERDICT]) is None
