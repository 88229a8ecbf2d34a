"""A value as people read it back: "5 5 5, 0 1 2, 3 4 9 8", "S, M, I, T, H", "S as in Sierra"."""

from __future__ import annotations

import re

from convai_rasa.capture.pieces import fold_one
from convai_rasa.capture.said_value import Captured, spelling_in
from convai_rasa.languages import Spelling

_GROUP, _LAST_GROUP = 3, 4  # digits at a time
_LETTERS_TOGETHER = 4  # of a code without digits in between


def aloud(captured: Captured, *, language: str = "en", with_words: bool = False) -> str:
    """Return a value as it is read back; ``with_words`` each letter gets one of the alphabet: "S as in Sierra"."""
    value, kind = captured.value, captured.kind
    if kind == "date" or not value:
        return value
    if kind == "name":
        return f"{value}: {', '.join(_one(word, language, with_words) for word in value.split())}"
    if kind == "email":
        local, _, domain = value.partition("@")
        parts = [_one(part, language, with_words) for part in re.findall(r"[a-z0-9]+|[^a-z0-9]", local)]
        at, dot = (sign_name(sign, spelling_in(language)) for sign in "@.")
        return f"{', '.join(parts)}, {at} {domain.replace('.', f' {dot} ')}"
    return ", ".join(_one(part, language, with_words) for part in _groups(value))


def _groups(value: str) -> list[str]:
    """Return a number in the groups in which people say it: 555, 012, 3498."""
    found: list[str] = []
    for part in re.findall(r"\d+|[^\W\d_]+|[^\w\s]|_", value):
        if not part.isdecimal():
            found += [part[place : place + _LETTERS_TOGETHER] for place in range(0, len(part), _LETTERS_TOGETHER)]
            continue
        while len(part) > _LAST_GROUP:
            found.append(part[:_GROUP])
            part = part[_GROUP:]
        found.append(part)
    return found


def _one(part: str, language: str, with_words: bool) -> str:
    if part.isdecimal():
        return " ".join(part)
    if len(part) == 1 and not part.isalnum():
        return sign_name(part, spelling_in(language))
    if with_words:
        return ", ".join(example(letter, language) for letter in part)
    return ", ".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in part)


def example(letter: str, language: str = "en") -> str:
    """Return a letter with its word: "S as in Sierra"."""
    spelling = spelling_in(language)
    word = spelling.says.get(letter.lower()) or spelling.says.get(fold_one(letter.lower()), "")
    if not word or not letter.isalpha():
        return letter.upper()
    return f"{letter.upper()} {' '.join(spelling.listed['example'][0])} {word.capitalize()}"


def sign_name(sign: str, spelling: Spelling) -> str:
    """Return how a sign is called; itself where it has no name."""
    return next((" ".join(words) for words, written in spelling.signs.items() if written == sign), sign)
