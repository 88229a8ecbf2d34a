"""Reads the file of a language; ``en.yml`` explains each key.

A file lists words between spaces. Where a word alone cannot tell, it may be a phrase, with ``_`` for each space, or a
regular expression: ``let_me_(see|think)``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convai_rasa.data_files import read_yaml
from convai_rasa.languages.spelling import Spelling, SpellingFile, spelling_of
from convai_rasa.options import Field, Options, parse_options, validator

_HERE = Path(__file__).parent
_USUAL = "en"
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_NEVER = re.compile(r"(?!)")
_SENTENCES = ("question_mark", "you_can_say", "or_else", "sorry", "goodbye", "cut_off")


def base_language(code: str) -> str:
    """Return ``de`` for ``de-AT`` or ``de_AT``."""
    return code.replace("_", "-").partition("-")[0].strip().lower()


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation."""
    return [word.lower() for word in _WORD.findall(text.replace("’", "'"))]


@dataclass(frozen=True)
class TurnWords:
    """Which words of a language leave a sentence open; every pattern is for text in lower case.

    Attributes:
        open: matches words at the end of a text that no sentence ends with.
        open_but_not_alone: words that are open except where they are all that was said.
        closed: match texts that are complete although they end with open words.
        fillers: matches a filled pause at the end of a text.
        digits: words of which numbers that are read out consist.
    """

    open: re.Pattern[str]
    open_but_not_alone: frozenset[str]
    closed: tuple[re.Pattern[str], ...]
    fillers: re.Pattern[str]
    digits: frozenset[str]

    def leave_open(self, text: str) -> bool:
        """Whether more has to follow: the text ends with "for", with "um"."""
        words = " ".join(words_of(text))
        if not words:
            return False
        if self.fillers.search(text.replace("’", "'").lower()):
            return True
        if words in self.open_but_not_alone or not self.open.search(words):
            return False
        return not any(pattern.search(words) for pattern in self.closed)


@dataclass(frozen=True)
class Lexicon:
    """What is known of a language.

    Attributes:
        turns: which words leave a sentence open; None where that is not known.
        back_channels: words that only show attention; for languages without any of their own, those of English.
        back_channel_phrases: matches phrases and sounds that do the same, in lower case.
        questions: matches the beginning of a question, in lower case.
        question_mark: what is written before a question, such as ``¿``.
        you_can_say: introduces the titles of buttons; empty where no words are known.
        or_else: stands before the last of them.
        sorry: said where a turn has failed; empty where no words are known.
        goodbye: said when the server stops; the same.
        cut_off: said when a call goes on that another server had begun; the same.
        spelling: how people spell and say numbers; None where that is not known.
    """

    turns: TurnWords | None
    back_channels: frozenset[str]
    back_channel_phrases: re.Pattern[str]
    questions: re.Pattern[str]
    question_mark: str
    you_can_say: str
    or_else: str
    sorry: str
    goodbye: str
    cut_off: str
    spelling: Spelling | None = None


class _File(Options):
    open: str = ""
    open_but_not_alone: str = ""
    closed_by: dict[str, str] = Field(default_factory=dict)
    closed_after: dict[str, str] = Field(default_factory=dict)
    fillers: str = ""
    digits: str = ""
    back_channels: str = ""
    questions: str = ""
    requests: str = ""
    question_mark: str = ""
    you_can_say: str = ""
    or_else: str = ""
    sorry: str = ""
    goodbye: str = ""
    cut_off: str = ""
    spelling: SpellingFile = Field(default_factory=SpellingFile)

    @validator("*", pre=True)
    def _of_text(cls, value: Any) -> Any:
        texts = _texts(value)
        if not all(isinstance(text, str) for text in texts):
            raise ValueError("YAML takes a bare number, yes, no, on or off for something else than text; quote it")
        return value

    @validator("*")
    def _of_regular_expressions(cls, value: Any, field: Any) -> Any:
        if isinstance(value, SpellingFile):
            return value
        listed = [*value, *value.values()] if isinstance(value, dict) else [value]
        for item in " ".join(listed).split() if field.name not in _SENTENCES else ():
            try:
                re.compile(item)
            except re.error as error:
                raise ValueError(f"'{item}' is not a regular expression ({error})") from error
        return value


@functools.lru_cache(maxsize=1)
def languages_known() -> frozenset[str]:
    """Return the ISO 639-1 codes of the languages that have a file."""
    return frozenset(file.stem for file in _HERE.glob("*.yml"))


def lexicon_of(language: str | None) -> Lexicon:
    """Return what is known of a language.

    Args:
        language: ISO 639-1 code, with or without a country; None: English.

    Returns:
        A lexicon that is all but empty where the language has no file.

    Raises:
        ConfigurationError: a file has a key that does not exist, or a wrong regular expression.
    """
    code = base_language(language or _USUAL)
    return _read(code if code in languages_known() else "")


@functools.cache  # of the languages that there are, and of all others together
def _read(code: str) -> Lexicon:
    file = _HERE / f"{code}.yml"
    given = parse_options(_File, read_yaml(file) if code else {}, where=file.name)
    if given.back_channels:
        words, phrases = _told_apart(given.back_channels)
    else:
        english = _read(_USUAL)
        words, phrases = english.back_channels, english.back_channel_phrases
    polite = f"(?!.* {_any_of(given.requests)}$)" if given.requests else ""
    return Lexicon(
        turns=_turn_words(given) if given.open else None,
        back_channels=words,
        back_channel_phrases=phrases,
        questions=re.compile(rf"{_any_of(given.questions)}\b{polite}") if given.questions else _NEVER,
        spelling=spelling_of(given.spelling),
        **given.dict(include=set(_SENTENCES)),
    )


def _texts(value: Any) -> list[Any]:
    """Return what stands in a value of YAML, its keys too."""
    if not isinstance(value, dict):
        return [value]
    return [text for key, inner in value.items() for text in (key, *_texts(inner))]


def _turn_words(given: _File) -> TurnWords:
    right_after = [rf"(?:^| ){_any_of(before)} {_any_of(last)}$" for last, before in given.closed_by.items()]
    after = [rf"(?:^| ){_any_of(before)} (?:.* )?{_any_of(last)}$" for last, before in given.closed_after.items()]
    return TurnWords(
        open=re.compile(rf"(?:^| ){_any_of(given.open)}$"),
        open_but_not_alone=frozenset(given.open_but_not_alone.split()),
        closed=tuple(map(re.compile, [*right_after, *after])),
        fillers=re.compile(rf"(?<![\w'])(?:{_any_of(given.fillers)})\W*$") if given.fillers else _NEVER,
        digits=frozenset(given.digits.split()),
    )


def _told_apart(listed: str) -> tuple[frozenset[str], re.Pattern[str]]:
    """Return the plain words of a list, and a pattern of its phrases."""
    words = frozenset(item for item in listed.split() if item.isalpha())
    phrases = [item for item in listed.split() if item not in words]
    return words, re.compile(rf"\b{_any_of(phrases)}\b") if phrases else _NEVER


def _any_of(listed: str | Iterable[str]) -> str:
    """Return a regular expression for any item of a list."""
    items = listed.split() if isinstance(listed, str) else listed
    return f"(?:{'|'.join(items)})".replace("_", " ")
