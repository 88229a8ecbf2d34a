"""What somebody cannot eat: foods that the menu knows as allergens, foods and diets that it says nothing about."""

from __future__ import annotations

import re
from functools import cache

from . import WORDS
from .menu import allergen_foods, allergens_in, blank, diet_in, keeps_off_meat
from .party import names_somebody

# Somebody keeps away from it, whatever the words: what fits them is wanted, not what contains it.
KEEPS_OFF = (
    r"(?:keep|keeps|keeping|stay|stays|staying|steer|steers|lay|off) (?:clear |away |well )?(?:off|of|from|clear of)|"
    r"gone (?:right |completely |totally |clean )?off|"
    r"cut out|give up|given up|react(?:s|ed)? (?:badly |really badly )?to|sensitive to|(?:doesn't|does not|can't|"
    r"cannot|don't|do not|won't|never|not) (?:really |even |actually )?(?:touch|do|drink|eat|have|stomach|digest|"
    r"handle|tolerate|take|go near|get near|be near|come near|go anywhere near|agree with)|avoid|avoids|avoiding|"
    r"has to go without|go without|off limits|bad with"
)
MAKES_ILL = (
    r"(?:makes|make|gives|give|triggers|trigger|upsets|upset|kills|disagrees with|doesn't agree with|"
    r"does not agree with|don't agree with) (?:me|my|him|his|her|us|them|our)|(?:brings|bring|sets|set) (?:me|him|her|"
    r"(?:my|our|his|her) \w+) (?:out|off)|(?:sets|set) off (?:my|his|her)|hives|rash|swells?|swollen|swelling|"
    r"itch(?:y|es)?|breaks? out|comes? out in|flares? up"
)
_ILLNESS = r"migraines?|headaches?|hives|rash(?:es)?|cramps?|bloated|ill|sick|spots|heartburn|asthma"
_FOOD = r"(?P<food>[a-z][a-z'-]*(?: [a-z][a-z'-]*){0,2})"
_FOOD_BEFORE = r"(?<!['\w])(?P<food>(?:[a-z]+ (?=fruits?\b))?[a-z-]+)"
# What stands beside the word allergy is a food, whatever it is; elsewhere it may be anything.
_ALLERGY_FOODS = (
    re.compile(
        rf"\b(?:allerg(?:ic|y|ies)|intoleran\w+|reactions?|react(?:s|ed|ing)?)(?: badly)? (?:to|against|of) {_FOOD}"
    ),
    re.compile(r"(?<!['\w])(?P<food>[a-z]+) (?:allerg(?:y|ies)|intoleran(?:t|ce))\b"),
)
_FOODS = (
    *_ALLERGY_FOODS,
    re.compile(r"(?<!['\w])(?P<food>[a-z]+)[ -]free\b"),
    re.compile(rf"\b(?:without|free (?:of|from)|contain(?:s|ing)?|made (?:with|of|from)) {_FOOD}"),
    re.compile(rf"\b(?:is|are) there (?:any |some )?{_FOOD}(?= in\b|[\s#]*(?:[?.!,]|$))"),
    re.compile(rf"(?:\b(?:can ?not|not allowed to|must not|may not|never)|n't) (?:eat|have|tolerate|take) {_FOOD}"),
    re.compile(rf"\b(?:{KEEPS_OFF}) {_FOOD}"),
    re.compile(rf"\bany {_FOOD}(?= in\b)"),
    re.compile(rf"\b(?:{_ILLNESS})(?: \w+)? (?:from|after|off|with) {_FOOD}"),
    re.compile(rf"\b(?:no|neither|nor) (?P<food>{WORDS.alternatives('kept_off')})\b"),
    re.compile(r"\bneither (?!of\b)(?P<food>[a-z]+(?: [a-z]+)?)(?= nor\b)"),
    # "kiwi's a big no for him", "lychee makes her lips tingle"
    re.compile(
        rf"{_FOOD_BEFORE}(?:'s|'re| is| are)(?: a| an| an?(?: \w+)| \w+ly)? (?:no[- ]?nos?|no[- ]go|"
        r"no(?= for\b)|off limits|out of (?:bounds|the question)|out for|poison|bad news|forbidden|not allowed)\b"
    ),
    re.compile(
        rf"{_FOOD_BEFORE}(?: \w+ly| always| just| often)? (?:makes?|gives?|triggers?|upsets?|kills?|(?:brings?|sets?)|"
        r"disagrees? with|(?:doesn't|does not|don't|do not)(?: really)? agree with) "
        r"(?:me|my|him|his|her|us|our|them|their)\b"
    ),
    re.compile(rf"\b(?:have|has) {_FOOD} in (?:it|them)\b"),
    re.compile(rf"\b(?:does|do (?:the|your|they))\b.*\b(?:have|use|contain|include)(?: any| some)? {_FOOD}\W*$"),
    re.compile(r"(?<!['\w])(?P<food>sugar|histamine|fructose)\b"),
)
# What goes on listing foods: "onions, garlic or peppers".
_AND_FOOD = re.compile(rf"(?:\s*,\s*(?:and |or |nor )?|\s+(?:and|or|nor|&|plus) )(?:any |the |no |of )?{_FOOD}")
_UNPASTEURIZED = re.compile(r"\bunpasteuri[sz]ed \w+")
# "She'd", "isn't": who, and no food.
_CONTRACTION = re.compile(r"(?:i|you|he|she|it|we|they|that|there|this|what|who|how|where|let)'[a-z]+|[a-z]+n't")
_USED = re.compile(
    r"\b(?:cook|cooked|fry|fried|made|make|bake|baked) (?:\w+ )?(?:with|in)\b|\byou use\b"
    rf"|\b(?:{KEEPS_OFF}|{MAKES_ILL}|ill|sick|swell|rash|welts|lumps|blotch\w*|tummy|stomach|any in|"
    r"in (?:it|that|the|your|them|there)|{_ILLNESS})\b"
)
_FINE = (
    r"(?:perfectly |absolutely |totally |quite |all )?(?:fine|ok|okay|all ?right|allowed|no (?:problem|bother)|good)"
)


def kept_off(text: str) -> str:
    """Return the words without the foods that are said to be fine: "a fish allergy, not shellfish", "eggs are ok".

    Nothing is left out of words that name nothing else to keep off, nor of a question ("is milk ok").
    """
    left = text
    for match in reversed(list(_said_to_be_fine().finditer(text))):
        without = blank(left, *match.span())
        left = without if allergens_in(without) or diet_in(without) else left
    return left


@cache
def _said_to_be_fine() -> re.Pattern[str]:
    foods = f"(?:(?:any|the|other|most|all) )?(?:{allergen_foods()})(?:(?:,| and| or) (?:{allergen_foods()}))*"
    no_condition = r"(?! ?(?:allerg|intoleran|free\b))"
    return re.compile(
        rf"\b(?:not|isn't|aren't|never)(?: actually| really)?(?: (?:allergic|"
        rf"intolerant))?(?: to)? {foods}{no_condition}"
        rf"(?! in\b)|\b(?<!is )(?<!are )(?<!would )(?<!the ){foods} (?:is|are|would be|seems?)(?: actually)? {_FINE}\b"
        rf"|\b(?:i|he|she|we|they)(?: still)? (?:can|do|does|could|may)(?: still| happily)? (?:eat|have|drink|manage|"
        rf"tolerate|take) {foods}{no_condition}"
        rf"|\b(?:(?:'s|is|are|'m|am|'re) )?(?:fine|ok|okay|all ?right|happy) with {foods}{no_condition}"
        rf"|\b(?:still|happily) (?:eats?|drinks?) {foods}"
    )


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
        while listed and (listed := _AND_FOOD.match(text, listed.end())):
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
        if not (word in WORDS.words("general") or _CONTRACTION.fullmatch(word) or names_somebody(word)):
            food.append(word)
    return " ".join(food)


def _used(text: str) -> str | None:
    """Return a food that people keep off, where it is asked whether it is used."""
    found = WORDS.pattern("kept_off").search(text) or _UNPASTEURIZED.search(text)
    if not found or not _USED.search(text) or (found[0] == "meat" and keeps_off_meat(text)):
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
