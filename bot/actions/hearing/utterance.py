"""Everything one utterance says about a booking: day, time, number of guests, name.

Days, times, numbers and names are read by ``convai_rasa.nlu.values``; what is a restaurant's own is here: guests,
what a recognizer makes of numbers, and what a day means beside the one that was noted before.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, TypeVar

from phrases import Phrases

from convai_rasa.nlu.values import Value, find, read

from ..house.restaurant import WEEKDAYS
from .corrections import day_in_context, replaced_number
from .headcount import change_in_guests, company
from .heard import Day, Edge, Heard
from .idioms import HOUR, plain, with_noted
from .naming import read_name
from .numbers import beside_a_moment, counted, hour_beside_guests, recounted
from .renaming import meant_name

T = TypeVar("T")
RECENT = dt.timedelta(days=60)  # "November 20th" said on November 24th is a slip, not next year
SAID = Phrases(__file__, hour=HOUR)
# "Move it from Friday to Saturday" is no stretch of days.
_MOVED_FROM = re.compile(
    r"\b(?:move|change|push|switch|shift|postpone|swap)\b"
    rf"(?:.*?(?P<old> from (?:\S+ ){{1,6}}?to )|(?: \w+){{0,4}}?(?P<day> (?:{'|'.join(WEEKDAYS)}|today|tonight|"
    rf"tomorrow) to ))",
    re.I,
)


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
    if asked == "time":  # "730"
        text = re.sub(r"^(\W*)([1-9]|1[0-2])([0-5][05])(?=\W*$)", r"\1\2:\3", text)
    elif asked == "party_size":  # "four or five", which needs chairs for five
        text = re.sub(
            rf"\b(?:either )?(?:{HOUR}|\d{{1,2}}) (?:or|to|maybe) ({HOUR}|\d{{1,2}})\b", r"\1 people", text, flags=re.I
        )
    context = noted or _day_before_next(text, now)
    words = with_noted(SAID.some_of_them.sub(lambda match: "#" * len(match[0]), plain(text)), context)
    moved = _MOVED_FROM.search(words)
    words = _blank(words, *moved.span("old" if moved["old"] else "day")) if moved else words
    told_size = counted(words) or (recounted(words) if asked != "time" else None)
    words = _blank(words, *told_size[1]) if told_size else words
    group = company(words, answers=asked == "party_size")
    fewer = change_in_guests(words, before)
    counts = [found[1] for found in (group, fewer if fewer and fewer[0] < 0 else None) if found]
    timely = words  # without the numbers that count guests
    for span in counts:
        timely = _blank(timely, *span)
    found_name = read_name(text, asked=asked, people=people, noted=name)
    named = set((found_name or "").lower().split())
    moments = [
        moment
        for moment in _wanted(_moments(timely, asked, now, context), words)
        if not named.issuperset(words[moment.start : moment.end].lower().split())  # April Sommer
    ]
    clock = next((moment for moment in moments if moment.times), None)
    more: list[tuple[int, int]] = []
    for other in reversed(list(SAID.repaired.finditer(words, clock.end)) if clock else []):  # the places before stay
        guests_made = _guests_made(words, other.end(), clock, now) if clock else None
        more += [guests_made] if guests_made else []
        words = words if guests_made else f"{words[: other.end()]}at {words[other.end() :]}"
        moments = moments if guests_made else _wanted(_moments(words, asked, now, context), words)
    left = words
    for moment in [*moments, *_moments(words, asked, now, context)]:  # those that are not wanted are no guests either
        left = _blank(left, moment.start, moment.end)
    change = change_in_guests(left, before)
    left = SAID.some_of_us.sub(
        lambda match: match[0] if SAID.all.search(left[: match.start()]) else "#" * len(match[0]), left
    )
    told = company(_blank(left, *change[1]) if change and guests is not None else left, answers=asked == "party_size")
    left = _blank(left, *change[1]) if change else left
    found = _wanted(_find(left, "people", reference=now, bare=asked == "party_size"), left)
    sizes = [(size, value.start) for value in found for size in [_whole(value)] if size is not None]
    if told_size:
        sizes.append((told_size[0], told_size[1][0]))
    sizes += reversed(more)
    if told and not told_size:
        start, end = told[1]
        apart = [value.start for value in found if not (value.start < end and start < value.end)]
        sizes = [(told[0], start), *(one for one in sizes if one[1] in apart)]
    if sizes and clock is None and (made := SAID.make_it.search(words)):
        words = f"{words[: made.end()]}at {words[made.end() :]}"
        moments = _wanted(_moments(words, asked, now, context), words)
    if sizes and (total := SAID.total.search(words)):  # "we're bringing two kids, so six"
        sizes += [
            (size, total.start("n")) for one in find(total["n"], "number", reference=now) if (size := _whole(one))
        ]
    if not sizes and not change and (clock or (guests is None and asked != "time")):
        beside = beside_a_moment(left)
        sizes = [(beside[0], beside[1][0])] if beside else []
    party_size = _meant(sizes, guests, words, corrects=guests is not None)
    if change and guests is not None and party_size in (None, guests) and guests + change[0] > 0:
        party_size = guests + change[0]
    spans = [several for moment in moments if (several := _several_days(moment))]
    days = [
        (_day(moment, words, now, noted), moment.start)
        for moment in moments
        if _names_day(moment) and not _several_days(moment)
    ]
    day = _meant(days, Day(noted.date()) if noted else None, words, corrects=noted is not None)
    clocks = [(moment.times, moment.start) for moment in moments if moment.times]
    old = [times for times, _ in clocks if noted and noted.time() in times]
    times = _meant(clocks, old[0] if old else None, words, corrects=noted is not None) or ()
    if not moments and not group and len(found) == 1:
        hour = hour_beside_guests(left, (found[0].start, found[0].end))
        times = both_halves(hour) if hour is not None else times
    nothing = not (days or times or party_size is not None or found_name)
    if nothing and name:
        found_name = meant_name(text, name)
    numbers = None if not nothing or found_name else _wanted(_find(left, "number", reference=now), left)
    return Heard(
        day=day,
        days=tuple(one.date for one, _ in days if one.date),
        times=times,
        party_size=party_size,
        name=found_name,
        number=_whole(numbers[-1]) if numbers else None,
        replaced=_replaced(plain(text), now),
        span=spans[0] if spans and not days else None,
        edge=_edge(text) if not times else None,
    )


def _guests_made(words: str, start: int, clock: Value, now: dt.datetime) -> tuple[int, int] | None:
    """Return the guests of "for four at eight, make that five", and where they stand; None where eight is meant."""
    one = next(iter(_find(words[start:], "number", reference=now)), None)
    number = _whole(one) if one else None
    guests = next((size for each in _find(words[:start], "people", reference=now) if (size := _whole(each))), None)
    if guests is None and (beside := beside_a_moment(_blank(words[:start], clock.start, clock.end))):
        guests = beside[0]
    if one is None or number is None or guests is None:
        return None
    hour = clock.times[0].hour % 12 or 12
    return (number, start + one.start) if abs(number - guests) <= abs(number - hour) else None


def _meant(found: Sequence[tuple[T, int]], noted: T | None, words: str, *, corrects: bool) -> T | None:
    """Return the one of several values that is meant: what is wished for, not what was noted or taken back.

    Args:
        found: values with the places where they are said.
        noted: the value that was noted before; beside another one it is the old one ("I work tomorrow, so Friday").
        words: what was said.
        corrects: something was noted before; then the reason comes first ("the match is at two, we'd come at five").
    """
    new = [one for one in found if one[0] != noted] or list(found)
    if not new:
        return None
    first, last = new[0], new[-1]
    if SAID.values_between.search(words[first[1] : last[1]]):
        return last[0]
    chosen = [value for value, start in new if SAID.chosen.match(words[start:])]
    if chosen:
        return chosen[-1]
    wished = [value for value, start in new if SAID.wished.search(words[:start])]
    return wished[-1] if wished else (last if corrects else first)[0]


def both_halves(hour: int) -> tuple[dt.time, ...]:
    """Return what an hour may mean at a restaurant, likelier first: 19:00 and 07:00 for 7."""
    if not 0 <= hour <= 23:
        return ()
    other = dt.time((hour + 12) % 24)
    return (other, dt.time(hour)) if 1 <= hour < 12 else (dt.time(hour),)


def _find(text: str, kind: str, **settings: Any) -> list[Value]:
    """Find values where what is blanked out is one sign, and not a word for each of its letters."""
    return find(re.sub(r"#+", lambda match: "#".ljust(len(match[0])), text), kind, **settings)


def _moments(words: str, asked: str | None, now: dt.datetime, noted: dt.datetime | None) -> list[Value]:
    kind = {"date": "date", "time": "time"}.get(asked or "", "datetime")
    found = _find(words, kind, reference=now, prefer="evening", context=noted, bare=asked in ("date", "time"))
    return [moment for moment in found if moment.info.get("type") != "duration"]


def _wanted(values: list[Value], text: str) -> list[Value]:
    """Leave out what is named only as what it shall not be, where another value of its kind is named."""

    def rejected(value: Value) -> bool:
        return bool(SAID.rejected.search(text[: value.start]))

    def kind(value: Value) -> tuple[bool, bool]:
        return value.day is not None, bool(value.times)

    kept = [value for value in values if not rejected(value)]
    return [value for value in values if value in kept or not any(kind(value) == kind(one) for one in kept)]


def _blank(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{'#' * (end - start)}{text[end:]}"


def _day_before_next(text: str, now: dt.datetime) -> dt.datetime | None:
    """Return the day that "tomorrow, no, not tomorrow, the day after" counts from."""
    after = SAID.day_after.search(text)
    found = find(text[: after.start()], "date", reference=now) if after else []
    return dt.datetime.combine(found[-1].day, dt.time()) if found and found[-1].day else None


def _edge(text: str) -> Edge | None:
    found = SAID.edge.search(text)
    if found is None:
        return None
    said = next(each.lower() for each in found.groups() if each)
    part = SAID.part_of_day.search(text)
    return Edge(said in ("late", "latest", "last", "later"), None if part is None else bool(part["lunch"]))


def _several_days(moment: Value) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day of "next week" or "December", of which a table needs one."""
    if moment.info.get("type") != "date" or not moment.info.get("to") or not moment.info.get("from"):
        return None
    first, last = (dt.date.fromisoformat(str(moment.info[end])[:10]) for end in ("from", "to"))
    return (first, last) if (last - first).days > 1 else None  # of a weekend the first day is meant


def _names_day(moment: Value) -> bool:
    return moment.day is not None or (moment.value is None and moment.info.get("type") in ("date", "datetime"))


def _day(moment: Value, words: str, now: dt.datetime, noted: dt.datetime | None) -> Day:
    """Return the day that is meant where another was noted, or said and taken back in the same breath."""
    if moment.day is None:
        return Day(None)
    today = now.date()
    day = _not_past(moment, today)
    before = words[: moment.start]
    taken_back = SAID.takes_back.search(before)
    earlier = _find(before[: taken_back.start()], "date", reference=now) if taken_back else []
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
