"""What a number counts that has no unit: "two on friday at seven", "it'll only be four", "seven was the time"."""

from __future__ import annotations

import datetime as dt
import re

from convai_rasa.nlu.values import read

from .headcount import RELATIVE

_UNITS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|twenty"
NUMBER = rf"(?:{_UNITS}|\d{{1,2}})"
_NO_CLOCK = (
    r"(?!\s*(?:o'?clock|a\.?m\b|p\.?m\b|thirty|fifteen|twenty|forty|forty[- ]five|ish\b|:\d|\.\d|sharp|in the|hours?|"
    r"minutes?|days?|weeks?|months?|years?|percent|euros?|dollars?|st\b|nd\b|rd\b|th\b|-|or so minutes))"
)
# "Table for ..." ends before it, a day or a time follows (both are blanked out with "#").
_LEADS = (
    r"(?:^|[,.;:!?]|\b(?:for|tables?|need|want|like|get|have|book|reserve|us|just|only|about|maybe|possibly|say|"
    r"space|mean|meant|"
    r"spot|something|anything|be|hi|hello|please|so|yes|yeah|ok|okay|um|uh|er|and|reservation|booking|it's))"
)
_BESIDE_MOMENT = re.compile(
    rf"{_LEADS}\s*(?P<n>{NUMBER})\b{_NO_CLOCK}"
    r"(?=\s*(?:(?:please|thanks|for|on|at|in|this|the|maybe|around|and|then|but)\s+)*(?:[#,.;!?]|$))"
    rf"|#\s*(?P<last>{NUMBER})\b(?=\W*$){_NO_CLOCK}",
    re.I,
)
# A verb of being or remaining with the guests as its subject, or a word that only a count has.
_COUNTED = re.compile(
    r"\b(?:there(?:'s| is| are|'ll be| will be| would be|'d be| were)(?: only| just| now| actually)*|"
    r"we(?:'re| are|'ll be| will be|'d be| would be| might be|'re going to be| are going to be|'re now)"
    r"(?: only| just| now| actually| more like| probably| going to be| gonna be)*|"
    r"(?:it|that)(?:'s| is|'ll| will| would|'d)?(?: be)? (?:only|just)(?: be| going to be| gonna be)?|"
    r"(?:it|that)(?:'s| is) (?:only |just )?(?:going to|gonna) be (?:only |just )?|(?:only|just) (?:going to|"
    r"gonna) be|"
    r"(?:it|that|we|there)(?:'d|'ll| would| will| should)? (?:have|has|need|needs) to be|"
    r"(?:leaves|makes)(?: us| only| just| it| that)*|we make|(?:can|could|may) we be|down to|"
    r"up to a total of|a total of|all in all|altogether|"
    rf"in total)\s+(?P<n>{NUMBER})\b"
    rf"(?! (?:people|persons?|guests?|of us|adults?|kids?|child\w*|couples?|more|less|fewer|extra)\b){_NO_CLOCK}",
    re.I,
)
# Somebody was forgotten: "it's seven, I forgot to count myself", "that's five, I left my brother out".
_FORGOTTEN = re.compile(
    r"\b(?:mis)?count(?:ed|ing)?\b"
    r"|\b(?:forg[eo]t\w*|left|leav\w+|miss\w+|omit\w*|includ\w+|add(?:ed|ing)?)\b(?: (?:to|about|out|off|in|that|add|"
    rf"include|mention|bring|my|our|the|his|her|their|other|little))* (?:myself|me|us|{RELATIVE}s?|kids|children|twins|"
    r"parents|folks|babies)\b",
    re.I,
)
_RECOUNTED = re.compile(
    r"\b(?:(?:it|that|we|there)(?:'s|'re|'ll be|'d be| is| are| will be| should be| would be| ought to be)|so|"
    rf"makes(?: it| us| that)?|make (?:it|that|us))(?: actually| now| really| just)* (?P<n>{NUMBER})\b"
    rf"(?! (?:more|less|fewer|extra|past|to)\b){_NO_CLOCK}",
    re.I,
)
_OF_THE_CLOCK = re.compile(
    rf"\b(?P<n>{NUMBER}) (?:was|is|'s|were|being|as|should be|would be)(?: meant to be| supposed to be)? "
    r"(?:the |our |for the )(?:time|hour)\b",
    re.I,
)
_OF_THE_GUESTS = re.compile(
    rf"\b(?P<n>{NUMBER}) (?:was|is|'s|were|being|as|should be|would be)(?: meant to be| supposed to be)? "
    r"(?:how many|(?:the |our |for the )(?:number|people|guests|party|group|size|headcount))\b(?: (?:we|of) \w+)*",
    re.I,
)
_PART_OF_DAY = re.compile(
    r"\b(?:evening|afternoon|morning|lunch(?:time)?|dinner|earlier|later|early|late|o'?clock|time|kick-?off|"
    r"film|show|"
    r"theatre|theater|train|bus|concert|match|babysitter)\b",
    re.I,
)


def labelled(text: str) -> str:
    """Write out what numbers are said to be: "seven was the time, six is how many" → "at seven, six people"."""
    text = _OF_THE_CLOCK.sub(lambda match: f"at {match['n']}", text)
    return _OF_THE_GUESTS.sub(lambda match: f"{match['n']} people", text)


def counted(text: str) -> tuple[int, tuple[int, int]] | None:
    """Return the guests of "it'll only be four" or "that leaves seven", and where the number stands."""
    match = _COUNTED.search(text)
    size = _number(match["n"]) if match else None
    return (size, match.span("n")) if match and size else None


def recounted(text: str) -> tuple[int, tuple[int, int]] | None:
    """Return the guests of "it's seven, I forgot to count myself", and where the number stands."""
    match = _RECOUNTED.search(text) if _FORGOTTEN.search(text) else None
    size = _number(match["n"]) if match else None
    return (size, match.span("n")) if match and size else None


def beside_a_moment(text: str) -> tuple[int, tuple[int, int]] | None:
    """Return the guests of "two on friday at seven", where days and times are blanked out with "#"."""
    match = _BESIDE_MOMENT.search(text) if "#" in text else None
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
    return bool(_PART_OF_DAY.search(text))


def _number(word: str) -> int | None:
    value = read(word, "number", reference=dt.datetime.min)
    return int(value.value) if value is not None and isinstance(value.value, (int, float)) else None
