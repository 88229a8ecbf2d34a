"""Known values in a text that no extractor marked: those that are there word for word, and those that sound like it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from convai_rasa.nlu.values import Word
from convai_rasa.nlu.vocabulary.mapper import Mapped, ValueMapper, decided
from convai_rasa.nlu.vocabulary.nearest import Nearest
from convai_rasa.nlu.vocabulary.pronunciation import is_vowel

# Marked by the bot's author more often than not: "can", which is a size somewhere, is mostly a verb.
_MOSTLY = 0.5
_NEAR = 0.3  # share of the sounds that may differ where no extractor has seen a value
_MOST_LISTENED_TO = 1_000  # values of an entity; of more, 2 ms for each place in the text
_MOST_PLACES = 24  # of a text that are compared by sound, 0.2 ms each
_REMEMBERED = 4_096  # groups of words: readings of one utterance have most of them in common

Span = tuple[int, int]  # places of characters, the end not included


@dataclass(frozen=True)
class Unmarked:
    """A value that no extractor marked, with its place in the text."""

    entity: str
    start: int
    end: int
    mapped: Mapped


class UnmarkedValues:
    """Finds known values that no extractor marked.

    Args:
        mapper: what the bot knows.
        marked: of each form the share of the times it is in the bot's sentences that it was marked; a form without is
            in none of them.
    """

    def __init__(self, mapper: ValueMapper, marked: Mapping[str, float]) -> None:
        self._mapper = mapper
        self._owner: dict[str, str | None] = {}  # of each form the entity; None: of two, so nobody can tell
        for entity in sorted(mapper.entities):
            for form in mapper.forms(entity):
                if marked.get(form, 1.0) >= _MOSTLY:
                    self._owner[form] = None if form in self._owner else entity
        self._longest = max((len(form.split()) for form in self._owner), default=0)
        few = [entity for entity in sorted(mapper.entities) if len(mapper.forms(entity)) <= _MOST_LISTENED_TO]
        self._listened_to = [(entity, form) for entity in few for form in mapper.forms(entity)]
        self._sounds = Nearest([sounds for entity in few for sounds in mapper.sounds(entity)], is_vowel)
        self._heard = functools.lru_cache(_REMEMBERED)(self._sounds_like)

    def find(
        self,
        words: Sequence[Word],
        rivals: Mapping[Span, float],
        taken: Iterable[Span],
        strange: Collection[str],
        margin: float,
    ) -> list[Unmarked]:
        """Return the values, none of which overlap.

        Args:
            rivals: where extractors marked values of such entities, each with how much of it agrees with a known one;
                a value that explains more of the text than all that it covers takes their place.
            taken: where they marked anything else; nothing is looked for there.
            strange: the words that none of the bot's sentences has: only what has one of them is compared by sound.
            margin: as ``ValueMapper.map`` has it.
        """
        taken = list(taken)
        free = [all(word.end <= start or word.start >= end for start, end in taken) for word in words]
        found = [*self._word_for_word(words, free), *self._by_sound(words, free, strange, margin)]
        chosen: list[Unmarked] = []
        # What explains most of the text: "ice mocha" is an iced mocha rather than a mocha.
        for one in sorted(found, key=lambda one: -one.mapped.confidence * (one.end - one.start)):
            overlapping = [span for span in rivals if span[0] < one.end and one.start < span[1]]
            explained = sum((end - start) * rivals[start, end] for start, end in overlapping)
            covers = all(one.start <= start and end <= one.end for start, end in overlapping)
            is_new = all(one.end <= other.start or one.start >= other.end for other in chosen)
            if is_new and covers and (one.end - one.start) * one.mapped.confidence > explained:
                chosen.append(one)
        return sorted(chosen, key=lambda one: one.start)

    def _word_for_word(self, words: Sequence[Word], free: Sequence[bool]) -> Iterator[Unmarked]:
        for first, last in _longest_first(free, self._longest):
            form = _form(words[first:last])
            entity = self._owner.get(form)
            if entity is not None:
                value = self._mapper.forms(entity)[form]
                yield Unmarked(entity, words[first].start, words[last - 1].end, Mapped(value, 1.0))

    def _by_sound(
        self, words: Sequence[Word], free: Sequence[bool], strange: Collection[str], margin: float
    ) -> Iterator[Unmarked]:
        places = [
            (first, last)
            for first, last in _longest_first(free, self._longest + 1)
            if any(word.text in strange for word in words[first:last])
        ]
        for first, last in places[:_MOST_PLACES]:
            heard = self._heard(_form(words[first:last]), margin)
            if heard is not None:
                entity, mapped = heard
                yield Unmarked(entity, words[first].start, words[last - 1].end, mapped)

    def _sounds_like(self, form: str, margin: float) -> tuple[str, Mapped] | None:
        """Return the entity and the value that some words sound like; None where it may be two entities' or nobody's.

        Unlike ``ValueMapper.map`` it completes no value of which only some words were said: where nobody marked one,
        most of it has to be there.
        """
        near = sorted((far, place) for place, far in self._sounds.search(self._mapper.sounds_of(form), _NEAR).items())
        found: dict[tuple[str, str], float] = {}
        for far, place in near:
            if found and far - min(found.values()) >= margin:
                break
            entity, other = self._listened_to[place]
            if self._mapper.may_stand_for(form, other):
                found.setdefault((entity, self._mapper.forms(entity)[other]), far)
        if len({entity for entity, _ in found}) != 1:
            return None
        entity = next(entity for entity, _ in found)
        return entity, decided({value: far for (_, value), far in found.items()})


def _form(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)


def _longest_first(free: Sequence[bool], longest: int) -> Iterator[tuple[int, int]]:
    """Yield the places of so many free words running, and of fewer; the long ones first, each from the left."""
    for length in range(min(longest, len(free)), 0, -1):
        for first in range(len(free) - length + 1):
            if all(free[first : first + length]):
                yield first, first + length


def marked_shares(
    sentences: Iterable[tuple[Sequence[Word], Sequence[Span]]], forms: Collection[str]
) -> dict[str, float]:
    """Return of each form that is said in sentences the share of the times that its author marked it.

    A form within a longer mark, "milk" in "soy milk", is none of its own.
    """
    wanted = frozenset(forms)
    longest = max((len(form.split()) for form in wanted), default=0)
    marked: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for words, spans in sentences:
        for first, last in _longest_first([True] * len(words), longest):
            form = _form(words[first:last])
            start, end = words[first].start, words[last - 1].end
            is_marked = (start, end) in spans
            if form in wanted and (is_marked or all(end <= other or start >= after for other, after in spans)):
                said[form] += 1
                marked[form] += is_marked
    return {form: marked[form] / times for form, times in said.items()}
