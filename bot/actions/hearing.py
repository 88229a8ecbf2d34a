"""Everything one utterance says about a booking: day, time, number of guests, name.

Days, times, numbers and names are read by ``convai_rasa.nlu.values``; what is a restaurant's own is here: guests,
what a recognizer makes of numbers, and what a day means beside the one that was noted before.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from convai_rasa.nlu.values import Value, find, read

from .corrections import day_in_context, replaced_number
from .headcount import change_in_guests, company
from .naming import meant_name, read_name
from .restaurant import WEEKDAYS
from .spoken import ordinal

T = TypeVar("T")
RECENT = dt.timedelta(days=60)  # "November 20th" said on November 24th is a slip, not next year
_PEOPLE = "people|persons|guests"
_HOUR = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
# What a recognizer writes for numbers that sound like other words.
_HOMOPHONES = (
    (re.compile(r"\bfor (?:for|fore)\b", re.I), "for four"),
    (
        re.compile(rf"\bfor (?:to|too)(?= (?:{_PEOPLE}|at|on|tomorrow|tonight|today|this|please)\b|[.!]?$)", re.I),
        "for two",
    ),
    (re.compile(rf"^(?:to|too)(?= (?:{_PEOPLE})\b)", re.I), "two"),
    (re.compile(r"\bat ate\b", re.I), "at eight"),
    (re.compile(r"\b(?:ppl|pax|grown ?-?ups)\b", re.I), "people"),
    (re.compile(r"\bwe(?:'d| would| might|'re going to| are going to) be(?= \w)", re.I), "we will be"),
    # "twelve thirty four adults" are no thirty-four
    (
        re.compile(
            rf"\b({_HOUR} (?:fifteen|twenty|thirty|forty|fifty)) (?=(?:one|two|three|four|five|six|seven|eight|nine) "
            rf"(?:{_PEOPLE}|adults|of us|grown ?-?ups)\b)",
            re.I,
        ),
        r"\1, ",
    ),
    (re.compile(r"\btable (?:4|four)(?= (?:\d|two|three|four|five|six|seven|eight)\b)", re.I), "table for"),
)
# A greeting is no time of day, and how a sentence begins says nothing.
_GREETING = re.compile(r"\bgood (?:morning|afternoon|evening|night)\b|^\W*(?:(?:and|but|so|oh|um|uh|well)\W+)+", re.I)
# "Guests: 4" is filled in as in a form.
_FILLED_IN = re.compile(r"\b(?:guests|people|persons|party(?: size)?|number of \w+|covers|adults)\s*[:=]\s*(\w+)", re.I)
# What looks like a day or a number and is none: "the first time we came", "just a second".
_IDIOM = re.compile(
    r"\bthe (?:first|second|third) (?:time|one|thing|floor|course|table|name)\b"
    r"|\b(?:just )?(?:a|one) (?:second|moment|minute)\b",
    re.I,
)
# "One of us is allergic to nuts" does not say how many come.
_SOME_OF_US = re.compile(r"\b\w+ of (?:us|them) (?=is\b|are\b|has\b|have\b|can|need|do|also\b|only\b|eats?\b)", re.I)
_TAKES_BACK = re.compile(
    r"\b(?:no,? wait|wait,? no|no,? sorry|sorry|i mean|i meant|scratch that|or rather|rather|actually|no|not)\b", re.I
)
# What comes before a value that is not wanted: "Saturday instead of Friday", "not three people, four".
_REJECTED = re.compile(r"\b(?:instead of|rather than|not|from)(?: (?:on|at|for|the))*\s*$", re.I)
# "Move it from Friday to Saturday" is no stretch of days.
_MOVED_FROM = re.compile(r"\b(?:move|change|push|switch|shift|postpone)\b.*?(?P<old> from (?:\S+ ){1,6}?to )", re.I)
# Where nothing is to happen now: "yes, now it's right", "that's four of us now".
_NOT_NOW = re.compile(r"(?<!right )\bnow\b(?! (?:please|if possible)\b)", re.I)
_AT_ONCE = re.compile(r"\b(?:come|eat|seat|table|in|over|round|free|room)\b[^.?!]*\bnow\b|^\W*now\W*$", re.I)
# "Push it back a week", "bring it forward by an hour": the noted day or time moves.
_LENGTH = r"(?P<length>(?:an?|one|two|three|half an|\d+|ten|fifteen|twenty|thirty|forty five) ?\w+)"
_MOVED = re.compile(
    rf"\b(?:push|move|put|shift|bring|pull|set)\b(?: \w+){{0,3}}? (?P<way>back|out|forward|up|ahead)(?: by)? {_LENGTH}",
    re.I,
)
_WEEKDAY_ASKED = re.compile(
    rf"\b(?:is|was|are|isn't) (?P<day>(?:the )?[\w ]*?\d*\w+) an? (?P<guess>{'|'.join(WEEKDAYS)})\b"
    r"|\b(?:what|which) (?:day|weekday)(?: of the week)? (?:is|was|does) (?P<day2>the \w+(?: \w+){0,3})",
    re.I,
)
_VALUES_BETWEEN = re.compile(
    rf"{_TAKES_BACK.pattern}|\b(?:what am i saying|start over|start again|hang on|hold on|oops|instead|has to be|"
    r"have to be|make (?:it|that)|turns out|my mistake|correction|better|let's say|changed)\b",
    re.I,
)


@dataclass(frozen=True)
class Day:
    """A day somebody named; ``date`` is None when no calendar has it ("February the thirtieth")."""

    date: dt.date | None


@dataclass(frozen=True)
class Heard:
    """What an utterance says; None, or nothing, where it says nothing.

    Attributes:
        day: the first day named.
        days: all of them, "Saturday and Sunday".
        times: what the time may mean, likelier first: 19:00 and 07:00 for "seven".
        party_size: guests.
        name: of the booking.
        number: a number that could be guests or a time ("make it five"), only when nothing else was said.
        replaced: the old and the new number of "not seven, eight".
    """

    day: Day | None = None
    days: tuple[dt.date, ...] = field(default=(), compare=False)
    times: tuple[dt.time, ...] = ()
    party_size: int | None = None
    name: str | None = None
    number: int | None = None
    replaced: tuple[int, int] | None = None

    def __bool__(self) -> bool:
        found = (self.day, self.times or None, self.party_size, self.name, self.number, self.replaced)
        return any(value is not None for value in found)


def hear(
    text: str,
    *,
    now: dt.datetime,
    asked: str | None = None,
    people: Sequence[str] = (),
    noted: dt.datetime | None = None,
    name: str | None = None,
    guests: int | None = None,
    before: Sequence[str] = (),
) -> Heard:
    """Understand one utterance.

    Args:
        text: as recognized or typed.
        now: the restaurant's time.
        asked: the slot the speaker was just asked for; a naked number or word answers that question.
        people: names the entity extractor saw, used as hints only.
        noted: the day and time noted before, from which "an hour later" and a bare "Saturday" count.
        name: the name noted before, which "I meant Anna" replaces.
        guests: the number of guests noted before, to which "one more" adds.
        before: what the guest said earlier, the latest last.
    """
    words = _plain(text)
    moved = _MOVED_FROM.search(words)
    words = _blank(words, *moved.span("old")) if moved else words
    moments = _wanted(_moments(words, asked, now, noted), words)
    left = words
    for moment in moments:
        left = _blank(left, moment.start, moment.end)
    left = _SOME_OF_US.sub(lambda match: "#" * len(match[0]), left)
    change = change_in_guests(left, before)
    told = company(left)
    left = _blank(left, *change[1]) if change else left
    found = _wanted(find(left, "people", reference=now, bare=asked == "party_size"), left)
    sizes = [(size, value.start) for value in found for size in [_whole(value)] if size is not None]
    if told:
        start, end = told[1]
        apart = [value.start for value in found if not (value.start < end and start < value.end)]
        sizes = [(told[0], start), *(one for one in sizes if one[1] in apart)]
    party_size = _meant(sizes, guests, words)
    if change and party_size is None and guests is not None and guests + change[0] > 0:
        party_size = guests + change[0]
    days = [(_day(moment, words, now, noted), moment.start) for moment in moments if _names_day(moment)]
    day = _meant(days, Day(noted.date()) if noted else None, words)
    clocks = [(moment.times, moment.start) for moment in moments if moment.times]
    old = [times for times, _ in clocks if noted and noted.time() in times]
    times = _meant(clocks, old[0] if old else None, words) or ()
    found_name = read_name(text, asked=asked, people=people, noted=name)
    nothing = not (days or times or party_size is not None or found_name)
    if nothing and name:
        found_name = meant_name(text, name)
    numbers = None if not nothing or found_name else _wanted(find(left, "number", reference=now), left)
    return Heard(
        day=day,
        days=tuple(one.date for one, _ in days if one.date),
        times=times,
        party_size=party_size,
        name=found_name,
        number=_whole(numbers[-1]) if numbers else None,
        replaced=_replaced(_plain(text), now),
    )


def _meant(found: Sequence[tuple[T, int]], noted: T | None, words: str) -> T | None:
    """Return the one of several values that is meant: not what was noted, and not what was taken back.

    Args:
        found: values with the places where they are said.
        noted: the value that was noted before; beside another one it is the old one ("I work tomorrow, so Friday").
        words: what was said.
    """
    new = [one for one in found if one[0] != noted] or list(found)
    if not new:
        return None
    first, last = new[0], new[-1]
    return last[0] if _VALUES_BETWEEN.search(words[first[1] : last[1]]) else first[0]


def days_and_times(text: str, now: dt.datetime) -> tuple[list[dt.date], list[dt.time]]:
    """Return the days a question names, and what its time may mean."""
    heard = [hear(part, now=now) for part in re.split(r"\b(?:and|or)\b|,", text)]
    days = dict.fromkeys(day for one in heard for day in one.days)
    return list(days), next((list(one.times) for one in heard if one.times), [])


def weekday_asked(text: str, now: dt.datetime) -> str | None:
    """Answer a question about the calendar, "is the fifth a Saturday?"; None where there is none."""
    asked = _WEEKDAY_ASKED.search(text)
    day = hear(asked["day"] or asked["day2"], now=now).day if asked else None
    if asked is None or day is None or day.date is None:
        return None
    weekday, guess = f"{day.date:%A}", (asked["guess"] or "").capitalize()
    begin = "" if not guess else "Yes, " if guess == weekday else "No, "
    return f"{begin}{ordinal_day(day.date)} is a {weekday}.".replace("the", "The", 0 if begin else 1)


def ordinal_day(day: dt.date) -> str:
    """Say a day without its weekday: "the 5th of December"."""
    return f"the {ordinal(day.day)} of {day:%B}"


def both_halves(hour: int) -> tuple[dt.time, ...]:
    """Return what an hour may mean at a restaurant, likelier first: 19:00 and 07:00 for 7."""
    if not 0 <= hour <= 23:
        return ()
    other = dt.time((hour + 12) % 24)
    return (other, dt.time(hour)) if 1 <= hour < 12 else (dt.time(hour),)


def _plain(text: str) -> str:
    text = _IDIOM.sub(lambda match: "#" * len(match[0]), _GREETING.sub(lambda match: " " * len(match[0]), text))
    text = _FILLED_IN.sub(r"\1 people", text.replace("\u2019", "'"))
    for pattern, word in _HOMOPHONES:
        text = pattern.sub(word, text)
    if not _AT_ONCE.search(text):
        text = _NOT_NOW.sub(lambda match: "#" * len(match[0]), text)
    return _MOVED.sub(_moved, text)


def _moved(match: re.Match[str]) -> str:
    return f"{match['length']} {'later' if match['way'].lower() in ('back', 'out') else 'earlier'}"


def _moments(words: str, asked: str | None, now: dt.datetime, noted: dt.datetime | None) -> list[Value]:
    kind = {"date": "date", "time": "time"}.get(asked or "", "datetime")
    found = find(words, kind, reference=now, prefer="evening", context=noted, bare=asked in ("date", "time"))
    return [moment for moment in found if moment.info.get("type") != "duration"]


def _wanted(values: list[Value], text: str) -> list[Value]:
    """Leave out what is named only as what it shall not be, where another value of its kind is named."""

    def rejected(value: Value) -> bool:
        return bool(_REJECTED.search(text[: value.start]))

    def kind(value: Value) -> tuple[bool, bool]:
        return value.day is not None, bool(value.times)

    kept = [value for value in values if not rejected(value)]
    return [value for value in values if value in kept or not any(kind(value) == kind(one) for one in kept)]


def _blank(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{'#' * (end - start)}{text[end:]}"


def _names_day(moment: Value) -> bool:
    return moment.day is not None or (moment.value is None and moment.info.get("type") in ("date", "datetime"))


def _day(moment: Value, words: str, now: dt.datetime, noted: dt.datetime | None) -> Day:
    """Return the day that is meant where another was noted, or said and taken back in the same breath."""
    if moment.day is None:
        return Day(None)
    today = now.date()
    day = _not_past(moment, today)
    before = words[: moment.start]
    taken_back = _TAKES_BACK.search(before)
    earlier = find(before[: taken_back.start()], "date", reference=now) if taken_back else []
    anchor = next((value.day for value in reversed(earlier) if value.day), None)
    if anchor is None and noted is not None:
        anchor = noted.date()
    return Day(day_in_context(day, words[moment.start : moment.end], anchor, today))


def _not_past(moment: Value, today: dt.date) -> dt.date:
    """Return a day without a year as the coming one, unless it has just been."""
    day = moment.day or today
    others = [dt.date.fromisoformat(str(value)[:10]) for value in moment.info.get("values") or ()]
    return next((other for other in others if today - RECENT <= other < today and day > today + RECENT), day)


def _whole(value: Value) -> int | None:
    return int(value.value) if isinstance(value.value, (int, float)) and value.value == int(value.value) else None


def _replaced(words: str, now: dt.datetime) -> tuple[int, int] | None:
    found = replaced_number(words)
    numbers = [read(word, "number", reference=now) for word in found] if found else []
    whole = [_whole(number) for number in numbers if number is not None]
    return (whole[0], whole[1]) if len(whole) == 2 and whole[0] is not None and whole[1] is not None else None
