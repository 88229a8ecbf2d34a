"""Opening hours, the way here, and how to reach us."""

from __future__ import annotations

import datetime as dt
import re

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from . import settings
from .booking_rules import next_open_day
from .conversation import Events, say, words
from .hearing import hear
from .restaurant import WEEKDAYS, Opening, Restaurant
from .spoken import say_day, say_list, say_openings, say_phone, say_time

_WAYS = {
    "by_train": r"train|station|subway|underground|metro|tube",
    "by_car": r"car|drive|driving|park|parking",
    "by_bus": r"bus|tram|public transport",
    "on_foot": r"walk|walking|foot",
}


class AnswerHours(Action):
    """Say when we are open: on the day asked about, at the time asked about, or all week."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_answer_hours"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer with the hours of one day or of the week."""
        house, now = settings.restaurant(), settings.now()
        heard = hear(words(tracker), today=now.date())
        day = heard.day.date if heard.day else None
        if day is None and re.search(r"\b(?:now|right now|still open|at the moment)\b", words(tracker).lower()):
            say(dispatcher, tracker, _right_now(house, now))
        elif day is None:
            say(dispatcher, tracker, week(house), shown=_week_listing(house))
        else:
            say(dispatcher, tracker, on_day(house, day, now.date(), heard.clock.candidates() if heard.clock else []))
        return []


class AnswerDirections(Action):
    """Say where we are and how to come."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_answer_directions"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer for the way of travelling that was named, else with the address."""
        house, asked = settings.restaurant(), words(tracker).lower()
        if house.accessibility and re.search(
            r"wheelchair|accessible|stroller|pram|step|disabled|restroom|toilet", asked
        ):
            say(dispatcher, tracker, house.accessibility)
            return []
        way = next((way for way, named in _WAYS.items() if re.search(rf"\b(?:{named})\b", asked)), None)
        if way is not None and way in house.directions:
            say(dispatcher, tracker, house.directions[way])
        else:
            here = house.directions.get("on_foot", "")
            say(dispatcher, tracker, f"We are at {house.address}. {here}".strip())
        return []


class AnswerContact(Action):
    """Say how to reach a person."""

    def name(self) -> str:
        """Return the name used in the rules."""
        return "action_answer_contact"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer with the telephone number, and the rest on a written channel."""
        house = settings.restaurant()
        written = "\n".join(line for line in (f"Phone: {house.phone}", house.email, house.website) if line)
        say(dispatcher, tracker, f"You can call us on {say_phone(house.phone)}.", shown=written)
        return []


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
