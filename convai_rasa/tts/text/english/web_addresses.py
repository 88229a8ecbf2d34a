"""Web and e-mail addresses, telephone numbers, names of files, hashtags and mentions."""

from __future__ import annotations

import re
from typing import Match, Tuple

from convai_rasa.tts.text.english.numbers import digit_groups, digits
from convai_rasa.tts.text.markup import Rule, rule

_EMAIL_MARKS = {".": " dot ", "-": " dash ", "_": " underscore ", "+": " plus ", "@": " at "}
_URL_MARKS = {
    ".": " dot ", "/": " slash ", "-": " dash ", "_": " underscore ", "#": " hash ", ":": " colon ", "@": " at ",
    "~": " tilde ", "=": " equals ", "%": " percent ", "&": " and ",
}  # fmt: skip
_TOP_DOMAINS = (
    "com|org|net|info|io|eu|co\\.uk|de|fr|es|it|nl|ch|at|be|ca|biz|shop|app|dev|edu|gov|ai|me|tv|online|store|cafe|pub"
)
_FILES = "js|py|txt|pdf|csv|json|html?|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|mp3|mp4|wav|zip|exe|md|ya?ml|toml"
_WORDLIKE = ("json", "html", "zip", "gif", "yaml", "toml", "doc", "exe")

_PHONE = "|".join(
    (
        r"\+\d[\d ().-]{5,18}\d",  # +1 (555) 123-4567
        r"\(\d{2,5}\)[ -]?\d[\d -]{4,12}\d",  # (020) 7946 0958
        r"0\d{1,4}[ /-]\d[\d -]{3,12}\d",  # 020 7946 0958
        r"(?:1[-. ])?\d{3}[-. ]\d{3}[-. ]\d{4}",  # 555-123-4567
        r"\d{3}-\d{4}",  # 555-0199
    )
)


def in_letters(name: str) -> str:
    """Return the letters of a name one by one, as capitals: ``pdf`` becomes "P D F"."""
    return " ".join(name.upper())


def _spelled(text: str, marks: dict[str, str]) -> str:
    text = "".join(marks.get(character, character) for character in text)
    text = re.sub(r"\b[a-z]\b", lambda lone: lone[0].upper(), text)  # a letter, not the article
    return re.sub(r"\s+", " ", text).strip()


def _url(match: Match[str]) -> str:
    address = match["address"].rstrip(".,;:!?)/'")
    tail = match["address"][len(address) :].replace("/", "")
    address = re.sub(r"[?#].*", "", address)  # nobody can note down a query string by ear
    address = re.sub(r":(\d+)", lambda port: f" colon {digits(port[1])} ", address)
    return _spelled(address, _URL_MARKS) + tail


def _phone(match: Match[str]) -> str:
    if not 7 <= sum(character.isdecimal() for character in match.group()) <= 15:
        return match.group()
    plus = "plus " if match.group().startswith("+") else ""
    return plus + digit_groups(match.group())


def _file(match: Match[str]) -> str:
    ending = match["ending"]
    return f" dot {ending if ending.lower() in _WORDLIKE else in_letters(ending)}"


ADDRESSES: Tuple[Rule, ...] = (
    rule(r"\btel:(?=\+?\d)", ""),
    rule(
        r"\b(?:(?P<first>1)-)?(?P<number>8\d\d)-(?P<word>[A-Z]{4,8})\b",
        lambda m: f"{'one, ' if m['first'] else ''}{digits(m['number'])}, {m['word'].capitalize()}",
    ),
    rule(r"\bftps?://", "https://"),
    rule(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", lambda m: _spelled(m.group(), _EMAIL_MARKS)),
    rule(rf"(?<![\w@./-])(?=(?:[\w-]+\.)+(?:{_TOP_DOMAINS})\b(?!\.?\w))(?=\w)(?!\d+\.)", "https://"),
    rule(r"(?<![\w@./-])(?=[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,6}/\w)", "https://"),
    rule(r"\b(?:https?://(?:www\.)?|www\.)(?P<address>[^\s<>]+)", _url, re.IGNORECASE),
    rule(r"\b(?P<host>localhost):(?P<port>\d+)", lambda m: f"{m['host']} colon {digits(m['port'])}"),
    rule(
        r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)",
        lambda m: " dot ".join(digits(number) for number in m[0].split(".")),
    ),
    rule(rf"(?<=[A-Za-z0-9_])\.(?P<ending>{_FILES})\b(?!-)", _file),
    rule(
        r"(?<![\w.])@(?P<name>[^\W\d](?:[\w.]*\w)?)",
        lambda m: f"at {m['name'].replace('_', ' ').replace('.', ' dot ')}",
    ),
)

TELEPHONES: Tuple[Rule, ...] = (
    rule(rf"(?<![\w.,/])(?:{_PHONE})(?![\w%])", _phone),
    rule(r"(?<![\w.,])\d{7,}(?![\w,.]\d)", lambda m: m[0] if _is_round(m[0]) else digits(m[0])),
)


def _is_round(number: str) -> bool:
    return len(number) <= 13 and re.fullmatch(r"[1-9]\d{0,2}0{6,}", number) is not None
