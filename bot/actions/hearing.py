"""Everything one utterance says about a booking: day, time, number of guests, name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .clock import Clock, find_clock
from .days import Day, find_day
from .names import find_name
from .words import mask, prepare, taken_back

_GUESTS = r"(?:people|persons?|guests?|adults?|diners|seats|places|covers|pax|of us|grown ups)"
_CHILDREN = r"(?:children|kids|child|kid|babies|baby|toddlers?)"
_NOT_TIME = (
    r"(?! ?(?:o'clock|am\b|pm\b|:\d|\d\d\b|past|to \d|in the|st\b|nd\b|rd\b|th\b|"
    r"(?:days?|weeks?|minutes?|hours?)\b))"
)
_PARTIES = (
    (re.compile(rf"\b(\d{{1,3}}) {_GUESTS}\b"), None),
    (re.compile(rf"\b(?:table|party|group|booking|reservation|seats?) (?:of|for) (\d{{1,3}})\b{_NOT_TIME}"), None),
    (re.compile(rf"\b(?:we are|we're|we will be|we'll be|there will be|there'll be|there are|party of|"
                rf"group of|just the|all) (\d{{1,3}})\b{_NOT_TIME}"), None),
    (re.compile(r"\bhalf (?:a )?dozen\b"), 6),
    (re.compile(r"\ba dozen\b"), 12),
    (re.compile(r"\bfor (?:a|the) couple\b|\bboth of us\b"), 2),
    (re.compile(r"\b(?:me|myself) and (?:my|a) \w+\b|\bmy \w+ and (?:me|i|myself)\b"), 2),
    (re.compile(r"\b(?:just|only) (?:for )?(?:me|myself)\b|\bjust (?:the )?1\b"), 1),
    (re.compile(r"\bby myself\b|\bon my own\b|\balone\b"), 1),
)  # fmt: skip
_WEAK_PARTY = re.compile(rf"\bfor (\d{{1,2}})\b{_NOT_TIME}")
_ANY_NUMBER = re.compile(r"\b(\d{1,3})\b(?! ?(?:am|pm|o'clock|st|nd|rd|th|:))")


@dataclass(frozen=True)
class Heard:
    """What an utterance says; None where it says nothing.

    Attributes:
        number: a number that could be guests or a time ("make it five"), only when nothing else was said.
    """

    day: Day | None = None
    clock: Clock | None = None
    party_size: int | None = None
    name: str | None = None
    number: int | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.day, self.clock, self.party_size, self.name, self.number))


def hear(text: str, *, today: dt.date, asked: str | None = None, people: Sequence[str] = ()) -> Heard:
    """Understand one utterance.

    Args:
        text: as recognised or typed.
        today: the restaurant's date.
        asked: the slot the speaker was just asked for; a naked number or word answers that question.
        people: names the entity extractor saw, used as hints only.
    """
    words = prepare(text)
    day = find_day(words, today, bare=asked == "date")
    left = mask(words, day.start, day.end) if day else words
    party_size, left = _find_party(left)
    clock = find_clock(left, context=words, bare=asked == "time" and party_size is None)
    if clock:
        left = mask(left, clock.start, clock.end)
    if party_size is None:
        party_size = _number(_WEAK_PARTY if asked != "party_size" else _ANY_NUMBER, left)
    name = find_name(text, asked=asked == "name", people=people)
    number = None
    if not (day or clock or party_size is not None or name):
        number = _number(_ANY_NUMBER, left)
    return Heard(day, clock, party_size, name, number)


def _find_party(text: str) -> tuple[int | None, str]:
    children = re.search(rf"\b(\d{{1,2}}|an?) {_CHILDREN}\b", text)
    friends = re.search(r"\b(?:me|i|myself) and (\d{1,2}) (?:other|friend|colleague|other people|of my)\w*", text)
    if friends:
        return int(friends[1]) + 1, mask(text, *friends.span())
    for pattern, fixed in _PARTIES:
        for match in pattern.finditer(text):
            if taken_back(text, match.start()):
                continue
            size = fixed if fixed is not None else int(match[1])
            text = mask(text, *match.span())
            if children:
                size += int(children[1]) if children[1].isdigit() else 1
                text = mask(text, *children.span())
            return size, text
    return None, text


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    match = next((match for match in pattern.finditer(text) if not taken_back(text, match.start(1))), None)
    return int(match[1]) if match else None
