"""What a guest says in passing and the kitchen or the staff should know: allergies, diets, a high chair, a birthday."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from . import settings
from .conversation import Events
from .food_question import unknown_food
from .menu import allergens_in, diet_in, dishes_named
from .spoken import say_list

# Somebody of the party, not "someone with a nut allergy" in general.
_PARTY = re.compile(
    r"\b(?:i|i'm|i've|my|me|mine|we|we're|we've|our|us|he|he's|she|she's|they're|(?:one|two|three|four|some|all) of|"
    r"(?:one|two|1|2) (?:person|guest|people|guests|adult|child)|(?:a|one) (?:friend|colleague)|there is|there's|"
    r"there are|there will be|be aware|please note|note that)\b"
)
_CONDITION = re.compile(
    r"\b(?:allerg(?:ic|y|ies)|intoleran(?:t|ce)|co?eliacs?)\b"
    r"|(?:\bcan ?not|\bcan't|\bmust not|\bmay not|\bnot allowed to|\bdon't|\bdoesn't|\bnever) (?:eat|have|tolerate)\b"
)
_DIET = re.compile(
    r"\b(?:am|is|are|i'm|we're|he's|she's|be|eat|eats|of us|a|also|both|all|strict|one|two) (?:vegans?|vegetarians?)\b"
)
_NONE = re.compile(
    r"\b(?:no|any|not|without|isn't|aren't|haven't|don't have) (?:\w+ ){0,2}(?:allerg|intoleran|vega|vege)"
)
_QUESTION = re.compile(
    r"\?|(?:^|,)\W*(?:(?:and|so|but|then|well|okay|ok|um|uh|hm+|oh|ah|hi|hello|please|wait|hang on|hold on|sorry|"
    r"actually|just|right|yeah|yes|no|or|also)\W+)*"
    r"(?:what|which|who|how|where|when|why|is|are|do|does|can|could|will|would|may|have you|has)\b"
)
_INVERTED = re.compile(
    r"\b(?:how|what|where|when|who) (?:does|do|is|are|can|could|would|should|much|many|long)\b"
    r"|\b(?:do|does|did|is|are|can|could|will|would|may|should|have|has) (?:you|i|we|it|that|there|they|he|she|your)\b"
)
_ALLERGY_NAMES = {"nuts": "nut", "peanuts": "peanut", "eggs": "egg", "sulphites": "sulphite"}
_WISHES = {
    "high chair": r"high ?chairs?|booster seats?|baby chairs?",
    "birthday": r"birthday",
    "anniversary": r"anniversary",
    "window table": r"(?:by|at|near|next to) (?:the|a) window|window (?:table|seat)",
    "table outside": r"outside|outdoors|terrace|patio",
    "quiet table": r"quiet",
    "wheelchair": r"wheelchair",
    "stroller": r"stroller|pram|buggy|pushchair",
    "dog": r"(?:a|our|my|the) (?:guide )?dog",
}


def find_notes(text: str, *, wishes: bool = False) -> list[str]:
    """Return what to note down of an utterance, for example "nut allergy".

    Args:
        text: as typed or recognized.
        wishes: also note what is no allergy or diet; only where a booking is talked about.
    """
    notes: list[str] = []
    for clause in re.split(r"[.?!;]|\b(?:but|so)\b", text.lower().replace("\u2019", "'")):
        if not _NONE.search(clause) and _PARTY.search(clause):
            notes += _allergies(clause)
        if wishes:
            notes += [wish for wish, words in _WISHES.items() if re.search(rf"\b(?:{words})\b", clause)]
    return list(dict.fromkeys(notes))


def _allergies(clause: str) -> list[str]:
    notes = []
    condition = _CONDITION.search(clause)
    if condition:
        kind = "intolerance" if re.search(r"intoleran|co?eliac|lactose", clause) else "allergy"
        unknown = unknown_food(dishes_named(clause, settings.restaurant().menu).rest)  # a dish is no food kept off
        foods = [_ALLERGY_NAMES.get(allergen, allergen) for allergen in allergens_in(clause)]
        notes += [f"{food} {kind}" for food in [*foods, *([unknown] if unknown else [])]]
    diet = diet_in(clause)
    if diet and _DIET.search(clause):
        notes.append(f"{diet} diet")
    return notes


def is_question(text: str) -> bool:
    """Say whether words ask something, as "can I have the cake?" does and "one of us is allergic to nuts" does not."""
    return bool(_QUESTION.search(text.lower()))


def asks_something(text: str) -> bool:
    """Say whether words ask something at all, "I'd like to send a parcel, how does that work" included."""
    return is_question(text) or bool(_INVERTED.search(text.lower()))


def say_noted(notes: Sequence[str]) -> str:
    """Acknowledge: "I've noted the nut allergy"."""
    return f"I've noted the {say_list(list(notes))}."


def notes_of(tracker: Tracker) -> list[str]:
    """Return what has been noted in this conversation."""
    return list(tracker.get_slot("notes") or ())


def add_notes(tracker: Tracker, notes: Sequence[str]) -> Events:
    """Return what keeps further notes, or nothing where there are none."""
    return [SlotSet("notes", merged(notes_of(tracker), notes))] if notes else []


def merged(earlier: Sequence[str], notes: Sequence[str]) -> list[str]:
    """Return both without saying anything twice."""
    return list(dict.fromkeys([*earlier, *notes]))
