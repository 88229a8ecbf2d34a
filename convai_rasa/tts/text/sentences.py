"""Cutting normalised text into sentences, so that the first can be heard while the others are computed."""

from __future__ import annotations

import re

_END = re.compile(r"(?<=[.!?…])[\"')\]]*\s+|\n+")
_CLAUSE = re.compile(r"(?<=[,;:])\s+")
_LONGEST = 240  # characters, about 15 s of speech; a longer sentence is cut at a comma, then at a space


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
