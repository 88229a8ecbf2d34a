"""A text as a recognizer writes it, cut into words, single letters, runs of digits and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from convai_rasa.languages import fold

_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]|_")
_SEPARATED_BEFORE, _SEPARATED_AFTER = re.compile(r"(?:^|[,;.!?])\s*$"), re.compile(r"[,;.!?](?:\s|$)|\s*$")
_ONE_SIGN = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "−": "-", "‑": "-"})
_KEPT = frozenset("@.-_+/&#'")  # what else there is only separates
_MOST_TOGETHER = 3  # letters that a recognizer writes as one among single ones: "SM-I-T-H"
_FEWEST_SINGLE = 2  # in a chain of hyphens, for it to be spelled


@dataclass(frozen=True)
class Token:
    """A word, a letter, digits or a sign.

    Attributes:
        raw: as it is written.
        low: in lower case and without accents, to be looked up.
        glued: whether no space stands before it.
        first: whether a comma or a full stop stands before it, or nothing.
        last: the same for after it.
    """

    raw: str
    low: str
    glued: bool
    first: bool = False
    last: bool = False

    @property
    def is_letter(self) -> bool:
        """Whether it is one letter."""
        return len(self.raw) == 1 and self.raw.isalpha()


def split(text: str) -> list[Token]:
    """Return the tokens of a text, without what only separates: commas, hyphens between letters, full stops."""
    text = text.translate(_ONE_SIGN)
    found = [
        Token(
            match[0],
            fold(match[0]),
            match.start() > 0 and not text[match.start() - 1].isspace(),
            _SEPARATED_BEFORE.search(text[: match.start()]) is not None,
            _SEPARATED_AFTER.match(text, match.end()) is not None,
        )
        for match in _TOKEN.finditer(text)
    ]
    found = [token for token in found if token.raw[0].isalnum() or token.raw in _KEPT]
    return list(_without_separators(list(_apart(found))))


def _apart(tokens: list[Token]) -> Iterator[Token]:
    """Cut letters apart that were written together among spelled ones."""
    start = 0
    while start < len(tokens):
        end = start + 1
        while end + 1 < len(tokens) and tokens[end].raw in "-." and tokens[end].glued and tokens[end + 1].glued:
            end += 2
        chain = tokens[start:end]
        spelled = sum(len(token.raw) == 1 and token.raw.isalnum() for token in chain) >= _FEWEST_SINGLE
        for place, token in enumerate(chain):
            together = token.raw.isalpha() and 1 < len(token.raw) <= _MOST_TOGETHER
            if spelled and together and not _after_dot(chain, place):
                yield from (replace(token, raw=letter, low=fold(letter)) for letter in token.raw)
            else:
                yield token
        start = end


def _after_dot(chain: list[Token], place: int) -> bool:
    """Whether a token is the end of an address: ".com"."""
    return place > 0 and chain[place - 1].raw == "." and not any(token.raw == "-" for token in chain[place:])


def _without_separators(tokens: list[Token]) -> Iterator[Token]:
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else None
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        if token.raw == "'" or (token.raw in ".-" and not _is_sign(token, before, after)):
            continue
        yield token


def _is_sign(token: Token, before: Token | None, after: Token | None) -> bool:
    """Whether a full stop or a hyphen is a character of what was said."""
    if before is None or after is None or not after.glued or not before.raw.isalnum() or not after.raw.isalnum():
        return False
    if token.raw == "-":
        return token.glued and len(before.raw) > 1 and len(after.raw) > 1 and before.raw.isalpha()
    return not (before.is_letter and after.is_letter)
