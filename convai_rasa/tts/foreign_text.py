"""Numbers, prices and phone numbers of a text in another language than English, in that language's words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Match, Tuple

from convai_rasa.tts import foreign
from convai_rasa.tts.markup import Rule, apply, rule

_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_SIGNS = {  # what a number of them is called; in other languages the signs are left out
    "de": {"%": "Prozent", "&": "und", "+": "plus", "=": "gleich", "@": "at", "°": "Grad", "h": "Uhr"},
    "fr": {"%": "pour cent", "&": "et", "+": "plus", "=": "égale", "@": "arobase", "°": "degrés", "h": "heures"},
    "es": {"%": "por ciento", "&": "y", "+": "más", "=": "igual a", "@": "arroba", "°": "grados"},
    "it": {"%": "per cento", "&": "e", "+": "più", "=": "uguale", "@": "chiocciola", "°": "gradi"},
    "nl": {"%": "procent", "&": "en", "+": "plus", "=": "is", "@": "apenstaartje", "°": "graden", "h": "uur"},
    "pt": {"%": "por cento", "&": "e", "+": "mais", "=": "igual a", "@": "arroba", "°": "graus"},
}
_DOT = {"de": "Punkt", "fr": "point", "es": "punto", "it": "punto", "nl": "punt", "pt": "ponto"}
_PHONE = "|".join(
    (
        r"\+\d[\d ()./-]{5,18}\d",  # +49 (30) 123 456
        r"\(\d{2,5}\)[ -]?\d[\d -]{4,12}\d",  # (030) 123456
        r"0\d{1,4}[ /-]\d[\d -]{3,12}\d",  # 030 123456
        r"\d{2}(?:[ .]\d{2}){4}",  # 01 23 45 67 89
    )
)


def in_words_of(text: str, language: str) -> str:
    """Return a text with its numbers in words.

    Args:
        text: without its marks for the eye.
        language: ISO 639-1 code of a language that ``foreign.knows``.
    """
    return apply(_rules(language), text)


@lru_cache(maxsize=8)
def _rules(language: str) -> Tuple[Rule, ...]:
    signs = _SIGNS.get(language, {})
    mark = re.escape(foreign.decimal_mark(language))
    grouping = "[,']" if mark == re.escape(".") else r"[.'\u202f]"
    number = rf"\d{{1,3}}(?:{grouping}\d{{3}})+(?!\d)(?:{mark}\d+)?|\d+(?:{mark}\d+)?"

    def cardinal(match: Match[str]) -> str:
        return foreign.cardinal(match.group(), language)

    def phone(match: Match[str]) -> str:
        groups = re.findall(r"\d+", match.group())
        if not 7 <= sum(map(len, groups)) <= 15:
            return match.group()
        plus = f"{signs.get('+', 'plus')} " if match.group().startswith("+") else ""
        return plus + ", ".join(foreign.digits(group, language) for group in groups)

    def price(match: Match[str]) -> str:
        code = match["code"] or _CURRENCIES[match["before"] or match["sign"]]
        return f"{foreign.money(match['first'] or match['second'], code, language)} "

    def clock(match: Match[str]) -> str:
        hour, minute = str(int(match["hour"])), match["minute"]
        after = "" if minute == "00" else foreign.cardinal(minute, language)
        return " ".join(filter(None, [foreign.cardinal(hour, language), signs.get("h", ""), after]))

    def address(match: Match[str]) -> str:
        said = re.sub(r"[?#].*", "", match["address"]).rstrip("/.,;:!?)")
        tail = match["address"][-1] if match["address"][-1] in ".,;:!?" else ""
        said = said.replace(".", f" {_DOT.get(language, '')} ").replace("@", f" {signs.get('@', '')} ")
        return re.sub(r"[/_-]", " ", said) + tail

    return (
        rule(r"\b(?:https?://(?:www\.)?|www\.)(?P<address>[^\s<>]+)", address, re.IGNORECASE),
        rule(r"\b(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)", address),
        rule(rf"(?<![\w.,])(?:{_PHONE})(?![\w%])", phone),
        rule(r"(?<![\w.,])\d{7,}(?![\w,.]\d)", lambda match: foreign.digits(match.group(), language)),
        rule(
            rf"(?P<before>[$€£¥]) ?(?P<first>{number})"
            rf"|(?P<second>{number}) ?(?:(?P<sign>[€$£¥])|(?P<code>EUR|USD|GBP|JPY)\b)",
            price,
        ),
        rule(r"\b(?P<hour>[01]?\d|2[0-3])[:h](?P<minute>[0-5]\d)\b(?: ?(?:Uhr|heures|uur)\b)?", clock),
        rule(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})?(?!\d)", r"\1 \2 \3 "),  # the dots of a date end no sentence
        rule(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " "),
        rule(r"(?<![\w.,])[-\u2212](?=\d)", f"{foreign.minus(language)} "),
        rule(r"(?<=\d) ?[\u2013\u2014-] ?(?=\d)", ", "),
        rule(number, cardinal),
        rule(
            "[" + re.escape("".join({**_CURRENCIES, **_SIGNS["de"]}).replace("h", "")) + "]",
            lambda match: f" {signs.get(match.group(), '')} ",
        ),
        rule(r"\s+[\u2013\u2014-]+\s+|\u2014|\u2013", ", "),
        rule(r"[\\/|_*#~^`\[\]{}<>]", " "),
        rule(r"(?<=\w)\.(?=\w)", " "),
        rule(r"[()]", ", "),
    )
