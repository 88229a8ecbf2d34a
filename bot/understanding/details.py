"""What shows the meaning of a message whatever a classifier takes it for."""

from __future__ import annotations

import datetime as dt
import re

from convai_rasa.nlu.values import find, find_people

_ANY_DAY = dt.datetime(2000, 1, 3, 12)
# A part that has no verb of its own and goes on with the question before it: "And on New Year's Day?", "or Sunday".
_GOES_ON = re.compile(
    r"^\W*(?:(?:and|or|also|plus) )+(?:what about |how about |then |maybe )?(?:(?:on|at|for|by|from|with|in|the) )*"
    r"(?:[\w']+\W*){1,4}$",
    re.I,
)
_EXISTING = re.compile(r"\b(?:booking|reservation|booked|reserved|(?:our|my) table)\b", re.I)
_WANTS = re.compile(
    r"\b(?:(?:can|could|may) (?:i|we)|(?:i|we)(?:'d| would) (?:like|love) to|i want to|we want to) (?:book|reserve)\b"
    r"|\b(?:book|reserve) (?:us|me|a table|something)\b",
    re.I,
)
_NO_TABLE = re.compile(
    r"\b(?:online|private|room|event|party for|taxi|flight|hotel|haircut|by (?:phone|mail|email)|how|need to)\b", re.I
)
_LATE = re.compile(
    r"\b(?:we|i|we're|i'm|we'll|i'll|us)\b.*\b(?:(?:be|running|gonna be|arrive|get there)(?: \w+){0,5} (?:late|behind)"
    r"|minutes late|stuck in traffic)\b",
    re.I,
)
_DANGER = re.compile(
    r"\b(?:can't|cannot|can not|can hardly|can barely|hard to|trouble|difficulty|difficulties|problems|stopped|not) "
    r"(?:properly )?breath(?:e|ing)\b|\bstruggl\w+ (?:to breathe|for (?:air|breath))\b|\bshort of breath\b"
    r"|\b(?:lips?|face|tongue|throat|mouth|eyes?)\b(?: \w+){0,4} (?:swell\w*|swollen|clos(?:ing|ed)|tight\w*|blue)\b"
    r"|\bswollen (?:lips?|face|tongue|throat)\b|\banaphyla\w+"
    r"|\b(?:chok(?:ing|es)|unconscious|collapsed|passed out|fainted|seizure|heart attack|chest pains?|epi ?pen|"
    r"ambulance)\b",
    re.I,
)
# A danger that is only talked about: "my throat swells up whenever I eat nuts", "last time", "do you keep an epipen".
_NOT_NOW = re.compile(
    r"\b(?:if|when|whenever|would|could|might|in case|last (?:time|week|month|year)|years? ago|once|used to|usually|"
    r"always|do you (?:have|keep)|carr(?:y|ies)|should something)\b",
    re.I,
)
_VERB = re.compile(
    r"\b(?:is|are|was|do|does|did|can|could|will|would|have|has|may|i|we|you|what(?! about)|which|where|when|who|"
    r"how(?! "
    r"about)|book|tell|thanks|thank|please)\b",
    re.I,
)


def names_a_table(text: str) -> bool:
    """Say whether a text names a number of guests together with a day or a time."""
    text = re.sub(r"\bwe(?:'d| would| might) be\b", "we will be", text.replace("\u2019", "'"), flags=re.I)
    if find_people(text) is None or _EXISTING.search(text):
        return False
    moments = find(text, "datetime", reference=_ANY_DAY, prefer="evening")
    return any(moment.info.get("type") != "duration" for moment in moments)


def wants_a_table(text: str) -> bool:
    """Say whether a text asks to book, in plain words: "can I reserve something for Sunday"."""
    return bool(_WANTS.search(text)) and not _NO_TABLE.search(text)


def is_late(text: str) -> bool:
    """Say whether somebody tells that they will come late: "our train is delayed, we'll be twenty minutes late"."""
    return bool(_LATE.search(text)) and not re.search(r"\?|\b(?:how|waited|came|was|were|food|last)\b", text, re.I)


def is_emergency(text: str) -> bool:
    """Say whether somebody is in danger now: "her lips are swelling and she can't breathe"."""
    return bool(_DANGER.search(text.replace("\u2019", "'"))) and not _NOT_NOW.search(text)


def is_elliptic(text: str) -> bool:
    """Say whether a part of a message goes on with the question before it and has no verb of its own."""
    return bool(_GOES_ON.match(text)) and not _VERB.search(text)
