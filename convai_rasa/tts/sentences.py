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
    if len(sentence) <= _LONGEST:
        return [sentence] if sentence else []
    head = sentence[:_LONGEST]
    commas = [match.start() for match in _CLAUSE.finditer(head)]
    cut = commas[-1] if commas and commas[-1] > _LONGEST // 3 else head.rfind(" ")
    cut = cut if cut > 0 else _LONGEST
    return [sentence[:cut].strip(), *_cut(sentence[cut:].strip())]
