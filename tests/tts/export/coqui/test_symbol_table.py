from __future__ import annotations

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.export.coqui.symbol_table import read_symbols

VITS = {
    "characters_class": "TTS.tts.models.vits.VitsCharacters",
    "pad": "_", "eos": "~", "bos": "^", "blank": None, "characters": "Hhelo", "punctuations": "!, ", "phonemes": None,
}  # fmt: skip


def test_a_vits_voice_numbers_its_symbols_its_own_way() -> None:
    """Pad, punctuation, letters as they are listed, blank; see Coqui's ``VitsCharacters._create_vocab``."""
    config = {"use_phonemes": False, "add_blank": True, "characters": VITS, "text_cleaner": "no_cleaners"}
    symbols = read_symbols(config)
    assert [symbols.ids[letter] for letter in "Hello!"] == [4, 6, 7, 7, 8, 1]
    assert (symbols.blank, symbols.phonemes, symbols.lower) == (9, False, False)


def test_its_phonemes_follow_its_letters() -> None:
    characters = {**VITS, "phonemes": "əʊˈ"}
    config = {"model": "vits", "use_phonemes": True, "phoneme_language": "en-us", "characters": characters}
    symbols = read_symbols(config)
    assert [symbols.ids[phoneme] for phoneme in "həlˈ"] == [5, 9, 7, 11]
    assert symbols.as_espeak


@pytest.mark.parametrize("changes", [{"characters_class": "my.Own"}, {"characters": None}])
def test_symbols_of_ones_own_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="neither on Coqui's IPA phonemes nor on its letters"):
        read_symbols({"use_phonemes": True, "characters": {**VITS, **changes}})
