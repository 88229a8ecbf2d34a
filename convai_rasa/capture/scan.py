"""From tokens to pieces, each read by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from convai_rasa.capture.pieces import Piece, Sort, alike, fold_one
from convai_rasa.capture.tokens import Token
from convai_rasa.languages import Spelling


def letter_word(low: Sequence[str], place: int, spelling: Spelling) -> tuple[str, int]:
    """Return the letter that a word or two stand for, and how many they are; 0 where they stand for none."""
    for words in (2, 1):
        letter = spelling.alphabet.get(tuple(low[place : place + words]))
        if letter:
            return letter, words
    return "", 0


class Scan:
    """Reads letters, digits, signs and words, each by itself.

    Args:
        tokens: of the text.
        spelling: how its language spells.
    """

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

    def _many(self, place: int) -> tuple[Piece, int] | None:
        """Read "double L", "triple seven", "two Ls"."""
        if self._sound(place)[1]:  # double u
            return None
        for role, times in (("double", 2), ("triple", 3)):
            length = self._spelling.at(role, self._low, place)
            if length:
                return self._repeated(place + length, times)
        number = self._spelling.numbers.get(self._low[place], 0) or (
            int(self._low[place]) if self._low[place] in "23" else 0
        )
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
        for words in (2, 1):
            sign = spelling.signs.get(tuple(low[place : place + words]))
            if sign:
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
            known, after = self._alphabet(at)
            if not known and self._low[at] == token.low:  # "K for K": the word was not heard to its end
                return Piece(Sort.LETTER, letter, token.raw), at + 1
            if not known and len(self._low[at]) < 2:
                continue
            if not known and role == "perhaps_example":
                continue
            if not known and self._low[at] in self._spelling.numbers:
                continue
            meant = known or (self._low[at][0] if alike(fold_one(letter), self._low[at][0]) else letter)
            # A letter is heard wrong more often than a word.
            meant = letter if fold_one(letter) == meant else meant
            return Piece(Sort.LETTER, meant, token.raw), after if known else at + 1
        return Piece(Sort.LETTER, letter, token.raw), place + 1

    def _alphabet(self, place: int) -> tuple[str, int]:
        letter, words = letter_word(self._low, place, self._spelling)
        return letter, place + words

    def _sound(self, place: int) -> tuple[str, int]:
        two = tuple(self._low[place : place + 2])
        letter = self._spelling.letters.get(two, "") if len(two) == 2 else ""
        return (letter, place + 2) if letter else ("", 0)

    def _letter_in_words(self, place: int) -> tuple[Piece, int] | None:
        said = self._low[place]
        letter, after = self._alphabet(place)
        if letter:
            return Piece(Sort.ALPHABET, letter, " ".join(self._low[place:after])), after
        letter, after = self._sound(place)
        if letter:
            return Piece(Sort.LETTER, letter, said), after
        letter = self._spelling.letters.get((said,), "")
        return (Piece(Sort.SOUND, letter, said), place + 1) if letter else None

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
        if number >= 20 and number % 10 == 0 and 0 < after < 10 and not doubtful:
            return Piece(Sort.DIGIT, str(number + after), word), place + 2
        if (
            number >= 20
            and number % 10 == 0
            and following == self._spelling.number_joint
            and place + 2 < len(self._low)
        ):
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
        if more[1] < len(self._low) and self._low[more[1]] in self._spelling.numbers:  # digits one by one
            return 0, place
        return int(more[0].text), more[1]

    def _joined_number(self, word: str) -> int | None:
        """Return the number of "neunundvierzig"."""
        joint = self._spelling.number_joint
        unit, _, tens = word.partition(joint) if joint and len(joint) > 1 else ("", "", "")
        numbers = self._spelling.numbers
        return numbers[tens] + numbers[unit] if unit in numbers and tens in numbers else None
