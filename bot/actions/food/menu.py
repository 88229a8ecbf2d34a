"""Questions to the menu: dishes, allergens, diets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..house.restaurant import ALLERGENS, DIETS, Dish

# How guests name the allergens of the menu, and the foods that are always made of them.
_ALLERGEN_WORDS = {
    "gluten": r"glutt?en|wheat|barley|rye|spelt|co?eliacs?|flour|bread|pasta",
    "milk": r"milk|dairy|diary|lactose|cheese|parmesan|butter|cream|yog?h?urt|casein|whey",
    "eggs": r"eggs?|mayonnaise",
    "fish": r"fish(?! market)|salmon|tuna|cod|anchov(?:y|ies)|sea ?food",
    "shellfish": r"shell ?fish|crustaceans?|prawns?|shrimps?|crabs?|lobsters?|crayfish|mussels?|oysters?|clams?"
    r"|scallops?|molluscs?|sea ?food",
    "nuts": r"(?<!pea )nuts?|tree ?nuts?|walnuts?|almonds?|hazelnuts?|cashews?|pecans?|pistachios?|macadamias?",
    "peanuts": r"pea ?nuts?",
    "soy": r"soya?|soja|tofu|edamame",
    "sesame": r"sesame|tahini",
    "celery": r"celery|celeriac",
    "mustard": r"mustard",
    "sulphites": r"sul(?:ph|f)ites?",
}
# Red meat, or much of it, is another matter.
_MEATLESS = re.compile(r"\b(?:vegetarians?|veggies?|meat.?free|meatless|(?:without|no) (?:any )?meat)\b")
_EATS_NO_MEAT = re.compile(
    r"\b(?:(?:off|given up|gave up|avoids?) (?:any )?meat"
    r"|(?:not|non|isn't)[ -](?:a )?(?:big )?meat[ -]eaters?"
    r"|(?:\w+n't|not|cannot|never|no longer|nor) (?:(?!you\b)\w+ ){0,2}?(?:eats?|eating|have|do|touch"
    r"|touches) (?:any )?meat"
    r"|(?:none of (?:us|them)|nobody|no one) (?:eats?|has|have|touches) meat)\b"
)
_COURSE_WORDS = {"starters": r"starters?|appetizers?|first course", "mains": r"mains?|main course|main dish(?:es)?",
                 "desserts": r"desserts?|sweets?|puddings?|something sweet"}  # fmt: skip
# How alike a heard word must be (difflib's ratio), so that "lasagne" is the lasagna, "kake" a cake, "steak" no stew.
_LONG = 6  # letters
_CLOSE = 0.84  # of a long word
_CLOSE_SHORT = 0.75
# Before the last word of a dish these leave it the dish of the menu; any other word names another ("seafood risotto").
_OPEN_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        the a an your that this our my some any of in for eat eats have has order try take like want about is are was
        does do with and or to on her his their i'd it free safe no then than but by be vegan vegetarian into from
        """,
    )
)


@dataclass(frozen=True)
class Named:
    """Dishes somebody named.

    Attributes:
        dishes: those of the menu, in the order in which they were named.
        others: dishes that the menu does not have: "seafood risotto" where there is a mushroom risotto.
        rest: the words without the dishes: "garlic prawns" says nothing about an allergy to prawns.
    """

    dishes: tuple[Dish, ...]
    others: tuple[str, ...]
    rest: str


def dishes_named(text: str, menu: Sequence[Dish]) -> Named:
    """Find every dish named, by its whole name or by its last word, where no other dish ends in that."""
    rest = text.lower().replace("\u2019", "'")
    found: list[tuple[int, Dish]] = []
    others: list[str] = []
    for dish in sorted(menu, key=lambda dish: -len(dish.name)):
        names = dish.name.lower().split()
        tokens = list(re.finditer(r"[^\W\d_]+(?:'[^\W\d_]+)?", rest))
        for run in zip(*(tokens[start:] for start in range(len(names))), strict=False):
            if all(_close(name, token[0]) for name, token in zip(names, run, strict=True)):
                found.append((run[0].start(), dish))
                rest = _blank(rest, run[0].start(), run[-1].end())
        for match in re.finditer(rf"\b{' ?'.join(dish.name.lower().replace(' ', ''))}\b", rest):  # "chick pea curry"
            found.append((match.start(), dish))
            rest = _blank(rest, *match.span())
    heads = [dish.name.lower().split()[-1] for dish in menu]
    tokens = list(re.finditer(r"[^\W\d_]+(?:'[^\W\d_]+)?|[#.,!?;]+", rest))
    for before, token in zip([None, *tokens], tokens, strict=False):
        owners = [dish for dish, head in zip(menu, heads, strict=True) if _same_word(head, token[0])]
        if len(owners) != 1:
            continue
        dish = owners[0]
        word = before[0] if before else ""
        start = token.start()
        own = any(_close(part, word) for part in dish.name.lower().split())
        if word[:1].isalpha() and word not in _OPEN_WORDS and not own:
            others.append(f"{word} {token[0]}")
            start = before.start() if before else start
        else:
            found.append((start, dish))
            start = before.start() if before and own else start  # "the sea bass" is not the sea
        rest = _blank(rest, start, token.end())
    ordered = dict.fromkeys(dish for _, dish in sorted(found, key=lambda one: one[0]))
    return Named(tuple(ordered), tuple(others), rest)


def _blank(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{'#' * (end - start)}{text[end:]}"


def _close(name: str, heard: str) -> bool:
    """Say whether a word of a dish's name was heard, a slip allowed: "salat" is the salad, "chicken" not chickpea."""
    likeness = difflib.SequenceMatcher(None, name, heard).ratio()
    return likeness >= (_CLOSE if len(name) >= _LONG else _CLOSE_SHORT)


def _same_word(name: str, heard: str) -> bool:
    """Say whether a word on its own is one of a dish; short ones must be exact: "start" is no "tart"."""
    return heard in (name, f"{name}s") or (len(name) >= _LONG and _close(name, heard))


def allergens_in(text: str) -> list[str]:
    """Return the allergens a guest names, in the menu's order."""
    lowered = text.lower()
    return [allergen for allergen in ALLERGENS if re.search(rf"\b(?:{_ALLERGEN_WORDS[allergen]})\b", lowered)]


def diet_in(text: str) -> str | None:
    """Return the diet a guest names."""
    lowered = text.lower()
    if re.search(r"\bvegans?\b|\bplant.based\b|\banimal products?\b|\banimals?\b", lowered):
        return DIETS[0]
    return DIETS[1] if keeps_off_meat(lowered) else None


def keeps_off_meat(text: str) -> bool:
    """Say whether meat is what is not eaten, by whoever: "she doesn't eat meat", but no allergy to it."""
    return eats_no_meat(text) or bool(_MEATLESS.search(text.lower()))


def eats_no_meat(text: str) -> bool:
    """Say whether somebody eats no meat; "anything vegetarian" may be a wish for once."""
    return bool(_EATS_NO_MEAT.search(text.lower()))


def course_in(text: str, menu: Sequence[Dish]) -> str | None:
    """Return the course a guest names, among those of the menu."""
    courses = {dish.course for dish in menu}
    for course in sorted(courses):
        if re.search(rf"\b(?:{_COURSE_WORDS.get(course, re.escape(course))})\b", text.lower()):
            return course
    return None


def dish_in(text: str, menu: Sequence[Dish]) -> Dish | None:
    """Return the dish a guest most likely means; here one word that only it has is enough.

    "the risotto" finds "mushroom risotto", "chocolate kake" finds "chocolate cake", "the chocolate" as well. Whoever
    asks what is safe to eat needs ``dishes_named``, which does not guess.
    """
    named = dishes_named(text, menu)
    if named.dishes:
        return named.dishes[0]
    words = re.findall(r"[^\W\d_]+", text.lower())
    parts = [part for dish in menu for part in set(dish.name.lower().split())]
    for dish in menu:
        for part in dish.name.lower().split():
            if parts.count(part) == 1 and len(part) > 3 and any(_same_word(part, word) for word in words):
                return dish
    return None


def dishes_without(menu: Sequence[Dish], allergens: Sequence[str], diet: str | None = None) -> list[Dish]:
    """Return the dishes free of the allergens and fit for the diet."""
    return [dish for dish in menu if not set(allergens) & set(dish.allergens) and (diet is None or diet in dish.suits)]
