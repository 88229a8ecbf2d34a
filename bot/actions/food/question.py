"""What somebody wants to know about what they may eat, read from a question in whatever words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from phrases import Phrases

from ..house.restaurant import ALLERGENS, Dish
from . import WORDS
from .foods import is_severe, kept_off, unknown_diet, unknown_foods, without_foods
from .menu import Named, allergens_in, blank, course_in, diet_in, dishes_described, dishes_named, mentions
from .offmenu import dish_of_the_day, dishes_elsewhere
from .party import names_somebody, without_people
from .sense import (
    asks,
    asks_what_to_avoid,
    is_about_each,
    is_about_traces,
    is_asked,
    is_for_somebody,
    wants_containing,
    wants_it_left_out,
)

SAID = Phrases(__file__)


@dataclass(frozen=True)
class FoodQuestion:
    """What somebody wants to know about what they may eat.

    Attributes:
        dishes: the dishes of the menu it is about; none where it is about all.
        others: dishes it is about that the menu does not have.
        besides: dishes it is not about: "anything with nuts besides the cake".
        allergens: those of the menu's allergens that were named.
        diet: vegan or vegetarian.
        among: the dishes to choose from, where some were talked about: "which of them are vegan".
        unknown: foods or diets that restaurant.yml says nothing about.
        absent: a food that is asked for and stands on no menu of ours: "do you have oysters".
        course: only dishes of this course.
        asks: "safe" for "may I eat it?", "contains" for "is it in there?", None where that is not plain.
        containing: the dishes that contain something are wanted, not those without.
        to_avoid: the dishes that somebody must not eat are wanted.
        everything: it is about each of them ("are the desserts nut free").
        shared: it is about what touches other food in the kitchen ("the same pans").
        left_out: a dish is wanted without it ("could you leave the almonds off").
        severe: a trace of it is dangerous.
    """

    dishes: tuple[Dish, ...] = ()
    others: tuple[str, ...] = ()
    besides: tuple[Dish, ...] = ()
    allergens: tuple[str, ...] = ()
    diet: str | None = None
    among: tuple[Dish, ...] = ()
    unknown: tuple[str, ...] = ()
    absent: str | None = None
    course: str | None = None
    asks: Literal["safe", "contains"] | None = None
    containing: bool = False
    to_avoid: bool = False
    everything: bool = False
    shared: bool = False
    left_out: bool = False
    severe: bool = False

    @property
    def about_safety(self) -> bool:
        """Say whether an allergen, a diet or an unknown food was named at all."""
        return bool(self.allergens or self.diet or self.unknown)


def read_question(
    text: str,
    menu: Sequence[Dish],
    last: Sequence[Dish] = (),
    noted: Sequence[str] = (),
    said_here: Sequence[str] = (),
) -> FoodQuestion:
    """Understand a question about food.

    Args:
        text: as typed or recognized.
        menu: the dishes there are.
        last: the dishes talked about before, which "it" means.
        noted: what the guest cannot eat ("nut allergy"), for "can I have the cake?".
        said_here: what of it is said beside the question, "what starters are there, she's allergic to milk".
    """
    lowered, besides = _without_besides(text.lower().replace("\u2019", "'"), menu)
    named = dishes_meant(lowered, menu)
    rest = kept_off(named.rest)
    allergens, diet, unknown = allergens_in(rest), diet_in(rest), unknown_foods(rest)
    allergens = list(ALLERGENS) if SAID.no_allergens.search(rest) and not named.dishes else allergens
    to_avoid = asks_what_to_avoid(rest)
    personal = to_avoid or bool(SAID.any_in.search(rest)) or is_for_somebody(rest, dish=bool(named.dishes))
    told, wanted = said_here or noted, wants_containing(rest)
    needs, untold = " ".join(told), tuple(dict.fromkeys(food for each in told for food in unknown_foods(each)))
    if needs and not (allergens or diet or unknown) and (said_here or personal):
        allergens, diet, unknown, wanted = allergens_in(needs), diet_in(needs), untold, False
    elif said_here and personal:  # "my sister can't have shellfish, and I'm vegan, what could we share"
        allergens, diet = [*allergens, *(a for a in allergens_in(needs) if a not in allergens)], diet or diet_in(needs)
    course = course_in(rest, menu)
    left_out = wants_it_left_out(rest)
    goes_on = SAID.it.search(rest) or left_out or (SAID.goes_on.search(rest) and (allergens or diet or unknown))
    of_the_last = not (named.dishes or named.others or course or besides)
    among = (
        tuple(last)
        if of_the_last and len(last) > 1 and SAID.of_them.search(rest) and not SAID.of_all.search(rest)
        else ()
    )
    dishes = tuple(last) if of_the_last and goes_on and not among else named.dishes
    served = WORDS.pattern("served").search(rest)
    return FoodQuestion(
        dishes=dishes,
        others=named.others,
        besides=besides,
        allergens=tuple(allergens),
        diet=diet,
        among=among,
        unknown=unknown,
        absent=served[0] if served and not any(mentions(dish, served[0]) for dish in menu) else None,
        course=course,
        asks=asks(rest),
        containing=to_avoid or wanted,
        to_avoid=to_avoid,
        shared=is_about_traces(rest),
        everything=is_about_each(rest),
        left_out=left_out,
        severe=is_severe(lowered),
    )


def dishes_meant(text: str, menu: Sequence[Dish]) -> Named:
    """Find the dishes a question is about: named, told by what is in them, or not of this menu."""
    text = text.lower().replace("\u2019", "'")
    of_the_day = dish_of_the_day(text)
    if of_the_day:
        return Named((), (of_the_day["dish"].removeprefix("the "),), text.replace(of_the_day[0], "#"))
    named = dishes_named(text, menu)
    if named.dishes or named.others:
        return named
    described, rest = dishes_described(named.rest, menu)
    if described:
        return Named(described, (), rest)
    others, rest = dishes_elsewhere(named.rest)
    return Named((), tuple(others), rest)


def asked_again(before: str, said: str, menu: Sequence[Dish]) -> str | None:
    """Return a question with what is said after it in its place: "is the cake vegan", "and the soup?".

    Args:
        before: the question before.
        said: what goes on with it.
        menu: the dishes there are.

    Returns:
        The question; None where nothing is said that could be asked about.
    """
    asked, now = before.lower().replace("\u2019", "'"), dishes_meant(said, menu)
    changed = asked
    if now.dishes or now.others or course_in(now.rest, menu):
        changed = WORDS.pattern("courses").sub("#", dishes_meant(changed, menu).rest)
    if names_somebody(now.rest):
        changed = without_people(changed)
    if allergens_in(now.rest) or diet_in(now.rest) or unknown_diet(now.rest):
        changed = changed if SAID.more.search(said.lower()) else without_foods(changed)
    elif changed == asked:
        return None
    return f"{changed} {said}"


def _without_besides(text: str, menu: Sequence[Dish]) -> tuple[str, tuple[Dish, ...]]:
    """Return a question without the dishes that it leaves out, and these."""
    found = SAID.besides.search(text)
    named = dishes_named(found["dishes"], menu).dishes if found else ()
    if not found or not named:
        return text, ()
    ends = [word.end() for word in re.finditer(r"\S+", found["dishes"])]
    end = next(end for end in ends if dishes_named(found["dishes"][:end], menu).dishes == named)
    if not re.fullmatch(r"(?:the|a|an|your|that|and|or|[\s#,])*", dishes_named(found["dishes"][:end], menu).rest):
        return text, ()  # "I can have anything but milk so is the soup all right"
    return blank(text, found.start(), found.start("dishes") + end), named


def asks_about_food(text: str, menu: Sequence[Dish]) -> bool:
    """Say whether a verdict was asked for: on a dish, or on what somebody can eat."""
    asked = read_question(text, menu)
    questioned = bool(asked.dishes or asked.others) or "?" in text or is_asked(text)
    return questioned and bool(asked.about_safety or asked.dishes or asked.others)


def keeps_off_something(text: str, *, unknown: bool = False) -> bool:
    """Say whether words tell that a food is not eaten: "she can have neither eggs nor milk".

    Args:
        text: as typed or recognized.
        unknown: also one that the menu says nothing about: "kiwi's a big no for him".
    """
    rest = kept_off(dishes_named(text, ()).rest)
    named = allergens_in(rest) or diet_in(rest) or unknown_diet(rest) or (unknown and unknown_foods(rest))
    return bool(named) and not wants_containing(rest)


def names_dish_of_the_day(text: str) -> bool:
    """Say whether a dish is asked about that changes and that nobody wrote down: "the soup of the day"."""
    return dish_of_the_day(text) is not None
