"""Shorthand of written English, brought to the forms that ``english`` turns into words.

People write "$5-10", "31/12/2026", "8.30pm" or "Mon-Fri"; after these rules it is "$5 to $10", "2026-12-31", "8:30pm"
and "Monday to Friday".
"""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.markup import Rule, rule
from convai_rasa.tts.numbers import cardinal, digits, year

_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "thur": "Thursday",
    "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_DAY = "|".join(sorted((name.capitalize() for name in _DAYS), key=len, reverse=True))
_A_DAY = rf"(?:{_DAY})\b\.?"
_DASH = "[\u2013\u2014-]"
_SIGN = "[$€£¥]"
_CODE = "USD|EUR|GBP|JPY|CHF"
_SCALES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
_PARTS = {"2": "half", "3": "third", "4": "quarter", "5": "fifth", "8": "eighth", "10": "tenth"}
_COUNTS = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "7": "seven"}
_TOP_DOMAINS = "com|org|net|info|io|eu|co\\.uk|de|fr|es|nl|ch|biz|shop|app|dev|edu|gov"
_TOLD_DIGIT_BY_DIGIT = (  # numbers that somebody writes down or types in
    r"pins?|codes?|zip(?: codes?)?|postcodes?|postal codes?|isbn|account(?: numbers?)?|card numbers?|ending (?:in|with)"
    r"|tracking numbers?|reference(?: numbers?)?|extension|ext\."
)


def _days(match: Match[str]) -> str:
    named = re.sub(rf"\b({_DAY})\b\.?", lambda day: _DAYS[day[1].lower()], match.group())
    return re.sub(rf" ?{_DASH} ?", " to ", named)


def _numeric_date(match: Match[str]) -> str:
    first, second, written = int(match["a"]), int(match["b"]), match["year"]
    # Dots put the day first; slashes the month, as in American English, unless there is no such month.
    day, month = (first, second) if match["mark"] == "." or first > 12 else (second, first)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    return f"{'' if len(written) == 4 else '20'}{written}-{month:02}-{day:02}"


def _fraction(match: Match[str]) -> str:
    count, part = match["count"], _PARTS.get(match["part"])
    if part is None or count not in _COUNTS or int(count) >= int(match["part"]):
        same = count == match["part"]
        return f"{count} {match['part']}" if same else f"{count} slash {match['part']}"
    whole = f"{match['whole']} and " if match["whole"] else ""
    name = part if count == "1" else "halves" if part == "half" else f"{part}s"
    return f"{whole}{'a' if count == '1' and whole else _COUNTS[count]} {name}"


def _decade(match: Match[str]) -> str:
    century = {"19": "nineteen ", "20": "twenty ", "18": "eighteen "}.get(match["century"] or "", "")
    tens = {
        "2": "twenties", "3": "thirties", "4": "forties", "5": "fifties", "6": "sixties", "7": "seventies",
        "8": "eighties", "9": "nineties",
    }  # fmt: skip
    return century + tens[match["ten"]]


def _year_to(match: Match[str]) -> str:
    return f"{year(int(match[1]))} to "


def _named_year(match: Match[str]) -> str:
    return f"{match[1]} {year(int(match[2]))}"


def _version(match: Match[str]) -> str:
    return " point ".join(cardinal(number) for number in match.group().split("."))


def _groups(match: Match[str]) -> str:
    return match["before"] + ", ".join(digits(group) for group in re.findall(r"\d+", match["number"]))


SHORTHAND: Tuple[Rule, ...] = (
    # Addresses without https.
    rule(r"\btel:(?=\+?\d)", ""),
    rule(r"\bftps?://", "https://"),
    rule(rf"(?<![\w@./-])(?=(?:[\w-]+\.)+(?:{_TOP_DOMAINS})\b(?!\.?\w))(?=\w)", "https://"),
    rule(r"(?<=[a-z]{2})\.(?=(?:js|py|txt|pdf|csv|json|html?|docx?|xlsx?|png|jpe?g|mp3|zip|exe)\b)", " dot "),
    # Numbers that are told digit by digit.
    rule(
        rf"\b(?P<before>(?:{_TOLD_DIGIT_BY_DIGIT})(?: is|:)? #?)(?P<number>\d[\d -]*\d)(?![\d.:%/])",
        _groups,
        re.IGNORECASE,
    ),
    rule(
        r"\b(?P<before>(?:call|dial|phone|ring|text|press) (?:us (?:at|on) )?)(?P<number>\d{2,6})(?![\d.:,%/ -]*\d)",
        _groups,
        re.IGNORECASE,
    ),
    rule(
        r"(?P<before>)(?<![\w.,/-])(?<!\d )(?<!\) )(?P<number>#?\d+(?:-\d+){3,}|(?<=#)\d+(?:-\d+)+|\d{3} \d{4})"
        r"(?![\w-]|[.,]\d| \d)",
        _groups,
    ),
    rule(
        r"\b1-(?P<number>8\d\d)-(?P<word>[A-Z]{4,8})\b",
        lambda m: f"one, {digits(m['number'])}, {m['word'].capitalize()}",
    ),
    rule(
        r"\b(?P<country>[A-Z]{2})(?P<number>\d\d(?: \d{4}){3,}(?: \d{1,4})?)\b",  # IBAN
        lambda m: f"{m['country'][0]} {m['country'][1]}, {', '.join(map(digits, m['number'].split()))}",
    ),
    # Money.
    rule(rf"({_SIGN}) ?(\d+(?:[.,]\d+)?) ?{_DASH} ?(?=\d)", r"\1\2 to \1"),
    rule(rf"(?<![\w.,])(\d+(?:[.,]\d+)?) ?{_DASH} ?(\d+(?:[.,]\d+)?) ?({_SIGN})", r"\1\3 to \2\3"),
    rule(r"(?<![\w.,])(\d[\d,]*(?:\.\d+)?) ?\$(?![\w.])", r"$\1"),
    rule(r"(?<=[$€£]) ?\.(?=\d)", "0."),
    rule(rf"(?<![\w.])[-\u2212](?={_SIGN}\d)", "minus "),
    rule(
        rf"(?<![\d.,])(?:(?<={_SIGN})|(?<={_SIGN} ))(?P<whole>\d{{1,3}}(?:\.\d{{3}})*),(?P<cents>\d\d)(?![\d,]|\.\d)",
        lambda m: f"{m['whole'].replace('.', '')}.{m['cents']}",
    ),
    rule(
        rf"(?<![\d.,])(?P<whole>\d{{1,3}}(?:\.\d{{3}})*|\d+),(?P<cents>\d\d)(?= ?(?:[€£]|(?:{_CODE})\b))",
        lambda m: f"{m['whole'].replace('.', '')}.{m['cents']}",
    ),
    rule(
        rf"(?<={_SIGN})(?P<amount>\d+(?:\.\d+)?)(?P<scale>bn|[kKmMbB])\b",
        lambda m: f"{m['amount']} {_SCALES[m['scale'].lower()]}",
    ),
    rule(rf"\b({_CODE}) ?(\d[\d,]*(?:\.\d+)?)\b", r"\2 \1"),
    rule(r"(\d) ?¢", r"\1 cents"),
    # Dates, days and times.
    rule(
        r"(?<![\w./])(?P<a>\d{1,2})(?P<mark>[./])(?P<b>\d{1,2})(?P=mark)(?P<year>(?:19|20)?\d\d)(?![\w/])",
        _numeric_date,
    ),
    rule(rf"\b{_A_DAY}(?:(?: ?{_DASH} ?| to | and | & |, ){_A_DAY})+", _days),
    rule(rf"\b{_A_DAY}(?=:| \d|, \d)", _days),
    rule(r"\b(?P<day>Tues?|Wed|Thu(?:rs?)?|Fri)\b\.?", _days),
    rule(r"\b(\d{1,2})\.([0-5]\d)(?= ?[ap]\.?m\b)", r"\1:\2", re.IGNORECASE),
    rule(r"\b(\d{1,2})h([0-5]\d)\b", r"\1 h \2 min"),
    rule(rf"(\d:\d\d(?: ?[ap]\.?m\.?)?) ?{_DASH} ?(?=\d{{1,2}}\b)", r"\1 to ", re.IGNORECASE),
    rule(rf"\b(noon|midnight) ?{_DASH} ?(?=\d)", r"\1 to ", re.IGNORECASE),
    rule(rf"(\d(?: ?[ap]\.?m\.?)?) ?{_DASH} ?(?=(?:noon|midnight)\b)", r"\1 to ", re.IGNORECASE),
    rule(rf"\b((?:19|20)\d\d) ?{_DASH} ?(?=(?:19|20)\d\d\b)", _year_to),
    rule(r"(?<=[a-z] to )((?:19|20)\d\d)\b(?![.,:]?\d)(?<!\d to \d{4})", lambda m: year(int(m[1]))),
    rule(r"\b(Q[1-4]|[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter) ((?:19|20)\d\d)\b", _named_year),
    rule(r"(?:©|\([cC]\)) ?((?:19|20)\d\d)\b", lambda m: f"copyright {year(int(m[1]))}"),
    rule(r"(?<![\w.,])'?(?P<century>18|19|20)?(?P<ten>[2-9])0'?s\b", _decade),
    # Numbers.
    rule(r"(?<![\w.,/])(?:(?P<whole>\d+) )?(?P<count>\d{1,3})/(?P<part>\d{1,3})(?![\w/]|[.,]\d)(?<!24/7)", _fraction),
    rule(
        r"(?<![\w.,])\d{1,3}(?:\.\d{1,3}){2,}(?![\w])", lambda m: " point ".join(cardinal(n) for n in m[0].split("."))
    ),
    rule(r"(?<![\w.,])[1-9]\d?0{6,11}(?![\w.,]\d)\b", lambda m: cardinal(m[0])),
    rule(r"(\d) ?x ?(?=\d)", r"\1 times "),
    rule(r"(\d)x\b", r"\1 times"),
    rule(r"(\d)\^(?=-?\d)", r"\1 to the power of "),
    rule(rf"(\d) ?{_DASH} ?(\d+)(?= ?=)", r"\1 minus \2"),
    # Words.
    rule(r"\bw/o\b", "without"),
    rule(r"\bw/ ?(?=[a-z])", "with "),
    rule(r"\b(?:[A-Z]\.){2,}", lambda m: m[0].replace(".", " ").strip()),
    rule(r"\bPh\.?D\b\.?", "P H D"),
    rule(r"\bC#", "C sharp"),
    rule(r"(?<=[a-z] )St\b\.?(?! [A-Z])", "Street"),
)
