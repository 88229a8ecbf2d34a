"""Questions to the menu: dishes, allergens, diets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from .restaurant import ALLERGENS, DIETS, Dish

# How guests name the allergens of the menu.
_ALLERGEN_WORDS = {
    "gluten": r"gluten|wheat|coeliac|celiac|flour|bread",
    "milk": r"milk|dairy|lactose|cheese|butter|cream",
    "eggs": r"eggs?",
    "fish": r"fish(?! market)",
    "shellfish": r"shell ?fish|prawns?|shrimps?|crab|lobster|seafood",
    "nuts": r"nuts?|walnuts?|almonds?|hazelnuts?|tree nuts?",
    "peanuts": r"pea ?nuts?",
    "soy": r"soya?|soja|tofu",
    "sesame": r"sesame",
    "celery": r"celery",
    "mustard": r"mustard",
    "sulphites": r"sul(?:ph|f)ites?",
}
_COURSE_WORDS = {"starters": r"starters?|appetizers?|first course", "mains": r"mains?|main course|main dish(?:es)?",
                 "desserts": r"desserts?|sweets?|puddings?|something sweet"}  # fmt: skip
_CLOSE = 0.8  # how alike a heard dish must be: "beet salat" is the beet salad, "beef" is not
_CLOSE_WORD = 0.84


def allergens_in(text: str) -> list[str]:
    """Return the allergens a guest names, in the menu's order."""
    lowered = text.lower()
    named = [allergen for allergen in ALLERGENS if re.search(rf"\b(?:{_ALLERGEN_WORDS[allergen]})\b", lowered)]
    if "peanuts" in named and not re.search(r"\b(?<!pea )nuts?\b", lowered):
        named = [allergen for allergen in named if allergen != "nuts"]
    return named


def diet_in(text: str) -> str | None:
    """Return the diet a guest names."""
    lowered = text.lower()
    if re.search(r"\bvegans?\b|\bplant.based\b", lowered):
        return DIETS[0]
    return (
        DIETS[1]
        if re.search(r"\b(?:vegetarians?|veggie|meat.?free|without meat|no meat|eat meat)\b", lowered)
        else None
    )


def course_in(text: str, menu: Sequence[Dish]) -> str | None:
    """Return the course a guest names, among those of the menu."""
    courses = {dish.course for dish in menu}
    for course in sorted(courses):
        if re.search(rf"\b(?:{_COURSE_WORDS.get(course, re.escape(course))})\b", text.lower()):
            return course
    return None


def dish_in(text: str, menu: Sequence[Dish]) -> Dish | None:
    """Return the dish a guest names, allowing for a letter or two misheard; a unique last word is enough.

    "the risotto" finds "mushroom risotto", "chocolate kake" finds "chocolate cake".
    """
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not menu:
        return None
    best = max(menu, key=lambda dish: _likeness(dish.name.lower(), words))
    if _likeness(best.name.lower(), words) >= _CLOSE:
        return best
    parts = {part for dish in menu for part in dish.name.lower().split()}
    for part in sorted(parts, key=lambda part: (-len(part), part)):
        owners = [dish for dish in menu if part in dish.name.lower().split()]
        if len(owners) == 1 and len(part) > 3 and difflib.get_close_matches(part, words, n=1, cutoff=_CLOSE_WORD):
            return owners[0]
    return None


def _likeness(name: str, words: Sequence[str]) -> float:
    """Return how alike a dish's name and the likest run of as many words are, from 0 to 1."""
    size = len(name.split())
    runs = [" ".join(words[i : i + size]) for i in range(len(words) - size + 1)]
    return max((difflib.SequenceMatcher(None, name, run).ratio() for run in runs), default=0.0)


def dishes_without(menu: Sequence[Dish], allergens: Sequence[str], diet: str | None = None) -> list[Dish]:
    """Return the dishes free of the allergens and fit for the diet."""
    return [dish for dish in menu if not set(allergens) & set(dish.allergens) and (diet is None or diet in dish.suits)]
