"""The languages that are read: their words, numbers and rules, and what surrounds values in each. A file a language.

The keys of a file, whose words are folded:

- ``numbers``: for ``NumberWords``; ``20 by 10`` stands before words for 20, 30, …. Where numbers are written as one
  word, ``joint`` stands between units and tens, and ``endings`` behind ordinals.
- ``lexicons``: by category of the grammar, words with a meaning each: a name, a number, a fraction, month and day.
- ``joined``: the same for two words written as one, with what both mean.
- ``names``: words that stand in several patterns, as ``{name}``.
- ``tables``: words with a meaning each; a pattern with ``{table}`` stands for one with each of them, and its function
  gets what they mean behind all else.
- ``rules``: see ``shared.yml``.
- ``spelling``: for ``SpellingWords``; the others are attributes of ``Language``.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from convai_rasa.data_files import read_words
from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.meanings import ORDER, meaning
from convai_rasa.nlu.values.number_words import NumberWords, in_one_word
from convai_rasa.nlu.values.placed_words import fold
from convai_rasa.nlu.values.spelled_names import SpellingWords

LANGUAGES = frozenset({"de", "en", "es", "fr"})
_FRACTION = re.compile(r"-?\d+(?:/\d+)?")
_DATE = re.compile(r"(\d+)-(\d+)")
_LADDERS = ("small", "hundred", "scales", "ordinals")


@dataclass(frozen=True)
class Language:
    """What a language has around its values.

    Attributes:
        numbers: its number words.
        fillers: words that say nothing about a value.
        corrections: words that announce another value; ``strong`` ones are enough alone.
        taken_back: what stands before a value that is not meant.
        binds_before, binds_after: beside them a value is a piece of something larger.
        spelling: the words around letters.
        everyday: words that are a moment only where one was asked for, or with others: "may", "sat".
        style: how it writes dates: ``month_first``, so that 12/3 is the third of December, or with ``dotted_days``, so
            that "24.12." is one.
    """

    numbers: NumberWords
    fillers: frozenset[str]
    corrections: frozenset[str]
    strong: frozenset[str]
    taken_back: tuple[tuple[str, ...], ...]
    binds_before: frozenset[str]
    binds_after: frozenset[str]
    spelling: SpellingWords
    everyday: frozenset[str] = frozenset()
    style: frozenset[str] = frozenset()

    def takes_back(self, before: Sequence[str], *, strongly: bool = False) -> bool:
        """Say whether the words before a value, from the one before it, take it back: "not", "instead of".

        With ``strongly`` they may also correct that one, as "no" does in Spanish; then such a word does.
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


@functools.cache
def language_of(name: str) -> Language:
    """Return a language by its two letters; each is loaded when its first text is read."""
    file = file_of(name)
    around = ("fillers", "corrections", "strong", "taken_back", "binds_before", "binds_after", "everyday", "style")
    return Language(
        numbers=_numbers(file["numbers"]),
        spelling=SpellingWords(**{key: _words(value) for key, value in file["spelling"].items()}),
        **{key: _words(file[key]) for key in around if key in file},
    )


@functools.cache
def grammar_of(name: str) -> Grammar:
    """Return the grammar of a language by its two letters."""
    shared, own = file_of("shared"), file_of(name)
    grammar = Grammar({category: place for place, group in enumerate(ORDER) for category in group.split()})
    names: dict[str, str] = {}
    for key, words in (*shared["names"].items(), *own["names"].items()):
        names[key] = words.format(**names)
    for file in (shared, own):
        for category, meanings in file["lexicons"].items():
            grammar.lexicon(category, meanings)
        for category, (first, second) in file.get("joined", {}).items():
            for (one, meant), (other, too) in itertools.product(first.items(), second.items()):
                grammar.lexicon(category, {one + other: (meant, too)})
        _add_rules(grammar, file["rules"], names, file.get("tables", {}))
    return grammar


def _add_rules(
    grammar: Grammar, rules: Mapping[str, str | list[str]], names: Mapping[str, str], tables: Mapping[str, Any]
) -> None:
    for rule, patterns in rules.items():
        category, make, *more = rule.split()
        cost = int(more.pop().removeprefix("cost=")) if more and more[-1].startswith("cost=") else 0
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            for filled, meant in _filled(pattern, names, tables):
                grammar.rule(category, filled, meaning(make, (*map(_meant, more), *meant)), cost)


def _filled(pattern: str, names: Mapping[str, str], tables: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    table = next((key for key in tables if f"{{{key}}}" in pattern), None)
    if table is None:
        yield pattern.format(**names), ()
        return
    for words, meant in tables[table].items():
        yield pattern.format(**names, **{table: words.replace(" ", "|")}), (meant,)


@functools.cache
def file_of(name: str) -> Mapping[str, Any]:
    """Return the keys of a file of this folder, the words with a meaning."""
    words = read_words(Path(__file__).with_name(f"{name}.yml"))
    return {key: value if key == "rules" else _meant(value) for key, value in words.items()}


def _meant(written: Any) -> Any:
    """Return what was written with numbers, fractions, months with their days, and yes or no for what they are."""
    if isinstance(written, dict):
        return {key: _meant(value) for key, value in written.items()}
    if isinstance(written, list):
        return tuple(_meant(value) for value in written)
    if match := _DATE.fullmatch(written):
        return int(match[1]), int(match[2])
    if _FRACTION.fullmatch(written):
        return Fraction(written) if "/" in written else int(written)
    return {"true": True, "false": False}.get(written, written)


def _numbers(written: Mapping[str, Any]) -> NumberWords:
    ladders: dict[str, Any] = {key: dict(_steps(written.get(key, {}))) for key in _LADDERS}
    sets: dict[str, Any] = {key: _words(written.get(key, "")) for key in ("one", "joins", "point", "zeros", "twenties")}
    after_ten = frozenset(written.get("after_ten", ()))
    numbers = NumberWords(**ladders, **sets, decimal=written.get("decimal", "."), after_ten=after_ten)
    return in_one_word(numbers, written["joint"], written["endings"].split()) if "joint" in written else numbers


def _steps(ladders: Mapping[Any, Any]) -> Iterator[tuple[str, int]]:
    """Yield number words with their numbers: those of ``20 by 10`` are 20, 30, …; those of ``20`` are 20 each."""
    for steps, texts in ladders.items():
        first, _, step = steps.partition(" by ")
        for text in [texts] if isinstance(texts, str) else texts:
            for place, word in enumerate(text.split()):
                yield word, int(first) + place * int(step or 0)


def _words(written: Any) -> Any:
    """Return the words of a text as a set, phrases of a list each with its words, and what has a meaning as it is."""
    if isinstance(written, str):
        return frozenset(fold(word) for word in written.split())
    return tuple(tuple(phrase.split()) for phrase in written) if isinstance(written, tuple) else written
