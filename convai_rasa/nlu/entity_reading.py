"""What dates, times, numbers and amounts of money in a text mean: "next friday" is 2026-12-04.

The reading is done by Microsoft's Recognizers-Text; here its answers become one value that a slot can hold, and a
mapping with the rest. Ambiguous moments ("friday", "half past seven") are the next ones after the reference.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Union
from zoneinfo import ZoneInfo

from convai_rasa.errors import require

CULTURES = {"en": "en-us", "es": "es-es", "fr": "fr-fr", "pt": "pt-br", "zh": "zh-cn"}
MOMENTS = ("date", "time", "datetime")
_PREFIX = {"date": "on ", "time": "at "}  # bare "the 23rd" and "seven" are read as moments only behind these
# A currency's name alone does not say whose it is; these are the ones most often meant.
_CURRENCIES = {"Dollar": "USD", "Pound": "GBP"}
_HUNDREDTHS = frozenset({"Cent", "Pence", "Penny"})
_REMEMBERED = 4096  # answers: the same few words come again and again, and each takes some ten milliseconds

Value = Union[str, int, float]


@dataclass(frozen=True)
class Meaning:
    """What a text stands for.

    Attributes:
        value: an ISO 8601 date, time or duration, or a number.
        info: ``type``, and what there is of ``grain``, ``from`` and ``to``, ``values``, ``unit``, ``currency``.
    """

    value: Value
    info: Mapping[str, Any]


@functools.lru_cache(_REMEMBERED)
def read_moment(
    text: str, kind: str, culture: str, now: datetime, where: Optional[ZoneInfo] = None
) -> Optional[Meaning]:
    """Return the date, time, period or duration that a text stands for; None where it is none, or several.

    Args:
        text: such as "half past seven".
        kind: one of ``MOMENTS``; whether a bare "seven" is a time, or "the 23rd" a date.
        culture: one of the values of ``CULTURES``.
        now: without time zone, where the speaker is.
        where: the time zone whose offset the moments get; None for no offset.
    """
    recognize = _library("recognizers_date_time").recognize_datetime
    found = recognize(text, culture, reference=now)
    if not found and kind in _PREFIX and culture == CULTURES["en"]:
        found = recognize(_PREFIX[kind] + text, culture, reference=now)
    values = _only(found, lambda one: (one.resolution or {}).get("values"))
    return _moment_of(values, now, where) if values else None


@functools.lru_cache(_REMEMBERED)
def read_amount(text: str, kind: str, culture: str) -> Optional[Meaning]:
    """Return the number that a text stands for, with its unit; None where it is none, or several.

    Args:
        text: such as "twelve dollars fifty".
        kind: ``number``, ``ordinal``, ``percent``, ``money``, ``quantity``, ``age`` or ``temperature``.
        culture: one of the values of ``CULTURES``.
    """
    numbers, units = _library("recognizers_number"), _library("recognizers_number_with_unit")
    recognize: Mapping[str, Callable[[str, str], Any]] = {
        "number": numbers.recognize_number,
        "ordinal": numbers.recognize_ordinal,
        "percent": numbers.recognize_percentage,
        "money": units.recognize_currency,
        "quantity": units.recognize_dimension,
        "age": units.recognize_age,
        "temperature": units.recognize_temperature,
    }
    resolution = _only(recognize[kind](text, culture), lambda one: one.resolution)
    number = _number(resolution["value"]) if resolution else None
    if number is None:
        return None
    info: dict[str, Any] = {"type": kind}
    if kind == "percent":
        info["unit"] = "%"
    if resolution.get("unit"):
        info["unit"] = resolution["unit"]
    if kind == "money":
        number = number / 100 if resolution.get("unit") in _HUNDREDTHS else number
        code = resolution.get("isoCurrency") or _CURRENCIES.get(resolution.get("unit"))
        info |= {"amount": number, **({"currency": code} if code else {})}
    return Meaning(number, info)


def _only(found: Sequence[Any], get: Callable[[Any], Any]) -> Any:
    """Return what the one answer says; None where there is none, or more than one that does not lie in another."""
    outer = [
        one
        for one in found
        if not any(
            other is not one
            and other.start <= one.start
            and one.end <= other.end
            and (other.end - other.start) > (one.end - one.start)
            for other in found
        )
    ]
    return get(outer[0]) if len(outer) == 1 else None


def _moment_of(values: Sequence[Mapping[str, str]], now: datetime, where: Optional[ZoneInfo]) -> Optional[Meaning]:
    kind = values[0]["type"]
    if kind == "duration":
        seconds = _number(values[0]["value"])
        return Meaning(values[0]["timex"], {"type": "duration", "seconds": seconds})
    possible = [one for one in values if {"value", "start", "end"} & set(one) and one.get("value") != "not resolved"]
    if not possible:
        return None  # "every monday" is no moment
    best = min(possible, key=lambda one: _wait(one, now))
    grain = _grain(best)
    if "value" in best:
        value, span = _iso(best["value"], where), {}
    else:
        span = {name: _iso(best[key], where) for name, key in (("from", "start"), ("to", "end")) if key in best}
        value = span.get("from") or span["to"]
    others = list(_others(possible, best, where))
    more = {"values": [value, *others]} if others else {}
    return Meaning(value, {"type": kind.removesuffix("range"), "grain": grain, **span, **more})


def _others(possible: Sequence[Mapping[str, str]], best: Mapping[str, str], where: Optional[ZoneInfo]) -> Iterator[str]:
    for one in possible:
        if one is not best:
            yield _iso(one.get("value") or one.get("start") or one["end"], where)


def _wait(one: Mapping[str, str], now: datetime) -> timedelta:
    """Return how long until a moment; moments that are over come after all that are not, the latest first."""
    text = one.get("end") or one.get("value") or one["start"]  # a range counts until it ends
    if ":" in text and "-" not in text:
        moment = datetime.combine(now.date(), datetime.strptime(text, "%H:%M:%S").time())
        return (moment if moment >= now else moment + timedelta(days=1)) - now
    moment = datetime.fromisoformat(text)
    whole_day = ":" not in text
    passed = moment.date() < now.date() if whole_day else moment < now
    return timedelta(days=400_000) + (now - moment) if passed else max(moment - now, timedelta(0))


def _grain(one: Mapping[str, str]) -> str:
    timex = one["timex"]
    if "T" in timex and not timex.startswith("P"):
        clock = timex.rpartition("T")[2]
        return {0: "hour", 1: "minute", 2: "second"}.get(clock.count(":"), "hour") if clock[:1].isdigit() else "hour"
    if "start" in one or "end" in one:
        if "-W" in timex:
            return "week" if timex.count("-") == 1 else "day"
        return {1: "year", 2: "month"}.get(len(timex.split("-")), "day")
    return "day"


def _iso(text: str, where: Optional[ZoneInfo]) -> str:
    """Return a date (2026-12-04), a time of day (19:30:00) or a moment (2026-12-04T19:30:00+01:00)."""
    if " " not in text:
        return text
    return datetime.fromisoformat(text).replace(tzinfo=where).isoformat()


def _number(text: Optional[str]) -> Optional[Union[int, float]]:
    try:
        number = float((text or "").rstrip("%"))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


@functools.cache
def _library(name: str) -> ModuleType:
    return require(name, extra="nlu")
