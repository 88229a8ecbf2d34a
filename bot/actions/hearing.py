"""Everything one utterance says about a booking: day, time, number of guests, name.

Days, times, numbers and names are read by ``convai_rasa.nlu.values``; what is a restaurant's own is here: guests,
what a recognizer makes of numbers, and what a day means beside the one that was noted before.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from convai_rasa.nlu.values import Value, find, find_name, read

from .corrections import day_in_context, replaced_number
from .headcount import change_in_guests

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
# What looks like a day or a number and is none: "the first time we came", "just a second".
_IDIOM = re.compile(
    r"\bthe (?:first|second|third) (?:time|one|thing|floor|course|table|name)\b"
    r"|\b(?:just )?(?:a|one) (?:second|moment|minute)\b",
    re.I,
)
# "One of us is allergic to nuts" does not say how many come.
_SOME_OF_US = re.compile(r"\b\w+ of us (?=is\b|are\b|has\b|have\b|can|need|do|also\b|only\b|eats?\b)", re.I)
_TAKES_BACK = re.compile(
    r"\b(?:no,? wait|wait,? no|no,? sorry|sorry|i mean|i meant|scratch that|or rather|rather|actually|no|not)\b", re.I
)
# What comes before a value that is not wanted: "Saturday instead of Friday", "not three people, four".
_REJECTED = re.compile(r"\b(?:instead of|rather than|not|from)(?: (?:on|at|for|the))*\s*$", re.I)
# "Move it from Friday to Saturday" is no stretch of days.
_MOVED_FROM = re.compile(r"\b(?:move|change|push|switch|shift|postpone)\b.*?(?P<old> from (?:\S+ ){1,6}?to )", re.I)
# How a name is written, and what stands around it when it is corrected.
_WRITTEN = re.compile(
    r",?\s+with(?:out)? (?:an?|one|two|double|the) [a-z](?:'?s)?(?: at the end| in the middle)?$", re.I
)
_CORRECTING = re.compile(
    r"^\W*(?:(?:sorry|no|oh|ah|wait|actually|um|uh|mm|well|it's|that's|it is|i said|i meant|i mean|but|rather)\b\W*)+",
    re.I,
)
_NOT_IN_NAMES = re.compile(r"\s*\b(?:instead|rather|after all|though)\b", re.I)
_FAMILY = re.compile(r"\b(?:for|under|it's|it is|we're|we are|to) (?:the )(?=[^\W\d_]+s\b)|^the (?=[^\W\d_]+s$)", re.I)
_ALIKE = 0.6  # of difflib: "Johnston" corrects "Johnson"
_MEANT = re.compile(
    r"\b(?:i (?:meant|mean|said)|it's|it is|make (?:that|it)|no,?|rather|but)\s+(?P<name>[^\W\d_].*)$", re.I
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
    left = _blank(left, *change[1]) if change else left
    sizes = _wanted(find(left, "people", reference=now, bare=asked == "party_size"), left)
    party_size = next((size for size in map(_whole, sizes) if size is not None), None)
    if change and party_size is None and guests is not None and guests + change[0] > 0:
        party_size = guests + change[0]
    days = [_day(moment, words, now, noted) for moment in moments if _names_day(moment)]
    times = next((moment.times for moment in moments if moment.times), ())
    found_name = _name(text, asked, people, name)
    nothing = not (days or times or party_size is not None or found_name)
    if nothing and name:
        found_name = _meant_name(text, name)
    numbers = None if not nothing or found_name else _wanted(find(left, "number", reference=now), left)
    return Heard(
        day=days[0] if days else None,
        days=tuple(day.date for day in days if day.date),
        times=times,
        party_size=party_size,
        name=found_name,
        number=_whole(numbers[-1]) if numbers else None,
        replaced=_replaced(_plain(text), now),
    )


def days_and_times(text: str, now: dt.datetime) -> tuple[list[dt.date], list[dt.time]]:
    """Return the days a question names, and what its time may mean."""
    heard = [hear(part, now=now) for part in re.split(r"\b(?:and|or)\b|,", text)]
    days = dict.fromkeys(day for one in heard for day in one.days)
    return list(days), next((list(one.times) for one in heard if one.times), [])


def both_halves(hour: int) -> tuple[dt.time, ...]:
    """Return what an hour may mean at a restaurant, likelier first: 19:00 and 07:00 for 7."""
    if not 0 <= hour <= 23:
        return ()
    other = dt.time((hour + 12) % 24)
    return (other, dt.time(hour)) if 1 <= hour < 12 else (dt.time(hour),)


def _plain(text: str) -> str:
    text = _IDIOM.sub(lambda match: "#" * len(match[0]), _GREETING.sub(lambda match: " " * len(match[0]), text))
    text = text.replace("\u2019", "'")
    for pattern, word in _HOMOPHONES:
        text = pattern.sub(word, text)
    return text


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


def _alone_between_commas(text: str, people: Sequence[str]) -> str | None:
    """Return the person who is a part of an enumeration: "a table for two, tomorrow, Smith"."""
    seen = {person.casefold() for person in people}
    return next((piece.strip() for piece in re.split(r"[,.;]", text) if piece.strip().casefold() in seen), None)


def _name(text: str, asked: str | None, people: Sequence[str], noted: str | None) -> str | None:
    """Return the name in an utterance: "it's for the Petersens", "under my husband's name instead, it's Peter"."""
    text = _NOT_IN_NAMES.sub(",", text)
    expected = asked == "name" or (noted is not None and re.search(r"\bname\b", text, re.I) is not None)
    if expected:
        text = _WRITTEN.sub("", _FAMILY.sub("", text))
    found = find_name(text, asked=expected, people=people)
    return str(found.value) if found is not None else _alone_between_commas(text, people)


def _meant_name(text: str, noted: str) -> str | None:
    """Return the name that takes the place of another: "I meant Anna", "no, Johnston with a T"."""
    match = _MEANT.search(text.strip())
    found = find_name(match["name"], asked=True) if match else None
    if found is not None:
        return str(found.value)
    bare = _CORRECTING.sub("", text.strip())
    written = _WRITTEN.sub("", bare)
    found = find_name(written, asked=True)
    if found is None:
        return None
    alike = difflib.SequenceMatcher(None, noted.casefold(), str(found.value).casefold()).ratio() >= _ALIKE
    return str(found.value) if alike or written != bare else None


def _whole(value: Value) -> int | None:
    return int(value.value) if isinstance(value.value, (int, float)) and value.value == int(value.value) else None


def _replaced(words: str, now: dt.datetime) -> tuple[int, int] | None:
    found = replaced_number(words)
    numbers = [read(word, "number", reference=now) for word in found] if found else []
    whole = [_whole(number) for number in numbers if number is not None]
    return (whole[0], whole[1]) if len(whole) == 2 and whole[0] is not None and whole[1] is not None else None
