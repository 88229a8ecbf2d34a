"""How people of a language spell and say numbers: the key ``spelling`` of a language's file."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from convai_rasa.options import Field, Options

Phrase = tuple[str, ...]
_SIGNS = {"at": "@", "dot": ".", "dash": "-", "underscore": "_", "plus": "+", "slash": "/", "apostrophe": "'"}


def fold(word: str) -> str:
    """Return a word in lower case and without accents, as it is looked up; ß, which has none, becomes ss."""
    apart = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).casefold()


class SpellingFile(Options):
    """The key ``spelling`` as it is written."""

    letters: dict[str, str] = Field(default_factory=dict)
    alphabet: dict[str, str] = Field(default_factory=dict)
    also_names: str = ""
    numbers: dict[str, str] = Field(default_factory=dict)
    doubtful_numbers: str = ""
    number_joint: str = ""
    signs: dict[str, str] = Field(default_factory=dict)
    words: dict[str, str] = Field(default_factory=dict)
    sentences: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Spelling:
    """How a language spells; all words in lower case, without accents.

    Attributes:
        letters: by how they sound: "bee" is b.
        alphabet: by words that stand for them: "bravo" is b.
        says: by letter, the word that the bot itself uses.
        also_names: of those words, the ones that people are called.
        numbers: number words, from 0 to 90, 100 and 1000.
        doubtful_numbers: of them, those that mean something else unless they stand among digits.
        number_joint: what joins units and tens, "und" in "neunundvierzig".
        signs: characters by their names: "dot" is ".".
        phrases: by role, such as ``example`` for "as in"; the longest first.
        listed: the same in the order of the file, which counts for "first", "second", "third".
        sentences: what the bot says, by occasion, with ``{value}`` or ``{example}`` in them.
    """

    letters: Mapping[Phrase, str]
    alphabet: Mapping[Phrase, str]
    says: Mapping[str, str]
    also_names: frozenset[str]
    numbers: Mapping[str, int]
    doubtful_numbers: frozenset[str]
    number_joint: str
    signs: Mapping[Phrase, str]
    phrases: Mapping[str, tuple[Phrase, ...]]
    listed: Mapping[str, tuple[Phrase, ...]]
    sentences: Mapping[str, str]

    def at(self, role: str, words: list[str], place: int) -> int:
        """Return how many words from a place on are a phrase of this role, 0 where none is."""
        for phrase in self.phrases.get(role, ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                return len(phrase)
        return 0

    def is_all(self, role: str, words: list[str]) -> bool:
        """Whether words are one phrase of this role and nothing else."""
        return tuple(words) in self.phrases.get(role, ())


def spelling_of(file: SpellingFile) -> Spelling | None:
    """Return what a file says about spelling; None where it says nothing."""
    if not file.alphabet:
        return None
    return Spelling(
        letters={phrase: letter for letter, words in file.letters.items() for phrase in _phrases(words)},
        alphabet={phrase: letter for letter, words in file.alphabet.items() for phrase in _phrases(words)},
        says={letter: words.split()[0].replace("_", " ") for letter, words in file.alphabet.items()},
        also_names=frozenset(map(fold, file.also_names.split())),
        numbers={fold(word): int(number) for number, words in file.numbers.items() for word in words.split()},
        doubtful_numbers=frozenset(map(fold, file.doubtful_numbers.split())),
        number_joint=file.number_joint,
        signs={phrase: _SIGNS[name] for name, words in file.signs.items() for phrase in _phrases(words)},
        phrases={role: tuple(sorted(_phrases(words), key=len, reverse=True)) for role, words in file.words.items()},
        listed={role: tuple(_phrases(words)) for role, words in file.words.items()},
        sentences=file.sentences,
    )


def _phrases(words: str) -> list[Phrase]:
    return [tuple(fold(phrase).split("_")) for phrase in words.split()]
