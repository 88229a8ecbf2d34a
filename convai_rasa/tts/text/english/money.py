"""Prices."""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.text.english.numbers import A_NUMBER, Currency, English
from convai_rasa.tts.text.english.words import WORDS
from convai_rasa.tts.text.markup import DASH, Rule, rule

_SIGNS = {sign: Currency(*names) for sign, names in WORDS["currencies"].items()}
_CODES = {
    code: _SIGNS[known] if isinstance(known, str) else Currency(*known)
    for code, known in WORDS["currency_codes"].items()
}
_SCALES = WORDS["scales"]
_A_SIGN = "(?:" + "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True)) + ")"
_BEHIND = r"(?:[€$£¥₹₩₽₺₪₫₴₱₦฿₿](?![\d.])|(?:zł|kr|Kč)(?!\w)\.?)"
_A_CODE = rf"(?:{'|'.join(_CODES)})\b"
_SCALE = (
    r"(?:(?: ?(?P<words>hundred|thousand|million|billion|trillion|lakh|crore)|(?P<letters>bn|mn|mio|tn"
    r"|[kKmMbBT])| (?P<apart>bn|mn|M|mio|k))\b(?!-))"
)
_MEASURED_IN = WORDS["measured_in"]  # what a price is for, and what it is called there; others are "per"
_PER = WORDS["price_per"]


_ONE_SIGN = "[$€£¥₹₩₽₺₪₫₴₱₦฿₿]"
_SCALE_BEHIND = r"( ?(?:thousand|million|billion)\b|bn\b|[kKmM]\b)?(?!\w|[.,]\d)"
_CURRENCY_WORDS = "|".join(
    sorted(
        {
            re.escape(name)
            for currency in (*_SIGNS.values(), *_CODES.values())
            for name in (currency.many, currency.smalls, currency.one)
            if name
        },
        key=len,
        reverse=True,
    )
)


def rules(say: English) -> Tuple[Rule, ...]:
    """Return the rules for prices, in order."""

    def scale(match: Match[str]) -> str:
        letters = match["letters"] or match["apart"]
        return match["words"] or (_SCALES[letters.lower()] if letters else "")

    def price(match: Match[str]) -> str:
        currency = _spelled(say, _SIGNS.get(match["sign"] or "") or _CODES[match["code"]])
        amount = match["amount"]
        before_noun = bool(match["a"]) and match["noun"] is not None
        words = say.money(
            "0" + amount if amount.startswith(".") else amount, currency, scale(match), before_noun=before_noun
        )
        return (match["a"] or "") + words + (" " + match["each"].replace("-", " ") if match["each"] else "")

    def behind(match: Match[str]) -> str:
        sign = (match["sign"] or "").rstrip(".")
        currency = _spelled(say, _SIGNS.get(sign) or _CODES[match["code"]])
        return say.money(match["amount"], currency, scale(match))

    def span(match: Match[str]) -> str:
        first, of_first, rest = match["first"], match["of_first"] or "", match["sign"] + match["rest"]
        if of_first or "." in first:  # each is a price of its own
            return f"{match['sign']}{first}{of_first} to {rest}"
        return f"{say.cardinal(first)} to {rest}"

    def per(match: Match[str]) -> str:
        what = match["what"].rstrip(".")
        name = _MEASURED_IN.get(what) or _MEASURED_IN.get(what.lower())
        if name is None:
            return f"{match['price']} per {_PER.get(what, what)}"
        return f"{match['price']} {'an' if name[0] in 'aeio' or name == 'hour' else 'a'} {say.spelling(name)}"

    return (
        # Brought to one form.
        rule(rf"(?<![\w.])[~≈] ?(?={_A_SIGN}?\d)", "about "),
        rule(rf"(?<![\w.,])({A_NUMBER}) ?{DASH} ?({A_NUMBER}) ?\$(?![\w.])", r"$\1-\2"),
        rule(rf"(?<![\w.,])({A_NUMBER}) ?\$(?![\w.])", r"$\1"),
        rule(rf"(?<={_ONE_SIGN}) (?=\d)", ""),
        rule(rf"(?<![\w.])[-\u2212](?={_A_SIGN}\.?\d)", "minus "),
        rule(
            rf"(?<![\d.,])(?<={_ONE_SIGN})(?P<whole>\d{{1,3}}(?:\.\d{{3}})*),(?P<cents>\d\d)(?![\d,]|\.\d)",
            lambda m: f"{m['whole'].replace('.', '')}.{m['cents']}",
        ),
        rule(
            rf"(?<![\d.,])(?P<whole>\d{{1,3}}(?:\.\d{{3}})*|\d+),(?P<cents>\d\d)(?= ?(?:[€£]|zł|kr\b|Kč|{_A_CODE}))",
            lambda m: f"{m['whole'].replace('.', '')}.{m['cents']}",
        ),
        rule(rf"(?<={_ONE_SIGN})(\d{{1,3}})\.(\d{{3}})(?![\d,.])", r"\1,\2"),
        rule(r"(?<![\d.,])(\d{1,3})\.(\d{3})(?= ?[€£])", r"\1,\2"),
        rule(rf"\b({_A_CODE}) ?({A_NUMBER}){_SCALE_BEHIND}", _code_behind),
        rule(
            rf"(?P<first>{A_NUMBER}) ?{DASH} ?(?=(?:{A_NUMBER})(?: ?(?:million|billion|thousand))? ?"
            rf"(?:{_BEHIND}|{_A_CODE}))",
            lambda m: f"{say.cardinal(m['first'])} to ",
        ),
        # Ranges.
        rule(
            rf"(?<![A-Za-z])(?P<sign>{_A_SIGN})(?P<first>{A_NUMBER})(?P<of_first>[kKmM]|bn)?(?: ?{DASH} ?| to )"
            rf"(?P=sign)?"
            rf"(?P<rest>{A_NUMBER}{_SCALE}?)(?![\d%])",
            span,
        ),
        # Prices.
        rule(
            rf"(?P<a>\b[Aa]n? |\b[Ee]very |\b[Ee]ach |\b[Tt]his )?(?:(?<![A-Za-z])(?P<sign>{_A_SIGN}) ?"
            rf"(?P<amount>{A_NUMBER}|\.\d+)){_SCALE}?"
            rf"(?P<code> ?(?:{_A_CODE}))?(?:-(?P<each>an?-[a-z]+))?(?P<noun>(?=[ -](?!(?:per|an?|each|or|and|to"
            rf"|for|of|off|in|on|at|more|less|plus|from|with|is|if|as)\b)[a-z]+))?",
            price,
        ),
        rule(rf"(?<![\w.,])(?P<amount>{A_NUMBER}){_SCALE}? ?(?:(?P<sign>{_BEHIND})|(?P<code>{_A_CODE}))", behind),
        rule(
            r"(?<![\w.,])(?P<amount>\d+)(?: ?¢|c\b)",
            lambda m: f"{say.cardinal(m['amount'])} cent{'' if m['amount'] == '1' else 's'}",
        ),
        *(
            [
                rule(
                    r"(?<![\w.,])(?P<amount>\d{1,2})p\b",
                    lambda m: "one penny" if m[1] == "1" else f"{say.cardinal(m[1])} pence",
                )
            ]
            if say.british
            else []
        ),
        rule(
            rf"(?P<price>\b(?:{_CURRENCY_WORDS})) ?/ ?(?P<what>sq ft|m²|[A-Za-z]+)\b(?:\.(?=\s+[a-z]))?(?=\s"
            rf"|[.,;:!?)]|$)(?!/)",
            per,
        ),
        rule(rf"(?P<price>\b(?:{_CURRENCY_WORDS})) ?/ ?", lambda m: m["price"] + " or "),
        rule(r"(?<=[a-z])(?<=s) p\.?p\.?(?![\w])", " per person"),
    )


def _spelled(say: English, currency: Currency) -> Currency:
    return Currency(*(say.spelling(name) for name in currency))


def _code_behind(match: Match[str]) -> str:
    return f"{match[2]}{match[3] or ''} {match[1]}"
