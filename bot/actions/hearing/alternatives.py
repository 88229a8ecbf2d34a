"""A second choice beside the first: "at eight, or if not at nine", "if Friday's gone we'd come on the Saturday".

The first is tried, and others are proposed anyway where there is no room.
"""

from __future__ import annotations

import re

from ..house.restaurant import WEEKDAYS

_HOUR = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_CLOCK = rf"(?:{_HOUR}|\d{{1,2}})"
_OR_AT = re.compile(
    r"\b(?:or|otherwise|failing that)\b(?: (?:if not|else|maybe|perhaps|even|possibly|failing that|otherwise))*,?"
    rf" (?:(?:at|around|about) (?:half |quarter )?(?:past |to )?{_CLOCK}"
    rf"|(?:half|quarter) (?:past |to )?{_CLOCK}"
    rf"|{_CLOCK}(?: (?:thirty|fifteen|forty five|o'clock)|[:.]\d\d))(?: (?:thirty|fifteen|o'clock))?\b",
    re.I,
)
# No table then: "if Friday's gone", "in case you're full", "should that not be possible", "if you can't do eight".
_NOT_TO_BE_HAD = (
    r"(?:gone|full|fully booked|booked|taken|busy|packed|sold out|unavailable|impossible|"
    r"not (?:possible|available|free|on|an option)|"
    r"(?:isn't|aren't|ain't) (?:possible|available|free|an option|any|room|space|a table)|"
    r"no (?:good|room|space|tables?|joy|luck|go)|nothing|none|(?:doesn't|won't) work|can't be done|"
    r"(?:you|there|it|that|they|we) (?:can't|cannot|couldn't|can not|don't|won't|haven't|hasn't|doesn't|isn't|"
    r"aren't))\b"
)
_STARTS = (
    rf"(?:(?:and|but|or|so),? )?(?:(?:if|in case|unless|should)\b(?: [\w'.:]+){{0,5}}? {_NOT_TO_BE_HAD}"
    r"|(?:if not|if need be|at a push|as a (?:second choice|fallback|back-?up)|failing (?:that|which)|otherwise|"
    r"second choice|plan b|second best)\b)"
)
_ENDS = r"(?=[.?!;]|\b(?:my name|the name|name(?:'s| is)|under (?:the )?|it's for|and (?:do|is|are|can|have) )|$)"
_CONDITIONAL = re.compile(rf"(?<=\w)[\s,.;!-]+{_STARTS}.*?{_ENDS}", re.I)
# The first choice has been named already: "we can't do Friday" names none.
_NAMED = re.compile(
    rf"\b(?:{'|'.join(WEEKDAYS)}|mon|tues?|wed|thu|thurs|fri|sat|sun|today|tonight|tomorrow|noon|\w+teenth|first|"
    rf"second|third|fourth|fifth|\w+[xvnf]th|\w+ieth|\d{{1,2}}(?:st|nd|rd|th)|(?:at|past|to|around|for) {_CLOCK}|"
    r"\d[:.]\d\d)\b",
    re.I,
)
# Whether there is an alternative at all: a day, a time or a number stands in it.
_OFFERS = re.compile(rf"{_NAMED.pattern}|\b{_CLOCK}\b|\b(?:next day|day after|later|earlier|other|another|any)\b", re.I)


def without_alternatives(text: str) -> str:
    """Blank out with "#" what is wanted only where the first choice cannot be had."""
    text = _OR_AT.sub(_blank, text)

    def second(match: re.Match[str]) -> str:
        first, offered = _NAMED.search(text[: match.start()]), _OFFERS.search(match[0])
        return _blank(match) if first and offered else match[0]

    return _CONDITIONAL.sub(second, text)


def _blank(match: re.Match[str]) -> str:
    return "#" * len(match[0])
