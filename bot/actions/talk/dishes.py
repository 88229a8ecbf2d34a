"""The dishes that "it" and "them" mean."""

from __future__ import annotations

from rasa_sdk import Tracker

from ..conversation import bot_turns, said_before
from ..food.menu import course_in, dishes_named
from ..food.question import dishes_meant
from ..food.replies import FEW
from ..house import settings
from ..house.restaurant import Dish


def dishes_talked_about(tracker: Tracker) -> tuple[Dish, ...]:
    """Return the dishes named last before the latest message, or those of the course.

    They were named by the guest, or the answer named few: "the cheapest is the lemon sorbet".
    """
    answers = [" ".join(turn) for turn in bot_turns(tracker)[1:]]
    menu = settings.restaurant().menu
    for asked, answered in reversed(list(zip(said_before(tracker), answers, strict=False))):
        named, told = dishes_meant(asked, menu), dishes_named(answered, menu).dishes
        if 1 <= len(told) <= FEW and not (named.dishes or named.others):
            return told
        if meant := dishes_pointed_at(asked):
            return meant[0]
    return ()


def dishes_pointed_at(text: str) -> list[tuple[Dish, ...]]:
    """Return the dishes that "them" means after this, none of them where it is one of another menu; [] for no dish."""
    menu = settings.restaurant().menu
    course = course_in(text, menu)
    meant = dishes_meant(text, menu)
    if meant.dishes or meant.others:
        return [meant.dishes]
    return [tuple(dish for dish in menu if dish.course == course)] if course else []
