"""The symbols that a Coqui model was trained on: IPA phonemes or letters."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from convai_rasa.errors import ConfigurationError
from convai_rasa.tts.export.voice_file import Symbols

_IPA_CLASS = "TTS.tts.utils.text.characters.IPAPhonemes"
_LETTER_CLASS = "TTS.tts.utils.text.characters.Graphemes"
_VITS_CLASS = "TTS.tts.models.vits.VitsCharacters"
_VITS_BLANK = "<BLNK>"  # the last of its symbols, whatever the configuration says
_KEEPS_CASE = ("phoneme_cleaners", "multilingual_phoneme_cleaners", "no_cleaners", None, "")


def read_symbols(config: Mapping[str, Any]) -> Symbols:
    """Read the symbols off the ``config.json`` of a model.

    Raises:
        ConfigurationError: the model was trained on other symbols than IPA phonemes or letters.
    """
    characters = config.get("characters") or {}
    ipa = bool(config.get("use_phonemes"))
    expected = _IPA_CLASS if ipa else _LETTER_CLASS
    given = characters.get("characters_class")
    # Older configurations name no class; theirs followed from use_phonemes.
    if given not in (expected, _VITS_CLASS, None, "") or not characters.get("characters"):
        raise ConfigurationError(
            "This voice was trained neither on Coqui's IPA phonemes nor on its letters, and no other symbols are "
            "supported; use one with 'IPAPhonemes' or 'Graphemes' in its config.json."
        )
    vits = given == _VITS_CLASS
    symbols = _vits_vocabulary(characters) if vits else _vocabulary(characters, ipa)
    ids = {symbol: index for index, symbol in enumerate(symbols)}
    blank = _VITS_BLANK if vits else characters.get("blank")
    framed = config.get("enable_eos_bos_chars")
    return Symbols(
        language=str(config.get("phoneme_language") or "en-us").lower(),
        ids=ids,
        phonemes=ipa,
        # Coqui's training with gruut leaves out the stress; a VITS voice converted from Piper was trained on espeak.
        as_espeak=config.get("phonemizer") == "espeak" or config.get("model") == "vits",
        lower=config.get("text_cleaner") not in _KEEPS_CASE,
        blank=(ids[blank] if blank else len(symbols)) if config.get("add_blank") else None,
        start=(ids[characters["bos"]],) if framed else (),
        end=(ids[characters["eos"]],) if framed else (),
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
