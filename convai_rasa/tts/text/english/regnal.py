"""Roman numerals: kings, wars, chapters, centuries."""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.text.english.numbers import English
from convai_rasa.tts.text.markup import Rule, rule
from convai_rasa.tts.text.roman import roman

_COUNTED = (
    "World War|War|Chapter|Part|Act|Scene|Volume|Vol\\.?|Section|Book|Phase|Type|Level|Stage|Grade|Class"
    "|Title|Article|Figure|Fig\\.?"
    "|Appendix|Rocky|Rambo|Super Bowl|Final Fantasy|Episode|Apollo|Mark|Mk\\.?|Tier|Category|Division"
    "|Season|Round|Exhibit"
    "|Amendment|Schedule|Pillar|Factor|Canto|Symphony|Sonata|Civilization|Quake|Olympiad|Wrestlemania"
)
_MAY_HAVE_LETTERS = (  # "Plan C", "Gate V": one letter is no numeral there
    "Plan|Option|Game|Law|Model|Hall|Gate|Room|Item|Group|Form|Series|Page|Table|Platform|Terminal|Step"
    "|Unit|Windows|Version|Theorem|Lesson"
)
_RULERS = (
    "Henry|Louis|George|Elizabeth|Charles|James|Edward|William|Richard|Mary|John|Paul|Pius|Benedict"
    "|Francis|Leo|Gregory|Napoleon"
    "|Frederick|Philip|Alexander|Catherine|Peter|Nicholas|Ivan|Ramesses|Ramses|Ferdinand|Alfonso|Carlos"
    "|Juan|Felipe|Isabella|Albert"
    "|Leopold|Christian|Gustav|Margrethe|Harald|Haakon|Olav|Otto|Maximilian|Rudolf|Robert|Malcolm"
    "|Clement|Innocent|Urban|Boniface"
    "|Sixtus|Julius|Adrian|Celestine|Stephen|Cleopatra|Ptolemy|Darius|Xerxes|Amenhotep|Thutmose|Wilhelm"
    "|Umberto|Emmanuel|Pedro"
    "|Manuel|Mehmed|Murad|Selim|Abdullah|Hussein|Mohammed|Anne|Victoria|Edgar|Constantine|Justinian"
    "|Theodosius|Sigismund|Carl|Karl"
    "|Joseph|Franz|Vittorio|Baldwin|Philippe|Henri|Rainier|Hassan|Rama"
)
_TITLES = "King|Queen|Pope|Emperor|Empress|Tsar|Czar|Prince|Princess|Duke|Sultan|Pharaoh|Saint|Shah|Kaiser|Count"
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
