"""Questions to the menu: dishes, allergens, diets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from ..house.restaurant import ALLERGENS, DIETS, Dish
from ..tables import any_of
from . import WORDS

_EATS_NO_MEAT = re.compile(
    r"\b(?:(?:off|given up|gave up|avoids?) (?:any )?meat"
    r"|(?:not|non|isn't)[ -](?:a )?(?:big )?meat[ -]eaters?"
    r"|(?:\w+n't|not|cannot|never|no longer|nor) (?:(?!you\b)\w+ ){0,2}?(?:eats?|eating|have|do|touch"
    r"|touches) (?:any )?meat"
    r"|(?:none of (?:us|them)|nobody|no one) (?:eats?|has|have|touches) meat)\b"
)
# How alike a heard word must be (difflib's ratio), so that "lasagne" is the lasagna, "kake" a cake, "steak" no stew.
_LONG = 6  # letters
_CLOSE = 0.84  # of a long word
_CLOSE_SHORT = 0.75
_WORD = r"[^\W\d_]+(?:'[^\W\d_]+)?"


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
        tokens = list(re.finditer(_WORD, rest))
        for run in zip(*(tokens[start:] for start in range(len(names))), strict=False):
            if all(_close(name, token[0]) for name, token in zip(names, run, strict=True)):
                found.append((run[0].start(), dish))
                rest = blank(rest, run[0].start(), run[-1].end())
        for match in re.finditer(rf"\b{' ?'.join(dish.name.lower().replace(' ', ''))}\b", rest):  # "chick pea curry"
            found.append((match.start(), dish))
            rest = blank(rest, *match.span())
    heads = [dish.name.lower().split()[-1] for dish in menu]
    tokens = list(re.finditer(rf"{_WORD}|[#.,!?;]+", rest))
    for before, token in zip([None, *tokens], tokens, strict=False):
        owners = [dish for dish, head in zip(menu, heads, strict=True) if _same_word(head, token[0])]
        if len(owners) != 1:
            continue
        dish = owners[0]
        word = before[0] if before else ""
        start = token.start()
        own = any(_close(part, word) for part in dish.name.lower().split()) or mentions(dish, word)
        if word[:1].isalpha() and not own and not _leaves_it(word):
            others.append(f"{word} {token[0]}")
            start = before.start() if before else start
        else:
            found.append((start, dish))
            start = before.start() if before and own else start  # "the sea bass" is not the sea
        rest = blank(rest, start, token.end())
    ordered = dict.fromkeys(dish for _, dish in sorted(found, key=lambda one: one[0]))
    return Named(tuple(ordered), tuple(others), rest)


def blank(text: str, start: int, end: int) -> str:
    """Return a text of the same length in which a stretch says nothing."""
    return f"{text[:start]}{'#' * (end - start)}{text[end:]}"


def mentions(dish: Dish, food: str) -> list[str]:
    """Return the words for a food in what the menu says of a dish; of "meat" and "alcohol" those for their kinds."""
    if kind := WORDS["kinds"].get(food):
        return [word for one in kind for word in mentions(dish, one)]
    stem = re.sub(r"(?:es|s)$", "", food)
    found = stem and re.search(rf"\b{re.escape(stem)}(?:es|s)?\b", f"{dish.name} {dish.about}".lower())
    return [food] if found else []


@lru_cache(maxsize=4096)  # words of dishes times words of a conversation, asked again and again
def _close(name: str, heard: str) -> bool:
    """Say whether a word of a dish's name was heard, a slip allowed: "salat" is the salad, "chicken" not chickpea."""
    likeness = difflib.SequenceMatcher(None, name, heard.removesuffix("'s")).ratio()
    return likeness >= (_CLOSE if len(name) >= _LONG else _CLOSE_SHORT)


def _same_word(name: str, heard: str) -> bool:
    """Say whether a word on its own is one of a dish; short ones must be exact: "start" is no "tart"."""
    heard = heard.removesuffix("'s")
    return heard in (name, f"{name}s") or (len(name) >= _LONG and _close(name, heard))


def _leaves_it(word: str) -> bool:
    """Say whether a word before the last word of a dish leaves it that dish: "spicy prawns", no "seafood risotto"."""
    return word in WORDS.words("before_a_dish") or word in WORDS.words("describing")


@cache
def _foods() -> dict[str, tuple[str, ...]]:
    """Return the allergens of each food that is made of them."""
    made_of: dict[str, tuple[str, ...]] = {food: tuple(of) for food, of in WORDS["compounds"].items()}
    for allergen, foods in WORDS["allergens"].items():
        for food in foods:
            made_of[food] = (*made_of.get(food, ()), allergen)
    return made_of


@cache
def allergen_foods() -> str:
    """Return a pattern that matches every word for an allergen, or for a food made of one."""
    return any_of(_foods())


def allergens_in(text: str) -> list[str]:
    """Return the allergens a guest names, in the menu's order."""
    named = re.finditer(rf"\b(?:{allergen_foods()})\b", text.lower())
    found = {allergen for food in named for allergen in _allergens_of(food[0])}
    return [allergen for allergen in ALLERGENS if allergen in found]


@lru_cache(maxsize=1000)
def _allergens_of(food: str) -> tuple[str, ...]:
    """Return what a food is made of, as it was said: of "tree nuts" what is written beside "tree nut"."""
    longest_first = sorted(_foods(), key=len, reverse=True)
    return next((_foods()[one] for one in longest_first if re.fullmatch(any_of([one]), food)), ())


def diet_in(text: str) -> str | None:
    """Return the diet a guest names."""
    named = WORDS.group_in("diets", text.lower())
    return named or (DIETS[1] if eats_no_meat(text) else None)


def keeps_off_meat(text: str) -> bool:
    """Say whether meat is what is not eaten, by whoever: "she doesn't eat meat", but no allergy to it."""
    return diet_in(text) == DIETS[1]


def eats_no_meat(text: str) -> bool:
    """Say whether somebody eats no meat; "anything vegetarian" may be a wish for once."""
    return bool(_EATS_NO_MEAT.search(text.lower()))


def course_in(text: str, menu: Sequence[Dish]) -> str | None:
    """Return the course a guest names, among those of the menu."""
    return next(iter(sorted(courses_in(text, menu))), None)


def courses_in(text: str, menu: Sequence[Dish]) -> list[str]:
    """Return all courses a guest names, in the menu's order."""
    named = {
        course: WORDS.groups("courses").get(course) or re.compile(rf"\b{re.escape(course)}\b")
        for course in dict.fromkeys(dish.course for dish in menu)
    }
    return [course for course, words in named.items() if words.search(text.lower())]


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


def dishes_described(text: str, menu: Sequence[Dish]) -> tuple[tuple[Dish, ...], str]:
    """Find the dish that is told by what is in it, "the one with the coconut", "the fish dish"; also the other words.

    Where two dishes fit it is both; a word of a dish's name alone is enough in "is the beef all right".
    """
    for pattern in _described():
        for match in pattern.finditer(text):
            found = match.groupdict()
            fits = [dish for dish in menu if course_in(found.get("dish") or "", menu) in (None, dish.course)]
            told = [dish for dish in fits if mentions(dish, match["food"])]
            if "with" not in found and "dish" not in found and "pointing" not in found:
                told = [dish for dish in fits if match["food"] in dish.name.lower().split()]
            if not told and (found.get("with") or found.get("dish") or match["food"] in ("fish", "seafood")):
                told = [dish for dish in fits if set(allergens_in(match["food"])) & set(dish.allergens)]
            if 1 <= len(told) <= 2 and not _leaves_it(match["food"]):
                return tuple(told), blank(text, *match.span("told" if "told" in found else 0))
    return (), text


@cache
def _described() -> tuple[re.Pattern[str], ...]:
    dish, pointing = (f"(?P<{name}>{WORDS.alternatives(name)})" for name in ("dish", "pointing"))
    which = r"\b(?:the|that|your|this)"
    made_with = r"(?P<with>with|that has|that's got|which has|made (?:with|of|from)|containing)"
    return (
        re.compile(
            rf"{which} (?:\w+ )?(?:{dish}|{pointing}) {made_with}(?: (?:the|all the|all|some|those))? (?P<food>\w+)"
        ),
        re.compile(rf"{which} (?P<food>\w+)(?: \w+)? (?:{dish}|{pointing})\b"),
        re.compile(rf"\b(?P<food>\w+) {dish}\b"),
        re.compile(
            rf"{which} (?P<food>\w+)(?='s\b|\s+(?:is|are|does|has|have|can|could|would|will|contain|costs?)\b|\W*$)"
        ),
        re.compile(
            r"\b(?:is|are|does|do|about|have|try|eat|order) (?P<told>(?:the|your) (?P<food>\w+))"
            r"(?= (?:ok|okay|safe|fine|all right|alright|suitable|fresh|good|nice|spicy|[a-z]+[ -]free|vegan|"
            r"vegetarian|any|"
            r"contain|have|come|cost|made|cooked|with|without|for|in|on|and|or|if)\b(?! (?:allerg|intoleran))|\W*$)"
        ),
    )


def dishes_without(menu: Sequence[Dish], allergens: Sequence[str], diet: str | None = None) -> list[Dish]:
    """Return the dishes free of the allergens and fit for the diet."""
    return [dish for dish in menu if not set(allergens) & set(dish.allergens) and (diet is None or diet in dish.suits)]
