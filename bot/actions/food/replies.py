"""What there is to eat, and what is in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..conversation import Answer
from ..house import settings
from ..house.restaurant import Dish
from ..spoken import say_list
from .menu import allergens_in, course_in, diet_in, dish_in, dishes_named
from .question import asks_about_food, names_dish_of_the_day, read_question
from .safety import TELL_US, FoodAnswer, answer, contents, is_plural

_WISH = re.compile(r"^\W*(?:do you (?:have|serve|offer)|is there|have you got)\b(?!.*\b(?:menu|food|dishes|eat)\b)")
_COURSES = re.compile(r"\b(?:starters?|appetizers?|desserts?|puddings?|main courses?|main dish(?:es)?|mains)\b")
_PRICE = re.compile(r"\b(?:how much (?:is|are|does|do|for|would)|prices?|costs?|expensive|cheap|dollars)\b")
# "Are you certain?" after a verdict.
_DOUBTS = re.compile(
    r"\b(?:are|r) you (?:\w+ ){0,2}?(?:sure|certain|positive|serious)\b|\b(?:is|was) that (?:really |definitely )?"
    r"(?:right|correct|true|so|certain|definite)\b|\byou(?:'re| are) (?:\w+ )?(?:sure|certain)\b"
    r"|\b(?:fine|ok|okay|safe|all ?right|no problem|a different story|different\w*|could) (?:\w+ ){0,3}?last "
    r"(?:time|week|month|year)\b|\blast (?:time|week|month|year) (?:\w+ ){0,8}?(?:fine|ok|okay|safe|all ?right)\b"
    r"|\b(?:somebody|someone|they|he|she|you|waiter|waitress|colleague|lady|man|guy) (?:\w+ ){0,4}?(?:told|said"
    r"|promised|"
    r"assured) (?:\w+ ){0,5}?(?:fine|ok|okay|safe|all ?right|could|can)\b"
    r"|^\W*(?:oh |um |er |what |no )?(?:really|seriously|honestly|definitely)\W*$"
)


def answer_menu(
    asked: str, last: Sequence[Dish] = (), noted: Sequence[str] = (), said_here: Sequence[str] = ()
) -> Answer:
    """Read the menu: a course, a dish, what suits a diet, or the whole of it.

    Args:
        asked: the question.
        last: the dishes talked about before.
        noted: what the guest cannot eat.
        said_here: what of it is said beside the question.
    """
    house = settings.restaurant()
    menu, named = house.menu, dishes_named(asked, house.menu)
    priced = bool(_PRICE.search(asked.lower()))
    question = read_question(asked, menu, last, noted, said_here)
    if (question.shared and not priced) or names_dish_of_the_day(asked):
        return _shown(answer(question, menu), asked)
    if question.about_safety and not (priced and question.dishes):
        return _shown(answer(question, menu), asked)
    dishes = list(named.dishes or question.dishes)
    if not dishes and not named.others:
        dishes = [dish for dish in [dish_in(asked, menu)] if dish]
    course = course_in(asked, menu)
    if dishes:
        said = " ".join(describe(dish, house.currency) for dish in dishes)
        return Answer(said, "\n".join(f"{_line(dish)}\nAllergens: {contents(dish)}" for dish in dishes))
    if named.others:
        return Answer(f"I don't see {say_list(list(named.others), 'or')} on our menu. {_whole_menu(menu)}")
    if course:
        found = [each for each in menu if each.course == course]
        priced_names = say_list([f"{dish.name} for {say_price(dish.price, house.currency)}" for dish in found])
        return Answer(f"For {course} we have {priced_names if priced else _names(found)}.", _listing(found))
    missing = "I don't see that on our menu. " if _WISH.search(asked.lower()) else ""
    return Answer(f"{missing}{_whole_menu(menu)}", f"{missing}\n{_listing(menu)}".strip())


def answer_allergens(
    asked: str, last: Sequence[Dish] = (), noted: Sequence[str] = (), said_here: Sequence[str] = ()
) -> Answer:
    """Say what a dish contains, whether it is safe, or which dishes are, and never guess."""
    menu = settings.restaurant().menu
    question = read_question(asked, menu, last, noted, said_here)
    if question.dishes or question.others or question.about_safety or question.shared:
        return _shown(answer(question, menu), asked)
    return Answer("I know the allergens of every dish. Which food can't you eat, or which dish are you asking about?")


def doubted(text: str, before: Sequence[str]) -> str | None:
    """Return the question whose verdict somebody doubts: "are you certain? It was fine last time".

    Args:
        text: the latest message.
        before: what the guest said before it, the latest last.
    """
    if not _DOUBTS.search(text.lower().replace("\u2019", "'")) or names_food(text):
        return None
    earlier = next((said for said in reversed(before) if not _DOUBTS.search(said.lower()) or names_food(said)), "")
    return earlier if asks_about_food(earlier, settings.restaurant().menu) else None


def names_food(text: str) -> bool:
    """Say whether words name a dish, an allergen or a diet."""
    named = dishes_named(text, settings.restaurant().menu).dishes or allergens_in(text) or diet_in(text)
    return bool(named or _COURSES.search(text.lower()))


def describe(dish: Dish, currency: str) -> str:
    """Say a dish, its price and its allergens."""
    about = f", {dish.about}," if dish.about else ""
    verb, contain = ("are", "They contain") if is_plural(dish) else ("is", "It contains")
    return f"The {dish.name}{about} {verb} {say_price(dish.price, currency)}. {contain} {contents(dish)}."


def say_price(price: float, currency: str) -> str:
    """Say a price: "16 dollars 50"."""
    whole, cents = divmod(round(price * 100), 100)
    return f"{whole} {currency} {cents:02d}" if cents else f"{whole} {currency}"


def _shown(found: FoodAnswer, asked: str) -> Answer:
    """Give the answer a list for the eye, and what the kitchen would be asked."""
    shown = None
    if found.dishes:
        care = TELL_US if found.text.endswith(TELL_US) else ""
        shown = f"{found.heading}:\n{_listing(found.dishes)}\n{care}".strip()
    return Answer(found.text, shown, kitchen=asked if found.kitchen else None)


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
