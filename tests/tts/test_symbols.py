from __future__ import annotations

import pytest

from convai_rasa.tts.symbols import SymbolEncoder

pytest.importorskip("gruut")

VITS = {
    "characters_class": "TTS.tts.models.vits.VitsCharacters",
    "pad": "_", "eos": "~", "bos": "^", "blank": None, "characters": "Hhelo", "punctuations": "!, ", "phonemes": None,
}  # fmt: skip


def test_a_vits_voice_numbers_its_symbols_its_own_way() -> None:
    """Pad, punctuation, letters as they are listed, blank; see Coqui's ``VitsCharacters._create_vocab``."""
    config = {"use_phonemes": False, "add_blank": True, "characters": VITS, "text_cleaner": "no_cleaners"}
    assert SymbolEncoder(config).encode("Hello!") == [9, 4, 9, 6, 9, 7, 9, 7, 9, 8, 9, 1, 9]


def test_its_phonemes_follow_its_letters() -> None:
    characters = {**VITS, "phonemes": "əʊˈ"}
    config = {"model": "vits", "use_phonemes": True, "phoneme_language": "en-us", "characters": characters}
    ids = SymbolEncoder(config).encode("Hello!")
    assert ids[:2] == [5, 9]  # h, ə
    assert ids[-1] == 1
    assert 11 in ids
