"""A sentence as the symbol numbers that a voice was trained on: IPA phonemes or letters."""

from __future__ import annotations

from convai_rasa.errors import ConfigurationError, MissingExtra
from convai_rasa.languages import base_language
from convai_rasa.tts.export import Symbols
from convai_rasa.tts.text.letters import apart, is_sayable, letter_names, named, without_accents
from convai_rasa.tts.text.phonemes import has_words, phonemes, speaks, words_package


class SymbolEncoder:
    """Turns a sentence into input for a voice.

    Args:
        symbols: of the voice.

    Attributes:
        language: that the voice speaks, such as ``en-us``.

    Raises:
        ConfigurationError: the voice was trained on phonemes of a language that gruut does not know.
        MissingExtra: gruut knows it, but its words are not installed.
    """

    def __init__(self, symbols: Symbols) -> None:
        self.language = symbols.language
        if symbols.phonemes and not speaks(self.language):
            raise ConfigurationError(f"gruut knows no pronunciation for '{self.language}'; use an English voice.")
        if symbols.phonemes and not has_words(self.language):
            raise MissingExtra(
                f"The voice speaks '{self.language}', of which gruut's words are not installed; install them with: "
                f"pip install '{words_package(self.language)}'"
            )
        self._symbols = symbols

    def encode(self, sentence: str) -> list[int]:
        """Return the symbol numbers of a sentence; empty when there is nothing in it to pronounce."""
        known = self._symbols
        if known.phonemes:
            written = phonemes(sentence, self.language, as_espeak=known.as_espeak)
        else:
            written = self._letters(sentence)
        return known.numbers(written) if any(character.isalpha() for character in written) else []

    def _letters(self, sentence: str) -> str:
        known, base = self._symbols.ids, base_language(self.language)
        sentence = named(apart(sentence, is_sayable), base, letter_names(base))
        sentence = sentence.lower() if self._symbols.lower else sentence
        return "".join(
            character if character in known else without_accents(character) if character.isalpha() else character
            for character in sentence
        )
