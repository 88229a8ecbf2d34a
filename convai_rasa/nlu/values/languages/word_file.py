"""Reads the file of a language: its words, of which its module makes rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.languages import Language, common, word_set
from convai_rasa.nlu.values.numerals import NumberWords
from convai_rasa.nlu.values.shared_rules import Literals
from convai_rasa.nlu.values.spelled import SpellingWords

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # both take every word for a text, "no" and "on" too
_FRACTION = re.compile(r"-?\d+(?:/\d+)?")
_DATE = re.compile(r"(\d+)-(\d+)")


@dataclass(frozen=True)
class WordFile:
    """The words of a language, folded; each attribute is a key of the file.

    Attributes:
        lexicons: by category of the grammar, words with a meaning each: a name, a number or a fraction.
        days: patterns of rules, and so many days after today.
        feasts: patterns, and month and day.
        easter: patterns, and so many days after Easter Sunday.
        parts: patterns, and parts of the day.
        at_parts: the same, for what only stands beside a time or a day.
        names: words that stand in several patterns of ``people``, as ``{name}``.
        noted: what ``common.add_noted_rules`` takes.
        ranges: the same for ``add_ranges``.
        open: for ``add_open_rules``.
        people: for ``add_people``.
        spelling: for ``SpellingWords``; words between spaces.
        fillers: see ``Language``, as for all that follow.
    """

    lexicons: Mapping[str, Mapping[str, str | int | Fraction]]
    days: Mapping[str, int]
    feasts: Mapping[str, tuple[int, int]]
    easter: Mapping[str, int]
    noted: Mapping[str, str]
    ranges: Mapping[str, Any]
    open: Mapping[str, Any]
    people: Mapping[str, Any]
    spelling: Mapping[str, Any]
    fillers: str
    corrections: str
    strong: str
    taken_back: Sequence[str]
    binds_before: str
    binds_after: str
    everyday: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    at_parts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def language(
        self, *rules: Callable[[Grammar], None], numbers: NumberWords, style: Literals | None = None
    ) -> Language:
        """Return the language with its own rules and number words; ``style`` where it differs from most."""
        spelling = self.spelling
        return Language(
            rules=(self._add_lexicons, *rules, self._add_common_rules),
            numbers=numbers,
            style=style or Literals(),
            fillers=word_set(self.fillers),
            corrections=word_set(self.corrections),
            strong=word_set(self.strong),
            taken_back=_phrases(self.taken_back),
            binds_before=word_set(self.binds_before),
            binds_after=word_set(self.binds_after),
            everyday=word_set(self.everyday),
            spelling=SpellingWords(
                example=_phrases(spelling["example"]),
                times=spelling["times"],
                signs=spelling["signs"],
                capital=word_set(spelling.get("capital", "")),
                skipped=word_set(spelling["skipped"]),
                before=word_set(spelling["before"]),
                remarks=_phrases(spelling.get("remarks", ())),
            ),
        )

    def _add_lexicons(self, grammar: Grammar) -> None:
        for category, meanings in self.lexicons.items():
            grammar.lexicon(category, meanings)

    def _add_common_rules(self, grammar: Grammar) -> None:
        common.add_noted_rules(grammar, **self.noted)
        common.add_ranges(grammar, **self.ranges)
        common.add_open_rules(grammar, **self.open)
        people = {key: _with_names(said, self.names) for key, said in self.people.items()}
        common.add_people(grammar, **people)


def read_words(language: str) -> WordFile:
    """Read the file of a language by its two letters."""
    file = Path(__file__).with_name(f"{language}.yml")
    return WordFile(**_meaning(yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)))


def _meaning(written: Any) -> Any:
    """Return what was written with numbers, fractions, months with their days, and yes or no for what they are."""
    if isinstance(written, dict):
        return {key: _meaning(value) for key, value in written.items()}
    if isinstance(written, list):
        return [_meaning(value) for value in written]
    if match := _DATE.fullmatch(written):
        return int(match[1]), int(match[2])
    if _FRACTION.fullmatch(written):
        return Fraction(written) if "/" in written else int(written)
    return {"true": True, "false": False}.get(written, written)


def _with_names(said: Any, names: Mapping[str, str]) -> Any:
    return [each.format(**names) for each in said] if isinstance(said, list) else said.format(**names)


def _phrases(listed: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in listed)
