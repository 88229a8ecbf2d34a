"""Numbers, dates, times and prices in English words."""

from __future__ import annotations

from decimal import Decimal
from typing import Optional

from convai_rasa.errors import require

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_CENTS = {"dollar": "cent", "euro": "cent", "pound": "penny"}
_IRREGULAR = {"penny": "pence", "yen": "yen"}
_LONGEST = 15  # digits; longer numbers are read digit by digit


def cardinal(number: str) -> str:
    """Return a number such as ``1,200`` or ``3.05`` in words; decimals digit by digit."""
    whole, _, decimals = number.replace(",", "").partition(".")
    read_out = len(whole) > _LONGEST or (len(whole) > 1 and whole.startswith("0"))
    words = digits(whole) if read_out else _words(int(whole))
    return f"{words} point {digits(decimals)}" if decimals else words


def ordinal(number: str) -> str:
    """Return ``3`` as "third"."""
    return _num2words(int(number.replace(",", "")), to="ordinal")


def year(number: int) -> str:
    """Return ``2026`` as "twenty twenty-six"."""
    return _num2words(number, to="year").replace(",", "")


def digits(number: str) -> str:
    """Return the digits of a number one by one."""
    return " ".join(_DIGITS[int(digit)] for digit in number)


def date(the_year: int, month: int, day: int) -> str:
    """Return a date as "November twenty-second, twenty twenty-six"."""
    return f"{MONTHS[month - 1]} {ordinal(str(day))}, {year(the_year)}"


def clock(hour: int, minute: int, half: str) -> str:
    """Return a time of day.

    Args:
        hour: 0 to 23.
        minute: 0 to 59.
        half: ``am``, ``pm`` or empty; a time after 12:59 is told in the afternoon by itself.
    """
    if not half and minute == 0 and hour in (0, 12):
        return "noon" if hour else "midnight"
    if not half and (hour > 12 or hour == 0):
        half = "pm" if hour > 12 else "am"
    words = [_words(hour % 12 or 12)]
    if minute:
        words.append(f"oh {_words(minute)}" if minute < 10 else _words(minute))
    elif not half:
        words.append("o'clock")
    return " ".join([*words, half.upper()]).strip()


def money(amount: str, unit: str, scale: Optional[str] = None) -> str:
    """Return a price.

    Args:
        amount: for example ``12.50``.
        unit: the currency in the singular.
        scale: "million" and the like, written after the amount.
    """
    if scale:
        return f"{cardinal(amount)} {scale} {_plural(unit, 2)}"
    value = Decimal(amount.replace(",", ""))
    whole, hundredths = int(value), int(value * 100) % 100
    small = _CENTS.get(unit)
    if small is None or value * 100 != int(value * 100):
        return f"{cardinal(amount)} {_plural(unit, 2 if value != 1 else 1)}"
    parts = []
    if whole or not hundredths:
        parts.append(f"{_words(whole)} {_plural(unit, whole)}")
    if hundredths:
        parts.append(f"{_words(hundredths)} {_plural(small, hundredths)}")
    return " and ".join(parts)


def _plural(unit: str, count: int) -> str:
    return unit if count == 1 else _IRREGULAR.get(unit, unit + "s")


def _words(number: int) -> str:
    return _num2words(number).replace(",", "")


def _num2words(number: int, **options: str) -> str:
    return require("num2words", extra="voice").num2words(number, lang="en", **options)
