"""Text to the symbol numbers a Coqui model was trained on, through gruut."""

from __future__ import annotations

import concurrent.futures
import functools
from typing import Any, Mapping, Sequence

from convai_rasa.errors import ConfigurationError, require

_IPA_CLASS = "TTS.tts.utils.text.characters.IPAPhonemes"


class PhonemeEncoder:
    """Turns a sentence into input for a model that was trained on espeak's English phonemes.

    Args:
        config: the ``config.json`` of the model.

    Raises:
        ConfigurationError: the model was trained on other symbols than IPA phonemes, or on a language that
            gruut does not know.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        gruut = require("gruut", extra="voice")
        characters = config.get("characters") or {}
        if not config.get("use_phonemes") or characters.get("characters_class") != _IPA_CLASS:
            raise ConfigurationError(
                "This voice was not trained on Coqui's IPA phonemes, the only symbols supported so far; "
                "use tts/vits-joe or another voice with 'use_phonemes' and 'IPAPhonemes' in its config.json."
            )
        self.language = str(config.get("phoneme_language") or "en-us").lower()
        if not gruut.is_language_supported(self.language):
            raise ConfigurationError(f"gruut knows no pronunciation for '{self.language}'; use an English voice.")
        self._ids = {symbol: index for index, symbol in enumerate(_vocabulary(characters))}
        self._blank = self._ids[characters["blank"]] if config.get("add_blank") else None
        framed = config.get("enable_eos_bos_chars")
        self._start = [self._ids[characters["bos"]]] if framed else []
        self._end = [self._ids[characters["eos"]]] if framed else []

    def phonemes(self, sentence: str) -> str:
        """Return the IPA of a sentence: words parted by spaces, punctuation kept."""
        return _gruut_thread().submit(_phonemes, sentence, self.language).result()

    def encode(self, sentence: str) -> list[int]:
        """Return the symbol numbers of a sentence; empty when there is nothing in it to pronounce."""
        phonemes = self.phonemes(sentence)
        if not any(character.isalpha() for character in phonemes):
            return []
        ids = [self._ids[symbol] for symbol in phonemes if symbol in self._ids]
        if self._blank is not None:
            spaced = [self._blank] * (2 * len(ids) + 1)
            spaced[1::2] = ids
            ids = spaced
        return [*self._start, *ids, *self._end]


def _vocabulary(characters: Mapping[str, Any]) -> Sequence[str]:
    """Return the symbols in the order in which Coqui's ``BaseCharacters`` numbers them."""
    letters = list(characters["characters"])
    if characters.get("is_unique"):
        letters = list(dict.fromkeys(letters))
    if characters.get("is_sorted", True):
        letters = sorted(letters)
    special = [characters.get(name) for name in ("pad", "eos", "bos", "blank")]
    return [*filter(None, special), *letters, *(characters.get("punctuations") or "")]


def _phonemes(sentence: str, language: str) -> str:
    import gruut

    words: list[str] = []
    for spoken in gruut.sentences(sentence, lang=language, espeak=True):
        for word in spoken:
            if word.is_break:
                if words:
                    words[-1] += word.text
            elif word.phonemes:
                words.append("".join(word.phonemes).replace("g", "ɡ"))  # IPA has its own letter for this sound
    return " ".join(words)


@functools.lru_cache(maxsize=1)
def _gruut_thread() -> concurrent.futures.ThreadPoolExecutor:
    # gruut keeps one SQLite connection per language for the process, and SQLite binds it to one thread.
    return concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="gruut")
