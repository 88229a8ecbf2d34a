"""Roman numerals: kings, wars, chapters, centuries."""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.text.english.numbers import English
from convai_rasa.tts.text.english.words import WORDS
from convai_rasa.tts.text.markup import Rule, rule
from convai_rasa.tts.text.roman import roman

_COUNTED = "|".join(WORDS["counted"])
_MAY_HAVE_LETTERS = "|".join(WORDS["lettered"])
_RULERS = "|".join(WORDS["rulers"])
_TITLES = "|".join(WORDS["ruling"])
# A lone "I" after a name is more often the pronoun.
_ENDS = (
    r"(?=\s*[.,;:!?)'\u2019]|\s*$| (?:of|was|is|and|ruled|reigned|died|had|became|in|to|at|ended|began|started|the)\b)"
)
_ROMAN_END = r"(?![\w-]|['\u2019](?!s\b))"


def rules(say: English) -> Tuple[Rule, ...]:
    """Return the rules for Roman numerals."""

    def counted(match: Match[str]) -> str:
        value = roman(match["numeral"])
        if value is None or match["numeral"] in "CL":
            return match.group()
        number = say.count(value)
        if match["what"][0].isupper() and value < 21:
            number = number.capitalize()
        return f"{match['what']} {number}"

    def ruler(match: Match[str]) -> str:
        value = roman(match["numeral"])
        return match.group() if value is None else f"{match['who']} the {say.ordinal(str(value)).capitalize()}"

    def century(match: Match[str]) -> str:
        value = roman(match["numeral"])
        return match.group() if value is None else say.ordinal(str(value)) + match["what"]

    def item(match: Match[str]) -> str:
        value = roman(match["numeral"].upper())
        return match.group() if value is None else f"{say.count(value)}, "

    return (
        rule(r"^[ \t]*\(?(?P<numeral>[ivx]{1,5})[.)][ \t]+(?=\S)", item, re.MULTILINE),
        rule(r"\bWW ?(?P<numeral>I{1,2})\b", lambda m: f"World War {say.count(len(m['numeral'])).capitalize()}"),
        rule(
            rf"\b(?P<what>(?i:{_COUNTED})) (?P<numeral>[IVXLC]+){_ROMAN_END}(?! (?:am|have|will|would|can|think"
            rf"|want|need|like|do|was|[A-Z])\b)",
            counted,
        ),
        rule(rf"\b(?P<what>(?i:{_MAY_HAVE_LETTERS})) (?P<numeral>[IVXLC]{{2,}}){_ROMAN_END}", counted),
        rule(r"\b(?P<numeral>[IVX]{2,})(?:th|st|nd|rd)?(?P<what> (?:century|centuries|Century))\b", century),
        rule(
            rf"\b(?P<who>(?:(?:{_TITLES}) (?:[A-Z][a-z]+ ){{0,2}}[A-Z][a-z]+|(?:{_RULERS})(?: Paul)?)) "
            rf"(?P<numeral>[IVX]{{2,}}|[VX]){_ROMAN_END}",
            ruler,
        ),
        rule(
            rf"\b(?P<who>(?:(?:{_TITLES}) (?:[A-Z][a-z]+ ){{0,2}}[A-Z][a-z]+|(?:{_RULERS}))) "
            rf"(?P<numeral>I){_ENDS}{_ROMAN_END}",
            ruler,
        ),
        rule(r"\b(?P<who>[A-Z][a-z]+ [A-Z][\w'.]+) (?P<numeral>II|III|IV)\b(?= |[.,;:!?)]|$)", ruler),
        rule(
            r"\b(?P<numeral>M{1,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))\b(?<=\w{4})",
            lambda m: say.year(roman(m["numeral"]) or 0),
        ),
        rule(
            r"\b(?P<numeral>II|III|VI{1,3}|IX|XI{1,3}|XIV|XVI{0,3}|XIX|XXI{0,3})\b(?![\w'\u2019-])",
            lambda m: say.count(roman(m["numeral"]) or 0),
        ),
        rule(r"\bI\.V\.|\bIV(?= (?:drip|line|bag|fluids?|therapy|treatment)\b)", "I V"),
    )
