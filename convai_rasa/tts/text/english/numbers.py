"""Numbers, dates, times and prices in English words, as they are read in America or in Britain."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import NamedTuple

from convai_rasa.errors import require

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
A_NUMBER = r"(?:\d{1,3}(?:,\d{2,3}){0,6},\d{3}(?:\.\d+)?|\d{1,3}(?:'\d{3}){1,6}(?:\.\d+)?|\d+(?:\.\d+)?)"

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TENS = ("", "", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_LONGEST = 15  # digits; longer numbers are read digit by digit
_SPELLINGS = (("meter", "metre"), ("liter", "litre"), ("ruble", "rouble"))


class Currency(NamedTuple):
    """What a currency and its hundredths are called, each in the singular and the plural."""

    one: str
    many: str
    small: str = ""
    smalls: str = ""


@dataclass(frozen=True)
class English:
    """How English reads a number aloud.

    Attributes:
        british: "the fourth of March", "half past seven", "one hundred and five", "metres"; otherwise "March fourth",
            "seven thirty", "one hundred five", "meters".
    """

    british: bool = False

    def cardinal(self, number: str) -> str:
        """Return a number such as ``1,200`` or ``3.05`` in words; decimals digit by digit."""
        whole, _, decimals = number.replace(",", "").replace("'", "").partition(".")
        read_out = len(whole) > _LONGEST or (len(whole) > 1 and whole.startswith("0"))
        words = digits(whole) if read_out else self.count(int(whole))
        return f"{words} point {digits(decimals)}" if decimals else words

    def count(self, number: int) -> str:
        """Return a whole number in words."""
        words = _num2words(number).replace(",", "")
        return words if self.british else words.replace(" and ", " ")

    def ordinal(self, number: str) -> str:
        """Return ``3`` as "third"."""
        words = _num2words(int(number.replace(",", "")[:_LONGEST]), to="ordinal").replace(",", "")
        words = f"one {words}" if words in ("hundredth", "thousandth", "millionth") else words
        return words if self.british else words.replace(" and ", " ")

    def year(self, number: int) -> str:
        """Return ``2026`` as "twenty twenty-six"."""
        words = _num2words(number, to="year").replace(",", "").replace("oh-", "oh ")
        return words if self.british else words.replace(" and ", " ")

    def decade(self, century: str, ten: int) -> str:
        """Return ``19`` and 9 as "nineteen nineties"; ten 0 stands for the whole century."""
        if ten == 0:
            return "two thousands" if century == "20" else f"{self.count(int(century))} hundreds"
        if ten == 1:
            return f"{self.count(int(century))} tens"
        return f"{self.count(int(century))} {_TENS[ten]}" if century else _TENS[ten]

    def pairs(self, number: str) -> str:
        """Return ``221`` as "two twenty-one" and ``1600`` as "sixteen hundred", as house numbers are read."""
        if len(number) < 3 or number.startswith("0"):
            return self.cardinal(number)
        head, tail = self.count(int(number[:-2])), int(number[-2:])
        if tail == 0:
            return self.cardinal(number) if number.endswith("000") else f"{head} hundred"
        return f"{head} {'oh ' if tail < 10 else ''}{self.count(tail)}"

    def day(self, month: int, day: int) -> str:
        """Return a day of a year: "March fourth", "the fourth of March"."""
        name, number = MONTHS[month - 1], self.ordinal(str(day))
        return f"the {number} of {name}" if self.british else f"{name} {number}"

    def days(self, month: int, first: int, last: int) -> str:
        """Return days of one month: "March fourth to sixth", "the fourth to the sixth of March"."""
        since, until, name = self.ordinal(str(first)), self.ordinal(str(last)), MONTHS[month - 1]
        return f"the {since} to the {until} of {name}" if self.british else f"{name} {since} to {until}"

    def date(self, the_year: int, month: int, day: int) -> str:
        """Return a date as "March fourth, twenty twenty-six" or "the fourth of March, twenty twenty-six"."""
        return f"{self.day(month, day)}, {self.year(the_year)}"

    def clock(self, hour: int, minute: int, half: str) -> str:
        """Return a time of day.

        Args:
            hour: 0 to 23.
            minute: 0 to 59.
            half: ``am``, ``pm`` or empty; a time after 12:59 is told in the afternoon by itself.
        """
        if minute == 0 and (hour in (0, 12) if not half else hour == 12):
            return "midnight" if half == "am" or hour == 0 else "noon"
        if not half and (hour > 12 or hour == 0):
            half = "pm" if hour > 12 else "am"
        if self.british and not half and minute:
            return self._british_clock(hour, minute)
        words = [self.count(hour % 12 or 12)]
        if minute:
            words.append(f"oh {self.count(minute)}" if minute < 10 else self.count(minute))
        elif not half:
            words.append("o'clock")
        return " ".join([*words, " ".join(half.upper())]).strip()

    def _british_clock(self, hour: int, minute: int) -> str:
        this, following = self.count(hour % 12 or 12), self.count(hour % 12 + 1)
        if minute in (15, 30, 45):
            past = {15: f"quarter past {this}", 30: f"half past {this}", 45: f"quarter to {following}"}
            return past[minute]
        if minute % 5:
            return f"{this} {'oh ' if minute < 10 else ''}{self.count(minute)}"
        return f"{self.count(minute)} past {this}" if minute < 30 else f"{self.count(60 - minute)} to {following}"

    def money(self, amount: str, currency: Currency, scale: str = "", *, before_noun: bool = False) -> str:
        """Return a price.

        Args:
            amount: for example ``12.50``.
            currency: its names.
            scale: "million" and the like, written after the amount.
            before_noun: as in "a five dollar bill".
        """
        if scale:
            return f"{self.cardinal(amount)} {scale} {currency.one if before_noun else currency.many}"
        whole, _, decimals = amount.replace(",", "").replace("'", "").partition(".")
        cents = int(decimals.ljust(2, "0")) if len(decimals) <= 2 else None
        if not currency.small or cents is None:
            return f"{self.cardinal(amount)} {currency.one if before_noun or amount == '1' else currency.many}"
        parts = []
        if int(whole or 0) or not cents:
            one = before_noun or int(whole or 0) == 1
            parts.append(f"{self.cardinal(whole or '0')} {currency.one if one else currency.many}")
        if cents:
            one = before_noun or cents == 1
            parts.append(f"{self.count(cents)} {currency.small if one else currency.smalls}")
        return " and ".join(parts)

    def spelling(self, words: str) -> str:
        """Return names of units as they are spelled on this side of the ocean."""
        if self.british:
            for american, british in _SPELLINGS:
                words = words.replace(american, british)
        return words


def month(name: str) -> int:
    """Return the number of a month by its name or its first three letters."""
    return next(number for number, known in enumerate(MONTHS, 1) if known.lower().startswith(name.lower()[:3]))


def digits(number: str) -> str:
    """Return the digits of a number one by one."""
    return " ".join(_DIGITS[int(digit)] for digit in number if digit.isdecimal())


def digit_groups(text: str) -> str:
    """Return the digits of a text one by one, with a pause between its groups."""
    return ", ".join(digits(group) for group in re.findall(r"\d+", text))


@functools.lru_cache(maxsize=4096)
def _num2words(number: int, *, to: str = "cardinal") -> str:
    words: str = require("num2words", extra="voice").num2words(number, lang="en", to=to)
    return words
