"""A sentence as the symbol numbers that a Coqui model was trained on: IPA phonemes or letters."""

from __future__ import annotations

import unicodedata
from typing import Any, Mapping, Sequence

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.phonemes import phonemes, speaks

_IPA_CLASS = "TTS.tts.utils.text.characters.IPAPhonemes"
_LETTER_CLASS = "TTS.tts.utils.text.characters.Graphemes"
_VITS_CLASS = "TTS.tts.models.vits.VitsCharacters"
_VITS_BLANK = "<BLNK>"  # the last of its symbols, whatever the configuration says
_KEEPS_CASE = ("phoneme_cleaners", "multilingual_phoneme_cleaners", "no_cleaners", None, "")


class SymbolEncoder:
    """Turns a sentence into input for a model.

    Args:
        config: the ``config.json`` of the model.

    Attributes:
        language: that the model speaks, such as ``en-us``.

    Raises:
        ConfigurationError: the model was trained on other symbols than IPA phonemes or letters, or on phonemes of a
            language that gruut does not know.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        characters = config.get("characters") or {}
        self._phonemes = bool(config.get("use_phonemes"))
        expected = _IPA_CLASS if self._phonemes else _LETTER_CLASS
        given = characters.get("characters_class")
        # Older configurations name no class; theirs followed from use_phonemes.
        if given not in (expected, _VITS_CLASS, None, "") or not characters.get("characters"):
            raise ConfigurationError(
                "This voice was trained neither on Coqui's IPA phonemes nor on its letters, and no other symbols are "
                "supported; use one with 'IPAPhonemes' or 'Graphemes' in its config.json."
            )
        self.language = str(config.get("phoneme_language") or "en-us").lower()
        if self._phonemes and not speaks(self.language):
            raise ConfigurationError(f"gruut knows no pronunciation for '{self.language}'; use an English voice.")
        # Coqui's training with gruut leaves out the stress; a VITS voice converted from Piper was trained on espeak.
        self._as_espeak = config.get("phonemizer") == "espeak" or config.get("model") == "vits"
        self._lower = config.get("text_cleaner") not in _KEEPS_CASE
        vits = given == _VITS_CLASS
        symbols = _vits_vocabulary(characters) if vits else _vocabulary(characters, self._phonemes)
        self._ids = {symbol: index for index, symbol in enumerate(symbols)}
        blank = _VITS_BLANK if vits else characters.get("blank")
        self._blank = (self._ids[blank] if blank else len(symbols)) if config.get("add_blank") else None
        framed = config.get("enable_eos_bos_chars")
        self._start = [self._ids[characters["bos"]]] if framed else []
        self._end = [self._ids[characters["eos"]]] if framed else []

    def encode(self, sentence: str) -> list[int]:
        """Return the symbol numbers of a sentence; empty when there is nothing in it to pronounce."""
        symbols = (
            phonemes(sentence, self.language, as_espeak=self._as_espeak) if self._phonemes else self._letters(sentence)
        )
        if not any(character.isalpha() for character in symbols):
            return []
        ids = [self._ids[symbol] for symbol in symbols if symbol in self._ids]
        if self._blank is not None:
            spaced = [self._blank] * (2 * len(ids) + 1)
            spaced[1::2] = ids
            ids = spaced
        return [*self._start, *ids, *self._end]

    def _letters(self, sentence: str) -> str:
        sentence = sentence.lower() if self._lower else sentence
        return "".join(
            character if character in self._ids else unicodedata.normalize("NFKD", character)[:1]
            for character in sentence
        )


def _vits_vocabulary(characters: Mapping[str, Any]) -> Sequence[str]:
    """Return the symbols in the order in which Coqui's ``VitsCharacters`` numbers them: letters and phonemes alike."""
    letters = characters["characters"] + (characters.get("phonemes") or "")
    return [characters["pad"], *(characters.get("punctuations") or ""), *letters, _VITS_BLANK]


def _vocabulary(characters: Mapping[str, Any], ipa: bool) -> Sequence[str]:
    """Return the symbols in the order in which Coqui's ``BaseCharacters`` numbers them."""
    letters = list((characters.get("phonemes") if ipa else None) or characters["characters"])
    if characters.get("is_unique"):
        letters = list(dict.fromkeys(letters))
    if characters.get("is_sorted", True):
        letters = sorted(letters)
    special = [characters.get(name) for name in ("pad", "eos", "bos", "blank")]
    return [*filter(None, special), *letters, *(characters.get("punctuations") or "")]
