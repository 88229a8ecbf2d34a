"""How likely the bot's own sentences make a text: a small n-gram in which an entity's values stand for each other."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

_LONGER = 0.6  # weight of the longer of two contexts, as Jelinek and Mercer interpolate
_NEVER_SEEN = 0.1  # sightings that a word counts as having in any sentence
_WORDS = 20_000  # that people know; a word of no sentence is one of them
_START, _END = "<s>", "</s>"
_FILE = "sentences.json"
_Three = tuple[str, ...]


class Sentences:
    """Word trigrams of sentences, interpolated with bigrams and single words.

    Args:
        sentences: of each its words in spoken form; a value is one word, as ``value_of`` names its entity.
        counted: trigrams of others.
    """

    def __init__(
        self, sentences: Iterable[Sequence[str]] = (), counted: Mapping[_Three, int] = MappingProxyType({})
    ) -> None:
        self._three = Counter(counted)
        for sentence in sentences:
            self._three.update(_trigrams(sentence))
        self._two: Counter[tuple[str, str]] = Counter()
        self._one: Counter[str] = Counter()
        self._after_two: Counter[tuple[str, str]] = Counter()
        self._after_one: Counter[str] = Counter()
        for (first, second, third), times in self._three.items():
            self._two[second, third] += times
            self._one[third] += times
            self._after_two[first, second] += times
            self._after_one[second] += times
        self._total = sum(self._one.values())

    def plus(self, sentences: Iterable[Sequence[str]]) -> Sentences:
        """Return these sentences with more of them."""
        return Sentences(sentences, self._three)

    def __contains__(self, word: str) -> bool:
        """Whether a word is in any of the sentences."""
        return word in self._one

    def log_probability(self, words: Sequence[str]) -> float:
        """Return the natural logarithm of the probability of a sentence, which is as the constructor takes it."""
        return sum(math.log(self._probability(*three)) for three in _trigrams(words))

    def _probability(self, first: str, second: str, third: str) -> float:
        alone = (self._one[third] + _NEVER_SEEN) / (self._total + _NEVER_SEEN * _WORDS)
        two = _share(self._two[second, third], self._after_one[second])
        three = _share(self._three[first, second, third], self._after_two[first, second])
        return _LONGER * three + (1 - _LONGER) * (_LONGER * two + (1 - _LONGER) * alone)

    def save(self, folder: Path, more: Iterable[str] = ()) -> None:
        """Write what was learned, and for the voice channel all words of the bot, with those of ``more``."""
        words = sorted({word for word in self._one if not word.startswith("<")}.union(more))
        stored = {"words": words, "trigrams": {" ".join(three): times for three, times in self._three.items()}}
        (folder / _FILE).write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Sentences:
        """Read what ``save`` wrote; without sentences where there is nothing, as older models have it."""
        if not (folder / _FILE).is_file():
            return cls()
        stored = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return cls(counted={tuple(three.split(" ")): times for three, times in stored["trigrams"].items()})


def value_of(entity: str) -> str:
    """Return the word that stands for any value of an entity; no text has one like it."""
    return f"<{'_'.join(entity.split())}>"


def _trigrams(words: Sequence[str]) -> Iterable[_Three]:
    padded = (_START, _START, *words, _END)
    return zip(padded, padded[1:], padded[2:], strict=False)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
