"""``ValueMapper``: which of the values that a bot knows somebody meant, from how it is written and how it sounds."""

from __future__ import annotations

import bisect
import datetime as dt
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from convai_rasa.nlu.values import read
from convai_rasa.nlu.values.languages import LANGUAGES, language_of
from convai_rasa.nlu.vocabulary.nearest import Nearest
from convai_rasa.nlu.vocabulary.pronunciation import is_vowel, sounds_of, spoken_form

# A wrong letter weighs a third more than a wrong sound: "tall" is two letters of five from "small", and no slip.
_LETTER = 4 / 3
# Words that are the same say nothing about which value is meant, so of the others half has to be right: "oat milk" is
# no "soy milk".
_MOST_OF_WORDS = 0.5
_SHORT = 2  # letters: "a", "of"
_SURE_OF_A_PART = 0.7  # confidence in "light roast" where only "light" was said
_MOST_ALTERNATIVES = 5  # more is no question that anybody can answer
_MEANINGS = ("time", "quantity")  # what is written in several ways that do not sound alike: "7:30", "20 oz"
_MOST_READ = 1000  # values of one entity, 1 ms each
_MIDNIGHT = dt.datetime(2000, 1, 1)  # where "seven" is counted from: the same for what is known and what is said
_FILE = "vocabulary.json"
_Spelling = Callable[[str], Sequence[str]]  # a form as what is compared: its sounds, or its letters


@dataclass(frozen=True)
class Mapped:
    """What a text was led to.

    Attributes:
        value: the one that the bot knows; None where several are equally near.
        confidence: 1 minus the share of sounds or letters that differ, 0 to 1.
        alternatives: the values that are equally near, the nearest first; none where it is clear.
    """

    value: str | None
    confidence: float
    alternatives: tuple[str, ...] = ()


class _Known:
    """The values of one entity: each form in which they are said, with the value it stands for."""

    def __init__(self, values: Mapping[str, str], sounds: Sequence[Sequence[str]], language: str) -> None:
        self.forms = list(values)
        self.values = values
        self.sounds = Nearest(sounds, is_vowel)
        self.letters = Nearest([_letters(form) for form in values])
        self.meanings = _meanings(values, language)
        self._sorted = sorted(values)

    def begun_with(self, form: str) -> list[str]:
        """Return the values that go on behind the words of a text, "iced mocha" for "iced"; none where many do."""
        if len(form) <= _SHORT:
            return []
        first = bisect.bisect_left(self._sorted, f"{form} ")
        after = bisect.bisect_left(self._sorted, f"{form}!")  # the sign behind the space
        if after - first > _MOST_ALTERNATIVES:
            return []
        return sorted({self.values[longer] for longer in self._sorted[first:after]})


class ValueMapper:
    """Leads what was said to the values that a bot knows."""

    def __init__(self, values: Mapping[str, Mapping[str, str]], language: str = "en") -> None:
        """Learn how values are said.

        Args:
            values: of each entity the texts that people write, each with the value it stands for.
            language: two letters; in one without sounds or number words, letters decide.
        """
        self._language = language
        self._said = {entity: _said(texts, language) for entity, texts in values.items()}
        self._sounds = {form: self.sounds_of(form) for forms in self._said.values() for form in forms}

    @functools.cached_property
    def _known(self) -> dict[str, _Known]:
        return {name: _Known(forms, self.sounds(name), self._language) for name, forms in self._said.items()}

    @property
    def entities(self) -> frozenset[str]:
        """The entities whose values are known."""
        return frozenset(self._said)

    def map(
        self, entity: str, text: str, *, heard: bool = False, threshold: float = 0.4, margin: float = 0.05
    ) -> Mapped | None:
        """Return the value of an entity that a text, such as "ice mocha", most likely means; None where none is near.

        Args:
            heard: it was spoken, so that only its sounds count; what is typed is judged by its letters, too.
            threshold: the share of sounds that may differ, 0 to 1; of letters a quarter fewer.
            margin: by how much of their length the next value has to be farther away. One sound of the longest usual
                values, of twenty, is 0.05.
        """
        known, form = self._known.get(entity), spoken_form(text, self._language) or text.strip()
        if known is None or not form:
            return None
        same = known.values.get(form) or known.meanings.get(_meaning(form, self._language) if known.meanings else None)
        if same:
            return Mapped(same, 1.0)
        begun = known.begun_with(form)
        if len(begun) == 1:
            return Mapped(begun[0], _SURE_OF_A_PART)
        near = self._near(known, form, threshold, margin, heard) or dict.fromkeys(begun, 1 - _SURE_OF_A_PART)
        return decided(near) if near else None

    def forms(self, entity: str) -> Mapping[str, str]:
        """Return how the values of an entity are said, each with the value; empty for one that is not known."""
        return self._said.get(entity, {})

    def sounds(self, entity: str) -> Sequence[Sequence[str]]:
        """Return the sounds of each of ``forms``."""
        return [self._sounds[form] for form in self.forms(entity)]

    def sounds_of(self, form: str) -> Sequence[str]:
        """Return the sounds of what ``spoken_form`` returned."""
        return sounds_of(form, self._language)

    def _near(self, known: _Known, form: str, threshold: float, margin: float, heard: bool) -> dict[str, float]:
        """Return the nearest value and those within the margin behind it, each with the share of it that differs."""
        ways: list[tuple[_Spelling, Nearest, float]] = [(self.sounds_of, known.sounds, 1.0)]
        if not heard:
            ways.append((_letters, known.letters, _LETTER))
        places = [
            (far * weight, known.forms[place], spell)
            for spell, index, weight in ways
            for place, far in index.search(spell(form), threshold / weight).items()
        ]
        found: dict[str, float] = {}
        for far, other, spell in sorted(places, key=lambda place: place[0]):
            if found and far - min(found.values()) >= margin:
                break
            value = known.values[other]
            if value not in found and self.may_stand_for(form, other, spell):
                found[value] = far
        return found

    def may_stand_for(self, form: str, other: str, spell: _Spelling | None = None) -> bool:
        """Say whether a form may be a misheard other one that is near: its numbers, and the words that differ.

        ``spell`` makes of words what is compared; None for their sounds.
        """
        spell = spell or self.sounds_of
        if not _numbers_agree(form, other, self._language):
            return False
        one, two = _different_words(form.split(), other.split())
        if len(one) == len(form.split()):
            return True  # no word is the same, so the distance has judged them
        if not one or not two:
            return all(len(word) <= _SHORT for word in one)  # a word too many says something; one too few was not heard
        said, known = (spell(" ".join(words)) for words in (one, two))
        part = Nearest([known]) if spell is _letters else Nearest([known], is_vowel)
        return bool(part.search(said, _MOST_OF_WORDS))

    def with_values(self, values: Mapping[str, Mapping[str, str]]) -> ValueMapper:
        """Return a mapper that knows these values, too; see the constructor."""
        more = ValueMapper(values, self._language)
        for entity, forms in self._said.items():
            more._said[entity] = {**more._said.get(entity, {}), **forms}
        more._sounds |= self._sounds
        return more

    def save(self, folder: Path) -> None:
        """Write what was learned."""
        entities = {
            name: {"values": forms, "sounds": [" ".join(sounds) for sounds in self.sounds(name)]}
            for name, forms in self._said.items()
        }
        text = json.dumps({"language": self._language, "entities": entities}, ensure_ascii=False)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ValueMapper:
        """Read what ``save`` wrote."""
        stored = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        mapper = cls({}, stored["language"])
        for name, entity in stored["entities"].items():
            mapper._said[name] = entity["values"]
            mapper._sounds |= zip(entity["values"], (tuple(sounds.split()) for sounds in entity["sounds"]), strict=True)
        return mapper


def decided(near: Mapping[str, float]) -> Mapped:
    """Return the value that a text stands for, or the values between which nobody can tell.

    ``near`` has at least one, each with the share of it that differs.
    """
    ranked = sorted(near, key=lambda value: (near[value], value))
    confidence = round(1 - near[ranked[0]], 4)
    if len(ranked) == 1:
        return Mapped(ranked[0], confidence)
    return Mapped(None, confidence, tuple(ranked[:_MOST_ALTERNATIVES]))


def _letters(form: str) -> str:
    return form.replace(" ", "")


def _said(texts: Mapping[str, str], language: str) -> dict[str, str]:
    """Return the spoken form of each text; of two that are said alike the first counts, and an emoji is itself."""
    forms: dict[str, str] = {}
    for text, value in texts.items():
        form = spoken_form(text, language) or text.strip()
        if form and value.strip():
            forms.setdefault(form, value)
    return forms


def _different_words(one: list[str], other: list[str]) -> tuple[list[str], list[str]]:
    """Return two texts without the words with which both begin and end."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return one, other


def _meanings(values: Mapping[str, str], language: str) -> dict[tuple[str, str] | None, str]:
    if len(values) > _MOST_READ:
        return {}
    told = ((_meaning(form, language), value) for form, value in values.items())
    return {meaning: value for meaning, value in told if meaning}


@functools.lru_cache(4096)
def _meaning(form: str, language: str) -> tuple[str, str] | None:
    """Return the time of day or the quantity that a text tells: "half past seven" and "seven thirty" are one."""
    if not _numbers(form, language):
        return None
    for kind in _MEANINGS:
        found = read(form, kind, language=language, reference=_MIDNIGHT)
        if found:
            return str(found.value), str(found.info.get("unit", kind))
    return None


def _numbers_agree(form: str, other: str, language: str) -> bool:
    """Say whether one text may stand for another as far as their numbers go: sixteen ounces are not twelve.

    Sixty is heard for sixteen, which counts where other words are right; a bare number is what it says.
    """
    one, two = _numbers(form, language), _numbers(other, language)
    if not one or not two or one == two:
        return True
    bare = len(one) == len(form.split())
    return not bare and len(one) == len(two) and all(map(_alike, one, two))


def _alike(one: int, other: int) -> bool:
    low, high = sorted((one, other))
    return low == high or (13 <= low <= 19 and high == (low - 10) * 10)


@functools.lru_cache(16_384)
def _numbers(form: str, language: str) -> tuple[int, ...]:
    if language not in LANGUAGES:
        return tuple(int(word) for word in form.split() if word.isdecimal())
    known = language_of(language).numbers
    told = (int(word) if word.isdecimal() else known.small.get(word, known.compound(word)) for word in form.split())
    return tuple(number for number in told if number is not None)
