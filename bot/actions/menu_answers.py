"""What there is to eat, and what is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from . import settings
from .conversation import Events, say, words
from .menu import allergens_in, course_in, diet_in, dish_in, dishes_without
from .restaurant import Dish
from .spoken import say_list

_WISH = re.compile(r"^\W*(?:do you (?:have|serve|offer)|is there|have you got)\b(?!.*\b(?:menu|food|dishes|eat)\b)")
_TELL_US = "Please tell your waiter as well, because everything is made in one kitchen."


class AnswerMenu(Action):
    """Read the menu: a course, a dish, what suits a diet, or the whole of it."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_answer_menu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer with what was asked for."""
        asked, menu = words(tracker), settings.restaurant().menu
        dish, diet, course = dish_in(asked, menu), diet_in(asked), course_in(asked, menu)
        allergens = allergens_in(asked) if dish is None and course is None else []
        if dish is not None:
            say(
                dispatcher,
                tracker,
                describe(dish, settings.restaurant().currency),
                shown=f"{_line(dish)}\nAllergens: {_contents(dish)}",
            )
        elif diet or allergens:
            answer_fitting(dispatcher, tracker, menu, allergens, diet)
        elif course:
            dishes = [each for each in menu if each.course == course]
            say(dispatcher, tracker, f"For {course} we have {_names(dishes)}.", shown=_listing(dishes))
        else:
            missing = "I don't see that on our menu. " if _WISH.search(asked.lower()) else ""
            say(dispatcher, tracker, f"{missing}{_whole_menu(menu)}", shown=f"{missing}\n{_listing(menu)}".strip())
        return []


class AnswerAllergens(Action):
    """Say what a dish contains, or which dishes lack an allergen or suit a diet."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_answer_allergens"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer from the allergens in restaurant.yml, never from a guess."""
        asked, menu = words(tracker), settings.restaurant().menu
        dish, allergens, diet = dish_in(asked, menu), allergens_in(asked), diet_in(asked)
        if dish is not None and (allergens or diet):
            care = f" {_TELL_US}" if allergens else ""
            say(dispatcher, tracker, f"{_verdict(dish, allergens, diet)}{care}")
        elif dish is not None:
            say(dispatcher, tracker, f"The {dish.name} contains {_contents(dish)}. {_TELL_US}")
        elif allergens or diet:
            answer_fitting(dispatcher, tracker, menu, allergens, diet)
        else:
            say(
                dispatcher,
                tracker,
                "I know the allergens of every dish. Which food can't you eat, or which dish are you asking about?",
            )
        return []


def answer_fitting(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    menu: Sequence[Dish],
    allergens: Sequence[str],
    diet: str | None,
) -> None:
    """Say which dishes are free of the allergens and suit the diet."""
    dishes = dishes_without(menu, allergens, diet)
    wanted = " and ".join(
        [*([diet] if diet else []), *(["without " + say_list(list(allergens), "or")] if allergens else [])]
    )
    if not dishes:
        say(
            dispatcher,
            tracker,
            f"I'm sorry, we have nothing {wanted} on the menu. Our kitchen can often help if you call.",
        )
        return
    care = f" {_TELL_US}" if allergens else ""
    say(
        dispatcher,
        tracker,
        f"{wanted.capitalize()}, we have {_names(dishes)}.{care}",
        shown=f"{wanted.capitalize()}:\n{_listing(dishes)}\n{care.strip()}".strip(),
    )


def describe(dish: Dish, currency: str) -> str:
    """Say a dish, its price and its allergens."""
    about = f", {dish.about}," if dish.about else ""
    return f"The {dish.name}{about} is {say_price(dish.price, currency)}. It contains {_contents(dish)}."


def say_price(price: float, currency: str) -> str:
    """Say a price: "16 dollars 50"."""
    whole, cents = divmod(round(price * 100), 100)
    return f"{whole} {currency} {cents:02d}" if cents else f"{whole} {currency}"


def _verdict(dish: Dish, allergens: Sequence[str], diet: str | None) -> str:
    found = [allergen for allergen in allergens if allergen in dish.allergens]
    if diet and diet not in dish.suits:
        return f"No, the {dish.name} is not {diet}."
    if found:
        return f"Yes, the {dish.name} contains {say_list(found)}."
    if allergens:
        return f"No, the {dish.name} is made without {say_list(list(allergens), 'or')}."
    return f"Yes, the {dish.name} is {diet}."


def _contents(dish: Dish) -> str:
    return say_list(dish.allergens) if dish.allergens else "none of the common allergens"


def _names(dishes: Sequence[Dish]) -> str:
    return say_list([dish.name for dish in dishes])


def _whole_menu(menu: Sequence[Dish]) -> str:
    courses = list(dict.fromkeys(dish.course for dish in menu))
    parts = [f"for {course}, {_names([dish for dish in menu if dish.course == course])}" for course in courses]
    return f"{'. '.join(part[:1].upper() + part[1:] for part in parts)}. Ask me about any dish."


def _listing(dishes: Sequence[Dish]) -> str:
    return "\n".join(_line(dish) for dish in dishes)


def _line(dish: Dish) -> str:
    return f"- {dish.name.capitalize()} ({dish.price:.2f}): {dish.about}"
