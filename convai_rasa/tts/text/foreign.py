"""Numbers in the words of other languages than English, through num2words."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any, Union

from convai_rasa.errors import require
from convai_rasa.tts.text.others import language_of

_DECIMAL_POINT = ("he", "ja", "ko", "th")  # all others write a comma
# What num2words raises, by language, where it has no words for a currency, a form, or what is below zero or too large.
_LACKING = (AttributeError, LookupError, OverflowError, NotImplementedError, TypeError, ValueError)
_LONGEST = 15  # digits; longer numbers are read digit by digit


def decimal_mark(language: str) -> str:
    """Return what is written between the whole and its decimals."""
    return "." if language in _DECIMAL_POINT else ","


def cardinal(number: str, language: str) -> str:
    """Return a number in words.

    Args:
        number: digits, with the language's own decimal mark if there are decimals; any other mark groups digits.
        language: ISO 639-1 code of a language that is known.
    """
    whole, _, decimals = number.partition(decimal_mark(language))
    whole = "".join(character for character in whole if character.isdecimal())
    known = language_of(language)
    if len(whole) > _LONGEST or len(decimals) > _LONGEST or (len(whole) > 1 and whole.startswith("0")):
        return " ".join(filter(None, [digits(whole, language), decimals and digits(decimals, language)]))
    if not decimals:
        return _whole(int(whole), language)
    if known is None:  # for some numbers num2words has nothing to say in Turkish
        in_full = _num2words(Decimal(f"{whole}.{decimals}"), language)
        return in_full or f"{_whole(int(whole), language)} {digits(decimals, language)}"
    in_one = not known.digit_by_digit and len(decimals) == 2 and not decimals.startswith("0")
    said = _num2words(int(decimals), language) if in_one else digits(decimals, language)
    return f"{_num2words(int(whole), language)} {known.comma} {said}"


def ordinal(number: str, language: str) -> str:
    """Return ``3`` as "dritte"; in a language without words for it, the number alone."""
    return _in_form("ordinal", number, language)


def year(number: str, language: str) -> str:
    """Return ``1984`` as "neunzehnhundertvierundachtzig"."""
    return _in_form("year", number, language)


def minus(language: str) -> str:
    """Return the word before a negative number; empty in a language where num2words has none."""
    known = language_of(language)
    if known is not None:
        return known.minus
    try:
        below, one = _num2words(-1, language), _num2words(1, language)
    except _LACKING:
        below, one = "", "-"
    converter = require("num2words", extra="voice").CONVERTER_CLASSES[language]
    word = below.removesuffix(one) if below.endswith(one) else str(getattr(converter, "negword", ""))
    return word.strip() if any(map(str.isalpha, word)) else ""


def plus(language: str) -> str:
    """Return the word before the code of a country, as most languages have it."""
    known = language_of(language)
    return "plus" if known is None else known.signs["+"]


def digits(number: str, language: str) -> str:
    """Return the digits of a number one by one."""
    return " ".join(_num2words(int(digit), language) for digit in number if digit.isdecimal())


def money(amount: str, code: str, language: str) -> str:
    """Return a price; in a language without words for the currency, the number alone.

    Args:
        amount: as ``cardinal`` takes it.
        code: ISO 4217 code of the currency, such as ``EUR``.
        language: ISO 639-1 code of a language that is known.
    """
    mark = decimal_mark(language)
    kept = (character for character in amount if character.isdecimal() or character == mark)
    value = Decimal("".join("." if character == mark else character for character in kept))
    if value >= 10**_LONGEST:
        return cardinal(amount, language)
    price = {"to": "currency", "currency": code}
    try:
        if value != int(value):
            said = _num2words(float(value), language, **price)
        else:  # no "zero cents"
            said = _num2words(float(value), language, **price, separator="|").partition("|")[0].strip()
    except _LACKING:
        said = ""
    return said or cardinal(amount, language)


def _in_form(form: str, number: str, language: str) -> str:
    try:
        return _num2words(int(number), language, to=form)
    except _LACKING:
        return _whole(int(number), language)


def _whole(number: int, language: str) -> str:
    try:
        return _num2words(number, language)
    except OverflowError:  # beyond the words of this language
        return digits(str(number), language)


@functools.lru_cache(maxsize=4096)
def _num2words(number: Union[int, float, Decimal], language: str, **options: Any) -> str:
    return str(require("num2words", extra="voice").num2words(number, lang=language, **options))
