"""Days, dates, years and decades."""

from __future__ import annotations

import re
from typing import Match, Optional, Tuple

from convai_rasa.tts.text.english.numbers import MONTHS, English, month
from convai_rasa.tts.text.english.words import WORDS
from convai_rasa.tts.text.markup import DASH, Rule, rule

_DAYS = WORDS["days"]
_FULL_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DAY = "|".join(sorted((name.capitalize() for name in _DAYS), key=len, reverse=True))
_A_DAY = rf"(?:{_FULL_DAY}|(?:{_DAY})\b\.?)"
_MONTH = (  # "may" and "march" are months only with a capital
    "(?:(?i:January|February|April|June|July|August|September|October|November|December|Jan|Feb|Apr|Jun"
    "|Jul|Aug|Sept?|Oct"
    r"|Nov|Dec)|March|MARCH|Mar|MAR|May|MAY)\b\.?"
)
_ABBREVIATED_MONTH = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_NUMBERED = r"(?:0?[1-9]|[12]\d|3[01])"
_ORDINAL_END = "(?:st|nd|rd|th)?"
_TO = rf"(?: ?{DASH} ?| to | till? | until | through | thru )"
_YEAR = r"(?:1[0-9]|20)\d\d"
_AFTER_A_DATE = (
    r"(?= (?:at|to|through|until|till|and|or|from|in|for|we|is|are|will|was|the|with|by|if|you|as|please|unless)\b"
    r"|[^\w ]|\s*$| [A-Z(])"
)
_PARTS_OF_A_WHOLE = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 100)
_BEFORE_A_YEAR = "|".join(WORDS["before_a_year"])
_NO_YEAR_AFTER = (  # after it a number of four digits counts something
    r"(?! ?(?:[a-z]+ )?(?:people|guests|rooms?|seats?|tables?|chairs?|items?|points?|miles|users|customers|houses|homes"
    r"|employees|copies|words|steps|calories|square|meters?|metres?|feet|foot|km|m|kg|g|ml|mm|cm|kcal|rpm|watts?|w|hp"
    r"|dollars|euros|pounds|dead|or more|or so|others|men|women|children|participants|units|times|years|days|hours)\b"
    r"|[%°$€£]| ?[a-z]+s people)"
)


def rules(say: English) -> Tuple[Rule, ...]:
    """Return the rules for dates, in order."""

    def numbered(a: str, b: str, mark: str) -> Optional[Tuple[int, int]]:
        """Return month and day of two numbers; the dot puts the day first, the slash does as the country does."""
        first, second = int(a), int(b)
        day_first = mark == "." or say.british
        month_, day = (second, first) if day_first else (first, second)
        if month_ > 12 and mark != ".":
            month_, day = day, month_
        return (month_, day) if 1 <= month_ <= 12 and 1 <= day <= 31 else None

    def whole(match: Match[str]) -> str:
        found = numbered(match["a"], match["b"], match["mark"])
        if found is None:
            return match.group()
        written = match["year"]
        return say.date(int(written if len(written) == 4 else "20" + written), *found)

    def short(match: Match[str]) -> str:
        found = numbered(match["a"], match["b"], "/")
        return match.group() if found is None else match["before"] + say.day(*found)

    def alone(match: Match[str]) -> str:
        a, b = int(match["a"]), int(match["b"])
        found = numbered(match["a"], match["b"], "/")
        if found is None or a == b or (a < b and b in _PARTS_OF_A_WHOLE) or match.group() in ("9/11", "24/7"):
            return match.group()
        return say.day(*found)

    def short_range(match: Match[str]) -> str:
        first, last = numbered(match["a"], match["b"], "/"), numbered(match["c"], match["d"], "/")
        pairs = [(int(match["a"]), int(match["b"])), (int(match["c"]), int(match["d"]))]
        if first is None or last is None or all(a < b and b in _PARTS_OF_A_WHOLE for a, b in pairs):
            return match.group()
        return f"{say.day(*first)} to {say.day(*last)}"

    def named(match: Match[str]) -> str:
        day = say.day(month(match["month"]), int(match["day"]))
        if not match["year"]:
            return day
        return f"{day}, {say.year(int(match['year']) + (2000 if len(match['year']) == 2 else 0))}"

    def named_range(match: Match[str]) -> str:
        days = say.days(month(match["month"]), int(match["day"]), int(match["last"]))
        return f"{days}, {say.year(int(match['year']))}" if match["year"] else days

    def of_named(match: Match[str]) -> str:
        words = f"the {say.ordinal(match['day'])} of {_full(match['month'])}"
        return f"{words}, {say.year(int(match['year']))}" if match["year"] else words

    def full_months(match: Match[str]) -> str:
        return re.sub(_TO, " to ", re.sub(_MONTH, lambda name: _full(name[0]), match.group()))

    def decade(match: Match[str]) -> str:
        if not match["century"] and match["ten"] in "01":
            return match.group()
        return say.decade(match["century"] or "", int(match["ten"]))

    def years(match: Match[str]) -> str:
        first, last = match["first"], match["last"]
        if len(last) == 2 and int(last) <= int(first[2:]):
            return match.group()
        in_short = len(last) == 2 and first < "2000"
        until = say.count(int(last)) if in_short else say.year(int(first[: 4 - len(last)] + last))
        return f"{say.year(int(first))} to {until}"

    def of_an_era(match: Match[str]) -> str:
        year = match["year"]
        is_count = len(year) <= 2 or year.endswith("00")
        return f"{say.cardinal(year) if is_count else say.year(int(year))} {' '.join(match['era'])}"

    def lone(match: Match[str]) -> str:
        return match["before"] + say.year(int(match["year"]))

    a_year = rf"(?:,? (?P<year>{_YEAR})\b(?![.,:]\d))?"
    return (
        # With a year.
        rule(
            r"\b(?P<y>\d{4})-(?P<m>0?[1-9]|1[0-2])-(?P<d>0?[1-9]|[12]\d|3[01])(?P<time>T(?=\d)|\b)",
            lambda m: say.date(int(m["y"]), int(m["m"]), int(m["d"])) + (" at " if m["time"] else " "),
        ),
        rule(
            r"(?<![\w./])(?P<y>(?:19|20)\d\d)/(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])(?![\w/])",
            lambda m: say.date(int(m["y"]), int(m["m"]), int(m["d"])),
        ),
        rule(
            r"(?P<before>\b(?:expir(?:es|y|ed|ing)|exp\.?|valid (?:thru|through|until|till))(?: in| on| date)?:? )"
            r"(?P<m>0?[1-9]|1[0-2])/(?P<y>[2-4]\d)(?![\w/])",
            lambda m: f"{m['before']}{MONTHS[int(m['m']) - 1]} {say.year(2000 + int(m['y']))}",
            re.IGNORECASE,
        ),
        rule(
            r"(?<![\w./])(?P<a>\d{1,2})(?P<mark>[./])(?P<b>\d{1,2})(?P=mark)(?P<year>(?:19|20)?\d\d)(?![\w/]|[.]\d)",
            whole,
        ),
        rule(rf"\b(?P<day>{_NUMBERED})-(?P<month>{_MONTH})-(?P<year>{_YEAR}|\d\d)\b", named),
        # Weekdays.
        rule(rf"\b{_A_DAY}(?:(?:{_TO}| and | & |, ){_A_DAY})+", _days),
        rule(
            rf"\b(?:{_A_DAY}/)+(?:{_FULL_DAY}|{_DAY})\b",
            lambda m: ", ".join(_DAYS.get(day.rstrip(".").lower(), day) for day in m[0].split("/")),
        ),
        rule(rf"\b(?:{_DAY})\b\.?(?=:|,? \d|,? (?:{_MONTH}))", _days),
        rule(r"\b(?:Mon|Sat|Sun)\.(?= [a-z])", _days),
        rule(r"\b(?:Tues?|Weds?|Thu(?:rs?)?|Fri)\b\.?", _days),
        rule(rf"(?<=day)(,?) (?=(?:the )?{_NUMBERED}{_ORDINAL_END} (?:of )?(?:{_MONTH}))", ", "),
        rule(rf"(?<=day)(,?) (?=(?:{_MONTH}) \d)", ", "),
        rule(
            rf"(?<=day),? (?P<a>{_NUMBERED})/(?P<b>{_NUMBERED})(?![\d/])",
            lambda m: f", {say.day(*found)}" if (found := numbered(m["a"], m["b"], "/")) else m[0],
        ),
        # Ranges of days.
        rule(
            rf"\b(?P<month>{_MONTH}) (?P<day>{_NUMBERED}){_ORDINAL_END}{_TO}(?P<last>{_NUMBERED}){_ORDINAL_END}{a_year}"
            r"(?![\w:]| ?[ap]\.?m\b)",
            named_range,
        ),
        rule(
            rf"(?:\bthe )?\b(?P<day>{_NUMBERED}){_ORDINAL_END}{_TO}(?:the )?(?P<last>{_NUMBERED}){_ORDINAL_END} "
            rf"(?:of )?"
            rf"(?P<month>{_MONTH}){a_year}(?!\w)",
            named_range,
        ),
        rule(rf"(?<=\d){_TO}(?=(?:{_MONTH}) \d|\d{{1,2}}{_ORDINAL_END} (?:{_MONTH}))", " to "),
        rule(rf"(\b(?:{_MONTH}) \d{{1,2}}){_TO}(?=(?:{_MONTH}) \d)", r"\1 to "),
        rule(rf"(\b\d{{1,2}}{_ORDINAL_END} (?:{_MONTH})){_TO}(?=\d{{1,2}}{_ORDINAL_END} (?:{_MONTH}))", r"\1 to "),
        rule(
            rf"(?<![\w/.,-])(?P<a>{_NUMBERED})/(?P<b>{_NUMBERED}){_TO}(?P<c>{_NUMBERED})/(?P<d>{_NUMBERED})(?![\w/])",
            short_range,
        ),
        # Days.
        rule(
            rf"\bthe (?P<day>{_NUMBERED}){_ORDINAL_END} of (?P<month>{_MONTH}){a_year}(?!\w)",
            of_named,
        ),
        rule(
            rf"\b(?P<month>{_MONTH}) (?:the )?(?P<day>{_NUMBERED}){_ORDINAL_END}{a_year}(?![\w:%°]|[.,]\d"
            rf"| ?[ap]\.?m\b| times)",
            named,
        ),
        rule(rf"(?:\bthe )?\b(?P<day>{_NUMBERED}){_ORDINAL_END} (?:of )?(?P<month>{_MONTH}){a_year}(?!\w)", named),
        rule(
            r"\b(?P<before>(?:on|by|until|till|before|after|since|due|dated|starting|ending|through|due by) )"
            rf"(?P<a>{_NUMBERED})/(?P<b>{_NUMBERED})(?![\w/%]){_AFTER_A_DATE}",
            short,
            re.IGNORECASE,
        ),
        rule(
            rf"(?<![\w/.,$€£-])(?<!room )(?<!unit )(?<!suite )(?<!flat )(?<!class )(?P<a>{_NUMBERED})/"
            rf"(?P<b>{_NUMBERED})"
            r"(?![\w/%]|[.,]\d| (?:correct|right|points|questions|time|cup|inch|of)\b)",
            alone,
            re.IGNORECASE,
        ),
        # Months.
        rule(
            rf"\b(?P<month>{_MONTH}) ['\u2019](?P<year>\d\d)\b(?!\w)",
            lambda m: f"{_full(m['month'])} {say.year(2000 + int(m['year']))}",
        ),
        rule(rf"\b{_MONTH}{_TO}{_MONTH}(?!\w)", full_months),
        rule(
            rf"\b(?P<month>{_MONTH}) (?P<year>{_YEAR})\b", lambda m: f"{_full(m['month'])} {say.year(int(m['year']))}"
        ),
        rule(rf"\b(?:{_ABBREVIATED_MONTH})(?:\.(?=\s+[a-z\d(]|,)|(?=\.))", lambda m: _full(m[0])),
        # Years.
        rule(rf"(?<![\w.,/-])(?P<first>{_YEAR}) ?{DASH} ?(?P<last>{_YEAR}|\d\d)(?![\w.,/-]*\d)(?!\w)", years),
        rule(rf"(?<=[a-z] to )({_YEAR})\b(?![.,:]?\d)", lambda m: say.year(int(m[1]))),
        rule(
            rf"\b(?:in|between|since|from) {_YEAR}(?:(?:,| and| or|, and) {_YEAR})+(?!\w|[.,]\d){_NO_YEAR_AFTER}",
            lambda m: re.sub(r"\d{4}", lambda one: say.year(int(one[0])), m[0]),
            re.IGNORECASE,
        ),
        rule(
            rf"(?P<before>\b(?:{_BEFORE_A_YEAR}),? )(?P<year>{_YEAR})(?!\w|[.,:/]\d| ?{DASH} ?\d){_NO_YEAR_AFTER}"
            r"(?! [a-z]+s\b(?<! was)(?<! is)(?<! has)(?<! as))",
            lone,
            re.IGNORECASE,
        ),
        rule(
            rf"(?P<before>\(|\b[Tt]he |\b[Aa]n? )(?P<year>{_YEAR})(?=\)| [A-Z]| (?:season|edition|vintage"
            rf"|election)\b|\s?;)",
            lone,
        ),
        rule(rf"\b(?P<before>Q[1-4],? |H[12],? )(?P<year>{_YEAR})\b", lone),
        rule(rf"(?P<before>(?:©|\([cC]\)) ?)(?P<year>{_YEAR})\b", lambda m: f"copyright {say.year(int(m['year']))}"),
        rule(
            r"(?<![\w.,])(?:'?(?P<century>1[0-9]|20)|(?<=['\u2019])|(?<=[Tt]he )'?|(?<=[Hh]is )|(?<=[Hh]er )|"
            r"(?<=[Mm]y )"
            r"|(?<=[Tt]heir )|(?<=[Yy]our )|(?<=[Ee]arly )'?|(?<=[Mm]id[ -])'?|(?<=[Ll]ate )'?)(?P<ten>\d)0'?s\b",
            decade,
        ),
        rule(
            r"(?<!\w)['\u2019](?P<year>\d\d)(?![\w.,]*\d|\w)",
            lambda m: say.pairs(m["year"]) if m["year"][0] != "0" else f"oh {say.cardinal(m['year'][1])}",
        ),
        rule(r"'(?=(?:twen|thir|for|fif|six|seven|eigh|nine)ties\b)", ""),
        rule(r"\b(?P<year>\d{1,4}) ?(?P<era>BCE?|AD|CE)\b", of_an_era),
        rule(r"\bAD (?P<year>\d{1,4})\b", lambda m: f"A D {say.year(int(m['year']))}"),
    )


def _full(name: str) -> str:
    return MONTHS[month(name) - 1]


def _days(match: Match[str]) -> str:
    named = re.sub(rf"\b({_DAY})\b\.?", lambda day: _DAYS[day[1].lower()], match.group())
    return re.sub(rf" ?{DASH} ?", " to ", named)
