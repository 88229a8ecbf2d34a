"""A message taken apart into its sentences and questions: "do you have parking and what does the risotto cost"."""

from __future__ import annotations

import re

from phrases import Phrases

from .clauses import fronted, starts

MAX_PARTS = 6  # of one message; what comes after stays with the last part
SAID = Phrases(__file__)


def split(text: str) -> list[str]:
    """Return the parts of a message in order; one that has a single part comes back as it is."""
    text = text.replace("\u2019", "'")
    hello = SAID.hello.match(text)
    greeting, rest = (text[: hello.end()], text[hello.end() :]) if hello else ("", text)
    sentences = [
        SAID.if_comma.sub(r"\g<clause> ", sentence) for sentence in _cut(SAID.sentence_end, SAID.lead.sub("", rest))
    ]
    pieces = [piece for sentence in sentences for piece in _cut(SAID.joint, sentence)]
    pieces = [part for piece in pieces for part in _after_condition(piece)]
    pieces = [
        part for piece in pieces for part in (_cut(SAID.and_whether, piece) if SAID.wonders.search(piece) else [piece])
    ]
    pieces = [part for piece in pieces for part in _at(starts(piece), piece)]
    pieces = _with_what_they_are_about([greeting, *pieces] if greeting else pieces)
    found = [piece.strip(" ,;") for piece in pieces if not SAID.alone.match(piece)]
    if len(found) > MAX_PARTS:
        found = [*found[: MAX_PARTS - 1], " ".join(found[MAX_PARTS - 1 :])]
    return found if len(found) > 1 else [text]


def _at(places: list[int], text: str) -> list[str]:
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


def _with_what_they_are_about(pieces: list[str]) -> list[str]:
    """Join "your tiramisu" and "would that be safe" again, which are one question."""
    joined: list[str] = []
    for piece in pieces:
        if joined and (fronted(joined[-1], piece) or SAID.only_doubts.match(piece)):
            joined[-1] = f"{joined[-1].rstrip(' ,')}, {piece.lstrip()}"
        else:
            joined.append(piece)
    return joined


def _after_condition(piece: str) -> list[str]:
    found = SAID.condition_then_question.search(piece)
    if not found or SAID.asks.match(piece):
        return [piece]
    return [piece[: found.start("joint")], piece[found.end("joint") :]]


def _cut(where: re.Pattern[str], text: str) -> list[str]:
    """Cut a text; a question keeps its question mark."""
    pieces, start = [], 0
    for match in where.finditer(text):
        mark = "?" if "?" in match[0] else ""
        pieces.append(f"{text[start : match.start()]}{mark}")
        start = match.end()
    return [*pieces, text[start:]]
