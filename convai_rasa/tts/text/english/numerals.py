"""What is left after everything particular: fractions, scores, powers, ordinals, ranges, signs and plain numbers."""

from __future__ import annotations

import re
import unicodedata
from typing import Match, Tuple

from convai_rasa.tts.text.english.numbers import A_NUMBER, English, digits
from convai_rasa.tts.text.english.words import WORDS
from convai_rasa.tts.text.markup import DASH, Rule, rule

_PARTS = {2: "half", 4: "quarter"}
_FRACTIONS = {
    "½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
    "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6),
}  # fmt: skip
_DENOMINATORS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 32, 64, 100)
_SYMBOLS = {sign: f" {said} " for sign, said in WORDS["symbols"].items()}
_SCORED = "|".join(WORDS["scored"])
_HALVED = "|".join(WORDS["halved"])
_SUPERSCRIPTS = str.maketrans("⁰¹⁴⁵⁶⁷⁸⁹", "01456789")


def rules(say: English) -> Tuple[Rule, ...]:
    """Return the rules that leave no digit."""

    def share(count: int, part: int, *, after_whole: bool) -> str:
        name = _PARTS.get(part) or say.ordinal(str(part))
        if count == 1:
            return f"{'a' if after_whole else 'one'} {name}"
        return f"{say.count(count)} {'halves' if part == 2 else name + 's'}"

    def fraction(match: Match[str]) -> str:
        count, part, whole = int(match["count"]), int(match["part"]), match["whole"]
        if count == part or part == 0:
            return f"{match['count']} {match['part']}"
        if part == 10 and count > 3 and not whole:
            return f"{say.count(count)} out of ten"
        if count > part or part not in _DENOMINATORS:
            return f"{match.group().replace('/', ' slash ')}"
        if (
            count == 1
            and part == 2
            and not whole
            and re.match(rf" (?:an? )?(?:{_HALVED})\b", match.string[match.end() :])
        ):
            following = match.string[match.end() + 1 :]
            article = (
                ""
                if following.startswith(("a ", "an ", "off", "price"))
                else " an"
                if following[:1] in "aeio" or following.startswith("hour")
                else " a"
            )
            return f"half{article}"
        return (f"{say.cardinal(whole)} and " if whole else "") + share(count, part, after_whole=bool(whole))

    def mark(match: Match[str]) -> str:
        count, part = _FRACTIONS[match["mark"]]
        if match["whole"]:
            return f"{say.cardinal(match['whole'])} and {share(count, part, after_whole=True)}"
        return f"a {_PARTS[part]}" if count == 1 and part in _PARTS else share(count, part, after_whole=False)

    def out_of(match: Match[str]) -> str:
        return f"{say.cardinal(match['a'])} out of {say.cardinal(match['b'])}"

    def score(match: Match[str]) -> str:
        words = [match["a"], match["b"]]
        between = " " if say.british and max(map(int, words)) <= 10 else " to "
        nothing = "nil" if say.british else "zero"
        said = between.join(nothing if number == "0" else say.cardinal(number) for number in words)
        return said if match["a"] == "0" else said.replace(" to zero", " to nothing")

    def ordinal(match: Match[str]) -> str:
        words = say.ordinal(match["number"])
        return (
            words.capitalize()
            if re.match(r" (?:Avenue|Street|Ave|St|Road|Floor)\b", match.string[match.end() :])
            else words
        )

    def scaled(match: Match[str]) -> str:
        scales = {"k": "thousand", "m": "million", "mn": "million", "b": "billion", "bn": "billion", "tn": "trillion"}
        return f"{say.cardinal(match['number'])} {scales[match['scale'].lower()]}"

    def power(match: Match[str]) -> str:
        sign = "minus " if match["power"].startswith(("-", "⁻")) else ""
        exponent = match["power"].translate(_SUPERSCRIPTS).translate(str.maketrans("²³", "23")).lstrip("-+⁻")
        return f" to the power of {sign}{exponent}"

    return (
        # Versions.
        rule(r"(?<=[Vv]ersion )v\.? ?(?=\d)", ""),
        rule(
            r"\b(?P<name>v\.? ?|V|[Vv]ersions? |[Vv]er\.? |[Rr]elease |Python |iOS |Android |macOS |Ubuntu "
            r"|Java |Node |Firefox |Chrome |Windows )"
            r"(?P<number>\d+(?:\.\d+)*)(?![\w,%°]|\.\d)",
            lambda m: (
                ("version " if m["name"].rstrip(". ").lower() in ("v", "ver") else m["name"])
                + " point ".join(map(say.cardinal, m["number"].split(".")))
            ),
        ),
        rule(r"(?<![\w.,])\d{1,3}(?:\.\d{3}){2,}(?![\w.,]*\d)", lambda m: say.cardinal(m[0].replace(".", ""))),
        rule(r"(?<![\w.,])\d+(?:\.\d+){2,}(?!\w)", lambda m: " point ".join(map(say.cardinal, m[0].split(".")))),
        # Scores, out of, fractions.
        rule(r"(?<![\w.,])(?<!\d )\d{1,3}(?: \d{3}){2,}(?! ?\d)(?!\w)", lambda m: say.cardinal(m[0].replace(" ", ""))),
        rule(r"(?<=\d) [/÷] (?=\d)", " divided by "),
        rule(r"\b24/7/365\b", "twenty-four seven, three sixty-five"),
        rule(r"\b24/7\b", "twenty-four seven"),
        rule(r"(?<=\d) \* (?=\d)", " times "),
        rule(r"\b9/11\b", "nine eleven"),
        rule(r"(?<![\w.,/])(?P<a>\d+(?:\.\d+)?)/(?P<b>5|10|100)(?= (?:stars?|points?)\b)", out_of),
        rule(r"(?<![\w.,/])(?P<a>\d+)/(?P<b>\d+)(?= (?:correct|right|points|questions)\b)", out_of),
        rule(r"(?<![\w.,/])(?P<a>\d*\.\d+)/(?P<b>5|10|100)(?![\w/]|[.,]\d)", out_of),
        rule(
            r"(?<![\w.,/-])(?:(?P<whole>\d+)[ -])?(?P<count>\d{1,3})/(?P<part>\d{1,3})(?![\w/]|[.,]\d)",
            fraction,
        ),
        rule(rf"(?:(?P<whole>\d+) ?)?(?P<mark>[{''.join(_FRACTIONS)}])", mark),
        rule(
            rf"(?P<before>\b(?:{_SCORED})(?: (?:is|was|by|of|the game|them|us|it|\w+))?(?: now)?:? )"
            rf"(?P<a>\d{{1,3}}) ?{DASH} ?(?P<b>\d{{1,3}})(?![\w%]|[.,]\d| ?{DASH})",
            lambda m: m["before"] + score(m),
            re.IGNORECASE,
        ),
        rule(rf"(?<![\w.,-])(?P<a>\d{{1,3}}) ?{DASH} ?(?P<b>\d{{1,3}})(?= (?:{_SCORED})\b)", score, re.IGNORECASE),
        # Powers, sums.
        rule(r"(?<=\w)(?P<power>²)(?!\w)", " squared"),
        rule(r"(?<=\d)(?P<power>³)(?!\w)", " cubed"),
        rule(r"(?<=\w)(?P<power>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)", power),
        rule(r"(?<=\w)\^(?P<power>-?\d+)", power),
        rule(r"(?<=\d)[eE](?P<power>[+-]?\d+)\b", lambda m: f" times ten{power(m)}"),
        rule(rf"(\d) ?{DASH} ?(\d+)(?= ?=)", r"\1 minus \2"),
        rule(r"(\d) ?[x×] ?(?=\d)", r"\1 times "),
        rule(r"(\d) - (?=\d)(?!\d+[a-z])", r"\1 to "),
        # Scales.
        rule(r"(?<=\d)\((?P<letter>[a-z])\)", lambda m: f" {m['letter'].upper()}"),
        rule(r"(?<=\d)/(?=\d)", " slash "),
        rule(r"(?<=[a-z])(?P<number>\d{3,})(?!\w|[.,]\d)", lambda m: " " + digits(m["number"])),
        rule(
            r"(?<![\w.,])(?P<number>\d+(?:\.\d+)?)(?P<scale>k|K|bn|tn|mn|M|B)\b(?! (?:run|race|TV|video|display"
            r"|screen|resolution|monitor)\b)",
            lambda m: (
                m[0]
                if m[0] in ("4K", "8K")
                or (re.fullmatch(r"\dM", m[0]) and not re.match(r" [a-z]+s\b", m.string[m.end() :]))
                else scaled(m)
            ),
        ),
        rule(
            r"(?<![\w.,])(?P<number>\d+(?:\.\d+)?) ?(?P<scale>[kKmM])(?= (?:people|users|followers|customers"
            r"|views|copies|downloads|jobs)\b)",
            scaled,
        ),
        # Ranges and ordinals.
        rule(rf"(?<=\d)(?P<end>st|nd|rd|th)? ?{DASH} ?(?=\d+(?:st|nd|rd|th)\b)", lambda m: f"{m['end'] or ''} to "),
        rule(r"\b(?P<number>\d{1,3}(?:,\d{3})*|\d{1,15})(?:st|nd|rd|th)\b", ordinal, re.IGNORECASE),
        rule(rf"(?<!\w)(?P<a>{A_NUMBER}) ?{DASH} ?(?={A_NUMBER})", lambda m: f"{m['a']} to "),
        rule(r"(?<![\w.])[-\u2212](?=\.?\d)", "minus "),
        rule(r"(?<=\d)\+(?!\d)(?= |$|[.,;:!?)])", " plus"),
        rule(r"\s+[\u2013\u2014-]+\s+|\u2014|\u2013", ", "),
        # Numbers.
        rule(r"(?<![\w.,])[1-9]\d{0,2}0{6,11}(?![\w.,]\d)\b", lambda m: say.cardinal(m[0])),
        rule(r"(?<![\w.])\.(?P<decimals>\d+)", lambda m: f"point {digits(m['decimals'])}"),
        rule(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " "),
        rule(A_NUMBER, lambda m: say.cardinal(m.group())),
        rule("[⁰¹²³⁴⁵⁶⁷⁸⁹]", lambda m: f" {digits(unicodedata.normalize('NFKC', m[0]))} "),
    )


SIGNS: Tuple[Rule, ...] = (
    rule(r"\band/or\b", "and or"),
    rule(r"(?<=[A-Z])/(?=[A-Z]{2,}\b)|(?<=\b[A-Z])/(?=[A-Z]\b)|(?<=[A-Z]{2})/(?=\w+\b(?<=one|two|ree|our|ive))", " "),
    rule(r"(?<=[a-z])\.(?=[A-Z]\b)", " "),
    rule(r"(?<=\w)/(?=\w)", " or "),
    rule(r"(?<=[A-Za-z])\+\+", " plus plus"),
    rule(r"\s+/\s+", ", "),
    rule(r"[-=]+>|<[-=]+", ", "),
    rule("[" + re.escape("".join(_SYMBOLS)) + "]", lambda m: _SYMBOLS[m.group()]),
    rule(r"[\\/|_*#~^`\[\]{}]", " "),
    rule(r"[()]", ", "),
)
