"""What the food costs: a dish, several together, the cheapest and the dearest, a course."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..house.restaurant import Dish
from ..spoken import say_list
from .safety import The, is_plural, the

_PRICE = re.compile(
    r"\b(?:how much (?:is|are|does|do|for|would|will|to|a|the)|how much\W*$|how dear|prices?|priced?|costs?|costing|"
    r"expensive|cheap|"
    r"pricey|dollars|set me back|come to|do you charge for|charge for (?:the|a))\b"
)
_CHEAPEST = re.compile(
    r"\b(?:cheapest|least expensive|lowest price|costs? (?:the )?least|most affordable|best value)\b"
)
_DEAREST = re.compile(r"\b(?:dearest|most expensive|priciest|highest price|costs? (?:the )?most|costliest)\b")
_TOGETHER = re.compile(r"\b(?:come to|comes to|altogether|all together|together|in total|add up|the lot|for both)\b")
_SEVERAL = re.compile(r"\b(?:two|three|four|five|six|seven|eight|nine|ten|\d+|each|both of us)\b")


def asks_a_price(text: str) -> bool:
    """Say whether it is asked what something costs."""
    lowered = text.lower()
    return bool(_PRICE.search(lowered) or _CHEAPEST.search(lowered) or _DEAREST.search(lowered))


def extremes_asked(text: str) -> list[str]:
    """Return the parts of a question that each ask for the cheapest or the dearest; none where it is one question."""
    parts = re.split(r"\band\b", text.lower())
    return parts if len(parts) > 1 and all(_CHEAPEST.search(part) or _DEAREST.search(part) for part in parts) else []


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
        if len(dishes) > 1 and _TOGETHER.search(lowered) and not _SEVERAL.search(lowered):
            said.append(f"Together that is {say_price(sum(dish.price for dish in dishes), currency)}.")
        return " ".join(said)
    if _CHEAPEST.search(lowered):
        return _extreme("cheapest", min(dish.price for dish in menu), menu, currency)
    if _DEAREST.search(lowered):
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
