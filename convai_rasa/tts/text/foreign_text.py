"""What is written short in another language than English, in that language's words.

Languages of ``languages`` have words for all of it; others for numbers, prices and digits, as num2words knows them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Match, Optional, Tuple

from convai_rasa.tts.text import foreign
from convai_rasa.tts.text.markup import Rule, apply, rule
from convai_rasa.tts.text.others import Language, language_of
from convai_rasa.tts.text.others.shorthand import shorthand

_CURRENCIES = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "R$": "BRL", "US$": "USD", "zł": "PLN", "₽": "RUB", "₹": "INR",
    "₺": "TRY",
    "Fr.": "CHF", "Kč": "CZK",
}  # fmt: skip
_SIGN = "|".join(map(re.escape, sorted(_CURRENCIES, key=len, reverse=True)))
_CODE = r"(?:EUR|USD|GBP|JPY|CHF|BRL|PLN|SEK|NOK|DKK|CZK)\b"
_REAIS = {"pt": ("real", "reais"), "es": ("real", "reales")}  # num2words has no BRL there
_PHONE = "|".join(
    (
        r"\+\d[\d ()./-]{5,18}\d",  # +49 (30) 123 456
        r"\(\d{2,5}\)[ -]?\d[\d -]{4,12}\d",  # (030) 123456
        r"0\d{1,4}[ /-]\d[\d -]{3,12}\d",  # 030 123456
        r"\d{2}(?:[ .]\d{2}){4}",  # 01 23 45 67 89
        r"\d{3}[ -]\d{3}[ -]\d{3,4}|\d{3}(?: \d{2}){3}",  # 912 345 678
    )
)
_ALL_SIGNS = "%‰&+=@°×÷±≈<>§~€$£¥₽₹₺"


def in_words_of(text: str, language: str) -> str:
    """Return a text with its numbers in words.

    Args:
        text: without its marks for the eye.
        language: ISO 639-1 code of a language with ``has_number_words``.
    """
    return apply(_rules(language), text)


@lru_cache(maxsize=8)
def _rules(language: str) -> Tuple[Rule, ...]:
    known = language_of(language)
    mark = re.escape(foreign.decimal_mark(language))
    grouping = "[,' \u202f]" if mark == re.escape(".") else r"[.'\u202f ]"
    number = rf"(?:\d{{1,3}}(?:{grouping}\d{{3}}){{1,6}}(?!\d)(?:{mark}\d+)?|\d+(?:{mark}\d+)?)"
    plain = _plain(language, known, number)
    endless = rule(r"\d{31,}", lambda match: foreign.digits(match.group(), language))  # no number, and slow to look for
    return (endless, *_addresses(language, known), *(shorthand(known, number, _SIGN) if known else ()), *plain)


def _addresses(language: str, known: Optional[Language]) -> Tuple[Rule, ...]:
    dot, at = (known.dot, known.signs["@"]) if known else ("", "")

    def address(match: Match[str]) -> str:
        said = re.sub(r"[?#].*", "", match["address"]).rstrip("/.,;:!?)")
        tail = match["address"][-1] if match["address"][-1] in ".,;:!?" else ""
        said = said.replace(".", f" {dot} ").replace("@", f" {at} ")
        return re.sub(r"[/_-]", " ", said) + tail

    def phone(match: Match[str]) -> str:
        groups = re.findall(r"\d+", match.group())
        if not 7 <= sum(map(len, groups)) <= 15:
            return match.group()
        plus = f"{foreign.plus(language)} " if match.group().startswith("+") else ""
        return plus + ", ".join(foreign.digits(group, language) for group in groups)

    return (
        rule(r"\b(?:https?://(?:www\.)?|www\.)(?P<address>[^\s<>]+)", address, re.IGNORECASE),
        rule(r"\b(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)", address),
        rule(
            r"(?<![\w@./-])(?P<address>(?:[\w-]+\.)+(?:com|org|net|de|fr|es|it|nl|pt|eu|br|ch|at|be)"
            r"(?:/[\w/.-]*)?)(?![\w.-]*\w)",
            address,
        ),
        rule(rf"(?<![\w.,])(?:{_PHONE})(?![\w%]|[.,]\d)", phone),
    )


def _plain(language: str, known: Optional[Language], number: str) -> Tuple[Rule, ...]:
    """Return the rules that every language has."""
    signs = known.signs if known else {}

    def price(match: Match[str]) -> str:
        code = match["code"] or _CURRENCIES[match["before"] or match["sign"]]
        amount = match["first"] or match["second"]
        if code == "BRL" and language in _REAIS:
            whole, _, cents = amount.partition(",")
            words = f"{foreign.cardinal(whole, language)} {_REAIS[language][whole != '1']}"
            return f"{words} e {foreign.cardinal(cents, language)} centavos " if int(cents or 0) else f"{words} "
        per = f"{known.per} " if known and match["per"] else ""
        return f"{foreign.money(amount, code, language)} {per}"

    def cardinal(match: Match[str]) -> str:
        return foreign.cardinal(match.group(), language)

    def clock(match: Match[str]) -> str:
        after = "" if match["minute"] == "00" else foreign.cardinal(match["minute"], language)
        return f"{foreign.cardinal(str(int(match['hour'])), language)} {after}".strip()

    return (
        rule("[⁰¹²³⁴⁵⁶⁷⁸⁹⅐-⅞½¼¾]", lambda m: f" {unicodedata.normalize('NFKC', m[0])} ".replace("\u2044", "/")),
        rule(r"(?<=\d),[-\u2013](?!\d)", ""),
        rule(r"(?<![\w.,])\d{7,}(?![\w,.]\d)", lambda match: foreign.digits(match.group(), language)),
        rule(
            rf"(?:(?P<before>{_SIGN}) ?(?P<first>{number})|(?P<second>{number}) ?(?:(?P<sign>{_SIGN})(?!\w)|"
            rf"(?P<code>{_CODE})))(?P<per>/)?",
            price,
        ),
        rule(r"\b(?P<hour>[01]?\d|2[0-3])[:h](?P<minute>[0-5]\d)\b", clock),
        rule(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})?(?!\d)", r"\1 \2 \3 "),  # the dots of a date end no sentence
        rule(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " "),
        rule(r"(?<![\w.,])[-\u2212](?=\d)", f"{foreign.minus(language)} "),
        rule(r"(?<=\d) ?[\u2013\u2014-] ?(?=\d)", ", "),
        rule(number, cardinal),
        rule(r"\d", cardinal),
        rule("[" + re.escape("".join(_ALL_SIGNS)) + "]", lambda match: f" {signs.get(match.group(), '')} "),
        rule(r"\s+[\u2013\u2014-]+\s+|\u2014|\u2013", ", "),
        rule(r"[\\/|_*#~^`\[\]{}<>]", " "),
        rule(r"(?<=\w)\.(?=\w)", " "),
        rule(r"[()]", ", "),
    )
