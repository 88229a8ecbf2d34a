"""The hours, the way and the rest of what the house is asked."""

from __future__ import annotations

import pytest
from actions.talk.answers import answer_directions, answer_hours, answer_other, costs_named, topic_of

FRIDAY = (
    "On Friday the 27th of November we seat guests from noon to 1:30 in the afternoon, and from 6 to 10 in the evening"
)


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("if we rolled up at twenty past ten on friday would you still feed us", f"No, I'm afraid not. {FRIDAY}"),
        ("could we get fed at quarter to eleven on thursday", "No, I'm afraid not. On Thursday"),
        ("can you still get dinner at half past nine on sunday", "No, I'm afraid not. On Sunday"),
        ("would we still get a meal if we turned up at ten on saturday night", "Yes, you can have a table at 10"),
        # where yes and no could mean either, the hours are said
        ("is half past ten too late to eat on friday", FRIDAY),
        ("will the kitchen still be going at ten fifteen on friday", FRIDAY),
        ("what's the last table you'd give us on friday", FRIDAY),
        ("when are last orders on friday", FRIDAY),
        ("what's the latest we could sit down on friday", FRIDAY),
        ("how late can we come on friday and still eat", FRIDAY),
        ("when are last orders", "Our last table is an hour before we close. We are open Tuesday"),
        ("what's the last table on monday", "We are closed on Monday"),
        # when the house is open
        ("are you open at half past ten on friday", "Yes, we are open at 10:30"),
        ("how late are you open on friday", "We are open on Friday"),
        ("were you open last friday night", "We are open"),
    ],
)
def test_when_guests_are_seated_is_not_when_the_house_closes(action_server: object, question: str, begins: str) -> None:
    assert answer_hours(question).spoken.startswith(begins)
    if "friday" in question and begins.endswith(FRIDAY):
        assert answer_other(question).spoken.startswith(begins)  # whatever it was taken for


@pytest.mark.parametrize(
    "question",
    [
        "my dad uses a walking frame will he manage your entrance",
        "is it all on one floor",
        "gran's got a bad hip could she get in",
        "my nan's in a wheelchair these days would she get in all right",
    ],
)
def test_who_walks_badly_asks_for_no_walk(action_server: object, question: str) -> None:
    assert answer_directions(question).spoken == "The entrance is level, and the restrooms are wheelchair accessible."


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("what wine goes with the bass", "drinks"),
        ("what should i drink with the stew", "drinks"),
        ("can i get a glass of wine with my lasagna", "drinks"),
        ("is there wine in the risotto", None),
        ("does the curry go with rice", None),
        ("are your eggs free range", "where the food comes from"),
    ],
)
def test_what_is_drunk_with_a_dish_is_no_question_about_the_dish(question: str, topic: str | None) -> None:
    assert topic_of(question) == topic


def test_the_car_park_is_free(action_server: object) -> None:
    assert costs_named("is there parking") == "There is a car park behind the house, free for our guests."
    assert costs_named("is there a bus") is None
