"""Units, temperatures, percents, dimensions, feet and inches."""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.text.english.numbers import A_NUMBER, English, digits
from convai_rasa.tts.text.english.words import WORDS
from convai_rasa.tts.text.markup import DASH, Rule, rule

_WORDS = "|".join(WORDS["measured"])
_DIRECTIONS = {letter: name.lower() for letter, name in WORDS["directions"].items()}
_MANY = {"10": "tens ", "100": "hundreds ", "1000": "thousands "}
_PLURALS = WORDS["plurals"]
_PER = {
    **{word: word for word in ("day", "week", "month", "year", "night", "hour", "minute", "second", "person")},
    **WORDS["per"],
}
_SPELLINGS = {spelling: name for spellings, name in WORDS["units"].items() for spelling in spellings.split("|")}
_A_UNIT = "(?:" + "|".join(sorted(_SPELLINGS, key=len, reverse=True)) + ")"
_A_PER = "(?:" + "|".join(sorted(map(re.escape, _PER), key=len, reverse=True)) + ")"
_BY_THEMSELVES = "|".join(WORDS["described"])
_NO_NOUN = "|".join(WORDS["no_noun"])
_BEFORE_A_UNIT = ("square", "cubic", "fluid", "watt", "kilowatt", "megawatt", "amp", "milliamp", "newton")
_DET = r"(?P<a>\b(?:[Aa]n?|[Ee]very|[Ee]ach|[Tt]his|[Oo]ne) )?"
_DOT = r"(?:\.(?=\s+[a-z(\d]|\s*[,;:!?)])|(?!\.\w))?"
_FRACTION = "½|¼|¾|⅓|⅔|⅛|⅜|⅝|⅞|⅕|⅖|⅗|⅘"
_PRIME, _DOUBLE = "['\u2019\u2032]", "(?:[\"\u201d\u2033]|'')"


def feet_and_inches(text: str) -> str:
    """Return a text in which the primes of feet and inches are words; quotation marks must still be there."""
    text = re.sub(
        rf"(?<![\w.,])(\d{{1,2}}) ?{_PRIME} ?(1[01]|\d)(?: ?({_FRACTION}))? ?(?:{_DOUBLE}|(?![\w'\u2019]))",
        lambda m: (
            f"{m[1]} foot {m[2]}"
            + (f" {m[3]}" if m[3] else "")
            + (" " if m.string[m.end() : m.end() + 1].isalpha() else "")
        ),
        text,
    )
    text = re.sub(
        rf"(?<![\w.,])(\d+){_PRIME} ?(?:x|×|by) ?(\d+){_PRIME}(?P<noun>(?= [a-z]))?",
        lambda m: f"{m[1]} by {m[2]} {'feet' if m['noun'] is None else 'foot'}",
        text,
    )
    text = re.sub(
        r"(?<![\w.,])(\d+)(?:\u2032|['\u2019](?= ?(?:x|×|by) ?\d| (?:tall|high|wide|long|deep|by|ceiling"
        r"|fence|ladder)\b))",
        r"\1 ft",
        text,
    )
    if '"' not in text and "\u201d" not in text and "\u2033" not in text:
        return text
    return "\n".join(map(_inches, text.split("\n")))


def _inches(line: str) -> str:
    """Replace the marks behind numbers that close no quotation."""
    said, is_open = [], False
    for place, character in enumerate(line):
        if character == "\u2033" or (character in '"\u201d' and not is_open and line[place - 1 : place].isdecimal()):
            said.append(" inch" if re.match(r" [A-Za-z]", line[place + 1 : place + 3]) else " inches")
            continue
        if character in '"\u201c\u201d':
            is_open = not is_open
        said.append(character)
    return "".join(said)


def ovens(say: English) -> Tuple[Rule, ...]:
    """Return the rules for degrees without their sign, "at 350F", which would else be a code."""

    def degrees(match: Match[str]) -> str:
        scale = "Fahrenheit" if match["scale"] == "F" else "Celsius"
        return f"{match['before']}{match['number']} degrees {scale}"

    return (
        rule(
            r"(?P<before>\b(?:at|to|of|is|around|about|over|under|below|above|reach(?:ed|es)?|hit|near) )"
            r"(?P<number>-?\d{2,3}) ?(?P<scale>[FC])\b",
            degrees,
        ),
        rule(
            r"(?P<before>)(?<!seat )(?<!room )(?<!gate )(?<!flat )(?<!row )(?<!unit )"
            r"(?<![\w.,-])(?P<number>[1-5]\d[05])(?P<scale>[FC])\b",
            degrees,
        ),
    )


def rules(say: English) -> Tuple[Rule, ...]:
    """Return the rules for numbers with a unit."""

    def unit_name(written: str) -> str:
        name = (
            _SPELLINGS.get(written)
            or _SPELLINGS.get(re.escape(written))
            or next(name for spelling, name in _SPELLINGS.items() if re.fullmatch(spelling, written))
        )
        return say.spelling(name)

    def dimensions(numbers: str) -> str:
        return " by ".join(map(say.cardinal, re.split(r" ?[x×] ?", numbers)))

    def quantity(match: Match[str]) -> str:
        numbers = re.split(r" ?[x×] ?", match["numbers"])
        name = unit_name(match["unit"])
        alone = len(numbers) == 1 and numbers[0].replace(",", "") == "1"
        noun = match.string[match.end() :]
        is_before_noun = (match["a"] or match["hyphen"]) and re.match(rf"[ -](?!(?:{_NO_NOUN})\b)[a-z]+", noun)
        if not (alone or is_before_noun or re.match(rf"[ -](?:{_BY_THEMSELVES})\b", noun, re.IGNORECASE)):
            name = _several(name)
        per = f" per {say.spelling(_PER[match['per']])}" if match["per"] else ""
        return f"{match['a'] or ''}{dimensions(match['numbers'])} {name}{per}"

    def fraction(match: Match[str]) -> str:
        name = unit_name(match["unit"])
        is_part_of_one = match["amount"] in ("½", "¼", "⅓", "⅛", "1/2", "1/4", "1/3", "1/8")
        return f"{match['amount']} {name if is_part_of_one else _several(name)}"

    def percent(match: Match[str]) -> str:
        return f"{say.cardinal(match['first'])} to {say.cardinal(match['last'])} percent"

    def rate(match: Match[str]) -> str:
        return f"{_several(unit_name(match['unit']))} per {say.spelling(_PER[match['per']])}"

    return (
        rule(r"(?<![\w.)%°])(?<!\d )[-\u2212](?=\.?\d)", "minus "),
        rule(r"(?<=[a-z]) [x×] (?=\d)", " by "),
        rule(r"\b(?P<count>10|100|1,?000)s (?=of\b)", lambda m: _MANY[m["count"].replace(",", "")]),
        rule(r"(?<=[\d½¼¾⅓⅔]) ?c\.(?= [a-z])", " cups"),
        rule(r"\b(\d+) ?h ?(\d+) ?m\b", r"\1 h \2 min"),
        rule(r"(?<=\d) ?[°˚º] ?(?P<to>[NSEW])\b", lambda m: " degrees " + _DIRECTIONS[m["to"]]),
        rule(r"(?<![\w/])(?:mph|kmh|kph|mpg)\b(?<!\d\w{3})(?<!\d \w{3})", lambda m: _several(unit_name(m[0]))),
        rule(rf"(?<![\w./])(?P<unit>km|m|mi|kg|mg|g|ml|MB|GB|kWh|l)/(?P<per>{_A_PER})(?![\w/])", rate),
        rule(
            rf"(?<=\w)(?P<what> (?:{_WORDS}|times|meals|classes|calls))/(?P<per>day|week|month|year|hour|night"
            rf"|minute|second)\b",
            r"\g<what> per \g<per>",
        ),
        rule(rf"(?P<first>{A_NUMBER}) ?%? ?(?:{DASH}|to) ?(?P<last>{A_NUMBER}) ?%", percent),
        rule(r"(?<![\w.])\.(\d+) ?%", lambda m: f"point {digits(m[1])} percent"),
        rule(rf"({A_NUMBER}) ?%", lambda m: f"{say.cardinal(m[1])} percent"),
        rule(rf"({A_NUMBER}) ?‰", lambda m: f"{say.cardinal(m[1])} per mille"),
        rule(
            r"(?<![\w.,])(?P<feet>\d+) ?(?:ft\.?|foot|feet) (?P<inches>1[01]|\d)"
            rf"(?: ?(?P<mark>{_FRACTION}))?(?: ?(?:in\b\.?(?= [a-z]|$)|inch(?:es)?|\")|(?! ?\w))",
            lambda m: (
                f"{say.cardinal(m['feet'])} foot {say.cardinal(m['inches'])}"
                + (f" and {m['mark']}" if m["mark"] else "")
            ),
        ),
        # Numbers up to the unit of the last.
        rule(
            rf"(?<![\w.,])(?P<number>{A_NUMBER}) ?(?:{DASH}| to ) ?(?={A_NUMBER}[ -]?(?:{_A_UNIT}(?![\w²³])|"
            rf"(?:{_WORDS})\b))",
            lambda m: f"{say.cardinal(m['number'])} to ",
        ),
        rule(
            r"(?<![\w.,/])(?P<numbers>\d+(?:\.\d+)?(?: ?[x×] ?\d+(?:\.\d+)?){0,3})(?:in\b| ?in\.| in(?= (?:wide|tall"
            r"|long|deep|thick|high|x|by|in diameter)\b|[,;:!?)]|$))"
            r"(?=\s|[,;:!?)]|$)",
            lambda m: f"{dimensions(m['numbers'])} inch{'' if m['numbers'] == '1' else 'es'}",
        ),
        rule(r"(?<=\d) A(?= (?:fuse|current|charger|circuit)\b)", " amp"),
        rule(
            rf"(?<![\w.,/])(?P<amount>(?:\d+ )?\d/\d{{1,2}}|\d*(?:{_FRACTION})) ?(?P<unit>{_A_UNIT})(?![\w²³/]){_DOT}",
            fraction,
        ),
        rule(
            rf"{_DET}(?<![\w.,/-])(?P<numbers>{A_NUMBER}(?: ?[x×] ?{A_NUMBER}){{0,3}})(?P<hyphen>-)?(?(hyphen)| ?)"
            rf"(?P<unit>{_A_UNIT})"
            rf"(?:/(?P<per>{_A_PER}))?(?![\w²³°'\u2019/+-](?!(?<=-)[a-z])|-\d)" + _DOT,
            quantity,
        ),
        rule(
            rf"(?<![\w.,/])(?P<numbers>{A_NUMBER}(?: ?[x×] ?{A_NUMBER}){{1,3}})(?! ?=)(?![\w.,]*\d)",
            lambda m: " by ".join(
                say.pairs(number) if number.isdecimal() and len(number) == 4 else say.cardinal(number)
                for number in re.split(r" ?[x×] ?", m["numbers"])
            ),
        ),
        rule(r"(\d) ?[x×](?= |$|[,.;!?)])", lambda m: f"{m[1]} times"),
        rule(r"(?<!\w)[x×] ?(?=(?:\d|10)\b)", "times "),
    )


def _several(name: str) -> str:
    """Return the plural of a unit: "feet", "kilometers per hour", "degrees Celsius", "square feet"."""
    words = name.split(" ")
    place = 1 if len(words) > 1 and words[0] in _BEFORE_A_UNIT else 0
    words[place] = _PLURALS.get(words[place], words[place] + ("" if words[place].endswith("hertz") else "s"))
    return " ".join(words)
