"""Names, said or spelled: "Kowalczyk, that's K-O-W-A-L-C-Z-Y-K", "Smith with a Y"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from convai_rasa.capture.pieces import Piece, Sort, alike
from convai_rasa.capture.settling import pieces_of
from convai_rasa.capture.tokens import Token
from convai_rasa.languages import Spelling, fold

_MOST_WORDS = 6
_FEWEST_SPELLED = 2
_LONGEST_REMARK = 7  # words: "with two Ls at the end"
_SIGNS = ".'-"  # that names have
_SAME = 0.3  # similarity of a name as heard and as spelled: names are misheard badly
_PARTICLES = frozenset({
    "van", "von", "vom", "zu", "zum", "zur", "der", "den", "dem", "des", "de", "del", "della", "di", "da", "do", "dos",
    "das", "du", "la", "las", "los", "le", "ter", "ten", "te", "y", "e", "bin", "ibn", "al", "el",
})  # fmt: skip
# Written in place of each other in names that sound the same.
_WRITTEN_FOR = {
    "y": "i", "i": "y", "k": "c", "c": "k", "f": "ph", "ph": "f", "s": "z", "z": "s", "v": "f", "w": "v", "j": "g",
    "g": "j", "ie": "y", "ck": "k",
}  # fmt: skip

_SONS = {"e": "son", "o": "sen"}  # Anderson with an E


def name_in(tokens: Sequence[Token], spelling: Spelling) -> tuple[str, bool] | None:
    """Return a name, and whether it was spelled; None where what was said is none."""
    low = [token.low for token in tokens]
    for place in range(max(1, len(tokens) - _LONGEST_REMARK), len(tokens)):
        for role, present in (("without", False), ("with", True)):
            length = spelling.at(role, low, place)
            remark = _remark(tokens[place + length :], spelling) if length else ""
            found = name_in(tokens[:place], spelling) if remark else None
            if found:
                changed = written(found[0], remark, present=present)
                return (changed, True) if changed else None
    pieces = [piece for piece in pieces_of(tokens, spelling, codes=False) if piece.sort is not Sort.NOTHING]
    again = next((place for place, piece in enumerate(pieces) if piece.sort is Sort.AGAIN), None)
    if again is not None:
        said, spelled = _words(pieces[:again]), _letters(pieces[again + 1 :])
        if said is None or spelled is None:
            return None
        return _put_in(said, spelled), True
    one_by_one = [place for place, piece in enumerate(pieces) if piece.sort in (Sort.LETTER, Sort.SIGN)]
    if not one_by_one:
        return _said(pieces, spelling)
    first, last = one_by_one[0], one_by_one[-1]
    if any(piece.sort is Sort.SIGN and piece.text not in _SIGNS for piece in pieces):
        return None
    before, spelled = _words(pieces[:first]), _letters(pieces[first : last + 1])
    after = _words(pieces[last + 1 :])
    if before is None or after is None:
        return None
    if spelled is None or len(spelled) < _FEWEST_SPELLED:
        whole = _with_hyphens(pieces)
        return _said(whole, spelling) if sum(piece.sort is not Sort.SIGN for piece in pieces) > 1 else None
    if after and _likeness(" ".join(after), spelled) < _SAME:
        return None
    return _put_in(before, spelled), True


def written(name: str, letters: str, *, present: bool) -> str | None:
    """Return a name as a remark says it is written: "with a Y", "with two Ps", "without an H"; None: no telling.

    ``letters`` are those of the remark, in lower case, and are ``present`` in the name or not.
    """
    low = name.lower()
    if not present:
        places = [place for place in range(len(low)) if low.startswith(letters, place)]
        return name[: places[-1]] + name[places[-1] + len(letters) :] if places else None
    if letters in _SONS and low.endswith(_SONS[letters]):
        return name[:-2] + letters + name[-1]
    if letters in low:
        return name
    if len(letters) == 2 and letters[0] == letters[1] and letters[0] in low:
        place = low.rindex(letters[0])
        return name[:place] + _like(name[place], letters) + name[place + 1 :]
    other = _WRITTEN_FOR.get(letters)
    if other and low.count(other) == 1:
        place = low.index(other)
        return name[:place] + _like(name[place], letters) + name[place + len(other) :]
    return name + letters if letters in ("h", "e") else None


def _like(letter: str, letters: str) -> str:
    return letters.capitalize() if letter.isupper() else letters


def _remark(tokens: Sequence[Token], spelling: Spelling) -> str:
    """Return the letters of "a Y", "two Ps", "P H"; empty where there is more."""
    low = [token.low for token in tokens]
    if tokens and low[-2:] and spelling.at("missing_end", low, max(0, len(low) - 3)):
        tokens = tokens[:-3]
    pieces = [piece for piece in pieces_of(tokens, spelling, codes=True) if piece.sort is not Sort.NOTHING]
    fits = 0 < len(pieces) <= 2 and all(piece.sort is Sort.LETTER for piece in pieces)
    return "".join(piece.text.lower() for piece in pieces) if fits else ""


def _words(pieces: Sequence[Piece]) -> list[str] | None:
    """Return words of a name; None where something else is among them."""
    fits = len(pieces) <= _MOST_WORDS and all(piece.sort in (Sort.WORD, Sort.LETTER) for piece in pieces)
    return [piece.said for piece in pieces] if fits else None


def _letters(pieces: Sequence[Piece]) -> str | None:
    """Return a name that is spelled, with its capitals; None where more was said."""
    if not pieces or any(piece.sort not in (Sort.LETTER, Sort.SIGN) for piece in pieces):
        return None
    letters = "".join(piece.text for piece in pieces if piece.text != ".")
    return re.sub(f"(?<=[{_SIGNS}])[^{_SIGNS}]", lambda letter: letter[0].upper(), letters)


def _with_hyphens(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the words of a name, those with a hyphen between them as one: Smith-Jones; other signs are left out."""
    found: list[Piece] = []
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if piece.sort is Sort.SIGN:
            continue
        if found and before is not None and before.sort is Sort.SIGN and before.text == before.said == "-":
            joined = f"{found[-1].said}-{piece.said}"
            found[-1] = Piece(Sort.WORD, joined, joined)
        else:
            found.append(piece)
    return found


def _said(pieces: Sequence[Piece], spelling: Spelling) -> tuple[str, bool] | None:
    """Return a name that was only said."""
    words = _words(pieces)
    if not words or fold(words[-1]) in _PARTICLES or any(spelling.is_all("no_name", [fold(word)]) for word in words):
        return None
    return " ".join(_capital(word) for word in words), False


def _put_in(words: list[str], spelled: str) -> str:
    """Return the words with the one that was spelled in its right spelling."""
    name = spelled[:1].upper() + spelled[1:]
    if not words:
        return name
    if len(words) == 1 and words[0].casefold() == spelled.casefold() and spelled.islower():
        return _capital(words[0])  # letters tell nothing of the D in MacDonald
    places = sorted(range(len(words)), key=lambda place: (_likeness(words[place], spelled), place))
    whole = "".join(words)
    if len(words) == 1 or _likeness(whole, spelled) > _likeness(words[places[-1]], spelled):
        return name
    return " ".join(name if place == places[-1] else _capital(word) for place, word in enumerate(words))


def _likeness(word: str, spelled: str) -> float:
    first = 0.1 if alike(fold(word[:1]), fold(spelled[:1])) else 0.0
    return difflib.SequenceMatcher(None, fold(word), fold(spelled)).ratio() + first


def _capital(word: str) -> str:
    if fold(word) in _PARTICLES:
        return word.lower()
    if any(letter.isupper() for letter in word[1:]) and not word.isupper():
        return word[:1].upper() + word[1:]
    parts = word.split("-")
    return "-".join(part[:1].upper() + (part[1:].lower() if part.isupper() else part[1:]) for part in parts)
