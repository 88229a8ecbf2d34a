"""Times of day, spans of time and time zones."""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.text.english.numbers import English
from convai_rasa.tts.text.english.web_addresses import in_letters
from convai_rasa.tts.text.english.words import WORDS
from convai_rasa.tts.text.markup import DASH, Rule, rule

_HOUR = r"(?P<hour>[01]?\d|2[0-3])"
# The dot of "p.m." that ends a sentence stays.
_HALF = r"(?P<half>[ap]m\b|[ap]\.m\b(?:\.(?=\s+(?-i:[a-z0-9&])|\s*[,;:!?)/\u2013-]))?)"
_TO = rf"(?: ?{DASH} ?| to )"
_BIBLE = "|".join(WORDS["bible"])
_ZONES = "|".join(WORDS["zones"])
_SHAPES = r"screens?|aspect|displays?|monitors?|video|format|images?|photos?|pictures?|tv|television|widescreen"


def rules(say: English) -> Tuple[Rule, ...]:
    """Return the rules for times, in order."""

    def clock(match: Match[str]) -> str:
        half = (match["half"] or "").lower().replace(".", "")
        if half and int(match["hour"]) > 12:
            half = ""  # "15:30 pm"
        words = say.clock(int(match["hour"]), int(match["minute"] or 0), half)
        return words + ("." if (match["half"] or "").endswith(".") and match.end() == len(match.string) else "")

    def to_the_second(match: Match[str]) -> str:
        words = say.clock(int(match["hour"]), int(match["minute"]), (match["half"] or "").lower().replace(".", ""))
        seconds = int(match["second"])
        return f"{words} and {say.count(seconds)} second{'' if seconds == 1 else 's'}" if seconds else words

    def military(match: Match[str]) -> str:
        if match["hours"] is None and (match["before"] is None or not match["hour"].startswith("0")):
            return match.group()
        hour, minute = match["hour"], int(match["minute"])
        words = f"oh {say.cardinal(hour[1])}" if hour.startswith("0") else say.cardinal(hour)
        words += " hundred" if minute == 0 else f" {'oh ' if minute < 10 else ''}{say.count(minute)}"
        return (match["before"] or "") + words + (" hours" if match["hours"] else "")

    def ratio(match: Match[str]) -> str:
        return f"{say.cardinal(match['a'])} to {say.cardinal(match['b'])}"

    return (
        # What looks like a time and is none.
        rule(
            rf"(?<![\w:.])(?P<a>\d{{1,2}}):(?P<b>\d{{1,2}})(?= (?:{_SHAPES})\b)",
            lambda m: f"{say.cardinal(m['a'])} by {say.cardinal(m['b'])}",
            re.IGNORECASE,
        ),
        rule(
            r"(?P<before>\b(?:ratio|odds|scale|mix(?:ed)?(?: it| them)?|dilute[d]?(?: it)?|proportion)(?: of| is"
            r"| at|:)? )"
            r"(?P<a>\d+(?:\.\d+)?) ?: ?(?P<b>\d+(?:\.\d+)?)(?![\d:])",
            lambda m: m["before"] + ratio(m),
            re.IGNORECASE,
        ),
        rule(r"(?<![\w:.])(?P<a>\d{1,3}) ?: ?(?P<b>\d+)(?= (?:ratio|odds|scale|mix|chance)\b)", ratio, re.IGNORECASE),
        rule(
            rf"\b(?P<book>{_BIBLE}) (?P<chapter>\d{{1,3}}):(?P<verse>\d{{1,3}})(?![\d:]| ?[ap]\.?m)",
            lambda m: f"{m['book']} {say.cardinal(m['chapter'])} {say.cardinal(m['verse'])}",
        ),
        # As soldiers and railways write it.
        rule(
            r"(?P<before>\b(?:at|from|until|by|before|after|to) )?\b(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)"
            r"(?P<hours> ?(?:hrs?|hours|h)\b)?"
            r"(?![\w:.,/-]*\d)",
            military,
        ),
        # Brought to one form.
        rule(r"\b(\d{1,2})\.([0-5]\d)(?= ?[ap]\.?m\b)", r"\1:\2", re.IGNORECASE),
        rule(r"\b((?:at|from|to|until|till|by|before|after) \d{1,2})h([0-5]\d)\b", r"\1:\2", re.IGNORECASE),
        rule(r"\b(\d{1,2})h([0-5]\d)\b", r"\1 h \2 min"),
        *(
            [rule(r"\b((?:at|from|until|till|by|before|after) \d{1,2})\.([0-5]\d)(?![\d.%]| ?[a-z]+)", r"\1:\2", re.I)]
            if say.british
            else []
        ),
        # Spans.
        rule(rf"(\d(?::[0-5]\d)?(?: ?[ap]\.?m\.?)?){_TO}(?=\d{{1,2}}(?::\d\d| ?[ap]\.?m))", r"\1 to ", re.IGNORECASE),
        rule(rf"(\d:\d\d(?: ?[ap]\.?m\.?)?){_TO}(?=\d{{1,2}}\b)", r"\1 to ", re.IGNORECASE),
        rule(rf"\b(noon|midnight) ?{DASH} ?(?=\d)", r"\1 to ", re.IGNORECASE),
        rule(rf"(\d(?: ?[ap]\.?m\.?)?) ?{DASH} ?(?=(?:noon|midnight)\b)", r"\1 to ", re.IGNORECASE),
        # Times.
        rule(
            rf"(?<![\d:.]){_HOUR}:(?P<minute>[0-5]\d):(?P<second>[0-5]\d)(?: ?{_HALF})?(?![\d:])",
            to_the_second,
            re.IGNORECASE,
        ),
        rule(rf"(?<![\d:.,]){_HOUR}:(?P<minute>[0-5]\d)(?: ?{_HALF})?(?![\d:])", clock, re.IGNORECASE),
        rule(rf"(?<![\d:.,]){_HOUR}(?P<minute>)? ?{_HALF}", clock, re.IGNORECASE),
        rule(r"\b(?:AM|PM)\b(?<=\d [AP]M)", lambda m: in_letters(m[0])),
        rule(rf"(?<=[AP] M )(?P<zone>{_ZONES})\b", lambda m: in_letters(m["zone"])),
        rule(
            r"\b(?P<zone>GMT|UTC) ?(?P<sign>[+\u2212-]) ?(?P<offset>\d{1,2})(?P<rest>:[0-5]\d)?\b",
            lambda m: (
                f"{in_letters(m['zone'])} {'plus' if m['sign'] == '+' else 'minus'} {say.cardinal(m['offset'])}"
                + (f" {say.cardinal(m['rest'][1:])}" if m["rest"] else "")
            ),
        ),
        rule(r"(?<![\w:])(?P<a>\d+):(?P<b>\d+)(?![\w:])", ratio),
    )
