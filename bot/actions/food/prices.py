"""What the food costs: a dish, several together, the cheapest and the dearest, a course."""

from __future__ import annotations

import re
from collections.abc import Sequence

from phrases import Phrases

from ..house.restaurant import Dish
from ..spoken import say_list
from .safety import The, is_plural, the

SAID = Phrases(__file__)


def asks_a_price(text: str) -> bool:
    """Say whether it is asked what something costs."""
    lowered = text.lower()
    return bool(SAID.price.search(lowered) or SAID.cheapest.search(lowered) or SAID.dearest.search(lowered))


def extremes_asked(text: str) -> list[str]:
    """Return the parts of a question that each ask for the cheapest or the dearest; none where it is one question."""
    parts = re.split(r"\band\b", text.lower())
    return (
        parts
        if len(parts) > 1 and all(SAID.cheapest.search(part) or SAID.dearest.search(part) for part in parts)
        else []
    )


def say_prices(asked: str, dishes: Sequence[Dish], menu: Sequence[Dish], currency: str) -> str:
    """Say what dishes cost, or where none was named the cheapest, the dearest, or between what prices each course is.

    Args:
        asked: the question.
        dishes: those it is about.
        menu: those that it may be about: of one course where that was named.
        currency: as it is said.
    """
    lowered = asked.lower()
    if dishes:
        said = [
            f"{The(dish)} {'are' if is_plural(dish) else 'is'} {say_price(dish.price, currency)}." for dish in dishes
        ]
        if len(dishes) > 1 and SAID.together.search(lowered) and not SAID.several.search(lowered):
            said.append(f"Together that is {say_price(sum(dish.price for dish in dishes), currency)}.")
        return " ".join(said)
    if SAID.cheapest.search(lowered):
        return _extreme("cheapest", min(dish.price for dish in menu), menu, currency)
    if SAID.dearest.search(lowered):
        return _extreme("most expensive", max(dish.price for dish in menu), menu, currency)
    courses = dict.fromkeys(dish.course for dish in menu)
    if len(courses) == 1:
        named = [f"{dish.name} for {say_price(dish.price, currency)}" for dish in menu]
        return f"For {menu[0].course} we have {say_list(named)}."
    ranges = [
        f"{course} cost {_between([d.price for d in menu if d.course == course], currency)}" for course in courses
    ]
    said_ranges = say_list(ranges)
    return f"{said_ranges[:1].upper()}{said_ranges[1:]}. Which dish do you mean?"


def say_price(price: float, currency: str) -> str:
    """Say a price: "16 dollars 50"."""
    whole, cents = divmod(round(price * 100), 100)
    return f"{whole} {currency} {cents:02d}" if cents else f"{whole} {currency}"


def _extreme(which: str, price: float, menu: Sequence[Dish], currency: str) -> str:
    found = [dish for dish in menu if dish.price == price]
    course = {dish.course for dish in menu}
    of = f" of the {course.pop()}" if len(course) == 1 else " on our menu"
    verb = "is" if len(found) == 1 and not is_plural(found[0]) else "are"
    return f"The {which}{of} {verb} {say_list([the(dish) for dish in found])}, for {say_price(price, currency)}."


def _between(prices: Sequence[float], currency: str) -> str:
    low, high = say_price(min(prices), currency), say_price(max(prices), currency)
    return low if low == high else f"{low} to {high}"
