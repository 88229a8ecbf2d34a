"""What the general rules for text have to know about a language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping, Tuple


@dataclass(frozen=True)
class Language:
    """How a language reads what is written short.

    Attributes:
        code: ISO 639-1.
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
        units: as written; in the singular and the plural.
        fractions: ``½`` and its like.
        halves: ``1/2`` and its like, by their two numbers.
        letters: names of the letters A to Z.
        year: whether a year has words of its own (num2words' "year").
    """

    code: str
    comma: str
    to: str
    per: str
    out_of: str
    by: str
    minus: str
    signs: Mapping[str, str]
    dot: str
    slash: str
    dash: str
    months: Tuple[str, ...]
    days: Mapping[str, str]
    day: str
    letters: str
    units: Mapping[str, Tuple[str, str]]
    fractions: Mapping[str, str]
    one: Tuple[str, str] = ("", "")
    feminine: Tuple[str, ...] = ("a",)
    digit_by_digit: bool = False
    hour: Tuple[str, str] = ("", "")
    and_minutes: str = " "
    month_names: Mapping[str, int] = field(default_factory=dict)
    first: str = ""
    ordinal_days: bool = False
    of_year: str = " "
    ordinals: str = ""
    feminine_ordinal: Tuple[str, str] = ("", "")
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    before_numbers: Mapping[str, str] = field(default_factory=dict)
    before_names: Mapping[str, str] = field(default_factory=dict)
