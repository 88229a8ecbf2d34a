"""In which languages num2words can be asked for the words of a number."""

from __future__ import annotations

from convai_rasa.errors import require

_UNUSABLE = ("am", "ce")  # it never returns from some numbers in Amharic, and lacks decimals in Chechen


def has_number_words(language: str) -> bool:
    """Whether there are words for numbers in a language (ISO 639-1 code)."""
    return language not in _UNUSABLE and language in require("num2words", extra="voice").CONVERTER_CLASSES
