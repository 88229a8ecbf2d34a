"""What the general rules for text have to know about a language, read from its file."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from convai_rasa.data_files import read_words
from convai_rasa.options import Field, Options, parse_options, validator

_HERE = Path(__file__).parent


class Language(Options):
    """How a language reads what is written short; the keys of its file.

    Attributes:
        code: ISO 639-1; the name of the file.
        comma: the word for the decimal mark.
        digit_by_digit: whether decimals are read one by one, "drei Komma eins vier".
        one: "one" before a noun, masculine and feminine.
        feminine: endings of nouns that are feminine more often than not.
        to: between two numbers of a range.
        per: the slash of a unit or a price.
        out_of: the slash of a mark, "8/10".
        by: the cross of dimensions.
        minus: before a number.
        signs: a sign and the word for it.
        dot: in addresses.
        slash: in addresses.
        dash: in addresses.
        hour: after an hour of one, and after others; empty where none is said.
        and_minutes: between the hour and its minutes.
        months: January to December.
        month_names: how months are shortened, without the dot.
        days: how weekdays are shortened, without the dot, and their names.
        day: of a date; ``{day}``, ``{month}``.
        first: the first of a month.
        ordinal_days: whether the days of a date are ordinals.
        of_year: between a day and its year.
        ordinals: pattern of a written ordinal with a group ``number``, and perhaps ``feminine``.
        feminine_ordinal: last letters of an ordinal, and what they become in the feminine.
        abbreviations: with their dots, as they are written; none of them ends a sentence.
        before_numbers: the same, where a number follows.
        before_names: the same, where a name follows.
        units: as written; in the singular and the plural, or in both alike.
        fractions: ``½`` and its like.
        letters: names of the letters A to Z, with ``_`` for a space.
    """

    code: str
    comma: str
    digit_by_digit: bool = False
    one: Tuple[str, str]
    feminine: Tuple[str, ...] = ("a",)
    to: str
    per: str
    out_of: str
    by: str
    minus: str
    signs: Dict[str, str]
    dot: str
    slash: str
    dash: str
    hour: Tuple[str, str] = ("", "")
    and_minutes: str = " "
    months: Tuple[str, ...]
    month_names: Dict[str, int]
    days: Dict[str, str]
    day: str
    first: str = ""
    ordinal_days: bool = False
    of_year: str = " "
    ordinals: str
    feminine_ordinal: Tuple[str, str] = ("", "")
    abbreviations: Dict[str, str] = Field(default_factory=dict)
    before_numbers: Dict[str, str] = Field(default_factory=dict)
    before_names: Dict[str, str] = Field(default_factory=dict)
    units: Dict[str, Tuple[str, str]]
    fractions: Dict[str, str]
    letters: str

    @validator("units", pre=True)
    def _in_both_numbers(cls, units: Dict[str, Any]) -> Dict[str, Any]:
        return {unit: (said, said) if isinstance(said, str) else said for unit, said in units.items()}


@functools.lru_cache(maxsize=1)
def languages_known() -> frozenset[str]:
    """Return the ISO 639-1 codes of the languages that have a file."""
    return frozenset(file.stem for file in _HERE.glob("*.yml"))


@functools.cache
def language_of(code: str) -> Optional[Language]:
    """Return a language by its ISO 639-1 code; None where it has no file.

    Raises:
        ConfigurationError: a file lacks a key, or has one that does not exist.
    """
    if code not in languages_known():
        return None
    file = _HERE / f"{code}.yml"
    return parse_options(Language, {"code": code, **read_words(file)}, where=file.name)
