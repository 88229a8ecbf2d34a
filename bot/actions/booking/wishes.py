"""How guests show what they want of a booking: to change it, to begin again, another time, and what is no answer."""

from __future__ import annotations

import re

from phrases import Phrases

from ..hearing.notes import is_question

# Intents that answer no question of the form: Rasa's rules answer them, then the form asks again.
INTERRUPTING = frozenset(
    {
        "ask_hours", "ask_menu", "ask_allergens", "ask_directions", "ask_contact", "ask_robot", "ask_how_are_you",
        "ask_help", "repeat", "greet", "thank", "out_of_scope", "nlu_fallback", "praise", "complaint",
        "foreign_language", "several_questions", "ask_other", "emergency",
    }
)  # fmt: skip
NEVER_AN_ANSWER = frozenset(
    {
        "ask_hours",
        "ask_menu",
        "ask_allergens",
        "ask_directions",
        "repeat",
        "several_questions",
        "ask_other",
        "ask_contact",
        "emergency",
    }
)


def interrupts(intent: str | None) -> bool:
    """Say whether a turn with this intent answers no question of the form."""
    return intent in INTERRUPTING


WISHES = Phrases(__file__)
LATER_OR_ANOTHER = {
    "time": re.compile(
        r"\b(?:later|earlier|more (?:late|early)|sooner|(?:another|different|other) (?:time|hour)|"
        r"too (?:late|early))\b",
        re.I,
    ),
    "date": re.compile(r"\b(?:another|different|other) (?:day|date|evening|night)\b", re.I),
}
PART_NAMES = {
    "date": r"\b(?:day|date)\b",
    "time": r"\b(?:time|hour)\b",
    "party_size": r"\b(?:people|persons|guests|number|size|party)\b",
    "name": r"\bname\b",
}


def agrees_to_cancel(text: str) -> bool:
    """Say whether words agree to canceling that do not say yes: "take it off, please"."""
    kept = re.search(r"\b(?:don't|do not|not to|never|didn't)(?: \w+){0,2} cancel|\bkeep\b|\bcoming\b", text, re.I)
    return WISHES.cancels.search(text) is not None and not (kept or WISHES.move_words.search(text) or is_question(text))


def gives_up_table(text: str) -> str | None:
    """Return what is said beside giving the table up in so many words; None where it is not, or another is wanted."""
    found = WISHES.drops_table.search(text) or WISHES.just_something_else.search(text)
    if found is None or WISHES.another_instead.search(text):
        return None
    return f"{text[: found.start()].strip()} {text[found.end() :].strip()}".strip()


def keeps_table(text: str) -> bool:
    """Say whether a table that was to be canceled is kept after all: "no wait, we can still make it"."""
    return WISHES.keeps.search(text) is not None and not (WISHES.not_kept.search(text) or is_question(text))
