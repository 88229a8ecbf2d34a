"""Words as they are compared: folded, numbers spelled out, and the sounds they are said with."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from num2words import num2words

from convai_rasa.languages import base_language, has_number_words
from convai_rasa.nlu.values import Word, split

_DIGITS = 6  # longer ones are numbers of something, and nobody says them as one number
# gruut's vowels of its languages, diphthongs among them; one is taken for another more easily than a consonant.
_VOWELS = frozenset("aɑɒæɐəɚɜɝɛeɪiɨɔoʊuʌyʏøœ")
_MODIFIERS = str.maketrans("", "", "ˈˌː")  # whoever mishears a word does not keep its stress
_FIRST_OF_EACH = "SELECT word, phonemes, min(pron_order) FROM word_phonemes GROUP BY word ORDER BY word"


@functools.lru_cache(4096)
def spoken_form(text: str, language: str) -> str:
    """Return a text as its words are said: "20-ounce" and "Twenty ounce" are one; empty where it has no words."""
    return " ".join(word.text for word in spoken_words(text, language))


def spoken_words(text: str, language: str) -> list[Word]:
    """Return the words of a text as they are said, with their places; a number is several, "twenty one"."""
    return [replace(word, text=_in_words(word.text, language)) for word in split(text) if word.text.isalnum()]


@functools.lru_cache(4096)
def _in_words(word: str, language: str) -> str:
    if not word.isdecimal() or len(word) > _DIGITS or (word.startswith("0") and len(word) > 1):
        return word
    base = base_language(language)
    if not has_number_words(base):
        return word
    said = num2words(int(word), lang=base)
    return " ".join(part.text for part in split(said) if part.text.isalnum())


def is_vowel(sound: str) -> bool:
    """Say whether a sound is a vowel, such as "oʊ"."""
    return sound[0] in _VOWELS


def sounds_of(form: str, language: str) -> tuple[str, ...]:
    """Return the sounds of what ``spoken_form`` returned, from gruut's lexicon and its guesses at other words.

    Without gruut, in a language it does not know, and for a word in other letters, the letters stand for the sounds.
    """
    return tuple(sound for word in form.split() for sound in _sounds_of_word(word, language))


@functools.lru_cache(16_384)
def _sounds_of_word(word: str, language: str) -> tuple[str, ...]:
    words = _gruut(language)
    sounds = (sound.translate(_MODIFIERS) for sound in (words.phonemes(word) if words else ()))
    return tuple(sound for sound in sounds if sound) or tuple(word)


class _Gruut:
    """The words of a language that gruut knows, and its guesses at others.

    gruut's own lookup reads its whole table for each word, 5 ms and three times that for one it does not have. Here the
    table is in memory: 8 MB for the 129,000 words of English.
    """

    def __init__(self, table: Path, guess: Callable[[str], Sequence[str] | None] | None) -> None:
        with contextlib.closing(sqlite3.connect(table)) as lexicon:
            rows = lexicon.execute(_FIRST_OF_EACH).fetchall()
        self._words = np.array([row[0].encode() for row in rows])
        self._phonemes = "\n".join(row[1] for row in rows)
        ends = np.cumsum([len(row[1]) + 1 for row in rows], dtype=np.int32)
        self._starts = np.concatenate([np.zeros(1, np.int32), ends])
        self._letters = frozenset("".join(row[0] for row in rows))
        self._guess = guess
        self._one_at_a_time = threading.Lock()  # the guesser holds a word while it works on it

    def phonemes(self, word: str) -> list[str]:
        key = word.encode()
        place = int(np.searchsorted(self._words, key))
        if place < len(self._words) and self._words[place] == key:
            return self._phonemes[self._starts[place] : self._starts[place + 1]].split()
        if self._guess is None or not self._letters.issuperset(word):
            return []  # it would leave out the letters that it cannot read
        with self._one_at_a_time:
            return list(self._guess(word) or ())


@functools.lru_cache(maxsize=4)
def _gruut(language: str) -> _Gruut | None:
    if not all(importlib.util.find_spec(name) for name in ("gruut", f"gruut_lang_{language}")):
        return None
    from gruut.lang import get_settings
    from gruut.utils import find_lang_dir, resolve_lang

    folder = find_lang_dir(resolve_lang(language))
    if folder is None or not (Path(folder) / "lexicon.db").is_file():
        return None
    settings = get_settings(language, load_pos_tagger=False, load_phoneme_lexicon=False)
    return _Gruut(Path(folder) / "lexicon.db", settings.guess_phonemes)
