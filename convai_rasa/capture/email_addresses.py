"""E-mail addresses, as they are said: "john, that's J-O-H-N, dot smith at gmail dot com"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace

from convai_rasa.capture.pieces import Piece, Sort
from convai_rasa.capture.tokens import Token
from convai_rasa.languages import Spelling

PROVIDERS = {  # what follows where only the name was said
    "gmail": ".com", "googlemail": ".com", "hotmail": ".com", "outlook": ".com", "yahoo": ".com", "icloud": ".com",
    "aol": ".com", "protonmail": ".com", "proton": ".me", "gmx": ".net", "web": ".de", "live": ".com", "msn": ".com",
    "mail": ".com", "fastmail": ".com", "zoho": ".com", "me": ".com", "t-online": ".de",
}  # fmt: skip
CERTAIN = tuple(name for name in PROVIDERS if len(name) > 4)  # too long to be anything else
_NEAR = 0.7  # similarity from which a domain is one of these, misheard: gmale, heartmail, outbook
_SAME = 0.5  # similarity of a word and what spells it
_FEWEST_SPELLED = 2
_SPELLED_MISHEARD = dict.fromkeys(("ol", "oll", "ohl", "ool", "0l", "ayoel"), "aol")
_MISHEARD_AT = frozenset({"h", "head", "hat", "add", "that", "app", "and", "an", "act", "et", "had"})
_ADDRESS = re.compile(r"[a-z0-9]+(?:[._+-]+[a-z0-9]+)*[_-]?@[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)+")
_ENDING = re.compile(r"\.[a-z]{2,}$")


def with_at(tokens: Sequence[Token], spelling: Spelling) -> list[Token]:
    """Put in the "at" that was not heard before a well-known provider, whose name is put together: "out look"."""
    names = {words[-1] for words, sign in spelling.signs.items() if sign == "@"} | {"@"}
    found: list[Token] = []
    for place, token in enumerate(tokens):
        joined = found[-1].low + token.low if found else ""
        if joined in CERTAIN:
            token = replace(found.pop(), raw=joined, low=joined, last=token.last)
        before = found[-1] if found else None
        if before is not None and token.low in CERTAIN and place > 1 and before.low not in names and before.raw != ".":
            if before.low in _MISHEARD_AT:
                found.pop()
            found.append(Token("@", "@", True))
        found.append(token)
    return found


def email_in(pieces: Sequence[Piece]) -> tuple[str, bool] | None:
    """Return the address that was said, and whether letters of it were spelled; None where there is none."""
    for place in range(len(pieces) - 1, -1, -1):
        if pieces[place].sort is Sort.AGAIN:
            whole = email_in(pieces[place + 1 :])
            if whole and _resembles(pieces[:place], whole[0]):
                return whole
    pieces = [piece for piece in pieces if piece.sort is not Sort.NOTHING]
    places = [place for place, piece in enumerate(pieces) if piece.text == "@" and piece.sort is Sort.SIGN]
    if len(places) != 1:
        return None
    local_pieces, domain_pieces = list(pieces[: places[0]]), list(pieces[places[0] + 1 :])
    said_again = next((n for n, piece in enumerate(domain_pieces) if piece.sort is Sort.AGAIN), None)
    if said_again is not None:  # "... at gmail dot com, that's J-O-H-N"
        spelled = _text(domain_pieces[said_again + 1 :])
        if difflib.SequenceMatcher(None, spelled, _text(local_pieces)).ratio() < _SAME:
            return None
        local_pieces, domain_pieces = domain_pieces[said_again + 1 :], domain_pieces[:said_again]
    local = "".join(_part(part) for part in _parts(local_pieces))
    address = f"{local}@{_domain(_text(domain_pieces))}".lower()
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        return None
    return address, any(piece.sort is Sort.LETTER for piece in local_pieces)


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(re.sub(r"[^\w@.+/-]", "", piece.text).lower() for piece in pieces)


def _resembles(pieces: Sequence[Piece], address: str) -> bool:
    said = _text([piece for piece in pieces if piece.sort is not Sort.AGAIN])
    nearest = max(
        difflib.SequenceMatcher(None, said, part).ratio()
        for part in (address, address.partition("@")[0], re.split("[._+@-]", address)[0])
    )
    return not said or nearest >= _SAME


def _parts(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Cut what stands before the @ where its signs are; each sign is a part of its own."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.sort is Sort.SIGN:
            parts += [[piece], []]
        else:
            parts[-1].append(piece)
    return parts


def _part(pieces: list[Piece]) -> str:
    """Return a part, once where a word was said and then spelled."""
    again = next((place for place, piece in enumerate(pieces) if piece.sort is Sort.AGAIN), None)
    if again is not None:
        return _text(pieces[again + 1 :])
    first = next((place for place, piece in enumerate(pieces) if piece.sort is Sort.LETTER), 0)
    word, spelled = _text(pieces[:first]), _text(pieces[first:])
    same = difflib.SequenceMatcher(None, word, spelled).ratio() >= _SAME and word[:1] == spelled[:1]
    return spelled if word and len(spelled) >= _FEWEST_SPELLED and same else word + spelled


def _domain(domain: str) -> str:
    name, _, ending = domain.partition(".")
    ending = "co.uk" if ending in ("com.uk", "code.uk", "coda.uk", "couk") else ending  # which nobody has
    name = _SPELLED_MISHEARD.get(name, name)
    near = difflib.get_close_matches(name, CERTAIN, n=1, cutoff=_NEAR)
    if near and name not in PROVIDERS:
        name = near[0]
    if not ending:
        glued = next((known for known in CERTAIN if name == known + PROVIDERS[known][1:]), None)  # gmail com
        return f"{glued}{PROVIDERS[glued]}" if glued else name + PROVIDERS.get(name, "")
    return f"{name}.{ending}" if _ENDING.search(f".{ending}") else ""
