"""What is spelled with words alone: "Kilo, Oscar, Whiskey", "K for Kilo, he is an Echo".

The letter before a word, and what joins them, is misheard in many ways: "N as in November" becomes "and as in
November". So only the words count, and the signs and digits between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from convai_rasa.capture.likeness import nearest
from convai_rasa.capture.pieces import Piece, Sort
from convai_rasa.capture.scan import Scan, meant_at
from convai_rasa.capture.tokens import Token
from convai_rasa.languages import Spelling

# How far a word may sound from one of the alphabet to be it; and one between commas, which has to be something.
FAR, _FAR_ALONE = 0.15, 0.3
_SHORTEST, _SHORTEST_ALONE = 4, 3  # letters; in shorter ones nothing can be recognized
_FEWEST_WORDS = 3  # of an alphabet, for the whole to be spelled with them
_MOST_BETWEEN = 4  # words that a misheard "N as in" may become


def says_words(tokens: Sequence[Token], spelling: Spelling) -> bool:
    """Whether somebody spells with words: "Kilo, Oscar, Whiskey", "K for Kilo, he is an Echo"."""
    return letter_words(tokens, spelling) >= _FEWEST_WORDS


def letter_words(tokens: Sequence[Token], spelling: Spelling) -> int:
    """Return how many words of an alphabet there are."""
    low = [token.low for token in tokens]
    return sum(meant_at(spelling.alphabet, low, place)[1] > 0 for place in range(len(low)))


class WordScan(Scan):
    """Reads a spelling in which words stand for letters; see ``Scan``."""

    def pieces(self) -> list[Piece]:
        """Return the pieces in order."""
        found: list[Piece] = []
        between: list[Token] = []  # since the last piece
        place = 0
        at, end = self._address()
        while place < end:
            piece, after = self._piece_by_word(place, at)
            if piece is None:
                between.append(self._tokens[place])
                place += 1
                continue
            found += self._between(between, before=piece.sort, first=not found)
            between = []
            if piece.sort is not Sort.NOTHING:
                found.append(piece)
            place = after
        return found + self._between(between, before=None, first=not found)

    def _address(self) -> tuple[int, int]:
        """Return where the "at" of an address is, -1 where none is, and where the address ends.

        Before it "at" is a misheard "as"; after it the recognizer went on with the addresses of its prompt.
        """
        found = [place for place in range(len(self._low)) if self._sign(place)[0] == "@"]
        after_words = max(
            (n for n in range(len(self._low)) if meant_at(self._spelling.alphabet, self._low, n)[1]), default=-1
        )
        signs = [place for place in found if place > after_words]
        return (signs[0] if signs else -1), (signs[1] if len(signs) > 1 else len(self._low))

    def _piece_by_word(self, place: int, at: int) -> tuple[Piece | None, int]:
        low, spelling = self._low, self._spelling
        if 0 <= at < place:  # an address goes on in words
            return self._one(place)
        sign, length = self._sign(place)
        if sign and (sign != "@" or place == at):
            return Piece(Sort.SIGN, sign, low[place]), place + length
        times, length = self._times(place)
        letter, words = meant_at(spelling.alphabet, low, place + length)
        if length and words:
            return Piece(Sort.LETTER, letter * times, letter), place + length + words
        letter, words = meant_at(spelling.alphabet, low, place)
        if words:
            return Piece(Sort.LETTER, letter, " ".join(low[place : place + words])), place + words
        if self._tokens[place].is_letter:
            piece, after = self._letter(place)
            return (piece, after) if after > place + 1 else (None, place)
        again = spelling.at("then_spelled", low, place)
        if again and low[place] not in ("that's", "that"):
            return Piece(Sort.AGAIN, "", low[place]), place + again
        if self._tokens[place].raw.isdecimal():
            return self._one(place)
        number = self._number(place)
        if number is not None and (number[0].sort is Sort.DIGIT or self._among_digits(place)):
            return replace(number[0], sort=Sort.DIGIT), number[1]
        return self._misheard(place, numbers=at >= 0)

    def _misheard(self, place: int, *, numbers: bool) -> tuple[Piece | None, int]:
        """Return what a token sounds like: "Foxtrat", or two of them: "Fox strut"."""
        token = self._tokens[place]
        alone = self._begins(place) and self._ends(place)
        if self._spelling.is_all("no_name", [token.low]) or not token.raw.isalpha():
            return None, place
        single = self._nearest(token.low, alone=alone, numbers=numbers)
        if self._begins(place) and place + 1 < len(self._tokens) and self._ends(place + 1):
            after = self._low[place + 1]
            known = meant_at(self._spelling.alphabet, self._low, place + 1)[1] or self._sign(place + 1)[0]
            joined = self._nearest(token.low + after, alone=True) if after.isalpha() and not known else None
            if joined and (single is None or joined[1] < single[1]):
                return joined[0], place + 2
        return (single[0], place + 1) if single else (None, place)

    def _begins(self, place: int) -> bool:
        """Whether a token has a comma, a sign or a digit before it."""
        if self._tokens[place].first or place == 0:
            return True
        return self._sign(place - 1)[1] == 1 or self._tokens[place - 1].raw.isdecimal()

    def _ends(self, place: int) -> bool:
        """Whether a token has a comma, a sign or a digit after it."""
        after = place + 1
        if self._tokens[place].last or after >= len(self._tokens):
            return True
        return self._sign(after)[1] > 0 or self._tokens[after].raw.isdecimal()

    def _nearest(self, heard: str, *, alone: bool, numbers: bool = False) -> tuple[Piece, float] | None:
        """Return the letter, sign or digit whose word sounds most alike, and how far it is."""
        if len(heard) < (_SHORTEST_ALONE if alone else _SHORTEST):
            return None
        known = {word: Piece(Sort.LETTER, letter, word) for letter, word in self._spelling.says.items()}
        if alone:
            for words, sign in self._spelling.signs.items():
                if len(words) == 1 and len(words[0]) >= _SHORTEST:
                    known[words[0]] = Piece(Sort.SIGN, sign, words[0])
        if alone and numbers:
            for word, number in self._spelling.numbers.items():
                if number < 10 and word not in self._spelling.doubtful_numbers:
                    known[word] = Piece(Sort.DIGIT, str(number), word)
        found = nearest(heard, known, most=_FAR_ALONE if alone else FAR)
        return (known[found[0]], found[1]) if found else None

    def _among_digits(self, place: int) -> bool:
        beside = [n for n in (place - 1, place + 1) if 0 <= n < len(self._tokens)]
        return any(self._tokens[n].raw.isdecimal() or (self._number(n) or (None,))[0] for n in beside)

    def _between(self, tokens: list[Token], *, before: Sort | None, first: bool) -> list[Piece]:
        """Return what stands between two pieces and is no part of a word that explains a letter."""
        kept = [token for token in tokens if not self._spelling.is_all("skipped", [token.low])]
        if first and kept and len(kept[0].low) > 3 and not self._spelling.is_all("no_name", [kept[0].low]):
            return [Piece(Sort.WORD, token.raw, token.raw) for token in kept[:1]]
        if before is Sort.LETTER and len(kept) <= _MOST_BETWEEN:
            return []
        if before is Sort.DIGIT and [token.low for token in kept] == ["a"]:  # letters are said with words, so: eight
            return [Piece(Sort.DIGIT, "8", "a")]
        letters = [token for token in kept if token.is_letter]
        if len(letters) == 1 and len(kept) <= _MOST_BETWEEN:  # "K for K"
            return [Piece(Sort.LETTER, letters[0].raw.lower(), letters[0].raw)]
        return [Piece(Sort.WORD, token.raw, token.raw) for token in kept]

    def _sign(self, place: int) -> tuple[str, int]:
        if self._tokens[place].raw in "@._+-":
            return self._tokens[place].raw, 1
        return meant_at(self._spelling.signs, self._low, place)
