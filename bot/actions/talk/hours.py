"""Opening hours: of a day, at a time, of the week, now."""

from __future__ import annotations

import datetime as dt

from phrases import Phrases

from ..booking.rules import next_open_day
from ..conversation import Answer
from ..hearing.calendar import days_and_times
from ..house import settings
from ..house.restaurant import WEEKDAYS, Opening, Restaurant
from ..spoken import say_day, say_list, say_minutes, say_openings, say_time

SAID = Phrases(__file__)


def say_hours(asked: str) -> Answer:
    """Say when we are open: on the days asked about, at the time asked about, or all week."""
    house, now = settings.restaurant(), settings.now()
    days, times = days_and_times(asked, now)
    at_once = SAID.now.search(asked.lower()) or (not times and SAID.still_open.search(asked.lower()))
    if set(days) <= {now.date()} and at_once:
        return Answer(_right_now(house, now))
    seated = asks_when_seated(asked)
    if not days:
        minutes = house.booking.last_seating_minutes if seated else 0
        last = f"Our last table is {say_minutes(minutes)} before we close. " if minutes else ""
        return Answer(f"{last}{week(house)}", f"{last}\n{_week_listing(house)}".strip())
    if seated or (times and SAID.to_eat.search(asked.lower())):
        begin = "" if SAID.turned.search(asked.lower()) or not times else None
        return Answer(" ".join(seated_on(house, day, now.date(), times, begin) for day in days))
    return Answer(" ".join(on_day(house, day, now.date(), times) for day in days))


def asks_when_seated(asked: str) -> bool:
    """Say whether it is asked how late a table is given: "what's the last table on Friday"."""
    return bool(SAID.last_table.search(asked.lower().replace("\u2019", "'")))


def seated_on(house: Restaurant, day: dt.date, today: dt.date, times: list[dt.time], begin: str | None = None) -> str:
    """Say when guests are seated on a day, and whether a table can begin at a time.

    Args:
        house: with its hours.
        day: that is asked about.
        today: for "tomorrow".
        times: what the time asked about may mean.
        begin: the answer begins with it instead of yes or no, where it is not plain what these would mean.
    """
    seatings = house.seatings(day)
    if not seatings:
        return on_day(house, day, today, times)
    fits = [time for time in times if house.seats_at(day, time)]
    yes = f"Yes, you can have a table at {say_time(fits[0])}. " if fits else "No, I'm afraid not. "
    said = f"{_on(say_day(day, today))} we seat guests {say_openings(seatings)}, and close at"
    return f"{yes if begin is None else begin}{said[:1].upper()}{said[1:]} {say_time(house.openings(day)[-1].end)}."


def on_day(house: Restaurant, day: dt.date, today: dt.date, times: list[dt.time]) -> str:
    """Say the hours of one day, and whether a time falls into them."""
    named, openings = say_day(day, today), house.openings(day)
    if not openings:
        reopening = next_open_day(day, house)
        then = f" We are open again on {say_day(reopening, today).removeprefix('tomorrow, ')}." if reopening else ""
        return f"No, we are closed {_on(named)}.{then}" if times else f"We are closed {_on(named)}.{then}"
    hours = f"We are open {_on(named)} {say_openings(openings)}."
    if not times:
        return hours
    inside = [time for time in times if any(opening.start <= time < opening.end for opening in openings)]
    return f"Yes, we are open at {say_time(inside[0])}. {hours}" if inside else f"No. {hours}"


def week(house: Restaurant) -> str:
    """Say the hours of the week, days with the same hours together, then the days off."""
    parts = [f"{_days(days)} {say_openings(openings)}" for days, openings in _grouped(house) if openings]
    closed = [WEEKDAYS[day].capitalize() for days, openings in _grouped(house) if not openings for day in days]
    sentences = [f"We are open {parts[0]}.", *(f"{part[:1].upper()}{part[1:]}." for part in parts[1:])] if parts else []
    if closed:
        sentences.append(f"We are closed on {say_list([f'{day}s' for day in closed])}.")
    return " ".join(sentences)


def _right_now(house: Restaurant, now: dt.datetime) -> str:
    openings = house.openings(now.date())
    if any(opening.start <= now.time() < opening.end for opening in openings):
        closing = next(opening.end for opening in openings if opening.start <= now.time() < opening.end)
        return f"Yes, we are open now, until {say_time(closing)}."
    later = next((opening for opening in openings if opening.start > now.time()), None)
    if later:
        return f"Not right now. We open at {say_time(later.start)} today."
    following = next_open_day(now.date(), house)
    return f"Not right now. We open again {_on(say_day(following, now.date()))}." if following else "Not right now."


def _grouped(house: Restaurant) -> list[tuple[list[int], tuple[Opening, ...]]]:
    groups: list[tuple[list[int], tuple[Opening, ...]]] = []
    for day in range(len(WEEKDAYS)):
        openings = tuple(house.hours.get(day, ()))
        if groups and groups[-1][1] == openings:
            groups[-1][0].append(day)
        else:
            groups.append(([day], openings))
    return groups


def _days(days: list[int]) -> str:
    first, last = WEEKDAYS[days[0]].capitalize(), WEEKDAYS[days[-1]].capitalize()
    if len(days) == 1:
        return f"on {first}"
    return f"{first} {'and' if len(days) == 2 else 'to'} {last}"


def _week_listing(house: Restaurant) -> str:
    lines = []
    for day, name in enumerate(WEEKDAYS):
        hours = ", ".join(f"{o.start:%H:%M}–{o.end:%H:%M}" for o in house.hours.get(day, ()))
        lines.append(f"{name.capitalize()}: {hours or 'closed'}")
    return "\n".join(lines)


def _on(day: str) -> str:
    return day if day.startswith(("today", "tomorrow")) else f"on {day}"
