"""What people say, and what a recognizer writes, in the words that ``convai_rasa.nlu.values`` reads."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from phrases import Phrases

from ..house.restaurant import WEEKDAYS
from ..spoken import ordinal
from .alternatives import without_alternatives
from .numbers import labelled

HOUR = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
SAID = Phrases(__file__, weekdays="|".join(WEEKDAYS))
_HOMOPHONES = SAID.rewrites("homophones")
# "Of December I mean", where "the eleventh" was noted of another month.
_MONTH_ALONE = re.compile(
    rf"(?<!\d )(?<!st )(?<!nd )(?<!rd )(?<!th )\b(?:of|in|it's|i mean|i meant|not \w+)[ ,]+"
    rf"(?P<month>{'|'.join(calendar.month_name[1:])})\b(?! (?:the )?(?:\d|\w+(?:st|nd|rd|th)\b|(?:twenty|"
    rf"thirty)[ -]))",
    re.I,
)
_ONE_AFTER = re.compile(rf"\bthe (?P<day>one|{'|'.join(WEEKDAYS)}) after(?: that)?\b(?! \w+day)", re.I)


def plain(text: str) -> str:
    """Return a text without greetings and idioms, with numbers, days and shifts in plain words."""
    text = SAID.idiom.sub(lambda match: "#" * len(match[0]), SAID.greeting.sub(lambda match: " " * len(match[0]), text))
    text = SAID.one_of_something.sub(lambda match: "#" * len(match[0]), text)
    text = SAID.time_to.sub("time at ", SAID.guests_to.sub(r"\1 people", text))
    text = SAID.or_so.sub(lambda match: " " * len(match[0]), without_alternatives(labelled(text)))
    text = SAID.filled_in.sub(r"\1 people", text.replace("\u2019", "'"))
    for pattern, word in _HOMOPHONES:
        text = pattern.sub(word, text)
    if not SAID.at_once.search(text) or re.search(r"(?:n't|\bnot|\bcannot|\bonly) \w+ now\b", text, re.I):
        text = SAID.not_now.sub(lambda match: "#" * len(match[0]), text)
    text = SAID.too.sub(
        lambda match: f"{match['length']} {'later' if match['way'].lower() == 'early' else 'earlier'}", text
    )
    return SAID.moved.sub(_moved, text)


def with_noted(text: str, noted: dt.datetime | None) -> str:
    """Fill in what somebody leaves out of a correction: "make that half past", "not this Friday, the one after"."""
    if noted is None:
        return text
    text = _MONTH_ALONE.sub(lambda match: f"the {ordinal(noted.day)} of {match['month']}", text)
    denied = SAID.not_the.search(text)
    text = text[: denied.start()] if denied else text
    text = (
        SAID.half_past.sub(lambda match: f"{match[0]} {noted.hour % 12 or 12}", text)
        if noted.time() != dt.time()
        else text
    )
    if noted.time() != dt.time():  # from eight it is a quarter to eight, from half past seven too
        hour = noted.hour + (noted.minute > 0)
        text = SAID.quarter_to.sub(lambda match: f"{match[0]} {hour % 12 or 12}", text)
    text = re.sub(
        r"\bthe (?:night|evening) (?=(?:before|after)\b(?! (?:we|that|the|christmas|new)\b))",
        "the day ",
        text,
        flags=re.I,
    )
    # of the days of that name the one next week, whatever else is said about the noted one
    text, ones = re.subn(r"\b(?:the|that) one next week\b", f"{noted:%A} next week", text, flags=re.I)
    if ones:
        return re.sub(rf"\b{noted:%A}\b(?! next week)", "#", text, flags=re.I)
    if not re.search("|".join(WEEKDAYS), text, re.I):
        text = re.sub(r"\b(?:the )?(?:next|following) week\b", "a week later", text, flags=re.I)
    return _ONE_AFTER.sub(
        lambda match: "the week after" if match["day"].lower() in ("one", f"{noted:%A}".lower()) else match[0], text
    )


def _moved(match: re.Match[str]) -> str:
    return f"{match['length']} {'later' if match['way'].lower() in ('back', 'out') else 'earlier'}"
