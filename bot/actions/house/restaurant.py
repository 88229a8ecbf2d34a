"""What the owner wrote in restaurant.yml, checked and typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ALLERGENS = (
    "gluten", "milk", "eggs", "fish", "shellfish", "nuts", "peanuts", "soy", "sesame", "celery", "mustard", "sulphites",
)  # fmt: skip
DIETS = ("vegan", "vegetarian")


class RestaurantFileError(Exception):
    """restaurant.yml says something impossible; the message names the key."""


@dataclass(frozen=True)
class Opening:
    """One uninterrupted stretch of opening hours on one day (end exclusive, same day)."""

    start: dt.time
    end: dt.time


@dataclass(frozen=True)
class Dish:
    """One line of the menu."""

    name: str
    course: str
    price: float
    about: str
    allergens: tuple[str, ...]
    suits: tuple[str, ...]


@dataclass(frozen=True)
class BookingRules:
    """How tables are given.

    Attributes:
        seats: guests who can be seated at the same time.
        table_minutes: how long one party keeps its seats.
        largest_party: larger ones are asked to call.
        last_seating_minutes: no table is given later than this before closing.
        days_ahead: how far in advance a table can be booked.
    """

    seats: int
    table_minutes: int
    largest_party: int
    last_seating_minutes: int
    days_ahead: int


@dataclass(frozen=True)
class Restaurant:
    """The whole of restaurant.yml."""

    name: str
    address: str
    phone: str
    email: str
    website: str
    directions: Mapping[str, str]
    accessibility: str
    timezone: ZoneInfo
    currency: str
    hours: Mapping[int, tuple[Opening, ...]]
    closed_dates: tuple[str, ...]
    booking: BookingRules
    menu: tuple[Dish, ...]

    def openings(self, day: dt.date) -> tuple[Opening, ...]:
        """Return the opening hours of one day, empty when closed."""
        if day.isoformat() in self.closed_dates or day.strftime("%m-%d") in self.closed_dates:
            return ()
        return self.hours.get(day.weekday(), ())

    def seatings(self, day: dt.date) -> tuple[Opening, ...]:
        """Return the stretches in which a table may begin; both ends are possible times."""
        stretches = []
        for opening in self.openings(day):
            last = _minutes(opening.end) - self.booking.last_seating_minutes
            if last >= _minutes(opening.start):
                stretches.append(Opening(opening.start, dt.time(last // 60, last % 60)))
        return tuple(stretches)

    def seats_at(self, day: dt.date, time: dt.time) -> bool:
        """Say whether a table may begin at this time of this day."""
        return any(stretch.start <= time <= stretch.end for stretch in self.seatings(day))


def load(path: Path) -> Restaurant:
    """Read and check restaurant.yml.

    Raises:
        RestaurantFileError: the file is missing, is not YAML, lacks a key or holds an impossible value.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RestaurantFileError(f"{path} cannot be read ({error.strerror}).") from error
    except yaml.YAMLError as error:
        raise RestaurantFileError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(raw, dict):
        raise RestaurantFileError(f"{path} should hold keys such as name, address, hours and menu.")
    try:
        return _parse(raw)
    except KeyError as error:
        raise RestaurantFileError(f"{path} lacks the key {error}.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise RestaurantFileError(f"{path}: {error}") from error


def _parse(raw: Mapping[str, Any]) -> Restaurant:
    return Restaurant(
        name=str(raw["name"]),
        address=str(raw["address"]),
        phone=str(raw["phone"]),
        email=str(raw.get("email", "")),
        website=str(raw.get("website", "")),
        directions=dict(raw["directions"]),
        accessibility=str(raw.get("accessibility", "")),
        timezone=_timezone(str(raw["timezone"])),
        currency=str(raw["currency"]),
        hours=_hours(raw["hours"]),
        closed_dates=tuple(str(day) for day in raw.get("closed_dates") or ()),
        booking=BookingRules(**{key: _positive(key, value) for key, value in raw["booking"].items()}),
        menu=tuple(_dish(course, dish) for course, dishes in raw["menu"].items() for dish in dishes),
    )


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"timezone: '{name}' is not a time zone; write for example Europe/London") from error


def _positive(key: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0 or (value == 0 and key == "seats"):
        raise ValueError(f"booking.{key}: expected a whole number, found {value!r}")
    return value


def _hours(raw: Mapping[str, list[str]]) -> dict[int, tuple[Opening, ...]]:
    unknown = sorted(set(raw) - set(WEEKDAYS))
    if unknown:
        raise ValueError(f"hours: '{unknown[0]}' is not a day of the week")
    return {WEEKDAYS.index(day): tuple(_opening(day, text) for text in texts or ()) for day, texts in raw.items()}


def _opening(day: str, text: str) -> Opening:
    try:
        start, end = (dt.time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise ValueError(f"hours.{day}: '{text}' should look like 18:00-22:30") from error
    if end <= start:
        raise ValueError(f"hours.{day}: '{text}' ends before it begins (split hours past midnight at 23:59)")
    return Opening(start, end)


def _dish(course: str, raw: Mapping[str, Any]) -> Dish:
    for key, known in (("allergens", ALLERGENS), ("suits", DIETS)):
        unknown = sorted(set(raw.get(key) or ()) - set(known))
        if unknown:
            raise ValueError(f"menu.{course}.{raw['name']}: '{unknown[0]}' is not one of {', '.join(known)}")
    return Dish(
        name=str(raw["name"]),
        course=course,
        price=float(raw["price"]),
        about=str(raw.get("about", "")),
        allergens=tuple(raw.get("allergens") or ()),
        suits=tuple(raw.get("suits") or ()),
    )


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute
