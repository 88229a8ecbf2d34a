"""What was said, in pieces of which each is decided: by those beside it where it may be a letter or a word."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from convai_rasa.capture.by_words import FAR, WordScan, says_words
from convai_rasa.capture.likeness import nearest
from convai_rasa.capture.pieces import Piece, Sort
from convai_rasa.capture.scan import Scan
from convai_rasa.capture.tokens import Token
from convai_rasa.languages import Spelling

_ONE_BY_ONE = frozenset({Sort.LETTER, Sort.ALPHABET, Sort.SOUND, Sort.DIGIT, Sort.DOUBTFUL, Sort.NOTHING})


def pieces_of(tokens: Sequence[Token], spelling: Spelling, *, codes: bool) -> list[Piece]:
    """Return the pieces of what was said; in ``codes``, such as booking numbers, no whole words are expected."""
    if says_words(tokens, spelling):
        return WordScan(tokens, spelling).pieces()
    pieces = _alphabet_misheard(Scan(tokens, spelling).pieces(), spelling)
    settled: list[Piece] = []
    for one_by_one, group in itertools.groupby(pieces, lambda piece: piece.sort in _ONE_BY_ONE):
        run = list(group)
        if one_by_one:
            words = _words_are_letters(run, spelling, codes)
            run = [_as_letter_or_word(piece, words) if piece.sort is Sort.ALPHABET else piece for piece in run]
            letters = sum(piece.sort in (Sort.LETTER, Sort.SOUND) for piece in run)
            run = [_as_letter_or_word(piece, letters >= 2) if piece.sort is Sort.SOUND else piece for piece in run]
        settled += run
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
            nearest(piece.said.lower(), known, most=FAR)
            if piece.sort is Sort.WORD and any(other.sort is Sort.ALPHABET for other in beside)
            else None
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
    beside = {other.sort for other in (before, after) if other is not None}
    digits, letters = not beside.isdisjoint((Sort.DIGIT, Sort.DOUBTFUL)), Sort.LETTER in beside
    if piece.other and letters and Sort.DIGIT not in beside:
        return replace(piece, sort=Sort.LETTER, text=piece.other)
    after_sign = before is not None and before.sort is Sort.SIGN and before.text != "@"
    if digits or (codes and (letters or not beside)) or (after_sign and (after is None or after.sort is Sort.SIGN)):
        return replace(piece, sort=Sort.DIGIT)
    return Piece(Sort.WORD, piece.said, piece.said)
