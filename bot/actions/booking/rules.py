"""What the house allows: days, times and party sizes, each refusal with a way out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from ..house.restaurant import Restaurant
from ..spoken import say_day, say_guests, say_openings, say_time

OTHER_DAY = "We are open again"


def problem_with_day(day: dt.date | None, now: dt.datetime, restaurant: Restaurant) -> str | None:
    """Say why a day cannot be booked, or None when it can."""
    today = now.date()
    if day is None:
        return "That day isn't in the calendar."
    if day < today:
        return f"I'm sorry, {say_day(day, today)} has already passed."
    if day > today + dt.timedelta(days=restaurant.booking.days_ahead):
        ahead = restaurant.booking.days_ahead
        return f"I'm sorry, {say_day(day, today)} is too far ahead. I can book up to {ahead} days ahead."
    if not restaurant.openings(day):
        opening = next_open_day(day, restaurant)
        other = f" {OTHER_DAY} on {say_day(opening, today).removeprefix('tomorrow, ')}." if opening else ""
        return f"I'm sorry, we are closed {_on(say_day(day, today))}.{other}"
    if day == today and all(stretch.end <= now.time() for stretch in restaurant.seatings(day)):
        return "I'm sorry, it is too late for a table today."
    return None


def problem_with_time(time: dt.time, day: dt.date | None, now: dt.datetime, restaurant: Restaurant) -> str | None:
    """Say why a table cannot begin at a time, or None when it can; without a day only hopeless times are refused."""
    if day is None:
        days = [now.date() + dt.timedelta(days=ahead) for ahead in range(7)]
        if any(restaurant.seats_at(each, time) for each in days):
            return None
        return f"I'm sorry, we have no tables at {say_time(time)}."
    if dt.datetime.combine(day, time) <= now:
        return f"I'm sorry, {say_time(time)} today has already passed."
    if not restaurant.seats_at(day, time):
        return (
            f"I'm sorry, we have no tables at {say_time(time)} {_on(say_day(day, now.date()))}. "
            f"We seat guests {say_openings(restaurant.seatings(day))}."
        )
    return None


def problem_with_party(size: int, restaurant: Restaurant, phone: str) -> str | None:
    """Say why a party cannot be booked, or None when it can."""
    if size < 1:
        return "I need at least one guest."
    if size > restaurant.booking.largest_party:
        return (
            f"For {say_guests(size)}, please call us on {phone}. "
            f"I can book tables for up to {restaurant.booking.largest_party} people."
        )
    return None


def resolve_time(times: Sequence[dt.time], day: dt.date | None, now: dt.datetime, restaurant: Restaurant) -> dt.time:
    """Choose what an ambiguous time means: the reading at which a table can begin, else the first, likelier one."""
    days = [day] if day else [now.date() + dt.timedelta(days=ahead) for ahead in range(7)]
    for time in times:
        if any(restaurant.seats_at(each, time) for each in days):
            return time
    return times[0]


def next_open_day(after: dt.date, restaurant: Restaurant) -> dt.date | None:
    """Return the first open day after another, looking two weeks ahead."""
    days = (after + dt.timedelta(days=ahead) for ahead in range(1, 15))
    return next((day for day in days if restaurant.seatings(day)), None)


def _on(day: str) -> str:
    return day if day.startswith(("today", "tomorrow")) else f"on {day}"
