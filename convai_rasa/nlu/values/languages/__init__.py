"""The languages that are read, and what surrounds values in each."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.numerals import NumberWords
from convai_rasa.nlu.values.shared_rules import Literals
from convai_rasa.nlu.values.spelled import SpellingWords
from convai_rasa.nlu.values.words import fold


@dataclass(frozen=True)
class Language:
    """What a language has around its values.

    Attributes:
        rules: each adds some of them to a grammar.
        numbers: its number words.
        style: how it writes dates and times.
        fillers: words that say nothing about a value.
        corrections: words that announce another value; ``strong`` ones are enough alone.
        taken_back: what stands before a value that is not meant.
        everyday: words that are a moment only where one was asked for, or with others: "may", "sat".
        binds_before, binds_after: beside them a value is a piece of something larger.
    """

    rules: Sequence[Callable[[Grammar], None]]
    numbers: NumberWords
    style: Literals
    fillers: frozenset[str]
    corrections: frozenset[str]
    strong: frozenset[str]
    taken_back: tuple[tuple[str, ...], ...]
    binds_before: frozenset[str]
    binds_after: frozenset[str]
    spelling: SpellingWords
    everyday: frozenset[str] = frozenset()

    def takes_back(self, before: Sequence[str], *, strongly: bool = False) -> bool:
        """Say whether the words before a value take it back: "not", "instead of".

        Args:
            before: from the value before.
            strongly: they may also correct that value, as "no" does in Spanish; then such a word does.
        """
        words = list(before)
        while words and words[-1] in self.fillers:
            words.pop()
        if strongly and words and words[-1] in self.strong:
            return False
        return any(tuple(words[-len(ending) :]) == ending for ending in self.taken_back)

    def corrects(self, between: Sequence[str]) -> bool:
        """Say whether the words between two values say that the second is meant in place of the first."""
        known = all(word in self.corrections or word in self.fillers for word in between)
        return known and any(word in self.strong for word in between)


_MODULES = {"de": "german", "en": "english", "es": "spanish", "fr": "french"}
LANGUAGES = frozenset(_MODULES)


@functools.cache
def language_of(name: str) -> Language:
    """Return a language by its two letters; each is loaded when its first text is read."""
    loaded: Language = importlib.import_module(f"{__name__}.{_MODULES[name]}").LANGUAGE
    return loaded


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, folded."""
    return frozenset(fold(word) for word in text.split())
