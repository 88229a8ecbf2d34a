from __future__ import annotations

import pytest

from convai_rasa.errors import ConfigurationError, MissingExtra
from convai_rasa.tts.export.voice_file import Symbols
from convai_rasa.tts.text.symbols import SymbolEncoder

pytestmark = pytest.mark.needs("gruut")


def numbered(symbols: str) -> dict[str, int]:
    return {symbol: number for number, symbol in enumerate(symbols)}


def test_letters_are_numbered_with_blanks_between_them() -> None:
    letters = Symbols("en-us", numbered("_! ,Hhelo"), phonemes=False, blank=9)
    assert SymbolEncoder(letters).encode("Hello!") == [9, 4, 9, 6, 9, 7, 9, 7, 9, 8, 9, 1, 9]
    assert SymbolEncoder(letters).encode("Héllo") == SymbolEncoder(letters).encode("Hello")
    small = Symbols("en-us", numbered("_! ,Hhelo"), phonemes=False, lower=True)
    assert SymbolEncoder(small).encode("HELLO") == [5, 6, 7, 7, 8]


def test_phonemes_keep_stress_and_punctuation_and_drop_what_is_unknown() -> None:
    spoken = Symbols("en-us", numbered("_^$ hˈəlʊ,!"), blank=0, start=(1,), end=(2,))
    ids = SymbolEncoder(spoken).encode("Hello, hello!")
    assert (ids[0], ids[-1]) == (1, 2)
    assert set(ids[1:-1:2]) == {0}
    symbols = ids[2:-1:2]
    assert symbols[0] == 4  # h
    assert {5, 3, 9, 10} <= set(symbols)  # stress, space, comma and exclamation mark
    assert SymbolEncoder(spoken).encode("?!") == []
    assert SymbolEncoder(spoken).encode("") == []


def test_a_language_that_nobody_here_pronounces_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no pronunciation for 'xx-yy'"):
        SymbolEncoder(Symbols("xx-yy", numbered("_ab")))


def test_a_language_whose_words_are_not_installed_is_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'gruut\[sw\]'"):  # it would be silent
        SymbolEncoder(Symbols("sw", numbered("_ab")))
    SymbolEncoder(Symbols("sw", numbered("_ab"), phonemes=False))


def test_a_voice_trained_on_letters_reads_the_names_of_letters() -> None:
    letters = Symbols("en-us", numbered("_ ,abcdefghijklmnopqrstuvwxyz"), phonemes=False, lower=True)
    encoder = SymbolEncoder(letters)
    assert encoder.encode("nine A M") == encoder.encode("nine ay em")
    assert encoder.encode("a day") == encoder.encode("A day") != encoder.encode("ay day")
    assert encoder.encode("Łukasz, Straße") == encoder.encode("lukasz, strasse")
