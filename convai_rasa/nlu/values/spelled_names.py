"""Names that are spelled: "M as in Mary, A, R, K", "S-M-I-T-H", "double N", "mike alpha romeo kilo"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from convai_rasa.nlu.values.placed_words import Word, fold

_NATO = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey xray yankee zulu alfa juliett whisky"
)
_FEWEST = 2  # letters that make a name: Bo, Li


@dataclass(frozen=True)
class SpellingWords:
    """The words around letters in a language.

    Attributes:
        example: what stands between a letter and a word that begins with it: "as in".
        times: "double" and "triple".
        signs: words for what is no letter.
        capital: words before a capital letter inside a name.
        skipped: words that change nothing: "letter".
        before: words that may stand before the first letter.
        remarks: what stands before a letter that only says something about the name: "with a Y".
    """

    example: tuple[tuple[str, ...], ...]
    times: Mapping[str, int]
    signs: Mapping[str, str]
    skipped: frozenset[str]
    before: frozenset[str]
    capital: frozenset[str] = frozenset()
    remarks: tuple[tuple[str, ...], ...] = ()


def spelled_in(
    text: str, words: Sequence[Word], language: SpellingWords, start: int = 0
) -> tuple[str, int, int] | None:
    """Return the first name that is spelled, from which word and to which; None where none is."""
    for first in range(start, len(words)):
        if _is_remark(words, first, language):
            continue
        letters, end, items = _letters(text, words, first, language)
        enough = items >= _FEWEST and sum(letter.isalpha() for letter in letters) >= _FEWEST
        if enough and not _is_two_words(words, first, end):
            return letters, first, end
    return None


def read_spelled(text: str, words: Sequence[Word], language: SpellingWords) -> str | None:
    """Return the name that a whole text spells; the name itself may be said before."""
    found = spelled_in(text, words, language)
    if found is None:
        return None
    name, first, end = found
    before = [word.text for word in words[:first] if word.text not in language.before and word.text != ","]
    after = [word.text for word in words[end:] if word.text not in language.before and word.text != ","]
    if after or len(before) > 3 or any(not word.isalpha() for word in before):
        return None
    return name if not before or any(word[0] == fold(name[0]) for word in before) else None


def _letters(text: str, words: Sequence[Word], place: int, language: SpellingWords) -> tuple[str, int, int]:
    """Return the letters from a word on, the word after the last one, and how many were said."""
    letters, items, end, capital = "", 0, place, False
    while place < len(words):
        word = words[place].text
        if word in language.skipped or word in language.capital or (items and word in ",-.'"):
            capital = capital or word in language.capital
            place += 1
            continue
        times = language.times.get(word, 1)
        place += times > 1
        letter = _letter(text, words, place, times > 1)
        if letter:
            place += 1
            example = _example(words, place, language)
            if example is not None:
                said = words[example].text
                # a letter is heard wrong more often than a word
                letter = letter if fold(letter) in said[:2] else said[0].upper()
                place = example + 1
        elif items and word in language.signs:
            letter, place = language.signs[word], place + 1
        elif word in _NATO.split():
            letter, place = word[0].upper(), place + 1
        else:
            break
        letters += (letter if not letters or not letters[-1].isalpha() or capital else letter.lower()) * times
        items, end, capital = items + 1, place, False
    return letters, end, items


def _is_remark(words: Sequence[Word], place: int, language: SpellingWords) -> bool:
    before = tuple(word.text for word in words[max(0, place - 3) : place])
    return any(before[-len(remark) :] == remark for remark in language.remarks)


def _letter(text: str, words: Sequence[Word], place: int, repeated: bool) -> str:
    if place >= len(words):
        return ""
    word = words[place]
    if word.glued and place and words[place - 1].text == "'":  # that's
        return ""
    said = text[word.start : word.end]
    if repeated and len(word.text) == 2 and word.text[1] == "s":  # double Ts
        said = said[0]
    return said.upper() if len(said) == 1 and (said.isalpha() or said.isdecimal()) else ""


def _example(words: Sequence[Word], place: int, language: SpellingWords) -> int | None:
    """Return where the word is that a letter is explained with."""
    for between in language.example:
        at = place + len(between)
        if tuple(word.text for word in words[place:at]) == between and at < len(words) and len(words[at].text) > 1:
            return at
    return None


def _is_two_words(words: Sequence[Word], first: int, end: int) -> bool:
    """Say whether it is only "a" and "I" beside each other, or digits."""
    return all(word.text in ("a", "i", "y", "o", "e", ",") or word.text.isdecimal() for word in words[first:end])
