"""Numbers in the words of other languages than English, through num2words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from convai_rasa.errors import require

_DECIMAL_POINT = ("en", "he", "ja", "ko", "th")  # all others write a comma
_LONGEST = 15  # digits; longer numbers are read digit by digit


def knows(language: str) -> bool:
    """Whether there are words for numbers in a language (ISO 639-1 code)."""
    return language in require("num2words", extra="voice").CONVERTER_CLASSES


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
    whole = "".join(character for character in whole if character.isdigit())
    if len(whole) > _LONGEST or (len(whole) > 1 and whole.startswith("0")):
        return " ".join(filter(None, [digits(whole, language), decimals and digits(decimals, language)]))
    return _num2words(Decimal(f"{whole}.{decimals}") if decimals else int(whole), language)


def minus(language: str) -> str:
    """Return the word before a negative number; empty in a language where num2words has none."""
    try:
        return _num2words(-1, language).removesuffix(_num2words(1, language)).strip()
    except ValueError:  # how some of its languages say so
        return ""


def ordinal(number: str, language: str) -> str:
    """Return ``3`` as "dritte"."""
    return _num2words(int(number), language, to="ordinal")


def digits(number: str, language: str) -> str:
    """Return the digits of a number one by one."""
    return " ".join(_num2words(int(digit), language) for digit in number)


def money(amount: str, code: str, language: str) -> str:
    """Return a price; in a language without words for the currency, the number alone.

    Args:
        amount: as ``cardinal`` takes it.
        code: ISO 4217 code of the currency, such as ``EUR``.
        language: ISO 639-1 code of a language that is known.
    """
    mark = decimal_mark(language)
    kept = (character for character in amount if character.isdigit() or character == mark)
    value = Decimal("".join("." if character == mark else character for character in kept))
    price = {"to": "currency", "currency": code}
    try:
        if value != int(value):
            return _num2words(float(value), language, **price)
        return _num2words(float(value), language, **price, separator="|").partition("|")[0].strip()  # no "zero cents"
    except (NotImplementedError, TypeError):  # how num2words says that it lacks the currency, or all of them
        return cardinal(amount, language)


def _num2words(number: Any, language: str, **options: str) -> str:
    return str(require("num2words", extra="voice").num2words(number, lang=language, **options))
