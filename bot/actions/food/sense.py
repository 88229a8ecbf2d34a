"""The sense of a question about food: may it be eaten, is it in there, what is left, what is to be avoided."""

from __future__ import annotations

import re
from typing import Literal

from phrases import Phrases

from .foods import KEEPS_OFF, MAKES_ILL, names_food
from .menu import allergen_foods, allergens_in

SAID = Phrases(__file__, allergens=allergen_foods())


def asks(text: str) -> Literal["safe", "contains"] | None:
    """Return what a plain yes-or-no question asks; None where that is not plain."""
    if SAID.wh.search(text) or SAID.turned.search(text) or not SAID.yes_no.search(text):
        return None
    safe, contains = bool(SAID.safe.search(text)), bool(SAID.contains.search(text))
    if safe and contains and SAID.only_safe.search(text):
        return "safe" if not re.search(r"\bcontain", text) else None
    if safe == contains:
        return None
    return "safe" if safe else "contains"


def is_asked(text: str) -> bool:
    """Say whether words ask something, by a question word or by their order."""
    return bool(SAID.wh.search(text) or SAID.yes_no.search(text))


def asks_what_to_avoid(text: str) -> bool:
    """Say whether the dishes are wanted that somebody must not eat, and not those that are left."""
    asked = SAID.which_ones.search(text)
    for match in SAID.to_avoid.finditer(text, asked.start()) if asked else ():
        before = text[: match.start()]
        after = re.split(r"\b(?:if|when|because|since|as|given)\b|[.?!,;]", text[match.end() :])[0]
        near = " ".join(after.split()[:4])
        of_somebody = re.search(r"\b(?:allerg|intoleran|diet)|\bfor (?:a|an|my|our|the)\b", near)
        its_food = names_food(near) and not of_somebody
        food_first = SAID.food_first.search(before)  # "which can i order, it's celery i have to avoid"
        within = allergens_in(match[0]) and not re.search(r"\b(?:allerg|intoleran|co?eliac)", match[0])
        if within:
            continue  # "what would somebody who can't do milk have"
        if not its_food and not (food_first and names_food(food_first["food"])) and not SAID.need_not.search(before):
            return True
    return False


def wants_containing(text: str) -> bool:
    """Say whether the dishes that contain something are wanted, not those without."""
    if SAID.fond.search(text) and not re.search(
        rf"\b(?:{KEEPS_OFF}|{MAKES_ILL}|allerg\w*|intoleran\w*|free|without)\b", text
    ):
        return True
    return not _wants_without(text)


def _wants_without(text: str) -> bool:
    if re.search(r"\bwhich\b.*\bcontain(?:s|ing)?\b", text):
        return False
    return bool(
        re.search(
            r"\b(?:without|free(?! range)|safe|allerg|intoleran|co?eliac|no|not|neither|nor|never|suitable|ill|"
            r"sick)|n't\b",
            text,
        )
        or re.search(rf"\b(?:{KEEPS_OFF}|{MAKES_ILL})\b", text)
        or re.search(r"\b(?:can|could|may|should)\b.*\b(?:eat|have|order)\b", text)
        or (SAID.person.search(text) and not re.search(r"\bcontain", text))
    )


def is_for_somebody(text: str, *, dish: bool) -> bool:
    """Say whether what somebody cannot eat counts, who asks without naming it again: "can I have the cake".

    Args:
        text: of the question.
        dish: one is named; then ordering it is enough.
    """
    return bool(SAID.may_i.search(text) or SAID.for_me.search(text) or (dish and SAID.orders.search(text)))


def is_about_each(text: str) -> bool:
    """Say whether it is asked of each of the dishes: "are the desserts nut free"."""
    return bool(SAID.everything.search(text)) and not SAID.wh.search(text)


def is_about_traces(text: str) -> bool:
    """Say whether it is about what touches other food in the kitchen: "in the same pans"."""
    return bool(SAID.shared.search(text))


def wants_it_left_out(text: str) -> bool:
    """Say whether a dish is wanted without something that may be in it: "could you leave the almonds off"."""
    turned = re.search(r"\b(?:come|comes|made|is it|are they) without\b", text) or SAID.which_ones.search(text)
    return bool(SAID.left_out.search(text)) and not turned
