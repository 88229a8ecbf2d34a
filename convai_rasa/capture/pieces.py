"""What was said, piece by piece: a letter, a digit, a sign, or a word that is none of them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from convai_rasa.capture.tokens import Token
from convai_rasa.languages import Spelling

_NEAR = 0.65  # similarity from which a word among those of the alphabet is one of them, misheard
_SHORTEST_WORD, _SHORTEST_ALONE = 4, 3  # letters; in shorter ones nothing can be recognized
_NEAR_ALONE = 0.5  # the same for one between commas, where it has to be something
_FEWEST_WORDS = 3  # of an alphabet, for the whole to be spelled with them
_MOST_BETWEEN = 4  # words that a misheard "N as in" may become
# Letters that sound alike, in English and mostly elsewhere.
ALIKE = ("bdegptvcz3", "fsx", "mn5", "ajkh8", "iy5", "qu2", "lo", "o0")


class Sort(Enum):
    """What a piece is."""

    LETTER = "letter"
    ALPHABET = "alphabet"  # a word for a letter, and perhaps only a word
    SOUND = "sound"  # the same for "bee"
    DIGIT = "digit"
    DOUBTFUL = "doubtful"  # a number word that may mean something else
    SIGN = "sign"
    WORD = "word"
    AGAIN = "again"  # "that's": what follows says the same once more
    NOTHING = "nothing"


@dataclass(frozen=True)
class Piece:
    """A piece.

    Attributes:
        sort: what it is.
        text: the characters it stands for, letters in lower case unless a capital was asked for.
        said: the word as written, which it is if it turns out to be no letter.
        other: for a doubtful number word, the letter of the same sound.
    """

    sort: Sort
    text: str
    said: str
    other: str = ""


def pieces_of(tokens: Sequence[Token], spelling: Spelling, *, codes: bool) -> list[Piece]:
    """Return the pieces of what was said.

    Args:
        tokens: of the text.
        spelling: how its language spells.
        codes: whether no whole words are expected, as in a booking number.
    """
    scan = _Scan(tokens, spelling)
    return scan.pieces_by_words() if says_words(tokens, spelling) else _settled(scan.pieces(), spelling, codes)


def says_words(tokens: Sequence[Token], spelling: Spelling) -> bool:
    """Whether somebody spells with words: "Kilo, Oscar, Whiskey", "K for Kilo, he is an Echo"."""
    low = [token.low for token in tokens]
    return sum(_words_for_letter(low, place, spelling)[1] > 0 for place in range(len(low))) >= _FEWEST_WORDS


def _words_for_letter(low: Sequence[str], place: int, spelling: Spelling) -> tuple[str, int]:
    """Return the letter that a word or two stand for, and how many they are; 0 where they stand for none."""
    for words in (2, 1):
        letter = spelling.alphabet.get(tuple(low[place : place + words]))
        if letter:
            return letter, words
    return "", 0


def alike(one: str, other: str) -> bool:
    """Whether two characters are taken for each other."""
    return one == other or any(one in group and other in group for group in ALIKE)


class _Scan:
    def __init__(self, tokens: Sequence[Token], spelling: Spelling) -> None:
        self._tokens, self._spelling = tokens, spelling
        self._low = [token.low for token in tokens]
        self._words = {word: letter for letter, word in spelling.says.items()}

    def pieces(self) -> list[Piece]:
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

    def pieces_by_words(self) -> list[Piece]:
        """Read what is spelled with words; of what stands between them, only signs and digits count.

        The letter before a word, and what joins them, is misheard in many ways: "N as in November" becomes "and as in
        November", "E as in Echo" "he is an Echo".
        """
        found: list[Piece] = []
        between: list[Token] = []  # since the last piece
        place = 0
        last_at = max((n for n in range(len(self._low)) if self._sign(n)[0] == "@"), default=-1)
        while place < len(self._tokens):
            piece, after = self._piece_by_word(place, last_at)
            if piece is None:
                between.append(self._tokens[place])
                place += 1
                continue
            found += self._between(between, before_letter=piece.sort is Sort.LETTER, first=not found)
            between = []
            if piece.sort is not Sort.NOTHING:
                found.append(piece)
            place = after
        return found + self._between(between, before_letter=False, first=not found)

    def _piece_by_word(self, place: int, last_at: int) -> tuple[Piece | None, int]:
        low, spelling = self._low, self._spelling
        if 0 <= last_at < place:  # an address goes on in words
            return self._one(place)
        sign, length = self._sign(place)
        if sign and (sign != "@" or place == last_at):
            return Piece(Sort.SIGN, sign, low[place]), place + length
        for role, times in (("double", 2), ("triple", 3)):
            length = spelling.at(role, low, place)
            letter, words = _words_for_letter(low, place + length, spelling)
            if length and words:
                return Piece(Sort.LETTER, letter * times, letter), place + length + words
        letter, words = _words_for_letter(low, place, spelling)
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
        return self._misheard(place)

    def _misheard(self, place: int) -> tuple[Piece | None, int]:
        """Return the letter or sign whose word a token resembles, or two between commas: "Foxtrat", "Fox strut"."""
        token = self._tokens[place]
        alone = token.first and token.last
        if self._spelling.is_all("no_name", [token.low]) or not token.raw.isalpha():
            return None, place
        single = self._nearest(token.low, alone=alone)
        if token.first and place + 1 < len(self._tokens) and self._tokens[place + 1].last:
            after = self._low[place + 1]
            known = _words_for_letter(self._low, place + 1, self._spelling)[1] or self._sign(place + 1)[0]
            joined = self._nearest(token.low + after, alone=True) if after.isalpha() and not known else None
            if joined and (single is None or joined[1] > single[1]):
                return joined[0], place + 2
        return (single[0], place + 1) if single else (None, place)

    def _nearest(self, heard: str, *, alone: bool) -> tuple[Piece, float] | None:
        """Return the letter or sign whose word is the most similar, and how similar it is."""
        if len(heard) < (_SHORTEST_ALONE if alone else _SHORTEST_WORD):
            return None
        signs = {
            words[0]: sign
            for words, sign in self._spelling.signs.items()
            if alone and len(words) == 1 and len(words[0]) >= _SHORTEST_WORD
        }
        known = {**self._words, **signs}
        for near in difflib.get_close_matches(heard, known, n=1, cutoff=_NEAR_ALONE if alone else _NEAR):
            piece = Piece(Sort.SIGN if near in signs else Sort.LETTER, known[near], near)
            return piece, difflib.SequenceMatcher(None, near, heard).ratio()
        return None

    def _among_digits(self, place: int) -> bool:
        beside = [n for n in (place - 1, place + 1) if 0 <= n < len(self._tokens)]
        return any(self._tokens[n].raw.isdecimal() or (self._number(n) or (None,))[0] for n in beside)

    def _between(self, tokens: list[Token], *, before_letter: bool, first: bool) -> list[Piece]:
        """Return what stands between two pieces and is no part of a word that explains a letter."""
        kept = [token for token in tokens if not self._spelling.is_all("skipped", [token.low])]
        if first and kept and len(kept[0].low) > 3 and not self._spelling.is_all("no_name", [kept[0].low]):
            return [Piece(Sort.WORD, token.raw, token.raw) for token in kept[:1]]
        if before_letter and len(kept) <= _MOST_BETWEEN:
            return []
        letters = [token for token in kept if token.is_letter]
        if len(letters) == 1 and len(kept) <= _MOST_BETWEEN:  # "K for K"
            return [Piece(Sort.LETTER, letters[0].raw.lower(), letters[0].raw)]
        return [Piece(Sort.WORD, token.raw, token.raw) for token in kept]

    def _sign(self, place: int) -> tuple[str, int]:
        if self._tokens[place].raw in "@._+-":
            return self._tokens[place].raw, 1
        for words in (2, 1):
            sign = self._spelling.signs.get(tuple(self._low[place : place + words]))
            if sign:
                return sign, words
        return "", 0

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
            self._number(place) or self._word_for_letter(place) or (Piece(Sort.WORD, token.raw, token.raw), place + 1)
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
        letter, words = _words_for_letter(self._low, place, self._spelling)
        return letter, place + words

    def _sound(self, place: int) -> tuple[str, int]:
        two = tuple(self._low[place : place + 2])
        letter = self._spelling.letters.get(two, "") if len(two) == 2 else ""
        return (letter, place + 2) if letter else ("", 0)

    def _word_for_letter(self, place: int) -> tuple[Piece, int] | None:
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
            return Piece(Sort.DIGIT, str(number * after), word), place + 2
        return Piece(Sort.DIGIT, str(number), word), place + 1

    def _joined_number(self, word: str) -> int | None:
        """Return the number of "neunundvierzig"."""
        joint = self._spelling.number_joint
        unit, _, tens = word.partition(joint) if joint and len(joint) > 1 else ("", "", "")
        numbers = self._spelling.numbers
        return numbers[tens] + numbers[unit] if unit in numbers and tens in numbers else None


def fold_one(letter: str) -> str:
    """Return the basic letter of one with an accent."""
    return {"ä": "a", "ö": "o", "ü": "u", "ß": "s", "ñ": "n"}.get(letter, letter)


_ONE_BY_ONE = frozenset({Sort.LETTER, Sort.ALPHABET, Sort.SOUND, Sort.DIGIT, Sort.DOUBTFUL, Sort.NOTHING})
_SURE = frozenset({Sort.LETTER, Sort.DIGIT})


def _settled(pieces: list[Piece], spelling: Spelling, codes: bool) -> list[Piece]:
    """Decide what each doubtful piece is, by those beside it."""
    pieces = _alphabet_misheard(pieces, spelling)
    settled: list[Piece] = []
    start = 0
    while start < len(pieces):
        end = start
        while end < len(pieces) and pieces[end].sort in _ONE_BY_ONE:
            end += 1
        if end == start:
            settled.append(pieces[start])
            start += 1
            continue
        run = pieces[start:end]
        words = _words_are_letters(run, spelling, codes)
        run = [_as_letter_or_word(piece, words) if piece.sort is Sort.ALPHABET else piece for piece in run]
        letters = sum(piece.sort in (Sort.LETTER, Sort.SOUND) for piece in run)
        run = [_as_letter_or_word(piece, letters >= 2) if piece.sort is Sort.SOUND else piece for piece in run]
        settled += run
        start = end
    return [_number_or_word(settled, place, codes) for place in range(len(settled))]


def _alphabet_misheard(pieces: list[Piece], spelling: Spelling) -> list[Piece]:
    """Take a word that resembles one of the alphabet for it, where two others stand beside it."""
    if sum(piece.sort is Sort.ALPHABET for piece in pieces) < 2:
        return pieces
    known = {word: letter for letter, word in spelling.says.items()}
    found = []
    for place, piece in enumerate(pieces):
        beside = pieces[max(0, place - 1) : place] + pieces[place + 1 : place + 2]
        near = (
            difflib.get_close_matches(piece.said.lower(), known, n=1, cutoff=_NEAR)
            if piece.sort is Sort.WORD and any(other.sort is Sort.ALPHABET for other in beside)
            else []
        )
        found.append(Piece(Sort.ALPHABET, known[near[0]], near[0]) if near else piece)
    return found


def _words_are_letters(run: list[Piece], spelling: Spelling, codes: bool) -> bool:
    """Whether the words of an alphabet in a run are meant as letters, and not as names: "mike", "oscar"."""
    words = [piece for piece in run if piece.sort is Sort.ALPHABET]
    letters = sum(piece.sort is Sort.LETTER for piece in run)
    names = sum(piece.said in spelling.also_names for piece in words)
    if codes or len(words) >= 3 or (words and letters >= 2):
        return True
    return not names and (len(words) == 2 or (len(words) == 1 and letters == 1))


def _as_letter_or_word(piece: Piece, letter: bool) -> Piece:
    return replace(piece, sort=Sort.LETTER) if letter else Piece(Sort.WORD, piece.said, piece.said)


def _number_or_word(pieces: list[Piece], place: int, codes: bool) -> Piece:
    piece = pieces[place]
    if piece.sort is not Sort.DOUBTFUL:
        return piece
    before = next((other for other in reversed(pieces[:place]) if other.sort is not Sort.NOTHING), None)
    after = next((other for other in pieces[place + 1 :] if other.sort is not Sort.NOTHING), None)
    beside = [other for other in (before, after) if other is not None]
    digits = any(other.sort in (Sort.DIGIT, Sort.DOUBTFUL) for other in beside)
    letters = any(other.sort is Sort.LETTER for other in beside)
    if piece.other and letters and not any(other.sort is Sort.DIGIT for other in beside):
        return replace(piece, sort=Sort.LETTER, text=piece.other)
    after_sign = before is not None and before.sort is Sort.SIGN and before.text != "@"
    if digits or (codes and (letters or not beside)) or (after_sign and (after is None or after.sort is Sort.SIGN)):
        return replace(piece, sort=Sort.DIGIT)
    return Piece(Sort.WORD, piece.said, piece.said)
