"""What a voice has to do for a text: sentences ready for the ear, and silences, in order."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Iterator, List, Optional, Tuple, Union

import numpy as np

from convai_rasa.tts.text.normalise import normalise
from convai_rasa.tts.text.say_as import say_as
from convai_rasa.tts.text.ssml import Break, Span, parse

BETWEEN_SENTENCES_S = 0.2  # the voice itself ends each with a short silence
_END = re.compile(r"(?<=[.!?…])[\"')\]]*\s+|\n+")
_CLAUSE = re.compile(r"(?<=[,;:])\s+")
_LONGEST = 240  # characters, about 15 s of speech; a longer sentence is cut at a comma, then at a space


@dataclass(frozen=True)
class Sentence:
    """Normalised words; ``rate`` is the pace relative to the rest, 2.0 twice as fast."""

    text: str
    rate: float = 1.0


@dataclass(frozen=True)
class Pause:
    """Silence, in seconds."""

    seconds: float

    def sound(self, sample_rate: int) -> np.ndarray:
        """Return it as int16 samples of shape (n,)."""
        return np.zeros(int(self.seconds * sample_rate), np.int16)


Step = Union[Sentence, Pause]


def script(text: str, language: str = "en") -> List[Step]:
    """Return what to do for a text; nothing when there is nothing in it to say.

    Args:
        text: as written for the eye, with or without SSML.
        language: ISO 639-1 code of the words in it.
    """
    return list(_script(text, language))


@functools.lru_cache(maxsize=256)  # replies recur
def _script(text: str, language: str) -> Tuple[Step, ...]:
    steps: List[Step] = []
    gap: Optional[float] = None  # silence before the next sentence; None: before the first there is none by itself
    spoken = False
    for part in _parts(text, language):
        if isinstance(part, Pause):
            gap = part.seconds if gap is None or spoken else gap + part.seconds
            spoken = False
            continue
        for sentence in split_sentences(normalise(part.text, language)):
            if gap:
                steps.append(Pause(gap))
            steps.append(Sentence(sentence, part.rate))
            gap, spoken = BETWEEN_SENTENCES_S, True
        if spoken and isinstance(steps[-1], Sentence) and steps[-1].text[-1] not in ".!?…:":
            gap = 0.0  # the pace changes in the middle of a sentence
    if gap and not spoken and steps:
        steps.append(Pause(gap))
    return tuple(steps)


def _parts(text: str, language: str) -> Iterator[Union[Sentence, Pause]]:
    """Join neighbouring spans of one pace, so that a sentence stays whole around a ``<say-as>``."""
    joined: List[str] = []
    rate = 1.0
    for piece in parse(text):
        if isinstance(piece, Span) and (piece.rate == rate or not piece.text.strip()):
            joined.append(_words(piece, language))
            continue
        yield Sentence("".join(joined), rate)
        joined = []
        if isinstance(piece, Break):
            yield Pause(piece.seconds)
        else:
            joined, rate = [_words(piece, language)], piece.rate
    yield Sentence("".join(joined), rate)


def _words(span: Span, language: str) -> str:
    if span.say_as is None:
        return span.text
    return say_as(span.text, span.say_as, detail=span.detail, language=language)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a normalised text, none of them empty or longer than 240 characters."""
    sentences = []
    for sentence in _END.split(text):
        sentences += _cut(sentence.strip())
    return sentences


def _cut(sentence: str) -> list[str]:
    pieces, start = [], 0
    while len(sentence) - start > _LONGEST:
        head = sentence[start : start + _LONGEST]
        commas = [match.start() for match in _CLAUSE.finditer(head)]
        cut = commas[-1] if commas and commas[-1] > _LONGEST // 3 else head.rfind(" ")
        start += cut if cut > 0 else _LONGEST
        pieces.append(head[:cut] if cut > 0 else head)
    pieces.append(sentence[start:])
    return [piece.strip() for piece in pieces if piece.strip()]
