"""Microsoft's Recognizers-Text, for the languages that no grammar here reads, and for units that are rare.

It gives a value for a part of a text as if it were the whole, days that no calendar has, and sometimes an error; so its
answer counts only where it covers the text and is a moment that there is.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Mapping
from typing import Any

from convai_rasa.errors import MissingExtra, require
from convai_rasa.nlu.values.languages import LANGUAGES, language_of
from convai_rasa.nlu.values.number_words import numbers_in
from convai_rasa.nlu.values.placed_words import split
from convai_rasa.nlu.values.value import Value

logger = logging.getLogger(__name__)

CULTURES = {"en": "en-us", "es": "es-es", "fr": "fr-fr", "pt": "pt-br", "zh": "zh-cn"}
_UNITS = frozenset({"money", "quantity", "age", "temperature"})
_MOMENTS = frozenset({"date", "time", "datetime", "duration"})
_YEARS = (1900, 2200)
_CURRENCIES = {"Dollar": "USD", "Pound": "GBP"}
_HUNDREDTHS = frozenset({"Cent", "Pence", "Penny"})
_UNIT_WORDS = 4  # "pounds per square inch"
_NOT_SAID = re.compile(r"[\W_]+")


def recognize(text: str, kind: str, language: str, now: dt.datetime, where: dt.tzinfo | None = None) -> Value | None:
    """Return what Recognizers-Text makes of a whole text; None where it fails, or reads a part of it.

    The language is one of ``CULTURES``; where a grammar reads everything else, what is left are units: "five
    hectopascals". The rest is as for ``reader.read``.
    """
    if language in LANGUAGES and (kind not in _UNITS or not _has_number_and_unit(text, language)):
        return None
    try:
        found = _found(text, kind, CULTURES[language], now)
    except MissingExtra:
        if language not in LANGUAGES:
            raise
        return None  # the rare units are then left as they are said
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, ArithmeticError):
        # its parsers fail in these ways on phrases they half know ("the week after next": KeyError)
        logger.debug("Recognizers-Text failed on %r as %s.", text, kind, exc_info=True)
        return None
    if len(found) != 1 or _NOT_SAID.sub("", text[: found[0].start] + text[found[0].end + 1 :]):
        return None
    resolution = found[0].resolution or {}
    return _moment(resolution, now, where) if kind in _MOMENTS else _amount(resolution, kind)


def _has_number_and_unit(text: str, language: str) -> bool:
    """Say whether a text may be an amount; to ask the library takes ten milliseconds, and a second the first time."""
    words = split(text)
    numbers = numbers_in(text, words, language_of(language).numbers)
    covered = {place for node in numbers for place in range(node.start, node.end)}
    return bool(numbers) and 1 <= len(words) - len(covered) <= _UNIT_WORDS


def _found(text: str, kind: str, culture: str, now: dt.datetime) -> list[Any]:
    if kind in _MOMENTS:
        library = require("recognizers_date_time", extra="nlu")
        return list(library.recognize_datetime(text, culture, reference=now))
    library = require("recognizers_number_with_unit" if kind in _UNITS else "recognizers_number", extra="nlu")
    name = {"money": "currency", "quantity": "dimension", "percent": "percentage"}.get(kind, kind)
    return list(getattr(library, f"recognize_{name}")(text, culture))


def _moment(resolution: Mapping[str, Any], now: dt.datetime, where: dt.tzinfo | None) -> Value | None:
    values = [one for one in resolution.get("values") or () if one.get("value") != "not resolved"]
    if not values or any("Mod" in one for one in values):
        return None
    kind = str(values[0].get("type"))
    if kind == "duration":
        seconds = _number(values[0].get("value"))
        return None if seconds is None else Value(values[0]["timex"], {"type": "duration", "seconds": seconds})
    if not all(map(_is_possible, values)):
        return None
    best = min(values, key=lambda one: _wait(one, now))
    first, last = best.get("value") or best["start"], best.get("end", "")
    value = _iso(first, where)
    if "value" in best:
        others = [_iso(one["value"], where) for one in values if one is not best and "value" in one]
        more: dict[str, Any] = {"values": [value, *others]} if others else {}
    else:
        more = {"from": value, "to": _iso(last, where)}
    day = None if ":" in first and "-" not in first else dt.date.fromisoformat(first[:10])
    return Value(value, {"type": kind.removesuffix("range"), "grain": _grain(best), **more}, day=day)


def _is_possible(one: Mapping[str, str]) -> bool:
    texts = [one["value"]] if "value" in one else [one.get("start"), one.get("end")]
    return all(
        text and ("-" not in text or _YEARS[0] <= dt.datetime.fromisoformat(text).year <= _YEARS[1]) for text in texts
    )


def _wait(one: Mapping[str, str], now: dt.datetime) -> tuple[bool, dt.timedelta]:
    """Return how long until a moment; those that are over come last, the latest first."""
    text = one.get("end") or one.get("value") or one["start"]
    if ":" in text and "-" not in text:
        moment = dt.datetime.combine(now.date(), dt.time.fromisoformat(text))
        return False, (moment if moment >= now else moment + dt.timedelta(days=1)) - now
    moment = dt.datetime.fromisoformat(text)
    over = moment.date() < now.date() if ":" not in text else moment < now
    return over, abs(moment - now)


def _grain(one: Mapping[str, str]) -> str:
    if ":" in (one.get("value") or one.get("start") or ""):
        return "minute" if one["timex"].count(":") else "hour"
    if "start" in one and "-W" in one["timex"] and one["timex"].count("-") == 1:
        return "week"
    return {1: "year", 2: "month"}.get(len(one["timex"].split("-")), "day") if "start" in one else "day"


def _iso(text: str, where: dt.tzinfo | None) -> str:
    """Return a date (2026-12-04), a time of day (19:30:00) or a moment (2026-12-04T19:30:00+01:00)."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=where).isoformat() if " " in text else text


def _amount(resolution: Mapping[str, Any], kind: str) -> Value | None:
    number = _number(resolution.get("value"))
    if number is None:
        return None
    unit = resolution.get("unit")
    info: dict[str, Any] = {"type": kind, **({"unit": unit} if unit else {"unit": "%"} if kind == "percent" else {})}
    if kind == "money":
        number = number / 100 if unit in _HUNDREDTHS else number
        code = resolution.get("isoCurrency") or _CURRENCIES.get(str(unit))
        info |= {"amount": number, **({"currency": code} if code else {})}
    return Value(number, info)


def _number(text: str | None) -> int | float | None:
    try:
        number = float((text or "").rstrip("%"))
    except ValueError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    return int(number) if number.is_integer() else number
