"""From tokens to pieces, each read by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from convai_rasa.capture.pieces import Piece, Sort, alike, fold_one
from convai_rasa.capture.tokens import Token
from convai_rasa.languages import Spelling


def meant_at(table: Mapping[tuple[str, ...], str], low: Sequence[str], place: int) -> tuple[str, int]:
    """Return what two words, or one, stand for in a table, and how many they are; 0 where they stand for nothing."""
    for phrase in (tuple(low[place : place + 2]), tuple(low[place : place + 1])):
        if phrase in table:
            return table[phrase], len(phrase)
    return "", 0


class Scan:
    """Reads letters, digits, signs and words of a text, each by itself."""

    def __init__(self, tokens: Sequence[Token], spelling: Spelling) -> None:
        self._tokens, self._spelling = tokens, spelling
        self._low = [token.low for token in tokens]

    def pieces(self) -> list[Piece]:
        """Return the pieces in order; some may be letters or words, as those beside them decide."""
        found: list[Piece] = []
        place, capital = 0, False
        while place < len(self._tokens):
            length = self._spelling.at("capital", self._low, place)
            if length:
                capital, place = True, place + length
                continue
            piece, place = self._many(place) or self._one(place)
            if capital and piece.sort is not Sort.NOTHING:
                piece, capital = replace(piece, text=piece.text[:1].upper() + piece.text[1:]), False
            found.append(piece)
        return found

    def _times(self, place: int) -> tuple[int, int]:
        """Return 2 for "double" and 3 for "triple", and how many words say so; 0 where none do."""
        for role, times in (("double", 2), ("triple", 3)):
            length = self._spelling.at(role, self._low, place)
            if length:
                return times, length
        return 1, 0

    def _many(self, place: int) -> tuple[Piece, int] | None:
        """Read "double L", "triple seven", "two Ls"."""
        if tuple(self._low[place : place + 2]) in self._spelling.letters and place + 1 < len(self._low):  # double u
            return None
        times, length = self._times(place)
        if length:
            return self._repeated(place + length, times)
        number = self._spelling.numbers.get(self._low[place]) or {"2": 2, "3": 3}.get(self._low[place], 0)
        return self._repeated(place + 1, number, only_plural=True) if number in (2, 3) else None

    def _repeated(self, place: int, times: int, *, only_plural: bool = False) -> tuple[Piece, int] | None:
        if place >= len(self._tokens):
            return None
        word = self._low[place].replace("'", "")
        if len(word) == 2 and word[1] == "s" and word[0].isalpha():
            return Piece(Sort.LETTER, word[0] * times, word), place + 1
        if only_plural:
            return None
        piece, after = self._one(place)
        text = piece.other or piece.text if piece.sort is Sort.DOUBTFUL and not piece.text.isdecimal() else piece.text
        if len(text) != 1 or piece.sort is Sort.SIGN:
            return None
        sort = Sort.LETTER if piece.sort in (Sort.ALPHABET, Sort.SOUND) else piece.sort
        return replace(piece, sort=sort, text=text * times, other=piece.other * times), after

    def _one(self, place: int) -> tuple[Piece, int]:
        token, spelling, low = self._tokens[place], self._spelling, self._low
        if not token.raw[0].isalnum():
            return Piece(Sort.SIGN, token.raw, token.raw), place + 1
        if token.is_letter:
            x_ray = spelling.alphabet.get(tuple(low[place : place + 2]))
            return (Piece(Sort.LETTER, x_ray, token.raw), place + 2) if x_ray else self._letter(place)
        if token.raw.isdecimal():
            return Piece(Sort.DIGIT, "".join(str(int(digit)) for digit in token.raw), token.raw), place + 1
        for role, sort in (("then_spelled", Sort.AGAIN), ("skipped", Sort.NOTHING)):
            length = spelling.at(role, low, place)
            if length:
                return Piece(sort, "", " ".join(low[place : place + length])), place + length
        sign, words = meant_at(spelling.signs, low, place)
        if words:
            return Piece(Sort.SIGN, sign, " ".join(low[place : place + words])), place + words
        return (
            self._number(place) or self._letter_in_words(place) or (Piece(Sort.WORD, token.raw, token.raw), place + 1)
        )

    def _letter(self, place: int) -> tuple[Piece, int]:
        """Read a letter, with the word that explains it."""
        token = self._tokens[place]
        letter = token.raw.lower() if len(token.raw.lower()) == 1 else token.raw
        for role in ("example", "perhaps_example"):
            at = place + 1 + self._spelling.at(role, self._low, place + 1)
            if at == place + 1 or at >= len(self._tokens) or not self._low[at].isalpha():
                continue
            word = self._low[at]
            known, words = meant_at(self._spelling.alphabet, self._low, at)
            if not known and word == token.low:  # "K for K": the word was not heard to its end
                return Piece(Sort.LETTER, letter, token.raw), at + 1
            if not known and (len(word) < 2 or role == "perhaps_example" or word in self._spelling.numbers):
                continue
            # A letter is heard wrong more often than a word.
            meant = known or (word[0] if alike(fold_one(letter), word[0]) else letter)
            return Piece(Sort.LETTER, letter if fold_one(letter) == meant else meant, token.raw), at + (words or 1)
        return Piece(Sort.LETTER, letter, token.raw), place + 1

    def _letter_in_words(self, place: int) -> tuple[Piece, int] | None:
        letter, words = meant_at(self._spelling.alphabet, self._low, place)
        if letter:
            return Piece(Sort.ALPHABET, letter, " ".join(self._low[place : place + words])), place + words
        letter, words = meant_at(self._spelling.letters, self._low, place)
        sort = Sort.LETTER if words == 2 else Sort.SOUND
        return (Piece(sort, letter, self._low[place]), place + words) if letter else None

    def _number(self, place: int) -> tuple[Piece, int] | None:
        """Read a number word, or several: "twenty two", "seven hundred"."""
        word, numbers = self._low[place], self._spelling.numbers
        number = numbers.get(word, self._joined_number(word))
        if number is None or number >= 100:
            return None
        if word in self._spelling.doubtful_numbers:
            letter = self._spelling.letters.get((word,), "")
            return Piece(Sort.DOUBTFUL, str(number), self._tokens[place].raw, letter), place + 1
        following = self._low[place + 1] if place + 1 < len(self._low) else ""
        after = numbers.get(following, 0)
        doubtful = following in self._spelling.doubtful_numbers
        tens = number >= 20 and number % 10 == 0
        if tens and 0 < after < 10 and not doubtful:
            return Piece(Sort.DIGIT, str(number + after), word), place + 2
        if tens and following == self._spelling.number_joint and place + 2 < len(self._low):
            unit = numbers.get(self._low[place + 2], 0)
            if 0 < unit < 10:
                return Piece(Sort.DIGIT, str(number + unit), word), place + 3
        if 0 < number < 10 and after in (100, 1000):
            more, end = self._and_more(place + 2)
            return Piece(Sort.DIGIT, str(number * after + more), word), end
        return Piece(Sort.DIGIT, str(number), word), place + 1

    def _and_more(self, place: int) -> tuple[int, int]:
        """Return the number in "and twelve" after hundreds, and the place after it; 0 where nothing is added."""
        joint = self._spelling.at("and_more", self._low, place)
        more = self._number(place + joint) if joint and place + joint < len(self._low) else None
        if more is None or len(more[0].text) > 2:
            return 0, place
        one_by_one = more[1] < len(self._low) and self._low[more[1]] in self._spelling.numbers
        return (0, place) if one_by_one else (int(more[0].text), more[1])

    def _joined_number(self, word: str) -> int | None:
        """Return the number of "neunundvierzig"."""
        joint = self._spelling.number_joint
        unit, _, tens = word.partition(joint) if joint and len(joint) > 1 else ("", "", "")
        numbers = self._spelling.numbers
        return numbers[tens] + numbers[unit] if unit in numbers and tens in numbers else None
