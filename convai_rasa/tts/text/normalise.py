"""Text written for the eye, made ready for the ear: words, and the punctuation that a voice turns into melody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from convai_rasa.languages import base_language, has_number_words
from convai_rasa.tts.text.english import feet_and_inches, in_english
from convai_rasa.tts.text.foreign_text import in_words_of
from convai_rasa.tts.text.markup import tidied, without_marks

# Countries where days come before months, and "and" before the last two digits.
_BRITISH = ("gb", "uk", "ie", "au", "nz", "za", "in")


def is_british(language: str) -> bool:
    """Whether a code such as ``en-GB`` names a country that reads numbers and dates as Britain does."""
    base, _, country = language.replace("_", "-").lower().partition("-")
    return base == "en" and country.split("-")[0] in _BRITISH


def read_as(language: Optional[str], own: Sequence[str]) -> str:
    """Return the code that a voice reads a text by: ``en-gb`` where a British voice was asked for English.

    Args:
        language: that was asked for, with or without a country; None: the voice's own.
        own: codes of what the voice speaks, its language first and then, perhaps, the same with its country.
    """
    code = (language or next(iter(own), "en")).replace("_", "-").lower()
    return code if "-" in code else next((one for one in own if one.startswith(f"{code}-")), code)


def normalise(text: str, language: str = "en") -> str:
    """Return the words to speak.

    Args:
        text: as a bot writes it: digits, prices, times, dates, phone numbers, links, markdown, emoji.
        language: code of its words; ``en-GB`` is read as in Britain, any other English as in America. In languages that
            num2words does not know, digits are left to the voice.

    Returns:
        Words and punctuation; empty when there is nothing to speak.
    """
    base = base_language(language)
    if base == "en":
        text = in_english(without_marks(feet_and_inches(text)), british=is_british(language))
    elif has_number_words(base):
        text = in_words_of(without_marks(text), base)
    else:
        text = without_marks(text)
    return tidied(text)
