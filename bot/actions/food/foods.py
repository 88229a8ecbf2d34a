"""What somebody cannot eat: foods that the menu knows as allergens, foods and diets that it says nothing about."""

from __future__ import annotations

import re

from phrases import Phrases

from . import WORDS
from .menu import allergen_foods, allergens_in, blank, diet_in, keeps_off_meat
from .party import names_somebody

SAID = Phrases(__file__, kept_off=WORDS.alternatives("kept_off"), allergens=allergen_foods())
KEEPS_OFF = SAID.part("keeps_off")
MAKES_ILL = SAID.part("makes_ill")
_ALLERGY_FOODS = SAID.each("allergy_foods")
_FOODS = (*_ALLERGY_FOODS, *SAID.each("other_foods"))


def kept_off(text: str) -> str:
    """Return the words without the foods that are said to be fine: "a fish allergy, not shellfish", "eggs are ok".

    Nothing is left out of words that name nothing else to keep off, nor of a question ("is milk ok").
    """
    left = text
    for match in reversed(list(SAID.said_to_be_fine.finditer(text))):
        without = blank(left, *match.span())
        left = without if allergens_in(without) or diet_in(without) else left
    return left


def unknown_food(text: str, *, known: bool = False) -> str | None:
    """Return a food or diet that somebody asks about or cannot have, and that restaurant.yml says nothing about.

    Args:
        text: in lower case.
        known: only a food that people are known to keep off, or what is called an allergy.
    """
    for pattern in _FOODS:
        for match in pattern.finditer(text):
            food = _food_of(match["food"])
            is_known = (
                allergens_in(food) or diet_in(food) or unknown_diet(f"{food} free") or food.endswith(("n't", "ing"))
            )
            expected = not known or pattern in _ALLERGY_FOODS or _people_keep_off(food)
            if food and expected and not is_known and not (food == "meat" and keeps_off_meat(text)):
                return food
    return (None if known else unknown_diet(text)) or _used(text)


def unknown_foods(text: str, *, known: bool = False) -> tuple[str, ...]:
    """Return all such foods that are named in one breath: "onions and garlic", "no milk and no onions"."""
    first = unknown_food(text, known=known)
    named = re.search(rf"\b{re.escape(first)}\b", text) if first else None
    found = [first] if first else []
    for listed in (named, *re.finditer(rf"\b(?:{allergen_foods()})\b", text)):
        while listed and (listed := SAID.and_food.match(text, listed.end())):
            words = listed["food"]
            kept_off_too = WORDS.pattern("kept_off").match(words) or re.match(rf"(?:{allergen_foods()})\b", words)
            food = kept_off_too[0] if kept_off_too else "" if known or not first else _food_of(words)
            if not food or not words.startswith(food):
                break
            found += [] if allergens_in(food) else [food]
            listed = re.compile(re.escape(food)).match(text, listed.start("food"))
    return tuple(dict.fromkeys(found))


def _food_of(words: str) -> str:
    """Return the food that words begin with, as far as they may be one."""
    food: list[str] = []
    for word in words.split():
        if word in WORDS.words("clause") or (food and word in WORDS.words("general")):
            break
        if not (word in WORDS.words("general") or SAID.contraction.fullmatch(word) or names_somebody(word)):
            food.append(word)
    return " ".join(food)


def _used(text: str) -> str | None:
    """Return a food that people keep off, where it is asked whether it is used."""
    found = WORDS.pattern("kept_off").search(text) or SAID.unpasteurized.search(text)
    if not found or not SAID.used.search(text) or (found[0] == "meat" and keeps_off_meat(text)):
        return None
    return None if allergens_in(found[0]) and not found[0].startswith("raw") else found[0]


def _people_keep_off(food: str) -> bool:
    return bool(WORDS.pattern("kept_off").search(food))


def names_food(text: str) -> bool:
    """Say whether words name a food or diet that people keep off."""
    return bool(_people_keep_off(text) or allergens_in(text) or diet_in(text))


def content_words(text: str) -> list[str]:
    """Return the words that may name a thing: none of "would that be a problem"."""
    return [word for word in re.findall(r"[^\W\d_]{3,}", text.lower()) if word not in WORDS.words("general")]


def without_foods(text: str) -> str:
    """Return the words without the allergens and diets in them."""
    named = rf"\b(?:{allergen_foods()}|{WORDS.alternatives('diets')}|{WORDS.alternatives('unknown_diets')})\b"
    return re.sub(named, lambda match: "#" * len(match[0]), text)


def unknown_diet(text: str) -> str | None:
    """Return the diet or condition a guest names that the menu says nothing about, as it reads after "which are"."""
    return WORDS.group_in("unknown_diets", text)


def is_unknown_diet(food: str) -> bool:
    """Say whether what the menu does not know is a diet or condition: "halal", "right in pregnancy"."""
    return food in WORDS["unknown_diets"]


def is_severe(text: str) -> bool:
    """Say whether a trace of it is dangerous: "she ends up in hospital"."""
    return bool(WORDS.pattern("severe").search(text))
