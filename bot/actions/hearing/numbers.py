"""What a number counts that has no unit: "two on friday at seven", "it'll only be four", "seven was the time"."""

from __future__ import annotations

import datetime as dt
import re

from phrases import Phrases

from convai_rasa.nlu.values import read

from .headcount import RELATIVE

_UNITS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|twenty"
NUMBER = rf"(?:{_UNITS}|\d{{1,2}})"
_NO_CLOCK = (
    r"(?!\s*(?:o'?clock|a\.?m\b|p\.?m\b|thirty|fifteen|twenty|forty|forty[- ]five|ish\b|:\d|\.\d|sharp|in the|hours?|"
    r"minutes?|days?|weeks?|months?|years?|percent|euros?|dollars?|st\b|nd\b|rd\b|th\b|-|or so minutes))"
)
SAID = Phrases(__file__, number=NUMBER, no_clock=_NO_CLOCK, relative=RELATIVE)


def labelled(text: str) -> str:
    """Write out what numbers are said to be: "seven was the time, six is how many" → "at seven, six people"."""
    text = SAID.of_the_clock.sub(lambda match: f"at {match['n']}", text)
    return SAID.of_the_guests.sub(lambda match: f"{match['n']} people", text)


def counted(text: str) -> tuple[int, tuple[int, int]] | None:
    """Return the guests of "it'll only be four" or "that leaves seven", and where the number stands."""
    match = SAID.counted.search(text)
    size = _number(match["n"]) if match else None
    return (size, match.span("n")) if match and size else None


def recounted(text: str) -> tuple[int, tuple[int, int]] | None:
    """Return the guests of "it's seven, I forgot to count myself", and where the number stands."""
    match = SAID.recounted.search(text) if SAID.forgotten.search(text) else None
    size = _number(match["n"]) if match else None
    return (size, match.span("n")) if match and size else None


def beside_a_moment(text: str) -> tuple[int, tuple[int, int]] | None:
    """Return the guests of "two on friday at seven", where days and times are blanked out with "#"."""
    match = SAID.beside_moment.search(text) if "#" in text else None
    name = ("n" if match["n"] else "last") if match else ""
    size = _number(match[name]) if match else None
    return (size, match.span(name)) if match and size else None


def hour_beside_guests(text: str, guests: tuple[int, int]) -> int | None:
    """Return the hour of "seven and six people", where the guests stand at ``guests``."""
    start, end = guests
    before = re.search(rf"\b(?P<n>{NUMBER})(?P<between>\W+(?:and|for|with)?\W*)$", text[:start], re.I)
    after = re.match(
        rf"\W*(?:and|at|,)\W*(?P<n>{NUMBER})\b(?! (?:of|more|kids|adults|children)){_NO_CLOCK}", text[end:], re.I
    )
    found = before or after
    hour = _number(found["n"]) if found else None
    return hour if hour is not None and 1 <= hour <= 12 else None


def tells_a_time(text: str) -> bool:
    """Say whether words around a naked number are about a time of day: "they'd prefer the evening, so six"."""
    return bool(SAID.part_of_day.search(text))


def _number(word: str) -> int | None:
    value = read(word, "number", reference=dt.datetime.min)
    return int(value.value) if value is not None and isinstance(value.value, (int, float)) else None
