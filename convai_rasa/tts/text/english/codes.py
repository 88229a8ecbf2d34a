"""What is written down or typed in: codes, flights, rooms, serial numbers; and letters that stand for themselves."""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.text.english.numbers import English, digit_groups, digits
from convai_rasa.tts.text.english.web_addresses import in_letters
from convai_rasa.tts.text.english.words import WORDS
from convai_rasa.tts.text.markup import Rule, rule

_DIGIT_BY_DIGIT = (  # numbers that somebody writes down or types in
    r"pins?|otp|ssn|tan|passcode|(?:access |area |dial(?:ling)? )?codes?|zip(?: codes?)?|postcodes?"
    r"|postal codes?|isbn|ean|sku|imei|iban"
    r"|ending (?:in|with)|extension|ext\."
    r"|(?:account|acct\.?|card|tracking|reference|ref\.?|confirmation|conf\.?|booking|reservation|order|invoice"
    r"|ticket|policy|member(?:ship)?|customer"
    r"|serial|case|passport|licen[cs]e|phone|part|model|id|transaction|docket|claim)"
    r"(?: (?:numbers?|no\.|nr\.?|id))"
)
_NAMED_BY_DIGITS = "|".join(WORDS["named_by_digits"])
_SPELLED_AFTER = r"locator|code|pnr|reference|ref\.?|booking|confirmation"
_ACRONYMS = "|".join(WORDS["acronyms"])
_ISO_DATE = r"\d{4}-\d\d-\d\d\b"
_MEASURED = (  # a number and such letters are no code
    r"\d+(?:GB|MB|TB|KB|MP|HP|V|W|KW|MW|KG|CM|MM|ML|KM|LBS?|OZ|MPH|PSI|AM|PM|BC|AD|CE)\b|"
    r"(?![48]K\b)\d+K\b|\d+M\b(?= [a-z])"
)
_NO_AIRLINES = " AD AM AN AS AT BC BE BY CE DO GO HE IF IN IS IT ME MY NO OF OK ON OR PM SO TO UP US WE "
_ACRONYM = re.compile(rf"(?<![\w.&'-])(?P<name>{_ACRONYMS})(?P<plural>s)?(?![\w&])")
_SAYABLE = re.compile(  # begins as English words do, and has no knot of consonants
    "(?:[BCDFGHJKLMNPRSTVWYZ]|S?QU|[BCFGKP]L|[BCDFGKPTW]R|[CPSTW]H|SC|SK|SL|SM|SN|SP|ST|SW|TW|KN|SC[HR]"
    "|SHR|SP[HLR]|STR|[TPC]HR)?"
    "[AEIOUY](?!.*(?:[^AEIOUY]{4}|Q[^U]|Q$|J$|[JVWX][^AEIOUY]))"
)


def told_apart(say: English) -> Tuple[Rule, ...]:
    """Return the rules for numbers whose digits are told one by one, because of what stands before them."""

    def hashtag(match: Match[str]) -> str:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|_", " ", match["tag"])
        return "hashtag " + re.sub(r"(?<= )(?:19|20)\d\d$", lambda year: say.year(int(year[0])), words)

    return (
        rule(r"(?<![\w&])#(?P<tag>[^\W\d_]\w+)", hashtag),
        rule(r"(?<!\w)#(?!\d+-\d+\b)(?P<number>\d{3,})(?![\w%])", lambda m: f"number {digit_groups(m['number'])}"),
        rule(
            rf"\b(?P<name>{_DIGIT_BY_DIGIT})(?P<between>(?: is| was|:)? ?#?)(?!{_ISO_DATE})"
            rf"(?P<number>\d[\d -]*\d)(?![\d.:%/]|-?\w)",
            lambda m: m["name"] + m["between"] + digit_groups(m["number"]),
            re.IGNORECASE,
        ),
        rule(
            rf"\b(?P<name>account|invoice|reference|confirmation|booking|tracking|order)(?P<between>(?: is"
            rf"|:)? ?#?)(?!{_ISO_DATE})"
            r"(?P<number>\d{4,}(?:[ -]\d+)*)(?![\d.:%/]|-?\w)",
            lambda m: m["name"] + m["between"] + digit_groups(m["number"]),
            re.IGNORECASE,
        ),
        rule(
            r"\b(?P<before>(?:call|dial|phone|ring|text|press) (?:us (?:at|on) )?)(?P<number>\d{2,6})"
            r"(?![\d.:,%/ -]*\d)",
            lambda m: m["before"] + digits(m["number"]),
            re.IGNORECASE,
        ),
        rule(
            r"(?P<before>)(?<![\w.,/-])(?<!\d )(?<!\) )"
            r"(?P<number>#?\d+(?:-\d+){3,}|\d{3}-\d\d-\d{4}|(?<=#)\d+(?:-\d+)+|\d{3} \d{4})"
            r"(?![\w-]|[.,]\d| \d)",
            lambda m: digit_groups(m["number"]),
        ),
        rule(r"(?<!\w)#(?=\d)", "number "),
    )


def rules(say: English) -> Tuple[Rule, ...]:
    """Return the rules for codes; after them no token mixes letters and digits."""

    def named(match: Match[str]) -> str:
        number = match["number"]
        is_round = number.endswith("00") and not match["name"].lower().startswith("flight")
        return match["name"] + match["between"] + (say.pairs(number) if is_round else digits(number))

    def short(number: str) -> str:
        return say.cardinal(number) if len(number) <= 2 else digits(number)

    def token(match: Match[str]) -> str:
        parts = [_parts(part) for part in match.group().split("-")]
        is_long = sum(map(len, parts)) > 3 or any(len(run) > 3 and run.isdecimal() for part in parts for run in part)
        said = []
        for part in parts:
            runs = []
            for run in part:
                if run.isdecimal():
                    runs.append(digits(run) if is_long or run.startswith("0") else short(run))
                else:
                    runs.append(run.lower() if _is_word(run) else in_letters(run))
            said.append(" ".join(runs))
        groups = [part for part in parts if sum(map(len, part)) > 2]
        return (", " if len(parts) > 2 or len(groups) > 1 else " ").join(said)

    def airline(match: Match[str]) -> str:
        if f" {match['airline']} " in _NO_AIRLINES:
            return match.group()
        return f"{in_letters(match['airline'])} {short(match['number'])}"

    return (
        rule(
            r"\b(?P<country>[A-Z]{2})(?P<number>\d\d(?: [A-Z0-9]{4}){2,}(?: [A-Z0-9]{1,4})?)\b",  # IBAN
            lambda m: f"{in_letters(m['country'])}, {', '.join(map(_characters, m['number'].split()))}",
        ),
        rule(  # a British postcode
            r"\b(?P<out>[A-Z]{1,2}\d[A-Z\d]?) (?P<back>\d[A-Z]{2})\b",
            lambda m: f"{_characters(m['out'])}, {_characters(m['back'])}",
        ),
        rule(
            rf"\b(?P<name>{_NAMED_BY_DIGITS})(?P<between>:? ?)(?P<number>\d{{3,4}})(?![\w%°]|[.,:/-]\d)",
            named,
            re.IGNORECASE,
        ),
        rule(
            r"\b(?P<flight>[Ff]lights?) (?P<airline>[A-Z]{2}|[A-Z]\d|\d[A-Z]) (?P<number>\d{1,4})(?!\w)",
            lambda m: f"{m['flight']} {_characters(m['airline'])} {short(m['number'])}",
        ),
        rule(r"\b(?P<airline>[A-Z]{2}) (?P<number>\d{1,4})(?![\w:.,/%°-]*\d)(?!\w| ?[%°-])", airline),
        rule(
            rf"\b(?P<name>(?i:{_SPELLED_AFTER})(?: is|:)? )(?P<code>[A-Z]{{4,8}})\b",
            lambda m: m["name"] + (m["code"] if _is_word(m["code"]) else in_letters(m["code"])),
        ),
        rule(r"(?<![\w-])(\d{1,3}[A-Z])[-\u2013](?=\d{1,3}[A-Z](?![\w-]))", r"\1 to "),
        rule(r"\bpH\b", "P H"),
        rule(r"\bFY ?(?P<year>20\d\d)\b", lambda m: f"F Y {say.year(int(m['year']))}"),
        rule(
            r"(?<![\w.])(?P<lines>480|576|720|1080|1440|2160)(?P<scan>[pi])\b",
            lambda m: f"{say.pairs(m['lines'])} {m['scan'].upper()}",
        ),
        rule(
            r"(?<![\w.,/'$€£-])(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*\d)(?![A-Z]+-[A-Z]+\b|\d+-[A-Z]{2,}\b)"
            rf"(?!{_MEASURED})"
            r"[A-Z0-9]+(?:-[A-Z0-9]+)*(?![\w°])",
            token,
        ),
        rule(
            r"\b(?P<name>mp|h|co|b)(?P<number>[2-4])(?P<rest>[bco]?)\b",
            lambda m: f"{in_letters(m['name'])} {say.cardinal(m['number'])} {m['rest'].upper()}".strip(),
        ),
    )


def acronyms(text: str) -> str:
    """Return a text in which acronyms that could be taken for words are spelled: "the U S"; capitals in a text of
    nothing but capitals are no acronyms."""
    if not re.search(r"[a-z]", text):
        return text
    return _ACRONYM.sub(lambda m: in_letters(m["name"]) + ("'s" if m["plural"] else ""), text)


def _parts(token: str) -> list[str]:
    return re.findall(r"\d+|[A-Z]+", token)


def _characters(token: str) -> str:
    return " ".join(digits(one) if one.isdecimal() else one for one in token)


def _is_word(letters: str) -> bool:
    """Whether a row of capitals can be said: it has vowels enough, and no knot of consonants."""
    vowels = sum(letter in "AEIOUY" for letter in letters)
    return len(letters) >= 4 and vowels * 6 >= len(letters) and _SAYABLE.match(letters) is not None
