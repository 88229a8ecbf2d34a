"""Addresses, dates, times, prices, phone numbers, units, abbreviations and numbers in English words.

Each rule is a pattern and what it becomes; they run in order, from the most particular to plain numbers.
"""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.markup import Rule, apply, rule
from convai_rasa.tts.numbers import MONTHS, cardinal, clock, date, digits, money, ordinal, year
from convai_rasa.tts.shorthand import SHORTHAND

_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_CURRENCIES = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_CURRENCY_CODES = {"USD": "dollar", "EUR": "euro", "GBP": "pound", "JPY": "yen", "CHF": "Swiss franc"}
_SCALES = "hundred|thousand|million|billion"
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"

_ABBREVIATIONS = {
    "mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor", "prof": "professor", "jr": "junior", "sr": "senior",
    "vs": "versus", "etc": "and so on", "approx": "approximately", "dept": "department", "e.g": "for example",
    "i.e": "that is", "tel": "telephone", "incl": "including", "max": "maximum", "appt": "appointment",
    "ave": "avenue", "blvd": "boulevard", "rd": "road", "apt": "apartment",
}  # fmt: skip
_UNITS = {
    "km/h": "kilometer per hour", "mph": "mile per hour", "km": "kilometer", "cm": "centimeter", "mm": "millimeter",
    "kg": "kilogram", "mg": "milligram", "ml": "milliliter", "cl": "centiliter", "oz": "ounce", "lb": "pound",
    "lbs": "pound", "ft": "foot", "min": "minute", "mins": "minute", "hrs": "hour", "hr": "hour", "secs": "second",
    "sec": "second", "GB": "gigabyte", "MB": "megabyte", "°C": "degree Celsius", "°F": "degree Fahrenheit",
    "°": "degree", "g": "gram", "m": "meter", "l": "liter", "h": "hour",
}  # fmt: skip
_FRACTIONS = {"½": "a half", "¼": "a quarter", "¾": "three quarters", "⅓": "a third", "⅔": "two thirds"}
_SYMBOLS = {
    "&": " and ",
    "+": " plus ",
    "=": " equals ",
    "@": " at ",
    "<": " less than ",
    ">": " more than ",
    "×": " times ",
}
_EMAIL_MARKS = {".": " dot ", "-": " dash ", "_": " underscore ", "+": " plus ", "@": " at "}
_URL_MARKS = {".": " dot ", "/": " slash ", "-": " dash ", "_": " underscore ", "#": " hash ", ":": " colon "}


def in_english(text: str) -> str:
    """Return a text, without its marks for the eye, in English words."""
    return apply(_RULES, apply(SHORTHAND, text))


def _spelled(text: str, marks: dict[str, str]) -> str:
    text = "".join(marks.get(character, character) for character in text)
    return re.sub(r"\s+", " ", text).strip()


def _url(match: Match[str]) -> str:
    address = match["address"].rstrip(".,;:!?)/")
    tail = match["address"][len(address) :].replace("/", "")
    address = re.sub(r"[?#].*", "", address)  # nobody can note down a query string by ear
    return _spelled(address, _URL_MARKS) + tail


def _price(match: Match[str]) -> str:
    name = _CURRENCIES.get(match["sign"] or "") or _CURRENCY_CODES[match["code"]]
    return money(match["amount"], name, match["scale"])


def _unit(match: Match[str]) -> str:
    number, unit = match["number"], _UNITS[match["unit"]]
    if number.replace(",", "") != "1":
        first, *rest = unit.split(" ")
        unit = " ".join(["feet" if first == "foot" else first + "s", *rest])
    return f"{cardinal(number)} {unit}"


def _clock(match: Match[str]) -> str:
    return clock(int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").lower().replace(".", ""))


def _phone(match: Match[str]) -> str:
    groups = re.findall(r"\d+", match.group())
    if not 7 <= sum(map(len, groups)) <= 15:
        return match.group()
    plus = "plus " if match.group().startswith("+") else ""
    return plus + ", ".join(digits(group) for group in groups)


def _month_day(match: Match[str]) -> str:
    spoken = f"{_full_month(match['month'])} {ordinal(match['day'])}"
    return f"{spoken}, {year(int(match['year']))}" if match["year"] else spoken


def _full_month(name: str) -> str:
    return next(month for month in MONTHS if month.lower().startswith(name.lower()[:3]))


_TIME = r"(?P<hour>[01]?\d|2[0-3])"
# The dot of "p.m." that ends a sentence stays.
_HALF = r"(?P<half>[ap]m\b|[ap]\.m\b(?:\.(?=\s+[a-z0-9&]|\s*[,;:!?)\u2013-]))?)"
_ABBREVIATED = "|".join(map(re.escape, _ABBREVIATIONS))
_PHONE = "|".join(
    (
        r"\+\d[\d ().-]{5,18}\d",  # +1 (555) 123-4567
        r"\(\d{2,5}\)[ -]?\d[\d -]{4,12}\d",  # (020) 7946 0958
        r"0\d{1,4}[ -]\d[\d -]{3,12}\d",  # 020 7946 0958
        r"\d{3}[-.]\d{3}[-.]\d{4}",  # 555-123-4567
        r"\d{3}-\d{4}",  # 555-0199
    )
)

_RULES: Tuple[Rule, ...] = (
    # Addresses.
    rule(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", lambda m: _spelled(m.group(), _EMAIL_MARKS)),
    rule(r"\b(?:https?://(?:www\.)?|www\.)(?P<address>[^\s<>]+)", _url, re.IGNORECASE),
    # Dates and times.
    rule(
        r"\b(?P<y>\d{4})-(?P<m>0?[1-9]|1[0-2])-(?P<d>0?[1-9]|[12]\d|3[01])(?:T|\b)",
        lambda m: date(int(m["y"]), int(m["m"]), int(m["d"])) + " ",
    ),
    rule(
        rf"\b(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>\d{{4}}))?\b(?!:)",
        _month_day,
        re.IGNORECASE,
    ),
    rule(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<month>{_MONTH})\b\.?(?:,? (?P<year>\d{{4}})\b)?",
        _month_day,
        re.IGNORECASE,
    ),
    rule(r"(\d(?: ?[ap]\.?m\.?)?) ?[\u2013\u2014-] ?(?=[$€£]?\d{1,2}(?::\d\d| ?[ap]\.?m))", r"\1 to ", re.IGNORECASE),
    rule(rf"\b{_TIME}:(?P<minute>[0-5]\d)(?::[0-5]\d)?(?: ?{_HALF})?(?![\d:])", _clock, re.IGNORECASE),
    rule(rf"\b{_TIME}(?P<minute>)? ?{_HALF}", _clock, re.IGNORECASE),
    # Money, phone numbers, ranges.
    rule(r"(\d) ?[\u2013\u2014-] ?(?=[$€£¥]\d)", r"\1 to "),
    rule(rf"(?:(?P<sign>[$€£¥]) ?)(?P<amount>{_NUMBER})(?: (?P<scale>{_SCALES})\b)?(?P<code>)?", _price),
    rule(rf"(?P<amount>{_NUMBER}) ?(?:(?P<sign>[€£¥])|(?P<code>USD|EUR|GBP|JPY|CHF)\b)(?P<scale>)?", _price),
    rule(rf"(?<![\w.,])(?:{_PHONE})(?![\w%])", _phone),
    rule(r"(?<![\w.,])\d{7,}(?![\w,.]\d)", lambda m: digits(m.group())),
    rule(r"\b24/7\b", "twenty-four seven"),
    rule(rf"({_NUMBER}) ?[\u2013\u2014-] ?(?=[$€£]?\d)", r"\1 to "),
    rule(r"\s+[\u2013\u2014-]+\s+|\u2014|\u2013", ", "),
    # Numbers with a mark beside them.
    rule(r"(?<![\w.])[-\u2212](?=[$€£]?\d)", "minus "),
    rule(r"\b(?P<number>\d{1,3}(?:,\d{3})*)(?:st|nd|rd|th)\b", lambda m: ordinal(m["number"]), re.IGNORECASE),
    rule(rf"({_NUMBER}) ?%", lambda m: f"{cardinal(m[1])} percent"),
    rule(rf"(?P<number>{_NUMBER}) ?(?P<unit>{'|'.join(map(re.escape, _UNITS))})(?![\w°])", _unit),
    rule(r"(?<!\w)#(?=\d)", "number "),
    rule(r"(\d) ?([½¼¾⅓⅔])", lambda m: f"{m[1]} and {_FRACTIONS[m[2]]}"),
    rule("[½¼¾⅓⅔]", lambda m: _FRACTIONS[m.group()]),
    rule(
        r"\b(in|since|until|year|by|from|of) ((?:1[1-9]|20)\d\d)\b(?![.,]\d)",
        lambda m: f"{m[1]} {year(int(m[2]))}",
        re.IGNORECASE,
    ),
    rule(rf"\b({_MONTH}) ((?:19|20)\d\d)\b", lambda m: f"{m[1]} {year(int(m[2]))}"),
    # Words. "no." is a number only before one, and "st." a saint only before a name.
    rule(r"\bno\.(?= ?\d)", "number", re.IGNORECASE),
    rule(r"\bst\.(?= [A-Z])", "saint", re.IGNORECASE),
    rule(rf"\b({_ABBREVIATED})\.(?=[\s,;:)])", lambda m: _ABBREVIATIONS[m[1].lower()], re.IGNORECASE),
    rule(r"\betc\.?(?=\W*$)", "and so on."),
    rule(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
    rule(_NUMBER, lambda m: cardinal(m.group())),
    rule(r"\band/or\b", "and or"),
    rule(r"(?<=\w)/(?=\w)", " or "),
    rule("[" + re.escape("".join(_SYMBOLS)) + "]", lambda m: _SYMBOLS[m.group()]),
    rule(r"[\\/|_*#~^`\[\]{}]", " "),
    rule(r"[()]", ", "),
)
