"""Where words are cut besides where spaCy cuts them, so that every annotation begins and ends with a word.

In "grade c." spaCy takes "c." for one word. A bot that annotates the "c" alone teaches here that a letter and the full
stop behind it are two; of messages nobody has seen, the same is then cut in the same places.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence

from convai_rasa.nlu.entities.spacy_examples import AnnotatedText

_LETTER, _DIGIT, _SYLLABLE = "a", "0", "c"
# Scripts that put no spaces between words, or whose endings are syllables of their own.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "BOPOMOFO")
_OF_ANY_WORD = 4  # letters: "versicherung" is cut off whatever stands before it, "s" only off what was annotated


@dataclass(frozen=True)
class Cuts:
    """What the annotations say about where words end.

    Attributes:
        between: pairs of kinds of characters with a cut between them: a letter, a digit, or a sign itself.
        within: of words, lower case, the offsets at which they are cut.
        heads: what stood before an annotation in the same word, lower case.
        tails: what stood behind one.
        stems: annotated words, lower case, which a short head or tail may be cut off.
    """

    between: Sequence[Sequence[str]] = ()
    within: Mapping[str, Sequence[int]] = field(default_factory=dict)
    heads: Sequence[str] = ()
    tails: Sequence[str] = ()
    stems: Sequence[str] = ()

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, ...]]:
        return frozenset(map(tuple, self.between))

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(self.stems)

    def apply(self, doc: Any) -> bool:
        """Cut the words of a spaCy document where they have to be, in place; returns whether any was cut."""
        if not self.between and not self.within:
            return False
        cut = [(token, places) for token in doc if (places := self.places(token.text))]
        if not cut:
            return False
        with doc.retokenize() as retokenizer:
            for token, places in cut:
                pieces = [token.text[start:end] for start, end in _spans(places, len(token))]
                retokenizer.split(token, pieces, heads=[(token, index) for index in range(len(pieces))])
        return True

    def places(self, word: str) -> list[int]:
        """Return the offsets at which a word is cut, in order."""
        if len(word) < 2:
            return []
        outer = [place for place in range(1, len(word)) if _pair(word, place) in self._pairs]
        inner = [start + place for start, end in _spans(outer, len(word)) for place in self._inside(word[start:end])]
        return sorted({*outer, *inner})

    def _inside(self, piece: str) -> Iterator[int]:
        word = _lower(piece)
        if word in self.within:
            yield from self.within[word]
            return
        for tail in self.tails:
            stem = word.removesuffix(tail)
            if stem and stem != word and (len(tail) >= _OF_ANY_WORD or stem in self._stems):
                yield len(stem)
                break
        for head in self.heads:
            stem = word.removeprefix(head)
            if stem and stem != word and (len(head) >= _OF_ANY_WORD or stem in self._stems):
                yield len(head)
                break


def learn_cuts(tokenize: Callable[[str], Any], texts: Iterable[AnnotatedText], known: Cuts = Cuts()) -> Cuts:
    """Find out which words have to be cut for all annotations to begin and end with one.

    ``tokenize`` makes a spaCy document of a text; cuts that are ``known`` from an earlier training stay.
    """
    inside = [
        (annotated.text, boundary, token)
        for annotated in texts
        for boundary, token in _boundaries_inside(tokenize(annotated.text), annotated)
    ]
    if not inside:
        return known
    pairs = {_pair(text, boundary) for text, boundary, _ in inside} - {(_LETTER, _LETTER), (_DIGIT, _DIGIT)}
    between = Cuts(sorted({*map(tuple, known.between), *pairs}))
    within: dict[str, set[int]] = defaultdict(set, {word: set(places) for word, places in known.within.items()})
    heads, tails = set(known.heads), set(known.tails)
    for text, boundary, (begin, finish) in inside:
        word = text[begin:finish]
        for start, end in _spans(between.places(word), len(word)):
            place = boundary - begin - start
            if 0 < place < end - start:
                piece = _lower(word[start:end])
                within[piece].add(place)
                heads.add(piece[:place])
                tails.add(piece[place:])
    stems = _edges(texts) if heads or tails else set()
    return Cuts(
        between.between,
        {word: sorted(places) for word, places in sorted(within.items())},
        _longest_first(heads - stems),
        _longest_first(tails - stems),
        sorted(stems | set(known.stems)),
    )


def _boundaries_inside(doc: Any, annotated: AnnotatedText) -> Iterator[tuple[int, tuple[int, int]]]:
    """Return each end of an annotation that lies inside a word, with that word's first character and the one after."""
    if not annotated.annotations:
        return
    words = [(token.idx, token.idx + len(token)) for token in doc]
    for annotation in annotated.annotations:
        for boundary in (annotation.start, annotation.end):
            yield from ((boundary, word) for word in words if word[0] < boundary < word[1])


def _edges(texts: Iterable[AnnotatedText]) -> set[str]:
    values = (_lower(one.text[mark.start : mark.end]).split() for one in texts for mark in one.annotations)
    return {word for words in values for word in (words[0], words[-1])}


def _lower(text: str) -> str:
    """Return lower-case letters, as many as there were: the one that Turkish dots would become two."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(low if len(low := one.lower()) == 1 else one for one in text)


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=lambda text: (-len(text), text))


def _spans(places: Sequence[int], length: int) -> list[tuple[int, int]]:
    return list(zip([0, *places], [*places, length], strict=True))


def _pair(text: str, place: int) -> tuple[str, str]:
    return _kind(text[place - 1]), _kind(text[place])


def _kind(character: str) -> str:
    if character.isascii():
        return _LETTER if character.isalpha() else _DIGIT if character.isdigit() else character
    category = unicodedata.category(character)
    if category[0] in "LM":
        return _SYLLABLE if unicodedata.name(character, "").startswith(_UNSPACED) else _LETTER
    if category[0] == "N":
        return _DIGIT
    return category if category == "So" else character  # all emoji are one kind
