"""What is inside a ``<say-as>``, in words."""

from __future__ import annotations

import re
from typing import Callable, Mapping, Optional

from convai_rasa.languages import base_language, has_number_words
from convai_rasa.tts.text import foreign
from convai_rasa.tts.text.english.numbers import MONTHS, English, digits
from convai_rasa.tts.text.normalise import is_british

_SIGNS = {
    "-": "dash", ".": "dot", "_": "underscore", "/": "slash", "@": "at", "#": "hash", "+": "plus", "*": "star",
    "&": "and", ":": "colon",
}  # fmt: skip
_SPELLED = re.compile(r"\w|[^\w\s]", re.UNICODE)
_FIELDS = {"d": "day", "m": "month", "y": "year"}
_CLOCK = re.compile(r"\s*(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*([ap]\.?m\.?)?\s*", re.IGNORECASE)


def say_as(text: str, kind: str, *, detail: Optional[str] = None, language: str = "en") -> str:
    """Return the words for a text whose kind is known; the text itself if it is not of that kind.

    Args:
        text: what was written.
        kind: ``interpret-as``: characters, digits, telephone, cardinal, ordinal, date, time or currency.
        detail: ``format`` of a date, such as ``dmy``; without it ISO dates are understood, and others read as text.
        language: as ``normalise`` takes it; in others than English, dates, times and prices are read as in text.
    """
    reader = _READERS.get(kind)
    base = base_language(language)
    if reader is None or (base != "en" and not has_number_words(base)):
        return text
    words = reader(text, detail, base, English(is_british(language)))
    if words is None:
        return text
    # The spaces around it are the text's own.
    return text[: len(text) - len(text.lstrip())] + words + text[len(text.rstrip()) :]


def _digits(number: str, language: str) -> str:
    return digits(number) if language == "en" else foreign.digits(number, language)


def _telephone(text: str, detail: Optional[str], language: str, say: English) -> Optional[str]:
    groups = re.findall(r"[0-9]+", text)
    if not groups:
        return None
    plus = f"{foreign.plus(language)} " if text.strip().startswith("+") else ""
    return plus + ", ".join(_digits(group, language) for group in groups)


def _one_by_one(text: str, detail: Optional[str], language: str, say: English) -> Optional[str]:
    found = "".join(re.findall(r"[0-9]", text))
    return _digits(found, language) if found else None


def _characters(text: str, detail: Optional[str], language: str, say: English) -> Optional[str]:
    names = []
    for character in _SPELLED.findall(text):
        if character.isdecimal() and character.isascii():
            names.append(_digits(character, language))
        elif language == "en":
            names.append(_SIGNS.get(character, character.upper()))
        else:
            names.append(character)
    return ", ".join(names) or None  # a comma, or letters run together to a word


def _cardinal(text: str, detail: Optional[str], language: str, say: English) -> Optional[str]:
    number = text.strip()
    minus, number = number.startswith(("-", "\u2212")), number.lstrip("-\u2212")
    if not re.fullmatch(r"[0-9][0-9.,']*", number):
        return None
    if language == "en":
        return ("minus " if minus else "") + say.cardinal(number.strip(".,'"))
    return f"{foreign.minus(language) if minus else ''} {foreign.cardinal(number, language)}".strip()


def _ordinal(text: str, detail: Optional[str], language: str, say: English) -> Optional[str]:
    match = re.fullmatch(r"\s*([0-9]{1,12})(?:st|nd|rd|th|\.|º|ª|e)?\s*", text, re.IGNORECASE)
    if match is None:
        return None
    return say.ordinal(match[1]) if language == "en" else foreign.ordinal(match[1], language)


def _date(text: str, detail: Optional[str], language: str, say: English) -> Optional[str]:
    parts = re.findall(r"[0-9]+", text)
    order = detail or ("ymd" if parts and len(parts[0]) == 4 else "")
    if language != "en" or len(parts) != len(order) or set(order) - set(_FIELDS):
        return None
    given: Mapping[str, int] = {_FIELDS[letter]: int(part) for letter, part in zip(order, parts, strict=True)}
    month, day, year = given.get("month"), given.get("day"), given.get("year")
    if month is None or not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    if day is None:
        return MONTHS[month - 1] if year is None else f"{MONTHS[month - 1]} {say.year(year)}"
    return say.day(month, day) if year is None else say.date(year, month, day)


def _time(text: str, detail: Optional[str], language: str, say: English) -> Optional[str]:
    match = _CLOCK.fullmatch(text)
    if match is None or language != "en" or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return None
    return say.clock(int(match[1]), int(match[2] or 0), (match[3] or "").lower().replace(".", ""))


def _currency(text: str, detail: Optional[str], language: str, say: English) -> Optional[str]:
    match = re.fullmatch(r"\s*([A-Z]{3})?\s*([$€£¥]?\s*[0-9][0-9.,]*\s*[$€£¥]?)\s*([A-Z]{3})?\s*", text)
    code = match and (match[1] or match[3])
    if match is None or not code:
        return None  # with a sign it is read as prices in text are
    return f"{match[2].strip('$€£¥ ')} {code}"


_READERS: Mapping[str, Callable[[str, Optional[str], str, English], Optional[str]]] = {
    "characters": _characters,
    "spell-out": _characters,
    "verbatim": _characters,
    "digits": _one_by_one,
    "telephone": _telephone,
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "date": _date,
    "time": _time,
    "currency": _currency,
}
