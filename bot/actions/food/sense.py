"""The sense of a question about food: may it be eaten, is it in there, what is left, what is to be avoided."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from .foods import KEEPS_OFF, MAKES_ILL, names_food
from .menu import allergen_foods, allergens_in

# A plain yes-or-no question whether something may be eaten; "no" keeps somebody away from the dish.
_SAFE = re.compile(
    r"\b(?:can|could|may|might|would|is|are|will)\b.*\b(?:eat|have|order|try|take|safe|ok|okay|o\.k|fine|suitable|"
    r"all ?right|good|possible|free|without|vegan|vegetarian|edible|compatible)\b"
    r"|\b(?:do|does)\b.*\b(?:suit|come without|work for)\b|\bmade without\b"
)
# A plain yes-or-no question whether something is in it; "yes" keeps somebody away from the dish.
_CONTAINS = re.compile(
    r"\b(?:do|does|did)\b.*\b(?:contain|have|include|use|come with)\b|\b(?:is|are) there\b|\bhas .* got\b"
    r"|\b(?:is|are)\b.*\bmade (?:with|of|from)\b|\b(?:is|are)\b.*\bin (?:it|the|your|them|this|that)\b"
)
_MAY_I = re.compile(
    r"\b(?:can|could|may|should) (?:i|we|he|she|they|somebody|someone|(?:my|our) \w+)\b.*\b(?:eat|have|order|try)\b|"
    r"\bsafe\b|"
    r"\bok(?:ay)?\b"
    r"|\b(?:is|are|be)\b.*\b(?:fine|suitable|all ?right|a problem)\b|\bwork for\b"
)
_ONLY_SAFE = re.compile(r"\b(?:free|without|vegan|vegetarian)\b")
# What turns a question round, or makes its sense doubtful.
_TURNED = re.compile(
    r"\b(?:not|no|never|avoid|problem|problems|danger|dangerous|risk|risky|bad|harm|unsafe|trigger|wrong|kill|sick|"
    r"anything but)\b|n't\b"
)
_YES_NO = re.compile(
    r"(?:^|[,.;:!?]|\b(?:and|so|but|then|know|if|whether|hi|hello|please|ok|okay|oh|um|sorry|well|allergic to \w+)\b)"
    r"[\s#]*(?:is|are|was|does|do|did|can|could|may|might|would|will|has|have)\b"
)
_WH = re.compile(r"\b(?:what|which|how|who|where)\b")
_PERSON = re.compile(
    r"\b(?:i|i'm|i've|i'd|me|my|mine|he|he's|she|she's|him|her|we|we're|us|our|someone|somebody|anyone|person|people|"
    r"guest|kid|child|toddler|little one|vegans?|vegetarians?|co?eliacs?)\b"
)
# "Which would somebody with a nut allergy have to keep away from"; "who has to keep away from nuts" asks nothing.
_WHICH_ONES = re.compile(r"\b(?:which|what|anything|something|any|ones|dishes|dish)\b")
_TO_AVOID = re.compile(
    r"\b(?:avoid(?:ed|ing)?|(?:keep|stay|steer|keeping|staying|steering)(?: well| right| completely| clear)?"
    r" (?:away|off|clear|out)(?: from| of)?|watch out|look out|be (?:careful|wary)|leave (?:well )?(?:alone|out|off)"
    r"|skip|give (?:\w+ ){0,3}?a miss|do without|off limits|out for (?:me|him|her|us|them)|out of bounds"
    r"|unsafe|unsuitable|dangerous|harmful|risky"
    r"|(?:which|what)(?: of)?(?: \w+){0,2} (?:would|could|might|will) (?:set off|trigger|bring on)"
    r"|(?:shouldn't|mustn't|can't|cannot|couldn't|oughtn't|(?:should|must|can|may|could) (?:\w+ ){0,5}?not|not to)"
    r"(?: (?!any|anything)\w+){0,6}? (?:eat|have|order|touch|go near|be near|pick|take|try|choose)"
    r"|(?:aren't|isn't|are not|is not|wouldn't be|won't be)(?: \w+){0,2}?"
    r" (?:safe|suitable|ok|okay|fine|all right|good))\b"
)
# "Which are not dangerous", "what doesn't she have to avoid": turned round once more.
_NEED_NOT = re.compile(
    r"(?:n't|\bnot|\bnever)(?: (?:\w+ ){0,3}?(?:have|need|got|having) to)? (?:be |at all |too )?$|\bneedn't (?:\w+ )?$"
)
_FOOD_FIRST = re.compile(
    r"(?P<food>[a-z]+)(?: that| which| is what| is something)? "
    r"(?:i|i'm|i've|he|he's|she|she's|we|we've|they)(?: \w+){0,3} $"
)
# Who is fond of something wants it: "what's good for someone who likes fish".
_FOND = re.compile(
    r"(?<!n't )(?<!not )(?<!never )\b(?:likes?|loves?|fanc(?:y|ies)|craving|mood for|into|keen on|fond of|fan of|"
    r"mad about|(?:only|nothing but)(?: ever)? (?:eats?|likes?|has|have|wants?)|"
    r"prefers?|adores?|feel like|feels like|(?:get|have|eat|do|serve) (?:some|a bit of))\b"
)
_EVERYTHING = re.compile(r"\b(?:everything|each|(?:is|are|all|of|do|does) (?:of )?(?:your|the))\b")
_FOR_ME = re.compile(
    r"\b(?:for (?:me|him|her|them|us|both|everyone|all|everybody)|start with|left|suggest|recommend|share)\b"
)
_ORDERS = re.compile(
    r"\b(?:i'd like|i would like|i'll have|i'll take|we'll have|i want|she'd like|he'd like|she wants|he wants|"
    r"we'd like|"
    r"wants to|thinking of|fancy|looking at|going for|go for|order)\b"
)
# How it is cooked beside other food.
_SHARED = re.compile(
    r"\b(?:same|separate|different|shared|own|clean) (?:\w+ )?(?:pans?|pots?|oil|fryers?|grills?|boards?|knife|knives|"
    r"surfaces?|utensils|ovens?|equipment|kitchen|area|space|station)\b|\bcross[- ]?contaminat\w*|\bcontaminat\w*"
    r"|\bcross[- ]?contact\b|\bcooked separately\b|\btraces?\b"
    r"|\b(?:kitchen|restaurant|place) (?:is )?(?:completely |totally |entirely )?[a-z]+[ -]free\b|"
    r"\b[a-z]+[ -]free kitchen\b"
    r"|\bguarantee\w*\b|\bhundred percent\b|\b100 ?%"
)


def asks(text: str) -> Literal["safe", "contains"] | None:
    """Return what a plain yes-or-no question asks; None where that is not plain."""
    if _WH.search(text) or _TURNED.search(text) or not _YES_NO.search(text):
        return None
    safe, contains = bool(_SAFE.search(text)), bool(_CONTAINS.search(text))
    if safe and contains and _ONLY_SAFE.search(text):
        return "safe" if not re.search(r"\bcontain", text) else None
    if safe == contains:
        return None
    return "safe" if safe else "contains"


def is_asked(text: str) -> bool:
    """Say whether words ask something, by a question word or by their order."""
    return bool(_WH.search(text) or _YES_NO.search(text))


def asks_what_to_avoid(text: str) -> bool:
    """Say whether the dishes are wanted that somebody must not eat, and not those that are left."""
    asked = _WHICH_ONES.search(text)
    for match in _TO_AVOID.finditer(text, asked.start()) if asked else ():
        before = text[: match.start()]
        after = re.split(r"\b(?:if|when|because|since|as|given)\b|[.?!,;]", text[match.end() :])[0]
        near = " ".join(after.split()[:4])
        of_somebody = re.search(r"\b(?:allerg|intoleran|diet)|\bfor (?:a|an|my|our|the)\b", near)
        its_food = names_food(near) and not of_somebody
        food_first = _FOOD_FIRST.search(before)  # "which can i order, it's celery i have to avoid"
        within = allergens_in(match[0]) and not re.search(r"\b(?:allerg|intoleran|co?eliac)", match[0])
        if within:
            continue  # "what would somebody who can't do milk have"
        if not its_food and not (food_first and names_food(food_first["food"])) and not _NEED_NOT.search(before):
            return True
    return False


def wants_containing(text: str) -> bool:
    """Say whether the dishes that contain something are wanted, not those without."""
    if _FOND.search(text) and not re.search(
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
        or (_PERSON.search(text) and not re.search(r"\bcontain", text))
    )


def is_for_somebody(text: str, *, dish: bool) -> bool:
    """Say whether what somebody cannot eat counts, who asks without naming it again: "can I have the cake".

    Args:
        text: of the question.
        dish: one is named; then ordering it is enough.
    """
    return bool(_MAY_I.search(text) or _FOR_ME.search(text) or (dish and _ORDERS.search(text)))


def is_about_each(text: str) -> bool:
    """Say whether it is asked of each of the dishes: "are the desserts nut free"."""
    return bool(_EVERYTHING.search(text)) and not _WH.search(text)


def is_about_traces(text: str) -> bool:
    """Say whether it is about what touches other food in the kitchen: "in the same pans"."""
    return bool(_SHARED.search(text))


def wants_it_left_out(text: str) -> bool:
    """Say whether a dish is wanted without something that may be in it: "could you leave the almonds off"."""
    turned = re.search(r"\b(?:come|comes|made|is it|are they) without\b", text) or _WHICH_ONES.search(text)
    return bool(_left_out().search(text)) and not turned


@cache
def _left_out() -> re.Pattern[str]:
    food = rf"(?:(?:any|the|its|their|all the) )?(?:{allergen_foods()}|it|them|that|those)\b"
    who = r"(?:you|they|i|we|he|she|the (?:kitchen|chef|cook)|it|that|(?:my|our) \w+|(?:the |your )?#+)"
    return re.compile(
        rf"\b(?:can|could|would|will|may|might|possible|possibly)\b.*\b(?:leave|leaving|take|taking|hold|holding|"
        rf"omit|skip|"
        rf"miss|pick|keep|do) (?:off |out )?{food}(?: (?:off|out))?"
        rf"|\b(?:can|could|would|may|might) {who}\b.*\b(?:have|get|do|make|made|order|serve|prepare|cook|come|"
        rf"be done)\b.*"
        rf"\b(?:without|minus|with no|but no) {food}"
        rf"|\b(?:leave|leaving|hold|holding|skip|omit) (?:out |off )?{food}(?: (?:off|out))?|\b(?:swap|replace|"
        rf"substitute)\b"
    )
