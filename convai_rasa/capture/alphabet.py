"""Hearing a spelling in words once more, with nothing but such words to choose from, and what both hearings agree on.

With all words to choose from a recognizer writes "Lena" for Lima and "Climac" for Quebec; with few it drops one of two
that are the same, and takes any word for one of them. So the few decide what the words are, and not whether.
"""

from __future__ import annotations

import itertools
import re

from convai_rasa.capture.aloud import sign_name
from convai_rasa.capture.by_words import letter_words, says_words
from convai_rasa.capture.email_addresses import CERTAIN, PROVIDERS
from convai_rasa.capture.expecting import Heard
from convai_rasa.capture.likeness import distance
from convai_rasa.capture.said_value import Captured, known_spelling, read, spelling_in
from convai_rasa.capture.tokens import split
from convai_rasa.languages import Spelling

_SURE = 0.78  # confidence: none of 1,081 spellings that were heard right is below it
_FEWEST_WORDS = 2
_FEWEST_OF_OTHER = 0.6  # of the length of the other hearing; what is shorter has left out much
_NEAR_DOMAIN = 0.28  # how far a domain may sound from a provider to be it; "hey" is at 0.29 from one
_ENDINGS = ("com", "co", "uk", "net", "org", "de")


def words_of_alphabet(kind: str, language: str | None) -> frozenset[str]:
    """Return the words in which a value is spelled, as a recognizer writes them; empty where that is not known."""
    spelling = known_spelling(language)
    if spelling is None:
        return frozenset()
    # Without the hyphen, with which it would write letters: "T-L-E-R".
    letters = (word.replace("-", "").capitalize() for word in spelling.says.values())
    domains = (*PROVIDERS, *_ENDINGS) if kind == "email" else ()
    return frozenset((*letters, *map(" ".join, spelling.signs), _no(spelling), *domains))


def is_in_words(text: str, language: str | None) -> bool:
    """Whether a text may be a spelling in words of an alphabet alone: "Kilo, Oscar", and not "K for Kilo"."""
    spelling = spelling_in(language)
    tokens = split(text)
    low = [token.low for token in tokens]
    explained = any(token.is_letter and spelling.at("example", low, n + 1) for n, token in enumerate(tokens))
    return letter_words(tokens, spelling) >= _FEWEST_WORDS and not explained


def agreed(kind: str, text: str, closed: Heard, language: str | None) -> str | None:
    """Return the text to believe, made of two hearings of the same spelling; None where the closed one is no help.

    ``text`` was heard with all words to choose from, ``closed`` with few.
    """
    spelling = spelling_in(language)
    tokens = split(closed.text)
    if closed.confidence < _SURE or not says_words(tokens, spelling) or any(token.is_letter for token in tokens):
        return None
    local, domain = _cut(text, spelling) if kind == "email" else (text, "")
    if letter_words(tokens, spelling) < _FEWEST_OF_OTHER * letter_words(split(local), spelling):
        return None
    words = _with_domain(closed.text, domain, spelling) if domain else closed.text
    found, other = (read(kind, one, language=language or "en") for one in (words, text))
    if found is None:
        return None
    return words if other is None else _as_often(words, found, other, spelling)


def _with_domain(closed: str, domain: str, spelling: Spelling) -> str:
    """Return the closed hearing with the domain of the other one, which knows more words, unless it sounds alike."""
    local, known = _cut(closed, spelling)
    name, near = (_provider(part) for part in (domain, known))
    better = name not in PROVIDERS and near in CERTAIN and distance(name, near) <= _NEAR_DOMAIN
    return closed if better else f"{local}, {sign_name('@', spelling)} {domain}"


def _cut(text: str, spelling: Spelling) -> tuple[str, str]:
    """Return what stands before and after the "at" of an address; before it, "at" may be a misheard "as".

    Of several the first with a well-known provider is it, as a recognizer goes on with what its prompt has; or else
    the first behind the letters.
    """
    names = "|".join(re.escape(" ".join(words)) for words, sign in spelling.signs.items() if sign == "@")
    found = list(re.finditer(rf"[\s,.]*(?:(?<!\w)(?:{names})(?!\w)|@)[\s,]*", text, re.IGNORECASE))
    known = [place for place in found if _provider(text[place.end() :]) in PROVIDERS]
    behind = [place for place in found if not letter_words(split(text[place.end() :]), spelling)]
    place = next(iter(known or behind), None)
    if place is None:
        return text, ""
    after = next((other.start() for other in found if other.start() > place.start()), len(text))
    return text[: place.start()], text[place.end() : after]


def _provider(domain: str) -> str:
    return re.split(r"[\W_]", domain.lower(), maxsplit=1)[0]


def _as_often(words: str, found: Captured, other: Captured, spelling: Spelling) -> str:
    """Return the words with each letter as often as one of the hearings has it.

    A word that is the same as the one before it is soon left out, and at the end it is soon invented.
    """
    value, at, domain = found.value.partition("@")
    runs, others = _runs(value), _runs(other.value.partition("@")[0])
    if [run[0] for run in runs] != [run[0] for run in others] or runs == others:
        return words
    last = len(runs) - 1
    signs = [
        sign
        for place, ((sign, count), (_, others_count)) in enumerate(zip(runs, others, strict=True))
        for _ in range(count if sign.isdecimal() else (min if place == last else max)(count, others_count))
    ]
    spelled = ", ".join(
        spelling.says.get(sign, sign).capitalize() if sign.isalnum() else sign_name(sign, spelling) for sign in signs
    )
    refused = spelling.at("wrong", [token.low for token in split(words)], 0)
    no = f"{_no(spelling)}, " if refused else ""
    return f"{no}{spelled}" + (f", {sign_name('@', spelling)} {domain}" if at else "")


def _no(spelling: Spelling) -> str:
    return " ".join(spelling.listed["wrong"][0]).capitalize()


def _runs(value: str) -> list[tuple[str, int]]:
    return [(sign, len(list(run))) for sign, run in itertools.groupby(value.lower())]
