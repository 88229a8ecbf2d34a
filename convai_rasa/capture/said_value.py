"""The value that somebody spelled or said digit by digit.

A value covers what was said, or there is none: a word that nothing explains makes the whole text none.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Optional

from convai_rasa.capture.by_words import says_words
from convai_rasa.capture.email_addresses import email_in, with_at
from convai_rasa.capture.pieces import Piece, Sort
from convai_rasa.capture.said_names import name_in
from convai_rasa.capture.settling import pieces_of
from convai_rasa.capture.tokens import Token, split
from convai_rasa.errors import ConfigurationError
from convai_rasa.languages import Spelling, lexicon_of

# What a slot may wait for, as its key ``spoken`` names it.
KINDS = ("name", "spelled", "email", "phone", "number", "postcode", "date")
ON_KEYS = frozenset({"phone", "number", "postcode"})  # those that the keys of a telephone can say
_LONGEST = 500  # characters: more than an address spelled with a word for each letter
_PHONE_DIGITS = (6, 15)  # 15 is the most that E.164 has
_SENTENCE = 3  # words without a sign between them
_CODE_CHARACTERS = (2, 32)
_POSTCODE_CHARACTERS = (3, 10)
_UK = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})")
_UK_MISREAD = re.compile(r"([A-Z]{1,2}[0-9O][0-9A-Z]?)([0-9O][A-Z]{2})")
_Said = Optional[tuple[str, bool]]  # the value and whether it was spelled


@dataclass(frozen=True)
class Captured:
    """A value.

    Attributes:
        value: as it is written: ``john.smith@gmail.com``, ``5550123498``, ``Kowalczyk``, ``SW1A 1AA``.
        kind: one of ``KINDS``.
        spelled: whether it was said letter by letter, or digit by digit.
    """

    value: str
    kind: str
    spelled: bool


def check_kind(kind: object, *, slot: str) -> str:
    """Return the kind that a slot names.

    Raises:
        ConfigurationError: there is none of that name.
    """
    if isinstance(kind, str) and kind in KINDS:
        return kind
    close = difflib.get_close_matches(str(kind), KINDS, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(KINDS)}"
    raise ConfigurationError(f"The slot '{slot}' has the unknown kind 'spoken: {kind}' ({hint}).")


def read(kind: str, text: str, *, language: str = "en") -> Captured | None:
    """Return what a text says, whatever it is: there is a value or none, and no error.

    Args:
        kind: one of ``KINDS``; a ``date`` is read by ``convai_rasa.nlu.values``, and never here.
        text: as a recognizer writes it, or typed.
        language: ISO 639-1 code; in one whose file says nothing about spelling, English words are looked for.

    Raises:
        ConfigurationError: there is no such kind.
    """
    check_kind(kind, slot=kind)
    if len(text) > _LONGEST or kind == "date":
        return None
    spelling = spelling_in(language)
    tokens = trimmed(split(text), spelling)
    if not tokens:
        return None
    found = _READERS[kind](tokens, spelling)
    return Captured(found[0], kind, found[1]) if found else None


def known_spelling(language: str | None) -> Spelling | None:
    """Return how a language spells; None where that is not known."""
    return None if language is None else lexicon_of(language).spelling


def spelling_in(language: str | None) -> Spelling:
    """Return how a language spells, English where that is not known."""
    spelling = known_spelling(language) or known_spelling("en")
    assert spelling is not None  # en.yml has it
    return spelling


def trimmed(tokens: list[Token], spelling: Spelling) -> list[Token]:
    """Return tokens without what people say around a value: "my number is", "thank you"."""
    low = [token.low for token in tokens]
    start, end = 0, len(tokens)
    while start < end and (length := spelling.at("before", low, start)):
        start += length
    changed = True
    while changed:
        changed = False
        for phrase in spelling.phrases.get("after", ()):
            if start < end and tuple(low[max(start, end - len(phrase)) : end]) == phrase:
                end, changed = end - len(phrase), True
    return tokens[start:end]


def characters(pieces: Sequence[Piece]) -> str | None:
    """Return the letters, digits and signs that were said one by one; None where a word is among them."""
    if any(piece.sort is Sort.WORD for piece in pieces):
        return None
    return "".join(piece.text for piece in pieces)


def _codes(tokens: list[Token], spelling: Spelling) -> str | None:
    pieces = pieces_of(_whole_codes(tokens, spelling), spelling, codes=True)
    start = max((place + 1 for place, piece in enumerate(pieces) if piece.sort is Sort.AGAIN), default=0)
    if 0 < start < len(pieces) and all(piece.sort is Sort.WORD for piece in pieces[: max(0, start - 1)]):
        pieces = pieces[start:]
    elif pieces and pieces[0].sort is Sort.WORD:
        spelled = characters(pieces[1:]) or ""
        return spelled if spelled.casefold() == pieces[0].text.casefold() else None
    return characters(pieces)


def _whole_codes(tokens: list[Token], spelling: Spelling) -> list[Token]:
    """Cut apart what was written as one: BR34X, SW1A, ABC."""
    cut: list[Token] = []
    for token in tokens:
        known = (token.low,) in spelling.alphabet or (token.low,) in spelling.letters or token.low in spelling.numbers
        capitals = token.raw.isalpha() and token.raw.isupper() and 1 < len(token.raw) <= 6
        if capitals and not known:
            cut += [Token(letter, letter.lower(), True) for letter in token.raw]
        else:
            cut.append(token)
    return cut


def _code(tokens: list[Token], spelling: Spelling) -> str:
    return re.sub(r"[-./ ]", "", _codes(tokens, spelling) or "").upper()


def _phone(tokens: list[Token], spelling: Spelling) -> _Said:
    digits = _code(tokens, spelling).replace("O", "0")
    plus, digits = digits[:1] == "+", digits.removeprefix("+")
    fits = digits.isdecimal() and _PHONE_DIGITS[0] <= len(digits) <= _PHONE_DIGITS[1]
    return ("+" * plus + digits, True) if fits else None


def _number(tokens: list[Token], spelling: Spelling) -> _Said:
    code = _code(tokens, spelling)
    digits = sum(character.isdecimal() for character in code)
    if not (code.isalnum() and digits and _CODE_CHARACTERS[0] <= len(code) <= _CODE_CHARACTERS[1]):
        return None
    return code.replace("O", "0") if digits + code.count("O") == len(code) else code, True


def _spelled(tokens: list[Token], spelling: Spelling) -> _Said:
    said = (_codes(tokens, spelling) or "").upper()
    fits = _CODE_CHARACTERS[0] <= len(said) <= 2 * _CODE_CHARACTERS[1] and any(sign.isalnum() for sign in said)
    return (said, True) if fits else None


def _postcode(tokens: list[Token], spelling: Spelling) -> _Said:
    code = _code(tokens, spelling)
    if not (code.isalnum() and _POSTCODE_CHARACTERS[0] <= len(code) <= _POSTCODE_CHARACTERS[1]):
        return None
    misread = _UK_MISREAD.fullmatch(code)
    if misread and not _UK.fullmatch(code):
        outward, inward = misread.groups()
        code = outward[:-1] + outward[-1].replace("O", "0") + inward[0].replace("O", "0") + inward[1:]
    british = _UK.fullmatch(code)
    if british:
        return " ".join(british.groups()), True
    code = code.replace("O", "0") if re.fullmatch("[0-9O]+", code) else code
    return (code, True) if any(character.isdecimal() for character in code) else None


def _email(tokens: list[Token], spelling: Spelling) -> _Said:
    tokens = with_at(tokens, spelling)
    if not says_words(tokens, spelling) and _is_sentence(tokens, spelling):
        return None
    return email_in(pieces_of(tokens, spelling, codes=False))


def _is_sentence(tokens: list[Token], spelling: Spelling) -> bool:
    """Whether words run on that no address has: "my account is john"."""
    run = common = 0
    for token in tokens:
        word = token.raw.isalpha() and len(token.raw) > 1 and (token.low,) not in spelling.signs
        run, common = (run + 1, common + spelling.is_all("no_name", [token.low])) if word else (0, 0)
        if run >= _SENTENCE and common:
            return True
    return False


_READERS: dict[str, Callable[[list[Token], Spelling], _Said]] = {
    "name": name_in,
    "spelled": _spelled,
    "email": _email,
    "phone": _phone,
    "number": _number,
    "postcode": _postcode,
}
