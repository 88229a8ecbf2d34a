"""What guests take for a dish of the house and is none: "the beef wellington", "the bread", "the soup of the day"."""

from __future__ import annotations

import re
from functools import cache
from itertools import dropwhile

from phrases import Phrases

from . import WORDS
from .menu import allergens_in, blank, diet_in

SAID = Phrases(__file__)


def dish_of_the_day(text: str) -> re.Match[str] | None:
    """Find a dish that changes and that nobody wrote down, as the group ``dish``."""
    return SAID.of_the_day.search(text.lower())


def dishes_elsewhere(text: str) -> tuple[list[str], str]:
    """Find what stands where a dish would, and is none: "is the pad thai safe"; return also the words without it."""
    for pattern in _patterns():
        for match in pattern.finditer(text):
            if _names_a_dish(match["dish"], first=pattern is _patterns()[3], asked=pattern is _patterns()[4]):
                own = dropwhile(WORDS.words("describing").__contains__, match["dish"].split())
                return [" ".join(own)], blank(text, *match.span("dish"))
    return [], text


def _names_a_dish(words: str, *, first: bool, asked: bool) -> bool:
    """Say whether words name a dish.

    Args:
        words: that stand where one would.
        first: they come before the question; then each must be its own: "the table you gave us is that all right".
        asked: the question is about them; elsewhere a food that somebody keeps off is no dish: "what about the nuts".
    """
    own = [word for word in words.split() if word not in WORDS.words("general")]
    if words.split()[-1] not in own or SAID.clause.search(words) or words in WORDS["kinds"]:
        return False  # "the fewest allergens", "does the menu mark which ones have nuts"
    if first and len(own) < len(words.split()):
        return False
    if not asked and not WORDS.pattern("beside").fullmatch(words):
        own = [word for word in own if not allergens_in(word)]
    return bool(own) and not diet_in(words)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    diets = WORDS.alternatives("unknown_diets")
    no_dish = "|".join(sorted(WORDS.words("general")))
    return (
        re.compile(rf"\b(?:the|your|any of your|that|this) (?:\w+ )?(?P<dish>{WORDS.alternatives('beside')})\b"),
        re.compile(
            rf"\b(?:the|your|that|a|an|any) (?P<dish>(?:(?!(?:{no_dish})\b)[a-z'-]+ ){{0,2}}?"
            rf"(?:{WORDS.alternatives('other_dishes')}))\b"
        ),
        # "do you do gluten free bread"
        re.compile(
            r"\b(?:do|have) you (?:have|do|serve|make|offer|got|sell) (?:a |an |any |some )?(?:[a-z]+[ -]free |"
            r"[a-z]+ ){0,2}?"
            rf"(?P<dish>{WORDS.alternatives('beside')}|{WORDS.alternatives('other_dishes')})\b"
        ),
        # "the beef wellington you do is that all right": the dish first
        re.compile(
            r"\b(?:the|your|that) (?P<dish>[a-z'-]+(?: [a-z'-]+){0,3}?)"
            r"(?: that| which)?(?: you (?:do|have|serve|make|offer|got)| you've got| on (?:the|your) menu| of yours)?"
            r"[\s,]+(?:(?:is|are|does|do|has|have|would|will) (?:that|it|they|this|those)|"
            r"(?:can|could|may|might|would|should) (?:[a-z'-]+ ){1,7}?(?:eat|have|order|try) (?:it|that|them))\b"
        ),
        re.compile(
            r"\b(?:is|are|does|do|was) (?:the|your) (?P<dish>[a-z'-]+(?: [a-z'-]+){0,3}?) (?:also |all )?"
            r"(?:safe|ok|okay|fine|suitable|all ?right|good|free|contain|have|has|include|made|come|vegan|vegetarian|"
            rf"without|[a-z]+[ -]free|#|{diets})\b"
        ),
        re.compile(
            r"\b(?:eat|have|order|try|in|about|with) (?:the|your) (?P<dish>[a-z'-]+(?: [a-z'-]+){0,2}?)"
            r"(?= (?:if|when|as|safe|ok|for|with|without|contain|and|be)\b|[\s#]*(?:[?.!,]|$))"
        ),
        re.compile(
            r"\bonly(?: ever)? (?:eats?|likes?) (?:plain )?"
            r"(?P<dish>[a-z'-]+(?: (?!(?:is|are|do|have|what|can|so|and)\b)[a-z'-]+)?)"
        ),
    )
