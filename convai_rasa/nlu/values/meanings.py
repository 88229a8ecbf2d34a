"""What rules make of what they find, by the names that the files of languages have for it.

Numbers, amounts and people are here; days, times and lengths in ``moments``.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from convai_rasa.nlu.values.moments import clock, days, lengths, periods, ranges
from convai_rasa.nlu.values.value import Value

# The order in which a meaning gets what a rule finds, whatever the order in which people say it.
ORDER = (
    "unit measure currency cents age_unit thermometer period",
    "day date wday near_day span pd dt md",
    "wd mon",
    "dur",
    "tod trng otod clock hour written_hour full_hour four hm named relative hours ish_hour",
    "n num ord nth dom minutes some_minutes few_minutes share frac scale dozens count heads one year ahead_by",
    "part partname at_part half",
)
_MOMENTS = (clock, days, lengths, periods, ranges)
_MOST_PEOPLE = 999
_Currency = tuple[str, ...]  # a unit, and its code where it has one


@dataclass(frozen=True)
class Amount:
    """A number with its unit."""

    number: Fraction
    unit: str
    currency: str | None = None


def function_of(name: str) -> Callable[..., Any]:
    """Return the function of ``moments`` or of this module that a rule names."""
    return next(names[name] for names in (*map(vars, _MOMENTS), globals()) if name in names)


def meaning(name: str, constants: tuple[Hashable, ...]) -> Callable[..., Any]:
    """Return what a rule calls with a context and what it finds: its function, with ``constants`` behind that.

    The function gets the context only if it has a parameter for it.
    """
    make = function_of(name)
    if "context" in inspect.signature(make).parameters:
        return lambda context, *found: make(context, *found, *constants)
    return lambda _context, *found: make(*found, *constants)


def same(found: Any) -> Any:
    """Return what was found."""
    return found


constant = same  # of words that mean what their rule says


def within(number: int, least: int, most: int) -> int | None:
    """Return a number that is one of these."""
    return number if least <= number <= most else None


def fives(number: int) -> int | None:
    """Return minutes that are told without the word: "ten past"."""
    return number if number % 5 == 0 and 0 < number < 30 else None


def total(*numbers: Fraction) -> Fraction:
    """Return the sum."""
    return sum(numbers, Fraction(0))


def product(*numbers: Fraction) -> Fraction:
    """Return the product."""
    return math.prod(numbers, start=Fraction(1))


def scaled(number: Fraction, scale: int) -> Fraction | None:
    """Return "two and a half thousand"; nobody says a million million."""
    return number * scale if number < 10**6 else None


def mixed(number: int, fraction: Fraction) -> Fraction | None:
    """Return "2 ½"."""
    return number + fraction if number >= 1 else None


def below_one(number: int, share: Fraction) -> Fraction | None:
    """Return "three quarters"."""
    return number * share if number * share < 1 else None


def and_share(number: int, share: Fraction) -> Fraction:
    """Return "two and a half", and of "a million and a half" half a million more."""
    unit = next((unit for unit in (10**9, 10**6, 1000) if number >= unit and number % unit == 0), 1)
    return number + share * unit


def and_parts(number: int, parts: int, share: Fraction) -> Fraction | None:
    """Return "two and three quarters"."""
    return number + parts * share if parts * share < 1 else None


def counted(number: Fraction) -> int | None:
    """Return a number of people."""
    return int(number) if number.denominator == 1 and 0 <= number <= _MOST_PEOPLE else None


def amount(unit: str, *numbers: Fraction) -> Amount:
    """Return "a mile and a half"."""
    return Amount(total(*numbers), unit)


def amount_in(number: Fraction, unit: str, times: int = 1) -> Amount:
    """Return an amount whose unit the rule knows."""
    return Amount(Fraction(number) * times, unit)


def money(currency: _Currency, number: Fraction, times: Fraction | int = 1) -> Amount:
    """Return "five euros", and with one hundredth "five cents"."""
    return Amount(number * times, *currency)


def with_cents(currency: _Currency, number: Fraction, cents: int) -> Amount | None:
    """Return "five euros fifty"."""
    return with_named_cents(currency, currency, number, cents) if cents >= 10 else None


def with_named_cents(currency: _Currency, _cents: _Currency, number: Fraction, cents: int) -> Amount | None:
    """Return "five euros and five cents"."""
    return Amount(number + Fraction(cents, 100), *currency) if number.denominator == 1 and cents < 100 else None


def in_smaller_unit(number: Fraction, smaller: Fraction, factor: int, unit: str) -> Amount | None:
    """Return "two pounds three ounces" in ounces."""
    return Amount(factor * number + smaller, unit) if smaller < factor else None


def feet_and_inches(feet: Fraction, inches: Fraction) -> Amount | None:
    """Return "five foot ten"."""
    return in_smaller_unit(feet, inches, 12, "Inch") if feet.denominator == 1 else None


def amount_value(amount: Amount | Fraction, kind: str) -> Value:
    """Return the value of an amount with its unit, or of a bare number, as one of ``reading.CATEGORIES``."""
    info: dict[str, Any] = {"type": kind}
    if not isinstance(amount, Amount):
        return Value(_plain(amount), {**info, "unit": "%"} if kind == "percent" else info)
    number = _plain(amount.number)
    info["unit"] = amount.unit
    if kind == "money":
        info |= {"amount": number, **({"currency": amount.currency} if amount.currency else {})}
    return Value(number, info)


def _plain(number: Fraction | int) -> int | float:
    """Return a whole number as such, another one as the nearest float."""
    return int(number) if Fraction(number).denominator == 1 else float(number)
